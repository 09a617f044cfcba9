/** Where a delivery stands on the way that every shopper knows. Pure. */

export const STEPS = Object.freeze(['Ordered', 'Preparing', 'Picked up', 'On the way', 'Nearby', 'Delivered']);

const STEP_OF_STATUS = /** @type {Record<string, number>} */ ({
  DRAFT: 0,
  QUOTED: 0,
  BOOKED: 0,
  SEARCHING: 0,
  LABEL_READY: 1,
  COURIER_ASSIGNED: 1,
  TO_PICKUP: 1,
  AT_PICKUP: 1,
  PICKED_UP: 2,
  IN_TRANSIT: 3,
  OUT_FOR_DELIVERY: 3,
  AT_DROPOFF: 4,
  READY_FOR_COLLECTION: 4,
  ATTEMPT_FAILED: 4,
  DELIVERED: 5,
});

const STEP_OF_STAGE = /** @type {Record<string, number>} */ ({
  PREPARING: 1,
  ON_THE_WAY: 3,
  NEARBY: 4,
  DELIVERED: 5,
  NOT_DELIVERED: 0,
  NEEDS_ATTENTION: 3,
});

/**
 * The furthest step reached, and whether the way ended or halted there. The stage never grows, so it answers
 * for a status that came after this page was written.
 *
 * @param {{ stage: string, status: string }} delivery
 */
export function progressOf({ stage, status }) {
  const isNear = stage === 'NEARBY' && status !== 'DELIVERED';
  return {
    step: isNear ? 4 : (STEP_OF_STATUS[status] ?? STEP_OF_STAGE[stage] ?? 0),
    trouble: stage === 'NOT_DELIVERED' ? 'ended' : stage === 'NEEDS_ATTENTION' ? 'halted' : null,
  };
}

const HIDDEN_WORDS = /** @type {Record<string, string>} */ ({
  NOT_STARTED: 'The map comes alive once your order is on its way.',
  TOO_MANY_STOPS_BEFORE:
    'The van has other doors to visit first. It appears here when it is close, so that nobody’s address is shown.',
  TOO_EARLY: 'It appears here when your order is about to arrive.',
  FINISHED: 'The journey is over, and so is the map.',
  NOT_SHARED: 'This carrier does not share where its courier is.',
  SILENT: 'We have not heard from the courier for a few minutes.',
});

/** @param {string | null} reason a PositionHidden */
export function hiddenWords(reason) {
  return (reason && HIDDEN_WORDS[reason]) || 'The position is not shown at the moment.';
}

/** @param {number | null | undefined} count */
export function stopsWords(count) {
  if (count === null || count === undefined) {
    return '';
  }
  return count === 0 ? 'You are next' : count === 1 ? '1 stop before you' : `${count} stops before you`;
}
