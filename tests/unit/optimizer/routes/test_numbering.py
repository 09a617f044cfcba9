"""A problem in whole seconds and numbered places, and who may make what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.route_problem import GivenRoute, RouteProblem, SpeedProfile
from doorstep.van import Depot as ProblemDepot
from doorstep.van import Reloads, Van
from doorstep.visit import Visit, VisitKind
from doorstep.window import Window
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.skipping import LateSkips
from optimizer.routes.numbered.task import COST_UNITS, Task
from tests.unit.optimizer.routes.town import EPOCH, place, travel_for

HOME = place(0, 0)
MINUTE = timedelta(minutes=1)
VAN = Van("van", "depot", HOME, HOME, Window(EPOCH, EPOCH + 480 * MINUTE), 10_000)


def task(visits: list[Visit], vans: list[Van], **terms: object) -> Task:
    problem = RouteProblem(
        EPOCH, tuple(visits), tuple(vans), depots=(ProblemDepot("north", place(0, 9_000)),)
    )
    problem = replace(problem, **terms)  # type: ignore[arg-type]  # any field of a problem
    return task_of(problem, travel_for(problem))


def visit(name: str, **terms: object) -> Visit:
    plain = Visit(name, "depot", place(3_000, 0), 60, 1_000)
    return replace(plain, **terms)  # type: ignore[arg-type]  # any field of a visit


def test_windows_are_closed_spans_of_whole_seconds_and_those_that_touch_are_one() -> None:
    half = timedelta(microseconds=500_000)
    spans = [(30, 60), (10, 30), (90, 100), (200, 200)]
    windows = tuple(Window(EPOCH + first * MINUTE, EPOCH + last * MINUTE) for first, last in spans)
    numbered = task(
        [visit("a", windows=windows), visit("b", windows=(Window(EPOCH + half, EPOCH + MINUTE + half),))],
        [VAN],
    )
    assert numbered.visits[0].windows == ((600, 3599), (5400, 5999))
    assert numbered.visits[1].windows == ((1, 60),)


def test_places_differ_in_what_setting_up_takes_and_share_their_site() -> None:
    numbered = task([visit("a", setup_s=60), visit("b", setup_s=120), visit("c", setup_s=60)], [VAN])
    a, b, c = (one.place for one in numbered.visits)
    assert (a == c, a == b) == (True, False)
    assert numbered.sites[a] == numbered.sites[b] != numbered.sites[numbered.vans[0].start]
    assert (numbered.seconds[a][b], numbered.seconds[numbered.vans[0].start][a]) == (0, 300)


ABLE = replace(VAN, skills=frozenset({"stairs"}), kind="VAN", territories=frozenset({"east"}))


@pytest.mark.parametrize(
    ("wanted", "may"),
    [
        ({"skills": frozenset({"stairs"})}, True),
        ({"skills": frozenset({"stairs", "cold"})}, False),
        ({"vehicle_kinds": frozenset({"BIKE", "VAN"})}, True),
        ({"vehicle_kinds": frozenset({"BIKE"})}, False),
        ({"territory": "east"}, True),
        ({"territory": "west"}, False),
        ({"depot_id": ""}, True),
        ({"depot_id": "north"}, False),
    ],
)
def test_who_may_make_a_visit(wanted: dict[str, object], may: bool) -> None:
    assert bool(task([visit("a", **wanted)], [ABLE]).may[0, 0]) is may


def test_a_visit_outside_of_the_territories_is_made_where_that_has_a_price() -> None:
    numbered = task([visit("a", territory="west")], [replace(ABLE, outside_cost_minor=500)])
    assert (bool(numbered.may[0, 0]), bool(numbered.is_outside[0, 0])) == (True, True)
    assert numbered.vans[0].outside_cost == 500 * COST_UNITS


def test_a_pair_goes_with_a_van_that_may_make_both() -> None:
    pair = [visit("p", kind=VisitKind.PICKUP, skills=frozenset({"stairs"})), visit("d", from_visit="p")]
    numbered = task(pair, [ABLE, replace(VAN, id="plain")])
    assert numbered.may.tolist() == [[True, False], [True, False]]
    assert [one.partner for one in numbered.visits] == [1, 0]


def test_what_is_on_board_or_frozen_stays_and_a_van_that_has_left_gets_no_more_goods() -> None:
    vans = [replace(VAN, is_under_way=True), replace(VAN, id="other")]
    given = (GivenRoute("van", ("a",)), GivenRoute("other", ("b", "c"), frozen=1))
    visits = [visit(name) for name in "abcd"]
    numbered = task(visits, vans, given=given)
    assert numbered.may.tolist() == [[True, False], [False, True], [False, True], [False, True]]
    reloading = replace(vans[0], reloads=Reloads(("north",)))
    assert task(visits, [reloading, vans[1]], given=given).may[3].tolist() == [True, True]


def test_leaving_out_a_visit_of_a_higher_priority_costs_more_than_all_of_the_lower() -> None:
    visits = [visit("a"), visit("b"), visit("c", priority=2), visit("d", skip_cost_minor=300)]
    costs = task(visits, [VAN]).skip_costs
    assert costs[2] > costs[0] + costs[1]
    assert costs[3] == 300 * COST_UNITS


def test_of_visits_with_a_price_the_higher_priority_is_left_out_later() -> None:
    visits = [
        visit("low", skip_cost_minor=300),
        visit("high", skip_cost_minor=300, priority=7),
        visit("dear", skip_cost_minor=305),
        visit("must"),
    ]
    low, high, dear, must = task(visits, [VAN]).skip_costs
    assert (low, high, dear) == (300 * COST_UNITS, 301 * COST_UNITS, 305 * COST_UNITS)
    assert must > dear


def test_a_visit_that_must_be_made_outweighs_every_price() -> None:
    visits = [visit("priced", skip_cost_minor=10**9, priority=3), visit("must")]
    priced, must = task(visits, [VAN]).skip_costs
    assert must > priced


def test_more_priorities_than_64_bits_can_tell_apart_still_rise_and_fit() -> None:
    visits = [visit(f"v{n}", priority=n) for n in range(90)]
    costs = task(visits, [VAN]).skip_costs
    assert list(costs) == sorted(set(costs))
    assert sum(costs) < 1 << 62
    dear = [visit(f"v{n}", skip_cost_minor=10**10) for n in range(20)]
    assert sum(task(dear, [VAN]).skip_costs) < 1 << 62


def test_a_change_has_to_save_the_more_the_higher_the_stability() -> None:
    given = (GivenRoute("van", ("a", "b")),)
    visits = [visit("a"), visit("b", location=place(6_000, 0))]
    # 12 km at 0.60 and 22 min at 24.00 an hour are 16.00 for two visits: 8.00 each.
    costs = [task(visits, [VAN], given=given, stability=share).move_cost for share in (0.0, 0.5, 0.8)]
    assert costs == [0, 800 * COST_UNITS, pytest.approx(3_200 * COST_UNITS)]
    assert task(visits, [VAN], given=given, stability=1.0).keeps_all


def test_drives_by_the_hour_take_as_long_as_the_profile_says() -> None:
    profile = SpeedProfile(tuple(0.5 + hour / 24 for hour in range(24)), "Asia/Kolkata")
    numbered = task([visit("a", location=place(90_000, 0))], [VAN], speeds=profile)
    start, door = numbered.vans[0].start, numbered.visits[0].place
    for leaves_s in (0, 1_700, 1_800, 5_399, 20_000):
        arrival = profile.arrival(numbered.instant(leaves_s), numbered.seconds[start][door])
        assert numbered.instant(leaves_s + numbered.drive_s(start, door, leaves_s)) == arrival


def test_a_visit_that_comes_late_is_as_dear_to_leave_out_as_if_it_had_been_there() -> None:
    known = [
        visit("low", skip_cost_minor=900),
        visit("high", skip_cost_minor=900, priority=5),
        visit("must"),
        visit("urgent", priority=5),
    ]
    late = [replace(one, id=f"late-{one.id}") for one in known]
    before, whole = task(known, [VAN]), task([*known, *late], [VAN])
    skips = LateSkips(
        before.visits, before.vans, before.seconds_table, before.metres_table, before.skip_costs
    )
    costs = [skips.cost(one) for one in whole.visits[4:]]
    assert costs == list(before.skip_costs)
    # The same price, and the higher priority a minor unit more.
    assert costs[:2] == [900 * COST_UNITS, 901 * COST_UNITS]
    # Nobody had to be driven to yet: it is dearer than every price.
    priced = task(known[:2], [VAN])
    skips = LateSkips(
        priced.visits, priced.vans, priced.seconds_table, priced.metres_table, priced.skip_costs
    )
    assert skips.cost(whole.visits[2]) == task([*known[:2], known[2]], [VAN]).skip_costs[2]
