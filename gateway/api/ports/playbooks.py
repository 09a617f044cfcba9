"""What the API must be handed of playbooks and remedies; see `gateway.api.ports.session`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from doorstep.incident import Incident, Step
from doorstep.money import Money
from doorstep.playbook import Playbook
from gateway.api.ports.desk import Signature
from gateway.flow.mending.preview import Preview
from gateway.flow.mending.remedy import Remedy


class ReadsPlaybooks(Protocol):
    """Part of what one merchant's callers can read."""

    async def playbooks(self, ids: Sequence[str]) -> Mapping[str, Playbook]:
        """Archived ones too, and those that come with Doorstep."""
        ...

    async def all_playbooks(self) -> Sequence[Playbook]:
        """The merchant's own in the order in which they were made, then what comes with Doorstep."""
        ...


class PlaybookCommands(Protocol):
    """The use cases about playbooks and remedies."""

    async def save_playbook(self, *, playbook: Playbook, expected_version: int | None) -> Playbook:
        """Keep it whole; None is the version of what is not there yet."""
        ...

    async def archive_playbook(self, *, playbook_id: str, expected_version: int) -> Playbook: ...
    async def preview_playbook(self, *, draft: Playbook, past: timedelta) -> Preview:
        """What it would have done to what was raised since then and is over."""
        ...

    async def remedies(self, *, incident: Incident) -> Sequence[Remedy]:
        """What a person may do now; nothing is changed by looking."""
        ...

    async def apply_remedy(
        self,
        *,
        idempotency_key: str,
        incident_id: str,
        remedy_id: str,
        max_cost: Money | None,
        by: Signature,
    ) -> tuple[Incident, Step]:
        """Raises `ApprovalRequired` where it costs more than `max_cost`, or than a machine may spend."""
        ...

    async def undo_playbook_step(self, *, step_id: str, by: Signature, note: str) -> Incident:
        """Raises `StateConflict` where it cannot be taken back, or no more."""
        ...
