"""Where doors are: kilometres east and north of the shop, as roads make them."""

from __future__ import annotations

import math
from collections.abc import Sequence

type Place = tuple[float, float]

SHOP: Place = (0.0, 0.0)


def ways_km(doors: Sequence[Place]) -> Sequence[Sequence[float]]:
    """``ways[origin][destination]``; 0 is the shop, then the doors in their order."""
    places = (SHOP, *doors)
    return [[math.dist(here, there) for there in places] for here in places]
