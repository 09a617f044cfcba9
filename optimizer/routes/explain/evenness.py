"""What is left out so that no driver has more than an even share."""

from __future__ import annotations

from doorstep.route_problem import BalanceMeasure
from optimizer.routes.explain.wording import span
from optimizer.routes.insertion.place import Place
from optimizer.routes.mending.balance import share_of, vans_on_duty, work_of
from optimizer.routes.numbered.task import Task, Tours, visits_in
from optimizer.routes.timetable.schedule import faults


def uneven_with(task: Task, tours: Tours, place: Place) -> str | None:
    """A sentence where a visit put in its place makes its van's tour longer than it should be; else None."""
    balance = task.balance
    if balance is None:
        return None
    longer = [place.tour if van == place.van else tour for van, tour in enumerate(tours)]
    works = {
        van: work_of(balance, tour, faults(task, van, tour)[0]) if visits_in(tour) else 0
        for van, tour in enumerate(longer)
    }
    on_duty = vans_on_duty(task)
    share = share_of(balance, sum(works[van] for van in on_duty), len(on_duty))
    work = works[place.van]
    if work <= share:
        return None
    if balance.measure is BalanceMeasure.STOPS:
        return f"With it, the van would make {work} stops; an even share is {share} at most."
    return f"With it, the van would be out {span(work)}; an even share is {span(share)} at most."
