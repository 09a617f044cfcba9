"""Unreachable: addresses at which nobody is are marked, and people hear of shoppers left without news."""

from __future__ import annotations

from datetime import datetime

from doorstep.audit import Actor
from doorstep.delivery import Delivery
from doorstep.incident import Incident, IncidentKind, Resolution
from doorstep.notice import NoticeChannel, Suppression
from gateway.flow.messaging.people.recipients import address_of, key_of
from gateway.flow.ports import UnitOfWork
from gateway.flow.watching.incidents import Alarm, locked, raise_incident, resolve

CANNOT_BE_REACHED = "cannot be reached"
"""Why somebody is on the list whose address does not exist: another address of theirs is not."""

_ABOUT = "contact"


async def mark(work: UnitOfWork, channel: NoticeChannel, recipient: str, now: datetime) -> None:
    """Nobody is at an address: nothing goes there any more, until somebody says that it is right."""
    key = key_of(work.merchant_id, recipient)
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
        IncidentKind.OTHER,
        f"{delivery.reference}: the shopper cannot be written to",
        f"Nobody is at what they gave for {_listed(wrong)}, and no other way is open. "
        "Correct it in the order, or tell them yourself.",
        delivery_id=delivery.id,
        about=_ABOUT,
    )
    await raise_incident(work, alarm, now)


async def settle_reached(work: UnitOfWork, delivery_id: str, now: datetime) -> None:
    """The shopper has got a message: what they gave is right by now."""
    for seen in await work.incidents.live_of(delivery_id):
        incident = await locked(work, seen.id) if _is_of_contact(seen) else None
        if incident is not None:
            note = "The shopper has been written to."
            await resolve(work, incident, Actor.PLAYBOOK, Resolution.FIXED, note, now)


async def _raised(work: UnitOfWork, delivery_id: str) -> bool:
    """Whether people saw it of this delivery, or see it now."""
    past = await work.incidents.past(IncidentKind.OTHER, delivery_id, 20)
    return any(map(_is_of_contact, (*past, *await work.incidents.live_of(delivery_id))))


def _is_of_contact(incident: Incident) -> bool:
    return incident.kind is IncidentKind.OTHER and incident.about == _ABOUT


def _listed(channels: list[NoticeChannel]) -> str:
    words = {NoticeChannel.EMAIL: "e-mail", NoticeChannel.SMS: "SMS", NoticeChannel.WHATSAPP: "WhatsApp"}
    return ", ".join(words[channel] for channel in channels)
