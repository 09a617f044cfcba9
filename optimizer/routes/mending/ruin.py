"""What to take out of a plan before it is put together again.

Strings of neighbouring tours around one visit, after Christiaens and Vanden Berghe (2020), "Slack Induction
by String Removals for Vehicle Routing Problems"; now and then a whole tour.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from random import Random

import numpy as np

from optimizer.routes.mending.objective import Objective
from optimizer.routes.mending.repair import Unit, unit_of
from optimizer.routes.numbered.task import Tour, is_reload

_LONGEST_STRING = 10
_MEAN_TAKEN_OUT = 10
_SPLIT_SHARE = 0.5
_WHOLE_TOUR_SHARE = 0.05
_LONGEST_WHOLE_TOUR = 20
_NEIGHBOURS = 200


class Ruin:
    """Chooses visits of a task that go together.

    Parameters
    ----------
    focus
        Vans around whose visits is ruined; every one where it is empty.
    """

    def __init__(self, objective: Objective, draw: Random, focus: frozenset[int] = frozenset()) -> None:
        self._task = objective.task
        self._held = [frozenset(objective.held(van)) for van in range(len(objective.task.vans))]
        self._draw = draw
        self._focus = focus
        self._places = np.array([visit.place for visit in objective.task.visits], dtype=np.intp)
        self.neighbours = lru_cache(maxsize=4096)(self._neighbours)

    def choose(self, tours: Sequence[Tour], left_out: Sequence[Unit]) -> dict[int, set[int]]:
        """Visits to take out by van; with one that is left out in mind where there is any."""
        van_of = vans_of(tours)
        seed = self._seed(tours, left_out)
        if seed is None:
            return {}
        if seed in van_of and self._draw.random() < _WHOLE_TOUR_SHARE:
            tour = tours[van_of[seed]]
            if len(tour) <= _LONGEST_WHOLE_TOUR:
                return self._open_units({van_of[seed]: [e for e in tour if not is_reload(e)]})
        longest = max(1, min(_LONGEST_STRING, _mean_length(tours)))
        strings = int(self._draw.uniform(1, 4 * _MEAN_TAKEN_OUT / (1 + longest)))
        chosen: dict[int, list[int]] = {}
        for visit in self.neighbours(seed):
            if len(chosen) == strings:
                break
            van = van_of.get(visit)
            if van is not None and van not in chosen and visit not in self._held[van]:
                chosen[van] = self._string(tours[van], visit, longest)
        return self._open_units(chosen)

    def _seed(self, tours: Sequence[Tour], left_out: Sequence[Unit]) -> int | None:
        if left_out and self._draw.random() < 0.3:
            return self._draw.choice(left_out)[0]
        vans = [van for van in self._focus if tours[van]] or [van for van, tour in enumerate(tours) if tour]
        if not vans:
            return None
        # By visits, not by vans: a long tour has more to improve.
        van = self._draw.choices(vans, [len(tours[van]) for van in vans])[0]
        return self._draw.choice([entry for entry in tours[van] if not is_reload(entry)])

    def _string(self, tour: Tour, visit: int, longest: int) -> list[int]:
        """A row of visits around one; sometimes with a few in its middle that stay."""
        visits = [entry for entry in tour if not is_reload(entry)]
        length = self._draw.randint(1, min(longest, len(visits)))
        spared = 0
        if length > 1 and self._draw.random() < _SPLIT_SHARE:
            spared = self._draw.randint(1, max(1, min(length, len(visits) - length)))
        window = min(length + spared, len(visits))
        at = visits.index(visit)
        begin = self._draw.randint(max(0, at - window + 1), min(at, len(visits) - window))
        row = visits[begin : begin + window]
        cut = self._draw.randint(0, max(0, length - 1))
        return [*row[:cut], *row[cut + window - length :]]

    def _open_units(self, chosen: dict[int, list[int]]) -> dict[int, set[int]]:
        """Whole pairs, without what is held."""
        taken: dict[int, set[int]] = {}
        for van, visits in chosen.items():
            for visit in visits:
                unit = unit_of(self._task, visit)
                if not self._held[van].intersection(unit):
                    taken.setdefault(van, set()).update(unit)
        return taken

    def _neighbours(self, visit: int) -> tuple[int, ...]:
        """Visits by how near they are, the visit itself first."""
        here, metres = self._places[visit], self._task.metres_table
        ways = metres[here, self._places] + metres[self._places, here]
        order = np.argsort(ways, kind="stable")[:_NEIGHBOURS]
        return (visit, *(int(other) for other in order if other != visit))


def vans_of(tours: Sequence[Tour]) -> dict[int, int]:
    """Visit -> the van that makes it."""
    return {entry: van for van, tour in enumerate(tours) for entry in tour if not is_reload(entry)}


def _mean_length(tours: Sequence[Tour]) -> int:
    lengths = [len(tour) for tour in tours if tour]
    return sum(lengths) // max(1, len(lengths))
