"""Hurry: a courier who comes too late is offered more, then replaced while that costs nothing.

Every step is written into the incident that it is about, with its reason and its cost, before or with what
it does, so that a person sees what a machine has tried.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace

from doorstep.delivery import Delivery, GivingUp, Leg
from doorstep.errors import RemoteError, RemoteRefused
from doorstep.events import CourierLate
from doorstep.incident import StepAction, StepStatus
from doorstep.money import Money
from doorstep.ports import RaisesOffers
from doorstep.quote import Quote
from gateway.flow.dispatching.give_up import give_up
from gateway.flow.dispatching.remedies import (
    Late,
    Remedy,
    best_instead,
    is_due,
    may_look,
    next_offer,
    next_remedy,
)
from gateway.flow.dispatching.strategy import Errand, line_up
from gateway.flow.ports import LinkedCarrier, Means
from gateway.flow.quoting.question import Unit, load_unit
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.watching.incidents import add_step
from gateway.flow.watching.late import late_booking

CHANCES = 2
"""How often one account may let the same delivery down before no machine asks it for that again."""


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
        stands = await connector.raise_offer(case.leg.external_id, wanted, means.booking_budget_s)
    except RemoteRefused as refusal:
        text = f"{name} takes no {wanted} beside the price: {refusal.message}"
        await _note(means, case, StepAction.RAISE_OFFER, StepStatus.FAILED, text)
        return
    text = (
        f"Nobody is assigned: offered the couriers of {name} {stands} beside the price of {case.leg.price}."
    )
    await _note(means, case, StepAction.RAISE_OFFER, StepStatus.DONE, text, stands)


async def _replace(means: Means, case: _Case) -> None:
    """Look for one who comes sooner, and call the late one off if there is one."""
    late, delivery = case.late, case.delivery
    quote_set = await quote_unit(
        means, delivery.merchant_id, delivery.fulfillment_order_id, means.quote_budget_s
    )
    async with means.begin(delivery.merchant_id) as work:
        unit = await load_unit(work, delivery.fulfillment_order_id, must_be_placed=False)
    if quote_set is None or unit is None or late.incident is None:
        return
    turns = line_up(quote_set, _errand(late, unit)).turns
    instead = best_instead(late, quote_set, [turn.quote for turn in turns])
    if instead is None:
        cap = f" for up to {late.cap}" if late.cap else ""
        text = f"Looked for another: nobody comes sooner{cap}."
        await _note(means, case, StepAction.REDISPATCH, StepStatus.SKIPPED, text)
        return
    text = _reason(case, instead)
    await _note(means, case, StepAction.REDISPATCH, StepStatus.RUNNING, text)
    mark = GivingUp(means.clock.now(), quote_set.id, instead.id, late.incident.id)
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
    def still_may(delivery: Delivery, leg: Leg) -> bool:
        late = Late(case.late.merchant, delivery, leg, case.late.incident, means.clock.now())
        return may_look(late) and case.carrier.cancelling.is_free(leg, late.now)

    outcome = await give_up(means, case.carrier, case.delivery, case.leg.id, mark, still_may)
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
    extra: Money | None = None,
    incident_id: str = "",
) -> None:
    """Write a step down, and what was offered beside the price."""
    now = means.clock.now()
    incident_id = incident_id or (case.late.incident.id if case.late.incident else "")
    async with means.begin(case.delivery.merchant_id) as work:
        delivery = await work.deliveries.get(case.delivery.id, lock=True)
        incident = await work.incidents.get(incident_id, lock=True) if incident_id else None
        if delivery is None:
            return
        leg = next((leg for leg in delivery.legs if leg.id == case.leg.id), None)
        if extra is not None and leg is not None and leg.extra != extra:
            await work.deliveries.put(delivery.with_leg(replace(leg, extra=extra)))
        if incident is not None:
            await add_step(work, incident, action, status, text, now)


def _reason(case: _Case, instead: Quote) -> str:
    late, name = case.late, case.carrier.account.name
    by = instead.offer.promise.window.end
    wrong = "nobody is assigned" if late.is_untaken else "its courier comes too late"
    return (
        f"{name} is called off, which is free: {wrong}. {instead.offer.title} comes by {by:%H:%M} UTC for "
        f"{instead.offer.price}, where {case.leg.price} was to be paid."
    )


def _errand(late: Late, unit: Unit) -> Errand:
    dropped = Counter(leg.account_id for leg in late.delivery.legs if leg.external_id and not leg.is_live)
    return Errand(
        rules=late.merchant.dispatch,
        promised_by=late.promised_by,
        paid=unit.paid(),
        grace_s=late.merchant.watch.late_grace_s,
        dropped_account_id=late.leg.account_id,
        without_account_ids=frozenset(one for one, times in dropped.items() if times >= CHANCES),
    )
