"""Look up: the incident that somebody means, locked until the commit."""

from __future__ import annotations

from doorstep.errors import NotFound, StateConflict
from doorstep.incident import Incident
from gateway.flow.ports import UnitOfWork
from gateway.flow.watching.incidents import locked

_AT = ("input", "exceptionId")


async def any_incident(work: UnitOfWork, incident_id: str, expected_version: int | None = None) -> Incident:
    """An incident, live or over.

    Raises
    ------
    NotFound
        If there is none.
    StateConflict
        If it is not in the version that was seen.
    """
    incident = await locked(work, incident_id)
    if incident is None:
        raise NotFound(incident_id, path=_AT)
    if expected_version is not None and expected_version != incident.version:
        text = "This exception was changed by someone else since you read it."
        raise StateConflict(text, current_id=incident.id, current_version=incident.version)
    return incident


async def live_incident(work: UnitOfWork, incident_id: str, expected_version: int | None = None) -> Incident:
    """An incident that is not over; raises as `any_incident`, and `StateConflict` where it is resolved."""
    incident = await any_incident(work, incident_id, expected_version)
    if not incident.is_live:
        text = "This exception is resolved already."
        raise StateConflict(text, current_id=incident.id, current_version=incident.version)
    return incident
