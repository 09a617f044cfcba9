"""What the API is handed of the desk; parts of the fakes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.api.ports import records as r


class FakeDeskReads:
    """Part of `FakeReads`."""

    things: dict[str, dict[str, Any]]

    def _by_id(self, name: str, ids: Sequence[str]) -> Mapping[str, Any]:
        raise NotImplementedError

    def _page(self, name: str, items: Iterable[Any], page: r.PageRequest) -> r.Page[Any]:
        raise NotImplementedError

    def _people(self, with_archived: bool) -> list[Any]:
        return [one for one in self.things["people"].values() if with_archived or one.is_here]

    async def people(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("people", ids)

    async def find_people(self, page: r.PageRequest, *, with_archived: bool) -> r.Page[Any]:
        return self._page("people", self._people(with_archived), page)

    async def count_people(self, up_to: int, *, with_archived: bool) -> int:
        return min(up_to, len(self._people(with_archived)))

    async def key_names(self, ids: Sequence[str]) -> Mapping[str, str]:
        return self._by_id("key_names", ids)


class FakeDeskCommands:
    """Part of `FakeCommands`."""

    def _answer(self, name: str, given: dict[str, Any]) -> Any:
        raise NotImplementedError

    async def claim_exception(self, **given: Any) -> Any:
        return self._answer("claim_exception", given)

    async def assign_exception(self, **given: Any) -> Any:
        return self._answer("assign_exception", given)

    async def acknowledge_exception(self, **given: Any) -> Any:
        return self._answer("acknowledge_exception", given)

    async def comment_exception(self, **given: Any) -> Any:
        return self._answer("comment_exception", given)

    async def escalate_exception(self, **given: Any) -> Any:
        return self._answer("escalate_exception", given)

    async def resolve_exception(self, **given: Any) -> Any:
        return self._answer("resolve_exception", given)

    async def reopen_exception(self, **given: Any) -> Any:
        return self._answer("reopen_exception", given)

    async def save_person(self, **given: Any) -> Any:
        return self._answer("save_person", given)

    async def archive_person(self, **given: Any) -> Any:
        return self._answer("archive_person", given)
