"""The app at the simulated shop: tokens, scopes, uninstallation, compliance, and webhooks on the wire."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.clock import WorldClock
from simulator.postman import Postman
from simulator.stores.shopify import FakeShopify
from simulator.stores.shopify.oauth import EXCHANGE, ID_TOKEN, OFFLINE
from tests.integration.connectors.shopify.conftest import ANA, CLIENT_SECRET, HOME, TEA, Serve
from tests.integration.connectors.shopify.simulator_asking import TOKEN, Asking

APP = {"client_id": "simulated-client-id", "client_secret": CLIENT_SECRET}
SHOP = "{ shop { id } }"


@pytest.fixture
async def asking(shop: FakeShopify, serve: Serve) -> AsyncIterator[Asking]:
    async with aiohttp.ClientSession() as session:
        yield Asking(await serve(shop.app), session)


@dataclass(slots=True)
class Letterbox:
    """Takes what the shop posts, and answers `status`."""

    status: int = 200
    letters: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        self.letters.append((dict(request.headers), await request.body()))
        return Response(status_code=self.status)

    def topics(self) -> list[str]:
        return [headers["x-shopify-topic"] for headers, _ in self.letters]

    def bodies(self, topic: str) -> list[Any]:
        return [json.loads(body) for headers, body in self.letters if headers["x-shopify-topic"] == topic]


@pytest.fixture
def box() -> Letterbox:
    return Letterbox()


@pytest.fixture
async def hook(box: Letterbox, serve: Serve) -> str:
    return f"{await serve(Starlette(routes=[Route('/hook', box.take, methods=['POST'])]))}/hook"


async def subscribe(asking: Asking, hook: str, *topics: str, **more: Any) -> None:
    for topic in topics:
        made = await asking.do(
            "webhookSubscriptionCreate",
            "webhookSubscription { id }",
            topic=("WebhookSubscriptionTopic!", topic),
            webhookSubscription=("WebhookSubscriptionInput!", {"uri": hook, **more}),
        )
        assert made["userErrors"] == []


async def exchange(
    asking: Asking, subject: str, kind: str = ID_TOKEN, **more: Any
) -> tuple[int, dict[str, Any]]:
    return await asking.token_for(
        **APP,
        grant_type=EXCHANGE,
        subject_token=subject,
        subject_token_type=kind,
        requested_token_type=OFFLINE,
        **more,
    )


async def refresh(asking: Asking, token: str) -> tuple[int, dict[str, Any]]:
    return await asking.token_for(**APP, grant_type="refresh_token", refresh_token=token)


async def works(asking: Asking, token: str) -> bool:
    status, _, _ = await replace(asking, token=token).raw(SHOP)
    return status == 200


async def test_the_app_home_carries_an_id_token_that_is_exchanged_for_a_pair(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    url = shop.installation.app_home_url("https://gateway.example.test/shopify")
    given = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert given["shop"] == shop.domain
    assert base64.b64decode(given["host"] + "==").decode() == "admin.shopify.com/store/corner-shop"
    head, body, signed = given["id_token"].split(".")
    digest = hmac.new(CLIENT_SECRET.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == signed
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    assert claims["aud"] == APP["client_id"]
    assert claims["iss"] == f"https://{shop.domain}/admin"
    assert claims["exp"] - claims["iat"] == 60
    status, pair = await exchange(asking, given["id_token"], expiring=1)
    assert status == 200
    assert (pair["expires_in"], pair["refresh_token_expires_in"]) == (3600, 90 * 86_400)
    assert set(pair["scope"].split(",")) == set(shop.scopes)
    assert await works(asking, pair["access_token"])
    clock.advance(3600)
    status, _, answer = await replace(asking, token=pair["access_token"]).raw(SHOP)
    assert status == 401
    assert answer == {
        "errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"
    }


async def test_an_id_token_that_is_old_or_forged_or_of_another_app_is_refused(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    token = shop.installation.id_token()
    forged = f"{token.rpartition('.')[0]}.{'x' * 43}"
    assert (await exchange(asking, forged))[0] == 400
    assert (await asking.token_for(client_id="other", client_secret="x", grant_type=EXCHANGE))[0] == 400
    clock.advance(60)
    status, answer = await exchange(asking, token)
    assert (status, answer["error"]) == (400, "invalid_subject_token")


async def test_without_expiring_the_token_is_the_one_that_the_shop_has(
    asking: Asking, shop: FakeShopify
) -> None:
    status, given = await exchange(asking, shop.installation.id_token())
    assert (status, given["access_token"]) == (200, TOKEN)
    assert "refresh_token" not in given


async def test_a_used_refresh_token_serves_until_its_replacement_is_used(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    _, first = await exchange(asking, shop.installation.id_token(), expiring=1)
    _, lost = await refresh(asking, first["refresh_token"])
    status, again = await refresh(asking, first["refresh_token"])
    assert status == 200, "the answer to the first try may have been lost"
    assert again["refresh_token"] != lost["refresh_token"]
    assert await works(asking, again["access_token"])
    _, third = await refresh(asking, again["refresh_token"])
    status, refused = await refresh(asking, first["refresh_token"])
    assert (status, refused["error"]) == (400, "invalid_grant")
    clock.advance(90 * 86_400)
    assert (await refresh(asking, third["refresh_token"]))[0] == 400


async def test_a_used_refresh_token_ends_after_thirty_days_in_any_case(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    _, first = await exchange(asking, shop.installation.id_token(), expiring=1)
    await refresh(asking, first["refresh_token"])
    clock.advance(30 * 86_400)
    assert (await refresh(asking, first["refresh_token"]))[0] == 400


async def test_an_old_token_is_migrated_once_and_is_gone(asking: Asking) -> None:
    status, pair = await exchange(asking, TOKEN, OFFLINE, expiring="1")
    assert status == 200
    assert await works(asking, pair["access_token"])
    assert not await works(asking, TOKEN)
    assert (await exchange(asking, TOKEN, OFFLINE, expiring="1"))[0] == 400


async def test_other_scopes_and_an_uninstallation_are_told_and_after_48_hours_the_shop_is_to_be_forgotten(
    asking: Asking, shop: FakeShopify, clock: WorldClock, postman: Postman, box: Letterbox, hook: str
) -> None:
    shop.installation.configure(hook)
    await subscribe(asking, hook, "ORDERS_CREATE")
    listed = await asking.data("{ webhookSubscriptions(first: 9) { nodes { topic } } }")
    assert listed["webhookSubscriptions"]["nodes"] == [{"topic": "ORDERS_CREATE"}]
    shop.installation.change_scopes({"read_orders"})
    shop.installation.uninstall()
    await postman.tick(clock.now())
    assert box.topics() == ["app/scopes_update", "app/uninstalled"]
    assert box.bodies("app/scopes_update")[0]["current"] == ["read_orders"]
    assert not await works(asking, TOKEN)
    shop.place_order(ANA, HOME, [TEA])
    clock.advance(48 * 3600)
    await shop.tick(clock.now())
    await postman.tick(clock.now())
    assert box.topics()[2:] == ["shop/redact"]
    assert box.bodies("shop/redact")[0]["shop_domain"] == shop.domain


async def test_people_may_ask_what_is_kept_and_be_forgotten(
    shop: FakeShopify, clock: WorldClock, postman: Postman, box: Letterbox, hook: str
) -> None:
    shop.installation.configure(hook)
    gid = shop.place_order(ANA, HOME, [TEA])
    shop.installation.request_data(gid)
    shop.installation.redact_customer(gid)
    await postman.tick(clock.now())
    assert box.topics() == ["customers/data_request", "customers/redact"]
    number = shop.orders[0].number
    assert box.bodies("customers/data_request")[0]["orders_requested"] == [number]
    redact = box.bodies("customers/redact")[0]
    assert (redact["orders_to_redact"], redact["customer"]["email"]) == ([number], ANA.email)
    assert shop.orders[0].address is None


async def test_letters_of_one_action_share_an_event_and_are_signed(
    asking: Asking, shop: FakeShopify, clock: WorldClock, postman: Postman, box: Letterbox, hook: str
) -> None:
    await subscribe(asking, hook, "ORDERS_UPDATED", "FULFILLMENTS_CREATE", "ORDERS_FULFILLED")
    gid = shop.place_order(ANA, HOME, [TEA])
    clock.advance(5)
    shop.settle(clock.now())
    await postman.tick(clock.now())
    box.letters.clear()
    shop.ship(gid)
    await postman.tick(clock.now())
    assert sorted(box.topics()) == ["fulfillments/create", "orders/fulfilled", "orders/updated"]
    assert len({headers["x-shopify-event-id"] for headers, _ in box.letters}) == 1
    assert len({headers["x-shopify-webhook-id"] for headers, _ in box.letters}) == 3
    for headers, body in box.letters:
        digest = hmac.new(CLIENT_SECRET.encode(), body, hashlib.sha256).digest()
        assert headers["x-shopify-hmac-sha256"] == base64.b64encode(digest).decode()
    [order] = box.bodies("orders/updated")
    assert order["updated_at"].endswith("-05:00"), "the shop's own zone"
    assert order["fulfillment_status"] == "fulfilled"


async def test_moves_splits_holds_and_refunds_are_told_in_the_shapes_that_shopify_publishes(
    asking: Asking, shop: FakeShopify, clock: WorldClock, postman: Postman, box: Letterbox, hook: str
) -> None:
    await subscribe(
        asking,
        hook,
        "FULFILLMENT_ORDERS_MOVED",
        "FULFILLMENT_ORDERS_SPLIT",
        "FULFILLMENT_ORDERS_MERGED",
        "FULFILLMENT_ORDERS_PLACED_ON_HOLD",
        "FULFILLMENT_ORDERS_HOLD_RELEASED",
        "ORDERS_EDITED",
        "REFUNDS_CREATE",
        "LOCATIONS_DEACTIVATE",
        "RETURNS_APPROVE",
    )
    gid = shop.place_order(ANA, HOME, [TEA])
    clock.advance(5)
    shop.settle(clock.now())
    [unit] = shop.orders[0].units
    shop.move_unit(unit.gid, shop.places[1])
    part = shop.split_unit(unit.gid, {0: 1})
    shop.merge_units([unit.gid, part.gid])
    shop.hold_unit(unit.gid, "INCORRECT_ADDRESS")
    shop.release_unit(unit.gid)
    shop.remove_pieces(gid, line=0, pieces=1)
    shop.ship(gid)
    shop.start_return(gid, {0: 1})
    shop.refund(gid, {0: 1}, "RETURN")
    shop.set_place_active(shop.places[0], False)
    await postman.tick(clock.now())
    [moved] = box.bodies("fulfillment_orders/moved")
    assert moved["original_fulfillment_order"]["id"] == moved["moved_fulfillment_order"]["id"] == unit.gid
    assert moved["destination_location_id"] == shop.places[1].gid
    [split] = box.bodies("fulfillment_orders/split")
    assert split["remaining_fulfillment_order"] == {"id": part.gid, "status": "open"}
    [merged] = box.bodies("fulfillment_orders/merged")
    assert merged["fulfillment_order_merges"]["fulfillment_order"]["id"] == unit.gid
    [held] = box.bodies("fulfillment_orders/placed_on_hold")
    assert held["created_fulfillment_hold"]["reason"] == "incorrect_address"
    assert box.bodies("fulfillment_orders/hold_released") == [
        {"fulfillment_order": {"id": unit.gid, "status": "open"}}
    ]
    [edited] = box.bodies("orders/edited")
    assert edited["order_edit"]["line_items"]["removals"] == [
        {"id": shop.orders[0].lines[0].number, "delta": 1}
    ]
    [refund] = box.bodies("refunds/create")
    assert refund["order_id"] == shop.orders[0].number
    assert refund["refund_line_items"][0]["restock_type"] == "return"
    assert box.bodies("locations/deactivate")[0]["active"] is False
    assert box.bodies("returns/approve")[0]["order"]["admin_graphql_api_id"] == gid


async def test_next_generation_events_say_only_what_changed_and_where(
    asking: Asking, shop: FakeShopify, clock: WorldClock, postman: Postman, box: Letterbox, hook: str
) -> None:
    shop.mailroom.own.uses_events = True
    await subscribe(asking, hook, "ORDERS_CREATE", name="doorstep-orders")
    gid = shop.place_order(ANA, HOME, [TEA])
    await postman.tick(clock.now())
    [(headers, body)] = box.letters
    assert not [name for name in headers if name.startswith("x-shopify")]
    assert (headers["shopify-topic"], headers["shopify-action"]) == ("Order", "create")
    assert headers["shopify-handle"] == "doorstep-orders"
    assert json.loads(body)["query_variables"] == {"orderId": gid}
    digest = hmac.new(CLIENT_SECRET.encode(), body, hashlib.sha256).digest()
    assert headers["shopify-hmac-sha256"] == base64.b64encode(digest).decode()


async def test_some_letters_get_lost_and_equal_ones_are_left_out(
    asking: Asking, shop: FakeShopify, clock: WorldClock, postman: Postman, box: Letterbox, hook: str
) -> None:
    await subscribe(asking, hook, "ORDERS_CREATE", "ORDERS_UPDATED", includeFields=["id"])
    shop.mailroom.own.drop_probability = 0.5
    for _ in range(40):
        shop.place_order(ANA, HOME, [TEA])
    await postman.tick(clock.now())
    assert len(box.letters) + shop.mailroom.dropped["ORDERS_CREATE"] == 40
    assert 10 < len(box.letters) < 30
    box.letters.clear()
    shop.mailroom.own.drop_probability = 0.0
    shop.mailroom.own.debounce_s = 60
    for _ in range(3):
        shop.edit_address(shop.orders[0].gid, HOME)
    await postman.tick(clock.now())
    assert box.bodies("orders/updated") == [{"id": shop.orders[0].number}]


async def test_after_a_rotation_both_secrets_sign_for_an_hour(
    asking: Asking, shop: FakeShopify, clock: WorldClock, postman: Postman, box: Letterbox, hook: str
) -> None:
    await subscribe(asking, hook, "ORDERS_CREATE")
    shop.mailroom.rotate_secret("fresh")

    async def signers() -> set[str]:
        box.letters.clear()
        for _ in range(20):
            shop.place_order(ANA, HOME, [TEA])
        await postman.tick(clock.now())
        return {
            secret
            for headers, body in box.letters
            for secret in (CLIENT_SECRET, "fresh")
            if base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
            == headers["x-shopify-hmac-sha256"]
        }

    assert await signers() == {CLIENT_SECRET, "fresh"}
    clock.advance(3600)
    assert await signers() == {"fresh"}


async def test_a_subscription_of_the_apps_configuration_outlives_failures(
    shop: FakeShopify, clock: WorldClock, postman: Postman, box: Letterbox, hook: str
) -> None:
    box.status = 500
    shop.installation.configure(hook, ("ORDERS_CREATE",))
    shop.place_order(ANA, HOME, [TEA])
    for _ in range(12):
        await postman.tick(clock.now())
        clock.advance(7300)
    assert len(box.letters) == 9
    assert len({headers["x-shopify-webhook-id"] for headers, _ in box.letters}) == 1
    assert "ORDERS_CREATE" in {record.topic for record in shop.subscriptions}
