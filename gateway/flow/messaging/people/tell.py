"""Tell: what there is to say of a delivery becomes one row of the outbox, by the first way that is open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.ids import new_id
from doorstep.merchant import Merchant
from doorstep.notice import Notice, NoticeAccount, NoticeChannel, NoticeEvent, NoticeStatus
from gateway.flow.messaging.people.occasions import occasions
from gateway.flow.messaging.people.recipients import address_of, key_of
from gateway.flow.messaging.people.unreachable import show_unreachable
from gateway.flow.ports import UnitOfWork


async def tell_of_delivery_now(
    work: UnitOfWork, merchant: Merchant, delivery: Delivery, now: datetime, *, is_new: bool
) -> None:
    """Note what the shopper is to be told of a delivery as it stands."""
    events = await work.deliveries.events(delivery.id)
    attempts = sum(event.status is DeliveryStatus.ATTEMPT_FAILED for event in events)
    corrections = sum(bool(event.corrects) for event in events)
    for event, occasion in occasions(delivery, merchant.notices, attempts, now, is_new=is_new):
        # What was told by mistake is told again once it is so.
        again = f"{occasion} corrected {corrections}" if corrections else occasion
        await note(work, merchant, delivery, event, again, now)


async def note(
    work: UnitOfWork,
    merchant: Merchant,
    delivery: Delivery,
    event: NoticeEvent,
    occasion: str,
    now: datetime,
    *,
    without: Collection[NoticeChannel] = (),
) -> Notice | None:
    """Put a notice into the outbox, once; None where nobody is to be told, or was told before.

    Parameters
    ----------
    without
        Channels that were tried in vain.
    """
    if event not in merchant.notices.events:
        return None
    told = [one for one in await work.notices.of_delivery(delivery.id) if one.event is event]
    if not without and any(one.occasion == occasion for one in told):
        return None
    found = await way_to(work, merchant, delivery, without)
    if found is None:
        await show_unreachable(work, delivery, now)
        return None
    channel, account, recipient = found
    notice = Notice(
        id=new_id("ntc"),
        merchant_id=merchant.id,
        delivery_id=delivery.id,
        event=event,
        occasion=occasion,
        channel=channel,
        recipient=recipient,
        recipient_key=key_of(merchant.id, recipient),
        created_at=now,
        due_at=now,
        account_id=account.id,
    )
    return notice if await work.notices.add(notice) else None


async def unsay(work: UnitOfWork, delivery_id: str, occasion: str, why: str) -> bool | None:
    """Take back what was noted for an occasion: False where it has gone out, None where nothing was noted.

    Whoever also locks the delivery has done so before, as everybody does who changes both.
    """
    told = [one for one in await work.notices.of_delivery(delivery_id) if one.occasion == occasion]
    if not told:
        return None
    for notice in told:
        current = await work.notices.get(notice.id, lock=True)
        if current is None or current.status is not NoticeStatus.WAITING:
            return False
        await work.notices.put(replace(current, status=NoticeStatus.DROPPED, due_at=None, why=why))
    return True


async def may_write(work: UnitOfWork, merchant: Merchant, channel: NoticeChannel, key: str) -> str:
    """Why somebody may not be written to by a channel; "" where they may."""
    suppressed = await work.notices.suppression(channel, key)
    if suppressed is not None:
        return f"The recipient is on the list of those who get nothing ({suppressed.reason})."
    said = await work.notices.consent(channel, key)
    if said is not None and not said.is_given:
        return "The recipient took their consent back."
    if said is None and channel in merchant.notices.needs_consent:
        return "The recipient has not agreed to this channel."
    return ""


async def way_to(
    work: UnitOfWork, merchant: Merchant, delivery: Delivery, without: Collection[NoticeChannel] = ()
) -> tuple[NoticeChannel, NoticeAccount, str] | None:
    """The first way to the shopper that is open: channel, account and address; None where none is."""
    accounts: Sequence[NoticeAccount] = await work.notices.accounts()
    for channel in merchant.notices.channels:
        account = next((one for one in accounts if one.enabled and channel in one.channels), None)
        recipient = address_of(delivery.destination, channel)
        if account is None or not recipient or channel in without:
            continue
        if not await may_write(work, merchant, channel, key_of(merchant.id, recipient)):
            return channel, account, recipient
    return None
