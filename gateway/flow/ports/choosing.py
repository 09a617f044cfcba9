"""Slots and their places, rules, boxes and counts of carriers, as the flow keeps them.

What a merchant sets is saved whole, by whoever names the version that they saw (None for what is not there
yet); it is archived, never deleted, and what is archived is found by its id alone. Each `save` and `archive`
raises `NotFound`, or `StateConflict` where somebody saved in between or it is archived already.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from doorstep.packing import Box
from doorstep.rule import Rule
from doorstep.scorecard import CarrierCounts, Requote
from doorstep.slot import SlotHold, SlotTemplate


class Slots(Protocol):
    """Templates of slots, and the places in them that are held."""

    async def template(self, template_id: str) -> SlotTemplate | None: ...
    async def templates(self, location_id: str | None = None) -> Sequence[SlotTemplate]:
        """Those of a location, or all, in the order in which they were made; disabled ones too."""
        ...

    async def save_template(self, template: SlotTemplate, expected_version: int | None) -> SlotTemplate: ...
    async def archive_template(
        self, template_id: str, expected_version: int, now: datetime
    ) -> SlotTemplate: ...

    async def taken(self, slot_ids: Collection[str], now: datetime) -> Mapping[str, int]:
        """Held and confirmed places by slot, without those that ran out; empty slots are not named."""
        ...

    async def lock(self, slot_ids: Collection[str]) -> None:
        """Until the commit nobody else takes a place in these or gives one back."""
        ...

    async def free_place(self, slot_id: str, now: datetime) -> int | None:
        """A place of a locked slot that nobody has; None where it is full or its template closed.

        Holds that ran out by `now` are written down as EXPIRED, so that nobody with a slower clock confirms
        one whose place is given away.
        """
        ...

    async def hold(self, hold_id: str) -> SlotHold | None: ...
    async def hold_by_key(self, key: str) -> SlotHold | None:
        """The one that was asked for with a key; until the commit nobody else asks with it."""
        ...

    async def held_with(self, keys: Collection[str]) -> Sequence[SlotHold]:
        """Those that were asked for with these keys, and are held and not confirmed, by id."""
        ...

    async def count_held(self, held_by: str, options_id: str, now: datetime) -> tuple[int, int]:
        """Places that are held and not confirmed: from these delivery options, and by this key in all.

        Until the commit nobody else counts those of the same options.
        """
        ...

    async def confirmed_of(self, owner: str) -> SlotHold | None:
        """The place that somebody has for good; until the commit nobody else confirms one for them."""
        ...

    async def put_hold(self, hold: SlotHold) -> None: ...


class Rules(Protocol):
    """What a merchant has decided."""

    async def rule(self, rule_id: str) -> Rule | None: ...
    async def rules(self) -> Sequence[Rule]:
        """All in the order in which they act; disabled ones too."""
        ...

    async def stamp(self) -> int:
        """Grows with every change of any rule, so that what is made of all of them can be kept until then."""
        ...

    async def save(self, rule: Rule, expected_version: int | None) -> Rule: ...
    async def archive(self, rule_id: str, expected_version: int, now: datetime) -> Rule: ...


@dataclass(frozen=True, slots=True)
class KeptBox:
    """A box with the version that it was saved as."""

    box: Box
    version: int
    updated_at: datetime


class Boxes(Protocol):
    """What a merchant packs with."""

    async def box(self, box_id: str) -> KeptBox | None: ...
    async def boxes(self) -> Sequence[KeptBox]:
        """All in the order in which they were made."""
        ...

    async def save(self, box: Box, expected_version: int | None, now: datetime) -> KeptBox: ...
    async def archive(self, box_id: str, expected_version: int, now: datetime) -> KeptBox: ...


class Scores(Protocol):
    """What happened with each account, counted by day, and bookings that were quoted again."""

    async def add(self, counts: Iterable[CarrierCounts]) -> None:
        """Count all of these, in one statement.

        Counts of one account and day share a row, which stays locked until the commit: what is written often
        is better summed up first and added in a transaction of its own.
        """
        ...

    async def counts(
        self, since: date, account_ids: Collection[str] | None = None
    ) -> Sequence[CarrierCounts]:
        """From a day on, of some accounts or (None) of all, by account and day."""
        ...

    async def note_requote(self, requote: Requote) -> bool:
        """False if this booking has been noted before."""
        ...

    async def requotes(self, account_id: str, limit: int) -> Sequence[Requote]:
        """Of an account, the latest first."""
        ...
