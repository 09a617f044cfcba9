"""Late: bookings whose courier does not come in time are handed to whoever can do something about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.delivery import Delivery, DeliveryFlag, Leg
from doorstep.dispatch_rules import Spending
from doorstep.events import CourierLate
from doorstep.incident import Incident, IncidentKind, StepAction
from doorstep.merchant import Merchant
from doorstep.money import zero
from gateway.flow.dispatching.remedies import Late, is_due
from gateway.flow.mending.book import Allowance, allowance
from gateway.flow.ports import UnitOfWork
from gateway.flow.watching.incidents import Alarm, raise_incident

IN_DOUBT = timedelta(minutes=15)
"""Whether a carrier has done what it was asked is looked for so long before a person hears of it."""


async def late_booking(
    work: UnitOfWork, merchant: Merchant, delivery: Delivery, now: datetime
) -> Late | None:
    """The booking of a delivery with what is known to be wrong; None where there is none."""
    leg = delivery.active_leg
    if leg is None or not leg.is_live:
        return None
    late = Late(merchant, delivery, leg, await _about(work, delivery), now)
    return await _within_limits(work, late)


async def ask_for_remedy(work: UnitOfWork, merchant: Merchant, delivery: Delivery, now: datetime) -> None:
    """Let the next step be taken where it is time for one."""
    leg = delivery.active_leg
    if leg is None or not leg.is_live:
        return
    late = Late(merchant, delivery, leg, await _about(work, delivery), now)
    mark = leg.giving_up
    if mark is not None and mark.since + IN_DOUBT <= now:
        await raise_incident(work, _in_doubt(delivery, leg), now)
    # A playbook only takes away of what may be done: it need not be read where nothing is due anyhow.
    if is_due(late) and is_due(await _within_limits(work, late)):
        await work.emit(CourierLate(merchant.id, delivery.id, leg.id))


async def _within_limits(work: UnitOfWork, late: Late) -> Late:
    """The same, with what the playbook lets a machine do and spend."""
    incident, merchant = late.incident, late.merchant
    if incident is None:
        return late
    more = await allowance(work, incident, StepAction.RAISE_OFFER)
    another = await allowance(work, incident, StepAction.REDISPATCH)
    spending = _as_the_playbook_says(merchant.spending, late.leg, more, another)
    return replace(late, merchant=replace(merchant, spending=spending), left=another.left)


def _as_the_playbook_says(spending: Spending, leg: Leg, more: Allowance, another: Allowance) -> Spending:
    """What is not named is not done, and what is named costs no more than is left."""
    tip_cap = spending.tip_cap if more.is_given else None
    if tip_cap is not None and more.left is not None:
        offered = leg.extra or zero(leg.price.currency)
        most = offered + more.left if more.left.currency == offered.currency else offered
        tip_cap = min(tip_cap, most) if most.currency == tip_cap.currency else tip_cap
    if tip_cap is not None and tip_cap.minor <= 0:
        tip_cap = None
    return replace(spending, tip_cap=tip_cap, hedges=spending.hedges and another.is_given)


async def _about(work: UnitOfWork, delivery: Delivery) -> Incident | None:
    """What a machine works on here: nobody comes, nobody came, else it comes too late."""
    if DeliveryFlag.EXCEPTION_OPEN not in delivery.flags:
        return None
    live = {incident.kind: incident for incident in await work.incidents.live_of(delivery.id)}
    kinds = (IncidentKind.NO_COURIER, IncidentKind.MISSED_PICKUP, IncidentKind.ETA_PAST_PROMISE)
    return next((live[kind] for kind in kinds if kind in live), None)


def _in_doubt(delivery: Delivery, leg: Leg) -> Alarm:
    return Alarm(
        IncidentKind.OTHER,
        title=f"{delivery.reference}: not known whether it is called off",
        evidence=f"{leg.carrier} was asked to call a late courier off and did not say, and nobody else may "
        "be booked before it has. Look there; calling the delivery off frees it.",
        delivery_id=delivery.id,
        leg_id=leg.id,
    )
