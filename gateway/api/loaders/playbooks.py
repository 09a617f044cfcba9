"""The loaders of playbooks."""

from __future__ import annotations

from asyncio import Semaphore
from functools import cached_property

from strawberry.dataloader import DataLoader

from doorstep.incident import IncidentKind
from doorstep.playbook import Playbook
from gateway.api.loaders.batches import one
from gateway.api.ports.session import Reads

REMEDIES_AT_ONCE = 2
"""Exceptions of one request that are looked at side by side: each takes a connection to the database."""


class PlaybookLoaders:
    """Part of `gateway.api.loaders.all.Loaders`."""

    _reads: Reads

    @cached_property
    def looking_for_remedies(self) -> Semaphore:
        """Held while it is looked what can be done about an exception."""
        return Semaphore(REMEDIES_AT_ONCE)

    @cached_property
    def playbook(self) -> DataLoader[str, Playbook | None]:
        return one(self._reads.playbooks)

    @cached_property
    def playbook_of_kind(self) -> DataLoader[IncidentKind, Playbook | None]:
        """What is done about a kind; None leaves it to people."""

        async def load(kinds: list[IncidentKind]) -> list[Playbook | None]:
            all_of_them = await self._reads.all_playbooks()
            return [next((one for one in all_of_them if kind in one.kinds), None) for kind in kinds]

        return DataLoader(load)
