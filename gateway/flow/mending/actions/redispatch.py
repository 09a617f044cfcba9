"""REDISPATCH: a courier who comes too late makes way for one who comes sooner, while that is free."""

from __future__ import annotations

from doorstep.delivery import Delivery, GivingUp, Leg
from doorstep.errors import RemoteError, StateConflict, UnknownOutcome
from doorstep.events import LegGivenUp
from doorstep.money import Money
from gateway.flow.dispatching.allowed import lower, more_than
from gateway.flow.dispatching.exchange import Sooner, call_off, look_for_sooner, sooner_among, why_sooner
from gateway.flow.dispatching.instead import book_exchange
from gateway.flow.dispatching.remedies import Late, concerns_machines, may_look
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import done, failed, most, possible, skipped
from gateway.flow.mending.actions.courier import AtCourier, at_courier
from gateway.flow.mending.actions.deed import Deed
from gateway.flow.mending.actions.kept import keep
from gateway.flow.mending.actions.next_quote import NextQuote
from gateway.flow.mending.actions.seen import look
from gateway.flow.ports import Means
from gateway.flow.quoting.question import load_unit


class Redispatch(Deed):
    """See the module; what nobody has goes to the next in rank, as `NextQuote` does it."""

    async def _look(self, scene: Scene, means: Means) -> Foresight:
        if await _has_nobody(scene, means):
            return await NextQuote().foresee(scene, means)
        booking = await at_courier(scene, means)
        _require_free(scene, booking)
        found = await _known_sooner(scene, means, booking)
        if found is None:
            effect = "All are asked for one who comes sooner; only then is"
            return possible(f"{effect} {booking.name} called off, which is free.")
        offer = found.quote.offer
        effect = why_sooner(booking.late, booking.name, found.quote)
        cost = more_than(offer.price, booking.late.leg.price)
        return possible(effect, cost=cost, new_eta=offer.promise.window.end)

    async def _act(self, scene: Scene, means: Means) -> Outcome:
        async with means.begin(scene.incident.merchant_id) as work:
            seen = await look(work, scene)
        # A repeat goes on where the first try stopped.
        lost = _given_up_by(scene, seen.delivery)
        if lost is None and await _has_nobody(scene, means):
            return await NextQuote().carry_out(scene, means)
        if seen.delivery is not None and lost is not None and not lost.is_live:
            return await _book(scene, means, seen.delivery, lost)
        booking = await at_courier(scene, means)
        mark = lost.giving_up if lost is not None else None
        return await _exchange(scene, means, booking, mark or await _mark(scene, means, booking))


async def _mark(scene: Scene, means: Means, booking: AtCourier) -> GivingUp:
    """Whom to send instead, as it is written on the leg before its carrier is asked."""
    _require_free(scene, booking)
    limit = _most(scene, booking.late)
    found = await look_for_sooner(means, booking.late, limit)
    if found is None:
        up_to = f" for up to {limit}" if limit else ""
        raise StateConflict(f"Looked for another: nobody comes sooner{up_to}.")
    quote_set_id, quote_id = found.quote_set.id, found.quote.id
    return GivingUp(scene.now, quote_set_id, quote_id, scene.incident.id, step_id=scene.step_id)


async def _exchange(scene: Scene, means: Means, booking: AtCourier, mark: GivingUp) -> Outcome:
    late, name = booking.late, booking.name

    def may(delivery: Delivery, leg: Leg) -> bool:
        return concerns_machines(Late(late.merchant, delivery, leg, late.incident, scene.now))

    try:
        answer = await call_off(means, late, booking.carrier, mark, may)
    except UnknownOutcome:
        raise
    except RemoteError as error:
        if late.leg.giving_up is not None:
            # Asked before, and nobody knows what came of that.
            text = f"It is not known whether {name} has called it off: {error.message}"
            raise UnknownOutcome(text, system=late.leg.carrier) from error
        return failed(f"{name} could not be asked: {error.message}")
    if answer.refusal:
        return failed(f"{name} keeps it: {answer.refusal}")
    if not answer.is_over:
        return skipped(f"It stays with {name}: calling it off is not free any more.")
    return await _book(scene, means, late.delivery, late.leg)


async def _book(scene: Scene, means: Means, delivery: Delivery, lost: Leg) -> Outcome:
    made = await book_exchange(LegGivenUp(delivery.merchant_id, delivery.id, lost.id), means)
    if made is None:
        return skipped("It was called off meanwhile.")
    if made.leg is None:
        return failed(made.text)
    cost = more_than(made.leg.price, lost.price)
    async with means.begin(delivery.merchant_id) as work:
        return await keep(work, scene, done(made.text, cost=cost))


async def _has_nobody(scene: Scene, means: Means) -> bool:
    """Whether there is no booking that could make way for another."""
    async with means.begin(scene.incident.merchant_id) as work:
        seen = await look(work, scene)
    leg = seen.leg
    return leg is None or not leg.is_live or not leg.external_id


async def _known_sooner(scene: Scene, means: Means, booking: AtCourier) -> Sooner | None:
    unit_id = booking.late.delivery.fulfillment_order_id
    async with means.begin(scene.incident.merchant_id) as work:
        kept = await work.quotes.latest_for(unit_id)
        unit = await load_unit(work, unit_id, must_be_placed=False)
    if kept is None or unit is None:
        return None
    return sooner_among(booking.late, kept, unit, _most(scene, booking.late))


def _given_up_by(scene: Scene, delivery: Delivery | None) -> Leg | None:
    """The leg that this very step has asked to call off before."""
    legs = delivery.legs if delivery is not None else ()
    return next((leg for leg in legs if leg.giving_up and leg.giving_up.step_id == scene.step_id), None)


def _require_free(scene: Scene, booking: AtCourier) -> None:
    """Raises `StateConflict` with why the booking is not to be given up."""
    late = booking.late
    if late.leg.giving_up is not None:
        raise StateConflict(f"{booking.name} is being called off already.")
    if not booking.carrier.cancelling.is_free(late.leg, scene.now):
        raise StateConflict(f"It stays with {booking.name}: calling it off is not free.")
    if scene.is_by_machine and not may_look(late):
        text = "The merchant's rules let no machine look for another, or it has looked often enough."
        raise StateConflict(text)


def _most(scene: Scene, late: Late) -> Money | None:
    """What another may cost: a machine keeps to the merchant's cap, a person to whoever dispatched it."""
    cap = late.cap if scene.is_by_machine else late.delivery.limits.max_price
    return lower(most(late.leg.price, scene.may_spend), cap)
