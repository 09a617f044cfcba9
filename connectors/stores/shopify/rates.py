"""Rates at the checkout: the CarrierService by which a shop asks us for them, registered and kept right.

Written for the Admin API 2026-10. An app sees the services of the whole shop, and may change its own alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.stores.shopify import diagnosis
from connectors.stores.shopify.answers import read_page
from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import (
    CARRIER_SERVICE_CREATE,
    CARRIER_SERVICE_DELETE,
    CARRIER_SERVICE_UPDATE,
    CARRIER_SERVICES,
    Document,
)
from connectors.stores.shopify.link import is_loopback
from connectors.stores.shopify.payload import Field
from doorstep.errors import AccountProblem, RemoteError, UnknownOutcome
from doorstep.health import HealthCheck

NAME = "Doorstep"
"""As merchants see it where they add it to a shipping zone."""

_PAGES = 5
_DENIED = "ACCESS_DENIED"

# Shopify has one code for all refusals. That of a plan reads "Carrier Calculated Shipping must be enabled for
# your store to add carrier services", as apps have reported it.
_OF_THE_PLAN = ("calculated shipping", "shopify plan", "upgrade")
_OF_ANOTHER_APP = "could not be found"


@dataclass(frozen=True, slots=True)
class CarrierService:
    """One carrier service as the shop has it; `url` is "" where it is none of an app."""

    id: str
    name: str
    url: str
    is_active: bool
    is_discovered: bool


class _Denied(Exception):
    """The shop has not agreed to the access scope."""


class _Refused(Exception):
    """Shopify's userErrors, in its own words."""


async def look(client: ShopifyClient) -> HealthCheck:
    """Whether the shop asks us; raises `RemoteError`."""
    try:
        named = [one for one in await list_services(client) if one.name == NAME]
    except _Denied:
        return diagnosis.rates("rates_scope_missing")
    if not named:
        return diagnosis.rates("rates_missing")
    return diagnosis.rates("" if any(one.is_active for one in named) else "rates_inactive")


async def ensure(client: ShopifyClient, callback_url: str) -> HealthCheck:
    """Register, switch on again and repair; never raises for what a shop does."""
    is_plain = client.link.is_loopback and is_loopback(callback_url)
    if not callback_url.startswith("https://") and not is_plain:
        return diagnosis.rates("rates_callback_not_https")
    try:
        await _repair(client, callback_url)
    except _Denied:
        return diagnosis.rates("rates_scope_missing")
    except _Refused as refusal:
        words = str(refusal)
        is_plan = any(part in words.lower() for part in _OF_THE_PLAN)
        return diagnosis.rates("plan_without_carrier_rates" if is_plan else "rates_refused", words)
    except RemoteError as error:
        return diagnosis.of_error(error)
    return diagnosis.rates("")


async def drop(client: ShopifyClient, callback_url: str) -> None:
    """Let the shop ask us no more; raises `RemoteError`. What it refuses to delete is not ours."""
    try:
        for one in _ours(await list_services(client), callback_url):
            await _write(client, CARRIER_SERVICE_DELETE, "carrierServiceDelete", {"id": one.id})
    except (_Denied, _Refused):
        return


async def list_services(client: ShopifyClient) -> tuple[CarrierService, ...]:
    """The shop's carrier services."""
    found: list[CarrierService] = []
    after: str | None = None
    for _ in range(_PAGES):
        data = await _send(client, CARRIER_SERVICES, {"after": after})
        nodes, after = read_page(data["carrierServices"])
        found += [_service(node) for node in nodes]
        if after is None:
            break
    return tuple(found)


async def _repair(client: ShopifyClient, url: str) -> None:
    wanted = {"name": NAME, "callbackUrl": url, "active": True, "supportsServiceDiscovery": True}
    ours = _ours(await list_services(client), url)
    for double in ours[1:]:
        # With two of them every option would be shown twice; and no two may have one name.
        await _delete(client, double)
    if ours and await _set_right(client, ours[0], url, wanted):
        return
    try:
        await _write(client, CARRIER_SERVICE_CREATE, "carrierServiceCreate", {"input": wanted})
    except (UnknownOutcome, _Refused):
        # It was made although the answer was lost, or by somebody who mends the same shop just now: then
        # its name is taken.
        if not any(one.url == url for one in await list_services(client)):
            raise


async def _set_right(
    client: ShopifyClient, one: CarrierService, url: str, wanted: Mapping[str, object]
) -> bool:
    """Whether it is as it should be; not where it is another app's, as after a shop has changed apps."""
    if one == CarrierService(one.id, NAME, url, is_active=True, is_discovered=True):
        return True
    given = {"input": {"id": one.id, **wanted}}
    return await _of_our_app(_write(client, CARRIER_SERVICE_UPDATE, "carrierServiceUpdate", given))


async def _delete(client: ShopifyClient, one: CarrierService) -> bool:
    return await _of_our_app(_write(client, CARRIER_SERVICE_DELETE, "carrierServiceDelete", {"id": one.id}))


async def _of_our_app(writing: Awaitable[None]) -> bool:
    """Whether it could be written; an app changes its own services alone, and sees all."""
    try:
        await writing
    except _Refused as refusal:
        if _OF_ANOTHER_APP not in str(refusal).lower():
            raise
        return False
    return True


def _ours(services: Iterable[CarrierService], url: str) -> Sequence[CarrierService]:
    """Those of this gateway, the best first: at our address, or at one that we had before.

    The last part of the path is this shop's alone and stays when the gateway moves to another host; it
    changes with the gateway's secret, while all before it stays. Another gateway's has neither in common.
    """
    found = [one for one in services if one.url and _is_alike(one.url, url)]
    return sorted(found, key=lambda one: one.url != url)


def _is_alike(url: str, ours: str) -> bool:
    (there, _, door), (here, _, own_door) = url.rpartition("/"), ours.rpartition("/")
    return there == here or door == own_door


async def _write(
    client: ShopifyClient, document: Document, key: str, variables: Mapping[str, object]
) -> None:
    payload = (await _send(client, document, variables))[key]
    words = [error["message"].text_or_empty() for error in payload["userErrors"].items()]
    if words:
        raise _Refused("; ".join(words)[:200])


async def _send(client: ShopifyClient, document: Document, variables: Mapping[str, object]) -> Field:
    try:
        answer = await client.send(document, variables)
    except AccountProblem as problem:
        if problem.raw_code == _DENIED:
            raise _Denied from None
        raise
    if answer.denied:
        raise _Denied
    return Field(answer.data)


def _service(node: Field) -> CarrierService:
    return CarrierService(
        id=node["id"].text(),
        name=node["name"].text_or_empty(),
        url=node["callbackUrl"].text_or_empty(),
        is_active=node["active"].flag(False),
        is_discovered=node["supportsServiceDiscovery"].flag(False),
    )
