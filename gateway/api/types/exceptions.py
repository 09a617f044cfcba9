"""Exceptions: what needs mending, by kind."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from doorstep.audit import Actor, Entry
from doorstep.incident import Incident, IncidentKind, IncidentStatus, Resolution, Severity, Step
from gateway.api.context import Info
from gateway.api.marks import entry, interface, part, resolved, shape
from gateway.api.paging import Connection, slice_of
from gateway.api.types.carriers import Carrier, load_carrier
from gateway.api.types.deliveries import Delivery
from gateway.api.types.drivers import Driver, may_see_vans
from gateway.api.types.enums import ExceptionSortField, SortDirection
from gateway.api.types.legs import Leg
from gateway.api.types.node import Node
from gateway.api.types.people import Person
from gateway.api.types.places import Position
from gateway.api.types.playbooks import Playbook, PlaybookStep, Remedy
from gateway.api.types.times import Eta, Promise

MOST_STEPS = 30

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
class ExceptionEntry:
    """A line of the audit trail."""

    at: datetime
    by: Actor
    text: str
    kept: strawberry.Private[Entry]

    @resolved()
    async def person(self, info: Info) -> Person | None:
        """Who it was, where their key says so."""
        return await load_person(info, self.kept.person_id)

    @resolved()
    async def to(self, info: Info) -> Person | None:
        """Whom it was given to."""
        return await load_person(info, self.kept.to_person_id)

    @resolved()
    async def key_name(self, info: Info) -> str | None:
        """What the key is called that was shown."""
        key_id = self.kept.key_id
        return await info.context.loaders.key_name.load(key_id) if key_id else None

    @staticmethod
    def of(line: Entry) -> ExceptionEntry:
        return ExceptionEntry(at=line.at, by=line.by, text=line.text, kept=line)


@interface()
class DeliveryException(Node):
    """Something that needs mending."""

    kind: IncidentKind
    severity: Severity
    status: IncidentStatus
    title: str
    evidence: str = part("What is known and how.")
    raised_at: datetime
    due_at: datetime = part("Answer due; later by as long as something is waited for.")
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    resolved_by: Actor | None
    resolution: Resolution | None
    escalations: int = part("How often it was made worse, by hand or because nobody answered.")
    missed_responses: list[Severity] = part(
        "The severities at which nobody answered in time.", most=4, usual=1
    )
    waiting_for: str | None = part("Why nobody has to answer yet; null unless WAITING.")
    waiting_until: datetime | None
    version: int = part("For expectedVersion.")
    steps: list[PlaybookStep] = part(
        "What was done about it, or waits for a person; the newest of them, oldest first.",
        most=MOST_STEPS,
        usual=4,
    )
    kept: strawberry.Private[Incident]

    @resolved()
    async def all_steps(self, first: int = 30, after: str | None = None) -> Connection[PlaybookStep]:
        """Every step, oldest first."""
        numbered = list(enumerate(self.kept.steps))
        return slice_of(numbered, first, after, "exceptionSteps", lambda one: _step(self.kept, *one))

    @resolved()
    async def delivery(self, info: Info) -> Delivery | None:
        """The delivery it is about."""
        if self.kept.delivery_id is None:
            return None
        found = await info.context.loaders.delivery.load(self.kept.delivery_id)
        return None if found is None else Delivery.of(found)

    @resolved()
    async def playbook(self, info: Info) -> Playbook | None:
        """What is done about it by a machine; null leaves it to people."""
        kept = await info.context.loaders.playbook_of_kind.load(self.kept.kind)
        return None if kept is None else Playbook.of(kept)

    @resolved(most=10, usual=4, points=10)
    async def remedies(self, info: Info) -> list[Remedy]:
        """What a person may do about it now; each is looked at anew, which takes a moment."""
        async with info.context.loaders.looking_for_remedies:
            found = await info.context.commands.remedies(incident=self.kept)
        return [Remedy.of(one) for one in found]

    @resolved()
    async def breaches_promise_at(self, info: Info) -> datetime | None:
        """When its delivery is later than was promised; null where nothing was."""
        delivery = await _delivery(info, self.kept)
        return None if delivery is None or delivery.promise is None else delivery.promise.window.end

    @resolved()
    async def assignee(self, info: Info) -> Person | None:
        """Who has it."""
        return await load_person(info, self.kept.assignee_id)

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
        if self.kept.driver_id is None or not await may_see_vans(info.context):
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
        "escalations": kept.escalations,
        "missed_responses": list(kept.missed),
        "waiting_for": kept.waiting_for or None,
        "waiting_until": kept.waiting_until,
        "version": kept.version,
        "steps": [_step(kept, number, step) for number, step in enumerate(kept.steps)][-MOST_STEPS:],
        "kept": kept,
    }
    if kept.kind in _DELAYS:
        return DelayException(**common)
    if kept.kind in _CARRIERS:
        return CarrierException(**common, raw_code=kept.raw_code or None)
    if kept.kind in _FLEET:
        return FleetException(**common)
    return OtherException(**common)


async def load_person(info: Info, person_id: str | None) -> Person | None:
    """Somebody by id."""
    found = await info.context.loaders.person.load(person_id) if person_id else None
    return None if found is None else Person.of(found)


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
    assignee_ids: list[strawberry.ID] | None = part("Who has it.", most=50, default=None)
    unassigned: bool | None = part(
        "True for what nobody has; with assigneeIds for what one of these or nobody has.", default=None
    )
    delivery_ids: list[strawberry.ID] | None = part(most=200, default=None)
    route_ids: list[strawberry.ID] | None = part("Of a delivery with a stop there.", most=50, default=None)
    driver_ids: list[strawberry.ID] | None = part(
        "About a driver, or a delivery of theirs.", most=50, default=None
    )


@entry
class ExceptionSort:
    """How exceptions are sorted."""

    field: ExceptionSortField = ExceptionSortField.DUE_AT
    direction: SortDirection = SortDirection.ASC


def _step(kept: Incident, number: int, step: Step) -> PlaybookStep:
    return PlaybookStep.of(step, kept.id, number)
