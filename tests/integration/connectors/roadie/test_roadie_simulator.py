"""The simulated Roadie by itself: its protocol as far as it is public, spoken to without the connector."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from simulator.carriers.books import BookState
from simulator.carriers.roadie import ERRORS, FakeRoadie
from simulator.carriers.serving import serve
from simulator.clock import WorldClock
from simulator.postman import Postman

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def at(minutes: float) -> str:
    return (START + timedelta(minutes=minutes)).isoformat()


def shipment(key: str = "key_1", street: str = "456 Central Ave.", **fields: object) -> dict[str, Any]:
    def place(street1: str) -> dict[str, Any]:
        address = {"street1": street1, "city": "Atlanta", "state": "GA", "zip": "30305"}
        return {"address": address, "contact": {"name": "A. Contact", "phone": "4045550100"}}

    return {
        "items": [{"length": 1.0, "width": 1.0, "height": 1.0, "weight": 1.0, "quantity": 1, "value": 20}],
        "pickup_location": place("123 Main Street"),
        "delivery_location": place(street),
        "pickup_after": at(5),
        "deliver_between": {"start": at(5), "end": at(245)},
        "reference_id": "1001",
        "idempotency_key": key,
        "options": {"signature_required": False},
        **fields,
    }


@dataclass(slots=True)
class Rig:
    clock: WorldClock
    roadie: FakeRoadie
    session: aiohttp.ClientSession

    async def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        async with self.session.request(method, f"/v1{path}", json=body) as response:
            is_json = response.content_type == "application/json"
            return response.status, await response.json() if is_json else await response.read()

    async def live(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await self.roadie.tick(self.clock.now())


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    clock = WorldClock(START, rate=0)
    postman = Postman(clock, random.Random(11))
    roadie = FakeRoadie(clock, postman, random.Random(7), token="good")
    async with (
        serve(roadie.app) as url,
        aiohttp.ClientSession(url, headers={"Authorization": "Bearer good"}) as session,
    ):
        yield Rig(clock, roadie, session)
    await roadie.close()
    await postman.close()


@pytest.mark.parametrize("name", sorted(ERRORS))
async def test_a_street_may_ask_for_any_error(rig: Rig, name: str) -> None:
    status, answer = await rig.call("POST", "/estimates", shipment(street=f"2 FAIL {name} St"))

    kind = ERRORS[name]
    assert status == kind.status
    assert [error["parameter"] for error in answer["errors"]] == ([kind.parameter] if kind.parameter else [])


@pytest.mark.parametrize(
    ("fields", "parameter"),
    [
        ({"items": []}, "items"),
        ({"items": [{"length": 1.0, "width": 1.0, "height": 1.0, "weight": 0}]}, "items.weight"),
        ({"pickup_after": "soon"}, "pickup_after"),
        ({"deliver_between": None}, "deliver_between"),
        ({"deliver_between": {"start": at(5), "end": at(4)}}, "deliver_between"),
        ({"pickup_location": None}, "pickup_location"),
        ({"delivery_location": {"address": {"street1": "1 Way"}}}, "delivery_location.address.city"),
        ({"reference_id": ""}, "reference_id"),
    ],
)
async def test_a_shipment_that_lacks_something_is_refused_by_its_name(
    rig: Rig, fields: dict[str, Any], parameter: str
) -> None:
    status, answer = await rig.call("POST", "/shipments", shipment(**fields))

    (error,) = answer["errors"]
    assert (status, error["code"], error["parameter"]) == (422, 1001, parameter)


async def test_an_idempotency_key_makes_one_shipment_whatever_else_is_sent(rig: Rig) -> None:
    made, first = await rig.call("POST", "/shipments", shipment())
    await rig.live(6 * 3600)

    _, again = await rig.call("POST", "/shipments", shipment(reference_id="1002"))
    _, other = await rig.call(
        "POST", "/shipments", shipment("key_2", deliver_between={"start": at(365), "end": at(500)})
    )

    assert made == 201
    assert again["id"] == first["id"] != other["id"]
    assert [entry.state for entry in rig.roadie.books()] == [BookState.DELIVERED, BookState.LIVE]


async def test_shipments_are_listed_by_their_ids_alone(rig: Rig) -> None:
    _, made = await rig.call("POST", "/shipments", shipment())

    _, found = await rig.call("GET", f"/shipments?ids={made['id']},7")
    _, nothing = await rig.call("GET", "/shipments?reference_id=1001")

    assert ([entry["id"] for entry in found], nothing) == ([made["id"]], [])


async def test_one_jump_in_time_tells_every_event_in_order(rig: Rig) -> None:
    _, made = await rig.call("POST", "/shipments", shipment())
    await rig.live(6 * 3600)

    _, after = await rig.call("GET", f"/shipments/{made['id']}")

    names = [event["name"] for event in after["events"]]
    instants = [event["occurred_at"] for event in after["events"]]
    assert names == [
        "driver_assigned",
        "at_pickup",
        "pickup_confirmed",
        "en_route_to_delivery",
        "driver_approaching_delivery",
        "at_delivery",
        "delivery_confirmed",
    ]
    assert instants == sorted(instants)
    assert after["state"] == "delivered"


async def test_a_cancelling_says_its_code_and_comes_too_late_after_the_pickup(rig: Rig) -> None:
    _, first = await rig.call("POST", "/shipments", shipment())
    _, second = await rig.call("POST", "/shipments", shipment("key_2"))

    status, answer = await rig.call("DELETE", f"/shipments/{first['id']}", {"code": "item_not_ready"})
    await rig.live(6 * 3600)
    late, refused = await rig.call("DELETE", f"/shipments/{second['id']}", {"code": "other"})

    assert (status, answer["cancellation_code"]) == (200, "item_not_ready")
    assert (late, refused["errors"][0]["parameter"]) == (422, "state")


async def test_pictures_are_there_once_they_were_taken(rig: Rig) -> None:
    _, made = await rig.call("POST", "/shipments", shipment())
    early, _ = await rig.call("GET", f"/shipments/{made['id']}/images/delivery")
    await rig.live(6 * 3600)

    status, picture = await rig.call("GET", f"/shipments/{made['id']}/images/delivery")
    unsigned, _ = await rig.call("GET", f"/shipments/{made['id']}/images/signature")

    assert (early, status, unsigned) == (404, 200, 404)
    assert picture.startswith(b"\x89PNG")


async def test_a_stranger_gets_no_answer(rig: Rig) -> None:
    async with rig.session.get("/v1/shipments", headers={"Authorization": "Bearer bad"}) as refused:
        assert refused.status == 401
