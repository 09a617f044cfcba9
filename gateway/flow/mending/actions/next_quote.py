"""NEXT_QUOTE: what nobody has is booked with the next in rank who takes it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from doorstep.delivery import Delivery, Leg
from doorstep.errors import StateConflict
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.quote import QuoteSet
from doorstep.return_request import is_return
from gateway.flow.dispatching.allowed import lower, more_than
from gateway.flow.dispatching.dispatch import Dispatched, Wish, dispatch_unit, errand_of, is_for_machines
from gateway.flow.dispatching.exchange import unfaithful
from gateway.flow.dispatching.remedies import cap_of
from gateway.flow.dispatching.replace_lost import book_next
from gateway.flow.dispatching.strategy import Turn, line_up
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import done, failed, most, possible
from gateway.flow.mending.actions.deed import Deed
from gateway.flow.mending.actions.kept import keep
from gateway.flow.mending.actions.seen import Seen, look
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.question import choice_for, load_unit
from gateway.flow.watching.incidents import name_of

_ENDED_BY_BOOKING = (IncidentKind.COURIER_CANCELLED, IncidentKind.NO_COURIER, IncidentKind.QUOTE_EXPIRED)


@dataclass(frozen=True, slots=True)
class _Loose:
    """Goods that nobody has.

    Attributes
    ----------
    lost
        The last booking of them, which has ended; None where there was none.
    """

    unit_id: str
    delivery: Delivery | None
    lost: Leg | None

    @property
    def price(self) -> Money | None:
        """What was to be paid; None where nobody was booked."""
        return self.lost.price if self.lost is not None else None


class NextQuote(Deed):
    """See the module; calling the new one off again may cost, so that it is not taken back."""

    async def _look(self, scene: Scene, means: Means) -> Foresight:
        async with means.begin(scene.incident.merchant_id) as work:
            loose = await _find_loose(work, scene, await look(work, scene))
            turn, kept = await _next_turn(work, loose)
        if turn is None or kept is None:
            return possible("All carriers are asked, and the first in rank who takes it is booked.")
        offer = turn.quote.offer
        effect = (
            f"All carriers are asked anew; by what they said at {kept.request.asked_at:%H:%M} UTC "
            f"{offer.title} is next, for {offer.price}."
        )
        cost = more_than(offer.price, loose.price)
        return possible(effect, cost=cost, new_eta=offer.promise.window.end)

    async def _act(self, scene: Scene, means: Means) -> Outcome:
        merchant_id = scene.incident.merchant_id
        async with means.begin(merchant_id) as work:
            seen = await look(work, scene)
            loose = await _find_loose(work, scene, seen)
        booked = await _dispatch(scene, means, seen, loose)
        leg = booked.delivery.active_leg if booked.delivery is not None else None
        if leg is None or not leg.is_live or not leg.external_id:
            said = "; ".join(f"{no.carrier}: {no.text}" for no in (*booked.attempts, *booked.left_out))
            return failed(f"Nobody else could take it{f' ({said})' if said else ''}.")
        cost = more_than(leg.price, loose.price)
        async with means.begin(merchant_id) as work:
            text = f"Booked with {await name_of(work, leg)} for {leg.price}."
            is_mended = scene.incident.kind in _ENDED_BY_BOOKING
            outcome = done(text, cost=cost, is_mended=is_mended)
            return await keep(work, scene, outcome)


async def _dispatch(scene: Scene, means: Means, seen: Seen, loose: _Loose) -> Dispatched:
    price = most(loose.price, scene.may_spend)
    if loose.delivery is None:
        wish = Wish(max_price=price, is_machine=scene.is_by_machine)
        return await dispatch_unit(means, scene.incident.merchant_id, loose.unit_id, None, wish)
    if scene.is_by_machine:
        price = lower(price, cap_of(seen.merchant, loose.delivery))
    return await book_next(means, loose.delivery, loose.lost, price, is_machine=scene.is_by_machine)


async def _find_loose(work: UnitOfWork, scene: Scene, seen: Seen) -> _Loose:
    """The goods that nobody has; raises `StateConflict` with why nobody is booked for them."""
    incident = seen.incident
    unit_id = seen.delivery.fulfillment_order_id if seen.delivery else incident.fulfillment_order_id
    if unit_id is None:
        raise StateConflict("It is about no order.")
    if is_return(unit_id):
        raise StateConflict("Goods that come back are booked another way.")
    if seen.delivery is None:
        seen = replace(seen, delivery=await work.deliveries.live_of(unit_id))
    delivery, leg = seen.on_its_way if seen.delivery is not None else None, seen.leg
    if leg is not None and leg.is_live and leg.external_id:
        raise StateConflict(f"{await name_of(work, leg)} has it.")
    if scene.is_by_machine:
        await _require_machine(work, seen, unit_id)
    return _Loose(unit_id, delivery, leg)


async def _require_machine(work: UnitOfWork, seen: Seen, unit_id: str) -> None:
    """Raises `StateConflict` where no machine may book it."""
    if seen.delivery is None:
        if not seen.merchant.books_by_itself or not await is_for_machines(work, unit_id):
            raise StateConflict("No machine may book it; a person must decide.")
    elif not seen.delivery.limits.allow_fallback:
        raise StateConflict("Whoever dispatched it wanted one carrier and nobody else; a person must decide.")
    elif not seen.merchant.books_again:
        raise StateConflict("Nobody is booked again by a machine here; a person must decide.")


async def _next_turn(work: UnitOfWork, loose: _Loose) -> tuple[Turn | None, QuoteSet | None]:
    kept = await work.quotes.latest_for(loose.unit_id)
    unit = await load_unit(work, loose.unit_id, must_be_placed=False)
    if kept is None or unit is None:
        return None, None
    choice = await choice_for(work, unit.order, unit.fulfillment_order)
    wish = Wish(
        avoid_account_id=loose.lost.account_id if loose.lost is not None else None,
        without_account_ids=unfaithful(loose.delivery) if loose.delivery is not None else frozenset(),
    )
    turns = line_up(kept, errand_of(unit, loose.delivery, choice, wish)).turns
    return (turns[0] if turns else None), kept
