"""What the API must be handed of notices to shoppers; see `gateway.api.ports.session`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from doorstep.notice import Notice, NoticeChannel, NoticeEvent, NoticeTemplate


class ReadsNotices(Protocol):
    """Part of what one merchant's callers can read."""

    async def notices_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Sequence[Notice]]:
        """Of each, oldest first, at most 100."""
        ...

    async def notice_templates(self) -> Sequence[NoticeTemplate]:
        """The merchant's own."""
        ...


class NoticeCommands(Protocol):
    """The use cases about notices to shoppers."""

    async def save_notice_template(self, *, template: NoticeTemplate) -> NoticeTemplate:
        """Keep it; raises `InvalidInput` naming what is wrong with its words."""
        ...

    async def remove_notice_template(
        self, *, event: NoticeEvent, channel: NoticeChannel, language: str
    ) -> Sequence[NoticeTemplate]:
        """Those that are left."""
        ...

    async def record_consent(
        self, *, channel: NoticeChannel, recipient: str, source: str, is_given: bool
    ) -> None: ...
