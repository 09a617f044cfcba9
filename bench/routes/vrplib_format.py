"""VRPLIB's format, https://vrplib.readthedocs.io: CVRP, with windows, prizes, limits of length, own lengths.

A file that asks for more is refused: a cost without half of its rules would say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bench.routes.instance import EXACT, RAISED, ROUNDED, TENTHS, TRUNCATED, Convention, Customer, Instance
from bench.routes.solomon import capacity_of, demand_of
from bench.routes.weights import explicit, measured

_SECTIONS = {
    "NODE_COORD",
    "DEMAND",
    "TIME_WINDOW",
    "SERVICE_TIME",
    "PRIZE",
    "DEPOT",
    "EDGE_WEIGHT",
    "DISPLAY_DATA",
}

_CONVENTIONS: Mapping[str, Convention] = {
    "EUC_2D": ROUNDED,
    "CEIL_2D": RAISED,
    "FLOOR_2D": TRUNCATED,
    "EXACT_2D": EXACT,
}
"""Where lengths are straight lines."""


def is_vrplib(text: str) -> bool:
    """Whether a text has a section of the format."""
    return re.search(r"^\s*(NODE_COORD|EDGE_WEIGHT)_SECTION\b", text, re.MULTILINE) is not None


def parsed(text: str, name: str) -> Instance:
    """The instance of a text.

    Raises
    ------
    ValueError
        If a part is missing, or is beyond what is read; the message says which.
    """
    header, sections = _header(text), _sections(text)
    if unread := sorted({*sections} - _SECTIONS) + sorted(key for key in header if "VEHICLES_" in key):
        raise ValueError(f"{unread[0]} is not read")
    metric = _wanted(header, "EDGE_WEIGHT_TYPE")
    nodes = sorted(_numbered(sections, "DEMAND"))
    if (said := int(header.get("DIMENSION", len(nodes)))) != len(nodes):
        raise ValueError(f"DIMENSION says {said}, DEMAND_SECTION has {len(nodes)}")
    depot = _depot(sections)
    if depot not in nodes:
        raise ValueError(f"DEPOT_SECTION: no node {depot}")
    order = [depot, *(node for node in nodes if node != depot)]
    rows = _rows(header, sections, order)
    weights, convention = _lengths(metric, header, sections, order, rows)
    distance = float(header["DISTANCE"]) if "DISTANCE" in header else None
    has_windows = "TIME_WINDOW" in sections
    if distance is not None and not has_windows:
        # Of a route with its services: it has to be home by then.
        rows = (Customer(rows[0].x, rows[0].y, rows[0].demand, due=distance), *rows[1:])
    return Instance(
        name,
        rows,
        capacity_of(float(_wanted(header, "CAPACITY"))),
        int(header["VEHICLES"]) if "VEHICLES" in header else None,
        best_known=_best_in(header.get("COMMENT", "")),
        convention=convention,
        weights=weights,
        max_length=distance if has_windows else None,
    )


def _header(text: str) -> dict[str, str]:
    lines = re.findall(r"^[ \t]*([A-Za-z_]+)[ \t]*:[ \t]*(.*?)\s*$", text, re.MULTILINE)
    return {key.upper(): value for key, value in lines}


def _best_in(comment: str) -> float | None:
    """What a comment says, as "(Augerat et al, Min no of trucks: 5, Optimal value: 784)"."""
    found = re.search(r"\b(?:optimal|best)(?: known)?(?: value| cost)?\s*[:=]\s*([\d.]*\d)", comment, re.I)
    return float(found[1]) if found else None


def _wanted(header: Mapping[str, str], key: str) -> str:
    if key not in header:
        raise ValueError(f"no {key}")
    return header[key]


def _sections(text: str) -> dict[str, list[list[float]]]:
    """Name -> its lines."""
    body = re.split(r"^\s*EOF\b", text, maxsplit=1, flags=re.MULTILINE)[0]
    parts = re.split(r"^\s*([A-Z_]+)_SECTION[ \t:]*$", body, flags=re.MULTILINE)
    return {
        name: [[float(word) for word in line.split()] for line in lines.splitlines() if line.strip()]
        for name, lines in zip(parts[1::2], parts[2::2], strict=True)
    }


def _numbered(sections: Mapping[str, list[list[float]]], name: str) -> dict[int, list[float]]:
    """Node -> its values."""
    if name not in sections:
        raise ValueError(f"no {name}_SECTION")
    return {int(line[0]): line[1:] for line in sections[name]}


def _depot(sections: Mapping[str, list[list[float]]]) -> int:
    numbers = [word for line in sections.get("DEPOT", []) for word in line]
    depots = numbers[: numbers.index(-1)] if -1 in numbers else numbers
    if len(depots) != 1:
        raise ValueError(f"DEPOT_SECTION: one depot is read, found {len(depots)}")
    return int(depots[0])


def _rows(
    header: Mapping[str, str], sections: Mapping[str, list[list[float]]], order: list[int]
) -> tuple[Customer, ...]:
    nothing: dict[int, list[float]] = {}
    demands, depot = _numbered(sections, "DEMAND"), order[0]
    coordinates = next((name for name in ("NODE_COORD", "DISPLAY_DATA") if name in sections), None)
    places = _numbered(sections, coordinates) if coordinates else {node: [0.0, 0.0] for node in order}
    windows = _numbered(sections, "TIME_WINDOW") if "TIME_WINDOW" in sections else nothing
    prizes = _numbered(sections, "PRIZE") if "PRIZE" in sections else nothing
    services = _numbered(sections, "SERVICE_TIME") if "SERVICE_TIME" in sections else nothing
    same = float(header.get("SERVICE_TIME", 0))
    for name, found in (("NODE_COORD", places), ("TIME_WINDOW", windows), ("PRIZE", prizes)):
        if found and not found.keys() >= set(order):
            raise ValueError(f"{name}_SECTION: no node {min(set(order) - found.keys())}")
    return tuple(
        Customer(
            x=places[node][0],
            y=places[node][1],
            demand=demand_of(demands[node][0]),
            ready=windows[node][0] if windows else 0,
            due=windows[node][1] if windows else None,
            service=0 if node == depot else services.get(node, [same])[0],
            prize=prizes[node][0] if prizes and node != depot else None,
        )
        for node in order
    )


def _lengths(
    metric: str,
    header: Mapping[str, str],
    sections: Mapping[str, list[list[float]]],
    order: list[int],
    rows: tuple[Customer, ...],
) -> tuple[NDArray[np.float64] | None, Convention]:
    """What ways are where they are no straight lines, and how they are rounded."""
    if metric in _CONVENTIONS:
        if "NODE_COORD" not in sections:
            raise ValueError("no NODE_COORD_SECTION")
        is_dimacs = metric == "EUC_2D" and "TIME_WINDOW" in sections
        return None, TENTHS if is_dimacs else _CONVENTIONS[metric]
    if metric == "EXPLICIT":
        numbers = [word for line in sections.get("EDGE_WEIGHT", []) for word in line]
        table = explicit(numbers, header.get("EDGE_WEIGHT_FORMAT", "FULL_MATRIX"), len(order))
        # Rows of the table are in the order of the nodes' numbers.
        places = np.searchsorted(sorted(order), order)
        weights = table[np.ix_(places, places)]
    else:
        weights = measured(metric, np.array([(row.x, row.y) for row in rows]))
    return weights, ROUNDED if (weights % 1 == 0).all() else EXACT
