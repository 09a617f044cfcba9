"""Save: the boxes that a merchant packs with, checked field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from datetime import datetime

from doorstep.errors import InvalidInput, Issue
from doorstep.packing import Box
from gateway.flow.ports.choosing import Boxes, KeptBox

LONGEST_NAME = 100
MOST_BOXES = 200
MOST_GRAMS = 1_000_000


async def save_box(kept: Boxes, box: Box, expected_version: int | None, now: datetime) -> KeptBox:
    """Keep a box whole.

    Parameters
    ----------
    expected_version
        The one that was seen before; None for one that is not there yet.

    Raises
    ------
    InvalidInput
        With an issue for each field that is wrong.
    NotFound
        If a version was seen of what is not there.
    StateConflict
        If somebody saved in between, or it is archived.
    """
    issues = list(_wrong_fields(box))
    if issues:
        raise InvalidInput(issues[0].message, path=issues[0].path, issues=issues)
    if expected_version is None and len(await kept.boxes()) >= MOST_BOXES:
        raise InvalidInput(f"There are {MOST_BOXES} boxes already; archive some.", path=("input",))
    return await kept.save(box, expected_version, now)


def _wrong_fields(box: Box) -> Iterator[Issue]:
    if not 0 < len(box.name.strip()) <= LONGEST_NAME:
        yield _issue("name", f"must have 1 to {LONGEST_NAME} letters")
    inside, outside = sorted(astuple(box.inside)), sorted(astuple(box.outside))
    if any(within > around for within, around in zip(inside, outside, strict=True)):
        yield _issue("outside", "must not be smaller than inside")
    if not 0 <= box.empty_g <= MOST_GRAMS:
        yield _issue("emptyGrams", f"must be 0 to {MOST_GRAMS}")
    if not box.empty_g < box.most_g <= MOST_GRAMS:
        yield _issue("mostGrams", f"must be more than emptyGrams and at most {MOST_GRAMS}")


def _issue(field: str, message: str) -> Issue:
    return Issue(("input", field), f"{field} {message}.")
