"""What the API is handed of playbooks and remedies; parts of the fakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.flow.mending.book import book_of, kind_of_standard
from gateway.flow.mending.standard import standard_playbook
from tests.unit.api import world as w


class FakeMendingReads:
    """Part of `FakeReads`."""

    things: dict[str, dict[str, Any]]

    async def playbooks(self, ids: Sequence[str]) -> Mapping[str, Any]:
        kinds = {id_: kind for id_ in ids if (kind := kind_of_standard(id_))}
        standard = {id_: standard_playbook(kind, w.MERCHANT.id) for id_, kind in kinds.items()}
        own = self.things.get("playbooks", {})
        return standard | {id_: own[id_] for id_ in ids if id_ in own}

    async def all_playbooks(self) -> Sequence[Any]:
        return book_of(w.MERCHANT.id, list(self.things.get("playbooks", {}).values())).all()


class FakeMendingCommands:
    """Part of `FakeCommands`; there is no remedy unless one is laid out."""

    answers: dict[str, Any]

    def _answer(self, name: str, given: dict[str, Any]) -> Any:
        raise NotImplementedError

    async def save_playbook(self, **given: Any) -> Any:
        return self._answer("save_playbook", given)

    async def archive_playbook(self, **given: Any) -> Any:
        return self._answer("archive_playbook", given)

    async def preview_playbook(self, **given: Any) -> Any:
        return self._answer("preview_playbook", given)

    async def remedies(self, **given: Any) -> Any:
        return self._answer("remedies", given) if "remedies" in self.answers else ()

    async def apply_remedy(self, **given: Any) -> Any:
        return self._answer("apply_remedy", given)

    async def undo_playbook_step(self, **given: Any) -> Any:
        return self._answer("undo_playbook_step", given)
