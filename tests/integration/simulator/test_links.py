"""What the world says about itself is what the connectors ask for, and what it asks the gateway has."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from graphql import OperationDefinitionNode, parse, validate
from graphql import build_schema as read_schema
from graphql.execution.values import get_variable_values

from connectors.couriers.doordash import CONNECTOR as DOORDASH
from connectors.couriers.roadie import CONNECTOR as ROADIE
from connectors.couriers.uber_direct import CONNECTOR as UBER_DIRECT
from connectors.parcel.easypost import CONNECTOR as EASYPOST
from connectors.parcel.shipengine import CONNECTOR as SHIPENGINE
from connectors.stores.shopify import CONNECTOR as SHOPIFY
from connectors.stores.woocommerce import CONNECTOR as WOOCOMMERCE
from doorstep.ports import CarrierPlugin, StoreLink, StorePlugin
from doorstep.secret import Secret
from gateway.api.schema import build_schema, sdl_of
from simulator.people.shopper import CHOOSE, OPTIONS
from simulator.people.tour import LIST, PARCEL, TOUR
from tests.integration.simulator.conftest import Desk, Json
from tests.integration.simulator.standin import StandIn

STORES = {"shopify": SHOPIFY, "woocommerce": WOOCOMMERCE}
CARRIERS = {plugin.carrier: plugin for plugin in (UBER_DIRECT, DOORDASH, ROADIE, EASYPOST, SHIPENGINE)}


def _sealed(credentials: Mapping[str, str]) -> dict[str, Secret]:
    return {name: Secret(value) for name, value in credentials.items()}


def _check_names(plugin: StorePlugin | CarrierPlugin, credentials: Mapping[str, str]) -> None:
    needed = {field.name for field in plugin.credentials if field.default is None}
    assert needed <= set(credentials) <= {field.name for field in plugin.credentials}


@pytest.mark.parametrize("platform", STORES)
async def test_the_connector_links_the_store_and_walks_its_orders(desk: Desk, platform: str) -> None:
    receipt = await desk.post("place-order", {"store": platform})
    await desk.post("tick", {"seconds": 60})
    store = next(s for s in (await desk.get("world"))["stores"] if s["platform"] == platform)
    _check_names(STORES[platform], store["credentials"])
    connector = STORES[platform].connect(StoreLink(store["url"], _sealed(store["credentials"])))
    try:
        (raw,) = [raw async for raw in connector.changed_orders(None)]
        order = connector.read_order(raw)
    finally:
        await connector.close()
    assert (order.external_id, order.number.lstrip("#")) == (
        receipt["external_id"],
        receipt["number"].lstrip("#"),
    )
    assert order.destination is not None
    assert not order.destination.missing
    assert [unit.is_dispatchable for unit in order.fulfillment_orders] == [True]


@pytest.mark.parametrize("platform", STORES)
async def test_the_reference_of_the_checkout_reaches_the_connector(
    desk: Desk, standin: StandIn, gateway_url: str, platform: str
) -> None:
    await desk.link(gateway_url)
    await desk.post("place-order", {"store": platform, "checkout": True})
    await desk.post("tick", {"seconds": 60})
    store = next(s for s in (await desk.get("world"))["stores"] if s["platform"] == platform)
    connector = STORES[platform].connect(StoreLink(store["url"], _sealed(store["credentials"])))
    try:
        orders = [connector.read_order(raw) async for raw in connector.changed_orders(None)]
    finally:
        await connector.close()
    assert [order.choice_reference[:4] for order in orders] == ["cho_"]


@pytest.mark.parametrize("carrier", CARRIERS)
async def test_the_connector_finds_nothing_wrong_with_a_linked_carrier(
    desk: Desk, gateway_url: str, carrier: str
) -> None:
    await desk.link(gateway_url)
    row = next(c for c in (await desk.get("world"))["carriers"] if c["carrier"] == carrier)
    plugin = CARRIERS[carrier]
    _check_names(plugin, row["credentials"])
    connector = plugin.connect(_sealed(row["credentials"]), row["base_url"])
    try:
        assert [check.name for check in await connector.check() if not check.passed] == []
    finally:
        await connector.close()


async def _book_courier(desk: Desk, reference: str) -> Json:
    """As Uber's documentation says, with curl in mind: token, then a delivery without a quote."""
    row = next(c for c in (await desk.get("world"))["carriers"] if c["carrier"] == "uber_direct")
    store = (await desk.get("world"))["locations"][0]
    credentials = row["credentials"]
    form = {
        "client_id": credentials["client_id"],
        "client_secret": credentials["client_secret"],
        "grant_type": "client_credentials",
        "scope": "eats.deliveries",
    }
    async with desk.session.post(f"{row['base_url']}/oauth/v2/token", data=form) as response:
        token = (await response.json())["access_token"]
    body = {
        "pickup_name": store["name"],
        "pickup_address": f"{store['line1']}, {store['city']}",
        "pickup_phone_number": store["phone"],
        "pickup_latitude": store["location"]["lat"],
        "pickup_longitude": store["location"]["lng"],
        "dropoff_name": "Quill Fallowmere",
        "dropoff_address": "14 Maplebrook Street, Port Meridian",
        "dropoff_phone_number": "+12125550142",
        "dropoff_latitude": store["location"]["lat"] + 0.01,
        "dropoff_longitude": store["location"]["lng"],
        "manifest_items": [{"name": "Soap set", "quantity": 1, "size": "small"}],
        "manifest_reference": reference,
    }
    url = f"{row['base_url']}/v1/customers/{credentials['customer_id']}/deliveries"
    headers = {"Authorization": f"Bearer {token}"}
    async with desk.session.post(url, json=body, headers=headers) as response:
        booked: Json = await response.json()
        assert response.status == 200, booked
    return booked


async def test_a_booking_is_in_the_carriers_books_until_its_end(
    desk: Desk, standin: StandIn, gateway_url: str
) -> None:
    await desk.link(gateway_url)
    booked = await _book_courier(desk, "1001-ABCD")
    (row,) = (await desk.get("books"))["bookings"]
    assert (row["carrier"], row["external_id"], row["reference"], row["live"]) == (
        "uber_direct",
        booked["id"],
        "1001-ABCD",
        True,
    )
    await desk.post("tick", {"seconds": 3 * 3600})
    (row,) = (await desk.get("books"))["bookings"]
    assert (row["live"], row["delivered"]) == (False, True)
    assert row["booked_at"] < row["delivered_at"] < "2026-11-23T16:30:00Z"
    # The webhooks came as they fell due, signed.
    letters = [headers for path, headers, _ in standin.letters if path == "/webhooks/uber_direct"]
    assert len(letters) > 5
    assert all(headers["x-uber-signature"] for headers in letters)


async def test_a_courier_is_dropped_before_the_pickup_and_only_then(desk: Desk) -> None:
    booked = await _book_courier(desk, "1001-ABCD")
    assert await desk.post("drop-courier") == {
        "carrier": "uber_direct",
        "external_id": booked["id"],
        "reference": "1001-ABCD",
    }
    (row,) = (await desk.get("books"))["bookings"]
    assert (row["live"], row["cancelled"]) == (False, True)
    status, why = await desk.try_post("drop-courier")
    assert (status, "pickup" in why["error"]) == (409, True)


@pytest.mark.parametrize("document", [OPTIONS, CHOOSE, LIST, TOUR, PARCEL])
def test_what_people_ask_the_gateway_is_in_its_schema(document: str) -> None:
    schema = read_schema(sdl_of(build_schema()))
    assert validate(schema, parse(document)) == []


async def test_what_shoppers_send_along_fits_what_the_schema_takes(
    desk: Desk, standin: StandIn, gateway_url: str
) -> None:
    await desk.link(gateway_url, stores={"woocommerce": "sto_woo"})
    await desk.post("place-order", {"store": "woocommerce", "checkout": True})
    schema = read_schema(sdl_of(build_schema()))
    sent = {name: variables for name, _, variables in standin.asked}
    for name, document in (("Options", OPTIONS), ("Choose", CHOOSE)):
        (operation,) = parse(document).definitions
        assert isinstance(operation, OperationDefinitionNode)
        # Errors come as a list; what fits comes by name.
        fitting = get_variable_values(schema, operation.variable_definitions or (), sent[name])
        assert not isinstance(fitting, list), fitting
