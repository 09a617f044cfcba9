"""The API's use cases about playbooks and remedies, bound to one merchant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from doorstep.incident import Incident, Step
from doorstep.money import Money
from doorstep.playbook import Playbook
from gateway.api.ports.desk import Signature
from gateway.bootstrap.desk_commands import author_of
from gateway.bootstrap.slot_commands import SlotCommands
from gateway.flow.mending import apply, preview, save, take_back
from gateway.flow.mending.remedies import remedies_of
from gateway.flow.mending.remedy import Remedy


@dataclass(frozen=True, slots=True)
class PlaybookCommands(SlotCommands):
    """See `gateway.api.ports.session.Commands`."""

    async def save_playbook(self, *, playbook: Playbook, expected_version: int | None) -> Playbook:
        async with self.means.begin(self.merchant_id) as work:
            return await save.save_playbook(work, playbook, expected_version, self.means.clock.now())

    async def archive_playbook(self, *, playbook_id: str, expected_version: int) -> Playbook:
        async with self.means.begin(self.merchant_id) as work:
            return await save.archive_playbook(work, playbook_id, expected_version, self.means.clock.now())

    async def preview_playbook(self, *, draft: Playbook, past: timedelta) -> preview.Preview:
        mine = replace(draft, merchant_id=self.merchant_id)
        return await preview.preview_playbook(self.means, mine, past)

    async def remedies(self, *, incident: Incident) -> Sequence[Remedy]:
        return await remedies_of(self.means, incident)

    async def apply_remedy(
        self,
        *,
        idempotency_key: str,
        incident_id: str,
        remedy_id: str,
        max_cost: Money | None,
        by: Signature,
    ) -> tuple[Incident, Step]:
        press = apply.Press(incident_id, remedy_id, author_of(by), max_cost)
        return await apply.apply_remedy(self.means, self.merchant_id, idempotency_key, press)

    async def undo_playbook_step(self, *, step_id: str, by: Signature, note: str) -> Incident:
        return await take_back.take_back(self.means, self.merchant_id, step_id, author_of(by), note)
