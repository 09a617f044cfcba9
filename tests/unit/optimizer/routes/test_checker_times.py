"""The checker on windows, setting up, breaks and traffic."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.route_problem import RouteProblem, SpeedProfile
from doorstep.route_solution import ViolationKind as SoftKind
from doorstep.van import Break
from doorstep.visit import Lateness
from optimizer.routes.checker import ViolationKind as Kind
from tests.unit.optimizer.routes.by_hand import at, day, plan, rest, route, soft, span, stop, van, visit
from tests.unit.optimizer.routes.rules import (
    Broken,
    Rule,
    assert_broken,
    assert_kept,
    driven,
    every_way,
    when_day,
    when_driven,
    when_told,
    when_van,
    when_visit,
)

SECOND = 1 / 60
LATE = Lateness(cost_per_hour_minor=600, at_most_s=300)
LATE_TOLD = (soft(SoftKind.LATE, "a", 300),)
LUNCH = Break("lunch", span(10, 20), 15 * 60)
# The epoch is 8 in the morning.
SLOW_AT_EIGHT = SpeedProfile(tuple(0.5 if hour == 8 else 1.0 for hour in range(24)), "UTC")


def resting(window: tuple[float, float], duration_s: int = 900) -> tuple[Break, ...]:
    return (Break("lunch", span(*window), duration_s),)


def there_and_back(problem: RouteProblem, broken: dict[str, Broken]) -> Rule:
    """Ten minutes to "a", two of service, ten home."""
    return driven(problem, 0, [stop("a", 10)], 22, 12, broken=broken)


RULES: dict[str, Rule] = {
    # There at minute 20, five minutes after the window's last second; that costs 50.
    "a soft window": Rule(
        day([visit("a", windows=(span(0, 15 + SECOND),), late=LATE)]),
        plan(route(10, [stop("a", 20, late_s=300)], 32, 12, extra=50), soft=LATE_TOLD),
        {
            "too late": when_visit(Kind.OUTSIDE_WINDOW, late=replace(LATE, at_most_s=299)),
            "hard": when_visit(Kind.OUTSIDE_WINDOW, late=None),
            "before the first": when_visit(Kind.OUTSIDE_WINDOW, windows=(span(21, 30),)),
            "told as in time": when_driven(
                Kind.WRONG_LATENESS, by=route(10, [stop("a", 20)], 32, 12, extra=50)
            ),
            "untold": when_told(Kind.SOFT_UNTOLD, soft=()),
            "told with other seconds": when_told(
                Kind.SOFT_UNTOLD, Kind.SOFT_INVENTED, soft=(soft(SoftKind.LATE, "a", 301),)
            ),
            "told as hard": when_told(Kind.SOFT_INVENTED, soft=(replace(LATE_TOLD[0], is_hard=True),)),
            "at another price": when_visit(Kind.WRONG_TOTAL, late=Lateness(660, 300)),
        },
    ),
    "the first of two soft windows": Rule(
        day([visit("a", windows=(span(0, 5 + SECOND), span(30, 40)), late=LATE)]),
        plan(route(0, [stop("a", 10, late_s=300)], 22, 12, extra=50), soft=LATE_TOLD),
        {"between them too late": when_visit(Kind.OUTSIDE_WINDOW, windows=(span(0, 4.9), span(30, 40)))},
    ),
    "the last second of a window": there_and_back(
        day([visit("a", windows=(span(0, 10 + SECOND),))]),
        {"over": when_visit(Kind.OUTSIDE_WINDOW, windows=(span(0, 10),))},
    ),
    # Parking takes three minutes for whoever drives there, nothing for the second bell at the same door.
    "setting up": driven(
        day([visit("a", setup_s=180), visit("b", setup_s=180)]),
        0,
        [stop("a", 10, 13), stop("b", 15)],
        27,
        12,
        kg=2,
        broken={"longer": when_visit(Kind.SERVED_BEFORE_ARRIVAL, setup_s=181)},
    ),
    "a break at a door before the service": driven(
        day([visit("a")], van(breaks=(LUNCH,))),
        0,
        [rest(10, 10, 15), stop("a", 25)],
        37,
        12,
        broken={
            "longer": when_van(Kind.WRONG_BREAK, breaks=resting((10, 20), 901)),
            "out of its window": when_van(Kind.WRONG_BREAK, breaks=resting((10.1, 20))),
            "while setting up": when_visit(Kind.SERVED_BEFORE_ARRIVAL, setup_s=1),
            "another driver's": when_van(Kind.UNKNOWN_BREAK, breaks=()),
            "while serving": when_driven(
                Kind.SERVED_BEFORE_ARRIVAL, by=route(0, [rest(10, 10, 15), stop("a", 10)], 22, 12)
            ),
            "told as on the way": when_driven(
                Kind.WRONG_ARRIVAL, by=route(0, [rest(5, 10, 15), stop("a", 25)], 37, 12)
            ),
        },
    ),
    "a break at a door after the service": driven(
        day([visit("a")], van(breaks=(LUNCH,))),
        0,
        [stop("a", 10), rest(12, 12, 15)],
        37,
        12,
        broken={
            "while driving home": when_driven(
                Kind.WRONG_ARRIVAL, by=route(0, [stop("a", 10), rest(12, 12, 15)], 22, 12)
            ),
            "taken twice": when_driven(
                Kind.WRONG_BREAK, by=route(0, [stop("a", 10), rest(12, 12, 5), rest(17, 17, 15)], 42, 12)
            ),
        },
    ),
    "a break before leaving": driven(
        day([visit("a")], van(breaks=(LUNCH,))),
        25,
        [rest(10, 10, 15), stop("a", 35)],
        47,
        12,
        broken={
            "before the shift": when_van(Kind.WRONG_BREAK, shift=span(11, 240)),
            "left out": when_driven(Kind.MISSED_BREAK, by=route(19, [stop("a", 29)], 41, 12)),
        },
    ),
    "a tour that is over before the break's window": there_and_back(
        day([visit("a")], van(breaks=resting((10, 22.1)))),
        {"on the road at its end": when_van(Kind.MISSED_BREAK, breaks=resting((10, 22)))},
    ),
    "a tour that begins after the break's window": there_and_back(
        day([visit("a")], van(breaks=resting((-30, 0)))),
        {"on the road before": when_van(Kind.MISSED_BREAK, breaks=resting((-30, 0.1)))},
    ),
    # From 8:50 six minutes of the table take ten until nine, which are five of them, and one more.
    "slow traffic until nine": driven(
        day([visit("a", km=3.6)], speeds=SLOW_AT_EIGHT),
        50,
        [stop("a", 61)],
        69,
        7.2,
        driving_s=17 * 60,
        broken={
            "everywhere fast": when_day(Kind.WRONG_ARRIVAL, Kind.WRONG_TOTAL, speeds=None),
            "an hour later": when_day(
                Kind.WRONG_ARRIVAL,
                Kind.WRONG_TOTAL,
                speeds=SpeedProfile(SLOW_AT_EIGHT.factors, "Etc/GMT+1"),
            ),
        },
    ),
    "goods that are ready": there_and_back(
        day([visit("a", ready_at=at(0))]), {"later": when_visit(Kind.LEFT_BEFORE_READY, ready_at=at(0.1))}
    ),
    "a shift": there_and_back(
        day([visit("a")]),
        {
            "begins later": when_van(Kind.OUTSIDE_SHIFT, shift=span(0.1, 240)),
            "ends earlier": when_van(Kind.OUTSIDE_SHIFT, Kind.WRONG_TOTAL, shift=span(0, 21.9)),
            "is not yet": when_day(Kind.OUTSIDE_SHIFT, epoch=at(0.1)),
        },
    ),
    # Ten minutes of overtime at 600 an hour.
    "overtime": Rule(
        day([visit("a")], van(shift=span(0, 12), overtime_s=600, overtime_cost_per_hour_minor=600)),
        plan(
            route(0, [stop("a", 10)], 22, 12, overtime_s=600, extra=100),
            soft=(soft(SoftKind.OVER_SHIFT, by_s=600),),
        ),
        {
            "more than may be": when_van(Kind.OUTSIDE_SHIFT, overtime_s=599),
            "untold": when_told(Kind.SOFT_UNTOLD, soft=()),
            "at another price": when_van(Kind.WRONG_TOTAL, overtime_cost_per_hour_minor=610),
            "told otherwise": when_driven(
                Kind.WRONG_TOTAL, by=route(0, [stop("a", 10)], 22, 12, overtime_s=599, extra=100)
            ),
        },
    ),
    # From door to door: nothing is driven, and the tour lasts as long as the service.
    "open ends": driven(
        day([visit("a")], van(start=None, end=None)),
        10,
        [stop("a", 10)],
        12,
        0,
        broken={
            "a start to come from": when_van(Kind.WRONG_ARRIVAL, Kind.WRONG_TOTAL, start=van().start),
            "an end to go to": when_van(Kind.WRONG_ARRIVAL, Kind.WRONG_TOTAL, end=van().end),
        },
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_a_plan_that_keeps_the_rule_is_accepted(name: str) -> None:
    assert_kept(RULES[name])


@pytest.mark.parametrize(("name", "way"), every_way(RULES))
def test_a_plan_that_breaks_the_rule_is_rejected_for_that(name: str, way: str) -> None:
    assert_broken(RULES[name], way)
