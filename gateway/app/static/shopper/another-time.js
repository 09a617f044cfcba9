/** Nobody took it in: when somebody is to come again. */

import { RESCHEDULE, TRACKING_SLOTS } from './documents.js';
import { element, fill } from '../dom.js';
import { windowWords } from '../format.js';
import { createForm } from './ask.js';

/** @import { Slot } from '../shapes.js' */
/** @import { Panel, World } from './actions.js' */

/** @param {World} world @returns {Panel} */
export function anotherTime({ act, client, wording, done }) {
  const soonest = () => element('option', { value: '' }, 'As soon as possible');
  const when = element('select', { name: 'slot' }, soonest());
  const form = createForm(
    'Come again then',
    async () => {
      const wrong = await act(RESCHEDULE, when.value ? { slotId: when.value } : {});
      if (wrong === null) {
        done('Thank you. Somebody comes again.');
      } else {
        // A slot may have gone meanwhile: what is left is to be seen beside the reason.
        await open();
      }
      return wrong;
    },
    element('label', {}, 'When', when),
  );

  async function open() {
    const answer = await client.send(TRACKING_SLOTS).catch(() => null);
    if (answer?.tracking.__typename !== 'Tracking') {
      return;
    }
    /** @type {Slot[]} */
    const slots = answer.tracking.slots?.nodes ?? [];
    const chosen = when.value;
    fill(
      when,
      soonest(),
      ...slots
        .filter(({ availability }) => availability === 'AVAILABLE' || availability === 'FEW_LEFT')
        .map(({ id, window, timeZone }) => element('option', { value: id }, windowWords(window, { ...wording(), timeZone }))),
    );
    const isThere = [...when.options].some(({ value }) => value === chosen);
    when.value = isThere ? chosen : '';
  }

  return { title: 'Choose another time', body: form, open };
}
