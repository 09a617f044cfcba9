"""Take: who has an exception in hand, by their own wish or another's."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.audit import Author
from doorstep.errors import InvalidInput, NotFound, StateConflict
from doorstep.incident import Incident, IncidentStatus
from doorstep.person import Person
from gateway.flow.desk.escalate import back_in_queue
from gateway.flow.ports import UnitOfWork
from gateway.flow.watching.incidents import keep

_TO = ("input", "personId")


async def claim(work: UnitOfWork, incident: Incident, by: Author, note: str, now: datetime) -> Incident:
    """Whoever asks has it from now on, and has answered; of two who ask at once the first has it.

    Raises
    ------
    InvalidInput
        If the key that was shown is nobody's.
    StateConflict
        If somebody else has it: `assign` takes it from them.
    """
    if by.person_id is None:
        raise InvalidInput("The key that you use is nobody's: make one for a person with createApiKey.")
    if incident.assignee_id == by.person_id and incident.status is IncidentStatus.ACKNOWLEDGED:
        return incident
    if incident.assignee_id not in (None, by.person_id):
        holder = await work.people.person(incident.assignee_id or "")
        text = f"{holder.name if holder else 'Somebody'} has this exception already."
        raise StateConflict(text, current_id=incident.id, current_version=incident.version)
    return await _give(work, incident, await _somebody_here(work, by.person_id), by, note or "Claimed.", now)


async def assign(
    work: UnitOfWork, incident: Incident, person_id: str | None, by: Author, note: str, now: datetime
) -> Incident:
    """Hand it over, or (None) put it back into the queue.

    Whoever is given it by somebody else has to answer anew: within the time for its severity where the one
    before had answered, else when it was due anyway.

    Raises
    ------
    InvalidInput
        If the person is here no more.
    NotFound
        If there is no such person.
    """
    if person_id is None:
        words = note or "Put back into the queue."
        changed = back_in_queue(_due_anew(incident, now))
        return await _kept(work, changed, by, words, now, to=None)
    person = await _somebody_here(work, person_id)
    return await _give(work, incident, person, by, note or "Handed over.", now)


async def _give(
    work: UnitOfWork, incident: Incident, person: Person, by: Author, note: str, now: datetime
) -> Incident:
    if by.person_id == person.id:
        answered = incident.acknowledged_at or now
        changed = replace(incident, status=IncidentStatus.ACKNOWLEDGED, acknowledged_at=answered)
        changed = replace(changed, waiting_for="", waiting_until=None)
    elif incident.assignee_id == person.id:
        changed = incident
    else:
        changed = back_in_queue(_due_anew(incident, now))
    return await _kept(work, replace(changed, assignee_id=person.id), by, note, now, to=person.id)


async def _kept(
    work: UnitOfWork, incident: Incident, by: Author, note: str, now: datetime, *, to: str | None
) -> Incident:
    line = replace(by.entry(now, note), to_person_id=to)
    changed = replace(incident, history=(*incident.history, line), version=incident.version + 1)
    await keep(work, changed)
    return changed


def _due_anew(incident: Incident, now: datetime) -> Incident:
    if incident.acknowledged_at is None:
        return incident
    return replace(incident, due_at=now + incident.severity.response_time)


async def _somebody_here(work: UnitOfWork, person_id: str) -> Person:
    # Whoever archives them meanwhile waits for us, and puts it back then.
    person = await work.people.person(person_id, lock=True)
    if person is None:
        raise NotFound(person_id, path=_TO)
    if not person.is_here:
        raise InvalidInput(f"{person.name} is here no more.", path=_TO)
    return person
