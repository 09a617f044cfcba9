"""Give up: a booking is called off with its carrier so that another can be made.

First the leg is marked, then its carrier is asked, and only its yes ends the leg. As long as the answer is
not known the leg is live, so that nobody else is booked: at no moment do two carriers have the same goods.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from doorstep.booking import CarrierUpdate
from doorstep.delivery import Delivery, EventSource, GivingUp, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteError, RemoteRefused, UnknownOutcome
from doorstep.events import DeliveryAdvanced, LegGivenUp
from gateway.flow.ports import LinkedCarrier, Means
from gateway.flow.tracking.leg_events import leg_event

WHY = "courier_delayed_en_route_to_pickup"
"""What carriers are told; one of the reasons that Uber takes (seen in public integrations)."""

StillMay = Callable[[Delivery, Leg], bool]
"""Whether a leg may be called off as it stands at the moment of marking it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Attributes
    ----------
    is_over
        The booking has ended, and what follows from that is under way.
    refusal
        What the carrier said instead; "" where it was not asked.
    """

    is_over: bool
    refusal: str = ""


async def give_up(
    means: Means,
    carrier: LinkedCarrier,
    delivery: Delivery,
    leg_id: str,
    mark: GivingUp,
    still_may: StillMay,
) -> Outcome:
    """Call a leg off with its carrier; a leg that is marked already is asked for again.

    Raises
    ------
    RemoteError
        If the carrier could not be asked, or its answer was lost: then the leg stays marked and live.
    """
    marked = await _mark(means, delivery, leg_id, mark, still_may)
    if marked is None:
        return Outcome(is_over=False)
    leg, is_repeat = marked
    try:
        said = await carrier.connector.cancel(leg.external_id, WHY, means.booking_budget_s)
    except RemoteRefused as refusal:
        await _unmark(means, delivery, leg_id)
        return Outcome(is_over=False, refusal=refusal.message)
    except UnknownOutcome:
        raise
    except RemoteError:
        if not is_repeat:
            await _unmark(means, delivery, leg_id)
        raise
    await _write_end(means, delivery, leg_id, said)
    return Outcome(is_over=True)


async def _mark(
    means: Means, delivery: Delivery, leg_id: str, mark: GivingUp, still_may: StillMay
) -> tuple[Leg, bool] | None:
    async with means.begin(delivery.merchant_id) as work:
        current = await work.deliveries.get(delivery.id, lock=True)
        leg = current.active_leg if current else None
        if current is None or leg is None or leg.id != leg_id or not leg.is_live:
            return None
        if leg.giving_up is not None:
            return leg, True
        if current.is_over or current.is_cancel_requested or not still_may(current, leg):
            return None
        marked = replace(leg, giving_up=mark)
        await work.deliveries.put(current.with_leg(marked))
        return marked, False


async def _unmark(means: Means, delivery: Delivery, leg_id: str) -> None:
    async with means.begin(delivery.merchant_id) as work:
        current = await work.deliveries.get(delivery.id, lock=True)
        leg = next((leg for leg in current.legs if leg.id == leg_id), None) if current else None
        if current is not None and leg is not None and leg.is_live:
            await work.deliveries.put(current.with_leg(replace(leg, giving_up=None)))


async def _write_end(means: Means, delivery: Delivery, leg_id: str, said: CarrierUpdate) -> None:
    now = means.clock.now()
    async with means.begin(delivery.merchant_id) as work:
        current = await work.deliveries.get(delivery.id, lock=True)
        leg = next((leg for leg in current.legs if leg.id == leg_id), None) if current else None
        if current is None or leg is None or not leg.is_live:
            return  # its webhook was faster
        ended = replace(leg, status=DeliveryStatus.CANCELLED, raw_status=said.raw_status, ended_at=now)
        changed = replace(current.with_leg(ended), updated_at=now, version=current.version + 1)
        if not current.is_over:
            changed = replace(changed, status=DeliveryStatus.SEARCHING, eta=None, late_risk=None)
        await work.deliveries.put(changed)
        await work.deliveries.add_event(
            leg_event(
                changed,
                ended,
                DeliveryStatus.CANCELLED,
                EventSource.RULE,
                "Called off in time, so that somebody comes sooner.",
                key="given up",
                at=now,
                raw_status=said.raw_status,
            )
        )
        work.announce("delivery", current.id)
        if not current.is_over and not current.is_cancel_requested:
            await work.emit(DeliveryAdvanced(current.merchant_id, current.id))
            await work.emit(LegGivenUp(current.merchant_id, current.id, ended.id))
