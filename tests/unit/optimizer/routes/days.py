"""Days drawn from a seed. Each feature is on or off, so that small days with one of them occur too."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.geo import LatLng
from doorstep.route_problem import Balance, BalanceMeasure, GivenRoute, RouteProblem, SpeedProfile
from doorstep.van import Break, Depot, Reloads, Van
from doorstep.visit import Lateness, PinnedPlace, Visit, VisitKind
from doorstep.window import Window
from tests.unit.optimizer.routes.town import EPOCH, OFF_THE_MAP, place

FEATURES = (
    "soft windows",
    "setting up",
    "crates",
    "collections",
    "pairs",
    "last in first out",
    "breaks",
    "reloads",
    "overtime",
    "open ends",
    "limits",
    "skills",
    "vehicle kinds",
    "territories",
    "pins",
    "given routes",
    "under way",
    "balance",
    "speeds",
    "own costs",
    "skips",
    "priorities",
)


def random_day(
    seed: int, *, visits: int = 16, vans: int = 3, features: Collection[str] | None = None
) -> RouteProblem:
    """One to two depots, mixed vans, windows, late goods, some hopeless visits.

    Parameters
    ----------
    features
        Of `FEATURES`, on top of these; None to draw them, () for none.
    """
    draw = random.Random(seed)
    share = draw.choice([0.05, 0.2, 0.5])
    drawn = {name for name in FEATURES if draw.random() < share}
    on = frozenset(drawn if features is None else features)
    depots = {name: _spot(draw) for name in ("north", "south")[: draw.choice([1, 2])]}
    fleet = tuple(_van(draw, number, depots, on) for number in range(vans))
    doors = tuple(_visit(draw, number, depots, on) for number in range(visits))
    doors = _paired(draw, doors) if "pairs" in on else doors
    pinned = _pinned(draw, doors, fleet) if "pins" in on else doors
    return RouteProblem(
        epoch=EPOCH,
        visits=pinned,
        vans=fleet,
        cost_per_km_minor=draw.choice([0, 60, 61]),
        cost_per_hour_minor=draw.choice([0, 2399, 2400]),
        depots=tuple(Depot(name, spot) for name, spot in depots.items()),
        given=_given(draw, pinned, fleet) if on & {"given routes", "under way"} else (),
        stability=draw.choice([0.0, 0.5, 1.0]) if "given routes" in on else 0.0,
        balance=Balance(draw.choice(list(BalanceMeasure)), draw.choice([0.0, 0.2, 1.0]))
        if "balance" in on
        else None,
        speeds=_speeds(draw) if "speeds" in on else None,
    )


def _spot(draw: random.Random) -> LatLng:
    return place(draw.randrange(20_000), draw.randrange(20_000))


def _minutes(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)


def _visit(draw: random.Random, number: int, depots: dict[str, LatLng], on: frozenset[str]) -> Visit:
    is_odd = draw.random() < 0.1
    windows = tuple(_window(draw) for _ in range(draw.choice([0, 1, 1, 1, 2, 3])))
    visit = Visit(
        id=f"v{number}",
        depot_id=draw.choice(["nowhere", "", *depots] if is_odd else [*depots]),
        location=OFF_THE_MAP if is_odd and draw.random() < 0.5 else _spot(draw),
        service_s=draw.choice([0, 60, 300]),
        weight_g=draw.choice([0, 500, 4_000, 8_000, 90_000 if is_odd else 1_000]),
        volume_ml=draw.choice([0, 3_000, 30_000]),
        windows=windows,
        ready_at=EPOCH + _minutes(draw.randrange(-30, 200)) if draw.random() < 0.2 else None,
        setup_s=draw.choice([0, 120]) if "setting up" in on else 0,
        more_loads={"crates": draw.randrange(4)} if "crates" in on else {},
        territory=draw.choice(["", "east", "west"]) if "territories" in on else "",
        priority=draw.choice([0, 0, 0, 5]) if "priorities" in on else 0,
        skip_cost_minor=draw.choice([None, 0, 200, 5_000]) if "skips" in on else None,
    )
    if "soft windows" in on and windows and draw.random() < 0.5:
        visit = replace(visit, late=Lateness(draw.choice([0, 600, 3_601]), draw.choice([0, 1_800, 14_400])))
    if "skills" in on and draw.random() < 0.3:
        visit = replace(visit, skills=frozenset({draw.choice(["cold", "two men"])}))
    if "vehicle kinds" in on and draw.random() < 0.3:
        visit = replace(visit, vehicle_kinds=frozenset({"bike", "truck"}))
    if "collections" in on and draw.random() < 0.4:
        visit = replace(visit, kind=VisitKind.COLLECTION)
    return visit


def _window(draw: random.Random) -> Window:
    start = EPOCH + timedelta(minutes=draw.randrange(-30, 300), microseconds=draw.choice([0, 500_000]))
    return Window(start, start + _minutes(draw.choice([30, 60, 120, 240, 0 if draw.random() < 0.1 else 90])))


def _paired(draw: random.Random, visits: tuple[Visit, ...]) -> tuple[Visit, ...]:
    """Of the first of every three visits and the next one a pick-up and its drop-off, now and then."""
    paired = list(visits)
    for number in range(0, len(visits) - 1, 3):
        if draw.random() < 0.6:
            pickup, drop = paired[number], paired[number + 1]
            paired[number] = replace(pickup, kind=VisitKind.PICKUP)
            paired[number + 1] = replace(
                drop,
                kind=VisitKind.DELIVERY,
                from_visit=pickup.id,
                depot_id=pickup.depot_id,
                weight_g=pickup.weight_g,
                volume_ml=pickup.volume_ml,
                more_loads=pickup.more_loads,
            )
    return tuple(paired)


def _pinned(draw: random.Random, visits: tuple[Visit, ...], vans: tuple[Van, ...]) -> tuple[Visit, ...]:
    """Some visits with a van of their own; of pairs only the drop-off, at any place."""
    pinned = list(visits)
    taken: set[tuple[str, PinnedPlace]] = set()
    for number, visit in enumerate(visits):
        if vans and visit.kind is not VisitKind.PICKUP and draw.random() < 0.2:
            van_id, spot = draw.choice(vans).id, draw.choice([None, *PinnedPlace])
            if spot is not None and ((van_id, spot) in taken or visit.from_visit):
                spot = None
            if spot is not None:
                taken.add((van_id, spot))
            pinned[number] = replace(visit, pinned_van=van_id, pinned_place=spot)
    return tuple(pinned)


def _van(draw: random.Random, number: int, depots: dict[str, LatLng], on: frozenset[str]) -> Van:
    depot_id = draw.choice([*depots])
    begins = EPOCH + _minutes(draw.randrange(-120, 90))
    van = Van(
        id=f"van{number}",
        depot_id=depot_id,
        start=_spot(draw) if draw.random() < 0.2 else depots[depot_id],
        end=depots[depot_id],
        shift=Window(begins, begins + _minutes(draw.choice([30, 360, 480, 600]))),
        capacity_g=draw.choice([20_000, 60_000]),
        capacity_ml=draw.choice([None, 100_000]),
        fixed_cost_minor=draw.choice([0, 0, 1500]),
        max_stops=draw.choice([None, None, 5]),
        more_capacity={"crates": draw.choice([5, 20])} if "crates" in on and draw.random() < 0.7 else {},
        is_lifo="last in first out" in on and draw.random() < 0.6,
        is_under_way="under way" in on and draw.random() < 0.6,
    )
    return _worded(draw, van, depots, begins, on)


def _worded(
    draw: random.Random, van: Van, depots: dict[str, LatLng], begins: datetime, on: frozenset[str]
) -> Van:
    """The van with what its driver's contract says."""
    if "breaks" in on:
        van = replace(van, breaks=_breaks(draw, begins))
    if "reloads" in on and draw.random() < 0.8:
        places = tuple(draw.sample([*depots], draw.randrange(1, len(depots) + 1)))
        van = replace(van, reloads=Reloads(places, draw.choice([1, 2]), draw.choice([0, 600])))
    if "overtime" in on:
        van = replace(van, overtime_s=draw.choice([0, 3_600]), overtime_cost_per_hour_minor=900)
    if "open ends" in on:
        van = replace(van, start=draw.choice([van.start, None]), end=draw.choice([van.end, None]))
    if "limits" in on:
        most = draw.choice([20_000, 60_000, None]), draw.choice([7_200, 14_400, None])
        van = replace(van, max_distance_m=most[0], max_duration_s=most[1])
    if "skills" in on:
        van = replace(van, skills=frozenset(draw.sample(["cold", "two men"], draw.randrange(3))))
    if "vehicle kinds" in on:
        van = replace(van, kind=draw.choice(["bike", "van", "truck"]))
    if "territories" in on:
        areas = frozenset(draw.choice([["east"], ["west"], []]))
        van = replace(van, territories=areas, outside_cost_minor=draw.choice([None, 0, 300]))
    if "own costs" in on:
        van = replace(van, cost_per_km_minor=draw.choice([None, 0, 35]), cost_per_hour_minor=1_999)
    return van


def _breaks(draw: random.Random, begins: datetime) -> tuple[Break, ...]:
    rests = []
    for number in range(draw.choice([0, 1, 1, 2])):
        opens = begins + _minutes(draw.randrange(0, 300))
        window = Window(opens, opens + _minutes(draw.choice([15, 60, 120])))
        rests.append(Break(f"rest{number}", window, draw.choice([900, 1_800])))
    return tuple(rests)


def _given(draw: random.Random, visits: tuple[Visit, ...], vans: tuple[Van, ...]) -> tuple[GivenRoute, ...]:
    """Some visits with some drivers.

    No drop-off is frozen: its pick-up would have to come before it; nor what is pinned to somebody else.
    """
    told: dict[str, list[str]] = {van.id: [] for van in vans}
    drops = {visit.id for visit in visits if visit.from_visit}
    pins = {visit.id: visit.pinned_van for visit in visits}
    for visit in visits:
        if vans and draw.random() < 0.4:
            told[draw.choice(vans).id].append(visit.id)
    routes = []
    for van_id, names in told.items():
        begun = draw.choice([0, 0, 1, 2])
        loose = (name in drops or pins[name] not in ("", van_id) for name in names[:begun])
        frozen = next((at for at, is_loose in enumerate(loose) if is_loose), min(begun, len(names)))
        if names:
            routes.append(GivenRoute(van_id, tuple(names), frozen))
    return tuple(routes)


def _speeds(draw: random.Random) -> SpeedProfile:
    return SpeedProfile(tuple(draw.choice([0.5, 0.8, 1.0, 1.3]) for _ in range(24)), "Europe/Berlin")
