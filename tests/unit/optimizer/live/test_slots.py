"""What a window costs the routes: 600 m take a minute, a minute costs 40, a kilometre 60."""

from __future__ import annotations

from doorstep.route_problem import GivenRoute
from optimizer.live import SlotPrice, slot_prices
from tests.unit.optimizer.live.running import roads_to, running
from tests.unit.optimizer.routes.by_hand import day, span, van, visit


async def test_a_window_in_which_a_van_comes_by_is_cheap_and_an_impossible_one_is_not_offered() -> None:
    noon = visit("noon", 6, windows=(span(120, 121),))
    today = running(day([noon], van(), given=(GivenRoute("one", ("noon",)),)))
    before = today.solution()
    asked = visit("asked", 6)
    windows = [span(115, 130), span(30, 60), span(0, 5)]

    prices = slot_prices(today, asked, windows, await roads_to(today, asked.location))

    # Next door at noon: two minutes more. Before: the van leaves at 49 and waits till noon, an hour more.
    assert prices[0] == SlotPrice(windows[0], 80, "one")
    assert prices[1].cost_minor is not None
    assert prices[1].cost_minor > 2_000
    assert prices[2] == SlotPrice(windows[2], None)
    assert today.solution() == before
    assert [route.visit_ids for route in today.solution().routes] == [("noon",)]


async def test_a_window_costs_what_putting_the_visit_in_costs_then() -> None:
    today = running(day([visit("a", 6)], van(), given=(GivenRoute("one", ("a",)),)))
    asked = visit("asked", 12)
    window = span(60, 90)

    (price,) = slot_prices(today, asked, [window], await roads_to(today, asked.location))
    placed = today.insert(visit("asked", 12, windows=(window,)))

    assert price.cost_minor == placed.cost_minor


async def test_a_full_van_asks_more_where_room_is_scarce() -> None:
    today = running(day([visit("a", 6, weight_g=4_000)], van(), given=(GivenRoute("one", ("a",)),)))
    asked = visit("asked", 12, weight_g=1_000)
    roads = await roads_to(today, asked.location)

    (plain,) = slot_prices(today, asked, [span(0, 200)], roads)
    (scarce,) = slot_prices(today, asked, [span(0, 200)], scarcity=1.0)

    # Half full with it: a quarter more.
    assert plain.cost_minor is not None
    assert scarce.cost_minor == round(1.25 * plain.cost_minor)


async def test_a_visit_that_no_van_can_carry_has_no_window() -> None:
    today = running(day([visit("a", 6)], van(), given=(GivenRoute("one", ("a",)),)))
    heavy = visit("heavy", 6, weight_g=50_000)
    windows = [span(0, 60), span(60, 120)]
    assert slot_prices(today, heavy, windows) == (SlotPrice(windows[0], None), SlotPrice(windows[1], None))
