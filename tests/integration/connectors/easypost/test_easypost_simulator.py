"""The simulated EasyPost by itself: its protocol as documented, spoken to without the connector."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.carriers.books import BookState
from simulator.carriers.easypost import FakeEasyPost
from simulator.carriers.serving import serve
from simulator.clock import WorldClock
from simulator.postman import Habits, Postman

# A Monday, ten in the morning in New York.
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
DAY_S = 86_400
ADDRESS: dict[str, object] = {
    "street1": "2 Side St",
    "city": "Port Meridian",
    "zip": "10002",
    "country": "US",
}
SHIPMENT: dict[str, object] = {
    "to_address": ADDRESS,
    "from_address": {**ADDRESS, "street1": "1 Main St", "zip": "10001"},
    "parcel": {"weight": 35.3, "length": 12, "width": 8, "height": 4},
    "reference": "1001",
}


@dataclass(slots=True)
class Rig:
    clock: WorldClock
    postman: Postman
    easypost: FakeEasyPost
    session: aiohttp.ClientSession
    url: str
    events: list[dict[str, Any]]

    async def call(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        async with self.session.request(method, path, json=body, headers=headers or None) as response:
            return response.status, await response.json()

    async def buy(self, service: str) -> dict[str, Any]:
        _, shipment = await self.call("POST", "/v2/shipments", {"shipment": SHIPMENT})
        rate = next(rate for rate in shipment["rates"] if rate["service"] == service)
        path = f"/v2/shipments/{shipment['id']}/buy"
        status, bought = await self.call("POST", path, {"rate": {"id": rate["id"]}})
        assert status == 200
        return bought

    async def live(self, seconds: float, step_s: float) -> None:
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            await self.easypost.tick(self.clock.now())
            await self.postman.tick(self.clock.now())


@pytest.fixture
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    scale: float = getattr(request, "param", 1.0)
    events: list[dict[str, Any]] = []

    async def take_letter(letter: Request) -> Response:
        events.append(json.loads(await letter.body()))
        return Response(status_code=200)

    world = Starlette(routes=[Route("/hook", take_letter, methods=["POST"])])
    clock = WorldClock(START, rate=0)
    postman = Postman(clock, random.Random(11))
    async with serve(world) as url:
        easypost = FakeEasyPost(
            clock, postman, random.Random(7), api_key="EZTK_1", transit_scale=scale, habits=Habits()
        )
        world.mount("/", easypost.app)
        async with aiohttp.ClientSession(url, headers={"Authorization": "Bearer EZTK_1"}) as session:
            yield Rig(clock, postman, easypost, session, url, events)
        await easypost.close()
        await postman.close()


async def test_a_shipment_is_created_with_string_prices_and_the_beta_rates_have_no_ids(rig: Rig) -> None:
    created, shipment = await rig.call("POST", "/v2/shipments", {"shipment": SHIPMENT})
    rated, rates = await rig.call("POST", "/beta/rates", {"shipment": SHIPMENT})

    assert (created, rated) == (201, 200)
    assert all(isinstance(rate["rate"], str) for rate in shipment["rates"])
    assert [rate["rate"] for rate in shipment["rates"]] == [rate["rate"] for rate in rates["rates"]]
    assert not any("id" in rate for rate in rates["rates"])
    assert (shipment["tracking_code"], shipment["postage_label"], shipment["fees"]) == (None, None, [])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (SHIPMENT, "PARAMETER.REQUIRED"),
        ({"shipment": {**SHIPMENT, "to_address": None}}, "SHIPMENT.INVALID_PARAMS"),
        ({"shipment": {**SHIPMENT, "parcel": {"weight": 0}}}, "PARCEL.PARAMETERS.INVALID"),
        ({"shipment": {**SHIPMENT, "parcel": {"weight": 9, "length": 1}}}, "PARCEL.PARAMETERS.INVALID"),
    ],
)
async def test_bad_shipments_are_refused_with_their_codes(
    rig: Rig, body: dict[str, object], code: str
) -> None:
    status, answer = await rig.call("POST", "/v2/shipments", body)

    assert (status, answer["error"]["code"]) == (422, code)


async def test_a_shipment_is_bought_once_and_only_at_its_own_rates(rig: Rig) -> None:
    _, shipment = await rig.call("POST", "/v2/shipments", {"shipment": SHIPMENT})
    path = f"/v2/shipments/{shipment['id']}/buy"

    _, wrong = await rig.call("POST", path, {"rate": {"id": "rate_of_another"}})
    bought, _ = await rig.call("POST", path, {"rate": {"id": shipment["rates"][0]["id"]}})
    again, twice = await rig.call("POST", path, {"rate": {"id": shipment["rates"][0]["id"]}})

    assert (bought, again) == (200, 422)
    assert wrong["error"]["code"] == "SHIPMENT.MISSING_RATE"
    assert twice["error"]["code"] == "SHIPMENT.POSTAGE.EXISTS"


async def test_a_new_rating_gives_new_ids_and_the_old_ones_are_worthless(rig: Rig) -> None:
    _, shipment = await rig.call("POST", "/v2/shipments", {"shipment": SHIPMENT})
    path = f"/v2/shipments/{shipment['id']}"
    _, rated = await rig.call("POST", f"{path}/rerate", {})

    _, refused = await rig.call("POST", f"{path}/buy", {"rate": {"id": shipment["rates"][0]["id"]}})
    bought, _ = await rig.call("POST", f"{path}/buy", {"rate": {"id": rated["rates"][0]["id"]}})

    assert refused["error"]["code"] == "SHIPMENT.MISSING_RATE"
    assert bought == 200


async def test_the_newest_shipment_of_a_reference_is_found_by_it(rig: Rig) -> None:
    await rig.call("POST", "/v2/shipments", {"shipment": SHIPMENT})
    _, second = await rig.call("POST", "/v2/shipments", {"shipment": SHIPMENT})

    _, found = await rig.call("GET", "/v2/shipments/1001")
    _, listed = await rig.call("GET", "/v2/shipments?page_size=1")

    assert found["id"] == second["id"] == listed["shipments"][0]["id"]
    assert listed["has_more"] is True


@pytest.mark.parametrize("authorization", ["Basic RVpUS18xOg==", "Bearer EZTK_1"])
async def test_the_key_is_taken_as_basic_user_or_bearer(rig: Rig, authorization: str) -> None:
    status, _ = await rig.call("GET", "/v2/shipments", Authorization=authorization)

    assert status == 200


@pytest.mark.parametrize("authorization", ["Basic !!", "Bearer other", ""])
async def test_a_stranger_is_refused(rig: Rig, authorization: str) -> None:
    status, answer = await rig.call("GET", "/v2/shipments", Authorization=authorization)

    assert (status, answer["error"]["code"]) == (401, "UNAUTHORIZED")


async def test_webhooks_are_added_listed_and_removed_and_never_tell_their_secret(rig: Rig) -> None:
    hook = {"webhook": {"url": f"{rig.url}/hook", "webhook_secret": "hush"}}
    created, made = await rig.call("POST", "/v2/webhooks", hook)
    await rig.buy("Priority")
    await rig.live(60, 60)
    rig.easypost.disable_webhooks()
    _, listed = await rig.call("GET", "/v2/webhooks")
    patched, mended = await rig.call("PATCH", f"/v2/webhooks/{made['id']}", {})
    _, removed = await rig.call("DELETE", f"/v2/webhooks/{made['id']}")

    assert (created, patched, removed) == (201, 201, {})
    assert listed["webhooks"][0]["disabled_at"] == "2026-11-23T15:01:00Z"
    assert mended["disabled_at"] is None
    assert "hush" not in json.dumps([made, listed, mended])
    assert [event["description"] for event in rig.events] == ["tracker.created", "tracker.updated"]


@pytest.mark.parametrize("step_s", [600.0, float(5 * DAY_S)])
async def test_a_jump_in_time_leaves_no_scan_out_and_keeps_their_order(rig: Rig, step_s: float) -> None:
    rig.easypost.add_webhook(f"{rig.url}/hook", "")
    await rig.buy("GroundAdvantage")
    await rig.live(5 * DAY_S, step_s)

    events = sorted(rig.events, key=lambda event: str(event["created_at"]))
    assert [event["result"]["status_detail"] for event in events] == [
        "unknown",
        "label_created",
        "received_at_origin_facility",
        "departed_origin_facility",
        "arrived_at_facility",
        "arrived_at_facility",
        "received_at_destination_facility",
        "out_for_delivery",
        "arrived_at_destination",
    ]
    assert events[-1]["previous_attributes"] == {"status": "out_for_delivery"}
    assert events[-1]["result"]["finalized"] is True
    assert [len(event["result"]["tracking_details"]) for event in events] == list(range(9))


@pytest.mark.parametrize("rig", [0.01], indirect=True)
async def test_the_way_of_a_parcel_can_be_shortened(rig: Rig) -> None:
    bought = await rig.buy("GroundAdvantage")
    # Less than four days in the post are less than an hour at a hundredth.
    await rig.live(3600, 3600)

    _, shipment = await rig.call("GET", f"/v2/shipments/{bought['id']}")
    assert shipment["tracker"]["status"] == "delivered"
    assert rig.easypost.books()[0].state is BookState.DELIVERED


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("EZ1000000001", "pre_transit"),
        ("EZ2000000002", "in_transit"),
        ("EZ3000000003", "out_for_delivery"),
        ("EZ4000000004", "delivered"),
        ("EZ5000000005", "return_to_sender"),
        ("EZ6000000006", "failure"),
        ("EZ7000000007", "unknown"),
    ],
)
async def test_codes_for_tests_are_tracked_once(rig: Rig, code: str, status: str) -> None:
    created, first = await rig.call("POST", "/v2/trackers", {"tracker": {"tracking_code": code}})
    again, second = await rig.call("POST", "/v2/trackers", {"tracker": {"tracking_code": code}})
    _, listed = await rig.call("GET", f"/v2/trackers?tracking_code={code}")
    _, fetched = await rig.call("GET", f"/v2/trackers/{first['id']}")

    assert (created, again) == (201, 200)
    assert first["id"] == second["id"] == listed["trackers"][0]["id"] == fetched["id"]
    assert first["status"] == status


async def test_an_unknown_code_is_not_tracked(rig: Rig) -> None:
    status, answer = await rig.call("POST", "/v2/trackers", {"tracker": {"tracking_code": "EZ9"}})

    assert (status, answer["error"]["code"]) == (422, "TRACKER.CREATE.ERROR")


async def test_a_label_comes_as_picture_and_as_page_and_shows_no_address(rig: Rig) -> None:
    bought = await rig.buy("Priority")
    _, with_pdf = await rig.call("GET", f"/v2/shipments/{bought['id']}/label?file_format=PDF")
    label = with_pdf["postage_label"]

    for url, start in ((label["label_url"], b"\x89PNG"), (label["label_pdf_url"], b"%PDF-1.4")):
        async with aiohttp.ClientSession() as stranger, stranger.get(url) as response:
            content = await response.read()
        assert response.status == 200
        assert content.startswith(start)
        assert b"Side St" not in content


async def test_a_label_is_refunded_once_and_before_its_first_scan(rig: Rig) -> None:
    bought = await rig.buy("Priority")
    path = f"/v2/shipments/{bought['id']}/refund"

    _, refunded = await rig.call("POST", path, {})
    again, refused = await rig.call("POST", path, {})

    assert refunded["refund_status"] == "submitted"
    assert (again, refused["error"]["code"]) == (422, "SHIPMENT.REFUND.UNAVAILABLE")
    assert rig.easypost.books()[0].state is BookState.CANCELLED
