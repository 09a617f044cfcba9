"""Opening, mending and closing incidents: one live incident for each (subject, kind)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.audit import Actor, Author, Entry
from doorstep.delivery import Delivery, DeliveryFlag, Leg
from doorstep.events import IncidentRaised, IncidentResolved
from doorstep.ids import new_id
from doorstep.incident import Incident, IncidentKind, IncidentStatus, Resolution, Step, StepAction, StepStatus
from doorstep.money import Money
from doorstep.watch_rules import WatchRules
from gateway.flow.ports import UnitOfWork
from gateway.flow.watching.catalogue import severity_of
from gateway.flow.watching.closed_before import is_quiet


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong, before anybody knows whether it is wrong already.

    Attributes
    ----------
    delivery_id, driver_id, fulfillment_order_id, account_id, about
        What it is about is the first of these; the merchant where there is none. `about` is the id of what is
        none of the others: an endpoint, a request.
    """

    kind: IncidentKind
    title: str
    evidence: str
    delivery_id: str | None = None
    fulfillment_order_id: str | None = None
    leg_id: str | None = None
    driver_id: str | None = None
    account_id: str | None = None
    raw_code: str = ""
    about: str = ""

    @property
    def subject(self) -> str | None:
        """What it is about, for de-duplication; None for the merchant."""
        found = self.delivery_id or self.driver_id or self.fulfillment_order_id or self.account_id
        return found or self.about or None


async def raise_if_new(work: UnitOfWork, alarm: Alarm, rules: WatchRules, now: datetime) -> Incident | None:
    """Raise what a machine measures, unless the merchant does not watch it or a person has closed it before.

    Gives the live incident; None where nothing is raised.
    """
    if not rules.of(alarm.kind).is_on:
        return None
    subject = alarm.subject or work.merchant_id
    if await work.incidents.live(alarm.kind, subject) is None:
        past = await work.incidents.past(alarm.kind, subject, 1)
        if is_quiet(past[0] if past else None, rules, now):
            return None
    return await raise_incident(work, alarm, now)


async def raise_incident(work: UnitOfWork, alarm: Alarm, now: datetime) -> Incident:
    """Open an incident, or answer the live one of the same kind about the same thing."""
    subject = alarm.subject or work.merchant_id
    if alarm.delivery_id is not None:
        # Before the incident, as everybody does who changes both, so that no two wait for each other.
        await work.deliveries.get(alarm.delivery_id, lock=True)
    live = await work.incidents.live(alarm.kind, subject)
    if live is not None:
        return live
    merchant = await work.accounts.merchant()
    severity = severity_of(alarm.kind, merchant.watch)
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
        account_id=alarm.account_id,
        raw_code=alarm.raw_code,
        about=alarm.about,
        history=(Entry(now, Actor.OTHER, alarm.evidence),),
    )
    await keep(work, incident)
    await work.emit(IncidentRaised(work.merchant_id, incident.id))
    return incident


async def add_step(
    work: UnitOfWork,
    incident: Incident,
    action: StepAction,
    status: StepStatus,
    reason: str,
    now: datetime,
    *,
    cost: Money | None = None,
) -> Incident:
    """Write down what was tried.

    Parameters
    ----------
    cost
        What it cost beside what had been agreed; None where that is nothing.
    """
    ended_at = None if status is StepStatus.RUNNING else now
    step = Step(action, status, reason, now, incident.next_step_id, ended_at, cost)
    changed = replace(
        incident,
        steps=(*incident.steps, step),
        history=(*incident.history, Entry(now, Actor.PLAYBOOK, reason)),
        version=incident.version + 1,
    )
    await keep(work, changed)
    return changed


async def resolve(
    work: UnitOfWork,
    incident: Incident,
    by: Actor | Author,
    resolution: Resolution,
    note: str,
    now: datetime,
) -> Incident:
    """It is over."""
    if not incident.is_live:
        return incident
    author = by if isinstance(by, Author) else Author(by)
    changed = replace(
        incident,
        status=IncidentStatus.RESOLVED,
        resolved_at=now,
        resolved_by=author.actor,
        resolution=resolution,
        waiting_for="",
        waiting_until=None,
        history=(*incident.history, author.entry(now, note)),
        version=incident.version + 1,
    )
    await keep(work, changed)
    await work.emit(IncidentResolved(work.merchant_id, incident.id))
    return changed


async def settle(
    work: UnitOfWork, subject: str, kinds: Collection[IncidentKind] | None, note: str, now: datetime
) -> None:
    """Close what has mended itself: the live incidents about a subject, of some kinds or (None) of all."""
    seen = [one for one in await work.incidents.live_of(subject) if kinds is None or one.kind in kinds]
    for one in sorted(seen, key=lambda one: one.id):
        # Somebody may have written to it, or closed it, since: their word stays.
        incident = await _lock(work, one)
        if incident is not None:
            await resolve(work, incident, Actor.PLAYBOOK, Resolution.FIXED, note, now)


async def locked(work: UnitOfWork, incident_id: str) -> Incident | None:
    """An incident as it is now; nobody else changes it until the commit."""
    seen = await work.incidents.get(incident_id)
    return None if seen is None else await _lock(work, seen)


async def name_of(work: UnitOfWork, leg: Leg) -> str:
    """What people call the account that a leg is booked with."""
    accounts = await work.accounts.carriers()
    return next((account.name for account in accounts if account.id == leg.account_id), leg.carrier)


async def keep(work: UnitOfWork, incident: Incident) -> None:
    """Keep it as it is now, tell those who watch, and flag its delivery."""
    await work.incidents.put(incident)
    work.announce("exception", incident.id)
    if incident.delivery_id is not None:
        await _flag(work, incident.delivery_id)


async def _lock(work: UnitOfWork, seen: Incident) -> Incident | None:
    if seen.delivery_id is not None:
        # In the order in which everybody locks: the delivery, then what is wrong with it.
        await work.deliveries.get(seen.delivery_id, lock=True)
    return await work.incidents.get(seen.id, lock=True)


async def _flag(work: UnitOfWork, delivery_id: str) -> None:
    delivery: Delivery | None = await work.deliveries.get(delivery_id, lock=True)
    if delivery is None:
        return
    raised = bool(await work.incidents.live_of(delivery_id))
    flagged = delivery.with_flag(DeliveryFlag.EXCEPTION_OPEN, raised)
    if flagged != delivery:
        await work.deliveries.put(flagged)
        work.announce("delivery", delivery_id)
