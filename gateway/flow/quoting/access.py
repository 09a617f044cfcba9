"""Access: what makes a door hard to reach, by the words that shops tag orders with. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from doorstep.goods import AccessLimit
from gateway.flow.packing.traits import parts_of

_CALLED = {
    "limited access": AccessLimit.LIMITED_ACCESS,
    "restricted access": AccessLimit.LIMITED_ACCESS,
    "no lift": AccessLimit.NO_LIFT,
    "no elevator": AccessLimit.NO_LIFT,
    "walk up": AccessLimit.NO_LIFT,
    "no loading dock": AccessLimit.NO_LOADING_DOCK,
    "no dock": AccessLimit.NO_LOADING_DOCK,
}
"""Stores have no field for it. Case and hyphens of a tag do not count."""


def access_of(tags: Iterable[str]) -> tuple[AccessLimit, ...]:
    """What the tags of an order say of its door, each once, in a stable order."""
    words = {word for tag in tags for word in parts_of(tag)}
    named = {limit for word, limit in _CALLED.items() if word in words}
    return tuple(limit for limit in AccessLimit if limit in named)
