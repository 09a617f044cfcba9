"""Alarm: operators hear of incidents on their own channels, once for many of a kind."""

from __future__ import annotations

from datetime import datetime, timedelta

from doorstep.events import IncidentRaised
from doorstep.incident import Incident
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.records import Remembered

QUIET_FOR = timedelta(minutes=30)
"""After one incident of a kind the next ones of it stay quiet for so long: the desk shows them."""

_OPERATION = "alarm"


async def tell_operators(event: IncidentRaised, means: Means) -> None:
    """Tell operators of an incident, unless one like it was told of a moment ago."""
    async with means.begin(event.merchant_id) as work:
        incident = await work.incidents.get(event.incident_id)
        if incident is None or not incident.is_live or not means.operators.listen_to(incident.severity):
            return
        now = means.clock.now()
        if await _was_told(work, incident, now):
            return
        merchant = await work.accounts.merchant()
        alike = sum(one.kind is incident.kind for one in await work.incidents.all_live())
    more = f" {alike - 1} more of the kind are open." if alike > 1 else ""
    text = f"{incident.title}.{more} A person answers by {incident.due_at:%H:%M} UTC. {incident.id}"
    await means.operators.tell(incident.severity, f"{merchant.name}: {incident.severity.lower()}", text)
    async with means.begin(event.merchant_id) as work:
        await work.memory.remember(Remembered(_OPERATION, _key(incident, now), "", "", now))


async def _was_told(work: UnitOfWork, incident: Incident, now: datetime) -> bool:
    """Whether operators heard of this kind within the last half hour, on either side of a border of spans."""
    keys = [_key(incident, now), _key(incident, now - QUIET_FOR)]
    seen = await work.memory.seen(_OPERATION, keys)
    return any(now - at < QUIET_FOR for at in seen.values())


def _key(incident: Incident, at: datetime) -> str:
    return f"{incident.kind} {incident.severity} {int(at.timestamp() // QUIET_FOR.total_seconds())}"
