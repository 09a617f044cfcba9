"""Instead: the one for whom a late courier was called off is booked; where that fails, whoever is next."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.delivery import Delivery, GivingUp, Leg
from doorstep.errors import StateConflict
from doorstep.events import LegGivenUp, LegLost
from doorstep.incident import Incident, StepAction, StepStatus
from doorstep.quote import Quote, QuoteSet
from gateway.flow.dispatching.allowed import more_than
from gateway.flow.dispatching.attempts import Mandate, begin_attempt
from gateway.flow.dispatching.booking import ask_carrier
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.question import Unit, load_unit
from gateway.flow.watching.incidents import add_step, name_of

WHY = "It comes sooner than the one that was called off for it."


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What came of calling one off for another.

    Attributes
    ----------
    leg
        Of the one who comes instead; None where nobody does yet.
    text
        A sentence for a dispatcher.
    """

    leg: Leg | None
    text: str


async def book_instead(event: LegGivenUp, means: Means) -> None:
    """Book the one for whom another was called off; where that fails, whoever is next.

    Raises
    ------
    UnknownOutcome
        If the answer was lost; the same booking is repeated.
    """
    await book_exchange(event, means)


async def book_exchange(event: LegGivenUp, means: Means) -> Exchanged | None:
    """The same, with what came of it; None where the delivery is over or nobody was called off.

    Raises
    ------
    UnknownOutcome
        As above.
    """
    async with means.begin(event.merchant_id) as work:
        delivery = await work.deliveries.get(event.delivery_id)
        lost = next((leg for leg in delivery.legs if leg.id == event.leg_id), None) if delivery else None
        mark = lost.giving_up if lost else None
        quote_set = await work.quotes.get(mark.quote_set_id) if mark else None
        unit = (
            await load_unit(work, delivery.fulfillment_order_id, must_be_placed=False) if delivery else None
        )
    if delivery is None or lost is None or mark is None or delivery.is_over or delivery.is_cancel_requested:
        return None
    quote = quote_set.quote(mark.quote_id) if quote_set else None
    booked = None
    if unit is not None and quote_set is not None and quote is not None:
        booked = await _book(means, unit, quote_set, quote, delivery, mark)
    return await _report(means, delivery, lost, mark, booked)


async def _book(
    means: Means, unit: Unit, quote_set: QuoteSet, quote: Quote, delivery: Delivery, mark: GivingUp
) -> Delivery | None:
    """None where the carrier says no, has no room left, or the delivery was called off meanwhile."""
    if quote.offer.expires_at <= means.clock.now() and not _is_being_booked(delivery):
        return None
    # Where somebody is late whoever comes sooner is sent; what is cheaper alone is not worth a limit.
    keeps_pools = not mark.incident_id
    try:
        mandate = Mandate(of_delivery=delivery.id, is_machine=True, keeps_pools=keeps_pools)
        attempt = await begin_attempt(means, unit, quote_set, quote, mark.why or WHY, mandate)
    except StateConflict:
        return None
    answer = await ask_carrier(means, unit, attempt)
    return answer if isinstance(answer, Delivery) else None


def _is_being_booked(delivery: Delivery) -> bool:
    leg = delivery.active_leg
    return leg is not None and leg.is_live


async def _report(
    means: Means, delivery: Delivery, lost: Leg, mark: GivingUp, booked: Delivery | None
) -> Exchanged | None:
    now = means.clock.now()
    async with means.begin(delivery.merchant_id) as work:
        current = await work.deliveries.get(delivery.id, lock=True)
        if current is None or current.is_over or current.is_cancel_requested:
            return None
        leg = booked.active_leg if booked else None
        if leg is not None and leg.is_live:
            made = Exchanged(leg, await _booked_with(work, lost, leg))
        else:
            made = Exchanged(None, "The one who was to come instead cannot; all are asked again.")
            await work.emit(LegLost(delivery.merchant_id, delivery.id, lost.id))
        incident = await work.incidents.get(mark.incident_id, lock=True) if mark.incident_id else None
        if incident is not None and _is_news(incident, mark, made):
            status = StepStatus.DONE if made.leg is not None else StepStatus.SKIPPED
            cost = more_than(made.leg.price, lost.price) if made.leg is not None else None
            await add_step(work, incident, StepAction.NEXT_QUOTE, status, made.text, now, cost=cost)
        return made


def _is_news(incident: Incident, mark: GivingUp, made: Exchanged) -> bool:
    """Whether nobody else writes it down: a step of its own says so itself, unless it was given up."""
    if not mark.step_id:
        return True
    was_given_up = any(
        step.id == mark.step_id and step.status is StepStatus.FAILED for step in incident.steps
    )
    return was_given_up and made.leg is not None


async def _booked_with(work: UnitOfWork, lost: Leg, leg: Leg) -> str:
    before, after = await name_of(work, lost), await name_of(work, leg)
    if leg.price.currency != lost.price.currency:
        return f"Booked {after} for {leg.price} instead of {before}."
    is_dearer = leg.price > lost.price
    apart = leg.price - lost.price if is_dearer else lost.price - leg.price
    return f"Booked {after} for {leg.price} instead of {before}: {apart} {'more' if is_dearer else 'less'}."
