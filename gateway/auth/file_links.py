"""Signed links to files of threads: one kind to put the bytes there, one to look at them; each ends."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from doorstep.clock import Clock
from doorstep.errors import TokenRejected
from doorstep.ids import prefix_of
from doorstep.secret import Secret
from gateway.auth.key_material import derive, require_strong

LASTS = timedelta(hours=1)
"""At least: a new link is one query away."""

_NOT_OURS = "This link to a file is incomplete or was never issued."


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
    """Signs and reads the last part of a file's address: `upl_….mer_….<second of its end>.<tag>`.

    Parameters
    ----------
    secrets
        At least one, of 32 characters or more each. The first signs, all verify.
    """

    def __init__(self, secrets: Sequence[Secret], clock: Clock) -> None:
        strong = require_strong(secrets, "file secret")
        self._keys = tuple(derive(secret, "doorstep/files/1") for secret in strong)
        self._clock = clock

    def issue(self, purpose: FilePurpose, merchant_id: str, upload_id: str) -> str:
        """A link that lasts from one to two hours: the same within an hour, so that pages may compare it."""
        content = f"{upload_id}.{merchant_id}.{int(self.ends_at().timestamp())}"
        return f"{content}.{_tag(self._keys[0], purpose, content)}"

    def ends_at(self) -> datetime:
        """When a link that is issued now ends."""
        lasts_s = int(LASTS.total_seconds())
        return datetime.fromtimestamp((int(self._clock.now().timestamp()) // lasts_s + 2) * lasts_s, UTC)

    def read(self, purpose: FilePurpose, token: str) -> FileGrant:
        """Understand a link of ours for this purpose that has not ended.

        Raises
        ------
        TokenRejected
            If it is not ours, or has ended; then with `expired_at`.
        """
        content, _, tag = token.rpartition(".")
        # Every key is tried, so that the time does not tell which one it was.
        matches = [
            hmac.compare_digest(_tag(key, purpose, content), tag) for key in self._keys if tag.isascii()
        ]
        parts = content.split(".")
        if not any(matches) or len(parts) != 3:
            raise TokenRejected(_NOT_OURS)
        upload_id, merchant_id, ends_s = parts
        if (prefix_of(upload_id), prefix_of(merchant_id)) != ("upl", "mer"):
            raise TokenRejected(_NOT_OURS)
        ends_at = datetime.fromtimestamp(int(ends_s), UTC)
        if self._clock.now() >= ends_at:
            raise TokenRejected("This link to a file has ended; ask for a new one.", expired_at=ends_at)
        return FileGrant(merchant_id, upload_id, ends_at)


def _tag(key: bytes, purpose: FilePurpose, content: str) -> str:
    return hmac.new(key, f"{purpose} {content}".encode(), hashlib.sha256).hexdigest()
