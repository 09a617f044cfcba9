"""OR-Tools' routing library as an engine, for small problems with rules that PyVRP does not know.

Guided local search from the tours given, on one core, in a process of its own. With a number of iterations
and a budget that is not reached, the same task gives the same tours.
"""

from __future__ import annotations

from optimizer.routes.engine import Limits, Watcher
from optimizer.routes.mending.balance import vans_on_duty
from optimizer.routes.mending.objective import Objective
from optimizer.routes.mending.repair import kept_to_rules
from optimizer.routes.numbered.task import Task, Tours

MOST_VISITS = 80
"""With more of them guided local search falls behind ruin and recreate."""

_LATE_S = 1.0
"""How much longer than its time a search may take to answer; it looks at the clock now and then."""


def can_model(task: Task) -> bool:
    """Whether the library's model holds all rules of the task, and the task is small enough for it."""
    return (
        0 < len(task.visits) <= MOST_VISITS
        and bool(vans_on_duty(task))
        and task.speeds is None
        and task.balance is None
        and not any(van.most_reloads for van in task.vans)
    )


def improve_with_or_tools(task: Task, tours: Tours, *, seed: int, limits: Limits, watch: Watcher) -> Tours:
    """The best tours that guided local search finds, or those given where it finds none better.

    An `optimizer.routes.engine.Engine`.

    Parameters
    ----------
    seed
        Not used: the search draws no lots.
    limits
        An iteration is `search.LOOKS_PER_ITERATION`.
    watch
        Told of the better plan, if there is one.

    Raises
    ------
    SearchDied
        If the library could not make anything of the task.
    """
    del seed
    from optimizer.routes.or_tools.process import PROCESSES
    from optimizer.routes.or_tools.search import Question

    found = PROCESSES.ask(
        lambda: Question(task, tours, max(0.0, limits.left_s), limits.max_iterations),
        lambda: limits.called_off.is_set() or limits.left_s < -_LATE_S,
    )
    if found is None:
        return tours
    objective = Objective(task)
    better = kept_to_rules(objective, found)
    before, after = objective.cost(tours), objective.cost(better)
    if after is None or (before is not None and after >= before):
        return tours
    watch("all", sum(map(len, better)), after)
    return better
