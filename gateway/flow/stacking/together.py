"""Who waits for company, and who goes together on one tour. Pure.

An order waits as long as there is time for the courier that it would get alone, and for a way round. When
its wait is over, `tours` finds sets of what waits at the same place that one courier can bring in time, the
most promising first; the carrier is then asked what a tour costs, and `Tour.saving` says what it is worth.

Times of a tour rest on the account's own promises for its stops alone: the end of a promise less the ride
from the pickup to that door is when the courier leaves with the goods, and the latest of the stops counts.
From there on rides of our own road engine count, and `StackRules.handover_s` at every earlier door.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from doorstep.dispatch_rules import DispatchRules, StackRules
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.quote import PriceBasis, Quote
from doorstep.window import Window
from gateway.flow.dispatching.strategy import Line, Turn, expected_misses
from gateway.flow.stacking.drives import Courier, Door, Drive, Rides, driven

MOST_TOURS = 5
"""That are worth a question to a carrier."""


@dataclass(frozen=True, slots=True)
class Mate:
    """A fulfillment order that may go with others.

    Attributes
    ----------
    line
        Who would be asked for it alone, from offers of the moment `asked_at`.
    door
        Where it goes to.
    window
        In which the shopper shall have it; None where nobody was told anything.
    ready_at
        From when on it can be fetched.
    latest
        No later than this, whatever was promised; None where the merchant sets no such limit.
    """

    unit_id: str
    line: Line
    door: LatLng
    window: Window | None
    ready_at: datetime
    asked_at: datetime
    latest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tour:
    """Stops that one courier can bring in time.

    Attributes
    ----------
    stops
        In the order in which they are driven to.
    quotes
        What this account offered for each stop alone, in the order of the stops.
    arrivals
        When each should be at its door, by our own reckoning.
    alone
        What the stops are expected to cost one by one, each with the first in its own line.
    """

    account_id: str
    carrier: str
    service: str
    stops: tuple[Mate, ...]
    quotes: tuple[Quote, ...]
    arrivals: tuple[datetime, ...]
    alone: Money

    def saving(self, price: Money, rules: DispatchRules) -> Money:
        """How much less it costs than one by one, with the misses that are to be expected; negative if more.

        Parameters
        ----------
        price
            That the carrier takes for the whole tour.

        Raises
        ------
        ValueError
            If the price is in another currency than the offers.
        """
        saved = self.alone - price
        for quote in self.quotes:
            saved -= expected_misses(quote, rules)
        return saved


def wait_until(
    line: Line, rules: StackRules, promised_by: datetime | None, asked_at: datetime, since: datetime
) -> datetime:
    """Until when an order may wait, and still be brought in time: alone, or by way of other doors.

    The first in its line would then keep the promise with twice `spare_s` left: once for what goes wrong,
    and once for a way round, which `tours` may use up. `since` where it may not wait at all: nobody offers,
    stacks are off, or no time is left. Looks at the end of the shopper's window alone: what must not come
    before a later beginning does not belong here.

    Parameters
    ----------
    promised_by
        By when the shopper was told to have it; None where nobody was told anything.
    asked_at
        From when on the carrier counted: when it was asked, or when the goods are ready if that is later.
    since
        When it began to wait.
    """
    if not line.turns or not rules.is_on:
        return since
    until = since + timedelta(seconds=rules.longest_wait_s)
    if promised_by is not None:
        takes = line.turns[0].quote.offer.promise.window.end - asked_at
        until = min(until, promised_by - takes - timedelta(seconds=2 * rules.spare_s))
    return max(since, until)


def tours(
    first: Mate,
    others: Sequence[Mate],
    rides: Rides,
    rules: StackRules,
    stackable: Mapping[str, int],
    now: datetime,
    has_room: Callable[[Tour], bool] = lambda _: True,
) -> Sequence[Tour]:
    """Tours with `first` that bring everybody in time, the most promising first, at most `MOST_TOURS`.

    Every stop has the tour's account and service among the peers of its line, at a live price and in the
    currency of all that they would cost alone. All pairs are looked at, and the best of them are grown by
    whoever adds most to what is probably saved. What probably saves nothing is left out.

    Parameters
    ----------
    others
        What waits at the same place, without `first`.
    rides
        ``rides[origin][destination]`` in seconds, None where no road leads: `RoadTable.seconds`. Row and
        column 0 are the pickup, 1 is the door of `first`, 2 and on are those of `others` in their order.
    stackable
        How many stops an account takes at most, by its id; who is not in it takes no tours.
    now
        When the tour would be booked.
    has_room
        Whether the merchant lets its carrier have all of them today.
    """
    mates = [first, *others]
    table = [list(row) for row in rides]
    found: list[tuple[Drive, tuple[Turn, ...]]] = []
    for account_id, service in _services(first, stackable):
        turns = _turns(mates, (account_id, service))
        doors = {row: _door(mates[row - 1], turn, table[0][row], rules, now) for row, turn in turns.items()}
        most_stops = min(rules.most_stops, stackable[account_id])
        drives = driven(Courier(doors, table, rules.handover_s, most_stops))
        found += [(drive, tuple(turns[row] for row in drive.rows)) for drive in drives if drive.gain > 0]
    # The sort is stable: what promises as much goes by the line of the first.
    found.sort(key=lambda one: -one[0].gain)
    made = (_tour(drive, turns, mates, now) for drive, turns in found)
    return list(islice(filter(has_room, made), MOST_TOURS))


def _services(first: Mate, stackable: Mapping[str, int]) -> Sequence[tuple[str, str]]:
    """Accounts with services that may bring the first together with others, each once."""
    quotes = [turn.quote for turn in first.line.peers if stackable.get(turn.quote.account_id, 1) > 1]
    return list(dict.fromkeys((quote.account_id, quote.offer.service) for quote in quotes))


def _turns(mates: Sequence[Mate], who: tuple[str, str]) -> Mapping[int, Turn]:
    """What a service of an account offers each of them, by row; nobody where not the first is among them."""
    turns = {row: turn for row, mate in enumerate(mates, start=1) if (turn := _turn(mate, who)) is not None}
    currency = turns[1].expected.currency if 1 in turns else ""
    return {row: turn for row, turn in turns.items() if turn.expected.currency == currency}


def _turn(mate: Mate, who: tuple[str, str]) -> Turn | None:
    """Its live offer among the peers, in the currency of what it would cost alone."""
    for turn in mate.line.peers:
        offer = turn.quote.offer
        is_this = (turn.quote.account_id, offer.service) == who and offer.price_basis is PriceBasis.LIVE
        if is_this and turn.expected.currency == mate.line.turns[0].expected.currency:
            return turn
    return None


def _door(mate: Mate, turn: Turn, ride_s: int | None, rules: StackRules, now: datetime) -> Door:
    """Its place in a tour that is booked at this moment; without a road no tour comes to it anyway."""
    counted_from, price = max(mate.asked_at, mate.ready_at), turn.quote.offer.price
    takes_s = (turn.quote.offer.promise.window.end - counted_from).total_seconds()
    ready_s = max(0.0, (mate.ready_at - now).total_seconds())
    earliest_s = -math.inf
    if mate.window is not None:
        earliest_s = (mate.window.start - now).total_seconds()
        latest_s = (mate.window.end - now).total_seconds() - rules.spare_s
    else:
        # Nobody was told anything: a way round may take as long as a wait.
        latest_s = ready_s + takes_s + rules.longest_wait_s
    if mate.latest is not None:
        latest_s = min(latest_s, (mate.latest - now).total_seconds())
    return Door(
        leaves_s=ready_s + max(0.0, takes_s - (ride_s or 0)),
        earliest_s=earliest_s,
        latest_s=latest_s,
        price=price.minor,
        misses=(turn.expected - price).minor,
        alone=mate.line.turns[0].expected.minor,
    )


def _tour(drive: Drive, turns: tuple[Turn, ...], mates: Sequence[Mate], now: datetime) -> Tour:
    stops = tuple(mates[row - 1] for row in drive.rows)
    quotes = tuple(turn.quote for turn in turns)
    return Tour(
        account_id=quotes[0].account_id,
        carrier=quotes[0].offer.carrier,
        service=quotes[0].offer.service,
        stops=stops,
        quotes=quotes,
        arrivals=tuple(now + timedelta(seconds=at_s) for at_s in drive.arrivals_s),
        alone=Money(sum(mate.line.turns[0].expected.minor for mate in stops), quotes[0].offer.price.currency),
    )
