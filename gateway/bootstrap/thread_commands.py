"""The API's use cases about threads, bound to one merchant."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.thread import MessageChannel, Participant, ThreadMessage
from gateway.api.ports.uploads import UploadPlace
from gateway.auth.file_links import FilePurpose
from gateway.bootstrap.slot_commands import SlotCommands
from gateway.flow.idempotency import once
from gateway.flow.messaging.files.upload import Announcement, announce_upload, owner_of
from gateway.flow.messaging.threads import write
from gateway.flow.ports import UnitOfWork

_CHANNEL = {Participant.DRIVER: MessageChannel.APP}


@dataclass(frozen=True, slots=True)
class ThreadCommands(SlotCommands):
    """See `gateway.api.ports.session.Commands`."""

    async def send_message(
        self,
        *,
        idempotency_key: str,
        delivery_id: str,
        sender: Participant,
        body: str,
        to: Participant | None = None,
        upload_ids: tuple[str, ...] = (),
        whose: str = "",
        needs_help: bool = False,
    ) -> ThreadMessage:
        # Of its side: nobody meets the keys of another.
        key = f"{sender} {idempotency_key}"

        async def act() -> str:
            channel = _CHANNEL.get(sender, MessageChannel.WEB)
            about = (self.means, self.merchant_id, delivery_id)
            files = write.Files(owner_of(sender, whose), upload_ids)
            return (await write.write(*about, sender, body, key, channel, to, files, needs_help)).id

        question: object = body if to is None else (body, str(to))
        if upload_ids:
            question = (question, upload_ids)
        if needs_help:
            question = (question, "needs help")
        await once(self.means, self.merchant_id, "sendMessage", f"{delivery_id} {key}", question, act)
        async with self.means.begin(self.merchant_id) as work:
            return await _found(work, delivery_id, key)

    async def create_upload(
        self, *, sender: Participant, whose: str, delivery_id: str, content_type: str, size: int, sha256: str
    ) -> UploadPlace:
        announced = Announcement(content_type, size, sha256)
        owner = owner_of(sender, whose)
        upload = await announce_upload(self.means, self.merchant_id, owner, announced, delivery_id)
        links = self.house.file_links
        token = links.issue(FilePurpose.PUT, self.merchant_id, upload.id)
        url = f"{self.house.settings.base_url}/uploads/{token}"
        return UploadPlace(upload.id, url, upload.content_type, links.ends_at())

    async def read_thread(self, *, delivery_id: str, viewer: Participant) -> int:
        return await write.read(self.means, self.merchant_id, delivery_id, viewer)


async def _found(work: UnitOfWork, delivery_id: str, key: str) -> ThreadMessage:
    message = await work.threads.by_key(delivery_id, key)
    assert message is not None  # noqa: S101 - it was written under this key
    return message
