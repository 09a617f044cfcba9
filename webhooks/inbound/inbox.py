"""What arrived, as it arrived, and where it is kept until somebody has understood it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class SourceKind(StrEnum):
    """Who speaks."""

    STORE = "store"
    CARRIER = "carrier"


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """One verified message. The body holds personal data.

    Attributes
    ----------
    source
        Id of the linked store or carrier account.
    dedupe_id
        The same for a repeat of the same message; unique within `source`.
    external_id
        The order or booking it is about, in the sender's words; "" where it is about none or unknown.
    headers
        The few that are needed to read it again, names in lower case. Never a signature.
    is_readable, problem
        False with the reason where the sender was verified but the message not understood: quarantine.
    """

    merchant_id: str
    source: str
    kind: SourceKind
    topic: str
    dedupe_id: str
    external_id: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    is_readable: bool = True
    problem: str = ""


class Inbox(Protocol):
    """Durable: what `put` returned from survives a power cut."""

    async def put(self, messages: Sequence[InboxMessage]) -> None:
        """Keep all of them and what follows from them (a job each) in one transaction, or none.

        Insert-or-ignore on (`source`, `dedupe_id`), also among the messages given, which belong to any
        merchants. Raises whatever went wrong.
        """
        ...
