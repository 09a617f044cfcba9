"""Who may make a visit at all: depot, shift, pin, kind, skills, territory, what drivers hold, what fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from doorstep.route_problem import RouteProblem
from doorstep.route_solution import UnassignedCode, UnassignedReason
from doorstep.van import Van
from doorstep.visit import Visit, VisitKind
from optimizer.routes.explain.wording import listed, load, taken
from optimizer.routes.numbered.task import Task

Code = UnassignedCode


def unit_of(task: Task, number: int) -> tuple[int, ...]:
    """A visit; of a pair both, the pick-up first."""
    partner = task.visits[number].partner
    if partner is None:
        return (number,)
    return (number, partner) if task.visits[number].kind is VisitKind.PICKUP else (partner, number)


def of_whom(task: Task, other: int | None, number: int) -> str:
    """Of which visit of its pair something is said, where it is not of the visit itself."""
    if other is None or other == number:
        return ""
    return " of its pick-up" if task.visits[other].kind is VisitKind.PICKUP else " of its drop-off"


def able_vans(problem: RouteProblem, task: Task, number: int) -> tuple[list[int], UnassignedReason | None]:
    """The vans that may make a visit and its partner; where there are none, the reason why."""
    unit = unit_of(task, number)
    visits = [problem.visits[one] for one in unit]
    screen = _Screen(problem.vans)
    _on_duty(screen, task, visits)
    for visit in visits:
        _pinned(screen, visit)
        _asked_for(screen, visit)
    screen.keep(
        lambda van: all(task.may[one, van] for one in unit),
        lambda: _held(problem, task, unit, screen.numbers),
    )
    screen.keep(lambda van: _holds(task, van, unit), lambda: _too_large(task, unit, screen.numbers))
    return screen.numbers, screen.reason


class _Screen:
    """Vans that are left after one test and another, and why there are none.

    Attributes
    ----------
    subject
        Begins a sentence about those that are left, of what none of them is or has.
    """

    def __init__(self, vans: Sequence[Van]) -> None:
        self.vans = vans
        self.numbers = list(range(len(vans)))
        self.subject = "No van on duty"
        self.reason: UnassignedReason | None = None

    def keep(
        self, passes: Callable[[int], bool], why: Callable[[], UnassignedReason], left: str = ""
    ) -> None:
        """Keep those that pass; `left` says how they differ from those that do not."""
        if self.reason is not None:
            return
        passed = [number for number in self.numbers if passes(number)]
        if not passed:
            self.reason = why()
        elif len(passed) < len(self.numbers) and left and not self.subject.startswith("Not"):
            self.subject = f"{self.subject} {left}"
        self.numbers = passed

    def lack(self, code: UnassignedCode, verb: str) -> UnassignedReason:
        """None of those that are left has it."""
        return UnassignedReason(code, f"{self.subject} {verb}.")


def _on_duty(screen: _Screen, task: Task, visits: Sequence[Visit]) -> None:
    vans = screen.vans
    screen.keep(
        lambda number: all(_comes_by(vans[number], visit) for visit in visits),
        lambda: UnassignedReason(Code.NO_VEHICLE, "No van works from this depot that day."),
    )
    screen.keep(
        lambda number: _is_on_duty(task, number),
        lambda: UnassignedReason(Code.NO_VEHICLE, "Every van's shift at this depot is over."),
    )


def _pinned(screen: _Screen, visit: Visit) -> None:
    if pin := visit.pinned_van:
        text = "The van that it is pinned to does not work from this depot, or not any more."
        screen.keep(
            lambda number: screen.vans[number].id == pin,
            lambda: UnassignedReason(Code.NO_VEHICLE, text, pin),
        )
        screen.subject = "Not even the van that it is pinned to"


def _asked_for(screen: _Screen, visit: Visit) -> None:
    vans = screen.vans
    if kinds := visit.vehicle_kinds:
        screen.keep(
            lambda number: vans[number].kind in kinds,
            lambda: screen.lack(Code.NO_VEHICLE, f"is a {listed(kinds, 'or')}"),
            "of the right kind",
        )
    if skills := visit.skills:
        noun = "skill" if len(skills) == 1 else "skills"
        screen.keep(
            lambda number: skills <= vans[number].skills,
            lambda: screen.lack(Code.NO_SKILL, f"has the {noun} {listed(skills, 'and')}"),
            "with the right skills",
        )
    if area := visit.territory:
        screen.keep(
            lambda number: _serves(vans[number], area),
            lambda: screen.lack(Code.TERRITORY, f'serves the territory "{area}"'),
            "of the right territory",
        )


def _comes_by(van: Van, visit: Visit) -> bool:
    """Whether the van is at the depot where the goods lie or go; those of a pair come from a door."""
    if visit.from_visit or visit.kind is VisitKind.PICKUP:
        return True
    return visit.depot_id in ("", van.depot_id, *(van.reloads.depot_ids if van.reloads else ()))


def _serves(van: Van, territory: str) -> bool:
    return not van.territories or territory in van.territories or van.outside_cost_minor is not None


def _held(problem: RouteProblem, task: Task, unit: Sequence[int], vans: Sequence[int]) -> UnassignedReason:
    """Why none of those may that could, but for what drivers have been told and loaded."""
    holders = [van for one in unit for van, tour in enumerate(task.given) if one in tour]
    if len(set(holders)) > 1:
        text = "Its pick-up and its drop-off stay with the drivers who were told of them, and those are two."
        return UnassignedReason(Code.OTHER, text, problem.vans[holders[0]].id)
    if holders:
        holder = holders[0]
        code, why = _why_not(problem, task, unit, holder)
        text = f"It stays with the driver who was told of it, {why}."
        return UnassignedReason(code, text, problem.vans[holder].id)
    if all(task.vans[van].is_under_way for van in vans):
        text = "The vans that could make it have left, and do not come back for more goods."
        return UnassignedReason(Code.NO_VEHICLE, text)
    return UnassignedReason(Code.OTHER, "No van may make it.")


def _why_not(problem: RouteProblem, task: Task, unit: Sequence[int], number: int) -> tuple[Code, str]:
    """Why a van may not make a visit that its driver was told of: the end of a sentence about the driver."""
    van, visits = problem.vans[number], [problem.visits[one] for one in unit]
    if not _is_on_duty(task, number):
        return Code.NO_VEHICLE, "whose shift is over"
    if not all(_comes_by(van, visit) for visit in visits):
        return Code.NO_VEHICLE, "whose van does not come by the depot of its goods"
    found = (why for visit in visits for why in _unfit(van, visit))
    return next(found, (Code.OTHER, "and that one may not make it"))


def _unfit(van: Van, visit: Visit) -> Iterator[tuple[Code, str]]:
    if visit.pinned_van not in ("", van.id):
        yield Code.NO_VEHICLE, "and is pinned to another van"
    if visit.vehicle_kinds and van.kind not in visit.vehicle_kinds:
        yield Code.NO_VEHICLE, f"whose van is no {listed(visit.vehicle_kinds, 'or')}"
    if missing := visit.skills - van.skills:
        noun = "skill" if len(missing) == 1 else "skills"
        yield Code.NO_SKILL, f"who lacks the {noun} {listed(missing, 'and')}"
    if visit.territory and not _serves(van, visit.territory):
        yield Code.TERRITORY, f'who does not serve the territory "{visit.territory}"'


def _is_on_duty(task: Task, number: int) -> bool:
    van = task.vans[number]
    return van.shift_end_s + van.overtime_s > van.shift_start_s


def _holds(task: Task, van: int, unit: Sequence[int]) -> bool:
    """Whether each visit of the unit alone fits into the van."""
    capacity = task.vans[van].capacity
    return all(
        amount <= limit
        for one in unit
        for amount, limit in zip(task.visits[one].loads, capacity, strict=True)
    )


def _too_large(task: Task, unit: Sequence[int], vans: Sequence[int]) -> UnassignedReason:
    largest = (
        "the largest van of this depot takes" if len(vans) > 1 else "the only van that may make it takes"
    )
    for one in unit:
        for place, (name, amount) in enumerate(zip(task.dimensions, task.visits[one].loads, strict=True)):
            widest = max(task.vans[van].capacity[place] for van in vans)
            if amount > widest:
                text = f"{taken(name, amount).capitalize()}; {largest} {load(name, widest)}."
                return UnassignedReason(Code.NO_CAPACITY, text)
    loads = zip(task.dimensions, task.visits[unit[0]].loads, strict=True)
    text = f"No van takes all of it: {' and '.join(load(name, amount) for name, amount in loads if amount)}."
    return UnassignedReason(Code.NO_CAPACITY, text)
