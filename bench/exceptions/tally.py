"""Counts of what was raised and of what really went wrong, and the figures that come of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median

from doorstep.audit import Actor
from doorstep.incident import Incident, StepStatus
from doorstep.incident import IncidentKind as Kind
from gateway.flow.watching.catalogue import TABLE


@dataclass(slots=True)
class KindTally:
    """Of one kind.

    Attributes
    ----------
    injected, caught
        What went wrong on purpose, and how much of it was raised.
    raised, false, alone
        Incidents; those about something that was not so; those that closed without a person.
    warned_min
        How long before the end of the promise each was raised, where it is about a delivery.
    after_min
        How long after it began each was raised, where that moment is known.
    """

    injected: int = 0
    caught: int = 0
    raised: int = 0
    false: int = 0
    alone: int = 0
    warned_min: list[float] = field(default_factory=list)
    after_min: list[float] = field(default_factory=list)

    def __add__(self, other: KindTally) -> KindTally:
        return KindTally(
            self.injected + other.injected,
            self.caught + other.caught,
            self.raised + other.raised,
            self.false + other.false,
            self.alone + other.alone,
            [*self.warned_min, *other.warned_min],
            [*self.after_min, *other.after_min],
        )

    @property
    def recall(self) -> float | None:
        """None where nothing was injected."""
        return self.caught / self.injected if self.injected else None

    def as_keys(self) -> dict[str, object]:
        """For machines."""
        return {
            "injected": self.injected,
            "caught": self.caught,
            "recall": share_of(self.caught, self.injected),
            "raised": self.raised,
            "false": self.false,
            "closed_without_person": share_of(self.alone, self.raised),
            "warned_min": middle(self.warned_min),
            "after_min": middle(self.after_min),
        }


@dataclass(slots=True)
class Endings:
    """How incidents ended.

    Attributes
    ----------
    by_step
        Closed after a step of a machine that was done, and no person.
    by_itself
        Closed since what was wrong was so no longer, with no step and no person.
    in_time
        Of both, before a person would have had to answer.
    with_person
        A person acted or was asked to.
    is_open
        Still in the queue at the end.
    """

    by_step: int = 0
    by_itself: int = 0
    in_time: int = 0
    with_person: int = 0
    is_open: int = 0

    def __add__(self, other: Endings) -> Endings:
        return Endings(
            self.by_step + other.by_step,
            self.by_itself + other.by_itself,
            self.in_time + other.in_time,
            self.with_person + other.with_person,
            self.is_open + other.is_open,
        )

    def note(self, incident: Incident) -> None:
        """Count one."""
        if incident.is_live:
            self.is_open += 1
            return
        if incident.needed_person:
            self.with_person += 1
            return
        done = any(one.status is StepStatus.DONE and one.by is Actor.PLAYBOOK for one in incident.steps)
        self.by_step += done
        self.by_itself += not done
        self.in_time += incident.resolved_at is not None and incident.resolved_at <= incident.due_at

    def as_keys(self) -> dict[str, object]:
        """Shares of all that were raised."""
        alone = self.by_step + self.by_itself
        whole = alone + self.with_person + self.is_open
        return {
            "closed_without_person": share_of(alone, whole),
            "closed_by_step": share_of(self.by_step, whole),
            "closed_before_due": share_of(self.in_time, whole),
            "raised": whole,
        }


@dataclass(slots=True)
class Lateness:
    """Whether late ones were flagged before the promise was over.

    Attributes
    ----------
    late, in_time
        Deliveries that came late or not at all, and the others.
    flagged_before
        Of the late ones, those flagged before the promise was over.
    early_flags, false_flags
        Deliveries that were flagged before it was over; those of them that came in time.
    warned_min
        How long before the end of the promise the first flag of a late one came.
    """

    late: int = 0
    in_time: int = 0
    flagged_before: int = 0
    early_flags: int = 0
    false_flags: int = 0
    warned_min: list[float] = field(default_factory=list)

    def note(self, *, is_late: bool, warned_min: float | None) -> None:
        """Count a delivery, and how long before the end of its promise it was flagged, if it was."""
        is_flagged = warned_min is not None
        self.late += is_late
        self.in_time += not is_late
        self.flagged_before += is_late and is_flagged
        self.early_flags += is_flagged
        self.false_flags += is_flagged and not is_late
        if is_late and warned_min is not None:
            self.warned_min.append(warned_min)

    def __add__(self, other: Lateness) -> Lateness:
        return Lateness(
            self.late + other.late,
            self.in_time + other.in_time,
            self.flagged_before + other.flagged_before,
            self.early_flags + other.early_flags,
            self.false_flags + other.false_flags,
            [*self.warned_min, *other.warned_min],
        )

    def as_keys(self) -> dict[str, object]:
        """The figures of the benchmark."""
        return {
            "late": self.late,
            "late_flagged_before": share_of(self.flagged_before, self.late),
            "late_flags": self.early_flags,
            "late_false_alarms": share_of(self.false_flags, self.early_flags),
            "late_false_of_in_time": share_of(self.false_flags, self.in_time),
            "late_warned_min": middle(self.warned_min),
        }


@dataclass(slots=True)
class Tally:
    """Everything that is counted."""

    kinds: dict[Kind, KindTally] = field(default_factory=lambda: defaultdict(KindTally))
    endings: Endings = field(default_factory=Endings)
    lateness: Lateness = field(default_factory=Lateness)

    def __add__(self, other: Tally) -> Tally:
        both = Tally(endings=self.endings + other.endings, lateness=self.lateness + other.lateness)
        for kind in {*self.kinds, *other.kinds}:
            both.kinds[kind] = self.kinds[kind] + other.kinds[kind]
        return both

    def as_keys(self) -> dict[str, object]:
        """The figures of the benchmark."""
        rows = {kind: self.kinds[kind] for kind in TABLE}
        recalls = [row.recall for row in rows.values() if row.recall is not None]
        return {
            "fired": sum(row.raised > 0 for row in rows.values()),
            "not_fired": [str(kind) for kind, row in rows.items() if not row.raised],
            "recall_min": round(min(recalls, default=0.0), 4),
            **self.endings.as_keys(),
            "kinds": {str(kind): row.as_keys() for kind, row in rows.items()},
        }


def share_of(part: int, whole: int) -> float | None:
    """None of nothing."""
    return round(part / whole, 4) if whole else None


def middle(minutes: list[float]) -> float | None:
    """The median, minutes."""
    return round(median(minutes), 1) if minutes else None
