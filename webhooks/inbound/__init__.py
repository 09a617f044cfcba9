"""Webhooks that come in: verified over their raw bytes, kept, answered; understood later by a job.

`Receiver` is the door, `Batcher` commits what it takes, `Inbox` is the port that the gateway's store fills.
"""

from webhooks.inbound.batcher import Batcher, InboxClosed
from webhooks.inbound.inbox import Inbox, InboxMessage, SourceKind
from webhooks.inbound.receiver import (
    MAX_BODY_BYTES,
    Answer,
    CarrierSource,
    Receiver,
    Source,
    StoreSource,
    read_bounded,
    too_long,
)

__all__ = [
    "MAX_BODY_BYTES",
    "Answer",
    "Batcher",
    "CarrierSource",
    "Inbox",
    "InboxClosed",
    "InboxMessage",
    "Receiver",
    "Source",
    "SourceKind",
    "StoreSource",
    "read_bounded",
    "too_long",
]
