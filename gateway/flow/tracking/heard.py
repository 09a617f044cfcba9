"""What is heard of a van: fixes that are believed, that come too late, or that cannot be. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from doorstep.position import Position
from gateway.flow.tracking.motion import FixFault, fault_of


@dataclass(frozen=True, slots=True)
class Heard:
    """The last fix of a driver that was believed, and what was not.

    Attributes
    ----------
    position, heard_at
        The fix and when it came in; None before the first.
    rejected
        Fixes so far that moved nothing, by `FixFault`.
    """

    driver_id: str
    position: Position | None = None
    heard_at: datetime | None = None
    rejected: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoggedFix:
    """A fix as it is kept.

    Attributes
    ----------
    is_late
        A newer one was known already: it belongs to the past and moves nothing.
    """

    driver_id: str
    position: Position
    received_at: datetime
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of some fixes of one driver.

    Attributes
    ----------
    logged
        What is to be kept of them.
    fixes, faults
        In the order given, with what speaks against each; None where it is believed.
    """

    heard: Heard
    fixes: tuple[Position, ...]
    logged: tuple[LoggedFix, ...]
    faults: tuple[FixFault | None, ...]


def judge(heard: Heard, fixes: Sequence[Position], now: datetime) -> Judged:
    """Take the fixes of one driver in the order of their times, whatever the order in which they came.

    Parameters
    ----------
    heard
        What was known before.
    now
        When these came in.
    """
    last = heard.position
    faults: dict[int, FixFault | None] = {}
    logged: list[LoggedFix] = []
    for index in sorted(range(len(fixes)), key=lambda index: fixes[index].recorded_at):
        fix = fixes[index]
        fault = faults[index] = fault_of(last, fix, now)
        if fault is None:
            last = fix
            logged.append(LoggedFix(heard.driver_id, fix, now))
        elif fault is FixFault.LATE:
            logged.append(LoggedFix(heard.driver_id, fix, now, is_late=True))
    is_news = last is not heard.position
    after = Heard(heard.driver_id, last, now if is_news else heard.heard_at, heard.rejected)
    return Judged(after, tuple(fixes), tuple(logged), tuple(faults[index] for index in range(len(fixes))))


def known_again(judged: Judged, late: Collection[tuple[str, datetime]]) -> tuple[FixFault | None, ...]:
    """The faults once the log has spoken: a late fix that it had already is a repeated one.

    Parameters
    ----------
    late
        Driver and time of the late fixes that were new to it.
    """
    driver_id = judged.heard.driver_id
    return tuple(
        FixFault.REPEATED if fault is FixFault.LATE and (driver_id, fix.recorded_at) not in late else fault
        for fix, fault in zip(judged.fixes, judged.faults, strict=True)
    )


def counted(rejected: Mapping[str, int], faults: Sequence[FixFault | None]) -> Mapping[str, int]:
    """The counts with some faults more."""
    more = Counter(fault.value for fault in faults if fault is not None)
    return {**rejected, **{name: rejected.get(name, 0) + count for name, count in more.items()}}
