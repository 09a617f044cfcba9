"""Who works for a merchant, as the flow keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from doorstep.person import Person


class People(Protocol):
    """Who has exceptions in hand."""

    async def person(self, person_id: str, *, lock: bool = False) -> Person | None:
        """Also one who is archived."""
        ...

    async def people(self) -> Sequence[Person]:
        """Without those who are archived."""
        ...

    async def save(self, person: Person, expected_version: int | None) -> Person:
        """Keep whole; raises `NotFound` or `StateConflict` where that is not the version that there is."""
        ...

    async def archive(self, person_id: str, expected_version: int, now: datetime, *, forget: bool) -> Person:
        """They are here no more; `forget` takes out who it was. Raises as `save`."""
        ...

    async def end_keys(self, person_id: str, now: datetime, *, forget: bool) -> None:
        """None of theirs opens anything from now on; `forget` takes out what they are called too."""
        ...
