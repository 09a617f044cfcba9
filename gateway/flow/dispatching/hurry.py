"""Hurry: a courier who comes too late is offered more, then replaced while that costs nothing.

Every step is written into the incident that it is about, with its reason and its cost, before or with what
it does, so that a person sees what a machine has tried.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from doorstep.delivery import Delivery, GivingUp, Leg
from doorstep.errors import RemoteError, RemoteRefused
from doorstep.events import CourierLate
from doorstep.incident import StepAction, StepStatus
from doorstep.money import Money, zero
from doorstep.ports import RaisesOffers
from gateway.flow.dispatching.allowed import more_than
from gateway.flow.dispatching.exchange import call_off, look_for_sooner, why_sooner
from gateway.flow.dispatching.raising import offer_more, said_of_offer
from gateway.flow.dispatching.remedies import (
    Late,
    Remedy,
    is_due,
    may_look,
    next_offer,
    next_remedy,
)
from gateway.flow.ports import LinkedCarrier, Means
from gateway.flow.watching.incidents import add_step
from gateway.flow.watching.late import late_booking


@dataclass(frozen=True, slots=True)
class _Case:
    """A late booking with the carrier that has it."""

    late: Late
    carrier: LinkedCarrier

    @property
    def delivery(self) -> Delivery:
        return self.late.delivery

    @property
    def leg(self) -> Leg:
        return self.late.leg


async def hurry(event: CourierLate, means: Means) -> None:
    """Take the next step about a late courier, if it is time for one.

    A carrier that cannot be asked, or whose answer was lost, is asked again after the next sweep: a job that
    waited for that would hold up everything else about the delivery.
    """
    async with means.begin(event.merchant_id) as work:
        merchant = await work.accounts.merchant()
        delivery = await work.deliveries.get(event.delivery_id)
        late = await late_booking(work, merchant, delivery, means.clock.now()) if delivery else None
    if late is None or late.leg.id != event.leg_id:
        return
    carrier = await means.links.carrier(event.merchant_id, late.leg.account_id)
    if carrier is None:
        return
    with suppress(RemoteError):
        await _take_step(means, _Case(late, carrier))


async def _take_step(means: Means, case: _Case) -> None:
    late, carrier = case.late, case.carrier
    can_raise = isinstance(carrier.connector, RaisesOffers)
    match next_remedy(late, carrier.cancelling, can_raise=can_raise):
        case Remedy.FINISH if late.leg.giving_up is not None:
            await _call_off(means, case, late.leg.giving_up)
        case Remedy.RAISE:
            await _raise_offer(means, case)
        case Remedy.REPLACE:
            await _replace(means, case)
        case _ if is_due(late):
            await _leave(means, case, can_raise=can_raise)
        case _:
            return


async def _raise_offer(means: Means, case: _Case) -> None:
    connector, wanted = case.carrier.connector, next_offer(case.late)
    if wanted is None or not isinstance(connector, RaisesOffers):
        return
    name = case.carrier.account.name
    try:
        stands = await offer_more(means, connector, case.delivery, case.leg, wanted)
    except RemoteRefused as refusal:
        text = f"{name} takes no {wanted} beside the price: {refusal.message}"
        await _note(means, case, StepAction.RAISE_OFFER, StepStatus.FAILED, text)
        return
    text = said_of_offer(name, case.leg, stands)
    cost = more_than(stands, case.leg.extra or zero(stands.currency))
    await _note(means, case, StepAction.RAISE_OFFER, StepStatus.DONE, text, cost=cost)


async def _replace(means: Means, case: _Case) -> None:
    """Look for one who comes sooner, and call the late one off if there is one."""
    late = case.late
    if late.incident is None:
        return
    found = await look_for_sooner(means, late, late.cap)
    if found is None:
        cap = f" for up to {late.cap}" if late.cap else ""
        text = f"Looked for another: nobody comes sooner{cap}."
        await _note(means, case, StepAction.REDISPATCH, StepStatus.SKIPPED, text)
        return
    text = why_sooner(late, case.carrier.account.name, found.quote)
    await _note(means, case, StepAction.REDISPATCH, StepStatus.RUNNING, text)
    mark = GivingUp(means.clock.now(), found.quote_set.id, found.quote.id, late.incident.id)
    await _call_off(means, case, mark)


async def _leave(means: Means, case: _Case, *, can_raise: bool) -> None:
    """Say why nothing is done, so that a person does not wait for it."""
    name = case.carrier.account.name
    if next_offer(case.late) is not None and not can_raise:
        text = f"{name} takes no offer beside its price."
        await _note(means, case, StepAction.RAISE_OFFER, StepStatus.FAILED, text)
    else:
        text = f"It stays with {name}: calling it off is not free."
        await _note(means, case, StepAction.REDISPATCH, StepStatus.SKIPPED, text)


async def _call_off(means: Means, case: _Case, mark: GivingUp) -> None:
    def may(delivery: Delivery, leg: Leg) -> bool:
        return may_look(Late(case.late.merchant, delivery, leg, case.late.incident, means.clock.now()))

    outcome = await call_off(means, case.late, case.carrier, mark, may)
    name = case.carrier.account.name
    if outcome.refusal:
        text = f"{name} keeps it: {outcome.refusal}"
        await _note(means, case, StepAction.REDISPATCH, StepStatus.FAILED, text, incident_id=mark.incident_id)
    elif not outcome.is_over:
        text = f"It stays with {name}: calling it off is not free any more."
        await _note(means, case, StepAction.REDISPATCH, StepStatus.SKIPPED, text)


async def _note(
    means: Means,
    case: _Case,
    action: StepAction,
    status: StepStatus,
    text: str,
    *,
    incident_id: str = "",
    cost: Money | None = None,
) -> None:
    """Write a step down."""
    incident_id = incident_id or (case.late.incident.id if case.late.incident else "")
    async with means.begin(case.delivery.merchant_id) as work:
        await work.deliveries.get(case.delivery.id, lock=True)  # as everybody does who looks at both
        incident = await work.incidents.get(incident_id, lock=True) if incident_id else None
        if incident is not None:
            await add_step(work, incident, action, status, text, means.clock.now(), cost=cost)
