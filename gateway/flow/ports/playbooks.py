"""Playbooks, as the flow keeps them: saved whole by version and archived, as all that a merchant sets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from doorstep.incident import IncidentKind
from doorstep.playbook import Playbook


class Playbooks(Protocol):
    """What a merchant wants done about exceptions, where they have said so."""

    async def playbook(self, playbook_id: str) -> Playbook | None:
        """Archived ones too."""
        ...

    async def playbooks(self) -> Sequence[Playbook]:
        """All but the archived ones, in the order in which they were made; disabled ones too."""
        ...

    async def of_kind(self, kind: IncidentKind) -> Playbook | None:
        """The one for a kind, disabled or not; None where the merchant has saved none."""
        ...

    async def save(self, playbook: Playbook, expected_version: int | None) -> Playbook:
        """Keep it whole.

        Raises
        ------
        NotFound
            If a version was seen of what is not there.
        StateConflict
            If somebody saved in between, it is archived, or another playbook is for one of its kinds.
        """
        ...

    async def archive(self, playbook_id: str, expected_version: int, now: datetime) -> Playbook:
        """Put it away for good; raises as `save`."""
        ...
