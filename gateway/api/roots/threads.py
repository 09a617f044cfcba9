"""Reads and writes about threads; parts of the roots."""

from __future__ import annotations

from typing import Annotated

import strawberry

from doorstep.delivery import Delivery
from doorstep.errors import NotFound
from doorstep.thread import delivery_of
from gateway.api.admission.checks import root
from gateway.api.context import Context, Info
from gateway.api.marks import shape
from gateway.api.ports.records import Audience, Scope
from gateway.api.reading import Path, read_id, read_ids, read_key
from gateway.api.roots.given import INPUT
from gateway.api.types.threads import (
    WRITERS,
    Message,
    ReadThreadInput,
    ReadThreadResult,
    ReadThreadSuccess,
    SendMessageInput,
    SendMessageResult,
    SendMessageSuccess,
    Thread,
    side_of,
)

_AT = ("input",)


@shape()
class ThreadQueries:
    """Reads about threads."""

    @root(to=WRITERS)
    async def thread(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id")]
    ) -> Thread | None:
        """One thread; shoppers see their delivery's, drivers those of what they bring."""
        try:
            return Thread.of(await _theirs(info.context, id_, ("id",)))
        except NotFound:
            return None


@shape()
class ThreadMutations:
    """Writes about threads."""

    @root(to=WRITERS, scope=Scope.OPERATE)
    async def send_message(self, info: Info, given: Annotated[SendMessageInput, INPUT]) -> SendMessageResult:
        """Writes to the others; a shopper who is not on the page gets it as they get notices."""
        delivery = await _theirs(info.context, given.thread_id, (*_AT, "threadId"))
        caller = info.context.caller
        sender = side_of(caller.audience)
        message = await info.context.commands.send_message(
            idempotency_key=read_key(given.idempotency_key),
            delivery_id=delivery.id,
            sender=sender,
            body=given.body,
            to=given.to,
            upload_ids=read_ids(given.upload_ids, "upl", (*_AT, "uploadIds")),
            whose=caller.delivery_id or caller.driver_id or "",
            needs_help=given.needs_help,
        )
        return SendMessageSuccess(sent=Message.of(message, sender))

    @root(to=WRITERS, scope=Scope.OPERATE)
    async def read_thread(self, info: Info, given: Annotated[ReadThreadInput, INPUT]) -> ReadThreadResult:
        """Says that this side has seen what the others wrote."""
        delivery = await _theirs(info.context, given.thread_id, (*_AT, "threadId"))
        viewer = side_of(info.context.caller.audience)
        await info.context.commands.read_thread(delivery_id=delivery.id, viewer=viewer)
        info.context.renew()
        return ReadThreadSuccess(thread=Thread.of(delivery))


async def _theirs(context: Context, thread_id: str, path: Path) -> Delivery:
    """The delivery behind a thread, for whoever may write there.

    Raises
    ------
    NotFound
        If there is none, or none of theirs: nobody learns of others' threads.
    """
    delivery_id = delivery_of(read_id(thread_id, "thr", path))
    caller = context.caller
    found = await context.loaders.delivery.load(delivery_id)
    if found is None:
        raise NotFound(thread_id, path=path)
    is_foreign = caller.audience is Audience.TRACKING and caller.delivery_id != delivery_id
    is_others = caller.audience is Audience.DRIVER and (
        caller.driver_id is None or found.driver_id != caller.driver_id
    )
    if is_foreign or is_others:
        raise NotFound(thread_id, path=path)
    return found
