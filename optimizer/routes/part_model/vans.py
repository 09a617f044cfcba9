"""The vans of a model: which are alike, what each kind can load, and who may make what.

Who may make which visit is told in loads. A visit that only some vans may make weighs something in a
dimension in which the others have no room. A visit that only one van may make weighs one bit after the
other of that van's number, so that a hundred such vans need fourteen dimensions and not a hundred.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pyvrp import VehicleType

from doorstep.visit import VisitKind
from optimizer.routes.numbered.task import (
    COST_UNITS,
    NOWHERE,
    UNBOUNDED,
    Task,
    TaskVan,
    Tour,
    Tours,
    visits_in,
)
from optimizer.routes.timetable.calls import calls_of, metres_of, ready_s
from optimizer.routes.timetable.cargo import on_board
from optimizer.routes.timetable.faults import Fault
from optimizer.routes.timetable.timing import walk

if TYPE_CHECKING:
    from optimizer.routes.part_model.ground import Ground

_MOST_PATTERNS = 24
"""More sets of vans than these are not told to PyVRP; what comes of it is mended."""


@dataclass(frozen=True, slots=True)
class VanKind:
    """Vans that are alike.

    Attributes
    ----------
    prefix
        The frozen beginning of the tour; the model's tour starts where it ends.
    start, starts_s
        Where and when that is.
    reloads
        Which of the van's reload places -> depot of the model.
    """

    vans: tuple[int, ...]
    prefix: Tour
    start: int
    starts_s: int
    used_metres: int
    used_load: tuple[int, ...]
    most_stops: int
    reloads: dict[int, int]


@dataclass(frozen=True, slots=True)
class Fleet:
    """The vans of a model.

    Attributes
    ----------
    depots
        (place, seconds of service) of each depot of the model.
    dimensions
        Loads of the task that some van limits.
    weight
        What a visit weighs in a dimension that tells who may make it.
    patterns
        Which vans may make a visit -> the dimensions in which it weighs something.
    rooms
        By kind and such dimension, whether there is room.
    may
        Of shape (visits, vans) of the task; narrower than the task's where PyVRP cannot tell trips apart.
    """

    kinds: tuple[VanKind, ...]
    depots: tuple[tuple[int, int], ...]
    dimensions: tuple[int, ...]
    counts_stops: bool
    horizon_s: int
    divisor: int
    weight: int
    patterns: dict[bytes, tuple[int, ...]]
    rooms: NDArray[np.bool_]
    may: NDArray[np.bool_]

    def eligibility(self, visit: int) -> list[int]:
        """What a visit weighs in the dimensions that tell who may make it."""
        loads = [0] * self.rooms.shape[1]
        for dimension in self.patterns.get(self._row(visit), ()):
            loads[dimension] = self.weight
        return loads

    def _row(self, visit: int) -> bytes:
        return self.may[visit, [kind.vans[0] for kind in self.kinds]].tobytes()


def fleet_of(task: Task, tours: Tours, vans: Sequence[int], caps: Sequence[int] | None) -> Fleet:
    """The vans that have a shift left and whose frozen beginning the model can start from."""
    may = _narrowed(task)
    kinds: dict[object, list[int]] = defaultdict(list)
    prefixes: dict[int, tuple[Tour, int, int, int]] = {}
    for van in vans:
        limits = task.vans[van]
        begun = _begun(task, van, tours[van])
        if begun is None or limits.shift_end_s + limits.overtime_s <= max(limits.shift_start_s, begun[2]):
            continue
        prefixes[van] = begun
        is_own = bool(begun[0]) or limits.is_under_way
        cap = None if caps is None else caps[van]
        column = may[:, van].tobytes(), task.is_outside[:, van].tobytes()
        kinds[limits, column, cap, van if is_own else None].append(van)
    depots: dict[tuple[int, int], int] = {}
    made = []
    for members in kinds.values():
        limits, (prefix, start, starts_s, used_metres) = task.vans[members[0]], prefixes[members[0]]
        for place in (start, limits.end):
            depots.setdefault((place, 0), len(depots))
        reloads = {
            k: depots.setdefault((limits.reload_places[k], limits.reload_s), len(depots))
            for k in _useful_reloads(task, members[0], may)
        }
        cap = UNBOUNDED if caps is None else caps[members[0]]
        most_stops = min(limits.max_stops, cap) - len(visits_in(prefix))
        load = _kept_load(task, prefix)
        made.append(
            VanKind(tuple(members), prefix, start, starts_s, used_metres, load, max(0, most_stops), reloads)
        )
    return _with_rules(task, tuple(made), tuple(depots), may)


def vehicle_type(task: Task, fleet: Fleet, ground: Ground, kind: VanKind) -> VehicleType:
    """A kind of vans as PyVRP's."""
    van = task.vans[kind.vans[0]]
    number = fleet.kinds.index(kind)
    resting_s = sum(rest.duration_s for rest in van.breaks if kind.starts_s <= rest.last_s < van.shift_end_s)
    room = [max(0, van.capacity[dimension] - kind.used_load[dimension]) for dimension in fleet.dimensions]
    room += [min(kind.most_stops, UNBOUNDED)] if fleet.counts_stops else []
    room += [UNBOUNDED if has_room else 0 for has_room in fleet.rooms[number]]
    shift_s = max(0, van.shift_end_s - kind.starts_s - resting_s)
    longest_s = min(shift_s, van.max_seconds)
    return VehicleType(
        num_available=len(kind.vans),
        capacity=room,
        start_depot=fleet.depots.index((kind.start, 0)),
        end_depot=fleet.depots.index((van.end, 0)),
        fixed_cost=0 if kind.prefix else van.fixed_cost // fleet.divisor,
        tw_early=kind.starts_s,
        tw_late=max(kind.starts_s, van.shift_end_s + van.overtime_s - resting_s),
        shift_duration=longest_s,
        max_distance=max(0, van.max_metres - kind.used_metres),
        unit_distance_cost=van.cost_per_metre // fleet.divisor,
        unit_duration_cost=van.cost_per_second // fleet.divisor,
        profile=ground.profile(kind.vans[0]),
        reload_depots=list(kind.reloads.values()),
        max_reloads=van.most_reloads if kind.reloads else 0,
        max_overtime=min(van.overtime_s, max(0, van.max_seconds - longest_s)),
        unit_overtime_cost=van.overtime_cost // fleet.divisor,
    )


def _narrowed(task: Task) -> NDArray[np.bool_]:
    """Without goods that a van could only load on its way, at a depot that is not its own or not at first."""
    may = task.may.copy()
    is_brought = np.array([visit.is_from_depot for visit in task.visits], np.bool_)
    is_taken = np.array([visit.kind is VisitKind.COLLECTION for visit in task.visits], np.bool_)
    depot_ids = np.array([visit.depot_id for visit in task.visits], dtype=object)
    for van, limits in enumerate(task.vans):
        is_elsewhere = (is_brought | is_taken) & (depot_ids != "") & (depot_ids != limits.depot_id)
        unsaid = is_elsewhere | is_brought if limits.is_under_way else is_elsewhere
        unsaid[list(on_board(task, van))] = False
        may[unsaid, van] = False
    return may


def _begun(task: Task, van: int, tour: Tour) -> tuple[Tour, int, int, int] | None:
    """The frozen beginning, where and when it ends, and its metres; None where the tour does not begin so."""
    limits = task.vans[van]
    told = task.given[van][: task.frozen[van]] if task.given else ()
    made = set(tour)
    prefix = tuple(number for number in told if number in made)
    if not prefix:
        return (), limits.start, limits.shift_start_s, 0
    if tour[: len(prefix)] != prefix:
        return None
    calls = calls_of(task, van, prefix)
    found = walk(task, calls, NOWHERE, ready_s(task, van, prefix), per_second=limits.cost_per_second)
    if isinstance(found, Fault):
        return None
    ended = metres_of(task, limits, calls) - _way_home(task, limits, calls[-1].place)
    return prefix, calls[-1].place, found.ends_s, ended


def _way_home(task: Task, van: TaskVan, place: int) -> int:
    return 0 if van.end == NOWHERE else task.metres[place][van.end]


def _kept_load(task: Task, prefix: Tour) -> tuple[int, ...]:
    """What the frozen beginning has collected and keeps on board."""
    kept = [task.visits[n].loads for n in visits_in(prefix) if task.visits[n].kind is VisitKind.COLLECTION]
    return tuple(sum(loads[dimension] for loads in kept) for dimension in range(len(task.dimensions)))


def _useful_reloads(task: Task, van: int, may: NDArray[np.bool_]) -> list[int]:
    """Reload places that have the goods of every visit that the van may make."""
    limits = task.vans[van]
    wanted = {
        visit.depot_id
        for visit, allowed in zip(task.visits, may[:, van], strict=True)
        if allowed and visit.is_from_depot
    }
    return [k for k, depot_id in enumerate(limits.reload_ids) if wanted <= {"", depot_id}]


def _with_rules(
    task: Task, kinds: tuple[VanKind, ...], depots: tuple[tuple[int, int], ...], may: NDArray[np.bool_]
) -> Fleet:
    vans = [task.vans[kind.vans[0]] for kind in kinds]
    costs = [
        cost
        for van in vans
        for cost in (van.cost_per_metre, van.cost_per_second, van.overtime_cost, van.fixed_cost)
    ]
    # Prices of leaving visits out are whole minor units, and must not be rounded to the price of a drive.
    divisor = math.gcd(COST_UNITS, *costs)
    patterns, rooms = _patterns(may, kinds)
    # Half of PyVRP's largest penalty for each unit makes a visit on a wrong van as dear as leaving it out.
    weight = 1 + max(task.skip_costs, default=0) // divisor // 50_000
    return Fleet(
        kinds=kinds,
        depots=depots,
        dimensions=tuple(
            dimension
            for dimension in range(len(task.dimensions))
            if any(van.capacity[dimension] < UNBOUNDED for van in vans)
        ),
        counts_stops=any(kind.most_stops < UNBOUNDED // 2 for kind in kinds),
        horizon_s=max((van.shift_end_s + van.overtime_s for van in vans), default=0),
        divisor=divisor,
        weight=min(weight, UNBOUNDED // (1 + len(task.visits))),
        patterns=patterns,
        rooms=rooms,
        may=may,
    )


def _patterns(
    may: NDArray[np.bool_], kinds: Sequence[VanKind]
) -> tuple[dict[bytes, tuple[int, ...]], NDArray[np.bool_]]:
    """Dimensions of each set of kinds that may make some visit, and who has room in them."""
    columns = may[:, [kind.vans[0] for kind in kinds]]
    counts = Counter(row.tobytes() for row in columns if row.any() and not row.all())
    rows = {key: np.frombuffer(key, np.bool_) for key in counts}
    single = [key for key, row in rows.items() if row.sum() == 1]
    several = sorted((key for key in rows if key not in set(single)), key=lambda key: (-counts[key], key))
    patterns: dict[bytes, tuple[int, ...]] = {}
    rooms: list[NDArray[np.bool_]] = []
    if len(single) <= 2 * max(1, (len(kinds) - 1).bit_length()):
        several = [*single, *several]
        single = []
    for key in several[:_MOST_PATTERNS]:
        patterns[key] = (len(rooms),)
        rooms.append(rows[key])
    if single:
        numbers = np.arange(len(kinds))
        bits = max(1, (len(kinds) - 1).bit_length())
        first = len(rooms)
        for bit in range(bits):
            is_set = (numbers >> bit & 1).astype(np.bool_)
            rooms += [~is_set, is_set]
        for key in single:
            own = int(np.flatnonzero(rows[key])[0])
            patterns[key] = tuple(first + 2 * bit + (own >> bit & 1) for bit in range(bits))
    shape = (len(kinds), len(rooms))
    return patterns, np.array(rooms, np.bool_).T.reshape(shape) if rooms else np.zeros(shape, np.bool_)
