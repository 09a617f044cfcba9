"""Write: a message goes into the thread of its delivery, and to the shopper where they want that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.audit import Actor, Author
from doorstep.delivery import Delivery
from doorstep.errors import InvalidInput, NotFound, StateConflict
from doorstep.ids import new_id
from doorstep.incident import IncidentStatus
from doorstep.notice import NoticeChannel, NoticeEvent, Reply
from doorstep.thread import MessageChannel, Participant, ThreadMessage
from gateway.flow.desk.wait import end_wait
from gateway.flow.messaging.files.upload import send_along
from gateway.flow.messaging.people.recipients import key_of
from gateway.flow.messaging.people.tell import note
from gateway.flow.messaging.threads.tell import call_for_help, tell_live
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.watching.incidents import locked

LONGEST_BODY = 2_000
OPEN_FOR = timedelta(days=3)
"""After a delivery is over people still ask where it was put."""

MOST_FILES = 5
"""Of one message."""

MOST_AN_HOUR = 30
"""Messages of one side; nobody writes more by hand."""

_TO = ("input", "to")
_CHANNELS = {NoticeChannel.SMS: MessageChannel.SMS, NoticeChannel.WHATSAPP: MessageChannel.WHATSAPP}


@dataclass(frozen=True, slots=True)
class Files:
    """Files that a message takes along, and who announced them; see `gateway.flow.messaging.files`."""

    owner: str
    ids: tuple[str, ...]


NO_FILES = Files("", ())


def is_open(delivery: Delivery, now: datetime) -> bool:
    """Whether somebody may still write."""
    return not delivery.is_over or now - delivery.updated_at < OPEN_FOR


async def write(
    means: Means,
    merchant_id: str,
    delivery_id: str,
    sender: Participant,
    body: str,
    key: str,
    channel: MessageChannel = MessageChannel.WEB,
    to: Participant | None = None,
    files: Files = NO_FILES,
    needs_help: bool = False,
) -> ThreadMessage:
    """Put a message into the thread of a delivery; the same key again gives the message that is there.

    Parameters
    ----------
    to
        Whom alone it is for; None for all sides.
    files
        What it takes along; then it needs no words.
    needs_help
        Whether a driver is in need: the desk sees that at once, see `call_for_help`.

    Raises
    ------
    InvalidInput
        If there is nothing in it, or too much, or the desk would not read it, or a file is not the sender's.
    NotFound
        If there is no such delivery.
    StateConflict
        If the thread is closed, or this side wrote too much within an hour.
    """
    text = body.strip()
    _require_fitting(text, files)
    if to is not None and (to is sender or Participant.DESK not in {to, sender}):
        raise InvalidInput("For one side alone is only what goes to the desk, or comes from it.", path=_TO)
    if needs_help and (sender, to) != (Participant.DRIVER, Participant.DESK):
        raise InvalidInput("Only a driver calls for help, and the desk alone.", path=("input", "needsHelp"))
    async with means.begin(merchant_id) as work:
        delivery = await work.deliveries.get(delivery_id)
        if delivery is None:
            raise NotFound(delivery_id, path=("input", "threadId"))
        known = await work.threads.by_key(delivery_id, key)
        if known is not None:
            return known
        now = means.clock.now()
        if not is_open(delivery, now):
            text = "This thread is closed: the delivery is over."
            raise StateConflict(text, current_id=delivery_id, current_version=delivery.version)
        sent = await work.threads.count_by(delivery_id, sender, now - timedelta(hours=1))
        if sent >= MOST_AN_HOUR:
            raise StateConflict("That is too much for one hour; wait a little.", current_id=delivery_id)
        message = ThreadMessage(
            new_id("msg"),
            merchant_id,
            delivery_id,
            sender,
            channel,
            text,
            now,
            key,
            to=to,
            file_ids=files.ids,
        )
        if not await work.threads.add(message):
            raise StateConflict("The same message is being sent; ask again.", current_id=delivery_id)
        await send_along(work, files.owner, delivery_id, files.ids, now)
        await tell_live(work, delivery, message, now)
        if needs_help:
            await call_for_help(work, delivery, now)
        if sender is Participant.SHOPPER:
            await _end_waits(work, delivery_id, now)
        elif message.is_for(Participant.SHOPPER):
            merchant = await work.accounts.merchant()
            await note(work, merchant, delivery, NoticeEvent.MESSAGE, message.id, now)
        return message


def _require_fitting(text: str, files: Files) -> None:
    if len(text) > LONGEST_BODY or not (text or files.ids):
        raise InvalidInput(f"body must have 1 to {LONGEST_BODY} characters.", path=("input", "body"))
    if len(files.ids) > MOST_FILES or len(set(files.ids)) < len(files.ids):
        raise InvalidInput(f"uploadIds must be {MOST_FILES} at most, each once.", path=("input", "uploadIds"))


async def read(means: Means, merchant_id: str, delivery_id: str, viewer: Participant) -> int:
    """A side has seen what the others wrote; how much of it was new."""
    async with means.begin(merchant_id) as work:
        count = await work.threads.mark_read(delivery_id, viewer, means.clock.now())
        if count:
            work.announce("delivery", delivery_id)
        return count


async def take_reply(work: UnitOfWork, reply: Reply, now: datetime) -> ThreadMessage | None:
    """What somebody wrote back, in the thread of what they were told of last; None where none is open."""
    latest = await work.notices.latest_to(key_of(work.merchant_id, reply.sender))
    delivery = await work.deliveries.get(latest.delivery_id) if latest is not None else None
    text = reply.text.strip()[:LONGEST_BODY]
    if delivery is None or not text or not is_open(delivery, now):
        return None
    message = ThreadMessage(
        id=new_id("msg"),
        merchant_id=work.merchant_id,
        delivery_id=delivery.id,
        sender=Participant.SHOPPER,
        channel=_CHANNELS.get(reply.channel, MessageChannel.EMAIL),
        body=text,
        sent_at=now,
        key=f"{reply.channel} {reply.provider_id}",
    )
    if not await work.threads.add(message):
        return None
    await tell_live(work, delivery, message, now)
    await _end_waits(work, delivery.id, now)
    return message


async def _end_waits(work: UnitOfWork, delivery_id: str, now: datetime) -> None:
    """What waited for the shopper's answer is the desk's again."""
    for seen in await work.incidents.live_of(delivery_id):
        incident = await locked(work, seen.id) if seen.status is IncidentStatus.WAITING else None
        if incident is not None:
            await end_wait(work, incident, Author(Actor.SHOPPER), "The shopper has written.", now)
