"""What the API must be handed of the desk and the people at it; see `gateway.api.ports.session`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from doorstep.incident import Incident, Resolution, Severity
from doorstep.person import Person
from gateway.api.ports import records as r


@dataclass(frozen=True, slots=True)
class Signature:
    """Who asks for something, as the audit trail names them; no person where the key is nobody's."""

    key_id: str
    person_id: str | None = None


class ReadsPeople(Protocol):
    """Part of what one merchant's callers can read. By id archived ones are found too."""

    async def people(self, ids: Sequence[str]) -> Mapping[str, Person]: ...
    async def find_people(self, page: r.PageRequest, *, with_archived: bool) -> r.Page[Person]:
        """In the order in which they were made."""
        ...

    async def count_people(self, up_to: int, *, with_archived: bool) -> int: ...
    async def key_names(self, ids: Sequence[str]) -> Mapping[str, str]:
        """What keys are called, also those that have ended."""
        ...


class DeskCommands(Protocol):
    """The use cases about exceptions. All raise `NotFound`, and `StateConflict` where it changed."""

    async def claim_exception(
        self, *, incident_id: str, expected_version: int | None, by: Signature, note: str
    ) -> Incident:
        """Raises `StateConflict` where another has it, `InvalidInput` where the key is nobody's."""
        ...

    async def assign_exception(
        self,
        *,
        incident_id: str,
        expected_version: int | None,
        person_id: str | None,
        by: Signature,
        note: str,
    ) -> Incident:
        """None puts it back into the queue."""
        ...

    async def acknowledge_exception(
        self, *, incident_id: str, expected_version: int | None, by: Signature, note: str
    ) -> Incident: ...

    async def comment_exception(self, *, incident_id: str, by: Signature, text: str) -> Incident: ...

    async def escalate_exception(
        self,
        *,
        incident_id: str,
        expected_version: int | None,
        severity: Severity | None,
        by: Signature,
        note: str,
    ) -> Incident:
        """Without a severity by one; raises `StateConflict` where it is as bad already."""
        ...

    async def resolve_exception(
        self,
        *,
        incident_id: str,
        expected_version: int | None,
        resolution: Resolution,
        by: Signature,
        note: str,
    ) -> Incident: ...

    async def reopen_exception(
        self, *, incident_id: str, expected_version: int | None, by: Signature, note: str
    ) -> Incident:
        """Raises `StateConflict` where it is not over, or a newer one about the same is open."""
        ...

    async def save_person(self, *, person: Person, expected_version: int | None) -> Person: ...

    async def archive_person(self, *, person_id: str, expected_version: int, forget: bool) -> Person:
        """Their keys end, and what they have goes back into the queue; `forget` takes out who it was."""
        ...
