"""Off route: how many clean trips are called off their way, and how soon those that leave it are."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bench.exceptions.trips import Leaving, Trip, trip
from bench.figures import percentile
from doorstep.watch_rules import WatchRules
from gateway.flow.tracking.motion import WayEvent, WayState, beside_way

USUAL_EVERY_S = 10
LEAVES = (Leaving.TURNS_OFF, Leaving.BESIDE)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a rule made of some trips.

    Attributes
    ----------
    false, clean
        Trips that kept to their way and were called off it, of how many.
    delays_s, left
        From when a van was truly off until it was called so, of those that were found; how many had left.
    """

    false: int
    clean: int
    delays_s: Sequence[float]
    left: int

    def as_keys(self) -> dict[str, object]:
        """The figures of the benchmark."""
        return {
            "off_route_false": self.false,
            "off_route_trips": self.clean,
            "off_route_found": round(len(self.delays_s) / self.left, 4) if self.left else None,
            "off_route_left": self.left,
            "off_route_delay_p50_s": percentile(self.delays_s, 0.5, 0),
            "off_route_delay_p95_s": percentile(self.delays_s, 0.95, 0),
        }

    def __add__(self, other: Judged) -> Judged:
        return Judged(
            self.false + other.false,
            self.clean + other.clean,
            (*self.delays_s, *other.delays_s),
            self.left + other.left,
        )


def judged(seed: int, trips: int) -> Judged:
    """So many clean trips and a fifth as many that leave their way, by the rule that merchants begin with."""
    clean, left = _clean(seed, trips, USUAL_EVERY_S), _leaving(seed, trips // 5, USUAL_EVERY_S)
    return judge(list(clean), list(left), WatchRules())


def judge(clean: Sequence[Trip], left: Sequence[Trip], rules: WatchRules) -> Judged:
    """What a rule makes of them."""
    gone = [one for one in left if one.has_left]
    called = [(one, called_off_at(one, rules)) for one in gone]
    delays = [one.delay_s(number) for one, number in called if number is not None]
    return Judged(
        sum(called_off_at(one, rules) is not None for one in clean),
        len(clean),
        [delay_s for delay_s in delays if delay_s is not None],
        len(gone),
    )


def curve(seeds: Sequence[int], trips: int) -> list[dict[str, object]]:
    """Of rules and of the time between two fixes: false alarms against the time until a van is found.

    Parameters
    ----------
    trips
        Clean ones of each seed; a fifth as many between high buildings.
    """
    usual = WatchRules()
    tried = [
        replace(usual, off_route_m=metres, off_route_fixes=fixes)
        for metres in (50, 75, 100)
        for fixes in (2, 3, 4, 5, 6)
    ]
    rows = _rows("10 s", seeds, trips, 10, tried)
    rows += _rows("5 s", seeds, trips, 5, [usual])
    rows += _rows("30 s", seeds, trips, 30, [usual])
    return rows + _rows("10 s, high buildings", seeds, trips // 5, 10, [usual], in_canyon=True)


def _rows(
    name: str,
    seeds: Sequence[int],
    trips: int,
    every_s: int,
    tried: Sequence[WatchRules],
    *,
    in_canyon: bool = False,
) -> list[dict[str, object]]:
    sums = [Judged(0, 0, (), 0) for _ in tried]
    # One seed after the other: all trips at once are gigabytes.
    for seed in seeds:
        clean = list(_clean(seed, trips, every_s, in_canyon=in_canyon))
        left = list(_leaving(seed, trips // 5, every_s, in_canyon=in_canyon))
        sums = [so_far + judge(clean, left, rules) for so_far, rules in zip(sums, tried, strict=True)]
    return [
        {"every": name, "meters": rules.off_route_m, "fixes": rules.off_route_fixes} | one.as_keys()
        for rules, one in zip(tried, sums, strict=True)
    ]


def _clean(seed: int, trips: int, every_s: int, *, in_canyon: bool = False) -> Iterator[Trip]:
    for number in range(trips):
        yield trip(random.Random(f"{seed}:trip:{number}"), Leaving.NOT, every_s, in_canyon=in_canyon)


def _leaving(seed: int, trips: int, every_s: int, *, in_canyon: bool = False) -> Iterator[Trip]:
    for number in range(trips):
        draw = random.Random(f"{seed}:left:{number}")
        yield trip(draw, LEAVES[number % len(LEAVES)], every_s, in_canyon=in_canyon)


def called_off_at(one: Trip, rules: WatchRules) -> int | None:
    """By which of its fixes, counted from 0, a trip was called off its way for the first time."""
    state = WayState()
    for number, (fix, along) in enumerate(one.fixes):
        state, event = beside_way(state, fix, along, rules)
        if event is WayEvent.LEFT:
            return number
    return None
