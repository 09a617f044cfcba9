"""A day as it stands: the problem, its task, and the tours with their slack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from doorstep.route_problem import GivenRoute, RouteProblem
from doorstep.route_solution import UnassignedReason, UnassignedVisit
from doorstep.visit import PinnedPlace, Visit
from optimizer.live.changes import Change
from optimizer.live.ground import Ground
from optimizer.live.growing import Standards, with_visits
from optimizer.routes.explain import Explainer
from optimizer.routes.insertion.greedy import hardest_first
from optimizer.routes.insertion.slack import Slack
from optimizer.routes.mending.objective import Objective
from optimizer.routes.mending.repair import kept_to_rules, unit_of, without_unit
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import Task, Tour, in_minor, visits_in
from optimizer.routes.timetable.reloading import with_reloads
from optimizer.routes.timetable.schedule import faults
from optimizer.routes.travel import Travel

Named = Mapping[str, tuple[str | int, ...]]
"""Van -> the ids of its visits in their order; a number is a way back, as in a tour."""


@dataclass(slots=True)
class Standing:
    """What `RunningDay` knows.

    Attributes
    ----------
    rules
        The problem; `visits` has those that came later as well, in the order of the task.
    forced
        Visit -> the van that a dispatcher put it with against a hard rule: there it stays, whatever else
        changes, until it is moved again.
    gone
        Visits that the day does not have any more; the task still has their numbers.
    """

    rules: RouteProblem
    task: Task
    ground: Ground
    slack: Slack
    standards: Standards
    visits: tuple[Visit, ...]
    forced: dict[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    @classmethod
    def of(cls, problem: RouteProblem, travel: Travel, tours: Named | None = None) -> Standing:
        """A day with some tours; without any, with what drivers were told."""
        task = task_of(problem, travel)
        if tours is None:
            numbered = tuple(with_reloads(task, van, tour) for van, tour in enumerate(task.given))
        else:
            numbered = tuple(_numbered(task, tours.get(van.id, ())) for van in problem.vans)
        ground = Ground(problem, task, is_approximate=travel.table.is_approximate)
        seconds, metres = ground.tables
        task = replace(
            task, seconds=ground.seconds, metres=ground.metres, seconds_table=seconds, metres_table=metres
        )
        return cls(problem, task, ground, Slack(task, numbered), Standards(problem, task), problem.visits)

    @property
    def problem(self) -> RouteProblem:
        """With all visits of the task, in its order."""
        if len(self.rules.visits) != len(self.visits):
            self.rules = replace(self.rules, visits=self.visits)
        return self.rules

    def without_gone(self) -> RouteProblem:
        """The problem with the visits that the day has."""
        if not self.gone:
            return self.problem
        return replace(self.problem, visits=tuple(one for one in self.visits if one.id not in self.gone))

    def with_visits(self, visits: Sequence[Visit]) -> Task:
        """The task with more visits, on no tour yet; see `growing.with_visits`."""
        return with_visits(self.task, self.ground, self.standards, self.rules, visits)

    def is_at(self, number: int, van: int, place: PinnedPlace | None) -> bool:
        """Whether a visit is on a van's tour, at a place of it."""
        visits = visits_in(self.slack.tours[van])
        if number not in visits:
            return False
        ends = {PinnedPlace.FIRST: visits[0], PinnedPlace.LAST: visits[-1]}
        return place is None or ends[place] == number

    def frozen(self) -> set[int]:
        """Visits that stay where they are, and their partners."""
        held = {
            number
            for tour, frozen in zip(self.slack.tours, self.task.frozen, strict=True)
            for number in visits_in(tour)[:frozen]
        }
        partners = {self.task.visits[number].partner for number in held}
        return held | {partner for partner in partners if partner is not None}

    def forced_on(self, van: int) -> set[int]:
        """Visits that a dispatcher forced onto a van's tour, and their partners."""
        numbers = self.task.visit_numbers
        forced = {numbers[name] for name, van_id in self.forced.items() if van_id == self.rules.vans[van].id}
        units = (unit_of(self.task, number) for number in forced if self.slack.van_of(number) == van)
        return {number for unit in units for number in unit}

    def reasons(self, number: int) -> tuple[UnassignedReason, ...]:
        """Why a visit is on no route."""
        return Explainer(self.problem, self.task, self.slack.tours, self.slack).reasons(number)

    def named(self) -> dict[str, tuple[str | int, ...]]:
        """The tours by the ids of vans and visits."""
        return {van.id: self.names(tour) for van, tour in zip(self.rules.vans, self.slack.tours, strict=True)}

    def names(self, tour: Tour) -> tuple[str | int, ...]:
        """A tour by the ids of its visits."""
        return tuple(self.visits[number].id if number >= 0 else number for number in tour)

    def told(self, frozen: Mapping[str, int]) -> tuple[GivenRoute, ...]:
        """The routes as what drivers are told, with the first of them frozen."""
        named = self.named()
        return tuple(
            GivenRoute(van_id, tuple(name for name in names if isinstance(name, str)), frozen.get(van_id, 0))
            for van_id, names in named.items()
            if names
        )

    def differing(self, tours: Sequence[Tour]) -> list[int]:
        """Vans whose tours are not these."""
        return [
            van for van, (was, tour) in enumerate(zip(self.slack.tours, tours, strict=True)) if was != tour
        ]

    def cost(self, vans: Iterable[int]) -> int:
        """Cost units of some tours, however bad."""
        tours = self.slack.tours
        return sum(faults(self.task, van, tours[van])[0].cost for van in vans if visits_in(tours[van]))

    def replanned(self, problem: RouteProblem, homeless: Iterable[str] = ()) -> tuple[Standing, Change]:
        """The day under an edited problem: what does not fit any more goes to others, all else stays.

        Parameters
        ----------
        homeless
            Visits that need a new place, with what the edit leaves without one.
        """
        wanted = set(homeless)
        tours = {
            van_id: tuple(name for name in names if name not in wanted)
            for van_id, names in self.named().items()
        }
        after = Standing.of(problem, self.ground.travel(), tours)
        known = {visit.id for visit in problem.visits}
        after.forced = {
            name: van_id for name, van_id in self.forced.items() if name in known and name not in wanted
        }
        objective = Objective(after.task)
        after._keep_to_rules(objective)
        gone = [name for names in self.named().values() for name in names if isinstance(name, str)]
        numbers = {after.task.visit_numbers[name] for name in (*gone, *wanted) if name in known}
        for number in hardest_first(after.task):
            if number in numbers and after.slack.van_of(number) is None:
                place = after.slack.cheapest(number)
                left_out = sum(objective.left_out[visit] for visit in unit_of(after.task, number))
                if place is not None and place.cost < left_out:
                    after.slack.put(place)
        return after, after.since(self, numbers)

    def _keep_to_rules(self, objective: Objective) -> None:
        """Leave out what tours cannot hold; what was forced stays, and what can be driven without it."""
        tours = self.slack.tours
        broken = [van for van, tour in enumerate(tours) if objective.of_van(van, tour) is None]
        if not broken:
            return
        forced = [self.forced_on(van) for van in range(len(tours))]
        plain = tuple(
            without_unit(self.task, van, tour, forced[van]) if forced[van] else tour
            for van, tour in enumerate(tours)
        )
        kept = kept_to_rules(objective, plain)
        for van in broken:
            gone = set(visits_in(plain[van])).difference(kept[van])
            tour = without_unit(self.task, van, tours[van], gone) if forced[van] else kept[van]
            self.slack.change(van, tour)

    def since(self, before: Standing, wanted: Iterable[int]) -> Change:
        """What is different from another standing of the same day; `wanted` visits should be on a route."""
        were, are = before.named(), self.named()
        was_with = {name: van_id for van_id, names in were.items() for name in names}
        is_with = {name: van_id for van_id, names in are.items() for name in names}
        moved = [
            name for name, van_id in is_with.items() if isinstance(name, str) and was_with.get(name) != van_id
        ]
        changed = [van_id for van_id in {**were, **are} if were.get(van_id, ()) != are.get(van_id, ())]
        lost = [number for number in sorted(wanted) if self.visits[number].id not in is_with]
        return Change(
            vans=tuple(changed),
            moved=tuple(moved),
            unassigned=tuple(
                UnassignedVisit(self.visits[number].id, self.reasons(number)) for number in lost
            ),
            cost_minor=in_minor(self.cost(range(len(self.task.vans))))
            - in_minor(before.cost(range(len(before.task.vans)))),
        )


def _numbered(task: Task, names: Iterable[str | int]) -> Tour:
    return tuple(task.visit_numbers[name] if isinstance(name, str) else name for name in names)
