"""Credentials of stores and carriers, encrypted where they are kept.

Fernet of the library `cryptography` (AES-128-CBC with HMAC-SHA256): a changed or foreign blob does not open.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from doorstep.errors import DoorstepError
from doorstep.secret import Secret
from gateway.auth.key_material import derive, require_strong


class SealBroken(DoorstepError):
    """Sealed credentials do not open: the key is gone from the settings, or somebody changed the bytes."""

    code = "CONNECTION_FAILED"


class Vault:
    """Seals and opens credentials.

    Parameters
    ----------
    keys
        At least one, of 32 characters or more each. The first seals, all open: to rotate, put the new one in
        front, `reseal` what is kept, and drop the old one.
    """

    def __init__(self, keys: Sequence[Secret]) -> None:
        strong = require_strong(keys, "vault key")
        self._fernet = MultiFernet([Fernet(_fernet_key(key)) for key in strong])

    def seal(self, credentials: Mapping[str, str]) -> bytes:
        """Encrypt credentials by field name."""
        return self._fernet.encrypt(json.dumps(dict(credentials), sort_keys=True).encode())

    def open(self, sealed: bytes) -> dict[str, Secret]:
        """Decrypt what `seal` made.

        Raises
        ------
        SealBroken
            If none of the keys sealed it.
        """
        try:
            text = self._fernet.decrypt(sealed)
        except InvalidToken:
            raise _broken() from None
        return {name: Secret(value) for name, value in json.loads(text).items()}

    def reseal(self, sealed: bytes) -> bytes:
        """The same credentials under the first key.

        Raises
        ------
        SealBroken
            If none of the keys sealed it.
        """
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken:
            raise _broken() from None


def _fernet_key(key: Secret) -> bytes:
    return base64.urlsafe_b64encode(derive(key, "doorstep/vault/1"))


def _broken() -> SealBroken:
    return SealBroken(
        "the kept credentials cannot be opened with the vault keys in the settings; put the old key back, "
        "or enter the credentials again"
    )
