"""Bad input through the whole house: it is named, kept aside and mended, and the rest goes on."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from simulator.stores.woocommerce.shelf import Product
from tests.conftest import Dsn
from tests.integration.app.market import HOME, UBER_SIGNING_KEY, Document, Edit, Market, open_market
from tests.integration.app.premises import Premises, Tenant, environment_of, open_premises
from tests.integration.processes.commands import Shell, opened_shell


@pytest.fixture
async def market(tmp_path: Path) -> AsyncIterator[Market]:
    """Two shops and a courier with knobs."""
    async with open_market(tmp_path) as market:
        yield market


@pytest.fixture
async def premises(dsn: Dsn, tmp_path: Path, market: Market) -> AsyncIterator[Premises]:
    """A gateway."""
    async with open_premises(dsn, tmp_path, market) as premises:
        yield premises


@pytest.fixture
async def tenant(premises: Premises) -> Tenant:
    """A merchant with a courier."""
    tenant = await premises.tenant()
    await premises.link_courier(tenant)
    return tenant


@pytest.fixture(scope="module")
def shell_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[bytes]]:
    """One process for the commands of all tests."""
    with opened_shell(tmp_path_factory.mktemp("shell")) as process:
        yield process


@pytest.fixture
def shell(shell_process: subprocess.Popen[bytes], dsn: Dsn, tmp_path: Path, market: Market) -> Shell:
    """The command line beside the gateway, on the same database."""
    return Shell(shell_process, environment_of(dsn, tmp_path, market))


def _set(*path: str | int, to: object) -> Edit:
    def edit(order: Document) -> None:
        place: Any = order
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = to

    return edit


# What a store may one day send, and the field that our message must name.
FAULTS: dict[str, dict[str, tuple[Edit, str]]] = {
    "woocommerce": {
        "malformed": (_set("line_items", 0, "quantity", to="a few"), "line_items.0.quantity"),
        "no amount": (_set("total", to="as agreed"), "total"),
        "unknown currency": (_set("currency", to="ZZZ"), "currency"),
        "not a country": (_set("shipping", "country", to="Atlantis"), "shipping.country"),
    },
    "shopify": {
        "malformed": (
            _set("lineItems", "nodes", 0, "currentQuantity", to="a few"),
            "order.lineItems.nodes.0.currentQuantity",
        ),
        "no amount": (
            _set("currentTotalPriceSet", "shopMoney", "amount", to="as agreed"),
            "order.currentTotalPriceSet.shopMoney.amount",
        ),
        "unknown currency": (
            # What Shopify calls a currency that it does not know (CurrencyCode, Admin API 2026-10).
            _set("currentTotalPriceSet", "shopMoney", "currencyCode", to="XXX"),
            "order.currentTotalPriceSet.shopMoney.currencyCode",
        ),
        "negative weight": (
            _set("lineItems", "nodes", 0, "weight", "value", to=-2.0),
            "order.lineItems.nodes.0.weight.value",
        ),
    },
}


@pytest.mark.parametrize("store", ["woocommerce", "shopify"])
async def test_broken_orders_wait_with_their_reason_while_the_rest_is_booked(
    premises: Premises, market: Market, tenant: Tenant, shell: Shell, store: str
) -> None:
    # Given a good order among broken ones
    await premises.link_store(tenant, store)
    forgery, faults = market.forgeries[store], FAULTS[store]
    broken = {market.order_at(store): name for name in faults}
    forgery.edits = {order: faults[name][0] for order, name in broken.items()}
    good = market.order_at(store)

    # When the store tells of them
    await premises.tick()

    # Then the good one is booked, and each of the others waits with the field that is wrong
    assert await _booked(premises, tenant) == {good}
    waiting = await _quarantine(premises, tenant)
    paths = {broken[row["externalId"]]: ".".join(row["problem"]["path"]) for row in waiting}
    assert paths == {name: path for name, (_, path) in faults.items()}
    assert {row["problem"]["code"] for row in waiting} == {"INVALID_INPUT"}
    for row in waiting:
        assert paths[broken[row["externalId"]]] in row["problem"]["message"]
        assert HOME.line1 not in row["problem"]["message"]
        assert HOME.line1 in row["rawBody"], "kept whole"

    # When one is mended in the store and all are read again
    mended, *others = broken
    del forgery.edits[mended]
    outcomes = await _replay(premises, tenant, [row["id"] for row in waiting])

    # Then that one is an order, and the others still say what is wrong
    became = {row["message"]["externalId"]: row for row in outcomes}
    assert became[mended]["order"]["externalId"] == mended
    assert became[mended]["message"]["status"] == "REPLAYED"
    for order in others:
        assert became[order]["problem"]["path"] == faults[broken[order]][1].split(".")
        assert became[order]["message"]["attempts"] > 1

    # When the others are mended as well and an operator reads them again from the command line
    forgery.edits.clear()
    listed = (await shell.says("quarantine", "list")).splitlines()
    ids = {line.split()[1]: line.split()[0] for line in listed}
    assert set(ids) == set(others)
    kept = (await shell.says("quarantine", "replay", *ids.values())).splitlines()
    assert [line.split()[:3] for line in kept] == [[id_, "kept", "as"] for id_ in ids.values()]

    # Then all of them are booked, and nothing waits
    await premises.settle()
    assert await _booked(premises, tenant) == {good, *broken}
    assert await _quarantine(premises, tenant) == []


async def test_a_negative_weight_in_the_catalogue_is_mended_without_waiting_for_a_cache(
    premises: Premises, market: Market, tenant: Tenant
) -> None:
    store_id = await premises.link_store(tenant, "woocommerce")
    products = market.woocommerce.shelf.products
    products[13] = replace(products[13], weight="-0.75")
    order = market.order_at("woocommerce")
    await premises.tick()
    (message,) = await _quarantine(premises, tenant)
    assert message["problem"]["path"] == ["products", "13", "weight"]
    assert message["store"]["id"] == store_id

    products[13] = Product(13, "BREAD-1", "Sourdough loaf", "6.50", "0.75")
    (outcome,) = await _replay(premises, tenant, [message["id"]])
    assert outcome["problem"] is None
    await premises.settle()
    assert await _booked(premises, tenant) == {order}


async def test_an_order_that_comes_right_by_itself_leaves_the_quarantine(
    premises: Premises, market: Market, tenant: Tenant
) -> None:
    await premises.link_store(tenant, "woocommerce")
    order = market.order_at("woocommerce")
    market.forgeries["woocommerce"].edits[order] = _set("currency", to="ZZZ")
    await premises.tick()
    assert len(await _quarantine(premises, tenant)) == 1

    market.forgeries["woocommerce"].edits.clear()
    market.woocommerce.edit_address(order, HOME)
    await premises.tick()
    assert await _quarantine(premises, tenant) == []
    assert await _booked(premises, tenant) == {order}


@pytest.mark.parametrize("store", ["woocommerce", "shopify"])
async def test_an_order_without_an_address_or_a_phone_waits_for_a_person_while_the_rest_is_booked(
    premises: Premises, market: Market, tenant: Tenant, store: str
) -> None:
    # Given an order without a street, one whose phone cannot be dialled, and a good one
    await premises.link_store(tenant, store)
    homeless = market.order_at(store, replace(HOME, line1="", city="", postal_code="", location=None))
    speechless = market.order_at(store, replace(HOME, phone=None, phone_raw="ask the porter"))
    good = market.order_at(store)

    # When the store tells of them
    await premises.tick()

    # Then the good one is booked, the carriers' answers name what is missing, and a person is told of both
    assert await _booked(premises, tenant) == {good}
    assert await _quarantine(premises, tenant) == []
    declined = await _declined(premises, tenant)
    assert {no["reason"] for no in declined[speechless]} == {"ADDRESS_PROBLEM"}
    assert all("phone" in no["text"] for no in declined[speechless])
    # WooCommerce has no shipping address without a street, so that there was nothing to ask carriers about.
    assert all("lacks line1 and city" in no["text"] for no in declined[homeless])
    told = await premises.ask("{ deliveryExceptions { nodes { status } } }", tenant.secret_key)
    assert [row["status"] for row in told["deliveryExceptions"]["nodes"]] == ["OPEN", "OPEN"]

    # When the address is corrected in the store
    shop = market.woocommerce if store == "woocommerce" else market.shopify
    market.clock.advance(60)
    shop.edit_address(homeless, HOME)
    await premises.tick()

    # Then that order goes on
    assert await _booked(premises, tenant) == {good, homeless}


async def test_a_webhook_with_a_wrong_signature_is_turned_away_and_nothing_is_kept(
    premises: Premises, market: Market, tenant: Tenant
) -> None:
    await premises.link_store(tenant, "woocommerce")
    for webhook in market.woocommerce.hooks.webhooks.values():
        webhook.secret = "what somebody else would sign with"
    market.order_at("woocommerce")
    await premises.tick()

    failures = [webhook.failures for webhook in market.woocommerce.hooks.webhooks.values()]
    assert sum(failures) > 0, "WooCommerce counts what is not answered with a 2xx"
    async with premises.house.database.tenant(tenant.merchant_id) as connection:
        for table in ("inbox", "quarantine", "orders"):
            assert (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar() == 0  # noqa: S608 - our own names
        jobs = (await connection.execute(text("SELECT count(*) FROM procrastinate_jobs"))).scalar()
    assert jobs == 0


async def test_a_status_that_a_carrier_made_up_is_shown_as_it_came_and_moves_nothing(
    premises: Premises, market: Market, tenant: Tenant
) -> None:
    await premises.link_store(tenant, "woocommerce")
    market.order_at("woocommerce")
    await premises.tick()
    (booking,) = market.uber.books()
    body = json.dumps(
        {
            "kind": "event.delivery_status",
            "id": "evt_never_seen_before",
            "delivery_id": booking.external_id,
            "status": "beaming_down",
            "created": market.clock.now().isoformat(),
            "data": {"id": booking.external_id, "status": "beaming_down"},
        }
    ).encode()
    signature = hmac.new(UBER_SIGNING_KEY.encode(), body, hashlib.sha256).hexdigest()
    path = market.uber.webhook_url.removeprefix(premises.url)
    assert (await premises.post(path, body, {"X-Uber-Signature": signature}))[0] == 200
    await premises.settle()

    data = await premises.ask(
        "{ deliveries { nodes { status legs { status rawStatus }"
        " events { nodes { status rawStatus text } } } } }",
        tenant.secret_key,
    )
    (delivery,) = data["deliveries"]["nodes"]
    assert delivery["status"] == "BOOKED"
    assert delivery["legs"] == [{"status": "BOOKED", "rawStatus": "beaming_down"}]
    event = delivery["events"]["nodes"][-1]
    assert (event["status"], event["rawStatus"]) == ("UNKNOWN", "beaming_down")
    assert "beaming_down" in event["text"]


DESTINATION = {
    "countryCode": "US",
    "postalCode": "10118",
    "city": "New York",
    "address1": "17 Larkspur Passage",
}
OPTIONS = """
query Options($to: DestinationInput!, $items: [CartItemInput!]!, $cart: CartContextInput) {
  deliveryOptions(destination: $to, items: $items, cart: $cart) {
    __typename ... on Problem { code message retryable path } ... on InvalidInput { issues { path code } }
  }
}
"""
CHOOSE = """
mutation Choose($input: ChooseDeliveryOptionInput!) {
  chooseDeliveryOption(input: $input) {
    __typename ... on Problem { code message retryable path } ... on InvalidInput { issues { path code } }
  }
}
"""
WRONG_QUESTIONS: list[tuple[dict[str, object], list[str], str]] = [
    ({"to": DESTINATION | {"countryCode": "Spain"}}, ["destination", "countryCode"], "INVALID_INPUT"),
    ({"to": DESTINATION | {"phone": "212-736-3100"}}, ["destination", "phone"], "INVALID_INPUT"),
    ({"items": [{"quantity": 1, "weightGrams": -5}]}, ["items", "0", "weightGrams"], "INVALID_INPUT"),
    ({"items": [{"quantity": 1}, {"quantity": 0}]}, ["items", "1", "quantity"], "INVALID_INPUT"),
    (
        {"items": [{"quantity": 1, "unitPrice": {"amount": "9.99", "currencyCode": "ZZZ"}}]},
        ["items", "0", "unitPrice", "currencyCode"],
        "UNSUPPORTED_CURRENCY",
    ),
    (
        {"items": [{"quantity": 1, "unitPrice": {"amount": "9.999", "currencyCode": "USD"}}]},
        ["items", "0", "unitPrice", "amount"],
        "INVALID_INPUT",
    ),
    ({"cart": {"currencyCode": "doubloons"}}, ["cart", "currencyCode"], "UNSUPPORTED_CURRENCY"),
    ({"cart": {"storeId": "the-corner-shop"}}, ["cart", "storeId"], "INVALID_INPUT"),
    ({"cart": {"storeId": "ord_01jdm3y5x8e3s9v2k7q4c6b0an"}}, ["cart", "storeId"], "INVALID_INPUT"),
]


async def test_the_api_names_the_field_that_is_wrong(premises: Premises, tenant: Tenant) -> None:
    for change, path, code in WRONG_QUESTIONS:
        question = {"to": DESTINATION, "items": [{"quantity": 1}], **change}
        problem = (await premises.ask(OPTIONS, tenant.publishable_key, **question))["deliveryOptions"]
        assert problem["__typename"] == "InvalidInput", change
        assert (problem["path"], problem["code"], problem["retryable"]) == (path, "INVALID_INPUT", False)
        assert problem["issues"] == [{"path": path, "code": code}]
        assert path[-1] in problem["message"]


async def test_a_choice_for_half_an_address_names_every_part_that_is_missing(
    premises: Premises, tenant: Tenant
) -> None:
    group = "qst_01jdm3y5x8e3s9v2k7q4c6b0an"
    wish = {
        "idempotencyKey": "half-an-address",
        "deliveryOptionsId": group,
        "selections": [{"groupId": group, "optionId": "quo_01jdm3y5x8e3s9v2k7q4c6b0an"}],
        "destination": {"countryCode": "US", "postalCode": "10118"},
    }
    problem = (await premises.ask(CHOOSE, tenant.publishable_key, input=wish))["chooseDeliveryOption"]
    assert problem["__typename"] == "InvalidInput"
    assert problem["issues"] == [
        {"path": ["input", "destination", "address1"], "code": "REQUIRED"},
        {"path": ["input", "destination", "city"], "code": "REQUIRED"},
    ]


async def _booked(premises: Premises, tenant: Tenant) -> set[str]:
    """Orders, by their ids in the store, that exactly one courier was booked for."""
    data = await premises.ask(
        "{ orders(first: 20) { nodes { externalId deliveries(first: 3)"
        " { nodes { legs { externalId } } } } } }",
        tenant.secret_key,
    )
    return {
        order["externalId"]
        for order in data["orders"]["nodes"]
        if [bool(leg["externalId"]) for delivery in order["deliveries"]["nodes"] for leg in delivery["legs"]]
        == [True]
    }


async def _quarantine(premises: Premises, tenant: Tenant) -> list[dict[str, Any]]:
    data = await premises.ask(
        "{ quarantine { nodes { id externalId status attempts rawBody store { id }"
        " problem { code message path } } } }",
        tenant.secret_key,
    )
    return list(data["quarantine"]["nodes"])


async def _declined(premises: Premises, tenant: Tenant) -> dict[str, list[dict[str, Any]]]:
    """Order id in the store -> what carriers said against it."""
    data = await premises.ask(
        "{ orders(first: 5) { nodes { externalId fulfillmentOrders"
        " { quoteSets { declined { reason text } } } } } }",
        tenant.secret_key,
    )
    return {
        order["externalId"]: [
            no
            for unit in order["fulfillmentOrders"]
            for answers in unit["quoteSets"]
            for no in answers["declined"]
        ]
        for order in data["orders"]["nodes"]
    }


async def _replay(premises: Premises, tenant: Tenant, ids: list[str]) -> list[dict[str, Any]]:
    query = """
    mutation Replay($input: ReplayQuarantinedInput!) {
      replayQuarantined(input: $input) {
        ... on ReplayQuarantinedSuccess {
          outcomes {
            message { externalId status attempts }
            order { externalId }
            problem { code message path }
          }
        }
        ... on Problem { code message }
      }
    }
    """
    data = await premises.ask(query, tenant.secret_key, input={"ids": ids})
    return list(data["replayQuarantined"]["outcomes"])
