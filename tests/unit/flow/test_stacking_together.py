"""Who waits for company, who goes together, in which order, and what that saves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.address import Address
from doorstep.dispatch_rules import DispatchRules, DispatchStrategy, StackRules
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.quote import (
    CarrierQuote,
    Choice,
    DeliveryMode,
    PriceBasis,
    Quote,
    QuoteRequest,
    QuoteSet,
    VehicleKind,
)
from doorstep.window import Promise, PromiseBasis, Window
from gateway.flow.dispatching.strategy import Errand, Line, line_up
from gateway.flow.stacking.together import MOST_TOURS, Mate, Tour, tours, wait_until

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HERE = Address("US", postal_code="00412")
COURIER_COMES_MIN = 22
"""Until the courier leaves the shop with the goods."""

TAKES_TWO = {"acc_moto": 16}
BY_PRICE = DispatchRules(DispatchStrategy.CHEAPEST)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def offer(
    carrier: str,
    price: int,
    ride_min: float,
    *,
    reliability: float = 1.0,
    currency: str = "USD",
    basis: PriceBasis = PriceBasis.LIVE,
    service: str = "now",
    asked_at: datetime = NOW,
) -> Quote:
    end = asked_at + timedelta(minutes=COURIER_COMES_MIN + ride_min)
    made = CarrierQuote(
        carrier=carrier,
        service=service,
        title=carrier,
        mode=DeliveryMode.COURIER,
        vehicle=VehicleKind.CAR,
        price=Money(price, currency),
        price_basis=basis,
        promise=Promise(Window(asked_at, end), "UTC", PromiseBasis.CARRIER_COMMITMENT),
        expires_at=asked_at + timedelta(minutes=15),
    )
    return Quote(f"quo_{carrier}", f"acc_{carrier}", made, 0, 0.0, (), 10, reliability=reliability)


def lined_up(*quotes: Quote, rules: DispatchRules = BY_PRICE, **errand: Any) -> Line:
    request = QuoteRequest("q", HERE, HERE, (), Money(5000, "USD"), NOW, NOW, "UTC")
    ranked = tuple(replace(one, rank=n) for n, one in enumerate(quotes, start=1))
    quote_set = QuoteSet("qst_1", "mer_1", request, "ful_1", "loc_1", ranked, (), 1500, 200, True)
    return line_up(quote_set, Errand(rules, **errand))


def mate(name: str, *quotes: Quote, within_min: float | None = 90, line: Line | None = None) -> Mate:
    window = None if within_min is None else Window(at(-10), at(within_min))
    return Mate(name, line or lined_up(*quotes), LatLng(0, 0), window, NOW, NOW)


def on_a_road(*minutes: float) -> Sequence[Sequence[int]]:
    """Rides between a pickup and doors that lie so many minutes from it along one road, east or (-) west."""
    places = (0.0, *minutes)
    return [[round(60 * abs(here - there)) for there in places] for here in places]


def moto(price: int, ride_min: float, **changes: Any) -> Quote:
    return offer("moto", price, ride_min, **changes)


def found(
    mates: Sequence[Mate],
    rides: Sequence[Sequence[int | None]],
    stackable: Mapping[str, int] = TAKES_TWO,
    now: datetime = NOW,
    **rules: Any,
) -> Sequence[Tour]:
    first, *others = mates
    settings = StackRules(**{"most_stops": 4, "spare_s": 600, "handover_s": 240, **rules})
    return tours(first, others, rides, settings, stackable, now)


def stops(made: Sequence[Tour]) -> list[str]:
    """The best tour's, in their order; nothing where there is none."""
    return [one.unit_id for one in made[0].stops] if made else []


NEIGHBOURS = [mate("a", moto(1000, 12)), mate("b", moto(1000, 10))]


def test_two_neighbours_go_together_the_nearer_door_first() -> None:
    (tour,) = found(NEIGHBOURS, on_a_road(12, 10))
    assert stops([tour]) == ["b", "a"]
    assert (tour.account_id, tour.carrier, tour.service) == ("acc_moto", "moto", "now")
    # 22 min until the courier leaves, 10 to b; 4 at its door, 2 to a.
    assert tour.arrivals == (at(32), at(38))
    assert [quote.offer.promise.window.end for quote in tour.quotes] == [at(32), at(34)]
    assert tour.alone == Money(2000, "USD")


def test_a_door_whose_time_runs_out_is_driven_to_first() -> None:
    hasty = mate("a", moto(1000, 12), within_min=44)
    # 34 min to a with ten to spare: not a minute for b before it.
    assert stops(found([hasty, NEIGHBOURS[1]], on_a_road(12, 10))) == ["a", "b"]


def window(start: float, end: float) -> Window:
    return Window(at(start), at(end))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # Alone it takes 34 min and 10 to spare, after b's 32, 4 and 2: 38.
        ({"window": window(0, 48)}, "b a"),
        ({"window": window(0, 47)}, "a b"),
        ({"window": window(0, 44)}, "a b"),
        # It would be late alone as well.
        ({"window": window(0, 43)}, ""),
        # Too early at a door that opens after 38 min and a little.
        ({"window": window(38, 90)}, "b a"),
        ({"window": window(39, 90)}, ""),
        ({"window": None}, "b a"),
        # The merchant takes nothing that comes later than this, 38 minutes at the second door.
        ({"window": None, "latest": at(38)}, "b a"),
        ({"window": None, "latest": at(37)}, "a b"),
        ({"window": None, "latest": at(33)}, ""),
        ({"ready_at": at(20)}, "b a"),
        # An hour until its goods are ready, and b's window ends ten minutes after the courier leaves.
        ({"ready_at": at(60), "line": lined_up(moto(1000, 12, asked_at=at(60)))}, ""),
        # Its offer is older than this moment: a courier takes as long from whenever he is asked.
        ({"asked_at": at(-9)}, "b a"),
        ({"line": lined_up()}, ""),
        ({"line": lined_up(offer("bike", 900, 12))}, ""),
        ({"line": lined_up(offer("bike", 900, 12), moto(1000, 12))}, "b a"),
        ({"line": lined_up(moto(1000, 12, service="later"))}, ""),
        ({"line": lined_up(moto(1000, 12, basis=PriceBasis.CACHED))}, ""),
        ({"line": lined_up(moto(1000, 12, basis=PriceBasis.RATE_SHEET))}, ""),
        ({"line": lined_up(moto(1000, 12, currency="EUR"))}, ""),
        # Alone it would go for euros: nobody can say what is saved.
        ({"line": lined_up(offer("bike", 900, 12, currency="EUR"), moto(1000, 12))}, ""),
        # Somebody named the other one.
        ({"line": lined_up(offer("bike", 900, 12), moto(1000, 12), named_quote_id="quo_bike")}, ""),
        ({"line": lined_up(offer("bike", 900, 12), moto(1000, 12), named_quote_id="quo_moto")}, "b a"),
        ({"line": lined_up(offer("bike", 900, 2), moto(1000, 12), promised_by=at(30))}, ""),
        ({"line": lined_up(offer("bike", 900, 12), moto(1000, 12), dropped_account_id="acc_moto")}, ""),
        # Alone it costs next to nothing: a tour for some 11.00 saves nothing of 10.10.
        ({"line": lined_up(offer("bike", 10, 12), moto(1100, 12))}, ""),
    ],
)
@pytest.mark.parametrize("place", [0, 1])
def test_who_may_go_with_a_neighbour(changes: dict[str, Any], expected: str, place: int) -> None:
    a, b = replace(NEIGHBOURS[0], **changes), NEIGHBOURS[1]
    both, rides = ([a, b], on_a_road(12, 10)) if place == 0 else ([b, a], on_a_road(10, 12))
    assert stops(found(both, rides)) == expected.split()


def test_who_was_promised_nothing_is_not_carried_about_for_long() -> None:
    free = [replace(one, window=None) for one in NEIGHBOURS]
    late = replace(free[0], ready_at=at(60), line=lined_up(moto(1000, 12, asked_at=at(60))))
    rides = on_a_road(12, 10)
    assert stops(found([free[1], late], on_a_road(10, 12), longest_wait_s=1800)) == []
    assert sorted(stops(found([late, free[1]], rides, longest_wait_s=5400))) == ["a", "b"]


def test_a_courier_leaves_when_the_last_goods_are_ready() -> None:
    waits = replace(NEIGHBOURS[0], ready_at=at(20), line=lined_up(moto(1000, 12, asked_at=at(20))))
    (tour,) = found([waits, NEIGHBOURS[1]], on_a_road(12, 10))
    assert tour.arrivals == (at(52), at(58))
    # A quarter of an hour later the goods are ready in five minutes.
    (tour,) = found([waits, NEIGHBOURS[1]], on_a_road(12, 10), now=at(15))
    assert tour.arrivals == (at(52), at(58))


def test_offers_of_a_while_ago_are_taken_as_if_asked_for_at_this_moment() -> None:
    (tour,) = found(NEIGHBOURS, on_a_road(12, 10), now=at(15))
    assert tour.arrivals == (at(47), at(53))
    assert found(NEIGHBOURS, on_a_road(12, 10), now=at(60)) == []


def test_an_account_that_takes_one_door_or_is_not_known_to_take_more_brings_no_tours() -> None:
    assert found(NEIGHBOURS, on_a_road(12, 10), stackable={"acc_moto": 1}) == []
    assert found(NEIGHBOURS, on_a_road(12, 10), stackable={}) == []
    assert found(NEIGHBOURS, on_a_road(12, 10), most_stops=1) == []
    assert found(NEIGHBOURS[:1], on_a_road(12)) == []


def test_opposite_doors_and_doors_without_a_road_go_alone() -> None:
    opposite = [NEIGHBOURS[0], mate("b", moto(1000, 12))]
    assert stops(found(opposite, on_a_road(12, 12))) == ["a", "b"]
    assert found(opposite, on_a_road(12, -12)) == []
    for cut in ((1, 2), (2, 1)):
        rides: list[list[int | None]] = [list(row) for row in on_a_road(12, 10)]
        rides[cut[0]][cut[1]] = None
        assert stops(found(NEIGHBOURS, rides)) == (["b", "a"] if cut == (1, 2) else ["a", "b"])
        rides[0] = [0, None, None]
        assert found(NEIGHBOURS, rides) == []


STREET = [mate(name, moto(1000, 12 + n)) for n, name in enumerate("abcdefgh")]
STREET_RIDES = on_a_road(*range(12, 20))


@pytest.mark.parametrize(
    ("rules", "account_takes", "expected"),
    [
        ({"most_stops": 2}, 16, "a b"),
        ({"most_stops": 3}, 16, "a b c"),
        ({"most_stops": 8}, 4, "a b c d"),
        ({"most_stops": 8, "handover_s": 60}, 8, "a b c d e f g h"),
        # 34 min to a, five more to each next door: the sixth after 59, with 31 of 90 to spare.
        ({"most_stops": 8, "spare_s": 31 * 60}, 8, "a b c d e f"),
        ({"most_stops": 8, "spare_s": 56 * 60}, 8, "a"),
    ],
)
def test_a_tour_grows_until_it_is_full_or_a_promise_at_risk(
    rules: dict[str, Any], account_takes: int, expected: str
) -> None:
    made = found(STREET, STREET_RIDES, stackable={"acc_moto": account_takes}, **rules)
    assert stops(made) == (expected.split() if len(expected) > 1 else [])
    assert len(made) <= MOST_TOURS
    assert all("a" in stops([one]) and len(one.stops) > 1 for one in made)
    assert len({frozenset(stops([one])) for one in made}) == len(made)
    assert found(STREET, STREET_RIDES, stackable={"acc_moto": account_takes}, **rules) == made


def test_every_account_and_service_that_all_have_is_thought_of_the_one_that_saves_most_first() -> None:
    three = [offer("moto", 1000, 12), offer("van", 900, 12), offer("van", 1100, 12, service="big")]
    made = found([mate("a", *three), mate("b", *three)], on_a_road(12, 12), {"acc_moto": 2, "acc_van": 2})
    assert [(one.carrier, one.service) for one in made] == [("van", "now"), ("moto", "now"), ("van", "big")]
    assert {one.alone for one in made} == {Money(1800, "USD")}


def test_what_is_saved_counts_the_misses_of_each_stop_on_both_sides() -> None:
    rules = DispatchRules(miss_cost=Money(1000, "USD"))
    quotes = (offer("taxi", 1000, 12, reliability=0.95), moto(1000, 12, reliability=0.9))
    mates = [mate(name, line=lined_up(*quotes, rules=rules)) for name in "ab"]
    (tour,) = found(mates, on_a_road(12, 12))
    # Two times 10.00 and 5 % of 10.00 alone; 13.00 and two times 10 % of 10.00 together.
    assert tour.alone == Money(2100, "USD")
    assert tour.saving(Money(1300, "USD"), rules) == Money(600, "USD")
    assert tour.saving(Money(2000, "USD"), rules) == Money(-100, "USD")
    assert tour.saving(Money(1300, "USD"), BY_PRICE) == Money(800, "USD")
    euros = DispatchRules(miss_cost=Money(1000, "EUR"))
    assert tour.saving(Money(1300, "USD"), euros) == Money(800, "USD")
    with pytest.raises(ValueError, match="cannot combine"):
        tour.saving(Money(1300, "EUR"), rules)


LINE = lined_up(moto(1000, 12), offer("slow", 1200, 40))
"""The first in it takes 34 minutes."""


@pytest.mark.parametrize(
    ("line", "rules", "promised_by", "asked_at", "expected"),
    [
        # Half an hour at most.
        (LINE, {}, at(90), NOW, 30),
        (LINE, {}, None, NOW, 30),
        # 34 of 60 minutes are for the courier, 10 for the way by other doors, 10 to spare.
        (LINE, {}, at(60), NOW, 6),
        (LINE, {"spare_s": 0}, at(60), NOW, 26),
        (LINE, {"longest_wait_s": 300}, at(60), NOW, 5),
        # Goods that are ready in ten minutes are promised from then on.
        (LINE, {}, at(60), at(10), 16),
        (LINE, {}, at(54), NOW, 0),
        (LINE, {}, at(20), NOW, 0),
        (LINE, {"most_stops": 1}, at(90), NOW, 0),
        (LINE, {"longest_wait_s": 0}, at(90), NOW, 0),
        (lined_up(), {}, at(90), NOW, 0),
        (
            lined_up(offer("slow", 1200, 40), moto(1000, 12), named_quote_id="quo_slow"),
            {}, at(90), NOW, 8,
        ),
    ],
)  # fmt: skip
def test_nobody_waits_longer_than_the_promise_allows(
    line: Line, rules: dict[str, Any], promised_by: datetime | None, asked_at: datetime, expected: float
) -> None:
    settings = StackRules(**{"most_stops": 3, **rules})
    assert wait_until(line, settings, promised_by, asked_at, NOW) == at(expected)


def test_what_a_shopper_chose_waits_only_for_others_of_that_service() -> None:
    choice = Choice(
        "cho_1", "mer_1", "qst_0", "quo_0", "bike", "now", "acc_bike", Money(900, "USD"),
        LINE.turns[0].quote.offer.promise, NOW, at(30),
    )  # fmt: skip
    both = (moto(1000, 12), offer("bike", 1100, 12))
    chosen, free = mate("a", line=lined_up(*both, choice=choice)), mate("b", *both)
    assert found([chosen, free], on_a_road(12, 12)) == []
    (tour,) = found([chosen, free], on_a_road(12, 12), {"acc_moto": 2, "acc_bike": 2})
    assert tour.carrier == "bike"


PLACES = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(30, 120), st.integers(500, 2000))


@given(st.lists(PLACES, min_size=2, max_size=7), st.integers(2, 6), st.integers(0, 1200))
def test_every_tour_keeps_every_promise_and_brings_everybody_once(
    places: Sequence[tuple[int, int, int, int]], most_stops: int, spare_s: int
) -> None:
    spots = [(0, 0), *((east, north) for east, north, *_ in places)]
    rides = [[60 * (abs(e - x) + abs(n - y)) for x, y in spots] for e, n in spots]
    mates = [
        mate(str(row), moto(price, rides[0][row] / 60), within_min=within)
        for row, (*_, within, price) in enumerate(places, start=1)
    ]
    for tour in found(mates, rides, most_stops=most_stops, spare_s=spare_s):
        rows = [0, *(int(stop.unit_id) for stop in tour.stops)]
        assert 1 in rows
        assert 2 <= len(set(rows)) - 1 == len(tour.stops) <= most_stops
        arrives = at(COURIER_COMES_MIN)
        for number, (stop, told) in enumerate(zip(tour.stops, tour.arrivals, strict=True)):
            handover_s = 240 if number else 0
            arrives += timedelta(seconds=rides[rows[number]][rows[number + 1]] + handover_s)
            assert told == arrives
            assert stop.window is not None
            assert stop.window.start <= told <= stop.window.end - timedelta(seconds=spare_s)
        assert tour.alone.minor == sum(places[row - 1][3] for row in rows[1:])


def test_twenty_that_wait_are_looked_at_within_a_breath() -> None:
    # No claim about speed (`bench value` spends its time here): that the search does not try all sets.
    places = [(n * 7 % 20, n * 3 % 20) for n in range(20)]
    spots = [(0, 0), *places]
    rides = [[60 * (abs(e - x) + abs(n - y)) for x, y in spots] for e, n in spots]
    mates = [mate(str(n), moto(1000, n % 9), within_min=180) for n in range(20)]
    assert len(found(mates, rides, most_stops=8)) == MOST_TOURS
