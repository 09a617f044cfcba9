"""Who may ask: consumer keys in Basic auth, in the query, or signed by OAuth 1.0a.

After WC_REST_Authentication of WooCommerce 10: Basic and query keys count over https only, an unknown key in
them is no error but leaves a stranger; OAuth checks HMAC-SHA1 and -SHA256, a clock within 15 minutes, and
every nonce once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

_WINDOW_S = 15 * 60
_OAUTH_NAMES = (
    "oauth_consumer_key",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
)
_STRANGER = ("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
_ERROR = "woocommerce_rest_authentication_error"

Refused = tuple[str, str]
"""Code and message of why the caller is nobody."""


@dataclass(frozen=True, slots=True)
class Call:
    """What PHP sees of a request.

    Attributes
    ----------
    query
        As $_GET: the last of several values of a name wins.
    url
        Without the query, as the store believes that it is called.
    """

    method: str
    url: str
    query: Mapping[str, str]
    authorization: str
    is_ssl: bool


@dataclass(slots=True)
class Key:
    """One key of the store.

    Attributes
    ----------
    permissions
        "read", "write" or "read_write".
    description
        What the merchant reads in the list of keys.
    """

    id: int
    consumer_key: str
    consumer_secret: str
    permissions: str = "read_write"
    description: str = ""


class Keys:
    """The keys of one store; the first was made by hand, others by the wc-auth flow.

    Attributes
    ----------
    nonces
        Those of OAuth that were used.
    """

    def __init__(self, consumer_key: str, consumer_secret: str) -> None:
        self.first = Key(1, consumer_key, consumer_secret)
        self.nonces: set[str] = set()
        self._all: dict[int, Key] = {1: self.first}
        self._last_id = 1

    @property
    def consumer_key(self) -> str:
        """Of the first key."""
        return self.first.consumer_key

    @consumer_key.setter
    def consumer_key(self, value: str) -> None:
        self.first.consumer_key = value

    @property
    def consumer_secret(self) -> str:
        """Of the first key."""
        return self.first.consumer_secret

    @consumer_secret.setter
    def consumer_secret(self, value: str) -> None:
        self.first.consumer_secret = value

    @property
    def permissions(self) -> str:
        """Of the first key: "read", "write" or "read_write"."""
        return self.first.permissions

    @permissions.setter
    def permissions(self, value: str) -> None:
        self.first.permissions = value

    @property
    def all(self) -> tuple[Key, ...]:
        """Those that are good, oldest first."""
        return tuple(self._all.values())

    def add(self, consumer_key: str, consumer_secret: str, permissions: str, description: str = "") -> Key:
        """Make another key."""
        self._last_id += 1
        key = Key(self._last_id, consumer_key, consumer_secret, permissions, description)
        self._all[key.id] = key
        return key

    def revoke(self, key_id: int) -> None:
        """The merchant deletes a key; whoever comes with it is a stranger from then on."""
        self._all.pop(key_id, None)

    def admit(self, call: Call, now_s: float) -> Key | Refused:
        """The key that a call came with, if it is good and may use this method."""
        found = self._key_of(call, now_s)
        if not isinstance(found, Key):
            return found
        word = "read" if call.method in {"GET", "HEAD"} else "write"
        if word in found.permissions.split("_"):
            return found
        return _ERROR, f"The API key provided does not have {word} permissions."

    def _key_of(self, call: Call, now_s: float) -> Key | Refused:
        given = _basic_of(call) if call.is_ssl else None
        key = self._find(given[0]) if given else None
        if key is not None and given is not None:
            if hmac.compare_digest(given[1].encode(), key.consumer_secret.encode()):
                return key
            return _ERROR, "Consumer secret is invalid."
        if any(name in call.query for name in _OAUTH_NAMES):
            return self._oauth(call, now_s)
        return _STRANGER

    def _find(self, consumer_key: str) -> Key | None:
        return next((key for key in self._all.values() if key.consumer_key == consumer_key), None)

    def _oauth(self, call: Call, now_s: float) -> Key | Refused:
        missing = [name for name in _OAUTH_NAMES if not call.query.get(name)]
        if missing:
            return (
                "woocommerce_rest_authentication_missing_parameter",
                f"Missing OAuth parameters {', '.join(missing)}",
            )
        key = self._find(call.query["oauth_consumer_key"])
        if key is None:
            return _ERROR, "Consumer key is invalid."
        signature = call.query["oauth_signature"].replace(" ", "+")
        if not hmac.compare_digest(_signature(call, key), signature):
            return _ERROR, "Invalid signature - provided signature does not match."
        stamp = call.query["oauth_timestamp"]
        if not stamp.isdecimal() or abs(int(stamp) - now_s) > _WINDOW_S:
            return _ERROR, "Invalid timestamp."
        if call.query["oauth_nonce"] in self.nonces:
            return _ERROR, "Invalid nonce - nonce has already been used."
        self.nonces.add(call.query["oauth_nonce"])
        return key


def _signature(call: Call, key: Key) -> str:
    given = sorted((name, value) for name, value in call.query.items() if name != "oauth_signature")
    pairs = [quote(f"{quote(name, '~')}={quote(value, '~')}", "~") for name, value in given]
    text = f"{call.method}&{quote(call.url, '')}&{'%26'.join(pairs)}"
    algorithm = hashlib.sha1 if call.query["oauth_signature_method"] == "HMAC-SHA1" else hashlib.sha256
    digest = hmac.new(f"{key.consumer_secret}&".encode(), text.encode(), algorithm).digest()
    return base64.b64encode(digest).decode()


def _basic_of(call: Call) -> tuple[str, str] | None:
    if call.query.get("consumer_key") and call.query.get("consumer_secret"):
        return call.query["consumer_key"], call.query["consumer_secret"]
    scheme, _, encoded = call.authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded).decode().partition(":")
    except ValueError:
        return None
    return user, password
