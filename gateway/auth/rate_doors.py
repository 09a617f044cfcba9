"""Rate doors: the last part of the address at which a shop asks for rates, which nobody can guess.

A second factor beside the shop's signature: whoever learns an app's secret still does not know the address.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from doorstep.secret import Secret
from gateway.auth.key_material import derive, require_strong


class RateDoors:
    """Made from the store's id alone, so that nothing has to be kept.

    Parameters
    ----------
    secrets
        At least one, of 32 characters or more each. The first makes, all verify.
    """

    def __init__(self, secrets: Sequence[Secret]) -> None:
        self._keys = tuple(
            derive(secret, "doorstep/rate-doors/1") for secret in require_strong(secrets, "rate secret")
        )

    def of(self, store_id: str) -> str:
        """The door of a store, 32 letters and digits of an address."""
        return _door(self._keys[0], store_id)

    def opens(self, store_id: str, door: str) -> bool:
        """Whether it is a door of this store, in constant time."""
        # Every key is tried, so that the time does not tell which one it was.
        given = door.encode()
        matches = [hmac.compare_digest(_door(key, store_id).encode(), given) for key in self._keys]
        return any(matches)


def _door(key: bytes, store_id: str) -> str:
    digest = hmac.new(key, store_id.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()
