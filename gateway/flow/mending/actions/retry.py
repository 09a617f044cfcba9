"""RETRY: whoever did not answer is asked again: about a booking, calling it off, prices, or how they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from doorstep.delivery import Delivery, Leg
from doorstep.errors import StateConflict, UnknownOutcome
from doorstep.events import BookingInDoubt
from doorstep.incident import IncidentKind
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.dispatching.dispatch import repeat_open
from gateway.flow.dispatching.doubt import clear_doubt
from gateway.flow.dispatching.give_up import give_up
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import done, failed, possible, skipped
from gateway.flow.mending.actions.deed import Deed
from gateway.flow.mending.actions.seen import Seen, look
from gateway.flow.ports import Means
from gateway.flow.quoting.question import find_place
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.watching.promised_off import WHY

_ENDED_BY_PRICES = (IncidentKind.QUOTE_EXPIRED, IncidentKind.ADDRESS_PROBLEM)


class _About(StrEnum):
    """What nobody has answered."""

    CALLING_OFF = "Its carrier is asked again to call it off."
    GIVING_UP = "Its carrier is asked again to give it up for another."
    DOUBT = "The carrier that did not answer is asked whether it has a booking, which is then given back."
    BOOKING = "The carrier that did not answer is asked for the same booking again."
    PRICES = "All carriers are asked for their prices again."
    HEALTH = "The carrier is asked whether it answers."


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked again, and about which booking."""

    about: _About
    seen: Seen
    leg: Leg | None = None

    @property
    def of_leg(self) -> Leg:
        """The booking; raises `StateConflict` where it is about none."""
        if self.leg is None:
            raise StateConflict("Nobody was asked.")
        return self.leg


class Retry(Deed):
    """See the module; a question is not taken back."""

    async def _look(self, scene: Scene, means: Means) -> Foresight:
        return possible((await _question(scene, means)).about)

    async def _act(self, scene: Scene, means: Means) -> Outcome:
        question = await _question(scene, means)
        match question.about:
            case _About.PRICES:
                return await _ask_prices(scene, means, question.seen)
            case _About.HEALTH:
                return await _ask_health(means, question.seen)
            case _:
                return await _ask_carrier(scene, means, question)


async def _question(scene: Scene, means: Means) -> _Question:
    async with means.begin(scene.incident.merchant_id) as work:
        seen = await look(work, scene)
        unit_id = seen.incident.fulfillment_order_id
        waits = (
            seen.delivery is None and unit_id is not None and await work.deliveries.live_of(unit_id) is None
        )
    if waits:
        return _Question(_About.PRICES, seen)
    if seen.delivery is None and seen.incident.account_id is not None:
        return _Question(_About.HEALTH, seen)
    return _of_delivery(seen, seen.about)


def _of_delivery(seen: Seen, delivery: Delivery) -> _Question:
    doubted = next((leg for leg in delivery.legs if leg.doubted_at is not None), None)
    if doubted is not None:
        return _Question(_About.DOUBT, seen, doubted)
    leg = seen.leg
    if delivery.is_cancel_requested and not delivery.is_over:
        return _Question(_About.CALLING_OFF, seen, leg)
    if leg is not None and leg.is_live and leg.giving_up is not None:
        return _Question(_About.GIVING_UP, seen, leg)
    if leg is not None and leg.is_live and not leg.external_id:
        return _Question(_About.BOOKING, seen, leg)
    raise StateConflict("Nobody owes an answer about it.")


async def _ask_carrier(scene: Scene, means: Means, question: _Question) -> Outcome:
    try:
        return await _ASK[question.about](scene, means, question)
    except UnknownOutcome as unknown:
        # Asking is all that this step does: the answer is still owed, and nothing new was begun.
        return failed(f"The answer was lost again: {unknown.message}")


async def _call_off(scene: Scene, means: Means, question: _Question) -> Outcome:  # noqa: ARG001 - one of `_ASK`
    delivery = question.seen.about
    by_person = delivery.is_called_off_by_person
    await cancel_delivery(means, delivery.merchant_id, delivery.id, WHY, by_person=by_person)
    return done("It is called off.")


async def _clear_doubt(scene: Scene, means: Means, question: _Question) -> Outcome:
    leg = question.of_leg
    await clear_doubt(BookingInDoubt(scene.incident.merchant_id, question.seen.about.id, leg.id), means)
    return done("It is known what became of the booking in doubt.")


async def _book(scene: Scene, means: Means, question: _Question) -> Outcome:
    found = await repeat_open(means, question.seen.about)
    booked = found.delivery.active_leg if found is not None and found.delivery is not None else None
    if booked is None or not booked.external_id:
        return failed("It is not booked: the carrier said no.")
    is_mended = scene.incident.kind is IncidentKind.COURIER_CANCELLED
    return done(f"{booked.carrier} has booked it for {booked.price}.", is_mended=is_mended)


async def _give_up(scene: Scene, means: Means, question: _Question) -> Outcome:  # noqa: ARG001 - one of `_ASK`
    delivery, leg = question.seen.about, question.of_leg
    carrier = await means.links.carrier(delivery.merchant_id, leg.account_id)
    if carrier is None or leg.giving_up is None:
        raise StateConflict(f"Its account with {leg.carrier} is linked no longer.")
    answer = await give_up(means, carrier, delivery, leg.id, leg.giving_up, lambda *_: True)
    if answer.refusal:
        return failed(f"{carrier.account.name} keeps it: {answer.refusal}")
    return done(f"{carrier.account.name} has called it off; the other one is booked next.")


_ASK: Mapping[_About, Callable[[Scene, Means, _Question], Awaitable[Outcome]]] = {
    _About.CALLING_OFF: _call_off,
    _About.DOUBT: _clear_doubt,
    _About.BOOKING: _book,
    _About.GIVING_UP: _give_up,
}


async def _ask_prices(scene: Scene, means: Means, seen: Seen) -> Outcome:
    merchant_id, unit_id = scene.incident.merchant_id, seen.incident.fulfillment_order_id or ""
    async with means.begin(merchant_id) as work:
        order = await work.orders.of_unit(unit_id)
    if order is not None:
        await find_place(order, means)
    # Prices that ran out are renewed for whoever dispatches; anything else goes on by itself.
    keep_quiet = scene.incident.kind is IncidentKind.QUOTE_EXPIRED
    quotes = await quote_unit(means, merchant_id, unit_id, means.quote_budget_s, keep_quiet=keep_quiet)
    if quotes is None:
        return failed("The map still does not know the address.")
    if not quotes.quotes:
        return failed("Nobody has a price for it now.")
    cheapest = min(quotes.quotes, key=lambda one: one.offer.price.minor).offer.price
    text = f"Carriers were asked again: {len(quotes.quotes)} offers, from {cheapest}."
    return done(text, is_mended=scene.incident.kind in _ENDED_BY_PRICES)


async def _ask_health(means: Means, seen: Seen) -> Outcome:
    incident = seen.incident
    carrier = await means.links.carrier(incident.merchant_id, incident.account_id or "")
    if carrier is None:
        return skipped("The account is linked no longer.")
    wrong = next((one for one in await carrier.connector.check() if not one.passed), None)
    if wrong is not None:
        return failed(wrong.text)
    return done(f"{carrier.account.name} answers; it is asked again with the next order.")
