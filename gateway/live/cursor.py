"""Where in the flow of messages a watcher stands."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import NamedTuple

_SHAPE = re.compile(r"([0-9a-z]{1,16})((?:-[0-9a-f]{1,16}){4})")


class Place(NamedTuple):
    """A place within one epoch; places sort by time.

    Attributes
    ----------
    milliseconds, sequence
        Id of the entry of the shared stream; 0-0 without one.
    nth
        Which message of that entry.
    local
        Counts the messages that this process handed on by itself after that one: all of them without a
        shared stream, those of an outage with one.
    """

    milliseconds: int = 0
    sequence: int = 0
    nth: int = 0
    local: int = 0


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place and the epoch that it means something in.

    Attributes
    ----------
    epoch
        One life of whatever counts: of this process, or of the shared server. Places of different epochs do
        not compare.
    """

    epoch: str
    place: Place

    def __str__(self) -> str:
        return write_cursor(self.epoch, self.place)


def new_epoch() -> str:
    """A name for the life of this process."""
    return secrets.token_hex(4)


def write_cursor(epoch: str, place: Place) -> str:
    """The text that a watcher keeps."""
    return f"{epoch}-{place[0]:x}-{place[1]:x}-{place[2]:x}-{place[3]:x}"


def read_cursor(text: str) -> Cursor | None:
    """What `write_cursor` wrote; None where it is anything else."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        return None
    return Cursor(match[1], Place(*(int(part, 16) for part in match[2][1:].split("-"))))
