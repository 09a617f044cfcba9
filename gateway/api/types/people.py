"""People who work for a merchant."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from doorstep import person as ground
from doorstep.person import Role
from gateway.api.marks import entry, part, resolved, shape
from gateway.api.ports.records import Scope
from gateway.api.problems import InvalidInput, NotFound, StateConflict
from gateway.api.types.node import Node


@shape()
class Person(Node):
    """Somebody who works for a merchant: whose key it is, who has an exception, who did what."""

    name: str
    role: Role
    archived_at: datetime | None = part("Since when they are here no more.")
    version: int = part("For expectedVersion.")
    kept: strawberry.Private[ground.Person]

    @resolved(scope=Scope.CONFIGURE)
    def email(self) -> str | None:
        """Where they are written to, where that is known."""
        return self.kept.email or None

    @staticmethod
    def of(kept: ground.Person) -> Person:
        return Person(
            id=strawberry.ID(kept.id),
            name=kept.name,
            role=kept.role,
            archived_at=kept.archived_at,
            version=kept.version,
            kept=kept,
        )


@entry
class SavePersonInput:
    """Somebody, whole; without an id a new one."""

    name: str
    id: strawberry.ID | None = None
    expected_version: int | None = None
    role: Role = Role.DISPATCHER
    email: str | None = None


@entry
class ArchivePersonInput:
    """Somebody works here no more."""

    id: strawberry.ID
    expected_version: int
    forget: bool = part(
        "Take out name and e-mail address too; that it was the same person stays in histories.", default=False
    )


@shape()
class SavePersonSuccess:
    """As they are kept."""

    person: Person


@shape()
class ArchivePersonSuccess:
    """As they are kept; their keys have ended, and what they had is in the queue."""

    person: Person


SavePersonResult = Annotated[
    SavePersonSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("SavePersonResult", description="What keeping somebody led to."),
]
ArchivePersonResult = Annotated[
    ArchivePersonSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("ArchivePersonResult", description="What archiving somebody led to."),
]
