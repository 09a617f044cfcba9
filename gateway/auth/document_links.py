"""Signed links to documents: whoever has one may read that document until it ends, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from doorstep.clock import Clock
from doorstep.errors import TokenRejected
from doorstep.ids import prefix_of
from doorstep.secret import Secret
from gateway.auth.key_material import derive, require_strong

LASTS = timedelta(hours=1)
"""Long enough to print a page of labels that was left open; a new link is one query away."""


@dataclass(frozen=True, slots=True)
class DocumentGrant:
    """What a good link opens."""

    merchant_id: str
    document_id: str


class DocumentLinks:
    """Signs and reads the last part of a document's address: `doc_….mer_….<second of its end>.<tag>`.

    Parameters
    ----------
    secrets
        At least one, of 32 characters or more each. The first signs, all verify.
    """

    def __init__(self, secrets: Sequence[Secret], clock: Clock) -> None:
        self._keys = tuple(
            derive(secret, "doorstep/documents/1") for secret in require_strong(secrets, "document secret")
        )
        self._clock = clock

    def issue(self, merchant_id: str, document_id: str) -> str:
        """A link that lasts from one to two hours: the same within an hour, so that pages may compare it."""
        lasts_s = int(LASTS.total_seconds())
        ends_s = (int(self._clock.now().timestamp()) // lasts_s + 2) * lasts_s
        content = f"{document_id}.{merchant_id}.{ends_s}"
        return f"{content}.{_tag(self._keys[0], content)}"

    def read(self, token: str) -> DocumentGrant:
        """Understand a link of ours that has not ended.

        Raises
        ------
        TokenRejected
            If it is not ours, or has ended; then with `expired_at`.
        """
        content, _, tag = token.rpartition(".")
        # Every key is tried, so that the time does not tell which one it was.
        matches = [hmac.compare_digest(_tag(key, content), tag) for key in self._keys if tag.isascii()]
        parts = content.split(".")
        if not any(matches) or len(parts) != 3:
            raise TokenRejected("This link to a document is incomplete or was never issued.")
        document_id, merchant_id, ends_s = parts
        if (prefix_of(document_id), prefix_of(merchant_id)) != ("doc", "mer"):
            raise TokenRejected("This link to a document is incomplete or was never issued.")
        ends_at = datetime.fromtimestamp(int(ends_s), UTC)
        if self._clock.now() >= ends_at:
            raise TokenRejected("This link to a document has ended; ask for a new one.", expired_at=ends_at)
        return DocumentGrant(merchant_id, document_id)


def _tag(key: bytes, content: str) -> str:
    return hmac.new(key, content.encode(), hashlib.sha256).hexdigest()
