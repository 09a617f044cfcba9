"""Who does something, and the lines in which that is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Actor(StrEnum):
    """Who did something."""

    PERSON = "PERSON"
    PLAYBOOK = "PLAYBOOK"
    CARRIER = "CARRIER"
    DRIVER = "DRIVER"
    SHOPPER = "SHOPPER"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Author:
    """Who does something, as the audit trail names them.

    Attributes
    ----------
    person_id, key_id
        Of a person at the desk: who it is, and the key that was shown; the first is None where the key is
        nobody's.
    """

    actor: Actor
    person_id: str | None = None
    key_id: str | None = None

    def entry(self, at: datetime, text: str) -> Entry:
        """What they did, for the audit trail."""
        return Entry(at, self.actor, text, self.person_id, self.key_id)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the audit trail.

    Attributes
    ----------
    text
        What people write may be personal data: it goes when the shopper is forgotten.
    person_id, key_id
        See `Author`.
    to_person_id
        Whom it was given to.
    """

    at: datetime
    by: Actor
    text: str
    person_id: str | None = None
    key_id: str | None = None
    to_person_id: str | None = None
