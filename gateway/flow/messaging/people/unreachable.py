"""Unreachable: addresses at which nobody is are marked, and people hear of shoppers left without news."""

from __future__ import annotations

from datetime import datetime

from doorstep.delivery import Delivery
from doorstep.incident import IncidentKind
from doorstep.notice import Notice, NoticeChannel, NoticeStatus, Suppression
from gateway.flow.messaging.people.recipients import address_of, key_of
from gateway.flow.ports import UnitOfWork
from gateway.flow.watching.incidents import Alarm, raise_incident, settle

CANNOT_BE_REACHED = "cannot be reached"
"""Why somebody is on the list whose address does not exist: another address of theirs is not."""

_KIND = IncidentKind.SHOPPER_UNREACHABLE
_ARRIVED = frozenset({NoticeStatus.DELIVERED, NoticeStatus.READ})


async def mark(work: UnitOfWork, notice: Notice, now: datetime) -> None:
    """Nobody is where it went: nothing goes there any more, until somebody says that it is right."""
    channel, key = notice.channel, notice.recipient_key
    if await work.notices.suppression(channel, key) is None:
        await work.notices.suppress(Suppression(work.merchant_id, channel, key, CANNOT_BE_REACHED, now))


async def show_unreachable(work: UnitOfWork, delivery: Delivery, now: datetime) -> None:
    """Let people see, once for each delivery, that its shopper hears nothing because an address is wrong.

    Nothing where no address of theirs is marked: who wants no news, or gave no address, is nobody's trouble.
    """
    wrong = [
        channel
        for channel in NoticeChannel
        if (recipient := address_of(delivery.destination, channel))
        and (known := await work.notices.suppression(channel, key_of(work.merchant_id, recipient)))
        and known.reason == CANNOT_BE_REACHED
    ]
    if not wrong or await _raised(work, delivery.id):
        return
    alarm = Alarm(
        _KIND,
        f"{delivery.reference}: the shopper cannot be written to",
        f"Nobody is at what they gave for {_listed(wrong)}, and no other way is open. "
        "Correct it in the order, or tell them yourself.",
        delivery_id=delivery.id,
    )
    await raise_incident(work, alarm, now)


async def settle_reached(work: UnitOfWork, notice: Notice, now: datetime) -> None:
    """Close the trouble where a notice has got through: what the shopper gave is right by now.

    Of a mail nobody says more than that a server took it; a number may turn out to be none after that.
    """
    is_mailed = notice.channel is NoticeChannel.EMAIL and notice.status is NoticeStatus.SENT
    if is_mailed or notice.status in _ARRIVED:
        await settle(work, notice.delivery_id, {_KIND}, "The shopper has been written to.", now)


async def _raised(work: UnitOfWork, delivery_id: str) -> bool:
    """Whether people saw it of this delivery, or see it now."""
    live = await work.incidents.live_of(delivery_id)
    return any(one.kind is _KIND for one in live) or bool(await work.incidents.past(_KIND, delivery_id, 1))


def _listed(channels: list[NoticeChannel]) -> str:
    words = {NoticeChannel.EMAIL: "e-mail", NoticeChannel.SMS: "SMS", NoticeChannel.WHATSAPP: "WhatsApp"}
    return ", ".join(words[channel] for channel in channels)
