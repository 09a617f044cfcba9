"""Stores through GraphQL, against the shops of the market."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from doorstep.errors import InvalidInput
from doorstep.order import StorePlatform
from doorstep.secret import Secret
from gateway.api.ports.records import StoreOrder
from gateway.bootstrap.commands import FlowCommands
from tests.integration.app.market import Market
from tests.integration.app.premises import Premises, Tenant

CONNECT = """mutation ($input: ConnectStoreInput!) { done: connectStore(input: $input) {
  __typename
  ... on ConnectStoreSuccess { store { id status url } authorizeUrl checks { name passed text } }
  ... on Problem { message path }
} }"""
SYNC = """mutation ($id: ID!) { done: syncStore(input: {storeId: $id}) {
  __typename ... on SyncStoreSuccess { store { id } } ... on Problem { message }
} }"""
TEST = """mutation ($id: ID!) { done: testLink(input: {id: $id}) {
  __typename ... on TestLinkSuccess { checks { name passed text } } ... on Problem { message }
} }"""
DISCARD = """mutation ($ids: [ID!]!) { done: discardQuarantined(input: {ids: $ids}) {
  __typename ... on DiscardQuarantinedSuccess { messages { id status rawBody } } ... on Problem { message }
} }"""
REPLAY = """mutation ($ids: [ID!]!) { done: replayQuarantined(input: {ids: $ids}) {
  ... on ReplayQuarantinedSuccess { outcomes { problem { code } } }
} }"""
STORE = """query ($id: ID!) { store(id: $id) {
  status syncedUntil lastSyncedAt awaySince problem reportsWaiting reportsRefused
} }"""
QUARANTINE = """query ($stores: [ID!]) { quarantine(filter: {storeIds: $stores}) {
  nodes { id externalId rawBody store { id } }
} }"""


def _wish(market: Market, platform: str) -> dict[str, Any]:
    url, credentials = market.store_credentials(platform)
    pairs = [{"name": name, "value": value} for name, value in credentials.items()]
    return {"platform": platform.upper(), "url": url, "credentials": pairs}


def _ills(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is wrong, but for webhooks: WordPress posts to few ports, and a test's is none of them."""
    return [check for check in checks if not check["passed"] and not check["name"].startswith("webhook")]


async def _connected(premises: Premises, tenant: Tenant, platform: str = "woocommerce") -> Any:
    wish = _wish(premises.market, platform)
    return (await premises.ask(CONNECT, tenant.secret_key, input=wish))["done"]


@pytest.mark.parametrize("platform", ["woocommerce", "shopify"])
async def test_a_store_is_linked_read_and_shown(premises: Premises, market: Market, platform: str) -> None:
    tenant = await premises.tenant()
    market.order_at(platform)
    answer = await _connected(premises, tenant, platform)
    assert (answer["__typename"], answer["store"]["status"]) == ("ConnectStoreSuccess", "CONNECTED")
    assert answer["authorizeUrl"] is None
    assert _ills(answer["checks"]) == []
    store_id = answer["store"]["id"]
    await premises.ask(SYNC, tenant.secret_key, id=store_id)
    await premises.settle()
    orders = await premises.ask("{ orders { nodes { store { id } } } }", tenant.secret_key)
    assert orders["orders"]["nodes"] == [{"store": {"id": store_id}}]
    store = (await premises.ask(STORE, tenant.secret_key, id=store_id))["store"]
    assert store["syncedUntil"] is not None
    assert store["lastSyncedAt"] is not None
    assert (store["awaySince"], store["problem"]) == (None, None)


async def test_linking_the_same_shop_again_makes_no_second_one(premises: Premises) -> None:
    tenant = await premises.tenant()
    await _connected(premises, tenant, "shopify")
    await _connected(premises, tenant, "shopify")
    stores = await premises.ask("{ stores { nodes { id } } }", tenant.secret_key)
    assert len(stores["stores"]["nodes"]) == 1


async def test_a_wrong_credential_is_a_problem_and_keeps_nothing(premises: Premises) -> None:
    tenant = await premises.tenant()
    wish = _wish(premises.market, "woocommerce")
    wish["credentials"][0]["value"] = "not-a-key"
    answer = (await premises.ask(CONNECT, tenant.secret_key, input=wish))["done"]
    assert answer["__typename"] == "InvalidInput"
    assert "not-a-key" not in answer["message"]
    assert (await premises.ask("{ stores { nodes { id } } }", tenant.secret_key))["stores"]["nodes"] == []


async def test_a_shop_that_does_not_open_is_not_linked(premises: Premises) -> None:
    tenant = await premises.tenant()
    wish = _wish(premises.market, "shopify")
    wish["credentials"][0]["value"] = "shpat_of_somebody_who_guesses"
    answer = (await premises.ask(CONNECT, tenant.secret_key, input=wish))["done"]
    assert answer["__typename"] == "RemoteRefused"
    assert "shpat_of" not in answer["message"]
    assert (await premises.ask("{ stores { nodes { id } } }", tenant.secret_key))["stores"]["nodes"] == []


async def test_nobody_but_the_operator_says_who_answers_for_a_shop(premises: Premises) -> None:
    tenant, house = await premises.tenant(), premises.house
    strict = replace(house, settings=replace(house.settings, allow_private_stores=False))
    commands = FlowCommands(strict, tenant.merchant_id)
    url, credentials = premises.market.store_credentials("shopify")
    kept = {name: Secret(value) for name, value in credentials.items()}
    with pytest.raises(InvalidInput, match="operator"):
        await commands.connect_store(order=StoreOrder(StorePlatform.SHOPIFY, url, "", kept))


async def test_without_credentials_a_store_waits_for_its_merchant(premises: Premises, market: Market) -> None:
    tenant = await premises.tenant()
    wish = {"platform": "WOOCOMMERCE", "url": f"{market.url}/woocommerce", "name": "Bakery"}
    answer = (await premises.ask(CONNECT, tenant.secret_key, input=wish))["done"]
    assert answer["__typename"] == "ConnectStoreSuccess", answer
    assert answer["store"]["status"] == "PENDING"
    assert answer["authorizeUrl"].startswith(f"{market.url}/woocommerce/wc-auth/v1/authorize?")
    refused = (await premises.ask(SYNC, tenant.secret_key, id=answer["store"]["id"]))["done"]
    assert refused == {"__typename": "StateConflict", "message": "Bakery cannot be read: it is pending."}


async def test_a_link_says_what_is_wrong_with_it(premises: Premises, market: Market) -> None:
    tenant = await premises.tenant()
    store_id = (await _connected(premises, tenant))["store"]["id"]
    well = (await premises.ask(TEST, tenant.secret_key, id=store_id))["done"]
    assert _ills(well["checks"]) == []
    market.woocommerce.keys.consumer_secret = "cs_other"
    ill = (await premises.ask(TEST, tenant.secret_key, id=store_id))["done"]
    assert _ills(ill["checks"]) != []
    courier = await premises.link_courier(tenant)
    assert (await premises.ask(TEST, tenant.secret_key, id=courier))["done"]["checks"]


async def test_another_merchants_store_is_not_there(premises: Premises) -> None:
    tenant, stranger = await premises.tenant(), await premises.tenant("Shop next door")
    store_id = (await _connected(premises, tenant))["store"]["id"]
    for document in (SYNC, TEST):
        answer = (await premises.ask(document, stranger.secret_key, id=store_id))["done"]
        assert answer["__typename"] == "NotFound"
    assert (await premises.ask(STORE, stranger.secret_key, id=store_id))["store"] is None


async def test_what_nobody_needs_is_discarded_with_its_body(premises: Premises, market: Market) -> None:
    tenant = await premises.tenant()
    bad = market.order_at("woocommerce")
    market.forgeries["woocommerce"].edits[bad] = lambda order: order.update(currency="ZZZ")
    store_id = (await _connected(premises, tenant))["store"]["id"]
    await premises.ask(SYNC, tenant.secret_key, id=store_id)
    await premises.settle()
    waiting = await premises.ask(QUARANTINE, tenant.secret_key, stores=[store_id])
    (message,) = waiting["quarantine"]["nodes"]
    assert (message["externalId"], message["store"]["id"]) == (bad, store_id)
    assert "ZZZ" in message["rawBody"]
    elsewhere = await premises.ask(QUARANTINE, tenant.secret_key, stores=["sto_01jd0000000000000000000000"])
    assert elsewhere["quarantine"]["nodes"] == []
    done = (await premises.ask(DISCARD, tenant.secret_key, ids=[message["id"]]))["done"]
    assert done["messages"] == [{"id": message["id"], "status": "DISCARDED", "rawBody": None}]
    after = await premises.ask(QUARANTINE, tenant.secret_key, stores=[store_id])
    assert after["quarantine"]["nodes"] == []
    again = (await premises.ask(REPLAY, tenant.secret_key, ids=[message["id"]]))["done"]
    assert again["outcomes"] == [{"problem": {"code": "STATE_CONFLICT"}}]
