"""The control desk: one world, told and steered over HTTP."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from starlette.types import Message

from connectors.stores.woocommerce import CONNECTOR as WOOCOMMERCE
from doorstep.ports import StoreLink
from doorstep.secret import Secret
from gateway.cli.demo.moods import CARRIERS, MOODS
from simulator.city import City
from simulator.world import World, WorldSettings
from simulator.world.app import world_app
from tests.integration.simulator.conftest import Desk, Json, OpenWorld


async def test_a_world_tells_everything_that_an_operator_would_type(desk: Desk) -> None:
    world = await desk.get("world")
    assert world["seed"] == 7
    assert world["merchant"] == {
        "name": "Meridian Market",
        "currency": "USD",
        "time_zone": "America/New_York",
    }
    assert {place["key"] for place in world["locations"]} == {"store-west", "store-east"}
    for place in world["locations"]:
        assert all(place[name] for name in ("name", "line1", "city", "province", "postal_code", "phone"))
        assert place["country"] == "US"
        assert 39 < place["location"]["lat"] < 41
    assert [(s["platform"], s["location"]) for s in world["stores"]] == [
        ("shopify", "store-west"),
        ("woocommerce", "store-east"),
    ]
    assert tuple(carrier["carrier"] for carrier in world["carriers"]) == CARRIERS
    assert world["geocoder_url"] == f"{desk.url}/geocoder/search"


async def test_three_vans_have_devices_that_nobody_can_guess(desk: Desk) -> None:
    drivers = (await desk.get("world"))["drivers"]
    assert [driver["name"] for driver in drivers] == ["Van 1 driver", "Van 2 driver", "Van 3 driver"]
    assert {driver["depot"] for driver in drivers} == {"store-west", "store-east"}
    assert all((d["shift_start"], d["shift_end"]) == ("09:00", "18:30") for d in drivers)
    assert all(driver["capacity_g"] == 400_000 for driver in drivers)
    assert len({driver["device_id"] for driver in drivers}) == 3
    # 96 random bits behind the number of the van.
    assert all(len(driver["device_id"].rpartition("-")[2]) == 24 for driver in drivers)


async def test_a_tick_moves_the_clock_by_just_so_much(desk: Desk) -> None:
    before = await desk.get("state")
    assert (before["now"], before["rate"]) == ("2026-11-23T13:30:00Z", 0)
    assert (await desk.post("tick", {"seconds": 15}))["now"] == "2026-11-23T13:30:15Z"
    assert (await desk.get("state"))["reached"] == "2026-11-23T13:30:15Z"


async def test_a_day_begins_when_it_is_started_and_once(desk: Desk) -> None:
    planned = (await desk.post("start"))["errands_waiting"]
    assert (await desk.post("start"))["errands_waiting"] == planned > 50
    await desk.post("tick", {"seconds": 3600})
    state = await desk.get("state")
    assert state["is_started"]
    books = await desk.get("books")
    assert state["orders_placed"] == len(books["orders"]) > 10
    assert set(books["orders"][0]) == {
        "store",
        "external_id",
        "number",
        "needs_shipping",
        "cancelled",
        "placed_at",
    }


@pytest.mark.parametrize("store", ["shopify", "woocommerce"])
async def test_an_order_can_be_placed_by_hand(desk: Desk, store: str) -> None:
    receipt = await desk.post("place-order", {"store": store})
    (row,) = (await desk.get("books"))["orders"]
    assert (row["store"], row["needs_shipping"]) == (store, True)
    assert receipt == {"external_id": row["external_id"], "number": row["number"]}


async def test_a_page_orders_with_what_it_asked_for_options_with(desk: Desk) -> None:
    world = await desk.get("world")
    door, product = world["addresses"][0], world["products"][0]
    wish = {
        "store": "woocommerce",
        "choice": "cho_00000000000000000000000001",
        "destination": {
            "countryCode": door["country"],
            "provinceCode": door["province"],
            "postalCode": door["postal_code"],
            "city": door["city"],
            "address1": door["line1"],
            "name": "Runa Cobblefold",
        },
        "items": [{"sku": product["sku"], "quantity": 2}],
    }
    receipt = await desk.post("place-order", wish)
    store = next(store for store in world["stores"] if store["platform"] == "woocommerce")
    credentials = {name: Secret(value) for name, value in store["credentials"].items()}
    connector = WOOCOMMERCE.connect(StoreLink(store["url"], credentials))
    try:
        raw = await connector.fetch_order(receipt["external_id"])
        assert raw is not None
        order = connector.read_order(raw)
    finally:
        await connector.close()
    assert order.destination is not None
    assert (order.destination.line1, order.destination.name) == (door["line1"], "Runa Cobblefold")
    assert [(line.sku, line.quantity) for line in order.lines] == [(product["sku"], 2)]
    assert order.choice_reference == wish["choice"]


async def test_a_carrier_can_be_made_slow_failing_or_away_and_well_again(desk: Desk) -> None:
    async def ask(*, timeout_s: float = 10) -> int | None:
        try:
            async with asyncio.timeout(timeout_s):
                async with desk.session.get(f"{desk.url}/roadie/v1/shipments") as response:
                    return response.status
        except TimeoutError:
            return None

    well = await ask()
    assert well == 401  # nobody has signed in
    answers = {}
    for mood in MOODS:
        assert await desk.post("carrier", {"carrier": "roadie", "mood": mood}) == {
            "carrier": "roadie",
            "mood": mood,
        }
        answers[mood] = await ask(timeout_s=0.15)
    # Slow answers after three seconds, away after as long as anybody waits.
    assert answers == {"slow": None, "failing": 503, "away": None}
    waiting = asyncio.create_task(ask())
    await asyncio.sleep(0.05)
    await desk.post("carrier", {"carrier": "roadie", "mood": "well"})
    # What was held is answered, and was not worked on.
    assert (await waiting, await ask()) == (503, well)
    moods = {row["carrier"]: row["mood"] for row in (await desk.get("state"))["carriers"]}
    assert moods == dict.fromkeys(CARRIERS, "well")


async def test_the_day_is_counted_over_the_worlds_own_books(desk: Desk) -> None:
    receipt = await desk.post("place-order", {"store": "shopify"})
    (lost,) = (await desk.post("count", {"orders": []}))["lost"]
    assert (lost["number"], lost["external_id"]) == (receipt["number"], receipt["external_id"])
    row = {"store": "shopify", "external_id": receipt["external_id"], "fulfillment_orders": 1}
    known = await desk.post("count", {"orders": [row | {"deliveries": [], "open_exceptions": 0}]})
    assert known["lost"][0]["why"] == "no carrier and no van has it in its books"
    assert (known["orders"], known["to_deliver"], known["is_clean"]) == (1, 1, False)


async def test_the_map_is_the_citys(desk: Desk) -> None:
    drawing = await desk.get("map")
    kinds = {feature["properties"]["kind"] for feature in drawing["features"]}
    assert {"street", "river", "place"} <= kinds


@pytest.mark.parametrize(
    ("path", "body", "status", "word"),
    [
        ("tick", {}, 400, "seconds"),
        ("tick", {"seconds": -1}, 400, "seconds"),
        ("tick", {"seconds": "15"}, 400, "seconds"),
        ("rate", {"rate": 10}, 409, "--stepped"),
        ("place-order", {"store": "corner shop"}, 400, "store"),
        ("drop-courier", {}, 409, "waiting for its pickup"),
        ("carrier", {"carrier": "postal_pigeon", "mood": "away"}, 400, "postal_pigeon"),
        ("carrier", {"carrier": "roadie", "mood": "sad"}, 400, "well, slow, failing, away"),
        ("silence", {}, 409, "device_id"),
        ("silence", {"device_id": "van-9"}, 400, "device_id"),
        ("link", {}, 400, "gateway_url"),
        ("place-order", {"items": [{"sku": "none"}]}, 400, "sku"),
        ("place-order", {"items": [{"sku": "TEA-250", "quantity": 0}]}, 400, "quantity"),
        ("place-order", {"destination": {"countryCode": "US"}}, 400, "address1"),
        ("count", {}, 400, "orders"),
        ("count", {"orders": [{}]}, 400, "store"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_reason(
    desk: Desk, path: str, body: Json, status: int, word: str
) -> None:
    answered, why = await desk.try_post(path, body)
    assert answered == status
    assert word in why["error"]


async def test_a_running_world_cannot_be_ticked_but_hurried(open_world: OpenWorld) -> None:
    desk = await open_world(is_stepped=False, rate=1.0)
    status, why = await desk.try_post("tick", {"seconds": 15})
    assert (status, "--stepped" in why["error"]) == (409, True)
    assert await desk.post("rate", {"rate": 600}) == {"rate": 600.0}
    assert (await desk.get("state"))["rate"] == 600


async def test_a_running_world_lives_by_itself(open_world: OpenWorld) -> None:
    desk = await open_world(is_stepped=False, rate=1000.0)
    await desk.post("start")
    while (await desk.get("state"))["orders_placed"] < 5:
        await asyncio.sleep(0.05)
    placed = [row["placed_at"] for row in (await desk.get("books"))["orders"]]
    assert all(at >= "2026-11-23T13:30:00Z" for at in placed)


async def test_the_geocoder_answers_as_nominatim_does(desk: Desk) -> None:
    world = await desk.get("world")
    place = world["locations"][0]
    query = {
        "format": "jsonv2",
        "limit": "1",
        "street": place["line1"],
        "city": place["city"],
        "country": "US",
    }
    async with desk.session.get(world["geocoder_url"], params=query) as response:
        (found,) = await response.json()
    assert float(found["lat"]) == pytest.approx(place["location"]["lat"], abs=1e-6)
    assert float(found["lon"]) == pytest.approx(place["location"]["lng"], abs=1e-6)
    assert {"display_name", "place_rank", "addresstype", "importance"} <= set(found)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"q": "1 Nowhere Lane"}, 200),
        ({}, 400),
        ({"q": "x", "street": "y"}, 400),
        ({"q": "x", "limit": "0"}, 400),
    ],
)
async def test_the_geocoder_knows_nothing_else(desk: Desk, query: dict[str, str], status: int) -> None:
    async with desk.session.get(f"{desk.url}/geocoder/search", params=query) as response:
        assert response.status == status
        if status == 200:
            assert await response.json() == []


async def test_the_desk_is_closed_to_other_machines(city: City) -> None:
    world = World(WorldSettings(seed=7, day=date(2026, 11, 23), is_stepped=True), city)
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/control/world",
        "headers": [],
        "query_string": b"",
        "client": ("192.0.2.7", 40_000),
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await world_app(world)(scope, receive, send)
    assert sent[0]["status"] == 403
    await world.close()
