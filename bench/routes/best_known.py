"""The best known cost of an instance, and the convention that it was counted by.

Sets are told by several conventions, some in tenths. Where the solution is there its routes are counted by
each: the one that gives the cost is right. Elsewhere the decimals tell: nobody who truncates to tenths has
hundredths, nobody who rounds to whole numbers has a fraction. They are looked at over a whole set, since of
exact costs one in ten ends like a tenth.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np

from bench.routes.instance import EXACT, ROUNDED, TENTHS, TRUNCATED, Convention, Instance

_PUBLISHED = {
    ("R101", 100): "1637.7",
    ("C104", 100): "822.9",
    ("RC105", 100): "1513.7",
    ("R206", 100): "875.9",
    ("R1_2_4", 200): "3047.6",
    ("C1_2_3", 200): "2675.8",
    ("R1_4_6", 400): "8340.4",
}
"""Name and stops -> cost by DIMACS: where no bks.json tells another."""

_NAMES = ("name", "instance", "instancename", "id", "file", "filename")
_COSTS = (
    "cost",
    "distance",
    "bks",
    "best",
    "bestknown",
    "bestknowncost",
    "bestknownsolution",
    "bestcost",
    "value",
    "totaldistance",
    "objective",
    "optimal",
    "optimum",
    "ub",
    "upperbound",
)
"""Keys of objects, without what is not a letter; the first that is there counts."""


@dataclass(frozen=True, slots=True)
class Told:
    """A cost that somebody wrote down.

    Attributes
    ----------
    routes
        Customers from 1 on; () where only the cost is known.
    set_decimals
        The most that a cost of the same set has.
    """

    cost: Decimal
    routes: tuple[tuple[int, ...], ...] = ()
    set_decimals: int = 0

    @property
    def decimals(self) -> int:
        """Of this cost, or of one of the same set."""
        return max(_decimals(self.cost), self.set_decimals)


def with_best_known(instance: Instance, path: Path, root: Path) -> Instance:
    """The instance with what is known of it: beside its file, in the folder's bks.json, or published.

    Parameters
    ----------
    root
        The folder that was asked for: a bks.json lies there, beside the file, or between.
    """
    names = {_same(path.name), _same(instance.name)}
    told = _in_solution(path) or _in_folders(names, path, root)
    if told is None and instance.best_known:
        told = Told(Decimal(str(instance.best_known)))
    for (name, stops), cost in _PUBLISHED.items():
        is_same = told is None or (told.cost == Decimal(cost) and not told.routes)
        if is_same and stops == instance.stops and name in names:
            # Whatever the others of its set have: this one is by DIMACS.
            told = Told(Decimal(cost))
    return replace(instance, best_known=None) if told is None else _counted(instance, told)


def costs_in(data: object, name: str = "") -> Iterator[tuple[str, Decimal]]:
    """Names with costs in whatever shape: numbers by name, objects by name, lists of objects or pairs."""
    if (cost := _number(data)) is not None:
        yield name, cost
    elif isinstance(data, dict):
        keys = {re.sub(r"[^a-z]", "", str(key).lower()): value for key, value in data.items()}
        own = next((str(keys[key]) for key in _NAMES if isinstance(keys.get(key), str)), name)
        costs = [cost for key in _COSTS if (cost := _number(keys.get(key))) is not None]
        if costs and own:
            yield own, costs[0]
            return
        for key, value in data.items():
            yield from costs_in(value, str(key))
    elif isinstance(data, list):
        match data:
            case [str(own), cost, *_] if _number(cost) is not None:
                yield from costs_in(cost, own)
            case _:
                for value in data:
                    yield from costs_in(value, name)


def _number(data: object) -> Decimal | None:
    """A cost above 0; numbers in quotes are numbers as well."""
    if isinstance(data, bool) or not isinstance(data, int | float | str | Decimal):
        return None
    try:
        cost = Decimal(str(data).strip())
    except InvalidOperation:
        return None
    return cost if cost.is_finite() and cost > 0 else None


def _same(name: str) -> str:
    """Names that mean the same instance are the same."""
    return re.sub(r"\.(txt|vrp|sol)$", "", name.strip(), flags=re.IGNORECASE).upper().replace("-", "_")


def _set_of(name: str) -> str:
    """The same for instances of one set: names differ in numbers, and windows' sets begin with R, C or RC."""
    return re.sub(r"^(RC|R|C)(?=#)", "", re.sub(r"\d+", "#", name))


def _beside(folder: Path, name: str) -> Path | None:
    """A file of the name in whatever case."""
    return next((file for file in sorted(folder.iterdir()) if file.name.lower() == name.lower()), None)


def _in_solution(path: Path) -> Told | None:
    file = _beside(path.parent, path.stem + ".sol")
    text = file.read_text(encoding="utf-8", errors="replace") if file else ""
    cost = re.search(r"^\s*Cost\s*:?\s*([\d.]+)", text, re.MULTILINE | re.IGNORECASE)
    number = _number(cost[1]) if cost else None
    if number is None:
        return None
    lines = re.findall(r"^\s*Route[^:\n]*:([\d \t]*)$", text, re.MULTILINE | re.IGNORECASE)
    return Told(number, tuple(tuple(map(int, line.split())) for line in lines))


def _in_folders(names: set[str], path: Path, root: Path) -> Told | None:
    folders = [folder for folder in path.parents if folder == root or root in folder.parents]
    for folder in folders or [path.parent]:
        file = _beside(folder, "bks.json")
        if file is None:
            continue
        try:
            data = json.loads(file.read_text(encoding="utf-8-sig"), parse_float=Decimal)
        except ValueError as error:
            raise ValueError(f"{file}: no JSON: {error}") from error
        costs = [(_same(name), cost) for name, cost in costs_in(data)]
        for name, cost in costs:
            if name in names:
                alike = (_decimals(other) for one, other in costs if _set_of(one) == _set_of(name))
                return Told(cost, set_decimals=max(alike))
    return None


def _counted(instance: Instance, told: Told) -> Instance:
    """The instance with the cost in its own units, by the convention that it was counted by."""
    cost = float(told.cost)
    for convention, unit in _readings(instance, told):
        return replace(instance, convention=convention, best_known=cost / unit)
    if cost > 1.5 * _ceiling(instance):
        # Far dearer than a van for each customer: nobody tells that, but in tenths it makes sense.
        return replace(instance, best_known=cost / instance.scale)
    if instance.convention is TENTHS and told.decimals > 1:
        return replace(instance, convention=EXACT, best_known=cost)
    if instance.convention is ROUNDED and told.decimals > 0:
        return replace(instance, convention=EXACT, best_known=cost)
    return replace(instance, best_known=cost)


def _readings(instance: Instance, told: Told) -> Iterator[tuple[Convention, int]]:
    """Conventions, and units of the cost per unit of the file, that give the cost for the routes told."""
    visited = [row for route in told.routes for row in route]
    if not visited or not {*visited} <= set(range(1, len(instance.rows))):
        return
    left_out = set(range(1, len(instance.rows))) - {*visited}
    prizes = sum(instance.rows[row].prize or 0 for row in left_out)
    exact = instance.exact_lengths()
    for convention in dict.fromkeys((instance.convention, TENTHS, ROUNDED, EXACT, TRUNCATED)):
        lengths = exact if convention is EXACT else convention.whole(exact) / convention.scale
        counted = prizes + sum(_length(lengths, route) for route in told.routes)
        for unit in sorted({1, convention.scale}):
            # Half of the last digit that was written down, and a hair.
            if abs(counted * unit - float(told.cost)) <= 0.501 * 10 ** -_decimals(told.cost):
                yield convention, unit


def _length(lengths: np.ndarray[tuple[int, ...], np.dtype[np.float64]], route: Sequence[int]) -> float:
    stops = (0, *route, 0)
    return float(lengths[stops[:-1], stops[1:]].sum())


def _decimals(cost: Decimal) -> int:
    exponent = cost.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _ceiling(instance: Instance) -> float:
    """What it costs to send a van for each customer, or to leave out whoever may be left out."""
    lengths = instance.exact_lengths()
    alone = [
        min(lengths[0, row] + lengths[row, 0], math.inf if prize is None else prize)
        for row, prize in enumerate(row.prize for row in instance.rows)
        if row
    ]
    return float(sum(alone))
