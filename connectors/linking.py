"""What every carrier's `connect` checks before it links an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from doorstep.errors import InvalidInput
from doorstep.ports import CredentialField
from doorstep.secret import Secret

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def require_credentials(
    name: str, fields: Sequence[CredentialField], credentials: Mapping[str, Secret]
) -> None:
    """Every credential without a default is there.

    Parameters
    ----------
    name
        Of the carrier, for the sentence.

    Raises
    ------
    InvalidInput
        Naming the first that is missing.
    """
    for field in fields:
        if field.default is None and not credentials.get(field.name):
            raise InvalidInput(f"{name} needs the {field.label.lower()}.", path=(field.name,))


def checked_url(url: str, field: str = "base_url") -> str:
    """An address that credentials may be sent to, without a slash at its end.

    Raises
    ------
    InvalidInput
        Naming the field, if it is neither https nor http on this machine.
    """
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not is_safe or not parts.hostname:
        raise InvalidInput(f"{field} must be https, or http on this machine (127.0.0.1).", path=(field,))
    return url.rstrip("/")
