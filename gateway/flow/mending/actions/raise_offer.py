"""RAISE_OFFER: couriers are offered more beside the price, so that one of them takes the job."""

from __future__ import annotations

from doorstep.errors import RemoteError, RemoteRefused, StateConflict, UnknownOutcome
from doorstep.money import Money, zero
from doorstep.ports import RaisesOffers
from gateway.flow.dispatching.raising import offer_more, said_of_offer
from gateway.flow.dispatching.remedies import next_offer
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import done, failed, possible
from gateway.flow.mending.actions.courier import AtCourier, at_courier
from gateway.flow.mending.actions.deed import Deed
from gateway.flow.mending.actions.kept import begin, begun, keep
from gateway.flow.ports import Means


class RaiseOffer(Deed):
    """See the module; a courier may have come for it, so that it is not taken back."""

    async def _look(self, scene: Scene, means: Means) -> Foresight:
        booking = await at_courier(scene, means)
        if _waits_for_a_word(scene, booking):
            return possible(f"The couriers of {booking.name} are offered as much more as you agree to.")
        wanted = _wanted(scene, booking)
        price, before = booking.late.leg.price, booking.late.leg.extra
        effect = f"The couriers of {booking.name} are offered {wanted} beside the price of {price}."
        return possible(effect, cost=wanted - (before or zero(wanted.currency)))

    async def _act(self, scene: Scene, means: Means) -> Outcome:
        booking = await at_courier(scene, means)
        leg, connector = booking.late.leg, booking.carrier.connector
        # A repeat offers the same in all, however much stands by then.
        wanted, before = await _meant(scene, means, booking)
        if not isinstance(connector, RaisesOffers):
            raise _takes_none(booking)
        try:
            stands = await offer_more(means, connector, booking.late.delivery, leg, wanted)
        except UnknownOutcome:
            raise
        except RemoteRefused as refusal:
            return failed(f"{booking.name} takes no {wanted} beside the price: {refusal.message}")
        except RemoteError as error:
            return failed(f"{booking.name} could not be asked: {error.message}")
        cost = stands - before if stands > before else None
        async with means.begin(scene.incident.merchant_id) as work:
            return await keep(work, scene, done(said_of_offer(booking.name, leg, stands), cost=cost))


async def _meant(scene: Scene, means: Means, booking: AtCourier) -> tuple[Money, Money]:
    """What is offered in all, and what stood before this step first asked."""
    leg = booking.late.leg
    currency = leg.price.currency
    async with means.begin(scene.incident.merchant_id) as work:
        intent = await begun(work, scene)
        if intent is None:
            wanted, before = _wanted(scene, booking), leg.extra or zero(currency)
            intent = {"leg": leg.id, "wanted": str(wanted.minor), "before": str(before.minor)}
            intent = await begin(work, scene, intent)
    if intent["leg"] != leg.id:
        raise StateConflict("Somebody else has it by now.")
    return Money(int(intent["wanted"]), currency), Money(int(intent["before"]), currency)


def _wanted(scene: Scene, booking: AtCourier) -> Money:
    """What to offer in all: by the merchant's rules, else what a person has agreed to."""
    late, leg, may_spend = booking.late, booking.late.leg, scene.may_spend
    if not isinstance(booking.carrier.connector, RaisesOffers):
        raise _takes_none(booking)
    if not late.is_untaken:
        raise StateConflict("A courier has taken the job already.")
    before, by_rule = leg.extra or zero(leg.price.currency), next_offer(late)
    if by_rule is None and (scene.is_by_machine or may_spend is None):
        raise StateConflict("The merchant's rules offer couriers nothing more beside the price.")
    if may_spend is None:
        return by_rule or before
    if may_spend.currency != before.currency or may_spend.minor <= 0:
        raise StateConflict(f"{may_spend} may be spent, which buys no offer in {before.currency}.")
    return min(by_rule or before + may_spend, before + may_spend)


def _waits_for_a_word(scene: Scene, booking: AtCourier) -> bool:
    """Whether it could be done if a person said what may be spent, which no rule says."""
    is_taker = isinstance(booking.carrier.connector, RaisesOffers) and booking.late.is_untaken
    is_unsaid = scene.may_spend is None and next_offer(booking.late) is None
    return is_taker and is_unsaid and not scene.is_by_machine


def _takes_none(booking: AtCourier) -> StateConflict:
    return StateConflict(f"{booking.name} takes no offer beside its price.")
