"""Opening, mending and closing incidents: one live incident for each (subject, kind)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.delivery import Delivery, DeliveryFlag, Leg
from doorstep.events import IncidentRaised, IncidentResolved
from doorstep.ids import new_id
from doorstep.incident import (
    Actor,
    Entry,
    Incident,
    IncidentKind,
    IncidentStatus,
    Resolution,
    Severity,
    Step,
    StepAction,
    StepStatus,
)
from gateway.flow.ports import UnitOfWork

SEVERITIES: dict[IncidentKind, Severity] = {
    IncidentKind.LATE_RISK: Severity.MEDIUM,
    IncidentKind.ETA_PAST_PROMISE: Severity.HIGH,
    IncidentKind.NO_COURIER: Severity.HIGH,
    IncidentKind.COURIER_CANCELLED: Severity.HIGH,
    IncidentKind.QUOTE_EXPIRED: Severity.LOW,
    IncidentKind.CARRIER_DOWN: Severity.CRITICAL,
    IncidentKind.MISSED_PICKUP: Severity.HIGH,
    IncidentKind.MERCHANT_NOT_READY: Severity.MEDIUM,
    IncidentKind.STALLED: Severity.MEDIUM,
    IncidentKind.OFF_ROUTE: Severity.MEDIUM,
    IncidentKind.GPS_SILENT: Severity.MEDIUM,
    IncidentKind.GPS_IMPLAUSIBLE: Severity.MEDIUM,
    IncidentKind.DAMAGED: Severity.CRITICAL,
    IncidentKind.LOST: Severity.CRITICAL,
    IncidentKind.TEMPERATURE: Severity.CRITICAL,
    IncidentKind.WEATHER: Severity.MEDIUM,
    IncidentKind.REFUSED: Severity.MEDIUM,
    IncidentKind.RETURN_OVERDUE: Severity.MEDIUM,
}
"""Starting values; what is not named here is HIGH."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong, before anybody knows whether it is wrong already."""

    kind: IncidentKind
    title: str
    evidence: str
    delivery_id: str | None = None
    fulfillment_order_id: str | None = None
    leg_id: str | None = None
    driver_id: str | None = None
    raw_code: str = ""


async def raise_incident(work: UnitOfWork, alarm: Alarm, now: datetime) -> Incident:
    """Open an incident, or answer the live one of the same kind about the same thing."""
    subject = alarm.delivery_id or alarm.driver_id or alarm.fulfillment_order_id or work.merchant_id
    if alarm.delivery_id is not None:
        # Before the incident, as everybody does who changes both, so that no two wait for each other.
        await work.deliveries.get(alarm.delivery_id, lock=True)
    live = await work.incidents.live(alarm.kind, subject)
    if live is not None:
        return live
    severity = SEVERITIES.get(alarm.kind, Severity.HIGH)
    incident = Incident(
        id=new_id("exc"),
        merchant_id=work.merchant_id,
        kind=alarm.kind,
        severity=severity,
        status=IncidentStatus.OPEN,
        title=alarm.title,
        evidence=alarm.evidence,
        raised_at=now,
        due_at=now + severity.response_time,
        delivery_id=alarm.delivery_id,
        fulfillment_order_id=alarm.fulfillment_order_id,
        leg_id=alarm.leg_id,
        driver_id=alarm.driver_id,
        raw_code=alarm.raw_code,
        history=(Entry(now, Actor.OTHER, alarm.evidence),),
    )
    await _keep(work, incident)
    await work.emit(IncidentRaised(work.merchant_id, incident.id))
    return incident


async def add_step(
    work: UnitOfWork, incident: Incident, action: StepAction, status: StepStatus, reason: str, now: datetime
) -> Incident:
    """Write down what was tried."""
    step = Step(action, status, reason, now)
    changed = replace(
        incident,
        steps=(*incident.steps, step),
        history=(*incident.history, Entry(now, Actor.PLAYBOOK, reason)),
        version=incident.version + 1,
    )
    await _keep(work, changed)
    return changed


async def acknowledge(work: UnitOfWork, incident: Incident, note: str, now: datetime) -> Incident:
    """A person has seen it."""
    changed = replace(
        incident,
        status=IncidentStatus.ACKNOWLEDGED,
        acknowledged_at=now,
        history=(*incident.history, Entry(now, Actor.PERSON, note or "Acknowledged.")),
        version=incident.version + 1,
    )
    await _keep(work, changed)
    return changed


async def resolve(
    work: UnitOfWork, incident: Incident, by: Actor, resolution: Resolution, note: str, now: datetime
) -> Incident:
    """It is over."""
    if not incident.is_live:
        return incident
    changed = replace(
        incident,
        status=IncidentStatus.RESOLVED,
        resolved_at=now,
        resolved_by=by,
        resolution=resolution,
        history=(*incident.history, Entry(now, by, note)),
        version=incident.version + 1,
    )
    await _keep(work, changed)
    await work.emit(IncidentResolved(work.merchant_id, incident.id))
    return changed


async def settle(
    work: UnitOfWork, subject: str, kinds: set[IncidentKind] | None, note: str, now: datetime
) -> None:
    """Close what has mended itself: the live incidents about a subject, of some kinds or (None) of all."""
    for incident in await work.incidents.live_of(subject):
        if kinds is None or incident.kind in kinds:
            await resolve(work, incident, Actor.PLAYBOOK, Resolution.FIXED, note, now)


async def name_of(work: UnitOfWork, leg: Leg) -> str:
    """What people call the account that a leg is booked with."""
    accounts = await work.accounts.carriers()
    return next((account.name for account in accounts if account.id == leg.account_id), leg.carrier)


async def _keep(work: UnitOfWork, incident: Incident) -> None:
    await work.incidents.put(incident)
    work.announce("exception", incident.id)
    if incident.delivery_id is not None:
        await _flag(work, incident.delivery_id)


async def _flag(work: UnitOfWork, delivery_id: str) -> None:
    delivery: Delivery | None = await work.deliveries.get(delivery_id, lock=True)
    if delivery is None:
        return
    raised = bool(await work.incidents.live_of(delivery_id))
    flagged = delivery.with_flag(DeliveryFlag.EXCEPTION_OPEN, raised)
    if flagged != delivery:
        await work.deliveries.put(flagged)
        work.announce("delivery", delivery_id)
