"""Boxes that a merchant packs with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from doorstep import product
from gateway.api.marks import entry, part, shape
from gateway.api.problems import InvalidInput, NotFound, StateConflict
from gateway.api.types.node import Node
from gateway.api.types.places import Dimensions
from gateway.flow.ports import KeptBox


@shape()
class Box(Node):
    """A box that the merchant packs with."""

    name: str
    version: int
    updated_at: datetime
    inside: Dimensions = part("What fits in.")
    outside: Dimensions = part("What carriers measure.")
    empty_grams: int = part("Its own weight.")
    most_grams: int = part("The most that it may weigh when it is full.")

    @staticmethod
    def of(kept: KeptBox) -> Box:
        box = kept.box
        return Box(
            id=strawberry.ID(box.id),
            name=box.name,
            version=kept.version,
            updated_at=kept.updated_at,
            inside=_shown(box.inside),
            outside=_shown(box.outside),
            empty_grams=box.empty_g,
            most_grams=box.most_g,
        )


def _shown(sides: product.Dimensions) -> Dimensions:
    return Dimensions(
        length_millimeters=sides.length_mm,
        width_millimeters=sides.width_mm,
        height_millimeters=sides.height_mm,
        weight_grams=None,
    )


@entry
class DimensionsInput:
    """Sides of a thing."""

    length_millimeters: int
    width_millimeters: int
    height_millimeters: int


@entry
class SaveBoxInput:
    """A box, whole; without an id a new one."""

    id: strawberry.ID | None = None
    expected_version: int | None = part("The one that was read; needed with an id.", default=None)
    name: str
    inside: DimensionsInput
    outside: DimensionsInput | None = part("The inside where absent.", default=None)
    empty_grams: int = 0
    most_grams: int


@entry
class ArchiveBoxInput:
    """Put a box away for good."""

    id: strawberry.ID
    expected_version: int


@shape()
class SaveBoxSuccess:
    """The box as it is kept."""

    box: Box


@shape()
class ArchiveBoxSuccess:
    """The box as it was put away."""

    box: Box


SaveBoxResult = Annotated[
    SaveBoxSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("SaveBoxResult", description="What saving a box led to."),
]
ArchiveBoxResult = Annotated[
    ArchiveBoxSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("ArchiveBoxResult", description="What putting a box away led to."),
]
