"""The simulated Uber by itself: its protocol as documented, spoken to without the connector."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from doorstep.geo import LatLng, distance_m
from simulator.carriers.books import BookState
from simulator.carriers.serving import serve
from simulator.carriers.uber_direct import FakeUberDirect
from simulator.carriers.uber_direct.places import between
from simulator.carriers.uber_direct.rounds import Pace
from simulator.clock import WorldClock
from simulator.postman import Habits, Postman

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
ADDRESS = json.dumps(
    {"street_address": ["1 Main St"], "city": "Port Meridian", "state": "NY", "zip_code": "10001"}
)
QUOTE: dict[str, object] = {
    "pickup_address": ADDRESS,
    "dropoff_address": ADDRESS.replace("1 Main", "2 Side"),
    "pickup_latitude": 40.7306,
    "pickup_longitude": -73.9866,
    "dropoff_latitude": 40.7411,
    "dropoff_longitude": -73.9897,
}
DELIVERY: dict[str, object] = {
    **QUOTE,
    "pickup_name": "Till",
    "pickup_phone_number": "+15550100000",
    "dropoff_name": "A. Shopper",
    "dropoff_phone_number": "+15550100009",
    "manifest_items": [{"name": "Bread", "quantity": 2}],
}


def at(minutes: float) -> str:
    return (START + timedelta(minutes=minutes)).isoformat()


@dataclass(slots=True)
class Rig:
    clock: WorldClock
    postman: Postman
    uber: FakeUberDirect
    session: aiohttp.ClientSession
    messages: list[dict[str, Any]]

    async def post(self, path: str, body: dict[str, object]) -> tuple[int, dict[str, Any]]:
        async with self.session.post(f"/v1/customers/cus_42{path}", json=body) as response:
            return response.status, await response.json()

    async def get(self, path: str) -> dict[str, Any]:
        async with self.session.get(f"/v1/customers/cus_42{path}") as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def live(self, seconds: float, step_s: float) -> None:
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            await self.uber.tick(self.clock.now())
            await self.postman.tick(self.clock.now())


@pytest.fixture
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    pace: Pace = getattr(request, "param", Pace())
    messages: list[dict[str, Any]] = []

    async def take_letter(letter: Request) -> Response:
        messages.append(json.loads(await letter.body()))
        return Response(status_code=200)

    world = Starlette(routes=[Route("/hook", take_letter, methods=["POST"])])
    clock = WorldClock(START, rate=0)
    postman = Postman(clock, random.Random(11))
    async with serve(world) as url:
        uber = FakeUberDirect(
            clock,
            postman,
            random.Random(7),
            customer_id="cus_42",
            client_id="client",
            client_secret="hush",
            webhook_url=f"{url}/hook",
            signing_key="key",
            pace=pace,
            habits=Habits(),
        )
        world.mount("/", uber.app)
        token = uber.new_token(START + timedelta(days=30))
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(url, headers=headers) as session:
            yield Rig(clock, postman, uber, session, messages)
        await uber.close()
        await postman.close()


@pytest.mark.parametrize(
    ("windows", "code"),
    [
        ({"pickup_ready_dt": at(-5)}, "pickup_ready_too_early"),
        ({"pickup_ready_dt": at(60 * 24 * 30 + 1)}, "pickup_ready_too_late"),
        ({"pickup_ready_dt": at(30), "pickup_deadline_dt": at(39)}, "pickup_window_too_small"),
        ({"pickup_ready_dt": at(1), "pickup_deadline_dt": at(15)}, "pickup_deadline_too_early"),
        ({"pickup_deadline_dt": at(30), "dropoff_ready_dt": at(31)}, "dropoff_ready_after_pickup_deadline"),
        (
            {"pickup_deadline_dt": at(30), "dropoff_ready_dt": at(25), "dropoff_deadline_dt": at(40)},
            "dropoff_deadline_too_early",
        ),
        (
            {"pickup_deadline_dt": at(60), "dropoff_ready_dt": at(25), "dropoff_deadline_dt": at(50)},
            "dropoff_deadline_before_pickup_deadline",
        ),
        ({"pickup_ready_dt": "tomorrow"}, "invalid_params"),
        ({"dropoff_address": {"street_address": ["1 Main St"]}}, "invalid_params"),
        ({"dropoff_address": None}, "invalid_params"),
        ({"dropoff_phone_number": "555 0100"}, "invalid_params"),
        ({"dropoff_latitude": 41.5}, "address_undeliverable"),
    ],
)
async def test_a_quote_that_breaks_a_rule_is_refused_with_its_code(
    rig: Rig, windows: dict[str, object], code: str
) -> None:
    status, answer = await rig.post("/delivery_quotes", {**QUOTE, **windows})

    assert (status, answer["code"], answer["kind"]) == (400, code, "error")


async def test_a_quote_serves_one_delivery_within_a_quarter_of_an_hour(rig: Rig) -> None:
    _, first = await rig.post("/delivery_quotes", QUOTE)
    _, second = await rig.post("/delivery_quotes", QUOTE)

    made, _ = await rig.post("/deliveries", {**DELIVERY, "quote_id": first["id"]})
    _, used = await rig.post("/deliveries", {**DELIVERY, "quote_id": first["id"]})
    rig.clock.advance(15 * 60)
    _, expired = await rig.post("/deliveries", {**DELIVERY, "quote_id": second["id"]})

    assert (made, used["code"], expired["code"]) == (200, "used_quote", "expired_quote")


async def test_an_idempotency_key_is_kept_for_an_hour(rig: Rig) -> None:
    body = {**DELIVERY, "idempotency_key": "leg_01"}
    _, first = await rig.post("/deliveries", body)
    rig.clock.advance(59 * 60)
    _, again = await rig.post("/deliveries", body)
    rig.clock.advance(60)
    _, another = await rig.post("/deliveries", body)

    assert again["id"] == first["id"] != another["id"]


async def test_a_live_twin_is_named_and_an_ended_one_is_not_in_the_way(rig: Rig) -> None:
    body = {**DELIVERY, "manifest_reference": "1001"}
    _, first = await rig.post("/deliveries", body)

    status, twin = await rig.post("/deliveries", body)
    await rig.post(f"/deliveries/{first['id']}/cancel", {})
    made, _ = await rig.post("/deliveries", body)

    assert (status, twin["code"]) == (409, "duplicate_delivery")
    assert twin["metadata"] == {"delivery_id": first["id"]}
    assert made == 200


@pytest.mark.parametrize("missing", ["dropoff_name", "pickup_phone_number", "manifest_items"])
async def test_a_delivery_needs_names_phones_and_items(rig: Rig, missing: str) -> None:
    body = {name: value for name, value in DELIVERY.items() if name != missing}

    status, answer = await rig.post("/deliveries", body)

    assert (status, answer["code"]) == (400, "invalid_params")
    assert missing in answer["metadata"]["param_details"]


@pytest.mark.parametrize("step_s", [1.0, 20.0, 3600.0])
async def test_a_jump_in_time_leaves_no_event_out_and_keeps_their_order(rig: Rig, step_s: float) -> None:
    await rig.post("/deliveries", DELIVERY)

    await rig.live(3600, step_s)

    told = sorted(message.get("created") or message["data"]["updated"] for message in rig.messages)
    statuses = [m for m in rig.messages if m["kind"] == "event.delivery_status"]
    statuses.sort(key=lambda message: str(message["created"]))
    assert [(m["status"], m["data"]["courier_imminent"]) for m in statuses] == [
        ("pending", False),
        ("pickup", False),
        ("pickup", True),
        ("pickup_complete", False),
        ("dropoff", False),
        ("dropoff", True),
        ("delivered", False),
    ]
    # The same seed gives the same ride, however the time was cut: 7 statuses and 30 positions.
    assert (len(told), told[-1]) == (37, "2026-11-23T15:10:31.380Z")


async def test_a_courier_rides_the_great_circle_to_the_store_and_to_the_door(rig: Rig) -> None:
    _, made = await rig.post("/deliveries", DELIVERY)
    await rig.live(3600, 20)
    fixes = [
        (LatLng(**message["location"]), message["data"]["status"])
        for message in rig.messages
        if message["kind"] == "event.courier_update"
    ]

    store, door = LatLng(40.7306, -73.9866), LatLng(40.7411, -73.9897)
    riding = [fix for fix, status in fixes if status == "dropoff"]
    for fix in riding:
        share = distance_m(store, fix) / distance_m(store, door)
        assert distance_m(fix, between(store, door, share)) < 1
    # 6.5 m/s along streets that are 1.3 times as long make 5 m/s as the crow flies.
    assert distance_m(riding[1], riding[2]) == pytest.approx(100, abs=1)
    final = await rig.get(f"/deliveries/{made['id']}")
    assert (final["status"], final["complete"], final["courier"]) == ("delivered", True, None)


async def test_the_button_drops_the_oldest_courier_on_the_way_or_the_next_one(rig: Rig) -> None:
    assert rig.uber.drop_next_courier() == ""
    _, first = await rig.post("/deliveries", DELIVERY)
    await rig.live(1800, 20)
    _, second = await rig.post("/deliveries", DELIVERY)
    await rig.live(100, 20)

    assert rig.uber.drop_next_courier() == second["id"]
    assert not rig.uber.drop_courier(second["id"])
    assert not rig.uber.drop_courier("del_unknown")
    states = {entry.external_id: entry.state for entry in rig.uber.books()}
    assert states == {first["id"]: BookState.CANCELLED, second["id"]: BookState.CANCELLED}


@pytest.mark.parametrize("rig", [Pace(dropout_chance=1.0)], indirect=True)
async def test_couriers_may_give_up_by_themselves(rig: Rig) -> None:
    await rig.post("/deliveries", DELIVERY)
    await rig.live(1800, 20)

    last = [message for message in rig.messages if message["kind"] == "event.delivery_status"][-1]
    assert last["data"]["cancelation_reason"]["primary_reason"] == "UBER_CANCEL"


async def test_deliveries_are_listed_newest_first_in_pages(rig: Rig) -> None:
    made = [(await rig.post("/deliveries", DELIVERY))[1]["id"] for _ in range(3)]
    await rig.post(f"/deliveries/{made[0]}/cancel", {})

    page = await rig.get("/deliveries?limit=2")
    ongoing = await rig.get("/deliveries?filter=ongoing")

    assert [entry["id"] for entry in page["data"]] == made[:0:-1]
    assert (page["total_count"], bool(page["next_href"])) == (3, True)
    assert {entry["id"] for entry in ongoing["data"]} == set(made[1:])


async def test_a_delivered_parcel_has_a_picture_as_proof(rig: Rig) -> None:
    _, made = await rig.post("/deliveries", DELIVERY)
    path = f"/deliveries/{made['id']}/proof-of-delivery"
    early, _ = await rig.post(path, {"waypoint": "dropoff", "type": "picture"})
    await rig.live(3600, 60)

    _, proof = await rig.post(path, {"waypoint": "dropoff", "type": "picture"})

    assert early == 400
    assert base64.b64decode(proof["document"]).startswith(b"\x89PNG")


async def test_a_stranger_gets_no_token_and_no_answer(rig: Rig) -> None:
    form = {"client_id": "client", "client_secret": "wrong", "grant_type": "client_credentials"}
    async with rig.session.post("/oauth/v2/token", data={**form, "scope": "eats.deliveries"}) as refused:
        assert (refused.status, (await refused.json())["error"]) == (401, "invalid_client")
    async with rig.session.get(
        "/v1/customers/cus_42/deliveries", headers={"Authorization": "Bearer x"}
    ) as answer:
        assert (answer.status, (await answer.json())["code"]) == (401, "unauthorized")
