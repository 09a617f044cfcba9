"""The API's use cases about exceptions and the people who look after them, bound to one merchant."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from doorstep.audit import Actor, Author
from doorstep.incident import Incident, Resolution, Severity
from doorstep.person import Person
from gateway.api.ports.desk import Signature
from gateway.bootstrap.slot_commands import SlotCommands
from gateway.flow.desk import answer, escalate, people, take
from gateway.flow.desk.look_up import any_incident, live_incident
from gateway.flow.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class DeskCommands(SlotCommands):
    """See `gateway.api.ports.session.Commands`."""

    async def claim_exception(
        self, *, incident_id: str, expected_version: int | None, by: Signature, note: str
    ) -> Incident:
        async with self._live(incident_id, expected_version) as (work, incident, now):
            return await take.claim(work, incident, author_of(by), note, now)

    async def assign_exception(
        self,
        *,
        incident_id: str,
        expected_version: int | None,
        person_id: str | None,
        by: Signature,
        note: str,
    ) -> Incident:
        async with self._live(incident_id, expected_version) as (work, incident, now):
            return await take.assign(work, incident, person_id, author_of(by), note, now)

    async def acknowledge_exception(
        self, *, incident_id: str, expected_version: int | None, by: Signature, note: str
    ) -> Incident:
        async with self._live(incident_id, expected_version) as (work, incident, now):
            return await answer.acknowledge(work, incident, author_of(by), note, now)

    async def comment_exception(self, *, incident_id: str, by: Signature, text: str) -> Incident:
        async with self.means.begin(self.merchant_id) as work:
            incident = await any_incident(work, incident_id)
            return await answer.comment(work, incident, author_of(by), text, self.means.clock.now())

    async def escalate_exception(
        self,
        *,
        incident_id: str,
        expected_version: int | None,
        severity: Severity | None,
        by: Signature,
        note: str,
    ) -> Incident:
        async with self._live(incident_id, expected_version) as (work, incident, now):
            return await escalate.escalate(work, incident, author_of(by), note, now, severity=severity)

    async def resolve_exception(
        self,
        *,
        incident_id: str,
        expected_version: int | None,
        resolution: Resolution,
        by: Signature,
        note: str,
    ) -> Incident:
        async with self._live(incident_id, expected_version) as (work, incident, now):
            return await answer.resolve(work, incident, author_of(by), resolution, note, now)

    async def reopen_exception(
        self, *, incident_id: str, expected_version: int | None, by: Signature, note: str
    ) -> Incident:
        async with self.means.begin(self.merchant_id) as work:
            incident = await any_incident(work, incident_id, expected_version)
            return await answer.reopen(work, incident, author_of(by), note, self.means.clock.now())

    async def save_person(self, *, person: Person, expected_version: int | None) -> Person:
        async with self.means.begin(self.merchant_id) as work:
            return await people.save_person(work, person, expected_version)

    async def archive_person(self, *, person_id: str, expected_version: int, forget: bool) -> Person:
        return await people.archive_person(
            self.means, self.merchant_id, person_id, expected_version, forget=forget
        )

    @asynccontextmanager
    async def _live(
        self, incident_id: str, expected_version: int | None
    ) -> AsyncIterator[tuple[UnitOfWork, Incident, datetime]]:
        """A transaction with an exception that is not over, locked, and the present moment."""
        async with self.means.begin(self.merchant_id) as work:
            yield work, await live_incident(work, incident_id, expected_version), self.means.clock.now()


def author_of(by: Signature) -> Author:
    """A person at the desk, for the audit trail."""
    return Author(Actor.PERSON, by.person_id, by.key_id)
