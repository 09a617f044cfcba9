"""Lengths that are no straight lines: written out, or by the other metrics of TSPLIB 95.

Source: G. Reinelt, TSPLIB 95, sections 1.2 and 2, http://comopt.ifi.uni-heidelberg.de/software/TSPLIB95/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]

_TRIANGLES: Mapping[str, tuple[bool, int]] = {
    # A column of the one triangle is a row of the other.
    "UPPER_ROW": (True, 1),
    "LOWER_COL": (True, 1),
    "UPPER_DIAG_ROW": (True, 0),
    "LOWER_DIAG_COL": (True, 0),
    "LOWER_ROW": (False, -1),
    "UPPER_COL": (False, -1),
    "LOWER_DIAG_ROW": (False, 0),
    "UPPER_DIAG_COL": (False, 0),
}
"""Whether row by row it is the upper one, and from which diagonal on."""


def explicit(numbers: Sequence[float], form: str, size: int) -> Table:
    """The table of shape (size, size) that is written out in EDGE_WEIGHT_SECTION.

    Raises
    ------
    ValueError
        If the form is unknown, or the count of numbers is another.
    """
    table = np.zeros((size, size))
    if form == "FULL_MATRIX":
        cells = np.indices((size, size)).reshape(2, -1)
    elif form in _TRIANGLES:
        is_upper, diagonal = _TRIANGLES[form]
        indices = np.triu_indices(size, diagonal) if is_upper else np.tril_indices(size, diagonal)
        cells = np.array(indices)
    else:
        raise ValueError(f"EDGE_WEIGHT_FORMAT {form} is not read")
    if len(numbers) != cells.shape[1]:
        raise ValueError(f"EDGE_WEIGHT_SECTION: {cells.shape[1]} numbers are due, found {len(numbers)}")
    table[cells[0], cells[1]] = numbers
    return table if form == "FULL_MATRIX" else np.maximum(table, table.T)


def measured(metric: str, places: Table) -> Table:
    """Lengths between places of shape (n, 2) by a metric of TSPLIB.

    Raises
    ------
    ValueError
        If it is unknown.
    """
    if metric not in _METRICS:
        raise ValueError(f"EDGE_WEIGHT_TYPE {metric} is not read")
    return _METRICS[metric](places)


def _manhattan(places: Table) -> Table:
    return np.floor(np.abs(places[:, None] - places[None, :]).sum(axis=2) + 0.5)


def _maximum(places: Table) -> Table:
    return np.floor(np.abs(places[:, None] - places[None, :]) + 0.5).max(axis=2)


def _pseudo_euclidean(places: Table) -> Table:
    apart = places[:, None] - places[None, :]
    return np.ceil(np.sqrt((apart * apart).sum(axis=2) / 10.0) - 1e-9)


def _geographical(places: Table) -> Table:
    """Coordinates are degrees and minutes as DDD.MM; kilometres on TSPLIB's own sphere."""
    degrees = np.trunc(places)
    radians = 3.141592 * (degrees + 5.0 * (places - degrees) / 3.0) / 180.0
    lat, lng = radians[:, 0], radians[:, 1]
    q1 = np.cos(lng[:, None] - lng[None, :])
    q2 = np.cos(lat[:, None] - lat[None, :])
    q3 = np.cos(lat[:, None] + lat[None, :])
    angles = np.arccos(np.clip(0.5 * ((1.0 + q1) * q2 - (1.0 - q1) * q3), -1.0, 1.0))
    table: Table = np.floor(6378.388 * angles + 1.0)
    np.fill_diagonal(table, 0.0)
    return table


_METRICS: Mapping[str, Callable[[Table], Table]] = {
    "MAN_2D": _manhattan,
    "MAX_2D": _maximum,
    "ATT": _pseudo_euclidean,
    "GEO": _geographical,
}
