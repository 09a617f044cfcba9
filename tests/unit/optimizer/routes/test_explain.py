"""What a dispatcher is told about a visit without a place."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from doorstep.route_problem import GivenRoute
from doorstep.route_solution import UnassignedCode, UnassignedReason
from doorstep.van import Van
from doorstep.visit import PinnedPlace, Visit, VisitKind
from optimizer.routes.explain import reasons_of, unassigned_of
from optimizer.routes.numbered.numbering import task_of
from tests.unit.optimizer.routes.by_hand import at, day, east, span, van, visit
from tests.unit.optimizer.routes.left_out import ANN, BOB, Told, told
from tests.unit.optimizer.routes.town import OFF_THE_MAP, travel_for

Code = UnassignedCode
COLD = frozenset({"cold"})


HEAVY = visit("first", weight_g=6_000)
SOON = (span(0, 40),)

CASES: dict[str, Told] = {
    "no van works from the depot": Told(
        visit("a", depot_id="elsewhere"), [(Code.NO_VEHICLE, "No van works from this depot that day.")]
    ),
    "every shift is over": Told(
        visit("a"),
        [(Code.NO_VEHICLE, "Every van's shift at this depot is over.")],
        [van("early", shift=span(-60, -10))],
    ),
    "its van is another depot's": Told(
        visit("a", pinned_van="two"),
        [(Code.NO_VEHICLE, "The van that it is pinned to does not work from this depot, or not any more.")],
        [van(), van("two", depot_id="elsewhere")],
    ),
    "no such vehicle": Told(
        visit("a", vehicle_kinds=frozenset({"bike", "truck"})),
        [(Code.NO_VEHICLE, 'No van on duty is a "bike" or "truck".')],
    ),
    "no such skill": Told(visit("a", skills=COLD), [(Code.NO_SKILL, 'No van on duty has the skill "cold".')]),
    "no such skill on such a vehicle": Told(
        visit("a", skills=COLD, vehicle_kinds=frozenset({"bike"})),
        [(Code.NO_SKILL, 'No van on duty of the right kind has the skill "cold".')],
        [van("ann", kind="bike"), van("bob", skills=COLD)],
    ),
    "its van lacks the skill": Told(
        visit("a", skills=COLD | {"ramp"}, pinned_van="ann"),
        [(Code.NO_SKILL, 'Not even the van that it is pinned to has the skills "cold" and "ramp".')],
    ),
    "nobody's territory": Told(
        visit("a", territory="west"),
        [(Code.TERRITORY, 'No van on duty serves the territory "west".')],
        [van(territories=frozenset({"east"}))],
    ),
    "on board of a van that may not": Told(
        visit("a", skills=COLD),
        [(Code.NO_SKILL, 'It stays with the driver who was told of it, who lacks the skill "cold".')],
        [van("one", is_under_way=True), van("two", skills=COLD)],
        more={"given": (GivenRoute("one", ("a",)),)},
    ),
    "told to a driver of another vehicle": Told(
        visit("a", vehicle_kinds=frozenset({"truck"})),
        [(Code.NO_VEHICLE, 'It stays with the driver who was told of it, whose van is no "truck".')],
        [van("one", is_under_way=True), van("two", kind="truck")],
        more={"given": (GivenRoute("one", ("a",)),)},
    ),
    "told to a driver of another territory": Told(
        visit("a", territory="west"),
        [
            (
                Code.TERRITORY,
                'It stays with the driver who was told of it, who does not serve the territory "west".',
            )
        ],
        [van("one", is_under_way=True, territories=frozenset({"east"})), van("two")],
        more={"given": (GivenRoute("one", ("a",)),)},
    ),
    "told to a driver whose shift is over": Told(
        visit("a"),
        [(Code.NO_VEHICLE, "It stays with the driver who was told of it, whose shift is over.")],
        [van("one", shift=span(-60, -10)), van("two")],
        more={"given": (GivenRoute("one", ("a",)),), "stability": 1.0},
    ),
    "told to a driver of another depot": Told(
        visit("a"),
        [
            (
                Code.NO_VEHICLE,
                "It stays with the driver who was told of it, "
                "whose van does not come by the depot of its goods.",
            )
        ],
        [van("one", depot_id="elsewhere"), van("two")],
        more={"given": (GivenRoute("one", ("a",), 1),)},
    ),
    "told to a driver and pinned to another": Told(
        visit("a", pinned_van="two"),
        [(Code.NO_VEHICLE, "It stays with the driver who was told of it, and is pinned to another van.")],
        [van("one", is_under_way=True), van("two")],
        more={"given": (GivenRoute("one", ("a",)),)},
    ),
    "all have left": Told(
        visit("a"),
        [(Code.NO_VEHICLE, "The vans that could make it have left, and do not come back for more goods.")],
        [van(is_under_way=True)],
    ),
    "too heavy": Told(
        visit("a", weight_g=10_500),
        [(Code.NO_CAPACITY, "Weighs 10.5 kg; the largest van of this depot takes 10 kg.")],
    ),
    "too large": Told(
        visit("a", volume_ml=31_000),
        [(Code.NO_CAPACITY, "Fills 31 l; the largest van of this depot takes 20 l.")],
        [ANN, replace(BOB, capacity_ml=9_000)],
    ),
    "too many crates": Told(
        visit("a", more_loads={"crates": 4}),
        [(Code.NO_CAPACITY, "Takes 4 crates; the only van that may make it takes 3 crates.")],
        [van(more_capacity={"crates": 3})],
    ),
    "no van for both its loads": Told(
        visit("a", weight_g=6_000, volume_ml=9_000),
        [(Code.NO_CAPACITY, "No van takes all of it: 6 kg and 9 l.")],
        [van("flat", capacity_ml=8_000), BOB],
    ),
    "off the map": Told(
        visit("a", location=OFF_THE_MAP),
        [
            (
                Code.UNREACHABLE_ROAD,
                "No road leads to this address: it is off the map or its pin is wrong.",
            )
        ],
    ),
    # Ten minutes of driving; the window's last second is one before minute -2.
    "over before anybody can be there": Told(
        visit("a", windows=(span(-9, -2),)),
        [(Code.WINDOW_UNREACHABLE, "The window closes 13 min before the earliest van can be there.")],
    ),
    "goods ready too late": Told(
        visit("a", windows=(span(0, 60),), ready_at=at(110)),
        [
            (
                Code.WINDOW_UNREACHABLE,
                "Ready too late: a van that waits for the goods comes 1 h 01 min after the window closes.",
            )
        ],
    ),
    # Ann serves at minute 235, leaves at 237 and is home at 247; Bob's shift has been over for longer.
    "home after the shift": Told(
        visit("a", windows=(span(235, 300),)),
        [(Code.SHIFT_ENDS, "Going there and back ends 7 min after the last van's shift.")],
    ),
    "home after the overtime": Told(
        visit("a", windows=(span(235, 300),)),
        [(Code.SHIFT_ENDS, "Going there and back ends 2 min after the last van's overtime.")],
        [replace(ANN, overtime_s=300)],
    ),
    "too far": Told(
        visit("a"),
        [(Code.TOO_FAR, "Going there and back is 0.5 km more than the van may drive.")],
        [van(max_distance_m=11_500)],
    ),
    "too long": Told(
        visit("a"),
        [(Code.TOO_FAR, "Going there and back takes 2 min more than the van may be out.")],
        [van(max_duration_s=20 * 60)],
    ),
    # Bob leaves at minute 60 and is there at 70, the window's last second is one before minute 40.
    "different failures of vans": Told(
        visit("a", windows=(span(0, 40),)),
        [
            (Code.WINDOW_UNREACHABLE, "The window closes 31 min before the earliest van can be there."),
            (Code.TOO_FAR, "Going there and back is 1.0 km more than the van may drive."),
        ],
        [replace(ANN, max_distance_m=11_000), BOB],
    ),
    "a full van": Told(
        replace(HEAVY, id="a"),
        [(Code.NO_CAPACITY, "The van is full: 4 kg are free, this weighs 6 kg.")],
        before=[HEAVY],
    ),
    "a van with all its stops": Told(
        visit("a", windows=SOON),
        [(Code.NO_CAPACITY, "The van is full: it may make 2 stops.")],
        before=[visit("first", windows=SOON), visit("second", windows=SOON)],
    ),
    # Ten minutes west and ten minutes east of the depot: there at 10 + 2 + 20 = 32 min.
    "another stop first": Told(
        visit("a", windows=(span(10, 25),)),
        [
            (
                Code.WINDOW_UNREACHABLE,
                "Beside its other stops, the van could be there 8 min after the window closes.",
            )
        ],
        before=[visit("west", -6, windows=(span(10, 20),))],
    ),
    "another stop afterwards": Told(
        visit("a", windows=(span(10, 20),)),
        [(Code.WINDOW_UNREACHABLE, "With it, the van would come 8 min too late to another stop.")],
        before=[visit("west", -6, windows=(span(10, 25),))],
    ),
    "home too late with it": Told(
        visit("a", -6),
        [(Code.SHIFT_ENDS, "With it, the van would be home 4 min after its shift ends.")],
        [van(shift=span(0, 40))],
        before=[visit("east", 6)],
    ),
    "too far with it": Told(
        visit("a", -6),
        [(Code.TOO_FAR, "With it, the van would drive 2.0 km more than it may.")],
        [van(max_distance_m=22_000)],
        before=[visit("east", 6)],
    ),
    "a pinned first stop": Told(
        visit("a", windows=(span(11, 12),)),
        [
            (
                Code.WINDOW_UNREACHABLE,
                "Beside its other stops, the van could be there 1 min after the window closes.",
            )
        ],
        [van()],
        before=[visit("first", pinned_van="one", pinned_place=PinnedPlace.FIRST)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_reason_is_told_in_a_sentence(name: str) -> None:
    found, case = told(CASES[name]), CASES[name]
    assert [(reason.code, reason.text) for reason in found.reasons][: len(case.reasons)] == [*case.reasons]


def left_out(visit: Visit, *vans: Van, **more: Any) -> tuple[UnassignedReason, ...]:
    """Of a visit that a van without a stop could make."""
    problem = day([visit], *vans, **more)
    return reasons_of(problem, task_of(problem, travel_for(problem)), ((),) * len(problem.vans), 0)


def test_what_is_not_worth_it_is_told_with_both_sums() -> None:
    # Out and back is 12 km at 60 and 22 min at 40.
    assert left_out(visit("a", skip_cost_minor=1_600), currency="EUR") == (
        UnassignedReason(
            Code.TOO_COSTLY, "To make it would cost 16.00 EUR, to leave it out 16.00 EUR.", "one"
        ),
    )


@pytest.mark.parametrize("skip_cost_minor", [None, 1_601])
def test_what_a_van_has_room_for_was_left_out_for_want_of_time(skip_cost_minor: int | None) -> None:
    (reason,) = left_out(visit("a", skip_cost_minor=skip_cost_minor))
    assert reason.text == (
        "The van has room for it, but the time for planning ran out. Plan again with a longer limit."
    )


def test_where_time_is_short_the_urgent_are_told_most_and_everybody_something() -> None:
    late = (span(150, 160),)
    visits = [
        replace(HEAVY, id="on the tour"),
        visit("worth little", skip_cost_minor=1),
        replace(HEAVY, id="later", windows=late),
        replace(HEAVY, id="soon"),
        replace(HEAVY, id="urgent", windows=late, priority=5),
    ]
    problem = day(visits, van())
    task = task_of(problem, travel_for(problem))
    # It ticks whenever somebody looks: four times for choices till 4.4, then two for each thorough answer.
    found = unassigned_of(problem, task, ((0,),), until_s=13.2, clock=count().__next__)
    told = {one.visit_id: (one.reasons[0].text.partition(".")[0], bool(one.remedies)) for one in found}
    assert told == {
        "worth little": ("To make it would cost 0", False),
        "urgent": ("The van is full: 4 kg are free, this weighs 6 kg", True),
        "soon": ("The van is full: 4 kg are free, this weighs 6 kg", True),
        "later": ("No van was seen to have room and time for it beside its other stops", False),
    }
    told_late = unassigned_of(problem, task, ((0,),), until_s=0.0)
    assert {reason.text for one in told_late for reason in one.reasons} == {
        "The time for planning ran out before it was asked why. Plan again with a longer limit."
    }


def test_the_nearest_three_vans_are_told_about() -> None:
    vans = [
        van(name, capacity_g=1_000, start=east(km)) for name, km in zip("abcde", (9, 1, 5, 7, 3), strict=True)
    ]
    problem = day([visit(f"v{number}", 6 + number / 10) for number in range(6)], *vans)
    task = task_of(problem, travel_for(problem))
    tours = tuple((number,) for number in range(5))
    # All are full; "v5" is 100 m from the last one's door, 200 m from that of the one before.
    assert [reason.van_id for reason in reasons_of(problem, task, tours, 5)] == ["e", "d", "c"]


def pair(**of_drop: Any) -> list[Visit]:
    return [visit("fetch", kind=VisitKind.PICKUP), visit("bring", 12, from_visit="fetch", **of_drop)]


def test_of_a_pair_is_said_whose_window_is_too_early() -> None:
    # Ten minutes, two of service, ten more: there at 22, the last second is one before minute 20.
    problem = day(pair(windows=(span(0, 20),)))
    fetch, bring = unassigned_of(problem, task_of(problem, travel_for(problem)), ((),))
    assert fetch.reasons[0].text == (
        "The window of its drop-off closes 3 min before the earliest van can be there."
    )
    assert bring.reasons[0].text == "The window closes 3 min before the earliest van can be there."


def test_a_pair_that_was_told_to_two_drivers_is_said_to_be_so() -> None:
    pair = [visit("a", kind=VisitKind.PICKUP), visit("b", from_visit="a")]
    told_to = (GivenRoute("one", ("a",)), GivenRoute("two", ("b",)))
    problem = day(pair, van("one"), van("two"), given=told_to, stability=1.0)
    (reason,) = reasons_of(problem, task_of(problem, travel_for(problem)), ((), ()), 0)
    text = "Its pick-up and its drop-off stay with the drivers who were told of them, and those are two."
    assert (reason.code, reason.text) == (Code.OTHER, text)
