"""A merchant who books: the gateway's ranking, line, stacks and scorecards against a world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

from bench.value.fates import Fate, TourFate
from bench.value.ledger import Ledger
from bench.value.memory import Memory
from bench.value.places import ways_km
from bench.value.world import CURRENCY, RETURN_SHARE, START, SUPPORT_COST, ShopOrder, World, ride_min
from doorstep.address import Address
from doorstep.dispatch_rules import DispatchRules, StackRules
from doorstep.money import Money
from doorstep.quote import Quote, QuoteRequest, QuoteSet, RankingWeights
from doorstep.scorecard import Scorecard, note_arrival, note_cancellation, note_failure
from gateway.flow.dispatching.exchange import CHANCES
from gateway.flow.dispatching.strategy import Errand, Line, line_up
from gateway.flow.learning.standing import standings
from gateway.flow.ports import UnitOfWork
from gateway.flow.quoting.ranking import Candidate, rank
from gateway.flow.stacking.together import Mate, Tour, tours, wait_until

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
    stacking: StackRules = field(default_factory=StackRules)


@dataclass(slots=True)
class _Journey:
    """An order on its way: what time it is, who was asked how often, and who let it down."""

    order: ShopOrder
    at: datetime
    tries: Counter[str] = field(default_factory=Counter)
    let_down_by: Counter[str] = field(default_factory=Counter)
    last: str | None = None
    bookings: int = 0
    has_failed: bool = False
    arrived: datetime | None = None

    def wait(self, minutes: float) -> None:
        self.at += timedelta(minutes=minutes)

    def let_down(self, account_id: str) -> None:
        self.last = account_id
        self.let_down_by[account_id] += 1


@dataclass(frozen=True, slots=True)
class _Wait:
    """An order that waits for company."""

    journey: _Journey
    mate: Mate
    until: datetime


class Shop:
    """One merchant in one world."""

    def __init__(self, world: World, policy: Policy) -> None:
        self._world, self._policy = world, policy
        self._takers = world.stackable if policy.stacking.is_on else {}
        self._memory = Memory()
        self._scorecards: Mapping[str, Scorecard] = {}
        self._waiting: dict[str, _Wait] = {}
        self.ledger = Ledger()

    async def run(self) -> Ledger:
        """All days of the world; what is known of carriers is read each morning."""
        work = cast(UnitOfWork, self._memory)  # the one part of it that `standings` looks at
        for day, orders in enumerate(self._world.days):
            self._scorecards = await standings(work, START + timedelta(days=day))
            for order in orders:
                self._end_waits(order.placed_at)
                self._begin(_Journey(order, order.placed_at))
            self._end_waits(START + timedelta(days=day + 1))
        return self.ledger

    def _begin(self, journey: _Journey) -> None:
        """As the gateway: what can go with others waits for them, if only for those that wait already."""
        line, order = self._line(journey), journey.order
        if not any(turn.quote.account_id in self._takers for turn in line.peers):
            self._deliver(journey, line)
            return
        window = order.promise.window
        until = wait_until(line, self._policy.stacking, window.end, order.placed_at, order.placed_at)
        mate = Mate(str(order.number), line, order.door, window, order.placed_at, order.placed_at)
        self._waiting[mate.unit_id] = _Wait(journey, mate, until)
        self._end_waits(order.placed_at)

    def _end_waits(self, now: datetime) -> None:
        """Let those go whose wait is over by then, one after the other."""
        while self._waiting:
            wait = min(self._waiting.values(), key=lambda one: (one.until, one.journey.order.number))
            if wait.until > now:
                return
            del self._waiting[wait.mate.unit_id]
            wait.journey.at = wait.until
            self._leave(wait)

    def _leave(self, wait: _Wait) -> None:
        """With whom it goes best by prices of the moment, else alone."""
        journey, mate = wait.journey, wait.mate
        if journey.at > mate.asked_at:
            mate = replace(mate, line=self._line(journey), asked_at=journey.at)
        tour, price = self._best_tour(mate, journey)
        if tour is None:
            self._deliver(journey, mate.line)
            return
        journeys = [
            journey if stop is mate else self._waiting.pop(stop.unit_id).journey for stop in tour.stops
        ]
        for one in journeys:
            one.at = journey.at
        self._drive(tour, price, journeys)
        for one in journeys:
            self._deliver(one)

    def _best_tour(self, first: Mate, journey: _Journey) -> tuple[Tour | None, Money]:
        """What saves most of what is worth a question to its carrier, with the price."""
        others, now = list(self._waiting.values()), journey.at
        orders = {wait.mate.unit_id: wait.journey.order for wait in others}
        places = [journey.order.place, *(order.place for order in orders.values())]
        orders[first.unit_id] = journey.order
        rides = [[round(60 * ride_min(way)) for way in row] for row in ways_km(places)]
        mates = [wait.mate for wait in others]
        best, price, most = None, Money(0, CURRENCY), 0
        for tour in tours(first, mates, rides, self._policy.stacking, self._takers, now):
            stops = [orders[stop.unit_id] for stop in tour.stops]
            asked = self._world.tour_price(stops, tour.account_id, now)
            saving = tour.saving(asked, self._policy.rules).minor
            if saving > most:
                best, price, most = tour, asked, saving
        return best, price

    def _drive(self, tour: Tour, price: Money, journeys: Sequence[_Journey]) -> None:
        """See what becomes of a tour; who was not brought goes on alone."""
        account_id, ledger, at = tour.account_id, self.ledger, journeys[0].at
        orders, attempts = [one.order for one in journeys], [one.tries[account_id] for one in journeys]
        fate = self._world.tour_fate(orders, account_id, attempts, at)
        for one in journeys:
            one.tries[account_id] += 1
        if fate.is_refused:
            return
        is_lost = fate.assigned_min > ASSIGN_LIMIT_MIN or fate.dropped_min is not None
        ledger.fares += 0 if is_lost else price.minor
        ledger.tours += not is_lost
        for n, one in enumerate(journeys):
            ledger.bookings += 1
            one.bookings += 1
            if is_lost:
                self._lose(one, account_id, fate)
                continue
            ledger.stacked += 1
            one.wait(fate.arrived_min[n])
            if fate.has_failed[n]:
                self._bring_back(one, tour.quotes[n], fate.back_min - fate.arrived_min[n])
            else:
                self._hand_over(one, account_id)

    def _deliver(self, journey: _Journey, line: Line | None = None) -> None:
        """Book until somebody hands it over; `line` is where that begins, if that is known."""
        for _ in range(MOST_BOOKINGS - journey.bookings):
            if journey.arrived is not None:
                break
            taken = self._take(journey, self._line(journey) if line is None else line)
            line = None
            if taken is None:
                journey.wait(BUSY_MIN)
                continue
            self._follow(journey, *taken)
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
        """See what becomes of a booking, and pay for it."""
        self.ledger.bookings += 1
        if fate.assigned_min > ASSIGN_LIMIT_MIN or fate.dropped_min is not None:
            self._lose(journey, quote.account_id, fate)
            return
        self.ledger.fares += quote.offer.price.minor
        journey.wait(fate.arrived_min)
        if fate.has_failed:
            self._bring_back(journey, quote, fate.arrived_min / 2)
        else:
            self._hand_over(journey, quote.account_id)

    def _lose(self, journey: _Journey, account_id: str, fate: Fate | TourFate) -> None:
        """The courier drops out; where none is found in time it is called off, and counts against nobody."""
        journey.let_down(account_id)
        if fate.assigned_min > ASSIGN_LIMIT_MIN or fate.dropped_min is None:
            journey.wait(ASSIGN_LIMIT_MIN)
            self.ledger.called_off += 1
            return
        journey.wait(fate.dropped_min)
        self.ledger.dropped += 1
        self._memory.add(note_cancellation(account_id, journey.at))

    def _bring_back(self, journey: _Journey, quote: Quote, takes_min: float) -> None:
        """Nobody took it: it comes back for a share of what its way alone costs."""
        self.ledger.failed += 1
        self.ledger.returns += round(RETURN_SHARE * quote.offer.price.minor)
        self.ledger.support += SUPPORT_COST
        self._memory.add(note_failure(quote.account_id, journey.at))
        journey.let_down(quote.account_id)
        journey.has_failed = True
        journey.wait(takes_min)

    def _hand_over(self, journey: _Journey, account_id: str) -> None:
        """It is handed over; learn from it as the gateway does."""
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
