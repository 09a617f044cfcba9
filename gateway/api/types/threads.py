"""Shopper, driver and desk about one delivery; numbers masked."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from doorstep import delivery as deliveries
from doorstep import thread as ground
from gateway.api.context import Info
from gateway.api.marks import ANYONE, entry, open_enum, part, resolved, shape
from gateway.api.paging import MOST_ITEMS, PageInfo, connection, page_request
from gateway.api.ports.records import Audience
from gateway.api.problems import IdempotencyConflict, InvalidInput, NotFound, StateConflict
from gateway.api.scalars import Url
from gateway.flow.messaging.threads.masking import shown_to
from gateway.flow.messaging.threads.write import is_open

Participant = open_enum(ground.Participant)
MessageChannel = open_enum(ground.MessageChannel)
WRITERS = (Audience.TRACKING, Audience.DRIVER)

_SIDES = {Audience.DRIVER: ground.Participant.DRIVER, Audience.SECRET: ground.Participant.DESK}


def side_of(audience: Audience) -> ground.Participant:
    """On which side of a thread somebody is."""
    return _SIDES.get(audience, ground.Participant.SHOPPER)


@shape(to=ANYONE)
class Message:
    """One message."""

    id: strawberry.ID
    sender: ground.Participant
    body: str = part("Telephone numbers and addresses of others are masked.")
    sent_at: datetime
    read_at: datetime | None
    channel: ground.MessageChannel
    to: ground.Participant | None = part("Whom alone it is for, beside its sender; null for all sides.")
    file_ids: strawberry.Private[tuple[str, ...]] = ()

    @resolved(most=5, usual=1)
    def attachment_urls(self, info: Info) -> list[Url]:
        """Photos; signed, end after an hour or two, and the next query gives others."""
        return [Url(info.context.reads.file_link(id_)) for id_ in self.file_ids]

    @staticmethod
    def of(message: ground.ThreadMessage, viewer: ground.Participant) -> Message:
        return Message(
            id=strawberry.ID(message.id),
            sender=message.sender,
            body=shown_to(viewer, message),
            sent_at=message.sent_at,
            read_at=message.read_at,
            channel=message.channel,
            to=message.to,
            file_ids=message.file_ids,
        )


@shape(to=ANYONE)
class MessageEdge:
    """One message with its place in the list."""

    cursor: str
    node: Message


@shape(to=ANYONE)
class MessageConnection:
    """A page of messages, newest first."""

    edges: list[MessageEdge] = part(most=MOST_ITEMS)
    nodes: list[Message] = part(most=MOST_ITEMS)
    page_info: PageInfo


@shape(to=ANYONE)
class Thread:
    """What shopper, driver and desk write to one another about one delivery."""

    id: strawberry.ID
    kept: strawberry.Private[deliveries.Delivery]

    @staticmethod
    def of(delivery: deliveries.Delivery) -> Thread:
        return Thread(id=strawberry.ID(ground.thread_of(delivery.id)), kept=delivery)

    @resolved()
    def is_open(self, info: Info) -> bool:
        """Whether somebody may still write: until three days after the delivery is over."""
        return is_open(self.kept, info.context.clock.now())

    @resolved()
    async def unread_count(self, info: Info) -> int:
        """Messages of others that nobody on this side has seen."""
        unread = await info.context.loaders.unread_of.load(self.kept.id) or {}
        return unread.get(side_of(info.context.caller.audience), 0)

    @resolved()
    async def messages(self, info: Info, first: int = 30, after: str | None = None) -> MessageConnection:
        """Newest first."""
        reads, page = info.context.reads, page_request(first, after, "messages")
        viewer, delivery_id = side_of(info.context.caller.audience), self.kept.id
        found = await reads.find_thread_messages(delivery_id, viewer, page)

        async def counter(up_to: int) -> int:
            return await reads.count_thread_messages(delivery_id, viewer, up_to)

        shown = connection(found, page, "messages", lambda one: Message.of(one, viewer), counter)
        return MessageConnection(
            edges=[MessageEdge(cursor=edge.cursor, node=edge.node) for edge in shown.edges],
            nodes=shown.nodes,
            page_info=shown.page_info,
        )


@entry
class SendMessageInput:
    """A message for a thread."""

    idempotency_key: str
    thread_id: strawberry.ID
    body: str = part("May be empty where photos come along.")
    to: ground.Participant | None = part(
        "For one side alone: to the desk, or from it; null for all sides.", default=None
    )
    upload_ids: list[strawberry.ID] | None = part(
        "Photos that `createUpload` made room for and that were put there.", most=5, default=None
    )
    needs_help: bool = part(
        "A driver is in need: raises a CRITICAL exception of the van, or escalates it; to the desk alone.",
        default=False,
    )


@entry
class ReadThreadInput:
    """Which thread was seen."""

    thread_id: strawberry.ID


@shape(to=WRITERS)
class SendMessageSuccess:
    """It is in the thread."""

    sent: Message


@shape(to=WRITERS)
class ReadThreadSuccess:
    """What the others wrote is seen."""

    thread: Thread


SendMessageResult = Annotated[
    SendMessageSuccess | InvalidInput | NotFound | StateConflict | IdempotencyConflict,
    strawberry.union("SendMessageResult", description="What sending a message led to."),
]
ReadThreadResult = Annotated[
    ReadThreadSuccess | InvalidInput | NotFound,
    strawberry.union("ReadThreadResult", description="What reading a thread led to."),
]
