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
from dataclasses import dataclass, field
from urllib.parse import quote

_WINDOW_S = 15 * 60
_OAUTH_NAMES = (
    "oauth_consumer_key",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
)


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
class Keys:
    """One key of the store.

    Attributes
    ----------
    permissions
        "read", "write" or "read_write".
    """

    consumer_key: str
    consumer_secret: str
    permissions: str = "read_write"
    nonces: set[str] = field(default_factory=set)

    def refusal(self, call: Call, now_s: float) -> tuple[str, str] | None:
        """(code, message) of why the caller is nobody, None where the key is good."""
        if call.is_ssl and (given := _basic_of(call)) is not None and given[0] == self.consumer_key:
            if hmac.compare_digest(given[1], self.consumer_secret):
                return None
            return "woocommerce_rest_authentication_error", "Consumer secret is invalid."
        if any(name in call.query for name in _OAUTH_NAMES):
            return self._oauth_refusal(call, now_s)
        return "woocommerce_rest_cannot_view", "Sorry, you cannot list resources."

    def forbids(self, method: str) -> tuple[str, str] | None:
        """(code, message) where the key may not use this method; looked at before the route is."""
        is_read = method in {"GET", "HEAD"}
        if ("read" if is_read else "write") in self.permissions.split("_"):
            return None
        word = "read" if is_read else "write"
        return (
            "woocommerce_rest_authentication_error",
            f"The API key provided does not have {word} permissions.",
        )

    def _oauth_refusal(self, call: Call, now_s: float) -> tuple[str, str] | None:
        missing = [name for name in _OAUTH_NAMES if not call.query.get(name)]
        if missing:
            return (
                "woocommerce_rest_authentication_missing_parameter",
                f"Missing OAuth parameters {', '.join(missing)}",
            )
        error = "woocommerce_rest_authentication_error"
        if call.query["oauth_consumer_key"] != self.consumer_key:
            return error, "Consumer key is invalid."
        if not hmac.compare_digest(self._signature(call), call.query["oauth_signature"].replace(" ", "+")):
            return error, "Invalid signature - provided signature does not match."
        stamp = call.query["oauth_timestamp"]
        if not stamp.isdecimal() or abs(int(stamp) - now_s) > _WINDOW_S:
            return error, "Invalid timestamp."
        if call.query["oauth_nonce"] in self.nonces:
            return error, "Invalid nonce - nonce has already been used."
        self.nonces.add(call.query["oauth_nonce"])
        return None

    def _signature(self, call: Call) -> str:
        given = sorted((name, value) for name, value in call.query.items() if name != "oauth_signature")
        pairs = [quote(f"{quote(name, '~')}={quote(value, '~')}", "~") for name, value in given]
        text = f"{call.method}&{quote(call.url, '')}&{'%26'.join(pairs)}"
        algorithm = hashlib.sha1 if call.query["oauth_signature_method"] == "HMAC-SHA1" else hashlib.sha256
        digest = hmac.new(f"{self.consumer_secret}&".encode(), text.encode(), algorithm).digest()
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
