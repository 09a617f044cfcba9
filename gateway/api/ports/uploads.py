"""What the API must be handed of files of threads; see `gateway.api.ports.session`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from doorstep.thread import Participant


@dataclass(frozen=True, slots=True)
class UploadPlace:
    """Where the bytes of an announced file are put, and until when."""

    upload_id: str
    url: str
    content_type: str
    expires_at: datetime


class ReadsUploads(Protocol):
    """Part of what one merchant's callers can read."""

    def file_link(self, upload_id: str) -> str:
        """A signed address that shows a file and ends."""
        ...


class UploadCommands(Protocol):
    """The use cases about files."""

    async def create_upload(
        self,
        *,
        sender: Participant,
        whose: str,
        delivery_id: str,
        content_type: str,
        size: int,
        sha256: str,
    ) -> UploadPlace:
        """Make room for a file; raises `InvalidInput` where it is of a kind or size that is not taken.

        Parameters
        ----------
        whose
            Id of who sends it, of the delivery for a shopper; "" for the desk.
        delivery_id
            Whose thread it is for; "" where any of the sender's may be meant.
        """
        ...
