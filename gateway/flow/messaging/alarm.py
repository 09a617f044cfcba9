"""Alarm: operators hear of incidents on their own channels, once for many of a kind."""

from __future__ import annotations

from datetime import datetime, timedelta

from doorstep.events import IncidentEscalated, IncidentRaised
from doorstep.incident import Incident
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.records import Remembered

QUIET_FOR = timedelta(minutes=30)
"""After one incident of a kind the next ones of it stay quiet for so long: the desk shows them."""

_RAISED, _ESCALATED = "alarm", "escalation"


async def tell_operators(event: IncidentRaised, means: Means) -> None:
    """Tell operators of an incident, unless one like it was told of a moment ago."""
    async with means.begin(event.merchant_id) as work:
        incident = await work.incidents.get(event.incident_id)
        if incident is None or not incident.is_live or not means.operators.listen_to(incident.severity):
            return
        now = means.clock.now()
        if await _was_told(work, _RAISED, incident, now):
            return
        alike = sum(one.kind is incident.kind for one in await work.incidents.all_live((incident.kind,)))
    more = f" {alike - 1} more of the kind are open." if alike > 1 else ""
    await _tell(means, incident, f"{incident.title}.{more}")
    await _remember(means, incident.merchant_id, _RAISED, _key(incident, now), now)


async def tell_of_escalation(event: IncidentEscalated, means: Means) -> None:
    """Tell operators that an incident became worse: each time that a person asks, else as of new ones."""
    async with means.begin(event.merchant_id) as work:
        incident = await work.incidents.get(event.incident_id)
        if incident is None or not incident.is_live or not means.operators.listen_to(incident.severity):
            return
        now = means.clock.now()
        own = f"{incident.id} {event.times}"
        if await work.memory.seen(_ESCALATED, [own]):
            return
        if not event.is_by_hand and await _was_told(work, _ESCALATED, incident, now):
            return
    words = "Escalated by hand" if event.is_by_hand else "Escalated: nobody has answered"
    await _tell(means, incident, f"{words}. {incident.title}.")
    key = own if event.is_by_hand else _key(incident, now)
    await _remember(means, incident.merchant_id, _ESCALATED, key, now)


async def heard_lately(work: UnitOfWork, incident: Incident, now: datetime) -> bool:
    """Whether operators heard of an incident of this kind within the last half hour."""
    return await _was_told(work, _RAISED, incident, now)


async def tell_again(means: Means, incident: Incident, words: str) -> None:
    """Tell operators, whatever they have heard; raises `RemoteUnavailable` where nobody could be told."""
    now = means.clock.now()
    await _tell(means, incident, words)
    await _remember(means, incident.merchant_id, _RAISED, _key(incident, now), now)


async def _tell(means: Means, incident: Incident, words: str) -> None:
    async with means.begin(incident.merchant_id) as work:
        merchant = await work.accounts.merchant()
    text = f"{words} A person answers by {incident.due_at:%H:%M} UTC. {incident.id}"
    await means.operators.tell(incident.severity, f"{merchant.name}: {incident.severity.lower()}", text)


async def _remember(means: Means, merchant_id: str, operation: str, key: str, now: datetime) -> None:
    async with means.begin(merchant_id) as work:
        await work.memory.remember(Remembered(operation, key, "", "", now))


async def _was_told(work: UnitOfWork, operation: str, incident: Incident, now: datetime) -> bool:
    """Whether operators heard of this kind within the last half hour, on either side of a border of spans."""
    keys = [_key(incident, now), _key(incident, now - QUIET_FOR)]
    seen = await work.memory.seen(operation, keys)
    return any(now - at < QUIET_FOR for at in seen.values())


def _key(incident: Incident, at: datetime) -> str:
    return f"{incident.kind} {incident.severity} {int(at.timestamp() // QUIET_FOR.total_seconds())}"
