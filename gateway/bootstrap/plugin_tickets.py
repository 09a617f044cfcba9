"""What a shop's settings page asked for: it goes along sealed, and comes back with the shop's key.

So nothing is kept of who only asks, and anybody may ask for any shop.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from connectors.stores.shopify.link import is_loopback
from connectors.stores.woocommerce import store_url
from connectors.stores.woocommerce.authorize import authorize_url
from doorstep.errors import InvalidInput, TokenRejected
from gateway.auth.vault import SealBroken
from gateway.bootstrap.authorizing import APP_NAME, STATE_LASTS, require_reached_by_https
from gateway.bootstrap.house import House

_STATE = re.compile(r"[A-Za-z0-9_-]{16,128}")
_USE = "plugin"
_LONGEST_PAGE = 1000
# Readers of addresses differ about these, and a browser might go elsewhere than we saw.
_ODD = re.compile(r"[\x00-\x20\x7f\\]")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a settings page asked for.

    Attributes
    ----------
    shop
        The shop's address as `store_url` gives it.
    back
        The settings page.
    state
        What that page made for this request.
    nonce
        What WooCommerce is to post with its key.
    """

    shop: str
    back: str
    state: str
    nonce: str
    ends_at: datetime


def read_request(house: House, shop: str, back: str, state: str) -> Asked:
    """What a settings page asks for, from its query.

    Raises
    ------
    InvalidInput
        If an address cannot be right, or this gateway cannot be answered; `path` names the parameter.
    """
    address = _shop_address(shop)
    _require_at_home(back, address)
    if not _STATE.fullmatch(state):
        raise InvalidInput("state must be 16 to 128 letters, digits, _ or -.", path=("state",))
    require_reached_by_https(house)
    return Asked(address, back, state, secrets.token_urlsafe(24), house.clock.now() + STATE_LASTS)


def agreement_url(house: House, asked: Asked) -> str:
    """Where the merchant agrees, in the shop's own admin."""
    ours = f"{house.settings.base_url}/install/woocommerce/plugin/{_seal(house, asked)}"
    return authorize_url(
        asked.shop, app_name=APP_NAME, state=asked.nonce, return_url=f"{ours}/return", callback_url=ours
    )


def read_ticket(house: House, ticket: str) -> Asked:
    """What was asked for; whether it has ended is for the caller to see.

    Raises
    ------
    TokenRejected
        If it is none of ours.
    """
    try:
        opened = house.vault.open((ticket + "=" * (-len(ticket) % 4)).encode())
    except SealBroken:
        opened = {}
    told = {name: value.reveal() for name, value in opened.items()}
    if told.pop("use", "") != _USE:
        raise rejected()
    return Asked(
        told["shop"], told["back"], told["state"], told["nonce"], datetime.fromisoformat(told["ends"])
    )


def page_to_return_to(asked: Asked, told: str) -> str:
    """The settings page, told how it went."""
    parts = urlsplit(asked.back)
    return parts._replace(query=urlencode([*parse_qsl(parts.query), ("doorstep", told)])).geturl()


def rejected() -> TokenRejected:
    """What is said of a ticket that opens nothing."""
    return TokenRejected("This link has ended or was never made; press Connect on the plugin's page again.")


def _shop_address(shop: str) -> str:
    """The address of a shop that secrets may be sent to."""
    address = store_url(shop)
    if not address.startswith("https://") and not is_loopback(address):
        raise InvalidInput(
            "The shop's address must begin with https://, since its plugin is sent a secret: give the shop a "
            "certificate and set both addresses under Settings > General, or link it with a key made by "
            "hand.",
            path=("shop",),
        )
    return address


def _require_at_home(back: str, shop: str) -> None:
    """Nobody is sent on to another host than the shop's."""
    try:
        here, there = urlsplit(back), urlsplit(shop)
        is_home = (here.hostname, here.port) == (there.hostname, there.port)
        is_plain = here.scheme in {"http", "https"} and here.username is None and not _ODD.search(back)
    except ValueError:
        is_home = is_plain = False
    if not (is_home and is_plain) or len(back) > _LONGEST_PAGE:
        text = "return must be a page of the shop itself, under the same host as shop."
        raise InvalidInput(text, path=("return",))


def _seal(house: House, asked: Asked) -> str:
    told = {
        "use": _USE,
        "shop": asked.shop,
        "back": asked.back,
        "state": asked.state,
        "nonce": asked.nonce,
        "ends": asked.ends_at.isoformat(timespec="seconds"),
    }
    return house.vault.seal(told).decode().rstrip("=")
