"""Which speeds hold when, on built roads: one small file that a command writes and engines look at."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from doorstep.errors import InvalidInput
from optimizer.roads.errors import RoadsUnavailable
from optimizer.roads.speeds import SPEEDS_FOLDER, remove_unused

AS_BUILT = ""
"""Name of the speeds that the map itself gives."""

_BOOK = "book.json"
_NO_HOURS: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SpeedBook:
    """What was measured holds until it ends, then what is usual at this hour, then the map's own speeds.

    Attributes
    ----------
    live, live_until
        Name of the measured speeds, and when they are too old; `AS_BUILT` and None where there are none.
    before
        What was live before: an engine may be loading it at this moment.
    hours
        Hour of the day (0 to 23) -> name of the speeds that are usual then.
    time_zone
        Whose hours they are.
    """

    live: str = AS_BUILT
    live_until: datetime | None = None
    before: str = AS_BUILT
    hours: Mapping[int, str] = field(default=_NO_HOURS)
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            raise InvalidInput(f"there is no time zone {self.time_zone}", path=("time_zone",)) from None

    def at(self, now: datetime) -> str:
        """Name of the speeds that hold."""
        if self.live_until is not None and now < self.live_until:
            return self.live
        return self.hours.get(now.astimezone(ZoneInfo(self.time_zone)).hour, AS_BUILT)

    def with_live(self, name: str, until: datetime) -> SpeedBook:
        """Measured speeds in the place of those before."""
        before = self.before if name == self.live else self.live
        return replace(self, live=name, live_until=until, before=before)

    def with_hours(self, name: str, hours: frozenset[int], time_zone: str) -> SpeedBook:
        """What is usual at these hours; others stay as they are.

        Raises
        ------
        InvalidInput
            If the other hours are of another time zone.
        """
        if self.time_zone != time_zone and set(self.hours) - hours:
            raise InvalidInput(
                f"the other hours are those of {self.time_zone}; --clear first, then give all of them anew",
                path=("time_zone",),
            )
        return replace(self, hours={**self.hours, **dict.fromkeys(hours, name)}, time_zone=time_zone)

    @property
    def names(self) -> frozenset[str]:
        """All that it speaks of."""
        return frozenset({self.live, self.before, *self.hours.values()}) - {AS_BUILT}


def read_book(built: Path) -> SpeedBook:
    """The book of built roads; an empty one where no speeds were ever given.

    Raises
    ------
    RoadsUnavailable
        If it cannot be read.
    """
    file = built / SPEEDS_FOLDER / _BOOK
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        until = found["live_until"]
        return SpeedBook(
            live=found["live"],
            live_until=datetime.fromisoformat(until) if until else None,
            before=found["before"],
            hours={int(hour): name for hour, name in found["hours"].items()},
            time_zone=found["time_zone"],
        )
    except FileNotFoundError:
        return SpeedBook()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidInput) as problem:
        raise RoadsUnavailable(
            f"{file} cannot be read; `doorstep roads speeds --clear` makes it anew"
        ) from problem


def write_book(built: Path, book: SpeedBook) -> None:
    """Put a book in the place of the one before, at once, and remove what it does not speak of."""
    folder = built / SPEEDS_FOLDER
    folder.mkdir(exist_ok=True)
    written = {
        "live": book.live,
        "live_until": book.live_until.isoformat() if book.live_until else None,
        "before": book.before,
        "hours": {str(hour): name for hour, name in sorted(book.hours.items())},
        "time_zone": book.time_zone,
    }
    scratch = folder / f".{_BOOK}.{os.getpid()}"
    scratch.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    scratch.rename(folder / _BOOK)
    remove_unused(built, book.names)


@contextmanager
def turn_at_book(built: Path) -> Iterator[None]:
    """One writer at a time: whoever reads the book in order to write it does so inside."""
    folder = built / SPEEDS_FOLDER
    folder.mkdir(exist_ok=True)
    with (folder / ".turn").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
