"""People who work for a merchant: who has an exception in hand, and who did what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

FORGOTTEN = "Former colleague"
"""The name of somebody who was forgotten: the audit trail keeps that it was a person, and the same one."""


class Role(StrEnum):
    """What somebody is for a merchant. What they may do is said by the scopes of their keys."""

    OWNER = "OWNER"
    DISPATCHER = "DISPATCHER"
    DRIVER = "DRIVER"
    VIEWER = "VIEWER"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works for a merchant. Name and e-mail address are personal data.

    Attributes
    ----------
    email
        "" where none is known.
    archived_at
        Since when they are here no more: their keys have ended, and nothing is given to them.
    """

    id: str
    merchant_id: str
    name: str
    role: Role = Role.DISPATCHER
    email: str = ""
    archived_at: datetime | None = None
    version: int = 1

    @property
    def is_here(self) -> bool:
        """Whether something can be given to them."""
        return self.archived_at is None

    def forgotten(self) -> Person:
        """The same person without anything that says who it is."""
        return replace(self, name=FORGOTTEN, email="")
