"""What a place among the routes means for whoever asked for it."""

from __future__ import annotations

from doorstep.route_solution import StopKind
from doorstep.visit import Visit
from optimizer.live.changes import Placement, Quote
from optimizer.live.standing import Standing
from optimizer.routes.insertion.place import Place
from optimizer.routes.numbered.task import Task, in_minor, visits_in
from optimizer.routes.timetable.cargo import peak_loads
from optimizer.routes.timetable.schedule import Misfit, timetable


def placed(now: Standing, place: Place) -> Placement:
    """Who makes a visit, and when."""
    times = timetable(now.task, place.van, place.tour)
    entries = () if isinstance(times, Misfit) else times.entries
    made = (entry for entry in entries if entry.kind is not StopKind.BREAK)
    entry = next((entry for entry in made if entry.number == place.visit), None)
    return Placement(
        visit_id=now.visits[place.visit].id,
        van_id=now.rules.vans[place.van].id,
        position=visits_in(place.tour).index(place.visit),
        arrival=None if entry is None else now.task.instant(entry.arrives_s),
        service_start=None if entry is None else now.task.instant(entry.begins_s),
        cost_minor=in_minor(place.cost),
    )


def quoted(now: Standing, task: Task, visit: Visit, place: Place) -> Quote:
    """What a visit of a longer task would cost, and how full the van would be."""
    peaks = peak_loads(task, place.van, place.tour)
    limits = task.vans[place.van].capacity
    fullness = max((peak / limit for peak, limit in zip(peaks, limits, strict=True) if limit), default=0.0)
    return Quote(visit.id, now.rules.vans[place.van].id, in_minor(place.cost), fullness)
