"""Who may ask what, over HTTP: tenants, tracking links and the pages of a shop."""

from __future__ import annotations

from typing import Any

from tests.integration.app.market import HOME, Market
from tests.integration.app.premises import SHOP_PAGE, Premises, Tenant

EVERYTHING = """
{
  orders { nodes { id fulfillmentOrders { id } } }
  deliveries { nodes { id } }
  quarantine { nodes { id } }
  stores { nodes { id } }
  locations { nodes { id } }
}
"""
BY_ID = {
    "order": "query ($id: ID!) { found: order(id: $id) { id } }",
    "fulfillmentOrder": "query ($id: ID!) { found: fulfillmentOrder(id: $id) { id } }",
    "delivery": "query ($id: ID!) { found: delivery(id: $id) { id } }",
}
NODE = "query ($id: ID!) { found: node(id: $id) { id } }"
CANCEL = """
mutation ($input: CancelDeliveryInput!) {
  done: cancelDelivery(input: $input) { __typename ... on NotFound { missingId } }
}
"""
TOKEN = """
mutation ($input: CreateTrackingTokenInput!) {
  done: createTrackingToken(input: $input) {
    __typename
    ... on CreateTrackingTokenSuccess { token url expiresAt }
    ... on NotFound { missingId path }
  }
}
"""
REPLAY = """
mutation ($input: ReplayQuarantinedInput!) {
  done: replayQuarantined(input: $input) { __typename ... on NotFound { missingId path } }
}
"""
TRACKING = """
query ($token: TrackingToken) {
  tracking(token: $token) {
    __typename
    ... on Tracking {
      id stage positionHidden
      position { location { latitude } } eta { at } courier { displayName }
      destination { latitude longitude }
    }
    ... on TokenRejected { code expiredAt }
  }
}
"""


async def delivered_order(premises: Premises, market: Market, tenant: Tenant) -> str:
    """Link a shop and a courier, place an order; gives the id of its delivery."""
    await premises.link_store(tenant, "woocommerce")
    await premises.link_courier(tenant)
    market.order_at("woocommerce")
    await premises.tick()
    data = await premises.ask("{ deliveries { nodes { id } } }", tenant.secret_key)
    (delivery,) = data["deliveries"]["nodes"]
    return str(delivery["id"])


async def test_a_key_of_one_merchant_opens_nothing_of_another(premises: Premises, market: Market) -> None:
    # Given a merchant with an order, a delivery and something in quarantine
    tenant, neighbour = await premises.tenant(), await premises.tenant("Shop next door")
    delivery_id = await delivered_order(premises, market, tenant)
    broken = market.order_at("woocommerce")
    market.forgeries["woocommerce"].edits[broken] = lambda order: order.update(currency="ZZZ")
    await premises.tick()
    mine = await premises.ask(EVERYTHING, tenant.secret_key)
    assert all(connection["nodes"] for connection in mine.values())
    (order,), (message,) = mine["orders"]["nodes"], mine["quarantine"]["nodes"]
    (store,), (location,) = mine["stores"]["nodes"], mine["locations"]["nodes"]
    ids = {
        "order": order["id"],
        "fulfillmentOrder": order["fulfillmentOrders"][0]["id"],
        "delivery": delivery_id,
    }

    # Then the neighbour's key lists nothing of it, though it lists its own place
    theirs = await premises.ask(EVERYTHING, neighbour.secret_key)
    assert [row["id"] for row in theirs.pop("locations")["nodes"]] == [neighbour.location_id]
    assert all(connection["nodes"] == [] for connection in theirs.values())

    # And finds nothing by its ids, which its owner does
    for name, id_ in ids.items():
        assert (await premises.ask(BY_ID[name], tenant.secret_key, id=id_))["found"] == {"id": id_}
        assert (await premises.ask(BY_ID[name], neighbour.secret_key, id=id_))["found"] is None
        assert (await premises.ask(NODE, tenant.secret_key, id=id_))["found"] == {"id": id_}
    for id_ in (*ids.values(), store["id"], location["id"]):
        answer = await premises.answer(NODE, neighbour.secret_key, id=id_)
        assert answer.get("data", {}).get("found") is None, answer

    # And changes nothing
    cancel: dict[str, object] = {
        "idempotencyKey": "of-the-neighbour",
        "deliveryId": delivery_id,
        "reason": "FRAUD",
    }
    writes: list[tuple[str, dict[str, object], str]] = [
        (CANCEL, cancel, delivery_id),
        (TOKEN, {"deliveryId": delivery_id}, delivery_id),
        (REPLAY, {"ids": [message["id"]]}, message["id"]),
    ]
    for mutation, wish, missing in writes:
        done = (await premises.ask(mutation, neighbour.secret_key, input=wish))["done"]
        assert (done["__typename"], done["missingId"]) == ("NotFound", missing)
    live = "{ deliveries { nodes { id status } } }"
    (delivery,) = (await premises.ask(live, tenant.secret_key))["deliveries"]["nodes"]
    assert delivery["status"] not in {"CANCELLED", "FAILED"}


async def test_a_tracking_link_opens_one_delivery_until_it_ends(premises: Premises, market: Market) -> None:
    # Given the link of a delivery, another delivery beside it, and another merchant
    tenant, neighbour = await premises.tenant(), await premises.tenant("Shop next door")
    delivery_id = await delivered_order(premises, market, tenant)
    market.order_at("woocommerce")
    await premises.tick()
    nodes = (await premises.ask("{ deliveries { nodes { id } } }", tenant.secret_key))["deliveries"]["nodes"]
    (other_id,) = {node["id"] for node in nodes} - {delivery_id}
    link = await token(premises, tenant, delivery_id)

    # Then its page is served, and tells nobody where it was reached from
    assert link["url"] == f"{premises.url}/track/{link['token']}"
    async with premises.session.get(link["url"]) as page:
        assert (page.status, page.headers["Referrer-Policy"]) == (200, "no-referrer")

    # And the token shows that delivery, from far off, and nothing else
    shown = (await premises.ask(TRACKING, link["token"]))["tracking"]
    assert (shown["id"], shown["__typename"]) == (delivery_id, "Tracking")
    assert HOME.location is not None
    assert shown["destination"] is None or shown["destination"]["latitude"] == round(HOME.location.lat, 3)
    foreign = (await premises.ask(TRACKING, neighbour.publishable_key, token=link["token"]))["tracking"]
    assert (foreign["__typename"], foreign["code"]) == ("TokenRejected", "TOKEN_INVALID")
    for query in (BY_ID["delivery"], BY_ID["order"], NODE):
        refused = await premises.answer(query, link["token"], id=other_id)
        assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    # And once the courier is on the way, the map shows where
    await live_until(premises, link["token"], "ON_THE_WAY")
    seen = (await premises.ask(TRACKING, link["token"]))["tracking"]
    assert (seen["positionHidden"], seen["position"] is None) == (None, False)

    # And when it is over, neither map nor courier
    await live_until(premises, link["token"], "DELIVERED")
    over = (await premises.ask(TRACKING, link["token"]))["tracking"]
    assert (over["positionHidden"], over["position"], over["courier"], over["eta"]) == (
        "FINISHED",
        None,
        None,
        None,
    )

    # And when its time is up, nothing
    market.clock.advance(48 * 3600)
    answer = await premises.answer(TRACKING, link["token"])
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    rejected = (await premises.ask(TRACKING, tenant.publishable_key, token=link["token"]))["tracking"]
    assert (rejected["__typename"], rejected["code"]) == ("TokenRejected", "TOKEN_EXPIRED")
    bent = link["token"][:-1] + ("A" if link["token"][-1] != "A" else "B")
    answer = await premises.answer(TRACKING, bent)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_publishable_key_works_on_the_pages_it_was_made_for(premises: Premises) -> None:
    tenant = await premises.tenant()
    elsewhere = "https://shop.example.evil.example"
    asked = [
        (tenant.publishable_key, SHOP_PAGE, 200, SHOP_PAGE),
        (tenant.publishable_key, None, 200, None),
        (tenant.publishable_key, elsewhere, 403, "*"),
        (tenant.publishable_key, "http://shop.example", 403, "*"),
        (tenant.publishable_key, "null", 403, "*"),
        (tenant.publishable_key, premises.url, 200, premises.url),
        ("pk_live_nobody", SHOP_PAGE, 401, "*"),
    ]
    for key, origin, status, allowed in asked:
        headers = {"Authorization": f"Bearer {key}"} | ({"Origin": origin} if origin else {})
        body = {"query": "{ viewer { audience } }"}
        async with premises.session.post(f"{premises.url}/graphql", json=body, headers=headers) as response:
            assert response.status == status, origin
            assert response.headers.get("Access-Control-Allow-Origin") == allowed
            assert "Access-Control-Allow-Credentials" not in response.headers
    question = {"Origin": elsewhere, "Access-Control-Request-Method": "POST"}
    async with premises.session.options(f"{premises.url}/graphql", headers=question) as preflight:
        assert (preflight.status, preflight.headers["Access-Control-Allow-Origin"]) == (204, "*")

    # A page that shows the key to everybody must not give the merchant's orders away.
    answer = await premises.answer("{ orders { nodes { id } } }", tenant.publishable_key)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def token(premises: Premises, tenant: Tenant, delivery_id: str) -> dict[str, Any]:
    """A link for a day."""
    wish = {"deliveryId": delivery_id, "lifetimeSeconds": 86_400}
    done = (await premises.ask(TOKEN, tenant.secret_key, input=wish))["done"]
    assert done["__typename"] == "CreateTrackingTokenSuccess"
    return dict(done)


async def live_until(premises: Premises, credential: str, stage: str) -> None:
    """Let the courier drive, a minute at a time."""
    for _ in range(180):
        if (await premises.ask(TRACKING, credential))["tracking"]["stage"] == stage:
            return
        await premises.tick(60)
    raise AssertionError(f"never {stage}")
