"""Signed links that end: whoever has one may do one thing with one thing until then, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from doorstep.clock import Clock
from doorstep.errors import TokenRejected
from doorstep.ids import prefix_of
from doorstep.secret import Secret
from gateway.auth.key_material import derive, require_strong

LASTS = timedelta(hours=1)
"""At least. Long enough to print a page of labels that was left open; a new link is one query away."""


class EndingLinks:
    """Signs and reads `<id>.mer_….<second of its end>.<tag>`, the last part of an address.

    Parameters
    ----------
    secrets
        At least one, of 32 characters or more each. The first signs, all verify.
    named
        What they lead to, as people are told.
    label
        Keeps these links apart from all others that the same secrets sign.
    prefix
        Of the ids.
    """

    def __init__(
        self, secrets: Sequence[Secret], clock: Clock, *, named: str, label: str, prefix: str
    ) -> None:
        strong = require_strong(secrets, f"{named} secret")
        self._keys = tuple(derive(secret, label) for secret in strong)
        self._clock, self._named, self._prefix = clock, named, prefix

    def issue(self, merchant_id: str, id_: str, purpose: str = "") -> str:
        """A link that lasts from one to two hours: the same within an hour, so that pages may compare it."""
        content = f"{id_}.{merchant_id}.{int(self.ends_at().timestamp())}"
        return f"{content}.{_tag(self._keys[0], purpose, content)}"

    def ends_at(self) -> datetime:
        """When a link that is issued now ends."""
        lasts_s = int(LASTS.total_seconds())
        return datetime.fromtimestamp((int(self._clock.now().timestamp()) // lasts_s + 2) * lasts_s, UTC)

    def read(self, token: str, purpose: str = "") -> tuple[str, str, datetime]:
        """(merchant id, id, when it ends) of a link of ours for this purpose that has not ended.

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
            raise self._not_ours()
        id_, merchant_id, ends_s = parts
        if (prefix_of(id_), prefix_of(merchant_id)) != (self._prefix, "mer"):
            raise self._not_ours()
        ends_at = datetime.fromtimestamp(int(ends_s), UTC)
        if self._clock.now() >= ends_at:
            text = f"This link to a {self._named} has ended; ask for a new one."
            raise TokenRejected(text, expired_at=ends_at)
        return merchant_id, id_, ends_at

    def _not_ours(self) -> TokenRejected:
        return TokenRejected(f"This link to a {self._named} is incomplete or was never issued.")


def _tag(key: bytes, purpose: str, content: str) -> str:
    signed = f"{purpose} {content}" if purpose else content
    return hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()
