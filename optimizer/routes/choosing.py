"""Which engines a day is given to, and why."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from optimizer.routes.mending.mending import needs_mending
from optimizer.routes.numbered.task import Task

WORTH_A_SEARCH_S = 0.15
"""Less time than this is not worth building a model for."""

_WORTH_S, _WORTH_S_PER_PAIR = 0.3, 0.03
"""Seconds that an engine gets at most which does not know when nothing gets better, and more for each pair of
visits: a day of three stops is not worth a minute."""


class EngineName(StrEnum):
    """What makes tours; the values are read by dispatchers."""

    GREEDY = "greedy insertion"
    PYVRP = "PyVRP"
    OR_TOOLS = "OR-Tools"
    MENDING = "ruin and recreate"


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine to be used.

    Attributes
    ----------
    share
        Of the time that is left when its turn comes.
    most_s
        Seconds, however much is left; where iterations end the search it does not count.
    """

    engine: EngineName
    why: str
    share: float
    most_s: float = math.inf


def choices(task: Task, left_s: float) -> tuple[Choice, ...]:
    """The engines in their turn, with the time that is left for them; () where greedy insertion is enough."""
    if left_s < WORTH_A_SEARCH_S or not task.visits or not task.vans:
        return ()
    lacking = list(_beyond_pyvrp(task))
    if not needs_mending(task) and not lacking:
        return (Choice(EngineName.PYVRP, "it knows every rule of this day", 1.0),)
    rules = _listed(lacking or ["some rules"])
    most_s = _WORTH_S + _WORTH_S_PER_PAIR * len(task.visits) ** 2
    mending = Choice(EngineName.MENDING, f"it knows {rules}", 1.0, most_s)
    from optimizer.routes.or_tools.engine import can_model

    if can_model(task):
        why = f"PyVRP does not know {rules}, and the day is small"
        first = Choice(EngineName.PYVRP, "it finds good tours to begin with", 0.25)
        return (first, Choice(EngineName.OR_TOOLS, why, 0.4, most_s), mending)
    return (Choice(EngineName.PYVRP, "it is the strongest on what it knows", 0.6), mending)


def _beyond_pyvrp(task: Task) -> Iterator[str]:
    """Rules of the task that PyVRP has no model of."""
    if any(van.breaks for van in task.vans):
        yield "breaks"
    if any(van.is_lifo for van in task.vans) and any(visit.partner is not None for visit in task.visits):
        yield "last in, first out"
    if any(visit.pinned_place is not None for visit in task.visits):
        yield "places in a tour"
    if any(task.frozen):
        yield "frozen beginnings"
    if task.speeds is not None:
        yield "traffic by the hour"
    if task.balance is not None:
        yield "balance"
    if task.move_cost:
        yield "what drivers were told"


def sentence(made_by: Sequence[Choice]) -> str:
    """Which engines made a plan, and why."""
    if not made_by:
        return EngineName.GREEDY.value
    return "; ".join(f"{choice.engine}: {choice.why}" for choice in made_by)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
