"""The loaders of people, and of what their keys are called."""

from __future__ import annotations

from functools import cached_property

from strawberry.dataloader import DataLoader

from doorstep.person import Person
from gateway.api.loaders.batches import one
from gateway.api.ports.session import Reads


class DeskLoaders:
    """Part of `gateway.api.loaders.all.Loaders`."""

    _reads: Reads

    @cached_property
    def person(self) -> DataLoader[str, Person | None]:
        return one(self._reads.people)

    @cached_property
    def key_name(self) -> DataLoader[str, str | None]:
        return one(self._reads.key_names)
