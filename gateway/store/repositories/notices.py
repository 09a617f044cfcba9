"""The outbox to shoppers, who may be written to, and the accounts that it is sent by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Delete, and_, delete, func, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.notice import (
    Consent,
    Notice,
    NoticeAccount,
    NoticeChannel,
    NoticeEvent,
    NoticeStatus,
    NoticeTemplate,
    Suppression,
)
from gateway.auth.vault import Vault
from gateway.store.codec import to_json
from gateway.store.documents import Documents, insert_new
from gateway.store.tables.telling import (
    consents,
    notice_accounts,
    notice_templates,
    notices,
    suppressions,
)

n = notices.c
_DUE = text("SELECT merchant_id FROM door_notices_due(:now) AS merchant_id")


class SqlNotices:
    """See `gateway.flow.ports.notices.Notices`."""

    def __init__(self, connection: AsyncConnection, merchant_id: str, vault: Vault) -> None:
        self._connection = connection
        self._merchant_id = merchant_id
        self._vault = vault
        self._notices = Documents(connection, notices, Notice, _of_notice)
        self._consents = Documents(connection, consents, Consent, _of_consent)
        self._accounts = Documents(connection, notice_accounts, NoticeAccount, _of_account)
        self._templates = Documents(connection, notice_templates, NoticeTemplate, self._of_template)
        self._suppressions = Documents(connection, suppressions, Suppression, _of_suppression)

    async def add(self, notice: Notice) -> bool:
        return await insert_new(self._connection, notices, {**_of_notice(notice), "doc": to_json(notice)})

    async def get(self, notice_id: str, *, lock: bool = False) -> Notice | None:
        return await self._notices.get(notice_id, lock=lock)

    async def put(self, notice: Notice) -> None:
        await self._notices.put(notice)

    async def of_delivery(self, delivery_id: str) -> Sequence[Notice]:
        return await self._notices.find(n.delivery_id == delivery_id, order_by=(n.created_at, n.id))

    async def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[Notice]:
        query = select(n.id).where(n.due_at <= now).order_by(n.due_at, n.id).limit(limit)
        rows = await self._connection.execute(query.with_for_update(skip_locked=True))
        ids = list(rows.scalars())
        if not ids:
            return ()
        await self._connection.execute(update(notices).where(n.id.in_(ids)).values(due_at=until))
        return await self._notices.several(ids)

    async def taken_as(self, account_id: str, provider_id: str) -> Notice | None:
        is_it = and_(n.account_id == account_id, n.provider_id == provider_id, n.provider_id != "")
        return await self._notices.first(is_it)

    async def unsettled(self, since: datetime, before: datetime, limit: int) -> Sequence[Notice]:
        is_silent = (n.status == NoticeStatus.TAKEN, n.sent_at > since, n.sent_at <= before)
        return await self._notices.find(*is_silent, order_by=n.sent_at, limit=limit)

    async def count_sent(self, recipient_key: str, since: datetime) -> int:
        query = select(func.count()).where(
            n.merchant_id == self._merchant_id,
            n.recipient_key == recipient_key,
            n.sent_at > since,
            n.channel != NoticeChannel.EMAIL,
        )
        return (await self._connection.execute(query)).scalar_one()

    async def latest_to(self, recipient_key: str) -> Notice | None:
        theirs = (n.merchant_id == self._merchant_id, n.recipient_key == recipient_key)
        return await self._notices.first(*theirs, n.sent_at.is_not(None), order_by=n.sent_at.desc())

    async def templates(self) -> Sequence[NoticeTemplate]:
        return await self._templates.all()

    async def put_template(self, template: NoticeTemplate) -> None:
        await self._templates.put(template)

    async def drop_template(self, event: NoticeEvent, channel: NoticeChannel, language: str) -> None:
        id_ = self._template_id(event, channel, language)
        await self._connection.execute(delete(notice_templates).where(notice_templates.c.id == id_))

    async def suppression(self, channel: NoticeChannel, recipient_key: str) -> Suppression | None:
        return await self._suppressions.get(_suppression_id(self._merchant_id, channel, recipient_key))

    async def suppress(self, suppression: Suppression) -> None:
        await self._suppressions.put(suppression)

    async def allow(self, channel: NoticeChannel, recipient_key: str) -> None:
        id_ = _suppression_id(self._merchant_id, channel, recipient_key)
        await self._connection.execute(delete(suppressions).where(suppressions.c.id == id_))

    async def consent(self, channel: NoticeChannel, recipient_key: str) -> Consent | None:
        c = consents.c
        theirs = (c.merchant_id == self._merchant_id, c.recipient_key == recipient_key)
        return await self._consents.first(*theirs, c.channel == channel, order_by=(c.at.desc(), c.id.desc()))

    async def log_consent(self, consent: Consent) -> None:
        await self._consents.put(consent)

    async def accounts(self) -> Sequence[NoticeAccount]:
        return await self._accounts.all()

    async def put_account(self, account: NoticeAccount, credentials: Mapping[str, str] | None = None) -> None:
        if credentials is None:
            await self._accounts.put(account)
        else:
            await self._accounts.put(account, sealed=self._vault.seal(credentials))

    def _template_id(self, event: NoticeEvent, channel: NoticeChannel, language: str) -> str:
        return f"{self._merchant_id} {event} {channel} {language}"

    def _of_template(self, template: NoticeTemplate) -> dict[str, object]:
        id_ = self._template_id(template.event, template.channel, template.language)
        return {"id": id_, "merchant_id": self._merchant_id}


async def merchants_with_due_notices(connection: AsyncConnection, now: datetime) -> Sequence[str]:
    """Merchants with something to send; asked through the door."""
    return list((await connection.execute(_DUE, {"now": now})).scalars())


async def notice_account_behind_door(
    connection: AsyncConnection, account_id: str
) -> tuple[str, str, bytes] | None:
    """(merchant id, provider, sealed credentials) of an account, before its merchant is known."""
    door = func.door_notice_account(literal(account_id)).table_valued("merchant_id", "provider", "sealed")
    row = (await connection.execute(select(door))).one_or_none()
    return None if row is None else (row.merchant_id, row.provider, bytes(row.sealed))


async def erase_notices(connection: AsyncConnection, delivery_ids: Sequence[str]) -> None:
    """Forget whom these were told by; that they were stays, and so does who wants nothing more."""
    kept = Documents(connection, notices, Notice, _of_notice)
    found = await kept.find(n.delivery_id.in_(list(delivery_ids)), lock=True, order_by=n.id)
    dropped = {NoticeStatus.WAITING: NoticeStatus.DROPPED}
    forgotten = [
        replace(one, recipient="", due_at=None, status=dropped.get(one.status, one.status)) for one in found
    ]
    await kept.put_all(forgotten)


def old_notices(before: datetime) -> Delete:
    """What lets go of notices that are over."""
    return delete(notices).where(n.created_at < before, n.due_at.is_(None))


def _of_notice(notice: Notice) -> dict[str, object]:
    return {
        "id": notice.id,
        "merchant_id": notice.merchant_id,
        "delivery_id": notice.delivery_id,
        "event": notice.event,
        "occasion": notice.occasion,
        "channel": notice.channel,
        "recipient_key": notice.recipient_key,
        "status": notice.status,
        "account_id": notice.account_id,
        "provider_id": notice.provider_id,
        "created_at": notice.created_at,
        "due_at": notice.due_at,
        "sent_at": notice.sent_at,
    }


def _of_consent(consent: Consent) -> dict[str, object]:
    return {
        "id": consent.id,
        "merchant_id": consent.merchant_id,
        "channel": consent.channel,
        "recipient_key": consent.recipient_key,
        "at": consent.at,
    }


def _of_account(account: NoticeAccount) -> dict[str, object]:
    return {"id": account.id, "merchant_id": account.merchant_id, "provider": account.provider}


def _of_suppression(one: Suppression) -> dict[str, object]:
    id_ = _suppression_id(one.merchant_id, one.channel, one.recipient_key)
    return {"id": id_, "merchant_id": one.merchant_id}


def _suppression_id(merchant_id: str, channel: NoticeChannel, recipient_key: str) -> str:
    return f"{merchant_id} {channel} {recipient_key}"
