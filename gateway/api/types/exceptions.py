"""Exceptions: what needs mending, by kind."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import strawberry

from doorstep import incident as ground
from doorstep.incident import (
    Actor,
    Incident,
    IncidentKind,
    IncidentStatus,
    Resolution,
    Severity,
    StepAction,
    StepStatus,
)
from gateway.api.context import Info
from gateway.api.marks import entry, interface, part, resolved, shape
from gateway.api.paging import Connection, slice_of
from gateway.api.problems import InvalidInput, NotFound, StateConflict
from gateway.api.types.carriers import Carrier, load_carrier
from gateway.api.types.deliveries import Delivery
from gateway.api.types.drivers import Driver
from gateway.api.types.enums import ExceptionSortField, SortDirection
from gateway.api.types.legs import Leg
from gateway.api.types.node import Node
from gateway.api.types.places import Position
from gateway.api.types.times import Eta, Promise

_DELAYS = {IncidentKind.LATE_RISK, IncidentKind.ETA_PAST_PROMISE}
_CARRIERS = {
    IncidentKind.NO_COURIER,
    IncidentKind.COURIER_CANCELLED,
    IncidentKind.QUOTE_EXPIRED,
    IncidentKind.CARRIER_DOWN,
    IncidentKind.MISSED_PICKUP,
}
_FLEET = {
    IncidentKind.STALLED,
    IncidentKind.OFF_ROUTE,
    IncidentKind.GPS_SILENT,
    IncidentKind.GPS_IMPLAUSIBLE,
}


@shape()
class PlaybookStep:
    """A step that a playbook took."""

    action: StepAction
    status: StepStatus
    reason: str
    at: datetime

    @staticmethod
    def of(step: ground.Step) -> PlaybookStep:
        return PlaybookStep(action=step.action, status=step.status, reason=step.reason, at=step.at)


@shape()
class ExceptionEntry:
    """A line of the audit trail."""

    at: datetime
    by: Actor
    text: str

    @staticmethod
    def of(line: ground.Entry) -> ExceptionEntry:
        return ExceptionEntry(at=line.at, by=line.by, text=line.text)


@interface()
class DeliveryException(Node):
    """Something that needs mending."""

    kind: IncidentKind
    severity: Severity
    status: IncidentStatus
    title: str
    evidence: str = part("What is known and how.")
    raised_at: datetime
    due_at: datetime = part("Answer due; the queue sorts by it.")
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    resolved_by: Actor | None
    resolution: Resolution | None
    version: int = part("For expectedVersion.")
    steps: list[PlaybookStep] = part(most=30, usual=4)
    kept: strawberry.Private[Incident]

    @resolved()
    async def delivery(self, info: Info) -> Delivery | None:
        """The delivery it is about."""
        if self.kept.delivery_id is None:
            return None
        found = await info.context.loaders.delivery.load(self.kept.delivery_id)
        return None if found is None else Delivery.of(found)

    @resolved()
    def history(self, first: int = 50, after: str | None = None) -> Connection[ExceptionEntry]:
        """The audit trail, oldest first."""
        return slice_of(self.kept.history, first, after, "exceptionHistory", ExceptionEntry.of)


@shape()
class DelayException(DeliveryException):
    """Late or about to be."""

    @resolved()
    async def promise(self, info: Info) -> Promise | None:
        """What was promised."""
        delivery = await _delivery(info, self.kept)
        return None if delivery is None else Promise.maybe(delivery.promise)

    @resolved()
    async def eta(self, info: Info) -> Eta | None:
        """What is expected now."""
        delivery = await _delivery(info, self.kept)
        return None if delivery is None else Eta.maybe(delivery.eta)

    @resolved()
    async def late_risk(self, info: Info) -> float | None:
        """Probability of missing the promise."""
        delivery = await _delivery(info, self.kept)
        return None if delivery is None else delivery.late_risk


@shape()
class CarrierException(DeliveryException):
    """A carrier or its courier failed."""

    raw_code: str | None = part("The carrier's own code.")

    @resolved()
    async def leg(self, info: Info) -> Leg | None:
        """The booking it is about."""
        delivery = await _delivery(info, self.kept)
        legs = () if delivery is None else delivery.legs
        return next((Leg.of(leg) for leg in legs if leg.id == self.kept.leg_id), None)

    @resolved()
    async def carrier(self, info: Info) -> Carrier | None:
        """Who failed, where a booking says so."""
        delivery = await _delivery(info, self.kept)
        legs = () if delivery is None else delivery.legs
        leg = next((leg for leg in legs if leg.id == self.kept.leg_id), None)
        return None if leg is None else await load_carrier(info.context, leg.carrier)


@shape()
class FleetException(DeliveryException):
    """The van: stalled, off route, silent."""

    @resolved()
    async def driver(self, info: Info) -> Driver | None:
        """Who drives it."""
        if self.kept.driver_id is None:
            return None
        found = await info.context.loaders.driver.load(self.kept.driver_id)
        return None if found is None else Driver.of(found)

    @resolved()
    async def last_position(self, info: Info) -> Position | None:
        """Where it was last."""
        if self.kept.driver_id is None:
            return None
        state = await info.context.loaders.driver_state.load(self.kept.driver_id)
        return None if state is None else Position.of(state.position, info.context.clock.now())


@shape()
class OtherException(DeliveryException):
    """Everything else."""


def show_exception(kept: Incident) -> DeliveryException:
    """The incident as the type that its kind asks for."""
    common: dict[str, Any] = {
        "id": strawberry.ID(kept.id),
        "kind": kept.kind,
        "severity": kept.severity,
        "status": kept.status,
        "title": kept.title,
        "evidence": kept.evidence,
        "raised_at": kept.raised_at,
        "due_at": kept.due_at,
        "acknowledged_at": kept.acknowledged_at,
        "resolved_at": kept.resolved_at,
        "resolved_by": kept.resolved_by,
        "resolution": kept.resolution,
        "version": kept.version,
        "steps": [PlaybookStep.of(step) for step in kept.steps[:30]],
        "kept": kept,
    }
    if kept.kind in _DELAYS:
        return DelayException(**common)
    if kept.kind in _CARRIERS:
        return CarrierException(**common, raw_code=kept.raw_code or None)
    if kept.kind in _FLEET:
        return FleetException(**common)
    return OtherException(**common)


async def _delivery(info: Info, kept: Incident) -> Any:
    if kept.delivery_id is None:
        return None
    return await info.context.loaders.delivery.load(kept.delivery_id)


@entry
class ExceptionFilter:
    """Values of one field are OR, fields are AND; without status those that are in the queue."""

    status: list[IncidentStatus] | None = part(most=5, default=None)
    kinds: list[IncidentKind] | None = part(most=30, default=None)
    severities: list[Severity] | None = part(most=4, default=None)
    due_within_seconds: int | None = None
    store_ids: list[strawberry.ID] | None = part(most=50, default=None)


@entry
class ExceptionSort:
    """How exceptions are sorted."""

    field: ExceptionSortField = ExceptionSortField.DUE_AT
    direction: SortDirection = SortDirection.ASC


@entry
class AcknowledgeExceptionInput:
    """Somebody looks at it."""

    exception_id: strawberry.ID
    expected_version: int | None = None
    note: str | None = None


@entry
class ResolveExceptionInput:
    """It is over."""

    exception_id: strawberry.ID
    resolution: Resolution
    expected_version: int | None = None
    note: str | None = None


@shape()
class AcknowledgeExceptionSuccess:
    """It is acknowledged."""

    exception: DeliveryException


@shape()
class ResolveExceptionSuccess:
    """It is resolved."""

    exception: DeliveryException


AcknowledgeExceptionResult = Annotated[
    AcknowledgeExceptionSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("AcknowledgeExceptionResult", description="What acknowledging led to."),
]
ResolveExceptionResult = Annotated[
    ResolveExceptionSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("ResolveExceptionResult", description="What resolving led to."),
]
