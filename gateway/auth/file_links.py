"""Signed links to files of threads: one kind to put the bytes there, one to look at them; each ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorstep.clock import Clock
from doorstep.secret import Secret
from gateway.auth.ending_links import LASTS, EndingLinks

__all__ = ["LASTS", "FileGrant", "FileLinks", "FilePurpose"]


class FilePurpose(StrEnum):
    """What a link is good for, and for nothing else."""

    PUT = "put"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class FileGrant:
    """What a good link opens, and until when."""

    merchant_id: str
    upload_id: str
    ends_at: datetime


class FileLinks:
    """Signs and reads the last part of a file's address; see `EndingLinks`."""

    def __init__(self, secrets: Sequence[Secret], clock: Clock) -> None:
        self._links = EndingLinks(secrets, clock, named="file", label="doorstep/files/1", prefix="upl")

    def issue(self, purpose: FilePurpose, merchant_id: str, upload_id: str) -> str:
        """A link that lasts from one to two hours."""
        return self._links.issue(merchant_id, upload_id, purpose)

    def ends_at(self) -> datetime:
        """When a link that is issued now ends."""
        return self._links.ends_at()

    def read(self, purpose: FilePurpose, token: str) -> FileGrant:
        """Understand a link of ours for this purpose that has not ended.

        Raises
        ------
        TokenRejected
            If it is not ours, or has ended; then with `expired_at`.
        """
        return FileGrant(*self._links.read(token, purpose))
