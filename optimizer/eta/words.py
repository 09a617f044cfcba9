"""What the name of a column says of it."""

from __future__ import annotations

import re

PLANNED = frozenset(
    "estimated estimate est expected planned plan promised promise scheduled schedule due deadline eta "
    "predicted forecast window slot limit requested quoted sla road osrm route routing".split()
)
"""Words of what was thought beforehand: it may lie ahead and is known all the same."""

OUTCOME = frozenset(
    "actual late lateness delay delayed overdue ontime delivered arrived arrival completed finished elapsed "
    "dropoff dropped speed taken".split()
)
"""Words of what is known only at the end; suspicious where such a column goes with the target as well."""

IDENTITY = frozenset(
    "id ids uuid guid key code zip postcode zone store market vendor driver hub depot".split()
)
"""Last words of a number that counts nothing: 7 is no more than 3."""

ANYWHERE = frozenset("zip postcode uuid".split())
"""The same wherever they stand in a name."""

LATITUDE = frozenset(("lat", "latitude"))
LONGITUDE = frozenset(("lon", "lng", "long", "longitude"))

UNITS_S = {
    "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0,
    "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0,
    "h": 3600.0, "hr": 3600.0, "hrs": 3600.0, "hour": 3600.0, "hours": 3600.0,
    "d": 86400.0, "day": 86400.0, "days": 86400.0,
}  # fmt: skip
"""Seconds in a unit of time, by the words for it."""


def words(name: str) -> tuple[str, ...]:
    """`Delivery_person_ID`, `PULocationID` and `pickupTime` in lower-case words."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return tuple(re.findall(r"[a-z]+|\d+", parted.lower()))


def is_planned(name: str) -> bool:
    """Whether it tells of a plan."""
    return bool(PLANNED.intersection(words(name)))


def is_outcome(name: str) -> bool:
    """Whether it tells of the end; a planned end is a plan."""
    told = words(name)
    joined = "".join(told)
    return not is_planned(name) and (bool(OUTCOME.intersection(told)) or "ontime" in joined)


def is_identity(name: str) -> bool:
    """Whether its numbers only name something."""
    told = words(name)
    return bool(told) and (told[-1] in IDENTITY or bool(ANYWHERE.intersection(told)))


def unit_s(name: str) -> float | None:
    """Seconds in the unit that a name ends with, as in `Time_taken(min)`; None where it says none."""
    told = words(name)
    return UNITS_S.get(told[-1]) if told else None
