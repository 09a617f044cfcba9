"""Doorstep's own plugin inside a shop: hand it what it calls the gateway with, and read whose shop it is in.

Written with the plugin's route `wc-doorstep/v1/connection`, version 1.0. Like all of WooCommerce's own routes
it needs pretty permalinks: under `?rest_route=` the shop takes no key (measured on WooCommerce 8.9 and 10.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from connectors.stores.woocommerce.answers import code_of, judge
from connectors.stores.woocommerce.diagnosis import SYSTEM, Fault, problem
from connectors.stores.woocommerce.fields import plain
from connectors.stores.woocommerce.places import locations
from connectors.stores.woocommerce.store_api import StoreApi
from doorstep.errors import AccountProblem, RemoteRefused
from doorstep.order import Location
from doorstep.secret import Secret

NAMESPACE, ENDPOINT = "wc-doorstep/v1", "connection"

NOT_ASKED = "not_asked"
"""The shop's own settings page did not ask for this connection, or more than an hour ago."""

PLUGIN_MISSING = "doorstep_plugin_missing"

_STATE_REFUSED = "doorstep_state"
_NO_ROUTE = "rest_no_route"
_FORBIDDEN = "rest_forbidden"


@dataclass(frozen=True, slots=True)
class Handover:
    """What the plugin keeps.

    Attributes
    ----------
    gateway
        Our address, without a slash at its end.
    site
        Our id of the store.
    key
        Publishable; for carts.
    secret
        Signs what only the shop's own server may ask.
    merchant
        Name to show on the settings page.
    state
        What that page made when somebody pressed its button.
    """

    gateway: str
    site: str
    key: Secret
    secret: Secret
    merchant: str
    state: str


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """What a merchant is made of where nobody announced the shop."""

    name: str
    currency: str
    time_zone: str


async def read_facts(api: StoreApi, places: tuple[Location, ...] | None = None) -> ShopFacts:
    """Name, currency and time zone of a shop; raises RemoteError."""
    row = (await api.read("settings/general/woocommerce_currency", {"_fields": "id,value"})).fields()
    (place, *_) = await locations(api) if places is None else places
    host = urlsplit(api.url).hostname or ""
    return ShopFacts(place.name or host, plain(str(row.get("value") or "")).strip(), place.time_zone)


async def hand_over(api: StoreApi, handover: Handover) -> None:
    """Give the plugin its keys; doing it again replaces them.

    Raises
    ------
    RemoteRefused
        With `NOT_ASKED` as `raw_code` where the shop did not ask for it.
    AccountProblem
        With `PLUGIN_MISSING` as `raw_code` where the plugin is not active.
    RemoteError
        If the shop could not be told, or its answer was lost: the plugin may have the keys.
    """
    payload = {
        "gateway": handover.gateway,
        "site": handover.site,
        "key": handover.key.reveal(),
        "secret": handover.secret.reveal(),
        "merchant": handover.merchant,
        "state": handover.state,
    }
    reply = await api.post_to_plugin(NAMESPACE, ENDPOINT, payload)
    code = code_of(reply)
    if code == _STATE_REFUSED:
        text = "The shop did not ask to be connected within the last hour."
        raise RemoteRefused(text, system=SYSTEM, raw_code=NOT_ASKED)
    if code == _NO_ROUTE:
        text = "The shop answers, but its Doorstep plugin does not: install and activate it."
        raise AccountProblem(text, system=SYSTEM, raw_code=PLUGIN_MISSING)
    if reply.status == 403 and code == _FORBIDDEN:
        raise problem(Fault.RIGHTS_MISSING)
    answer = judge(reply, is_write=True).fields()
    if answer.get("connected") is not True:
        text = "The shop's plugin did not say that it kept the keys."
        raise RemoteRefused(text, system=SYSTEM, raw_code="not_kept")
