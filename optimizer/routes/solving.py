"""The algorithm behind a plan: what is told, insertion, engines in their turn, mending, filling, checking."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from doorstep.route_problem import RouteProblem
from doorstep.route_solution import EngineStep, RouteSolution
from optimizer.routes.checker import Violation, check
from optimizer.routes.choosing import Choice, EngineName, choices, sentence
from optimizer.routes.engine import Engine, Limits
from optimizer.routes.explain.assignment import with_assignments
from optimizer.routes.first import first_plan
from optimizer.routes.insertion.greedy import empty_tours, hardest_first, insert
from optimizer.routes.mending.mending import mend
from optimizer.routes.mending.objective import Objective
from optimizer.routes.mending.repair import kept_to_rules
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import Task, Tours, in_minor, visits_in
from optimizer.routes.progress import PartsWatch, ProgressBoard
from optimizer.routes.solution import UndrivableTour, solution_of
from optimizer.routes.timetable.reloading import with_reloads
from optimizer.routes.travel import Travel


def solve(
    problem: RouteProblem,
    travel: Travel,
    *,
    engine: Engine | None,
    seed: int,
    limits: Limits,
    budget_s: float,
    ends_s: float,
    board: ProgressBoard,
) -> RouteSolution:
    """Begin with what drivers were told, insert the rest, improve, mend, put in what still fits, and check.

    Blocks until `limits` are reached.

    Parameters
    ----------
    engine
        None for those that suit the day.
    limits
        Of the search.
    budget_s
        What there was of time for all, with the roads.
    ends_s
        When all should be done, on the monotonic clock; reasons get a share of what the search leaves.
    """
    task = task_of(problem, travel)
    search = _Search(task, seed, limits, ends_s, board)
    began_with = search.begin()
    chosen = choices(task, limits.left_s)
    if engine is not None and chosen:
        chosen = (Choice(EngineName.PYVRP, "it was asked for", 1.0), *chosen[1:])
    tours = began_with
    for choice in chosen:
        tours = search.take_turn(choice, tours, engine)
    tours = search.settled(tours, began_with)
    method = sentence(search.made_by)
    explaining = _Explaining(ends_s, _LEAST_SHARE * budget_s)
    for plan, falls_back_on in ((tours, EngineName.GREEDY.value), (began_with, "an empty plan")):
        try:
            return _checked(problem, travel, task, plan, method, search.steps, explaining)
        except _BrokenPlan as broken:
            method = f"{falls_back_on}, since the plan by {method.partition(':')[0]} broke {broken}"
    return _checked(problem, travel, task, empty_tours(task), method, search.steps, explaining)


_REASONS_SHARE, _LEAST_FOR_REASONS_S = 0.5, 0.3
"""Of the time between the search and the end; and what reasons get even if the search took all of it."""

_LEAST_FOR_ASSIGNMENTS_S = 1.0
"""What the reasons of stops that have a place get even if no time is left."""

_LEAST_SHARE = 0.1
"""Of the budget, at most, for either of these two: a wave in zones is made of many short plans."""

_INFINITE = float("inf")
_log = logging.getLogger(__name__)


class _Search:
    """One plan in the making, with a line for each thing that was tried.

    The best plan is what counts as far as all rules are known; an engine that does not know them all may
    hand its tours on as they are, for mending to judge.

    Attributes
    ----------
    steps
        What was tried, in turn.
    made_by
        Whose tours these are: the engines that changed something; () where it is still greedy insertion's.
    """

    def __init__(self, task: Task, seed: int, limits: Limits, ends_s: float, board: ProgressBoard) -> None:
        self._task = task
        self._seed = seed
        self._limits = limits
        self._ends_s = ends_s
        self._board = board
        self._objective = Objective(task)
        self.steps: list[EngineStep] = []
        self.made_by: list[Choice] = []

    def begin(self) -> Tours:
        """What drivers were told, as far as it can be driven, and every other visit where it costs least."""
        began_s = monotonic()
        told = tuple(with_reloads(self._task, van, tour) for van, tour in enumerate(self._task.given))
        kept = kept_to_rules(self._objective, told)
        if any(told):
            found = insert(self._task, kept, self._missing(kept), lambda: self._limits.is_over)
        else:
            found = first_plan(self._objective, lambda: self._limits.is_over)
        why = "it fills what drivers were told" if any(kept) else "every search begins with it"
        tours = self._kept(found)
        self._note(EngineName.GREEDY, why, began_s, tours)
        return tours

    def take_turn(self, choice: Choice, tours: Tours, engine: Engine | None) -> Tours:
        """Let an engine improve the tours; what it does worse is not kept, and if it fails, nothing."""
        began_s = monotonic()
        within = self._limits.share(choice.share)
        if within.max_iterations is None:
            within = within.until(began_s + choice.most_s)
        if within.is_over:
            return tours
        try:
            found = self._run(choice.engine, tours, within, engine)
        except Exception as error:
            # Whatever an engine stumbles over, the dispatcher gets the plan that there is.
            _log.exception("an engine of the route planner failed")
            self._note(choice.engine, f"it failed: {type(error).__name__}", began_s, tours)
            return tours
        if choice.engine is not EngineName.PYVRP and self._cost(found) > self._cost(tours):
            found = tours
        if found != tours:
            self.made_by.append(choice)
        self._note(choice.engine, choice.why, began_s, found)
        return found

    def settled(self, tours: Tours, began_with: Tours) -> Tours:
        """The better of the two, without what breaks a rule, and with every visit put in that fits."""
        tours = self._filled(self._kept(tours))
        if self._cost(began_with) <= self._cost(tours):
            self.made_by.clear()
            tours = self._filled(began_with)
        return tours

    def _filled(self, tours: Tours) -> Tours:
        """With every visit put in that fits and pays, as far as there is time; one round there always is.

        A reload that comes with one visit makes room for others.
        """
        longer = self._with_missing(tours, lambda: False)
        while self._cost(longer) < self._cost(tours):
            tours = longer
            longer = self._with_missing(tours, self._is_late)
        return tours

    def _with_missing(self, tours: Tours, is_over: Callable[[], bool]) -> Tours:
        missing = [] if is_over() else self._missing(tours)
        return self._kept(insert(self._task, tours, missing, is_over)) if missing else tours

    def _is_late(self) -> bool:
        return monotonic() >= self._ends_s

    def _kept(self, tours: Tours) -> Tours:
        """The tours without what breaks a rule."""
        return kept_to_rules(self._objective, tours) if self._cost(tours) == _INFINITE else tours

    def _missing(self, tours: Tours) -> list[int]:
        """Visits that are on no tour, but for those at which a driver was to begin: that place is gone."""
        gone = {number for tour in tours for number in visits_in(tour)}
        for van in range(len(tours)):
            gone.update(self._objective.held(van))
        return [number for number in hardest_first(self._task) if number not in gone]

    def _run(self, name: EngineName, tours: Tours, limits: Limits, engine: Engine | None) -> Tours:
        if name is EngineName.MENDING:
            return mend(self._task, tours, seed=self._seed, limits=limits, on_best=self._tell)
        if name is EngineName.OR_TOOLS:
            from optimizer.routes.or_tools.engine import improve_with_or_tools

            watch = PartsWatch(self._board)
            return improve_with_or_tools(self._task, tours, seed=self._seed, limits=limits, watch=watch)
        improve = engine or _pyvrp()
        return improve(self._task, tours, seed=self._seed, limits=limits, watch=PartsWatch(self._board))

    def _note(self, name: EngineName, why: str, began_s: float, tours: Tours) -> None:
        self._tell(tours)
        cost = sum(part.cost for van, tour in enumerate(tours) if (part := self._objective.of_van(van, tour)))
        self.steps.append(EngineStep(name.value, why, monotonic() - began_s, in_minor(cost)))

    def _tell(self, tours: Tours) -> None:
        parts = [self._objective.of_van(van, tour) for van, tour in enumerate(tours)]
        if all(part is not None for part in parts):
            cost = sum(part.cost for part in parts if part is not None)
            self._board.whole(sum(len(visits_in(tour)) for tour in tours), cost)

    def _cost(self, tours: Tours) -> float:
        cost = self._objective.cost(tours)
        return _INFINITE if cost is None else cost


def _pyvrp() -> Engine:
    from optimizer.routes.components import improve

    return improve


class _BrokenPlan(Exception):
    """A plan that must not be returned."""


@dataclass(frozen=True, slots=True)
class _Explaining:
    """How long reasons may take.

    Attributes
    ----------
    ends_s
        When all should be done, on the monotonic clock.
    most_after_s
        What those of either kind get at most if no time is left.
    """

    ends_s: float
    most_after_s: float

    @property
    def left_out_until_s(self) -> float:
        """When it should be known why visits have no place."""
        now_s = monotonic()
        least_s = min(_LEAST_FOR_REASONS_S, self.most_after_s)
        return now_s + max(_REASONS_SHARE * (self.ends_s - now_s), least_s)

    @property
    def placed_within_s(self) -> float:
        """Seconds for why visits have the place that they have."""
        return max(self.ends_s - monotonic(), min(_LEAST_FOR_ASSIGNMENTS_S, self.most_after_s))


def _checked(
    problem: RouteProblem,
    travel: Travel,
    task: Task,
    tours: Tours,
    method: str,
    steps: Sequence[EngineStep],
    explaining: _Explaining,
) -> RouteSolution:
    try:
        solution = solution_of(
            problem,
            task,
            tours,
            is_approximate=travel.table.is_approximate,
            method=method,
            steps=tuple(steps),
            reasons_until_s=explaining.left_out_until_s,
        )
    except UndrivableTour as error:
        raise _BrokenPlan(str(error)) from error
    violations = check(problem, travel, solution)
    if violations:
        raise _BrokenPlan(_in_words(violations))
    return with_assignments(problem, task, tours, solution, within_s=explaining.placed_within_s)


def _in_words(violations: tuple[Violation, ...]) -> str:
    return ", ".join(sorted({violation.kind.value for violation in violations}))
