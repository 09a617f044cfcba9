"""People: who works for a merchant. Their names are theirs: `archive_person` can forget them."""

from __future__ import annotations

from dataclasses import replace

from doorstep.audit import Actor, Author
from doorstep.errors import InvalidInput
from doorstep.ids import new_id
from doorstep.person import Person
from gateway.flow.desk.take import assign
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.watching.incidents import locked

LONGEST_NAME, LONGEST_EMAIL = 100, 254
MOST_PEOPLE = 500
"""Of one merchant, without those who are archived."""

AT_ONCE = 200
"""Exceptions that are put back at once; the next look goes on."""

_AT = ("input",)


async def save_person(work: UnitOfWork, person: Person, expected_version: int | None) -> Person:
    """Keep somebody whole; one without an id is new.

    Raises
    ------
    InvalidInput
        With the field that is wrong, or if there are too many.
    NotFound, StateConflict
        If they are not there, or somebody saved in between, or they are archived.
    """
    if not 0 < len(person.name) <= LONGEST_NAME:
        raise InvalidInput(f"name must have 1 to {LONGEST_NAME} letters.", path=(*_AT, "name"))
    if person.email and ("@" not in person.email or len(person.email) > LONGEST_EMAIL):
        raise InvalidInput("email must be an e-mail address.", path=(*_AT, "email"))
    if not person.id and len(await work.people.people()) >= MOST_PEOPLE:
        raise InvalidInput(f"There are {MOST_PEOPLE} people already; archive some.", path=_AT)
    named = replace(person, id=person.id or new_id("per"), merchant_id=work.merchant_id)
    return await work.people.save(named, expected_version)


async def archive_person(
    means: Means, merchant_id: str, person_id: str, expected_version: int, *, forget: bool = False
) -> Person:
    """Somebody works here no more: their keys end, and what they have goes back into the queue.

    Parameters
    ----------
    forget
        Take out name, e-mail address and what their keys are called too, also of somebody who was archived
        before; that it was the same person stays.

    Raises
    ------
    NotFound, StateConflict
        As `save_person`; for somebody who is archived only where there is nothing to forget.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        person = await work.people.archive(person_id, expected_version, now, forget=forget)
        await work.people.end_keys(person_id, now, forget=forget)
    # Apart, since whoever takes an exception holds it while they look who is here.
    await free_left_behind(means, merchant_id)
    return person


async def free_left_behind(means: Means, merchant_id: str) -> int:
    """Put back what those have who are here no more; gives how many exceptions those were."""
    async with means.begin(merchant_id) as work:
        left = await work.incidents.left_behind(AT_ONCE)
    for incident_id in left:
        async with means.begin(merchant_id) as work:
            incident = await locked(work, incident_id)
            holder = incident.assignee_id if incident is not None and incident.is_live else None
            person = await work.people.person(holder) if holder else None
            if incident is not None and person is not None and not person.is_here:
                text = "Put back: who had it is here no more."
                await assign(work, incident, None, Author(Actor.OTHER), text, means.clock.now())
    return len(left)
