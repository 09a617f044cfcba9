"""Strategies: in which order carriers are asked for one fulfillment order, and why in that order. Pure.

Whatever the strategy, an offer that somebody named comes first and who has just dropped the delivery last;
then the service that the shopper chose; then who keeps what the shopper was promised before who breaks it,
the least late of these first; then what a rule prefers. Only where all of that is equal does the strategy
decide, and after it the place in the ranked list. Every offer in line can say what put it before the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from doorstep.dispatch_rules import DispatchRules, DispatchStrategy
from doorstep.money import Money, zero
from doorstep.quote import Choice, Decline, DeclineReason, DeliveryMode, Quote, QuoteSet, RankFactor
from gateway.flow.quoting.ranking import UNPROVEN


@dataclass(frozen=True, slots=True)
class Errand:
    """What counts beside the offers.

    Attributes
    ----------
    choice
        What the shopper took at the checkout.
    promised_by
        By when the shopper was told to have it; None where nobody was told anything.
    paid
        What the shopper paid for delivery; None where nobody knows.
    grace_s
        A promise counts as kept by an offer that ends so much later, seconds.
    named_quote_id
        Somebody asks for this very offer.
    dropped_account_id
        Has just let this delivery down.
    without_account_ids
        Are not asked: they have let it down again and again.
    """

    rules: DispatchRules = field(default_factory=DispatchRules)
    choice: Choice | None = None
    promised_by: datetime | None = None
    paid: Money | None = None
    grace_s: int = 0
    named_quote_id: str | None = None
    dropped_account_id: str | None = None
    without_account_ids: frozenset[str] = frozenset()

    def chose(self, quote: Quote) -> bool:
        """Whether it is the service that the shopper took."""
        chosen = self.choice
        return (
            chosen is not None
            and chosen.account_id == quote.account_id
            and chosen.service == quote.offer.service
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """An offer in line.

    Attributes
    ----------
    why
        What puts it before the next, a sentence for dispatchers.
    expected
        What it costs with the misses that are to be expected: see `expected_misses`.
    standing
        Everything that counts before the strategy does, less is better.
    """

    quote: Quote
    why: str
    expected: Money
    standing: tuple[float, ...]

    @property
    def preference(self) -> float:
        """The part of its standing that a rule gave it."""
        return self.standing[-1]


@dataclass(frozen=True, slots=True)
class Line:
    """Who is asked, first to last, and who is not."""

    turns: tuple[Turn, ...]
    left_out: tuple[Decline, ...] = ()

    @property
    def peers(self) -> tuple[Turn, ...]:
        """The first, and all that only the strategy or the ranked list put behind it.

        An offer that somebody named, or that the shopper chose, has none but itself.
        """
        return tuple(turn for turn in self.turns if turn.standing == self.turns[0].standing)


def line_up(quote_set: QuoteSet, errand: Errand) -> Line:
    """The offers in the order in which their carriers are asked."""
    by_strategy = _STRATEGIES.get(errand.rules.strategy, _best_value)
    places: list[_Place] = []
    left_out: list[Decline] = []
    for quote in quote_set.quotes:
        if quote.account_id in errand.without_account_ids:
            continue
        objection = None if _is_wanted(quote, errand) else _objection(quote, quote_set, errand)
        if objection is None:
            places.append(_place(quote, errand, by_strategy(quote, errand.rules)))
        else:
            reason = DeclineReason.RULE
            left_out.append(Decline(quote.offer.carrier, reason, objection, account_id=quote.account_id))
    places.sort(key=lambda place: place.order)
    turns = [
        Turn(place.quote, _why(place, after, errand), _expected(place.quote, errand.rules), place.standing)
        for place, after in zip(places, [*places[1:], None], strict=False)
    ]
    return Line(tuple(turns), tuple(left_out))


def expected_misses(quote: Quote, rules: DispatchRules) -> Money:
    """What may go wrong with an offer, in money: (1 - its chance) * `miss_cost`.

    Nothing unless the strategy is BEST_VALUE and knows a `miss_cost` in the currency of the offer.
    """
    miss, currency = rules.miss_cost, quote.offer.price.currency
    if rules.strategy is not DispatchStrategy.BEST_VALUE or miss is None or miss.currency != currency:
        return zero(currency)
    return _misses(quote, miss)


def _misses(quote: Quote, miss: Money) -> Money:
    """In whole minor units, as it is worded; what is equal in them goes by the place in the list."""
    return Money(round((1 - _chance(quote)) * miss.minor), miss.currency)


@dataclass(frozen=True, slots=True)
class _Merit:
    """What a strategy makes of one offer: less is better; `words` say it beside another's."""

    order: tuple[float, ...]
    words: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an offer stands: what counts first is compared first."""

    quote: Quote
    is_not_named: bool
    has_dropped: bool
    is_not_chosen: bool
    late_s: float
    floor: float
    merit: _Merit

    @property
    def standing(self) -> tuple[float, ...]:
        return (self.is_not_named, self.has_dropped, self.is_not_chosen, self.late_s, self.floor)

    @property
    def order(self) -> tuple[object, ...]:
        return (*self.standing, self.merit.order, self.quote.rank)


def _place(quote: Quote, errand: Errand, merit: _Merit) -> _Place:
    return _Place(
        quote,
        is_not_named=quote.id != errand.named_quote_id,
        has_dropped=quote.account_id == errand.dropped_account_id,
        is_not_chosen=not errand.chose(quote),
        late_s=_late_s(quote, errand),
        floor=-max((r.contribution for r in quote.reasons if r.factor is RankFactor.PREFERENCE), default=0.0),
        merit=merit,
    )


def _late_s(quote: Quote, errand: Errand) -> float:
    if errand.promised_by is None:
        return 0.0
    kept_until = errand.promised_by + timedelta(seconds=errand.grace_s)
    return max(0.0, (quote.offer.promise.window.end - kept_until).total_seconds())


def _is_wanted(quote: Quote, errand: Errand) -> bool:
    return quote.id == errand.named_quote_id or errand.chose(quote)


def _objection(quote: Quote, quote_set: QuoteSet, errand: Errand) -> str | None:
    """Why the merchant's limits leave it out; None where they do not."""
    rules, offer = errand.rules, quote.offer
    if rules.strategy is DispatchStrategy.SEQUENTIAL and _preference(quote, rules) == len(rules.preferred):
        return "It is none of the carriers that are asked one after another."
    if rules.latest_promise_s is not None:
        latest = quote_set.request.ready_at + timedelta(seconds=rules.latest_promise_s)
        if offer.promise.window.end > latest:
            late = _minutes((offer.promise.window.end - latest).total_seconds())
            return f"Its promise ends {late} after the latest that is acceptable."
    known, least = quote.reliability, rules.min_reliability
    if least is not None and known is not None and known < least:
        return f"Its reliability is {known:.1%}, and {least:.1%} is the least."
    return _dear(offer.price, errand.paid, rules.max_premium)


def _dear(price: Money, paid: Money | None, premium: Money | None) -> str | None:
    if premium is None or paid is None:
        return None
    if not price.currency == paid.currency == premium.currency:
        return f"{price}, {paid} paid and {premium} allowed above it are not in one currency."
    if price.minor <= paid.minor + premium.minor:
        return None
    return f"It costs {price - paid} more than the shopper paid, and {premium} is allowed."


def _expected(quote: Quote, rules: DispatchRules) -> Money:
    return quote.offer.price + expected_misses(quote, rules)


def _best_value(quote: Quote, rules: DispatchRules) -> _Merit:
    price, miss = quote.offer.price, rules.miss_cost
    if miss is None or miss.currency != price.currency:
        return _Merit((float(quote.rank),), f"scores {quote.score:.2f}")
    expected = price + _misses(quote, miss)
    words = f"costs {price}, with misses {expected} at {_chance(quote):.1%} that go well"
    return _Merit((float(expected.minor),), words)


def _cheapest(quote: Quote, _: DispatchRules) -> _Merit:
    return _Merit((float(quote.offer.price.minor),), f"costs {quote.offer.price}")


def _fastest(quote: Quote, _: DispatchRules) -> _Merit:
    end = quote.offer.promise.window.end
    return _Merit((end.timestamp(), float(quote.offer.price.minor)), f"promises by {end:%Y-%m-%d %H:%M} UTC")


def _most_reliable(quote: Quote, _: DispatchRules) -> _Merit:
    has_record = quote.reliability is not None
    words = f"goes well {_chance(quote):.1%} of times" if has_record else "has no record yet"
    return _Merit((-_chance(quote), float(quote.offer.price.minor)), words)


def _own_fleet_first(quote: Quote, rules: DispatchRules) -> _Merit:
    is_own, value = quote.offer.mode is DeliveryMode.OWN_FLEET, _best_value(quote, rules)
    words = "is the own fleet" if is_own else f"is no own fleet and {value.words}"
    return _Merit((float(not is_own), *value.order), words)


def _preferred_order(quote: Quote, rules: DispatchRules) -> _Merit:
    place, value = _preference(quote, rules), _best_value(quote, rules)
    is_preferred = place < len(rules.preferred)
    words = f"is preferred at place {place + 1}" if is_preferred else f"is not preferred and {value.words}"
    return _Merit((float(place), *value.order), words)


_STRATEGIES: Mapping[DispatchStrategy, Callable[[Quote, DispatchRules], _Merit]] = {
    DispatchStrategy.CHEAPEST: _cheapest,
    DispatchStrategy.FASTEST: _fastest,
    DispatchStrategy.MOST_RELIABLE: _most_reliable,
    DispatchStrategy.OWN_FLEET_FIRST: _own_fleet_first,
    DispatchStrategy.PREFERRED_ORDER: _preferred_order,
    DispatchStrategy.SEQUENTIAL: _preferred_order,
}
"""The others go by the best value: where people book, somebody has to stand first in the list as well."""


def _chance(quote: Quote) -> float:
    return UNPROVEN if quote.reliability is None else quote.reliability


def _preference(quote: Quote, rules: DispatchRules) -> int:
    """Its place among the preferred, from 0; behind them all where it is none."""
    names = (quote.account_id, quote.offer.code, quote.offer.carrier)
    places = (rules.preferred.index(name) for name in names if name in rules.preferred)
    return min(places, default=len(rules.preferred))


def _why(place: _Place, after: _Place | None, errand: Errand) -> str:
    """Strategy and what told it from the next: the first in which both differ."""
    strategy = errand.rules.strategy.replace("_", " ").capitalize()
    if not place.is_not_named:
        return f"{strategy} did not decide: this offer was asked for by name."
    if not place.is_not_chosen and not place.has_dropped:
        return f"{strategy} did not decide: the shopper chose this service."
    compared = "nobody is left after it" if after is None else _compared(place, after)
    late = f"; it breaks the shopper's promise by {_minutes(place.late_s)}" if place.late_s else ""
    return f"{strategy}: {place.quote.offer.code} {place.merit.words}; {compared}{late}."


def _compared(place: _Place, after: _Place) -> str:
    other = f"the next, {after.quote.offer.code},"
    if place.has_dropped != after.has_dropped:
        return f"{other} has just dropped this delivery"
    if place.late_s != after.late_s:
        return f"{other} would break the shopper's promise by {_minutes(after.late_s)}"
    if place.floor != after.floor:
        return f"{other} is less preferred by a rule"
    if place.merit.order == after.merit.order:
        return f"{other} does as well and ranks lower"
    return f"{other} {after.merit.words}"


def _minutes(seconds: float) -> str:
    return f"{max(1, round(seconds / 60))} min"
