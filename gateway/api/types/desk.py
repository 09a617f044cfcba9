"""What people do about exceptions: inputs and results."""

from __future__ import annotations

from typing import Annotated

import strawberry

from doorstep.incident import Resolution, Severity
from gateway.api.marks import entry, part, shape
from gateway.api.problems import InvalidInput, NotFound, StateConflict
from gateway.api.types.exceptions import DeliveryException


@entry
class ClaimExceptionInput:
    """Take it: it is yours from now on."""

    exception_id: strawberry.ID
    expected_version: int | None = None
    note: str | None = None


@entry
class AssignExceptionInput:
    """Hand it over."""

    exception_id: strawberry.ID
    person_id: strawberry.ID | None = part("Null puts it back into the queue.", default=None)
    expected_version: int | None = None
    note: str | None = None


@entry
class AcknowledgeExceptionInput:
    """Somebody looks at it."""

    exception_id: strawberry.ID
    expected_version: int | None = None
    note: str | None = None


@entry
class EscalateExceptionInput:
    """Others are to know, and it is to be answered anew."""

    exception_id: strawberry.ID
    severity: Severity | None = part("Worse than it is; one worse where absent.", default=None)
    expected_version: int | None = None
    note: str | None = None


@entry
class ResolveExceptionInput:
    """It is over."""

    exception_id: strawberry.ID
    resolution: Resolution
    expected_version: int | None = None
    note: str | None = None


@entry
class ReopenExceptionInput:
    """It is not over after all."""

    exception_id: strawberry.ID
    expected_version: int | None = None
    note: str | None = None


@entry
class CommentExceptionInput:
    """A line for its history; about shoppers no more than has to be said, since it stays there."""

    exception_id: strawberry.ID
    text: str


@shape()
class ClaimExceptionSuccess:
    """It is yours."""

    exception: DeliveryException


@shape()
class AssignExceptionSuccess:
    """It is theirs, or in the queue."""

    exception: DeliveryException


@shape()
class AcknowledgeExceptionSuccess:
    """It is acknowledged."""

    exception: DeliveryException


@shape()
class EscalateExceptionSuccess:
    """It is escalated."""

    exception: DeliveryException


@shape()
class ResolveExceptionSuccess:
    """It is resolved."""

    exception: DeliveryException


@shape()
class ReopenExceptionSuccess:
    """It is open again."""

    exception: DeliveryException


@shape()
class CommentExceptionSuccess:
    """It is written down."""

    exception: DeliveryException


ClaimExceptionResult = Annotated[
    ClaimExceptionSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("ClaimExceptionResult", description="What claiming led to."),
]
AssignExceptionResult = Annotated[
    AssignExceptionSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("AssignExceptionResult", description="What handing over led to."),
]
AcknowledgeExceptionResult = Annotated[
    AcknowledgeExceptionSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("AcknowledgeExceptionResult", description="What acknowledging led to."),
]
EscalateExceptionResult = Annotated[
    EscalateExceptionSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("EscalateExceptionResult", description="What escalating led to."),
]
ResolveExceptionResult = Annotated[
    ResolveExceptionSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("ResolveExceptionResult", description="What resolving led to."),
]
ReopenExceptionResult = Annotated[
    ReopenExceptionSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("ReopenExceptionResult", description="What opening it again led to."),
]
CommentExceptionResult = Annotated[
    CommentExceptionSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("CommentExceptionResult", description="What commenting led to."),
]
