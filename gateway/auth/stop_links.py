"""Signed links in mails by which a recipient stops them (RFC 8058): they name nobody and do not end."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence

from doorstep.errors import TokenRejected
from doorstep.ids import prefix_of
from doorstep.secret import Secret
from gateway.auth.key_material import derive, require_strong

_KEY = re.compile(r"[0-9a-f]{64}")


class StopLinks:
    """Signs and reads the last part of such an address: `mer_….<key of the recipient>.<tag>`.

    Parameters
    ----------
    secrets
        At least one, of 32 characters or more each. The first signs, all verify.
    """

    def __init__(self, secrets: Sequence[Secret]) -> None:
        strong = require_strong(secrets, "link secret")
        self._keys = tuple(derive(secret, "doorstep/stop-links/1") for secret in strong)

    def issue(self, merchant_id: str, recipient_key: str) -> str:
        """The same for the same recipient at any time."""
        content = f"{merchant_id}.{recipient_key}"
        return f"{content}.{_tag(self._keys[0], content)}"

    def read(self, token: str) -> tuple[str, str]:
        """(merchant id, key of the recipient).

        Raises
        ------
        TokenRejected
            If it is not ours.
        """
        content, _, tag = token.rpartition(".")
        # Every key is tried, so that the time does not tell which one it was.
        matches = [hmac.compare_digest(_tag(key, content), tag) for key in self._keys if tag.isascii()]
        merchant_id, _, recipient_key = content.partition(".")
        is_whole = prefix_of(merchant_id) == "mer" and _KEY.fullmatch(recipient_key) is not None
        if not any(matches) or not is_whole:
            raise TokenRejected("This link is incomplete or was never issued.")
        return merchant_id, recipient_key


def _tag(key: bytes, content: str) -> str:
    return hmac.new(key, content.encode(), hashlib.sha256).hexdigest()[:32]
