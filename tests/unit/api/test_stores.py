"""Stores over GraphQL: how they are shown, and what their mutations ask of the commands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.errors import InvalidInput, StateConflict
from doorstep.health import HealthCheck
from doorstep.order import LinkStatus, StorePlatform
from gateway.api.ports import records as r
from gateway.auth.caller import Scope
from gateway.flow.records import QuarantineStatus, ReportStatus, StoreSync
from tests.unit.api import world as w
from tests.unit.api.conftest import Run
from tests.unit.api.fakes import House, publishable, secret

STORE = """query($id: ID!) { store(id: $id) {
  name platform url status scopes syncedUntil lastSyncedAt awaySince problem reportsWaiting reportsRefused
} }"""
CONNECT = """mutation($in: ConnectStoreInput!) { connectStore(input: $in) {
  ... on ConnectStoreSuccess { store { id status } authorizeUrl checks { name passed fault text } }
  ... on InvalidInput { path }
} }"""


async def test_a_store_is_shown_with_how_far_it_is_read_and_what_it_was_told(run: Run) -> None:
    result = await run(STORE, None, id=w.STORE.id)
    assert result.errors is None
    assert result.data is not None
    assert result.data["store"] == {
        "name": "Shop",
        "platform": "WOOCOMMERCE",
        "url": "https://shop.example",
        "status": "CONNECTED",
        "scopes": [],
        "syncedUntil": "2026-11-22T09:28:00.000Z",
        "lastSyncedAt": "2026-11-22T09:30:00.000Z",
        "awaySince": None,
        "problem": None,
        "reportsWaiting": 3,
        "reportsRefused": 0,
    }


async def test_a_store_that_is_away_says_since_when_and_what_it_answers(run: Run, house: House) -> None:
    away = StoreSync(
        w.STORE.id, w.MERCHANT.id, away_since=w.NOW, problem_text="It answers with a login page."
    )
    house.reads.things["store_syncs"][w.STORE.id] = away
    house.reads.things["report_counts"][w.STORE.id] = {ReportStatus.REFUSED: 2}
    result = await run(STORE, None, id=w.STORE.id)
    assert result.data is not None
    store = result.data["store"]
    assert (store["awaySince"], store["problem"]) == (
        "2026-11-22T09:30:00.000Z",
        "It answers with a login page.",
    )
    assert (store["reportsWaiting"], store["reportsRefused"]) == (0, 2)


async def test_a_store_that_was_never_read_is_shown_all_the_same(run: Run, house: House) -> None:
    house.reads.things["store_syncs"].clear()
    house.reads.things["report_counts"].clear()
    result = await run("{ stores { nodes { syncedUntil lastSyncedAt problem reportsWaiting } } }", None)
    assert result.data is not None
    (store,) = result.data["stores"]["nodes"]
    assert store == {"syncedUntil": None, "lastSyncedAt": None, "problem": None, "reportsWaiting": 0}


async def test_many_stores_are_asked_about_at_once(run: Run, house: House) -> None:
    for number in range(2, 5):
        store = replace(w.STORE, id=w.id_of("sto", number))
        house.reads.things["stores"][store.id] = store
    await run("{ stores { nodes { syncedUntil problem reportsWaiting reportsRefused } } }", None)
    assert (house.reads.calls["store_syncs"], house.reads.calls["report_counts"]) == (1, 1)


async def test_a_store_is_linked_with_credentials_that_nobody_prints(run: Run, house: House) -> None:
    found = HealthCheck("webhooks", passed=False, text="One is missing.", fault="webhook_missing")
    house.commands.answers["connect_store"] = r.LinkedStore(w.STORE, checks=(found,))
    pairs = [{"name": "consumer_key", "value": "ck_1"}, {"name": "consumer_secret", "value": "cs_1"}]
    given = {"platform": "WOOCOMMERCE", "url": "https://shop.example", "credentials": pairs}
    result = await run(CONNECT, None, **{"in": given})
    assert result.errors is None
    assert result.data is not None
    answer = result.data["connectStore"]
    assert answer["store"] == {"id": w.STORE.id, "status": "CONNECTED"}
    assert answer["authorizeUrl"] is None
    assert answer["checks"] == [
        {"name": "webhooks", "passed": False, "fault": "webhook_missing", "text": "One is missing."}
    ]
    order = house.commands.asked[0][1]["order"]
    assert order.credentials["consumer_key"].reveal() == "ck_1"
    assert "ck_1" not in repr(order)


async def test_without_credentials_the_merchant_is_sent_to_say_yes(run: Run, house: House) -> None:
    waiting = replace(w.STORE, status=LinkStatus.PENDING)
    house.commands.answers["connect_store"] = r.LinkedStore(waiting, "https://shop.example/wc-auth")
    given = {"platform": "WOOCOMMERCE", "url": "https://shop.example", "name": "  My shop "}
    result = await run(CONNECT, None, **{"in": given})
    assert result.data is not None
    answer = result.data["connectStore"]
    assert answer["store"]["status"] == "PENDING"
    assert (answer["authorizeUrl"], answer["checks"]) == ("https://shop.example/wc-auth", [])
    assert house.commands.asked[0][1]["order"] == r.StoreOrder(
        StorePlatform.WOOCOMMERCE, "https://shop.example", "My shop"
    )


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"platform": "OTHER"}, ["input", "platform"]),
        ({"credentials": [{"name": " ", "value": "x"}]}, ["input", "credentials", "0", "name"]),
        (
            {"credentials": [{"name": "a", "value": "x"}, {"name": "a", "value": "y"}]},
            ["input", "credentials", "1", "name"],
        ),
        ({"locationId": w.STORE.id}, ["input", "locationId"]),
        ({"credentials": [{"name": "a", "value": "x"}] * 11}, ["input", "credentials"]),
    ],
)
async def test_a_store_that_makes_no_sense_is_not_linked(
    run: Run, house: House, change: dict[str, object], path: list[str]
) -> None:
    given = {"platform": "WOOCOMMERCE", "url": "https://shop.example", **change}
    result = await run(CONNECT, None, **{"in": given})
    assert result.data == {"connectStore": {"path": path}}
    assert house.commands.asked == []


async def test_what_linking_refuses_is_a_problem_of_the_input(run: Run, house: House) -> None:
    house.commands.answers["connect_store"] = InvalidInput("It is linked already.", path=("url",))
    given = {"platform": "SHOPIFY", "url": "https://a.myshopify.com"}
    result = await run(CONNECT, None, **{"in": given})
    assert result.data == {"connectStore": {"path": ["url"]}}


async def test_a_store_is_read_soon_unless_it_cannot_be(run: Run, house: House) -> None:
    document = """mutation($id: ID!) { syncStore(input: {storeId: $id, full: true}) {
      ... on SyncStoreSuccess { store { id } } ... on StateConflict { message } } }"""
    house.commands.answers["sync_store"] = w.STORE
    result = await run(document, secret(Scope.OPERATE), id=w.STORE.id)
    assert result.data == {"syncStore": {"store": {"id": w.STORE.id}}}
    assert house.commands.asked == [("sync_store", {"store_id": w.STORE.id, "is_full": True})]
    house.commands.answers["sync_store"] = StateConflict("Shop cannot be read.", current_id=w.STORE.id)
    refused = await run(document, secret(Scope.OPERATE), id=w.STORE.id)
    assert refused.data == {"syncStore": {"message": "Shop cannot be read."}}


async def test_a_link_is_tested_by_the_id_of_a_store_or_an_account_and_nothing_else(
    run: Run, house: House
) -> None:
    document = """mutation($id: ID!) { testLink(input: {id: $id}) {
      ... on TestLinkSuccess { checks { passed } } ... on InvalidInput { path } } }"""
    house.commands.answers["test_link"] = (HealthCheck("link", passed=True, text="Fine."),)
    for id_ in (w.STORE.id, w.id_of("acc")):
        result = await run(document, None, id=id_)
        assert result.data == {"testLink": {"checks": [{"passed": True}]}}
    refused = await run(document, None, id=w.ORDER.id)
    assert refused.data == {"testLink": {"path": ["input", "id"]}}


async def test_messages_are_discarded_once_each(run: Run, house: House) -> None:
    gone = replace(w.MESSAGE, status=QuarantineStatus.DISCARDED, raw_body="")
    house.commands.answers["discard_quarantined"] = (gone,)
    document = """mutation($ids: [ID!]!) { discardQuarantined(input: {ids: $ids}) {
      ... on DiscardQuarantinedSuccess { messages { id status rawBody } } } }"""
    result = await run(document, None, ids=[w.MESSAGE.id, w.MESSAGE.id])
    assert result.data == {
        "discardQuarantined": {"messages": [{"id": w.MESSAGE.id, "status": "DISCARDED", "rawBody": None}]}
    }
    assert house.commands.asked == [("discard_quarantined", {"ids": (w.MESSAGE.id,)})]


@pytest.mark.parametrize(
    ("mutation", "scope"),
    [
        ('connectStore(input: {platform: SHOPIFY, url: "https://a.example"})', Scope.ADMINISTER),
        (f'syncStore(input: {{storeId: "{w.STORE.id}"}})', Scope.OPERATE),
        (f'testLink(input: {{id: "{w.STORE.id}"}})', Scope.CONFIGURE),
        (f'discardQuarantined(input: {{ids: ["{w.MESSAGE.id}"]}})', Scope.OPERATE),
    ],
    ids=["connect", "sync", "test", "discard"],
)
async def test_each_needs_its_scope_and_no_storefront_has_it(run: Run, mutation: str, scope: Scope) -> None:
    document = f"mutation {{ {mutation} {{ __typename }} }}"
    for caller in (publishable(), secret(Scope.READ)):
        result = await run(document, caller)
        assert result.errors is not None
        assert (result.errors[0].extensions or {})["code"] == "FORBIDDEN"
    assert scope.value in str((await run(document, secret(Scope.READ))).errors)
