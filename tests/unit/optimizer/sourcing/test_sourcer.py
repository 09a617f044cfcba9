"""Which places ship an order, by each strategy, and what every other place is told."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.calendar import WEEKDAYS, DayCalendar
from doorstep.ports.planning import Sourcer
from doorstep.sourcing import (
    LineShare,
    Need,
    PassReason,
    PlaceStock,
    PlaceTerms,
    Source,
    SourcingPlan,
    SourcingRules,
    SourcingStrategy,
    SourcingTask,
)
from optimizer.sourcing import PlaceSourcer
from optimizer.sourcing.check import check
from optimizer.sourcing.search import Aim, best_two
from optimizer.sourcing.standing import candidates, needed
from tests.unit.optimizer.sourcing.places import TEA, place, task, usd

SOURCER: Sourcer = PlaceSourcer()
ALL = {"kettle": 9, "tea": 9}
OWN = [one for one in SourcingStrategy if one is not SourcingStrategy.STORE]


def ships(plan: SourcingPlan) -> list[str]:
    return [part.location_id for part in plan.parts]


def told(plan: SourcingPlan) -> dict[str, tuple[PassReason, str]]:
    return {one.location_id: (one.reason, one.text) for one in plan.passed}


@pytest.mark.parametrize(
    ("strategy", "chosen", "reason", "text"),
    [
        (SourcingStrategy.NEAREST, "near", PassReason.FARTHER, "It is 9.0 km away, not 1.0 km."),
        (SourcingStrategy.CHEAPEST, "far", PassReason.DEARER, "It costs 8.00 USD, not 5.00 USD."),
        (SourcingStrategy.FEWEST_SPLITS, "far", PassReason.DEARER, "It costs 8.00 USD, not 5.00 USD."),
        (SourcingStrategy.PRIORITY, "far", PassReason.LOWER_PRIORITY, "Its priority is 2, after 1."),
    ],
)
def test_each_strategy_goes_by_its_own_measure_and_says_so(
    strategy: SourcingStrategy, chosen: str, reason: PassReason, text: str
) -> None:
    plan = SOURCER.source(
        task(
            place("near", ALL, 700, km=1, priority=2, handling=usd(100)),
            place("far", ALL, 500, km=9, priority=1),
            strategy=strategy,
        )
    )
    assert ships(plan) == [chosen]
    (passed,) = plan.passed
    assert (passed.reason, passed.text) == (reason, text)
    assert f"Ships from {chosen}, " in plan.reason
    assert (plan.cost, plan.next_best) == ((usd(500), usd(800)) if chosen == "far" else (usd(800), usd(500)))


def test_a_split_ships_whole_lines_from_two_places_and_says_what_each_other_place_lacks() -> None:
    plan = SOURCER.source(
        task(
            place("a", {"kettle": 5}, 300),
            place("b", {"tea": 3, "kettle": 1}, 400),
            place("c", {"tea": 2}, 100),
            place("d", {}, 100),
        )
    )
    assert [(part.location_id, part.lines, part.cost) for part in plan.parts] == [
        ("a", (LineShare("line-1", 2),), usd(300)),
        ("b", (LineShare("line-2", 3),), usd(400)),
    ]
    assert plan.reason == "Ships from a and b, since no place has all of it: 7.00 USD."
    assert told(plan) == {
        "c": (PassReason.OUT_OF_STOCK, "It has 0 of 2 pieces of KETTLE-1, 2 of 3 pieces of TEA-1 in stock."),
        "d": (PassReason.OUT_OF_STOCK, "It has 0 of 2 pieces of KETTLE-1, 0 of 3 pieces of TEA-1 in stock."),
    }


def test_a_line_is_torn_only_where_nobody_has_it_whole() -> None:
    sources = (place("a", {"kettle": 1, "tea": 2}, 300), place("b", {"kettle": 1, "tea": 1}, 400))
    plan = SOURCER.source(task(*sources))
    assert [part.lines for part in plan.parts] == [
        (LineShare("line-1", 1), LineShare("line-2", 2)),
        (LineShare("line-1", 1), LineShare("line-2", 1)),
    ]


@pytest.mark.parametrize(("penalty", "parts"), [(None, 2), (199, 2), (201, 1)])
def test_the_penalty_says_what_a_split_must_save(penalty: int | None, parts: int) -> None:
    # One parcel from c is 900, two from a and b are 700: 200 are saved.
    sources = (place("a", {"kettle": 2}, 300), place("b", {"tea": 3}, 400), place("c", ALL, 900))
    split_penalty = None if penalty is None else usd(penalty)
    assert len(SOURCER.source(task(*sources, split_penalty=split_penalty)).parts) == parts
    assert ships(SOURCER.source(task(*sources, strategy=SourcingStrategy.FEWEST_SPLITS))) == ["c"]


@pytest.mark.parametrize(("bar", "chosen"), [(None, "b"), (100, "b"), (101, "a")])
def test_the_stores_choice_stands_unless_another_saves_as_much_as_the_merchant_asks(
    bar: int | None, chosen: str
) -> None:
    sources = (place("a", ALL, 600), place("b", ALL, 500))
    keep = None if bar is None else usd(bar)
    plan = SOURCER.source(task(*sources, current="a", keep_unless_saved=keep))
    assert ships(plan) == [chosen]
    if chosen == "a":
        assert plan.reason.startswith("Stays at a, where the store put it: another way would save 1.00 USD")
        assert (told(plan)["b"][0], plan.next_best) == (PassReason.KEPT, usd(500))


def test_of_two_equals_the_stores_choice_is_taken_and_a_promised_place_before_all() -> None:
    sources = (place("a", ALL), place("b", ALL), place("c", ALL, 900))
    assert ships(SOURCER.source(task(*sources))) == ["a"]
    assert ships(SOURCER.source(task(*sources, current="b"))) == ["b"]
    promised = SOURCER.source(task(*sources, current="b", promised="c"))
    assert ships(promised) == ["c"]
    assert promised.reason == "Ships from c, where the shopper's option leaves from."


def test_who_is_closed_full_a_shop_or_out_falls_out_with_the_reason() -> None:
    workdays = DayCalendar(WEEKDAYS)
    plan = SOURCER.source(
        task(
            place("closed", ALL, 100, open_days=workdays),
            place("full", ALL, 100, orders_a_day=40, orders_today=40),
            place("out", ALL, 100, may_ship=False),
            place("shop", ALL, 100, is_shop=True),
            place("open", ALL, 900),
            ship_from_shops=False,
        )
    )
    assert ships(plan) == ["open"]
    assert told(plan) == {
        "closed": (PassReason.CLOSED, "It is closed and packs again on Monday, 23 November."),
        "full": (
            PassReason.AT_CAPACITY,
            "Its capacity of today is used (40 of 40 orders); it packs again on Monday, 23 November.",
        ),
        "out": (PassReason.NOT_ALLOWED, "It may not ship orders."),
        "shop": (PassReason.NOT_ALLOWED, "It is a shop, and shops do not ship orders."),
    }


def test_a_place_that_packs_tomorrow_ships_what_nobody_has_today() -> None:
    closed = place("closed", ALL, 100, open_days=DayCalendar(WEEKDAYS))
    assert ships(SOURCER.source(task(closed, place("open", {"tea": 3}, 100)))) == ["closed"]


def test_safety_stock_is_not_sold_and_a_place_that_nobody_counts_has_its_articles_alone() -> None:
    counted = place("counted", {"kettle": 3, "tea": 4}, 100)
    boundless = place("boundless", {}, 900, stock=PlaceStock.EVERYTHING)
    assert ships(SOURCER.source(task(counted, boundless, safety_stock=1))) == ["counted"]
    assert ships(SOURCER.source(task(counted, boundless, safety_stock=2))) == ["boundless"]


def test_what_nobody_has_is_left_where_the_store_put_it_with_what_is_missing() -> None:
    plan = SOURCER.source(task(place("a", {"kettle": 1}), place("b", {"tea": 9})))
    assert plan.parts == ()
    assert plan.reason == (
        "Left where the store put it, since no places have all of it: together they have 1 of 2 pieces of "
        "KETTLE-1."
    )
    torn = (place("a", {"kettle": 2}), place("b", {"tea": 9}))
    assert "more than 1 parts" in SOURCER.source(task(*torn, most_shipments=1)).reason


STOCK = st.dictionaries(st.sampled_from(["kettle", "tea", "cup"]), st.none() | st.integers(-1, 4))
ORDERED = st.lists(
    st.tuples(st.sampled_from(["kettle", "tea", "cup"]), st.integers(0, 3)), min_size=1, max_size=4
)
SOURCES = st.lists(
    st.builds(
        lambda stock, price, km, busy, shop: place(
            "?", stock, price, km=km, orders_a_day=2, orders_today=busy, is_shop=shop
        ),
        STOCK,
        st.integers(0, 9).map(lambda price: price * 100),
        st.none() | st.integers(0, 9),
        st.integers(0, 3),
        st.booleans(),
    ),
    max_size=5,
)


@given(SOURCES, ORDERED, st.sampled_from(OWN), st.integers(1, 3), st.booleans(), st.integers(0, 300))
def test_whatever_is_asked_the_checker_has_nothing_to_say_and_nothing_better_was_there(
    sources: list[Source],
    ordered: list[tuple[str, int]],
    strategy: SourcingStrategy,
    most: int,
    shops: bool,
    penalty: int,
) -> None:
    needs = tuple(Need(f"line-{number}", name, pieces, name) for number, (name, pieces) in enumerate(ordered))
    named = [replace(one, location_id=f"p{number}", name=f"p{number}") for number, one in enumerate(sources)]
    rules = SourcingRules(strategy, most, usd(penalty), ship_from_shops=shops)
    asked = SourcingTask(needs, tuple(named), rules, "USD")
    plan = SOURCER.source(asked)
    assert check(asked, plan) == ()
    assert plan == SOURCER.source(replace(asked, sources=tuple(reversed(named))))
    able, _ = candidates(asked)
    aim = Aim(needed(asked), strategy, most, penalty)
    covers = [
        places for count in range(1, most + 1) for places in combinations(able, count) if aim.covers(places)
    ]
    assert bool(covers) == bool(plan.parts)
    if covers:
        first_day = min(one.leaves_on for one in able)
        soonest = [places for places in covers if all(one.leaves_on == first_day for one in places)]
        best = min(soonest or covers, key=aim.key)
        assert {part.location_id for part in plan.parts} == {one.id for one in best}


def test_an_order_of_nothing_asks_nobody() -> None:
    assert SOURCER.source(task(place("a", ALL), needs=(replace(TEA, pieces=0),))).parts == ()


def test_with_many_places_a_good_way_is_found_that_holds() -> None:
    # Sixty places with one of six articles each, and one dear place with five of them.
    names = [f"article-{number}" for number in range(6)]
    needs = tuple(Need(f"line-{name}", name, 1, name) for name in names)
    many = [place(f"p{n:02}", {names[n % 6]: 1}, 200 + 7 * (n * 13 % 30)) for n in range(60)]
    five = place("five", dict.fromkeys(names[:5], 1), 900)
    asked = task(*many, five, needs=needs, most_shipments=6)
    plan = SOURCER.source(asked)
    assert check(asked, plan) == ()
    able, _ = candidates(asked)
    # The cheapest of the sixth article beside the five costs less than the six cheapest together.
    cheapest = [min(one.cost for one in able if one.has[name] and one.id != "five") for name in names]
    assert plan.cost == usd(min(sum(cheapest), 900 + cheapest[5]))
    assert best_two(able, Aim(needed(asked), SourcingStrategy.CHEAPEST, 5)) != ()


def test_rules_that_make_no_sense_are_refused() -> None:
    for wrong in (
        {"most_shipments": 0},
        {"safety_stock": -1},
        {"split_penalty": usd(-1)},
        {"places": (PlaceTerms("a"), PlaceTerms("a"))},
    ):
        with pytest.raises(ValueError, match=r"must|twice"):
            SourcingRules(**wrong)
    with pytest.raises(ValueError, match="priority"):
        PlaceTerms("a", priority=0)
