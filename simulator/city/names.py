"""Street and district names put together from neutral words."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

_FIRST = (
    "Amber", "Anchor", "Beacon", "Birch", "Cedar", "Clover", "Copper", "Coral", "Drift", "Elder",
    "Fern", "Gull", "Hazel", "Heron", "Kelp", "Lantern", "Linden", "Maple", "Meadow", "Moss",
    "Otter", "Pebble", "Pine", "Reed", "Salt", "Sand", "Spruce", "Thistle", "Tide", "Willow",
)  # fmt: skip
_SECOND = (
    "bank",
    "brook",
    "crest",
    "dale",
    "field",
    "gate",
    "haven",
    "marsh",
    "mill",
    "ridge",
    "shore",
    "wick",
)

_DISTRICTS = (
    "Old Quay", "Beacon Heights", "Lantern Row", "Tidewater", "Saltworks", "Northgate", "Eastgate",
    "Southgate", "Westgate", "Cedar Flats", "Harbor Hill", "Mill Bend", "Gull Point", "Meadow End",
)  # fmt: skip

RING_ROAD = "Meridian Ring"


def street_names(random: Random) -> Iterator[str]:
    """Distinct words for streets in random order; 360 of them."""
    words = [first + second for first in _FIRST for second in _SECOND]
    random.shuffle(words)
    return iter(words)


def district_names(count: int) -> tuple[tuple[str, str], ...]:
    """Names of districts with their postal codes.

    No real place has them: 00501 is the lowest postal code in use in the United States.
    """
    if count > len(_DISTRICTS):
        raise ValueError(f"a city has at most {len(_DISTRICTS)} districts, got {count}")
    return tuple((name, f"{401 + index:05d}") for index, name in enumerate(_DISTRICTS[:count]))
