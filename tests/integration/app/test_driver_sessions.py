"""A driver's session over HTTP and over a socket: the own tours, until it ends, and nothing else."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from doorstep.ids import new_id
from doorstep.route import Route
from doorstep.thread import thread_of
from gateway.bootstrap.accounts import add_key
from gateway.store import tables as t
from tests.integration.app.market import Market
from tests.integration.app.premises import Premises, Tenant
from tests.integration.app.test_route_files import keep_plan

SIGN_IN = """mutation($in: CreateDriverSessionInput!) { done: createDriverSession(input: $in) { __typename
  ... on CreateDriverSessionSuccess { token session { id hint expiresAt } }
  ... on StateConflict { currentVersion } ... on Problem { code message path } } }"""
SIGN_OUT = """mutation($in: EndDriverSessionsInput!) { done: endDriverSessions(input: $in) { __typename
  ... on EndDriverSessionsSuccess { ended driver { name } } ... on Problem { code path } } }"""
DROP = """mutation($in: DropDriverInput!) { done: dropDriver(input: $in) { __typename } }"""
DISABLE = """mutation($in: SaveDriverInput!) { done: saveDriver(input: $in) { __typename
  ... on Problem { message } } }"""
ME = """{ viewer { audience expiresAt driver { id name currentRoute { id
  stops { sequence address { name } deliveries { reference } } } } } }"""
ROUTE = "query($id: ID!) { route(id: $id) { id } }"
WRITE = "mutation($in: SendMessageInput!) { sendMessage(input: $in) { __typename } }"
UNREAD = (
    """subscription { routeUpdated { kind route { stops { deliveries { thread { unreadCount } } } } } }"""
)
TOURS = "subscription { routeUpdated { kind route { id driver { name } } } }"
CLOSED = (
    "{ drivers { nodes { id } } }",
    "{ deliveries { nodes { id } } }",
    "{ orders { nodes { id } } }",
    "{ routes { nodes { id } } }",
    "{ viewer { driver { costs { fixedCost { amount } } } } }",
)


async def signed_in(premises: Premises, tenant: Tenant, driver_id: str, **more: object) -> dict[str, Any]:
    """A session of a driver, as the desk makes it."""
    wish = {"driverId": driver_id, **more}
    return dict((await premises.ask(SIGN_IN, tenant.secret_key, **{"in": wish}))["done"])


async def refusal(premises: Premises, token: str) -> tuple[int, str, str]:
    """Status, code and message of what a token gets that opens nothing."""
    headers = {"Authorization": f"Bearer {token}"}
    async with premises.session.post(
        f"{premises.url}/graphql", json={"query": ME}, headers=headers
    ) as response:
        (error,) = (await response.json())["errors"]
        return response.status, error["extensions"]["code"], error["message"]


async def test_a_driver_sees_the_own_tours_and_nothing_else(premises: Premises, market: Market) -> None:
    tenant, neighbour = await premises.tenant(), await premises.tenant("Shop next door")
    _, route = await keep_plan(premises.house, tenant)
    bobs = await anothers(premises, tenant, route)
    made = await signed_in(premises, tenant, route.driver_id, lifetimeSeconds=3600)
    assert made["token"].startswith("dk_live_")
    assert made["session"]["hint"] == f"dk_live_…{made['token'][-4:]}"

    seen = (await premises.ask(ME, made["token"]))["viewer"]
    assert (seen["audience"], seen["expiresAt"]) == ("DRIVER", made["session"]["expiresAt"])
    assert (seen["driver"]["id"], seen["driver"]["name"]) == (route.driver_id, "Ann")
    (stop,) = seen["driver"]["currentRoute"]["stops"]
    assert (stop["address"]["name"], stop["deliveries"]) == ("Canary Jones", [{"reference": "#1001"}])

    assert (await premises.ask(ROUTE, made["token"], id=route.id))["route"] == {"id": route.id}
    assert (await premises.ask(ROUTE, made["token"], id=bobs.id))["route"] is None
    for query in CLOSED:
        (error,) = (await premises.answer(query, made["token"]))["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN", query
    (error,) = (await premises.answer(SIGN_IN, made["token"], **{"in": {"driverId": route.driver_id}}))[
        "errors"
    ]
    assert error["extensions"]["code"] == "FORBIDDEN"
    async with premises.session.get(
        f"{premises.url}/routes/{route.id}.csv", headers={"Authorization": f"Bearer {made['token']}"}
    ) as response:
        assert response.status in {401, 403}

    unknown = await signed_in(premises, neighbour, route.driver_id)
    assert (unknown["code"], unknown["path"]) == ("NOT_FOUND", ["input", "driverId"])
    done = (await premises.ask(SIGN_OUT, neighbour.secret_key, **{"in": {"driverId": route.driver_id}}))[
        "done"
    ]
    assert (done["__typename"], done["path"]) == ("NotFound", ["input", "driverId"])
    too_long = await signed_in(premises, tenant, route.driver_id, lifetimeSeconds=8 * 86_400)
    assert (too_long["code"], too_long["path"]) == ("INVALID_INPUT", ["input", "lifetimeSeconds"])

    async with premises.house.database.tenant(tenant.merchant_id) as connection:
        (row,) = (await connection.execute(t.driver_sessions.select())).mappings()
    assert made["token"] not in str(dict(row))

    market.clock.advance(3600)
    assert await refusal(premises, made["token"]) == (
        401,
        "UNAUTHENTICATED",
        "This credential has expired.",
    )


@pytest.mark.parametrize("how", ["signed out", "dropped", "disabled"])
async def test_a_session_ends_before_its_time(premises: Premises, how: str) -> None:
    tenant = await premises.tenant()
    _, route = await keep_plan(premises.house, tenant)
    tokens = [(await signed_in(premises, tenant, route.driver_id))["token"] for _ in range(2)]
    driver: dict[str, object] = {"driverId": route.driver_id}
    if how == "signed out":
        done = (await premises.ask(SIGN_OUT, tenant.secret_key, **{"in": driver}))["done"]
        assert done == {"__typename": "EndDriverSessionsSuccess", "ended": 2, "driver": {"name": "Ann"}}
    elif how == "dropped":
        await premises.ask(DROP, tenant.secret_key, **{"in": driver})
    else:
        wish = {
            "id": route.driver_id, "expectedVersion": 1, "name": "Ann", "enabled": False,
            "depotId": tenant.location_id, "shiftStart": "06:00", "shiftEnd": "22:00",
            "vehicle": {"capacityGrams": 9000},
        }  # fmt: skip
        done = (await premises.ask(DISABLE, tenant.secret_key, **{"in": wish}))["done"]
        assert done["__typename"] == "SaveDriverSuccess", done
        again = await signed_in(premises, tenant, route.driver_id)
        assert (again["code"], again["currentVersion"]) == ("STATE_CONFLICT", 2)
    for token in tokens:
        status, code, text = await refusal(premises, token)
        assert (status, code) == (401, "UNAUTHENTICATED")
        assert text == "This driver's session is unknown or was ended; ask for a new one."
    bent = tokens[0][:-1] + ("A" if tokens[0][-1] != "A" else "B")
    assert (await refusal(premises, bent))[2] == "This is no key of ours: it is mistyped or cut short."


async def test_a_driver_follows_the_own_tours_live(premises: Premises) -> None:
    tenant = await premises.tenant()
    _, route = await keep_plan(premises.house, tenant)
    await anothers(premises, tenant, route)
    made = await signed_in(premises, tenant, route.driver_id)
    async with subscribed(premises, made["token"], TOURS) as socket:
        first = await heard(socket)
        assert first == {"kind": "SNAPSHOT", "route": {"id": route.id, "driver": {"name": "Ann"}}}
        assert (await heard(socket))["kind"] == "CHECKPOINT"
        async with premises.house.means.begin(tenant.merchant_id) as work:
            await work.routes.put_route(replace(route, version=route.version + 1))
            work.announce("route", route.id)
        assert await heard(socket) == {**first, "kind": "CHANGE"}


async def test_a_driver_hears_live_that_somebody_wrote(premises: Premises) -> None:
    tenant = await premises.tenant()
    _, route = await keep_plan(premises.house, tenant)
    (stop,) = route.stops
    async with premises.house.means.begin(tenant.merchant_id) as work:
        delivery = await work.deliveries.get(stop.delivery_id)
        assert delivery is not None
        await work.deliveries.put(replace(delivery, driver_id=route.driver_id))
    made = await signed_in(premises, tenant, route.driver_id)
    async with subscribed(premises, made["token"], UNREAD) as socket:
        assert unread(await heard(socket)) == 0
        assert (await heard(socket))["kind"] == "CHECKPOINT"
        thread = {"threadId": thread_of(stop.delivery_id), "idempotencyKey": "desk-0001"}
        wish = {**thread, "body": "Are you well?", "to": "DRIVER"}
        await premises.ask(WRITE, tenant.secret_key, **{"in": wish})
        assert unread(await heard(socket)) == 1


def unread(update: Any) -> int:
    """Messages that the driver has not seen, on the only stop."""
    (stop,) = update["route"]["stops"]
    (goods,) = stop["deliveries"]
    return int(goods["thread"]["unreadCount"])


async def test_the_drivers_page_posts_places_with_the_session_until_it_ends(
    premises: Premises, market: Market
) -> None:
    tenant = await premises.tenant()
    _, route = await keep_plan(premises.house, tenant)
    made = await signed_in(premises, tenant, route.driver_id, lifetimeSeconds=3600)
    other = await signed_in(premises, tenant, route.driver_id)

    async def post(token: str) -> tuple[int, Any]:
        at = market.clock.now().timestamp()
        fix = {"sequence": 1, "lat": 40.73, "lng": -73.98, "recorded_at": at}
        async with premises.session.post(
            f"{premises.url}/positions",
            json={"device_id": "page", "positions": [fix]},
            headers={"Authorization": f"Bearer {token}"},
        ) as response:
            return response.status, await response.json()

    assert await post(made["token"]) == (200, {"taken": 1, "ignored": []})
    async with premises.house.means.begin(tenant.merchant_id) as work:
        (known,) = (await work.positions.lock_heard({route.driver_id})).values()
    assert known.position is not None
    assert known.position.location.lat == 40.73
    market.clock.advance(3600)
    assert (await post(made["token"]))[0] == 401, "its time is over"
    assert (await post(other["token"]))[0] == 200
    await premises.ask(SIGN_OUT, tenant.secret_key, **{"in": {"driverId": route.driver_id}})
    assert (await post(other["token"]))[0] == 401, "the desk has ended it"


async def test_the_drivers_page_is_there_and_its_worker_at_the_top(premises: Premises) -> None:
    for path, kind in (("/drive", "text/html"), ("/drive-worker.js", "text/javascript")):
        async with premises.session.get(f"{premises.url}{path}") as response:
            assert (response.status, response.content_type) == (200, kind)
            assert response.headers["Referrer-Policy"] == "no-referrer"


async def test_who_may_only_read_hands_out_no_session(premises: Premises) -> None:
    tenant = await premises.tenant()
    _, route = await keep_plan(premises.house, tenant)
    reader = await add_key(
        premises.house, tenant.merchant_id, kind="SECRET", scopes=("READ",), origins=(), name="board"
    )
    for mutation in (SIGN_IN, SIGN_OUT):
        (error,) = (await premises.answer(mutation, reader, **{"in": {"driverId": route.driver_id}}))[
            "errors"
        ]
        assert (error["extensions"]["code"], error["extensions"]["scope"]) == ("FORBIDDEN", "OPERATE")


async def anothers(premises: Premises, tenant: Tenant, route: Route) -> Route:
    """Bob's tour, to the same door."""
    async with premises.house.means.begin(tenant.merchant_id) as work:
        ann = await work.fleet.driver(route.driver_id)
        assert ann is not None
        bob = replace(ann, id=new_id("drv"), name="Bob", device_id=new_id("veh"))
        await work.fleet.put_driver(bob)
        stops = tuple(replace(stop, id=new_id("stp")) for stop in route.stops)
        theirs = replace(route, id=new_id("rte"), driver_id=bob.id, stops=stops)
        await work.routes.put_route(theirs)
    return theirs


@contextlib.asynccontextmanager
async def subscribed(
    premises: Premises, token: str, query: str
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A socket of whoever has the token, with one subscription."""
    url = f"{premises.url}/graphql"
    async with premises.session.ws_connect(url, protocols=["graphql-transport-ws"]) as socket:
        await socket.send_json({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}})
        assert (await socket.receive_json(timeout=5))["type"] == "connection_ack"
        await socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": query}})
        yield socket


async def heard(socket: aiohttp.ClientWebSocketResponse) -> Any:
    """The next message of the subscription."""
    while True:
        message = json.loads((await socket.receive(timeout=5)).data)
        if message["type"] != "ping":
            assert message["type"] == "next", message
            return message["payload"]["data"]["routeUpdated"]
