"""A running day by hand: 600 m take a minute, a minute costs 40, a kilometre 60, a stop takes two minutes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.geo import LatLng
from doorstep.problem_checks import InvalidProblem
from doorstep.route_problem import GivenRoute
from doorstep.route_solution import UnassignedCode, ViolationKind
from doorstep.visit import PinnedPlace, VisitKind
from optimizer.live import ForbiddenMove, LatePreview, NewPlaces, RunningDay
from optimizer.routes.checker import check
from tests.unit.optimizer.live.running import faults, roads_to, running
from tests.unit.optimizer.routes.by_hand import at, day, span, van, visit
from tests.unit.optimizer.routes.town import travel_for


def _two_vans(**more: object) -> RunningDay:
    """East at 6 and 12 km with van one, west at 6 km with van two."""
    visits = [visit("a", 6), visit("b", 12), visit("west", -6)]
    given = (GivenRoute("one", ("a", "b"), 1), GivenRoute("two", ("west",)))
    return running(day(visits, van("one"), van("two"), given=given, **more))


def _routes(running_day: RunningDay) -> dict[str, tuple[str, ...]]:
    return {route.van_id: route.visit_ids for route in running_day.solution().routes}


async def test_a_new_visit_is_told_its_van_its_arrival_and_its_cost() -> None:
    today = _two_vans()
    new = visit("new", 9)

    placement = today.insert(new, await roads_to(today, new.location))

    # On the way from "a" to "b": two minutes more, no metre.
    assert (placement.van_id, placement.position, placement.cost_minor) == ("one", 1, 80)
    assert placement.arrival == at(17)
    assert not faults(today)


async def test_a_visit_that_fits_nowhere_changes_nothing_and_says_why() -> None:
    today = _two_vans()
    before = today.solution()
    late = visit("late", 6, windows=(span(0, 5),))

    placement = today.insert(late, await roads_to(today, late.location))

    assert not placement.is_placed
    assert placement.reasons[0].code is UnassignedCode.WINDOW_UNREACHABLE
    assert today.solution() == before
    assert today.insert(replace(late, windows=())).is_placed


async def test_a_pair_is_put_into_one_route_the_pick_up_first() -> None:
    today = _two_vans()
    fetch = visit("fetch", -8, kind=VisitKind.PICKUP)
    bring = visit("bring", -2, from_visit="fetch")

    placement = today.insert(bring, await roads_to(today, fetch.location, bring.location), pickup=fetch)

    assert placement.van_id == "two"
    names = _routes(today)["two"]
    assert names.index("fetch") < names.index("bring")
    assert not faults(today)


async def test_a_drop_off_needs_its_pick_up_and_an_id_is_new() -> None:
    today = _two_vans()
    with pytest.raises(InvalidProblem, match="from_visit"):
        today.insert(visit("bring", 6, from_visit="fetch"))
    with pytest.raises(InvalidProblem, match="'a' is there twice"):
        today.insert(visit("a", 6))


async def test_roads_to_other_places_than_those_of_the_day_are_refused() -> None:
    today = _two_vans()
    roads = await roads_to(today, LatLng(0.01, 0.01))
    today.insert(visit("first", 3), await roads_to(today, visit("first", 3).location))
    with pytest.raises(ValueError, match="ask for the roads again"):
        today.insert(replace(visit("second"), location=LatLng(0.01, 0.01)), roads)
    with pytest.raises(ValueError, match="'out' must have 1 rows and 4 columns"):
        NewPlaces((LatLng(0.2, 0.2),), roads.known[:3], roads.out, roads.back)


def test_polishing_makes_crooked_routes_straight_and_keeps_what_is_frozen() -> None:
    visits = [visit(name, km) for name, km in (("a", 6), ("c", 24), ("b", 12), ("d", 30))]
    crooked = running(day(visits, given=(GivenRoute("one", ("a", "c", "b", "d"), 1),)))

    change = crooked.polish(["one"])

    # 12 km back and forth twice are saved: 24 km and 40 minutes.
    assert _routes(crooked)["one"][0] == "a"
    assert change.cost_minor == -(24 * 60 + 40 * 40)
    assert change.vans == ("one",)
    assert change.moved == ()


def test_what_polishing_gave_to_another_van_is_moved_from_there() -> None:
    # Each has a stop of the other's side.
    visits = [visit("a", 6), visit("west", -7), visit("b", -6), visit("east", 7)]
    given = (GivenRoute("one", ("a", "west")), GivenRoute("two", ("b", "east")))
    most = {"max_stops": 2}
    today = running(day(visits, van("one", **most), van("two", **most), given=given))
    assert len(today.polish(["one", "two"]).moved) == 2

    routes = _routes(today)
    for van_id, other in (("one", "two"), ("two", "one")):
        for name in routes[van_id]:
            tours = dict(today.move(name, other, 0).tours)
            assert set(tours) == {0, 1}, "it leaves the one for the other"


def test_where_nothing_may_move_polishing_keeps_every_visit_with_its_van() -> None:
    visits = [visit("a", 6), visit("b", 7)]
    given = (GivenRoute("one", ("a",)), GivenRoute("two", ("b",)))
    both = running(day(visits, van("one"), van("two"), given=given, stability=1.0))
    both.polish(["one", "two"])
    assert _routes(both) == {"one": ("a",), "two": ("b",)}

    free = running(day(visits, van("one"), van("two"), given=given))
    assert len(free.polish(["one", "two"]).moved) == 1


def test_a_cancelled_visit_goes_and_all_others_stay() -> None:
    today = _two_vans()
    change = today.cancel("a")
    assert _routes(today) == {"one": ("b",), "two": ("west",)}
    assert (change.vans, change.moved, change.cost_minor) == (("one",), (), -80)
    assert not faults(today)


def test_the_visits_of_a_van_that_drops_out_go_to_others_and_what_cannot_is_said() -> None:
    visits = [visit("a", 6), visit("cold", 12, skills=frozenset({"cold"})), visit("west", -6)]
    given = (GivenRoute("one", ("a", "cold")), GivenRoute("two", ("west",)))
    today = running(day(visits, van("one", skills=frozenset({"cold"})), van("two"), given=given))

    change = today.drop_van("one")

    assert set(_routes(today)["two"]) == {"a", "west"}
    assert change.moved == ("a",)
    assert [(lost.visit_id, lost.reasons[0].code) for lost in change.unassigned] == [
        ("cold", UnassignedCode.NO_SKILL)
    ]


def test_what_a_delayed_van_cannot_make_in_time_goes_to_another() -> None:
    visits = [visit("soon", 6, windows=(span(0, 40),)), visit("later", 12), visit("west", -6)]
    given = (GivenRoute("one", ("soon", "later")), GivenRoute("two", ("west",)))
    today = running(day(visits, van("one"), van("two"), given=given))

    change = today.delay_van("one", 45 * 60)

    assert change.moved == ("soon",)
    assert "soon" in _routes(today)["two"]
    assert _routes(today)["one"] == ("later",)
    assert not faults(today)


def test_a_pinned_visit_goes_to_its_van_and_place_or_stays_where_it_was() -> None:
    today = _two_vans()
    placement = today.pin("b", "two", PinnedPlace.FIRST)
    assert (placement.van_id, placement.position) == ("two", 0)
    assert _routes(today) == {"one": ("a",), "two": ("b", "west")}
    assert not faults(today)

    refused = today.pin("a", "two")
    assert refused.reasons[0].text == "The driver is on the way there already."
    assert _routes(today) == {"one": ("a",), "two": ("b", "west")}


def test_a_preview_says_what_a_move_would_do_and_changes_nothing() -> None:
    today = _two_vans()
    before = today.solution()

    preview = today.move("b", "two", 0)

    # Van one saves 12 km and 22 minutes; van two drives 24 km and 42 minutes more.
    assert preview.cost_minor == 12 * 60 + 20 * 40
    assert preview.metres == 12_000
    assert preview.is_allowed
    assert "west" in dict(preview.arrivals)
    assert today.solution() == before

    today.apply(preview)
    assert _routes(today) == {"one": ("a",), "two": ("b", "west")}


def test_a_move_that_breaks_a_rule_says_so_and_has_to_be_insisted_on() -> None:
    visits = [visit("a", 6), visit("soon", 12, windows=(span(0, 30),))]
    today = running(day(visits, van("one"), given=(GivenRoute("one", ("soon", "a")),)))
    preview = today.move("soon", "one", 1)
    assert preview.is_allowed

    late = today.move("a", "one", 0)
    assert late.is_allowed
    tight = running(day([visits[0], replace(visits[1], windows=(span(0, 21),))], given=today.problem.given))
    forbidden = tight.move("a", "one", 0)
    assert [violation.kind for violation in forbidden.violations] == [ViolationKind.LATE]
    assert forbidden.late_stops == 1
    with pytest.raises(ForbiddenMove, match="after the window closes"):
        tight.apply(forbidden)
    tight.apply(forbidden, even_if_forbidden=True)
    assert tight.insert(visit("new", 6)).van_id == ""


def test_what_is_frozen_is_not_moved_and_a_late_preview_not_applied() -> None:
    today = _two_vans()
    assert today.move("a", "two", 0).violations[0].kind is ViolationKind.LOCKED

    preview = today.move("b", "two", 0)
    today.cancel("west")
    with pytest.raises(LatePreview):
        today.apply(preview)


def test_what_drivers_are_told_is_given_from_then_on() -> None:
    today = _two_vans()
    today.apply(today.move("b", "two", 1))
    assert today.solution().moved == 1

    today.tell({"two": 1})

    assert today.problem.given == (GivenRoute("one", ("a",)), GivenRoute("two", ("west", "b"), 1))
    assert today.solution().moved == 0


def _forced() -> RunningDay:
    """Van one at "a" first, by a dispatcher's wish: it comes too late to "soon"."""
    visits = [visit("a", 6), visit("soon", 12, windows=(span(0, 21),)), visit("west", -6)]
    given = (GivenRoute("one", ("soon", "a")), GivenRoute("two", ("west",)))
    today = running(day(visits, van("one"), van("two"), given=given))
    today.apply(today.move("a", "one", 0), even_if_forbidden=True)
    return today


def _named(today: RunningDay) -> dict[str, tuple[str, ...]]:
    today.tell()
    return {route.van_id: route.visit_ids for route in today.problem.given}


def test_what_a_dispatcher_forced_stays_whatever_changes_and_until_it_is_moved_again() -> None:
    today = _forced()
    assert today.cancel("west").vans == ("two",)
    assert not today.polish(["one", "two"]).vans
    assert _named(today) == {"one": ("a", "soon")}

    today.apply(today.move("a", "two", 0))
    assert not faults(today)
    today.delay_van("two", 60)
    assert _named(today) == {"one": ("soon",), "two": ("a",)}


def test_what_is_too_late_without_the_forced_stop_as_well_goes_to_another_van() -> None:
    today = _forced()
    assert today.delay_van("one", 45 * 60).moved == ("soon",)
    assert _named(today)["one"] == ("a",)


def test_who_loses_a_place_gets_another_one_only_if_leaving_it_out_costs_more() -> None:
    visits = [visit("a", 6), visit("cheap", 12, skip_cost_minor=100), visit("west", -6)]
    given = (GivenRoute("one", ("a", "cheap")), GivenRoute("two", ("west",)))
    today = running(day(visits, van("one"), van("two"), given=given))

    change = today.drop_van("one")

    assert [lost.visit_id for lost in change.unassigned] == ["cheap"]
    assert set(_named(today)["two"]) == {"a", "west"}


async def test_a_day_takes_in_more_places_than_it_had_room_for() -> None:
    doors = [visit(f"new{number}", 1 + number / 10, weight_g=10) for number in range(80)]
    today = running(day([visit("a", 6)], van("one"), given=(GivenRoute("one", ("a",)),)))

    for door in doors:
        assert today.insert(door, await roads_to(today, door.location)).is_placed

    # The checker reads the roads anew; the tours were put together over those that the day took in.
    assert not check(today.problem, travel_for(today.problem), today.solution())


async def test_what_has_to_be_made_is_dearer_to_leave_out_than_any_price() -> None:
    cheap = [visit(f"cheap{number}", 1, skip_cost_minor=1) for number in range(5)]
    today = running(day(cheap))
    must = visit("must", 30)

    assert today.insert(must, await roads_to(today, must.location)).is_placed


async def test_what_has_to_be_made_comes_in_though_all_others_of_its_kind_are_of_a_higher_priority() -> None:
    today = running(day([visit("first", 6, priority=5), visit("cheap", 1, skip_cost_minor=1)]))
    must = visit("must", 30)

    assert today.insert(must, await roads_to(today, must.location)).is_placed
