"""Threads: what shopper, driver and desk write to one another about one delivery."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Participant(StrEnum):
    """Who writes."""

    SHOPPER = "SHOPPER"
    DRIVER = "DRIVER"
    DESK = "DESK"


class MessageChannel(StrEnum):
    """How a message came in."""

    APP = "APP"
    WEB = "WEB"
    SMS = "SMS"
    EMAIL = "EMAIL"
    WHATSAPP = "WHATSAPP"


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """One message. What was written is personal data.

    Attributes
    ----------
    body
        As it was written; numbers in it are masked for those who are not to have them.
    read_at
        When somebody of another side first saw it.
    key
        Names the message for whoever sent it, so that a repeat is known for one.
    file_ids
        Files that it took along, in their order.
    to
        Whom alone it is for, beside its sender; None for all sides.
    """

    id: str
    merchant_id: str
    delivery_id: str
    sender: Participant
    channel: MessageChannel
    body: str = field(repr=False)
    sent_at: datetime
    key: str
    read_at: datetime | None = None
    to: Participant | None = None
    file_ids: tuple[str, ...] = ()

    def is_for(self, side: Participant) -> bool:
        """Whether a side may read it."""
        return self.to is None or side in (self.to, self.sender)


def thread_of(delivery_id: str) -> str:
    """Id of the one thread of a delivery."""
    return f"thr_{delivery_id.partition('_')[2]}"


def delivery_of(thread_id: str) -> str:
    """Id of the delivery that a thread is about."""
    return f"del_{thread_id.partition('_')[2]}"
