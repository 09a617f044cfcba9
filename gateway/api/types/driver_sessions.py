"""What drivers sign in with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from gateway.api.marks import entry, part, shape
from gateway.api.ports.records import NewDriverSession
from gateway.api.problems import InvalidInput, NotFound, StateConflict
from gateway.api.types.drivers import Driver


@shape()
class DriverSession:
    """What a driver signs in with; only its hash is kept."""

    id: strawberry.ID
    hint: str = part("dk_live_…4f2a.")
    created_at: datetime
    expires_at: datetime = part("Its sockets are closed then, too.")

    @staticmethod
    def of(made: NewDriverSession) -> DriverSession:
        return DriverSession(
            id=strawberry.ID(made.id),
            hint=made.hint,
            created_at=made.created_at,
            expires_at=made.expires_at,
        )


@entry
class CreateDriverSessionInput:
    """Let one driver sign in."""

    driver_id: strawberry.ID
    lifetime_seconds: int = part("A minute to seven days.", default=57_600)


@shape()
class CreateDriverSessionSuccess:
    """The session and what opens it; it ends earlier once the driver is disabled or dropped."""

    session: DriverSession
    token: str = part("Shown once. Sent as `Authorization: Bearer …`: it opens the driver's own tours.")

    @staticmethod
    def of(made: NewDriverSession) -> CreateDriverSessionSuccess:
        return CreateDriverSessionSuccess(session=DriverSession.of(made), token=made.token.reveal())


CreateDriverSessionResult = Annotated[
    CreateDriverSessionSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("CreateDriverSessionResult", description="What letting a driver sign in led to."),
]


@entry
class EndDriverSessionsInput:
    """Sign one driver out everywhere, as when a phone is lost."""

    driver_id: strawberry.ID


@shape()
class EndDriverSessionsSuccess:
    """The driver is signed out; sockets are closed within half a minute."""

    driver: Driver
    ended: int = part("Sessions that were still open.")


EndDriverSessionsResult = Annotated[
    EndDriverSessionsSuccess | InvalidInput | NotFound,
    strawberry.union("EndDriverSessionsResult", description="What signing a driver out led to."),
]
