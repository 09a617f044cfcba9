"""What a dispatcher is told about a visit without a place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from doorstep.geo import LatLng
from doorstep.route import RouteProblem, UnassignedCode, UnassignedReason, Van, Visit
from doorstep.window import Window
from optimizer.routes.explain import reasons_of
from optimizer.routes.greedy import empty_tours, insert
from optimizer.routes.task import Task
from optimizer.routes.travel import Travel

Code = UnassignedCode


@pytest.fixture(scope="module")
def problem(place: Callable[..., LatLng], minute: Callable[[float], datetime]) -> RouteProblem:
    """Ann (0-240 min, 10 kg, 20 l, 2 stops) and Bob (60-120 min, 5 kg) drive 600 m a minute."""
    home = place(0, 0)
    return RouteProblem(
        epoch=minute(0),
        visits=(Visit("door", "depot", place(6_000, 0), 60, 1_000, 1_000),),
        vans=(
            Van("ann", "depot", home, home, Window(minute(0), minute(240)), 10_000, 20_000, max_stops=2),
            Van("bob", "depot", home, home, Window(minute(60), minute(120)), 5_000, 9_000),
        ),
    )


@pytest.fixture(scope="module")
def reasons(
    problem: RouteProblem, travel_for: Callable[[RouteProblem], Travel]
) -> Callable[..., tuple[UnassignedReason, ...]]:
    """Reasons for the last of these visits when the ones before it have been put on vans."""

    def explain(*visits: Visit, vans: tuple[Van, ...] = problem.vans) -> tuple[UnassignedReason, ...]:
        crowded = replace(problem, visits=visits, vans=vans)
        task = Task.of(crowded, travel_for(crowded))
        tours = insert(task, empty_tours(task), range(len(visits) - 1))
        assert sum(map(len, tours)) == len(visits) - 1
        assert insert(task, tours, [len(visits) - 1]) == tours
        return reasons_of(crowded, task, tours, len(visits) - 1)

    return explain


Reasons = Callable[..., tuple[UnassignedReason, ...]]
Minute = Callable[[float], datetime]


def test_no_van_works_from_the_depot(problem: RouteProblem, reasons: Reasons) -> None:
    lost = replace(problem.visits[0], depot_id="elsewhere")
    assert reasons(lost) == (UnassignedReason(Code.NO_VEHICLE, "No van works from this depot that day."),)


def test_every_shift_is_over(problem: RouteProblem, reasons: Reasons, minute: Minute) -> None:
    early = replace(problem.vans[0], shift=Window(minute(-60), minute(-10)))
    assert reasons(problem.visits[0], vans=(early,)) == (
        UnassignedReason(Code.NO_VEHICLE, "Every van's shift at this depot is over."),
    )


def test_the_address_is_off_the_map(problem: RouteProblem, reasons: Reasons) -> None:
    (reason,) = reasons(replace(problem.visits[0], location=LatLng(2, 2)))
    assert reason.code is Code.UNREACHABLE_ROAD
    assert reason.text == "No road leads to this address: it is off the map or its pin is wrong."


def test_it_is_too_heavy_or_too_large_for_any_van(problem: RouteProblem, reasons: Reasons) -> None:
    (heavy,) = reasons(replace(problem.visits[0], weight_g=10_500))
    assert heavy == UnassignedReason(
        Code.NO_CAPACITY, "Weighs 10.5 kg; the largest van of this depot takes 10 kg."
    )
    (large,) = reasons(replace(problem.visits[0], volume_ml=31_000))
    assert large.text == "Fills 31 l; the largest van of this depot takes 20 l."


def test_the_window_closes_before_the_earliest_van_can_be_there(
    problem: RouteProblem, reasons: Reasons, minute: Minute
) -> None:
    # Ten minutes of driving; the window's last second is one before minute -2, so 12 min and 1 s are missing.
    early = replace(problem.visits[0], windows=(Window(minute(-9), minute(-2)),))
    assert reasons(early) == (
        UnassignedReason(
            Code.WINDOW_UNREACHABLE,
            "The window closes 13 min before the earliest van can be there.",
            "ann",
            12 * 60 + 1,
        ),
    )


def test_the_goods_are_ready_too_late(problem: RouteProblem, reasons: Reasons, minute: Minute) -> None:
    late = replace(problem.visits[0], windows=(Window(minute(0), minute(60)),), ready_at=minute(110))
    assert reasons(late)[0].text == (
        "Ready too late: a van that waits for the goods comes 1 h 01 min after the window closes."
    )


def test_the_shift_ends_before_the_van_is_home(
    problem: RouteProblem, reasons: Reasons, minute: Minute
) -> None:
    # Ann serves at minute 235, leaves at 236 and is home at 246; Bob's shift has been over for longer.
    evening = replace(problem.visits[0], windows=(Window(minute(235), minute(300)),))
    assert reasons(evening) == (
        UnassignedReason(
            Code.SHIFT_ENDS, "Going there and back ends 6 min after the last van's shift.", "ann", 360
        ),
    )


def test_different_failures_of_vans_are_all_told(
    problem: RouteProblem, reasons: Reasons, minute: Minute
) -> None:
    # Too heavy for Bob, too early for Ann's road.
    both = replace(problem.visits[0], weight_g=6_000, windows=(Window(minute(0), minute(5)),))
    assert [(reason.code, reason.van_id) for reason in reasons(both)] == [
        (Code.WINDOW_UNREACHABLE, "ann"),
        (Code.NO_CAPACITY, "bob"),
    ]


def test_a_full_van_says_what_is_left(problem: RouteProblem, reasons: Reasons) -> None:
    big = replace(problem.visits[0], weight_g=6_000)
    (reason,) = reasons(replace(big, id="first"), big)
    assert reason == UnassignedReason(
        Code.NO_CAPACITY, "The van is full: 4 kg are free, this weighs 6 kg.", "ann"
    )
    bulky = replace(problem.visits[0], volume_ml=12_000)
    (reason,) = reasons(replace(bulky, id="first"), bulky)
    assert reason.text == "The van is full: 8 l are free, this fills 12 l."


def test_a_van_with_all_its_stops_says_so(problem: RouteProblem, reasons: Reasons, minute: Minute) -> None:
    soon = replace(problem.visits[0], windows=(Window(minute(0), minute(40)),))
    (reason,) = reasons(replace(soon, id="first"), replace(soon, id="second"), soon)
    assert reason.text == "The van is full: it may make 2 stops."


def test_a_promised_stop_stands_in_the_way(
    problem: RouteProblem, reasons: Reasons, place: Callable[..., LatLng], minute: Minute
) -> None:
    # Ten minutes west and ten minutes east of the depot, the doors open at minute 10.
    west = Visit("west", "depot", place(-6_000, 0), 60, 1_000, windows=(Window(minute(10), minute(20)),))
    east = replace(problem.visits[0], windows=(Window(minute(10), minute(25)),))
    # There at 10 + 1 + 20 = 31 min, the last second is 24:59; the other way round it is 19:59.
    assert reasons(west, east) == (
        UnassignedReason(
            Code.WINDOW_UNREACHABLE,
            "Beside its other stops, the van could be there 7 min after the window closes.",
            "ann",
            6 * 60 + 1,
        ),
    )
    assert reasons(east, west)[0].text == "With it, the van would come 7 min too late to another stop."
