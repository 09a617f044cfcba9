"""What a shop's plugin calls us with, as it lies among the store's credentials.

There are two generations while keys are renewed: the one that the plugin is known to have, and the one that
was offered. Both are good until the plugin has said that it kept the offer: the answer may have been lost.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from doorstep.ids import new_id
from doorstep.secret import Secret
from gateway.auth.caller import Audience
from gateway.auth.keys import create_key
from gateway.store.keys import KeyRow

SECRET_BYTES = 32

_MARK = "plugin_"
_SECRET, _KEY_ID, _TROUBLE = "plugin_secret", "plugin_key_id", "plugin_trouble"
_OFFERED = ("plugin_offered_secret", "plugin_offered_key", "plugin_offered_key_id")


@dataclass(frozen=True, slots=True)
class PluginKeys:
    """A publishable key for carts and a secret that signs what only the shop's own server may ask.

    Attributes
    ----------
    key_id
        Of the key's row: the key itself is kept until the plugin has it, and as a digest only afterwards.
    """

    secret: Secret
    key: Secret
    key_id: str


def make_keys(merchant_id: str, now: datetime) -> tuple[PluginKeys, KeyRow]:
    """Keys for one plugin, and the row by which the key is found.

    The key is good for no page of any origin: it stays on the shop's server.
    """
    made = create_key(Audience.PUBLISHABLE)
    row = KeyRow(
        id=new_id("key"),
        merchant_id=merchant_id,
        name="WooCommerce plugin",
        audience=Audience.PUBLISHABLE,
        hash=made.digest.hex(),
        hint=made.hint,
        scopes=(),
        allowed_origins=(),
        created_at=now,
    )
    return PluginKeys(Secret(secrets.token_urlsafe(SECRET_BYTES)), made.key, row.id), row


def offered(credentials: Mapping[str, Secret]) -> PluginKeys | None:
    """Keys that a plugin was given, or was to be, and has not confirmed."""
    found = [credentials.get(field) for field in _OFFERED]
    secret, key, key_id = found
    return PluginKeys(secret, key, key_id.reveal()) if secret and key and key_id else None


def offering(keys: PluginKeys) -> dict[str, str]:
    """What is kept of an offer; beside what the plugin has."""
    return dict(zip(_OFFERED, (keys.secret.reveal(), keys.key.reveal(), keys.key_id), strict=True))


def after_handover(
    credentials: Mapping[str, Secret], keys: PluginKeys, trouble: str
) -> tuple[dict[str, str], str]:
    """The store's credentials once the plugin was called, and the id of the key that is of no use any more.

    Parameters
    ----------
    trouble
        Code of what went wrong, "" where the plugin has confirmed.
    """
    kept = {name: value.reveal() for name, value in credentials.items()}
    if trouble:
        return kept | offering(keys) | {_TROUBLE: trouble}, ""
    before = kept.get(_KEY_ID, "")
    bare = {name: value for name, value in kept.items() if name not in {*_OFFERED, _TROUBLE}}
    done = bare | {_SECRET: keys.secret.reveal(), _KEY_ID: keys.key_id}
    return done, before if before != keys.key_id else ""


def without_offer(credentials: Mapping[str, Secret]) -> dict[str, str]:
    """The store's credentials where an offer was not wanted."""
    return {name: value.reveal() for name, value in credentials.items() if name not in _OFFERED}


def marks(credentials: Mapping[str, Secret]) -> dict[str, str]:
    """All that is kept for the plugin: it outlasts other credentials of the same store."""
    return {name: value.reveal() for name, value in credentials.items() if name.startswith(_MARK)}


def signing_secrets(credentials: Mapping[str, Secret]) -> Sequence[Secret]:
    """What the plugin may sign with at the moment."""
    return [credentials[name] for name in (_SECRET, _OFFERED[0]) if credentials.get(name)]


def key_ids(credentials: Mapping[str, Secret]) -> Sequence[str]:
    """All keys that the plugin may have."""
    return [credentials[name].reveal() for name in (_KEY_ID, _OFFERED[2]) if credentials.get(name)]


def standing(credentials: Mapping[str, Secret]) -> str:
    """How the plugin stands: "connected", the code of what went wrong, or "" where it was given no keys."""
    if credentials.get(_TROUBLE):
        return credentials[_TROUBLE].reveal()
    return "connected" if credentials.get(_SECRET) else ""
