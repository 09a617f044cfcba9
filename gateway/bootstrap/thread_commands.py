"""The API's use cases about threads, bound to one merchant."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.thread import MessageChannel, Participant, ThreadMessage
from gateway.bootstrap.slot_commands import SlotCommands
from gateway.flow.idempotency import once
from gateway.flow.messaging.threads import write
from gateway.flow.ports import UnitOfWork

_CHANNEL = {Participant.DRIVER: MessageChannel.APP}


@dataclass(frozen=True, slots=True)
class ThreadCommands(SlotCommands):
    """See `gateway.api.ports.session.Commands`."""

    async def send_message(
        self, *, idempotency_key: str, delivery_id: str, sender: Participant, body: str
    ) -> ThreadMessage:
        # Of its side: nobody meets the keys of another.
        key = f"{sender} {idempotency_key}"

        async def act() -> str:
            channel = _CHANNEL.get(sender, MessageChannel.WEB)
            sent = await write.write(self.means, self.merchant_id, delivery_id, sender, body, key, channel)
            return sent.id

        await once(self.means, self.merchant_id, "sendMessage", f"{delivery_id} {key}", body, act)
        async with self.means.begin(self.merchant_id) as work:
            return await _found(work, delivery_id, key)

    async def read_thread(self, *, delivery_id: str, viewer: Participant) -> int:
        return await write.read(self.means, self.merchant_id, delivery_id, viewer)


async def _found(work: UnitOfWork, delivery_id: str, key: str) -> ThreadMessage:
    message = await work.threads.by_key(delivery_id, key)
    assert message is not None  # noqa: S101 - it was written under this key
    return message
