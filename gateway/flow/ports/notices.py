"""What shoppers are told, as the flow keeps it, and the accounts that it is sent by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from doorstep.notice import (
    Consent,
    Notice,
    NoticeAccount,
    NoticeChannel,
    NoticeEvent,
    NoticeTemplate,
    Suppression,
)
from doorstep.ports.notifiers import Notifier


class Notices(Protocol):
    """The outbox to shoppers, and who may be written to."""

    async def add(self, notice: Notice) -> bool:
        """False where the same event was noted for the same recipient and channel before."""
        ...

    async def get(self, notice_id: str, *, lock: bool = False) -> Notice | None: ...
    async def put(self, notice: Notice) -> None: ...
    async def of_delivery(self, delivery_id: str) -> Sequence[Notice]:
        """Oldest first."""
        ...

    async def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[Notice]:
        """Those that are due, oldest first; nobody else gets them before `until`."""
        ...

    async def taken_as(self, account_id: str, provider_id: str) -> Notice | None:
        """By the provider's own name for it."""
        ...

    async def unsettled(self, since: datetime, before: datetime, limit: int) -> Sequence[Notice]:
        """Taken between two moments, of which nothing was heard since."""
        ...

    async def count_sent(self, recipient_key: str, since: datetime) -> int:
        """SMS and WhatsApp messages to a recipient."""
        ...

    async def latest_to(self, recipient_key: str) -> Notice | None:
        """The newest that was sent to a recipient by any channel."""
        ...

    async def templates(self) -> Sequence[NoticeTemplate]: ...
    async def put_template(self, template: NoticeTemplate) -> None: ...
    async def drop_template(self, event: NoticeEvent, channel: NoticeChannel, language: str) -> None: ...
    async def suppression(self, channel: NoticeChannel, recipient_key: str) -> Suppression | None: ...
    async def suppress(self, suppression: Suppression) -> None: ...
    async def allow(self, channel: NoticeChannel, recipient_key: str) -> None:
        """Take somebody off the list."""
        ...

    async def consent(self, channel: NoticeChannel, recipient_key: str) -> Consent | None:
        """What was said last."""
        ...

    async def log_consent(self, consent: Consent) -> None: ...
    async def accounts(self) -> Sequence[NoticeAccount]: ...
    async def put_account(
        self, account: NoticeAccount, credentials: Mapping[str, str] | None = None
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class LinkedNotifier:
    """An account with who speaks for it."""

    account: NoticeAccount
    notifier: Notifier
    may_repeat: bool


class Notifiers(Protocol):
    """Connectors of a merchant's accounts with providers, made once and kept."""

    async def of(self, merchant_id: str, account_id: str) -> LinkedNotifier | None:
        """None where there is no such account, or nobody speaks for it.

        Raises
        ------
        NoticeRefused
            If its connector does not take what was entered for it any more.
        """
        ...


class NoNotifiers:
    """A house that writes to nobody."""

    async def of(self, merchant_id: str, account_id: str) -> LinkedNotifier | None:  # noqa: ARG002 - the port's
        """Nobody speaks for it."""
        return None
