"""Boxes: what is carried."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parcel:
    """A box, packed or planned. Millimetres and grams.

    Raises
    ------
    ValueError
        If a measure is negative, or only some of the three sides are known.
    """

    weight_g: int
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None

    def __post_init__(self) -> None:
        if self.weight_g < 0:
            raise ValueError(f"weight_g must not be negative, got {self.weight_g}")
        sides = (self.length_mm, self.width_mm, self.height_mm)
        known = [side for side in sides if side is not None]
        if len(known) not in {0, 3}:
            raise ValueError("length_mm, width_mm and height_mm are given all three or not at all")
        if any(side <= 0 for side in known):
            raise ValueError("length_mm, width_mm and height_mm must be positive")

    @property
    def volume_ml(self) -> int | None:
        """Volume in millilitres (cm³), None where the sides are unknown."""
        if self.length_mm is None or self.width_mm is None or self.height_mm is None:
            return None
        return self.length_mm * self.width_mm * self.height_mm // 1000


def total_weight_g(parcels: Iterable[Parcel]) -> int:
    """Weight of all of them, grams."""
    return sum(parcel.weight_g for parcel in parcels)
