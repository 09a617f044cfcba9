"""Expected outcomes that are not success: one interface, its types, and the one table from errors to them.

Resolvers never catch. An error whose problem is a member of the field's union becomes that member; any other
becomes an entry of `errors`, dressed by `faults`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from doorstep import errors
from doorstep import slot as slots
from doorstep.route_solution import RouteViolation
from gateway.api.context import Info
from gateway.api.marks import ANYONE, SHOP, SHOPPER, interface, open_enum, part, resolved, shape
from gateway.api.types.node import Node

if TYPE_CHECKING:
    from gateway.api.types.money import Money
    from gateway.api.types.quotes import DeclinedCarrier
    from gateway.api.types.slots import Slot
    from gateway.api.types.stops import Violation

MOST_PATH = 12


class ProblemCode(StrEnum):
    """Stable, for programs."""

    INVALID_INPUT = "INVALID_INPUT"
    REQUIRED = "REQUIRED"
    TOO_MANY = "TOO_MANY"
    UNSUPPORTED_CURRENCY = "UNSUPPORTED_CURRENCY"
    NOT_FOUND = "NOT_FOUND"
    STATE_CONFLICT = "STATE_CONFLICT"
    APPROVAL_REQUIRED = "APPROVAL_REQUIRED"
    PLAN_INFEASIBLE = "PLAN_INFEASIBLE"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    NOT_SERVICEABLE = "NOT_SERVICEABLE"
    OPTION_EXPIRED = "OPTION_EXPIRED"
    SLOT_UNAVAILABLE = "SLOT_UNAVAILABLE"
    CARRIER_REFUSED = "CARRIER_REFUSED"
    CARRIER_UNAVAILABLE = "CARRIER_UNAVAILABLE"
    CONNECTION_FAILED = "CONNECTION_FAILED"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105  # a code
    TOKEN_INVALID = "TOKEN_INVALID"  # noqa: S105  # a code
    BAD_SIGNATURE = "BAD_SIGNATURE"
    OTHER = "OTHER"


open_enum(ProblemCode)


@interface(to=ANYONE)
class Problem:
    """An expected outcome that is not success. Always select `... on Problem`: new kinds join unions
    without notice. Faults of the request itself stay in `errors` with extensions.code.
    """

    code: ProblemCode
    message: str = part("For a person.")
    retryable: bool = part("True if the same call may succeed later.")
    path: list[str] | None = part('Where in the input, ["input", "items", "0", "quantity"].', most=MOST_PATH)


@shape(to=ANYONE)
class InputIssue:
    """One wrong field."""

    path: list[str] = part(most=MOST_PATH)
    code: ProblemCode
    message: str


@shape(to=ANYONE)
class InvalidInput(Problem):
    """One or more fields are wrong."""

    issues: list[InputIssue] = part(most=50, usual=2)


@shape(to=ANYONE)
class NotFound(Problem):
    """No such thing for this merchant."""

    missing_id: strawberry.ID


@shape(to=ANYONE)
class StateConflict(Problem):
    """Changed by someone else since it was read, or not in a state that allows this."""

    current_version: int | None
    current_id: strawberry.Private[str | None]

    @resolved(to=())
    async def current(self, info: Info) -> Node | None:
        """The thing as it is now."""
        from gateway.api.nodes import load_node

        info.context.renew()
        return None if self.current_id is None else await load_node(info.context, self.current_id)


@shape()
class ApprovalRequired(Problem):
    """It costs more than may be spent without somebody who says so: the same call with `maxCost` does."""

    spend: strawberry.Private[errors.ApprovalRequired]

    @resolved()
    def cost(self) -> Annotated[Money, strawberry.lazy("gateway.api.types.money")]:
        """What it costs beside what was to be paid before."""
        from gateway.api.types.money import Money

        return Money.of(self.spend.cost)

    @resolved()
    def cap(self) -> Annotated[Money, strawberry.lazy("gateway.api.types.money")]:
        """What may be spent without approval."""
        from gateway.api.types.money import Money

        return Money.of(self.spend.cap)


@shape()
class PlanInfeasible(Problem):
    """A change of tours breaks rules: hard ones, or soft ones that were not accepted."""

    broken: strawberry.Private[Sequence[RouteViolation]]

    @resolved(most=50, usual=2)
    def violations(self) -> list[Annotated[Violation, strawberry.lazy("gateway.api.types.stops")]]:
        """Which rules."""
        from gateway.api.types.stops import Violation

        return [Violation.of(one) for one in self.broken[:50]]


@shape(to=ANYONE)
class IdempotencyConflict(Problem):
    """The idempotency key came with other input, or its first call still runs."""

    first_seen_at: datetime


@shape(to=SHOP)
class OptionChanged(Problem):
    """The option or its price no longer holds; ask for options again."""


@shape(to=SHOPPER)
class SlotUnavailable(Problem):
    """The slot is full, closed or past its cut-off."""

    near: strawberry.Private[Sequence[slots.Slot]]

    @resolved(most=10, usual=5)
    async def alternatives(
        self, info: Info
    ) -> list[Annotated[Slot, strawberry.lazy("gateway.api.types.slots")]]:
        """Slots of the same place that can be had, the nearest first."""
        from gateway.api.types.slots import Slot

        now = info.context.clock.now()
        return [Slot.of(slot, now) for slot in self.near[:10]]


@shape(to=SHOP)
class NotServiceable(Problem):
    """Nothing can serve this lane."""

    quote_set_id: strawberry.Private[str | None]

    @resolved(to=(), most=50, usual=4)
    async def declined(
        self, info: Info
    ) -> list[Annotated[DeclinedCarrier, strawberry.lazy("gateway.api.types.quotes")]]:
        """Who declined and why."""
        from gateway.api.types.quotes import DeclinedCarrier

        if self.quote_set_id is None:
            return []
        quote_set = await info.context.loaders.quote_set.load(self.quote_set_id)
        return [] if quote_set is None else [DeclinedCarrier.of(decline) for decline in quote_set.declined]


@shape()
class RemoteRefused(Problem):
    """The carrier or store said no, or could not be asked, in its words."""

    system: str
    raw_code: str | None
    raw_message: str | None


@shape(to=SHOPPER)
class TokenRejected(Problem):
    """The tracking token ended or was never good."""

    expired_at: datetime | None


@shape()
class OtherProblem(Problem):
    """A problem without a type of its own."""


def code_of(code: str) -> ProblemCode:
    """The code, OTHER where the schema has none of that name."""
    return ProblemCode(code) if code in ProblemCode.__members__ else ProblemCode.OTHER


def _common(error: errors.DoorstepError) -> dict[str, Any]:
    return {
        "code": code_of(error.code),
        "message": error.message,
        "retryable": error.retryable,
        "path": list(error.path[:MOST_PATH]) or None,
    }


def _invalid_input(error: errors.InvalidInput) -> Problem:
    issues = [
        InputIssue(path=list(issue.path[:MOST_PATH]), code=code_of(issue.code), message=issue.message)
        for issue in error.issues[:50]
    ]
    return InvalidInput(**_common(error), issues=issues)


def _not_found(error: errors.NotFound) -> Problem:
    return NotFound(**_common(error), missing_id=strawberry.ID(error.missing_id))


def _state_conflict(error: errors.StateConflict) -> Problem:
    return StateConflict(**_common(error), current_version=error.current_version, current_id=error.current_id)


def _approval_required(error: errors.ApprovalRequired) -> Problem:
    return ApprovalRequired(**_common(error), spend=error)


def _plan_infeasible(error: errors.PlanInfeasible) -> Problem:
    return PlanInfeasible(**_common(error), broken=error.violations)


def _idempotency_conflict(error: errors.IdempotencyConflict) -> Problem:
    return IdempotencyConflict(**_common(error), first_seen_at=error.first_seen_at)


def _option_changed(error: errors.OptionExpired) -> Problem:
    return OptionChanged(**_common(error))


def _slot_unavailable(error: errors.SlotUnavailable) -> Problem:
    return SlotUnavailable(**_common(error), near=error.alternatives)


def _not_serviceable(error: errors.NotServiceable) -> Problem:
    return NotServiceable(**_common(error), quote_set_id=error.quote_set_id)


def _remote_refused(error: errors.RemoteError) -> Problem:
    return RemoteRefused(
        **_common(error),
        system=error.system,
        raw_code=error.raw_code or None,
        raw_message=error.raw_message or None,
    )


def _token_rejected(error: errors.TokenRejected) -> Problem:
    return TokenRejected(**_common(error), expired_at=error.expired_at)


@dataclass(frozen=True, slots=True)
class ProblemHandler:
    """One row of the table: what Strawberry calls where a union has `error_type` among its members."""

    exception_type: type[errors.DoorstepError]
    error_type: type[Problem]
    build: Callable[[Any], Problem]

    def handle(self, exception: errors.DoorstepError, *, field: object, info: object) -> Problem:  # noqa: ARG002  # Strawberry calls it with both
        """The union's member for this error."""
        return self.build(exception)


PROBLEMS = (
    ProblemHandler(errors.InvalidInput, InvalidInput, _invalid_input),
    ProblemHandler(errors.NotFound, NotFound, _not_found),
    ProblemHandler(errors.StateConflict, StateConflict, _state_conflict),
    ProblemHandler(errors.ApprovalRequired, ApprovalRequired, _approval_required),
    ProblemHandler(errors.PlanInfeasible, PlanInfeasible, _plan_infeasible),
    ProblemHandler(errors.IdempotencyConflict, IdempotencyConflict, _idempotency_conflict),
    ProblemHandler(errors.OptionExpired, OptionChanged, _option_changed),
    ProblemHandler(errors.SlotUnavailable, SlotUnavailable, _slot_unavailable),
    ProblemHandler(errors.NotServiceable, NotServiceable, _not_serviceable),
    ProblemHandler(errors.RemoteError, RemoteRefused, _remote_refused),
    ProblemHandler(errors.TokenRejected, TokenRejected, _token_rejected),
)


def problem_of(error: errors.DoorstepError) -> Problem:
    """The problem of one outcome among many, where the error was not raised but handed over."""
    for row in PROBLEMS:
        if isinstance(error, row.exception_type):
            return row.build(error)
    return OtherProblem(**_common(error))
