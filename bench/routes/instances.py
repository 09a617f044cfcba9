"""Files of benchmark instances.

Formats: Solomon's, https://www.sintef.no/projectweb/top/vrptw/documentation/, and VRPLIB's,
https://vrplib.readthedocs.io. Distances by the conventions of the sets: where there are time windows, ten
times as long and truncated (DIMACS), and all times ten times as long; elsewhere rounded to whole numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PUBLISHED = {
    "R101": 1637.7,
    "C104": 822.9,
    "RC105": 1513.7,
    "R206": 875.9,
    "R1_2_4": 3047.6,
    "C1_2_3": 2675.8,
    "R1_4_6": 8340.4,
}
"""Best known costs that come without a .sol: for folders without a bks.json."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A row of a file, in its own units. The depot is one as well."""

    x: float
    y: float
    demand: int = 0
    ready: int = 0
    due: int | None = None
    service: int = 0
    prize: int | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """What a file says.

    Attributes
    ----------
    rows
        The depot first.
    vans
        At most; None where there are as many as one likes.
    best_known
        In the file's units; None where nobody told.
    """

    name: str
    rows: tuple[Customer, ...]
    capacity: int
    vans: int | None
    best_known: float | None

    @property
    def stops(self) -> int:
        """Customers."""
        return len(self.rows) - 1

    @property
    def has_windows(self) -> bool:
        """Whether time matters."""
        return self.rows[0].due is not None

    @property
    def scale(self) -> int:
        """Units of the plan per unit of the file."""
        return 10 if self.has_windows else 1

    def lengths(self) -> NDArray[np.int64]:
        """Of shape (rows, rows), by the convention of the set."""
        places = np.array([(row.x, row.y) for row in self.rows], dtype=np.float64)
        apart = places[:, None, :] - places[None, :, :]
        squares = (apart * apart).sum(axis=2)
        if self.has_windows:
            # Exact where coordinates are whole: the root of a perfect square must not fall short of it.
            return np.floor(np.sqrt(100 * squares) + 1e-9).astype(np.int64)
        return np.floor(np.sqrt(squares) + 0.5).astype(np.int64)


def instances_in(path: Path) -> list[Instance]:
    """The instance of a file, or those of a folder, small ones first.

    Raises
    ------
    ValueError
        If there is none, or a file is in another format.
    """
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    found = [read_instance(file) for file in files if file.suffix.lower() in (".txt", ".vrp")]
    if not found:
        raise ValueError(f"{path}: no .txt or .vrp file; --instances takes a folder of them, or one")
    return sorted(found, key=lambda instance: (instance.stops, instance.name))


def read_instance(path: Path) -> Instance:
    """Read a file by its format.

    Raises
    ------
    ValueError
        If it is in neither format.
    """
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        return _vrplib(path, text) if "NODE_COORD_SECTION" in text else _solomon(path, text)
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError(
            f"{path.name}: neither Solomon's format nor VRPLIB's with EUC_2D: {error!r}"
        ) from error


def _solomon(path: Path, text: str) -> Instance:
    lines = [line.split() for line in text.splitlines()]
    numbers = [[float(word) for word in line] for line in lines if line and line[0][0].isdigit()]
    (vans, capacity), *rows = numbers
    customers = tuple(
        Customer(x, y, int(demand), int(ready), int(due), int(service))
        for _, x, y, demand, ready, due, service in rows
    )
    return Instance(path.stem, customers, int(capacity), int(vans), _best_known(path, has_prizes=False))


def _vrplib(path: Path, text: str) -> Instance:
    header = dict(re.findall(r"^\s*([A-Z_]+)\s*:\s*(.*?)\s*$", text, re.MULTILINE))
    if header["EDGE_WEIGHT_TYPE"] != "EUC_2D":
        raise ValueError(f"EDGE_WEIGHT_TYPE {header['EDGE_WEIGHT_TYPE']}")
    places, demands = _section(text, "NODE_COORD"), _section(text, "DEMAND")
    windows, prizes = _section(text, "TIME_WINDOW"), _section(text, "PRIZE")
    services = _section(text, "SERVICE_TIME")
    depot = int(re.findall(r"DEPOT_SECTION\s+(\d+)", text)[0])
    same = int(header.get("SERVICE_TIME", 0))
    order = [depot, *(number for number in places if number != depot)]
    rows = tuple(
        Customer(
            x=places[number][0],
            y=places[number][1],
            demand=int(demands[number][0]),
            ready=int(windows[number][0]) if windows else 0,
            due=int(windows[number][1]) if windows else None,
            service=0 if number == depot else int(services[number][0]) if services else same,
            prize=int(prizes[number][0]) if prizes and number != depot else None,
        )
        for number in order
    )
    vans = int(header["VEHICLES"]) if "VEHICLES" in header else None
    return Instance(path.stem, rows, int(header["CAPACITY"]), vans, _best_known(path, bool(prizes)))


def _section(text: str, name: str) -> dict[int, list[float]]:
    """Node -> its values; {} where the file has no such section."""
    found = re.search(
        rf"^{name}_SECTION\s*$(.*?)(?=^[A-Z_]+_SECTION|^EOF|\Z)", text, re.MULTILINE | re.DOTALL
    )
    lines = found[1].split("\n") if found else []
    return dict(_numbered(lines))


def _numbered(lines: list[str]) -> Iterator[tuple[int, list[float]]]:
    for line in lines:
        if words := line.split():
            yield int(words[0]), [float(word) for word in words[1:]]


def _best_known(path: Path, has_prizes: bool) -> float | None:
    """From the .sol beside the file, the folder's bks.json, or what is published."""
    solution = path.with_suffix(".sol")
    if solution.exists():
        cost = float(re.findall(r"Cost:?\s*([\d.]+)", solution.read_text(encoding="utf-8"))[0])
        # Those of prize-collecting instances are in tenths already.
        return cost / 10 if has_prizes else cost
    costs = path.with_name("bks.json")
    known: dict[str, float] = json.loads(costs.read_text(encoding="utf-8")) if costs.exists() else {}
    for names in (known, PUBLISHED):
        for name, cost in names.items():
            if Path(name).stem.upper() == path.stem.upper():
                return float(cost)
    return None
