"""What the API is handed for webhooks; parts of the fakes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from doorstep.thread import Participant
from gateway.api.ports import records as r


class FakeTellingReads:
    """Part of `FakeReads`."""

    things: dict[str, dict[str, Any]]

    def _by_id(self, name: str, ids: Sequence[str]) -> Mapping[str, Any]:
        raise NotImplementedError

    def _page(self, name: str, items: Iterable[Any], page: r.PageRequest) -> r.Page[Any]:
        raise NotImplementedError

    async def find_thread_messages(
        self, delivery_id: str, viewer: Participant, page: r.PageRequest
    ) -> r.Page[Any]:
        return self._page("thread_messages", self.things.get("thread_messages", {}).values(), page)

    async def count_thread_messages(self, delivery_id: str, viewer: Participant, up_to: int) -> int:
        return min(up_to, len(self.things.get("thread_messages", {})))

    async def unread_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("unread_of", delivery_ids)

    def file_link(self, upload_id: str) -> str:
        return f"https://gw.example/files/{upload_id}"

    async def notices_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("notices_of", delivery_ids)

    async def notice_templates(self) -> Sequence[Any]:
        return list(self.things.get("notice_templates", {}).values())

    async def eta_trips(self, since: Any, limit: int) -> Sequence[Any]:
        return [trip for trip in self.things.get("eta_trips", {}).values() if trip.asked_at >= since][:limit]

    async def eta_versions(self, limit: int) -> Sequence[Any]:
        return list(self.things.get("eta_versions", {}).values())[:limit]

    async def webhook_endpoints(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("webhook_endpoints", ids)

    async def find_webhook_endpoints(self, page: r.PageRequest) -> r.Page[Any]:
        return self._page("webhook_endpoints", self.things.get("webhook_endpoints", {}).values(), page)

    async def count_webhook_endpoints(self, up_to: int) -> int:
        return min(up_to, len(self.things.get("webhook_endpoints", {})))

    async def find_webhook_attempts(self, endpoint_id: str, page: r.PageRequest) -> r.Page[Any]:
        return self._page("webhook_attempts", self.things.get("webhook_attempts", {}).values(), page)

    async def count_webhook_attempts(self, endpoint_id: str, up_to: int) -> int:
        return min(up_to, len(self.things.get("webhook_attempts", {})))


class FakeTellingCommands:
    """Part of `FakeCommands`."""

    def _answer(self, name: str, given: dict[str, Any]) -> Any:
        raise NotImplementedError

    async def use_eta_version(self, **given: Any) -> Any:
        return self._answer("use_eta_version", given)

    async def save_webhook_endpoint(self, **given: Any) -> Any:
        return self._answer("save_webhook_endpoint", given)

    async def archive_webhook_endpoint(self, **given: Any) -> Any:
        return self._answer("archive_webhook_endpoint", given)

    async def rotate_webhook_secret(self, **given: Any) -> Any:
        return self._answer("rotate_webhook_secret", given)

    async def test_webhook_endpoint(self, **given: Any) -> Any:
        return self._answer("test_webhook_endpoint", given)

    async def replay_webhooks(self, **given: Any) -> Any:
        return self._answer("replay_webhooks", given)

    async def save_notice_template(self, **given: Any) -> Any:
        return self._answer("save_notice_template", given)

    async def remove_notice_template(self, **given: Any) -> Any:
        return self._answer("remove_notice_template", given)

    async def record_consent(self, **given: Any) -> Any:
        return self._answer("record_consent", given)

    async def send_message(self, **given: Any) -> Any:
        return self._answer("send_message", given)

    async def create_upload(self, **given: Any) -> Any:
        return self._answer("create_upload", given)

    async def read_thread(self, **given: Any) -> Any:
        return self._answer("read_thread", given)
