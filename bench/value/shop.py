"""A merchant who books: the gateway's ranking, line and scorecards against a world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date, datetime, timedelta
from typing import cast

from bench.value.world import CURRENCY, RETURN_SHARE, START, SUPPORT_COST, Fate, ShopOrder, World
from doorstep.address import Address
from doorstep.dispatch_rules import DispatchRules
from doorstep.money import Money
from doorstep.quote import Quote, QuoteRequest, QuoteSet, RankingWeights
from doorstep.scorecard import (
    CarrierCounts,
    Scorecard,
    note_arrival,
    note_cancellation,
    note_failure,
    summed,
)
from gateway.flow.dispatching.replace_lost import CHANCES
from gateway.flow.dispatching.strategy import Errand, Line, line_up
from gateway.flow.learning.standing import standings
from gateway.flow.ports import UnitOfWork
from gateway.flow.quoting.ranking import Candidate, rank

ASSIGN_LIMIT_MIN = 15.0
"""A booking for which nobody drives by then is called off, and the next is asked."""

BUSY_MIN = 5.0
"""Where everybody refuses, all are asked again after so long."""

MOST_BOOKINGS = 8
"""Of one order; after these it is given up."""

GIVEN_UP_COST = 1720
"""Of an order that nobody delivered, beside being late: the industry's average of a failed delivery."""

HERE = Address("US", line1="1 Quay", city="Port Meridian", postal_code="00412")


@dataclass(frozen=True, slots=True)
class Policy:
    """How a merchant books."""

    rules: DispatchRules
    weights: RankingWeights = field(default_factory=RankingWeights)


@dataclass(slots=True)
class Ledger:
    """What a run came to; amounts in minor units."""

    orders: int = 0
    on_time: int = 0
    fares: int = 0
    returns: int = 0
    support: int = 0
    late: int = 0
    given_up: int = 0
    bookings: int = 0
    dropped: int = 0
    called_off: int = 0
    failed: int = 0

    def __add__(self, other: Ledger) -> Ledger:
        """Both together."""
        return Ledger(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def cost(self) -> int:
        """Everything that the merchant paid."""
        return self.fares + self.returns + self.support + self.late + self.given_up

    @property
    def on_time_share(self) -> float:
        """Of all orders, within the shopper's window."""
        return self.on_time / self.orders


class _Memory:
    """Counts of carriers as the database keeps them, and nothing else of a transaction."""

    def __init__(self) -> None:
        self._kept: list[CarrierCounts] = []

    @property
    def scores(self) -> _Memory:
        return self

    async def counts(self, since: date) -> Sequence[CarrierCounts]:
        self._kept = list(summed(self._kept))
        return [one for one in self._kept if one.day >= since]

    def add(self, counts: CarrierCounts) -> None:
        self._kept.append(counts)


@dataclass(slots=True)
class _Journey:
    """An order on its way: what time it is, who was asked how often, and who let it down."""

    order: ShopOrder
    at: datetime
    tries: Counter[str] = field(default_factory=Counter)
    let_down_by: Counter[str] = field(default_factory=Counter)
    last: str | None = None
    has_failed: bool = False
    arrived: datetime | None = None

    def wait(self, minutes: float) -> None:
        self.at += timedelta(minutes=minutes)

    def let_down(self, account_id: str) -> None:
        self.last = account_id
        self.let_down_by[account_id] += 1


class Shop:
    """One merchant in one world."""

    def __init__(self, world: World, policy: Policy) -> None:
        self._world, self._policy = world, policy
        self._memory = _Memory()
        self._scorecards: Mapping[str, Scorecard] = {}
        self.ledger = Ledger()

    async def run(self) -> Ledger:
        """All days of the world; what is known of carriers is read each morning."""
        work = cast(UnitOfWork, self._memory)  # the one part of it that `standings` looks at
        for day, orders in enumerate(self._world.days):
            self._scorecards = await standings(work, START + timedelta(days=day))
            for order in orders:
                self._deliver(_Journey(order, order.placed_at))
        return self.ledger

    def _deliver(self, journey: _Journey) -> None:
        """Book until somebody hands it over."""
        for _ in range(MOST_BOOKINGS):
            taken = self._take(journey, self._line(journey))
            if taken is None:
                journey.wait(BUSY_MIN)
                continue
            self._follow(journey, *taken)
            if journey.arrived is not None:
                break
        self.ledger.orders += 1
        self.ledger.given_up += 0 if journey.arrived else GIVEN_UP_COST
        if journey.arrived is not None and journey.arrived <= journey.order.promise.window.end:
            self.ledger.on_time += 1
        else:
            self.ledger.late += self._world.terms.late_cost

    def _line(self, journey: _Journey) -> Line:
        """As the gateway quotes and lines up."""
        candidates = [
            Candidate(account_id, offer, None, 0)
            for account_id, offer in self._world.quotes(journey.order, journey.at)
        ]
        quotes = rank(candidates, self._policy.weights, journey.at, scorecards=self._scorecards)
        # As the gateway: who let an order down twice is not asked a third time.
        unfaithful = frozenset(one for one, times in journey.let_down_by.items() if times >= CHANCES)
        errand = Errand(
            rules=self._policy.rules,
            promised_by=journey.order.promise.window.end,
            dropped_account_id=journey.last,
            without_account_ids=unfaithful,
        )
        return line_up(_quote_set(journey, quotes), errand)

    def _take(self, journey: _Journey, line: Line) -> tuple[Quote, Fate] | None:
        """The first who does not refuse."""
        for turn in line.turns:
            account_id = turn.quote.account_id
            fate = self._world.fate(journey.order, account_id, journey.tries[account_id], journey.at)
            journey.tries[account_id] += 1
            if not fate.is_refused:
                return turn.quote, fate
        return None

    def _follow(self, journey: _Journey, quote: Quote, fate: Fate) -> None:
        """See what becomes of a booking, pay for it, and learn from it as the gateway does."""
        account_id, ledger = quote.account_id, self.ledger
        ledger.bookings += 1
        if fate.assigned_min > ASSIGN_LIMIT_MIN:
            # We call it off, which counts against nobody.
            journey.wait(ASSIGN_LIMIT_MIN)
            journey.let_down(account_id)
            ledger.called_off += 1
            return
        if fate.dropped_min is not None:
            journey.wait(fate.dropped_min)
            journey.let_down(account_id)
            ledger.dropped += 1
            self._memory.add(note_cancellation(account_id, journey.at))
            return
        ledger.fares += quote.offer.price.minor
        journey.wait(fate.arrived_min)
        if fate.has_failed:
            ledger.failed += 1
            ledger.returns += round(RETURN_SHARE * quote.offer.price.minor)
            ledger.support += SUPPORT_COST
            self._memory.add(note_failure(account_id, journey.at))
            journey.let_down(account_id)
            journey.has_failed = True
            journey.wait(fate.arrived_min / 2)  # until the goods are back
            return
        journey.arrived = journey.at
        is_on_time = journey.at <= journey.order.promise.window.end
        first = not journey.has_failed
        self._memory.add(note_arrival(account_id, journey.at, on_time=is_on_time, first_attempt=first))


def _quote_set(journey: _Journey, quotes: tuple[Quote, ...]) -> QuoteSet:
    request = QuoteRequest(
        reference=str(journey.order.number),
        pickup=HERE,
        dropoff=HERE,
        parcels=(),
        value=Money(0, CURRENCY),
        asked_at=journey.at,
        ready_at=journey.at,
        time_zone="UTC",
    )
    return QuoteSet("qst_bench", "mer_bench", request, "ful_bench", "loc_bench", quotes, (), 0, 0, True)
