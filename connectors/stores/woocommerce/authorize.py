"""Installing by WooCommerce's own page /wc-auth/v1/authorize: where to send the merchant, what comes back.

Pure. After `WC_Auth` of WooCommerce 10.5. The merchant logs in to their own store and agrees; the store makes
a key and posts it to our callback. It takes nothing but status 200 for an answer and deletes the key again
otherwise. As with webhooks, stock WordPress posts to public addresses on ports 80, 443 and 8080 only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from connectors.stores.woocommerce.diagnosis import SYSTEM
from doorstep.errors import InvalidInput, UnreadablePayload
from doorstep.secret import Secret

SCOPE = "read_write"

_LONGEST_NAME = 170
_STATE = re.compile(r"[A-Za-z0-9_-]{16,128}")
# The store decodes addresses a second time, after PHP did, and asks PHP's filter_var whether they are any.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9:/?&=._~\[\]-]+")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_KEY, _SECRET = re.compile(r"ck_[0-9A-Za-z]{8,128}"), re.compile(r"cs_[0-9A-Za-z]{8,128}")


@dataclass(frozen=True, slots=True)
class GrantedKey:
    """What a store posts to our callback after the merchant agreed.

    Attributes
    ----------
    state
        What `authorize_url` was given: whose link this is. Nothing else says so, and nobody signed it.
    credentials
        consumer_key and consumer_secret, as `StoreLink.credentials` takes them.
    """

    state: str
    key_id: int
    credentials: Mapping[str, Secret]


def authorize_url(store_url: str, *, app_name: str, state: str, return_url: str, callback_url: str) -> str:
    """Where the merchant agrees to our app.

    Parameters
    ----------
    store_url
        As `store_url` of this package gives it, with its path.
    state
        16 to 128 letters, digits, `_` and `-` that nobody can guess; comes back as `user_id`.
    return_url
        Where the merchant's browser goes afterwards, with `success` and `user_id` added.
    callback_url
        Where the store posts the key: https, or this machine itself, which only a simulated store takes.

    Raises
    ------
    InvalidInput
        If the store would refuse it; `path` names the parameter.
    """
    if not app_name.strip() or len(app_name) > _LONGEST_NAME:
        raise InvalidInput(f"The app's name must have 1 to {_LONGEST_NAME} letters.", path=("app_name",))
    if not _STATE.fullmatch(state):
        raise InvalidInput("state must be 16 to 128 letters, digits, _ or -.", path=("state",))
    _require_address(return_url, "return_url", {"http", "https"})
    _require_address(
        callback_url, "callback_url", {"https"} if not _is_loopback(callback_url) else {"http", "https"}
    )
    query = urlencode(
        {
            "app_name": app_name.strip(),
            "scope": SCOPE,
            "user_id": state,
            "return_url": return_url,
            "callback_url": callback_url,
        }
    )
    return f"{store_url}/wc-auth/v1/authorize?{query}"


def read_callback(body: bytes) -> GrantedKey:
    """Understand what the store posted. The caller checks that it gave out this state and not long ago.

    Raises
    ------
    UnreadablePayload
        If it is no key: `path` names what is missing or wrong. No message holds a part of the key.
    InvalidInput
        If the key may not both read and write.
    """
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadablePayload(f"What the {SYSTEM} store posted is no JSON.") from None
    if not isinstance(given, dict):
        raise UnreadablePayload(f"What the {SYSTEM} store posted is no JSON object.")
    state = _field(given, "user_id", _STATE)
    key, secret = _field(given, "consumer_key", _KEY), _field(given, "consumer_secret", _SECRET)
    if given.get("key_permissions") != SCOPE:
        raise InvalidInput(
            "The store gave a key that may not both read and write, so that tracking and webhooks could not "
            "be written. Connect again and leave the permission at Read/Write.",
            path=("key_permissions",),
        )
    key_id = given.get("key_id")
    return GrantedKey(
        state=state,
        key_id=key_id if isinstance(key_id, int) and not isinstance(key_id, bool) else 0,
        credentials={"consumer_key": Secret(key), "consumer_secret": Secret(secret)},
    )


def was_granted(query: Mapping[str, str]) -> bool:
    """Whether the merchant who comes back to `return_url` agreed; the key itself came by the callback."""
    return query.get("success") == "1"


def _require_address(address: str, name: str, schemes: set[str]) -> None:
    try:
        parts = urlsplit(address)
        is_known = parts.scheme in schemes and bool(parts.hostname) and parts.username is None
    except ValueError:
        is_known = False
    if not is_known:
        wanted = " or ".join(sorted(schemes))
        raise InvalidInput(f"{name} must be an {wanted} address; the store refuses others.", path=(name,))
    if not _PLAIN_ADDRESS.fullmatch(address):
        raise InvalidInput(
            f"{name} must do without percent signs, plus signs and letters outside ASCII: the store decodes "
            "it twice.",
            path=(name,),
        )


def _is_loopback(address: str) -> bool:
    try:
        return urlsplit(address).hostname in _LOOPBACK
    except ValueError:
        return False


def _field(given: Mapping[str, object], name: str, pattern: re.Pattern[str]) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise UnreadablePayload(f"{name} is missing or is none.", path=(name,))
    return value
