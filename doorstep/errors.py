"""What can go wrong, as one tree. Resolvers never catch; one place maps these to the API.

DoorstepError
├── InvalidInput            a field is wrong; names it
├── NotFound                no such thing for this merchant
├── StateConflict           not in a state that allows this
├── ApprovalRequired        it costs more than a machine may spend; a person may
├── PlanInfeasible          a change of tours breaks rules; names them
├── IdempotencyConflict     the key came with other input
├── NotServiceable          nobody can deliver there
├── OptionExpired           the option or its price no longer holds
├── SlotUnavailable         the slot is full or closed; others are offered
├── TokenRejected           a tracking token ended or was never good
├── UnreadablePayload       an outside system's message that we cannot map: quarantined
├── BadSignature            a webhook that nobody we know signed
└── RemoteError             an outside system …
    ├── RemoteRefused       … said no and will say no again
    ├── RemoteUnavailable   … is down, slow or confused: try again
    ├── RateLimited         … asks us to wait
    ├── AccountProblem      … does not accept our credentials or our money
    └── UnknownOutcome      … may or may not have done what we asked: read before retrying
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.route_solution import RouteViolation
from doorstep.slot import Slot


class DoorstepError(Exception):
    """Base of the tree.

    Attributes
    ----------
    code
        Stable, for programs: a `ProblemCode` of the GraphQL schema.
    retryable
        Whether the same call may succeed later.
    path
        Where in the input, ("input", "items", "0", "quantity").
    """

    code = "OTHER"
    retryable = False

    def __init__(self, message: str, *, path: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = tuple(path)


@dataclass(frozen=True, slots=True)
class Issue:
    """One wrong field."""

    path: tuple[str, ...]
    message: str
    code: str = "INVALID_INPUT"


class InvalidInput(DoorstepError):
    """One or more fields are wrong; each has an `Issue`."""

    code = "INVALID_INPUT"

    def __init__(self, message: str, *, path: Sequence[str] = (), issues: Sequence[Issue] = ()) -> None:
        super().__init__(message, path=path)
        self.issues = tuple(issues) or (Issue(tuple(path), message),)


class NotFound(DoorstepError):
    """No such thing for this merchant."""

    code = "NOT_FOUND"

    def __init__(self, missing_id: str, *, path: Sequence[str] = ()) -> None:
        super().__init__(f"There is no {missing_id} here.", path=path)
        self.missing_id = missing_id


class StateConflict(DoorstepError):
    """Changed by someone else, or not in a state that allows this."""

    code = "STATE_CONFLICT"

    def __init__(
        self, message: str, *, current_id: str | None = None, current_version: int | None = None
    ) -> None:
        super().__init__(message)
        self.current_id = current_id
        self.current_version = current_version


class ApprovalRequired(DoorstepError):
    """It costs more than may be spent without a person who says so."""

    code = "APPROVAL_REQUIRED"

    def __init__(self, message: str, *, cost: Money, cap: Money, path: Sequence[str] = ()) -> None:
        super().__init__(message, path=path)
        self.cost = cost
        self.cap = cap


class PlanInfeasible(DoorstepError):
    """A change of tours breaks rules, hard ones or such as nobody has accepted."""

    code = "PLAN_INFEASIBLE"

    def __init__(
        self, message: str, *, violations: Sequence[RouteViolation], path: Sequence[str] = ()
    ) -> None:
        super().__init__(message, path=path)
        self.violations = tuple(violations)


class IdempotencyConflict(DoorstepError):
    """The idempotency key came with other input, or its first call still runs."""

    code = "IDEMPOTENCY_MISMATCH"

    def __init__(self, message: str, *, first_seen_at: datetime) -> None:
        super().__init__(message, path=("input", "idempotencyKey"))
        self.first_seen_at = first_seen_at


class NotServiceable(DoorstepError):
    """Nobody can deliver there; the quote set says who declined and why."""

    code = "NOT_SERVICEABLE"

    def __init__(self, message: str, *, quote_set_id: str | None = None) -> None:
        super().__init__(message)
        self.quote_set_id = quote_set_id


class OptionExpired(DoorstepError):
    """The option or its price no longer holds."""

    code = "OPTION_EXPIRED"


class SlotUnavailable(DoorstepError):
    """The slot is full, closed or past its cut-off; `alternatives` can be had, the nearest first."""

    code = "SLOT_UNAVAILABLE"

    def __init__(self, message: str, *, alternatives: Sequence[Slot] = (), path: Sequence[str] = ()) -> None:
        super().__init__(message, path=path)
        self.alternatives = tuple(alternatives)


class TokenRejected(DoorstepError):
    """A tracking token ended (`expired_at`) or was never good."""

    code = "TOKEN_INVALID"

    def __init__(self, message: str, *, expired_at: datetime | None = None) -> None:
        super().__init__(message)
        self.expired_at = expired_at
        if expired_at is not None:
            self.code = "TOKEN_EXPIRED"


class UnreadablePayload(DoorstepError):
    """A message of an outside system that cannot be mapped; it goes to quarantine with this reason.

    `path` names the field in the sender's own words. The message carries no personal data.
    """

    code = "INVALID_INPUT"


class BadSignature(DoorstepError):
    """Nobody we know signed this message."""

    code = "BAD_SIGNATURE"


class RemoteError(DoorstepError):
    """An outside system failed us.

    Attributes
    ----------
    system
        Code of the store platform or carrier.
    raw_code, raw_message
        Its own words, kept for people; never shown to shoppers.
    kind
        The exception that this opens when a delivery depends on it.
    is_known_code
        False where its connector has no word for `raw_code`, and went by something coarser.
    """

    code = "OTHER"
    is_known_code = True

    def __init__(
        self,
        message: str,
        *,
        system: str,
        raw_code: str = "",
        raw_message: str = "",
        kind: IncidentKind = IncidentKind.OTHER,
    ) -> None:
        super().__init__(message)
        self.system = system
        self.raw_code = raw_code
        self.raw_message = raw_message
        self.kind = kind


class RemoteRefused(RemoteError):
    """It said no and will say no again."""

    code = "CARRIER_REFUSED"


class RemoteUnavailable(RemoteError):
    """It is down, slow or talks nonsense; try again."""

    code = "CARRIER_UNAVAILABLE"
    retryable = True


class RateLimited(RemoteUnavailable):
    """It asks us to wait `retry_after_s` seconds."""

    def __init__(self, message: str, *, system: str, retry_after_s: float, raw_code: str = "") -> None:
        super().__init__(message, system=system, raw_code=raw_code)
        self.retry_after_s = retry_after_s


class AccountProblem(RemoteError):
    """It does not accept our credentials, our plan or our money; a person must act."""

    code = "CONNECTION_FAILED"


class UnknownOutcome(RemoteError):
    """The answer to a write was lost: it may or may not have happened. Read before retrying."""

    code = "CARRIER_UNAVAILABLE"
    retryable = True
