"""Offers: what carriers and own vans would take an order for, as a wave compares them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from doorstep.delivery import Delivery
from doorstep.dispatch_rules import DispatchStrategy
from doorstep.merchant import Merchant
from doorstep.mode_rules import DayUse
from doorstep.money import Money
from doorstep.quote import DeliveryMode, Quote, QuoteSet
from doorstep.wave import Pool, WaveOption, WaveOrder
from gateway.flow.dispatching.pools import use_of
from gateway.flow.dispatching.strategy import Line, Turn
from gateway.flow.quoting.ranking import UNPROVEN


def open_turns(line: Line) -> tuple[Turn, ...]:
    """The offers among which it is open who is taken: what a rule prefers stays before the others.

    Who breaks the shopper's promise is among them; the wave knows what that costs.
    """
    best = min((turn.preference for turn in line.turns), default=0.0)
    return tuple(turn for turn in line.turns if turn.preference == best)


@dataclass(frozen=True, slots=True)
class Rival:
    """An order of a wave with its offers.

    Attributes
    ----------
    unit_id
        The fulfillment order's.
    quotes
        In the order of the strategy, without those that the merchant's limits leave out.
    own
        The own vans' offer among them, where vans may drive for it today; such a van costs what its tour
        does. None where they may not; an offer of theirs for another day counts at its list price.
    delivery
        As vans would bring it. Of an order that nobody was booked for yet a draft with the id that it will
        have.
    is_booked
        The own vans have it already.
    due
        Till when the shopper's promise counts as kept; None where nobody was told anything.
    may_wait_until
        Till when it may wait at most for a person who looks at a plan.
    """

    unit_id: str
    quote_set: QuoteSet
    quotes: tuple[Quote, ...]
    own: Quote | None
    delivery: Delivery
    is_booked: bool
    due: datetime | None
    may_wait_until: datetime

    @property
    def id(self) -> str:
        """Its name in the wave, which is that of the visit by which a van would make it."""
        return self.delivery.id

    def order(self, merchant: Merchant) -> WaveOrder:
        """What the chooser is told."""
        broken = broken_promise(merchant)
        return WaveOrder(
            id=self.id,
            options=tuple(_option(quote, broken) for quote in self.quotes if self._is_rival(quote, merchant)),
            due=self.due,
            broken_promise=broken,
            parcels=max(1, len(self.quote_set.request.parcels)),
        )

    def use_of(self, quote_id: str) -> DayUse | None:
        """What an offer takes of pools; None for none of its offers."""
        quote = self.quote_set.quote(quote_id)
        return None if quote is None else use_of(quote, self.quote_set)

    def _is_rival(self, quote: Quote, merchant: Merchant) -> bool:
        is_own = quote.offer.mode is DeliveryMode.OWN_FLEET and (self.is_booked or self.own is not None)
        return not is_own and quote.offer.price.currency == merchant.currency


def broken_promise(merchant: Merchant) -> Money | None:
    """What coming later than promised costs; None where a promise is not to be broken for a price."""
    rules, miss = merchant.dispatch, merchant.dispatch.miss_cost
    is_own_money = miss is not None and miss.currency == merchant.currency
    return miss if rules.strategy is DispatchStrategy.BEST_VALUE and is_own_money else None


def late_chance(quote: Quote) -> float:
    """That a booking does not go well, as offers are ranked."""
    return 1 - (UNPROVEN if quote.reliability is None else quote.reliability)


def is_today(promise_begins: datetime, merchant: Merchant, now: datetime) -> bool:
    """Whether vans that are planned now bring what is promised from then on."""
    horizon_s = merchant.auto_plan_horizon_s or 86_400
    return promise_begins <= now + timedelta(seconds=horizon_s)


def pools_left(merchant: Merchant, uses: Sequence[DayUse], rivals: Iterable[Rival]) -> tuple[Pool, ...]:
    """What is left of the merchant's pools for this day.

    Discounts that would take off more than an offer costs are left aside: a carrier pays nobody.
    """
    pools = tuple(pool.left(tuple(uses)) for pool in merchant.modes.pools)
    offers = [quote.offer for rival in rivals for quote in rival.quotes]
    for carrier, mode, price in {(offer.carrier, offer.mode, offer.price) for offer in offers}:
        counted = {pool.id for pool in pools if pool.tiers and pool.counts((carrier, mode, None))}
        off = sum(pool.tiers[-1].off.minor for pool in pools if pool.id in counted)
        if off > price.minor:
            pools = tuple(replace(pool, tiers=()) if pool.id in counted else pool for pool in pools)
    return pools


def _option(quote: Quote, broken: Money | None) -> WaveOption:
    offer = quote.offer
    return WaveOption(
        id=quote.id,
        carrier=offer.carrier,
        mode=offer.mode,
        price=offer.price,
        arrives_by=offer.promise.window.end,
        # Without a price of failing a chance of it is no reason to leave somebody out.
        late_chance=late_chance(quote) if broken is not None else None,
    )
