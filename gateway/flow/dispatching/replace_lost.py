"""Replace: what a carrier dropped is booked again with the next in line, if the merchant lets a machine."""

from __future__ import annotations

from doorstep.audit import Actor
from doorstep.delivery import Delivery, Leg
from doorstep.errors import StateConflict
from doorstep.events import LegLost, ReturnRequested
from doorstep.incident import IncidentKind, Resolution, StepAction, StepStatus
from doorstep.merchant import Merchant
from doorstep.money import Money
from doorstep.return_request import is_return
from gateway.flow.dispatching.allowed import lower, more_than
from gateway.flow.dispatching.dispatch import Dispatched, Wish, dispatch_unit, repeat_open
from gateway.flow.dispatching.exchange import unfaithful
from gateway.flow.dispatching.remedies import cap_of
from gateway.flow.mending.book import Allowance, allowance
from gateway.flow.ports import Means
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.watching.incidents import add_step, name_of, resolve


async def replace_lost_leg(event: LegLost, means: Means) -> None:
    """A carrier dropped the job, or nobody goes on with it: whoever may be asked is booked, within the cap.

    Raises
    ------
    UnknownOutcome
        If an answer was lost; the job is tried again, and the same booking with it.
    """
    async with means.begin(event.merchant_id) as work:
        delivery = await work.deliveries.get(event.delivery_id)
        merchant = await work.accounts.merchant()
    if delivery is None or delivery.is_over or delivery.is_cancel_requested:
        return
    active = delivery.active_leg
    if active is not None and active.is_live and active.external_id:
        return
    if is_return(delivery.fulfillment_order_id):
        # Who may fetch goods, and at which price, is another question than who brings them.
        async with means.begin(event.merchant_id) as work:
            await work.emit(ReturnRequested(event.merchant_id, delivery.fulfillment_order_id))
        return
    # Whatever may be done by now: somebody may have it already, and only the same question tells.
    outcome = await repeat_open(means, delivery) or await _book_again(means, event, merchant, delivery)
    if outcome is not None:
        await _report_replacement(means, event, outcome)


async def _book_again(
    means: Means, event: LegLost, merchant: Merchant, delivery: Delivery
) -> Dispatched | None:
    """Ask all again and book the next; None where no machine may, or it was called off meanwhile."""
    if not delivery.limits.allow_fallback:
        await _leave_to_people(means, event, "Whoever dispatched it wanted one carrier and nobody else")
        return None
    lost = next((leg for leg in delivery.legs if leg.id == event.leg_id), None)
    # Whom a machine gave up for another is its own to replace.
    if not merchant.books_again and (lost is None or lost.giving_up is None):
        await _leave_to_people(means, event, "Nobody is booked again by a machine here")
        return None
    allowed = await _by_playbook(means, event)
    if not allowed.is_given:
        await _leave_to_people(means, event, "Its playbook lets nobody be booked again by a machine")
        return None
    most = cap_of(merchant, delivery)
    if lost is not None and allowed.left is not None and allowed.left.currency == lost.price.currency:
        most = lower(lost.price + allowed.left, most)
    try:
        return await book_next(means, delivery, lost, most)
    except StateConflict:
        return None  # held back or called off while others were asked


async def _by_playbook(means: Means, event: LegLost) -> Allowance:
    """What the playbook says where it is an incident that it was dropped."""
    async with means.begin(event.merchant_id) as work:
        incident = await work.incidents.live(IncidentKind.COURIER_CANCELLED, event.delivery_id)
        return await allowance(work, incident, StepAction.REDISPATCH) if incident else Allowance(True)


async def book_next(
    means: Means, delivery: Delivery, lost: Leg | None, most: Money | None, *, is_machine: bool = True
) -> Dispatched:
    """Ask all again and book the next who may be asked; whoever lost it comes last.

    Parameters
    ----------
    most
        The price may be so much; None for any.
    is_machine
        Nobody has said so just now: what whoever dispatched it allowed still counts.

    Raises
    ------
    StateConflict
        If it was held back or called off while others were asked.
    UnknownOutcome
        If an answer was lost; the same booking is repeated.
    """
    merchant_id, unit_id = delivery.merchant_id, delivery.fulfillment_order_id
    quote_set = await quote_unit(means, merchant_id, unit_id, means.quote_budget_s)
    wish = Wish(
        max_price=most,
        avoid_account_id=lost.account_id if lost else None,
        without_account_ids=unfaithful(delivery),
        of_delivery=delivery.id,
        is_machine=is_machine,
    )
    return await dispatch_unit(means, merchant_id, unit_id, quote_set.id if quote_set else None, wish)


async def _report_replacement(means: Means, event: LegLost, outcome: Dispatched) -> None:
    now = means.clock.now()
    async with means.begin(event.merchant_id) as work:
        await work.deliveries.get(event.delivery_id, lock=True)  # as everybody does who looks at both
        incident = await work.incidents.live(IncidentKind.COURIER_CANCELLED, event.delivery_id)
        if incident is None:
            return
        leg = outcome.delivery.active_leg if outcome.delivery else None
        if leg is not None and leg.is_live and leg.external_id:
            text = f"Booked again with {await name_of(work, leg)} for {leg.price}."
            legs = outcome.delivery.legs if outcome.delivery else ()
            lost = next((one for one in legs if one.id == event.leg_id), None)
            cost = more_than(leg.price, lost.price) if lost else None
            done = StepAction.REDISPATCH, StepStatus.DONE
            incident = await add_step(work, incident, *done, text, now, cost=cost)
            await resolve(work, incident, Actor.PLAYBOOK, Resolution.FIXED, text, now)
        else:
            text = "Nobody else could take it; a person must decide."
            await add_step(work, incident, StepAction.REDISPATCH, StepStatus.FAILED, text, now)


async def _leave_to_people(means: Means, event: LegLost, why: str) -> None:
    async with means.begin(event.merchant_id) as work:
        await work.deliveries.get(event.delivery_id, lock=True)  # as everybody does who looks at both
        incident = await work.incidents.live(IncidentKind.COURIER_CANCELLED, event.delivery_id)
        # The sweep comes by again and again; it is written down once.
        if incident is not None and not any(step.status is StepStatus.SKIPPED for step in incident.steps):
            text, now = f"{why}; a person must decide.", means.clock.now()
            await add_step(work, incident, StepAction.REDISPATCH, StepStatus.SKIPPED, text, now)
