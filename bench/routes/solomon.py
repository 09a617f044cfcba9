"""Solomon's format: https://www.sintef.no/projectweb/top/vrptw/documentation/."""

from __future__ import annotations

import math
import re
from itertools import takewhile

from bench.routes.instance import Customer, Instance

_COLUMNS = 7
"""Number, two coordinates, demand, ready, due, service."""

_NUMBERS = re.compile(r"[-+\d.eE\s]+")


def is_solomon(text: str) -> bool:
    """Whether a text has the words of the format where they belong."""
    return re.search(r"^\s*VEHICLE\b.*^\s*CUSTOMER\b", text, re.MULTILINE | re.DOTALL | re.I) is not None


def parsed(text: str, name: str) -> Instance:
    """The instance of a text.

    Raises
    ------
    ValueError
        If a part is missing; the message says which.
    """
    fleet_text, _, customer_text = re.split(r"^\s*(CUSTOMER)\b", text, maxsplit=1, flags=re.M | re.I)
    fleet = next(iter(_table(re.split(r"^\s*VEHICLE\b", fleet_text, flags=re.M | re.I)[-1])), [])
    if len(fleet) != 2:
        raise ValueError("VEHICLE: no line with their number and capacity")
    rows = _table(customer_text)
    if len(rows) < 2 or any(len(row) != _COLUMNS for row in rows):
        raise ValueError(f"CUSTOMER: not a depot and customers of {_COLUMNS} numbers each")
    customers = tuple(
        Customer(x, y, demand_of(demand), ready, due, service)
        for _, x, y, demand, ready, due, service in rows
    )
    return Instance(name, customers, capacity_of(fleet[1]), int(fleet[0]))


def _table(text: str) -> list[list[float]]:
    """The first lines of nothing but numbers."""
    lines = [line for line in text.splitlines() if line.strip()]
    while lines and not _NUMBERS.fullmatch(lines[0]):
        del lines[0]
    return [[float(word) for word in line.split()] for line in takewhile(_NUMBERS.fullmatch, lines)]


def demand_of(amount: float) -> int:
    """A whole number that is not negative.

    Raises
    ------
    ValueError
        If it is something else.
    """
    if amount < 0 or not float(amount).is_integer():
        raise ValueError(f"a demand of {amount}: only whole numbers from 0 on are read")
    return int(amount)


def capacity_of(amount: float) -> int:
    """What fits into a van: at least 1; the part of a unit is of no use to whole demands.

    Raises
    ------
    ValueError
        If it is less.
    """
    if not 1 <= amount < math.inf:
        raise ValueError(f"a capacity of {amount}: at least 1 is wanted")
    return int(amount)
