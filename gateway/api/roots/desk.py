"""Reads and writes of the desk: who has an exception, what is said and done about it; parts of the roots."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from doorstep import person as ground
from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.paging import Connection, connection, page_request
from gateway.api.ports.desk import Signature
from gateway.api.ports.records import Scope
from gateway.api.reading import read_id, read_text, wrong
from gateway.api.roots.given import INPUT
from gateway.api.types import desk as d
from gateway.api.types.exceptions import show_exception
from gateway.api.types.people import (
    ArchivePersonInput,
    ArchivePersonResult,
    ArchivePersonSuccess,
    Person,
    SavePersonInput,
    SavePersonResult,
    SavePersonSuccess,
)

_AT = ("input",)


@shape()
class DeskQueries:
    """Reads about people."""

    @root()
    async def people(
        self, info: Info, first: int = 50, after: str | None = None, with_archived: bool = False
    ) -> Connection[Person]:
        """Who works for the merchant, in the order in which they were made."""
        reads, page = info.context.reads, page_request(first, after, "people")
        found = await reads.find_people(page, with_archived=with_archived)
        counter = partial(reads.count_people, with_archived=with_archived)
        return connection(found, page, "people", Person.of, counter)


@shape()
class DeskMutations:
    """Writes about exceptions, and about the people who look after them."""

    @root(scope=Scope.OPERATE)
    async def claim_exception(
        self, info: Info, given: Annotated[d.ClaimExceptionInput, INPUT]
    ) -> d.ClaimExceptionResult:
        """Takes it for whoever's key this is; of two who ask at once the first has it."""
        kept = await info.context.commands.claim_exception(
            incident_id=_exception(given.exception_id),
            expected_version=given.expected_version,
            by=signed(info),
            note=_note(given.note),
        )
        return d.ClaimExceptionSuccess(exception=show_exception(kept))

    @root(scope=Scope.OPERATE)
    async def assign_exception(
        self, info: Info, given: Annotated[d.AssignExceptionInput, INPUT]
    ) -> d.AssignExceptionResult:
        """Hands it over, or puts it back into the queue; whoever is given it has to answer anew."""
        to = given.person_id
        kept = await info.context.commands.assign_exception(
            incident_id=_exception(given.exception_id),
            expected_version=given.expected_version,
            person_id=None if to is None else read_id(to, "per", (*_AT, "personId")),
            by=signed(info),
            note=_note(given.note),
        )
        return d.AssignExceptionSuccess(exception=show_exception(kept))

    @root(scope=Scope.OPERATE)
    async def acknowledge_exception(
        self, info: Info, given: Annotated[d.AcknowledgeExceptionInput, INPUT]
    ) -> d.AcknowledgeExceptionResult:
        """Somebody looks at it: the timer stops."""
        kept = await info.context.commands.acknowledge_exception(
            incident_id=_exception(given.exception_id),
            expected_version=given.expected_version,
            by=signed(info),
            note=_note(given.note),
        )
        return d.AcknowledgeExceptionSuccess(exception=show_exception(kept))

    @root(scope=Scope.OPERATE)
    async def comment_exception(
        self, info: Info, given: Annotated[d.CommentExceptionInput, INPUT]
    ) -> d.CommentExceptionResult:
        """Adds a line to its history, also when it is over."""
        kept = await info.context.commands.comment_exception(
            incident_id=_exception(given.exception_id),
            by=signed(info),
            text=read_text(given.text, (*_AT, "text")),
        )
        return d.CommentExceptionSuccess(exception=show_exception(kept))

    @root(scope=Scope.OPERATE)
    async def escalate_exception(
        self, info: Info, given: Annotated[d.EscalateExceptionInput, INPUT]
    ) -> d.EscalateExceptionResult:
        """Makes it worse, puts it back into the queue, and tells operators."""
        kept = await info.context.commands.escalate_exception(
            incident_id=_exception(given.exception_id),
            expected_version=given.expected_version,
            severity=given.severity,
            by=signed(info),
            note=_note(given.note),
        )
        return d.EscalateExceptionSuccess(exception=show_exception(kept))

    @root(scope=Scope.OPERATE)
    async def resolve_exception(
        self, info: Info, given: Annotated[d.ResolveExceptionInput, INPUT]
    ) -> d.ResolveExceptionResult:
        """It is over."""
        kept = await info.context.commands.resolve_exception(
            incident_id=_exception(given.exception_id),
            expected_version=given.expected_version,
            resolution=given.resolution,
            by=signed(info),
            note=_note(given.note),
        )
        return d.ResolveExceptionSuccess(exception=show_exception(kept))

    @root(scope=Scope.OPERATE)
    async def reopen_exception(
        self, info: Info, given: Annotated[d.ReopenExceptionInput, INPUT]
    ) -> d.ReopenExceptionResult:
        """It is not over after all: it is due anew, unless a newer one about the same is open."""
        kept = await info.context.commands.reopen_exception(
            incident_id=_exception(given.exception_id),
            expected_version=given.expected_version,
            by=signed(info),
            note=_note(given.note),
        )
        return d.ReopenExceptionSuccess(exception=show_exception(kept))

    @root(scope=Scope.ADMINISTER)
    async def save_person(self, info: Info, given: Annotated[SavePersonInput, INPUT]) -> SavePersonResult:
        """Keeps somebody whole; createApiKey makes keys that are theirs."""
        if (given.id is None) != (given.expected_version is None):
            raise wrong((*_AT, "expectedVersion"), "expectedVersion goes with an id, and only with one")
        person = ground.Person(
            id="" if given.id is None else read_id(given.id, "per", (*_AT, "id")),
            merchant_id="",
            name=read_text(given.name, (*_AT, "name"), 100),
            role=given.role,
            email=read_text(given.email, (*_AT, "email"), 254),
        )
        kept = await info.context.commands.save_person(person=person, expected_version=given.expected_version)
        return SavePersonSuccess(person=Person.of(kept))

    @root(scope=Scope.ADMINISTER)
    async def archive_person(
        self, info: Info, given: Annotated[ArchivePersonInput, INPUT]
    ) -> ArchivePersonResult:
        """Ends their keys, and puts what they have back into the queue."""
        kept = await info.context.commands.archive_person(
            person_id=read_id(given.id, "per", (*_AT, "id")),
            expected_version=given.expected_version,
            forget=given.forget,
        )
        return ArchivePersonSuccess(person=Person.of(kept))


def signed(info: Info) -> Signature:
    """Who asks, for the audit trail."""
    caller = info.context.caller
    return Signature(caller.key_id, caller.person_id)


def _exception(given: str) -> str:
    return read_id(given, "exc", (*_AT, "exceptionId"))


def _note(given: str | None) -> str:
    return read_text(given, (*_AT, "note"))
