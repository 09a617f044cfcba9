"""What every carrier's `connect` checks before it links an account."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from doorstep.errors import InvalidInput
from doorstep.ports import CredentialField
from doorstep.secret import Secret

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def require_credentials(
    name: str, fields: Sequence[CredentialField], credentials: Mapping[str, Secret]
) -> None:
    """Every credential without a default is there, and none holds what no header can carry.

    Parameters
    ----------
    name
        Of the carrier, for the sentence.

    Raises
    ------
    InvalidInput
        Naming the first that is missing, or that was copied with a line break or the like.
    """
    for field in fields:
        if field.default is None and not credentials.get(field.name):
            raise InvalidInput(f"{name} needs the {_in_a_sentence(field.label)}.", path=(field.name,))
    require_one_line(fields, credentials)


def require_one_line(fields: Sequence[CredentialField], credentials: Mapping[str, Secret]) -> None:
    """No credential holds a line break or another control character.

    Raises
    ------
    InvalidInput
        Naming the first that does; the text does not repeat it.
    """
    for field in fields:
        if _CONTROL.search(credentials.get(field.name, Secret("")).reveal()):
            sentence = f"The {_in_a_sentence(field.label)} holds a line break: copy it again, without one."
            raise InvalidInput(sentence, path=(field.name,))


def _in_a_sentence(label: str) -> str:
    """ "Client id" -> "client id", but "API key" as it is."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def checked_url(url: str, field: str = "base_url") -> str:
    """An address that credentials may be sent to, without a slash at its end.

    Raises
    ------
    InvalidInput
        Naming the field, if it is neither https nor http on this machine.
    """
    wrong = InvalidInput(f"{field} must be https, or http on this machine (127.0.0.1).", path=(field,))
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        raise wrong from None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not is_safe or not parts.hostname or not has_port:
        raise wrong
    if "@" in parts.netloc or parts.query or parts.fragment or _CONTROL.search(url):
        # Paths are put behind it, and it stands in sentences where no password may stand.
        raise InvalidInput(f"{field} must be no more than scheme, host and path.", path=(field,))
    return url.rstrip("/")
