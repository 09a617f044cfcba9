"""The simulated ShipEngine by itself: its protocol as documented, spoken to without the connector."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.carriers.books import BookState
from simulator.carriers.serving import serve
from simulator.carriers.shipengine import MAGIC_POSTCODES, FakeShipEngine
from simulator.clock import WorldClock
from simulator.postman import Habits, Postman

# A Monday, ten in the morning in New York.
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
DAY_S = 86_400
DOOR: dict[str, object] = {
    "name": "A. Shopper",
    "address_line1": "2 Side St",
    "city_locality": "Port Meridian",
    "state_province": "NY",
    "postal_code": "10002",
    "country_code": "US",
}
STORE = {**DOOR, "name": "Till", "address_line1": "1 Main St", "postal_code": "10001"}
PACKAGE: dict[str, object] = {
    "weight": {"value": 2.2, "unit": "pound"},
    "dimensions": {"unit": "inch", "length": 12, "width": 8, "height": 4},
}
SHIPMENT: dict[str, object] = {"ship_from": STORE, "ship_to": DOOR, "packages": [PACKAGE]}
BOTH = ["se-1001", "se-1002"]
NOWHERE = next(postcode for postcode, code in MAGIC_POSTCODES.items() if code == "no_rates_returned")
ESTIMATE: dict[str, object] = {
    "carrier_ids": BOTH,
    "from_country_code": "US",
    "from_postal_code": "10001",
    "to_country_code": "US",
    "to_postal_code": "10002",
    "weight": {"value": 1, "unit": "kilogram"},
}


def rating(**changes: object) -> dict[str, object]:
    return {"shipment": {**SHIPMENT, **changes}, "rate_options": {"carrier_ids": BOTH}}


def purchase(**changes: object) -> dict[str, object]:
    direct = {"carrier_id": "se-1002", "service_code": "ups_ground", **SHIPMENT, **changes}
    return {"shipment": direct}


@dataclass(slots=True)
class Rig:
    clock: WorldClock
    postman: Postman
    shipengine: FakeShipEngine
    session: aiohttp.ClientSession
    url: str
    letters: list[tuple[dict[str, str], bytes]]

    async def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        async with self.session.request(method, path, json=body, headers=headers or None) as response:
            raw = await response.read()
            return response.status, json.loads(raw) if raw else None

    async def buy(self, **changes: object) -> dict[str, Any]:
        status, label = await self.call("POST", "/v1/labels", purchase(**changes))
        assert status == 200
        bought: dict[str, Any] = label
        return bought

    async def live(self, seconds: float, step_s: float) -> None:
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            await self.shipengine.tick(self.clock.now())
            await self.postman.tick(self.clock.now())


@pytest.fixture
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    scale: float = getattr(request, "param", 1.0)
    letters: list[tuple[dict[str, str], bytes]] = []

    async def take_letter(letter: Request) -> Response:
        letters.append((dict(letter.headers), await letter.body()))
        return Response(status_code=200)

    world = Starlette(routes=[Route("/hook", take_letter, methods=["POST"])])
    clock = WorldClock(START, rate=0)
    postman = Postman(clock, random.Random(11))
    async with serve(world) as url:
        shipengine = FakeShipEngine(
            clock, postman, random.Random(7), api_key="live_1", transit_scale=scale, habits=Habits()
        )
        world.mount("/", shipengine.app)
        async with aiohttp.ClientSession(url, headers={"API-Key": "live_1"}) as session:
            yield Rig(clock, postman, shipengine, session, url, letters)
        await shipengine.close()
        await postman.close()


def code_of(answer: dict[str, Any]) -> str:
    return str(answer["errors"][0]["error_code"])


async def test_a_service_comes_once_for_each_packaging_with_its_price_in_parts(rig: Rig) -> None:
    status, answer = await rig.call("POST", "/v1/rates", rating())

    response = answer["rate_response"]
    priority = [rate for rate in response["rates"] if rate["service_code"] == "usps_priority_mail"]
    assert (status, response["status"]) == (200, "completed")
    assert [rate["package_type"] for rate in priority] == [
        "flat_rate_envelope",
        "package",
        "medium_flat_rate_box",
    ]
    assert all(rate["shipping_amount"]["currency"] == "usd" for rate in priority)
    assert len({rate["rate_id"] for rate in response["rates"]}) == len(response["rates"])


async def test_a_packaging_that_is_named_is_the_only_one_that_is_priced(rig: Rig) -> None:
    named = {**PACKAGE, "package_code": "package"}
    _, answer = await rig.call("POST", "/v1/rates", rating(packages=[named]))

    assert {rate["package_type"] for rate in answer["rate_response"]["rates"]} == {"package"}


async def test_one_carrier_fails_beside_the_others_with_200(rig: Rig) -> None:
    rig.shipengine.silence("ups")
    status, answer = await rig.call("POST", "/v1/rates", rating())
    listed, carriers = await rig.call("GET", "/v1/carriers")

    response = answer["rate_response"]
    assert (status, response["status"]) == (200, "partial")
    assert {rate["carrier_code"] for rate in response["rates"]} == {"stamps_com"}
    assert [(error["error_source"], error["carrier_id"]) for error in response["errors"]] == [
        ("carrier", "se-1002")
    ]
    assert listed == 207
    assert [carrier["carrier_id"] for carrier in carriers["carriers"]] == ["se-1001"]
    assert len(carriers["errors"]) == 1


async def test_a_rate_that_cannot_be_had_stands_apart(rig: Rig) -> None:
    _, answer = await rig.call("POST", "/v1/rates", rating(confirmation="delivery_code"))

    response = answer["rate_response"]
    assert {rate["carrier_code"] for rate in response["rates"]} == {"ups"}
    assert {rate["validation_status"] for rate in response["invalid_rates"]} == {"invalid"}


async def test_an_estimate_is_a_plain_list_without_ids(rig: Rig) -> None:
    status, rates = await rig.call("POST", "/v1/rates/estimate", ESTIMATE)

    assert status == 200
    assert {rate["carrier_id"] for rate in rates} == set(BOTH)
    assert not any("rate_id" in rate for rate in rates)


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/v1/rates", [], "request_body_required"),
        ("/v1/rates", {"rate_options": {"carrier_ids": BOTH}}, "field_value_required"),
        ("/v1/rates", {"shipment": SHIPMENT}, "field_value_required"),
        ("/v1/rates", {"shipment": SHIPMENT, "rate_options": {}}, "field_value_required"),
        (
            "/v1/rates",
            {"shipment": SHIPMENT, "rate_options": {"carrier_ids": ["se-9"]}},
            "carrier_not_connected",
        ),
        ("/v1/rates", rating(ship_to={**DOOR, "state_province": ""}), "field_value_required"),
        ("/v1/rates", rating(packages=[]), "field_value_required"),
        ("/v1/rates", rating(packages=[{"weight": {"value": 0, "unit": "gram"}}]), "invalid_field_value"),
        (
            "/v1/rates",
            rating(packages=[{**PACKAGE, "dimensions": {"unit": "inch", "length": 1}}]),
            "invalid_field_value",
        ),
        ("/v1/rates/estimate", {**ESTIMATE, "to_postal_code": ""}, "field_value_required"),
        ("/v1/rates/estimate", {**ESTIMATE, "to_postal_code": NOWHERE}, "no_rates_returned"),
        ("/v1/rates", rating(ship_to={**DOOR, "postal_code": NOWHERE}), "no_rates_returned"),
        ("/v1/labels", purchase(carrier_id="se-9"), "invalid_identifier"),
        ("/v1/labels", purchase(service_code="ups_zeppelin"), "service_not_determined"),
        ("/v1/labels", purchase(confirmation="verbal_confirmation"), "confirmation_not_supported"),
        (
            "/v1/labels",
            purchase(carrier_id="se-1001", service_code="usps_priority_mail", packages=[PACKAGE, PACKAGE]),
            "unspecified",
        ),
        (
            "/v1/labels",
            purchase(ship_to={**DOOR, "address_line1": "2 FAIL insufficient_funds"}),
            "insufficient_funds",
        ),
    ],
)
async def test_bad_questions_are_refused_with_their_codes(
    rig: Rig, path: str, body: object, code: str
) -> None:
    status, answer = await rig.call("POST", path, body)

    assert (status, code_of(answer)) == (400, code)
    assert answer["request_id"]


async def test_a_label_is_bought_from_a_rate_and_found_by_it(rig: Rig) -> None:
    _, answer = await rig.call("POST", "/v1/rates", rating(external_shipment_id="order-1"))
    rate = answer["rate_response"]["rates"][0]

    _, shown = await rig.call("GET", f"/v1/rates/{rate['rate_id']}")
    status, label = await rig.call("POST", f"/v1/labels/rates/{rate['rate_id']}", {})
    _, listed = await rig.call("GET", f"/v1/labels?rate_id={rate['rate_id']}")
    _, found = await rig.call("GET", "/v1/labels/external_shipment_id/order-1")
    unknown, refused = await rig.call("POST", "/v1/labels/rates/se-9", {})

    assert status == 200
    assert shown == rate
    assert label["shipment_cost"]["amount"] == pytest.approx(
        sum(rate[part]["amount"] for part in ("shipping_amount", "confirmation_amount", "other_amount"))
    )
    assert label["label_id"] == listed["labels"][0]["label_id"] == found["label_id"]
    assert (unknown, code_of(refused)) == (404, "not_found")


async def test_an_external_id_is_taken_once_and_cut_off_after_fifty_characters(rig: Rig) -> None:
    long = "k" * 60
    label = await rig.buy(external_shipment_id=long)
    again, refused = await rig.call("POST", "/v1/labels", purchase(external_shipment_id=long[:50]))
    rated, also = await rig.call("POST", "/v1/rates", rating(external_shipment_id=long))
    missing, _ = await rig.call("GET", f"/v1/labels/external_shipment_id/{long}")

    assert label["external_shipment_id"] == "k" * 50
    assert (again, code_of(refused)) == (rated, code_of(also)) == (409, "identifier_conflict")
    assert missing == 404
    assert len(rig.shipengine.books()) == 1


async def test_a_shipment_without_an_external_id_gets_its_own(rig: Rig) -> None:
    label = await rig.buy()

    assert label["external_shipment_id"] == label["shipment_id"]


async def test_a_void_is_answered_with_200_whether_it_is_approved_or_not(rig: Rig) -> None:
    early, late, old = await rig.buy(), await rig.buy(), await rig.buy()

    def path(label: dict[str, Any]) -> str:
        return f"/v1/labels/{label['label_id']}/void"

    approved = await rig.call("PUT", path(early))
    again = await rig.call("PUT", path(early))
    rig.clock.advance(29 * DAY_S)
    expired = await rig.call("PUT", path(old))
    await rig.live(60, 60)
    used = await rig.call("PUT", path(late))
    unknown, _ = await rig.call("PUT", "/v1/labels/se-9/void")

    assert [status for status, _ in (approved, again, expired, used)] == [200] * 4
    assert approved[1]["approved"] is True
    assert [answer[1]["reason_code"] for answer in (again, expired, used)] == [
        "label_already_voided",
        "label_not_found_within_void_period",
        "label_already_used",
    ]
    assert unknown == 404
    assert rig.shipengine.books()[0].state is BookState.CANCELLED


@pytest.mark.parametrize("step_s", [600.0, float(5 * DAY_S)])
async def test_a_jump_in_time_leaves_no_scan_out_and_keeps_their_order(rig: Rig, step_s: float) -> None:
    label = await rig.buy()
    await rig.live(5 * DAY_S, step_s)

    _, tracked = await rig.call("GET", f"/v1/labels/{label['label_id']}/track")
    details = [event["status_detail_code"] for event in reversed(tracked["events"])]
    assert details == [
        "SHIPMENT_CREATED",
        "RECEIVED_BY_CARRIER",
        "HUB_SCAN_OUT",
        "HUB_SCAN_IN",
        "HUB_SCAN_IN",
        "RECEIVED_LOCAL_DELIVERY_DEPOT",
        "OUT_FOR_DELIVERY",
        "DELIVERED",
    ]
    assert tracked["status_code"] == "DE"
    assert tracked["actual_delivery_date"]


@pytest.mark.parametrize("rig", [0.01], indirect=True)
async def test_the_way_of_a_parcel_can_be_shortened(rig: Rig) -> None:
    await rig.buy()
    # Less than four days on the road are less than an hour at a hundredth.
    await rig.live(3600, 3600)

    assert rig.shipengine.books()[0].state is BookState.DELIVERED


async def test_a_number_is_tracked_by_the_carrier_that_delivers_it(rig: Rig) -> None:
    label = await rig.buy(carrier_id="se-1001", service_code="usps_ground_advantage")
    number = label["tracking_number"]
    query = f"carrier_code=usps&tracking_number={number}"

    _, tracked = await rig.call("GET", f"/v1/tracking?{query}")
    _, unknown = await rig.call("GET", "/v1/tracking?carrier_code=usps&tracking_number=404")
    none, _ = await rig.call("GET", "/v1/tracking")
    started, _ = await rig.call("POST", f"/v1/tracking/start?{query}")
    stopped, _ = await rig.call("POST", f"/v1/tracking/stop?{query}")

    assert (label["carrier_code"], tracked["carrier_code"]) == ("stamps_com", "usps")
    assert (tracked["tracking_number"], tracked["status_code"]) == (number, "NY")
    assert unknown["status_code"] == "UN"
    assert (none, started, stopped) == (400, 204, 204)


async def test_every_package_has_a_number_and_is_tracked_by_it(rig: Rig) -> None:
    rig.shipengine.add_webhook("track", f"{rig.url}/hook", "", {})
    label = await rig.buy(packages=[PACKAGE, PACKAGE])
    await rig.live(60, 60)

    numbers = [package["tracking_number"] for package in label["packages"]]
    assert numbers[0] == label["tracking_number"] != numbers[1]
    assert [json.loads(body)["data"]["tracking_number"] for _, body in rig.letters] == numbers


async def test_webhooks_are_registered_once_for_an_event_and_a_url(rig: Rig) -> None:
    wanted = {
        "event": "track",
        "url": f"{rig.url}/hook",
        "headers": [{"key": "X-Doorstep-Secret", "value": "hush"}],
    }
    made, hook = await rig.call("POST", "/v1/environment/webhooks", wanted)
    again, refused = await rig.call("POST", "/v1/environment/webhooks", wanted)
    bad, _ = await rig.call("POST", "/v1/environment/webhooks", {"event": "track"})
    await rig.buy()
    await rig.live(60, 60)
    _, listed = await rig.call("GET", "/v1/environment/webhooks")
    removed, _ = await rig.call("DELETE", f"/v1/environment/webhooks/{hook['webhook_id']}")
    gone, _ = await rig.call("DELETE", f"/v1/environment/webhooks/{hook['webhook_id']}")

    assert (made, bad, removed, gone) == (200, 400, 204, 404)
    assert (again, code_of(refused)) == (409, "webhook_event_type_conflict")
    assert [entry["headers"] for entry in listed] == [wanted["headers"]]
    (headers, body), *_ = rig.letters
    assert (headers["x-doorstep-secret"], headers["user-agent"]) == ("hush", "ShipEngine/v1")
    assert json.loads(body)["resource_type"] == "API_TRACK"


async def test_webhooks_of_both_generations_say_the_same_otherwise(rig: Rig) -> None:
    rig.shipengine.add_webhook("track", f"{rig.url}/hook", "", {})
    rig.shipengine.add_webhook("track_event_v2", f"{rig.url}/hook", "", {})
    rig.shipengine.add_webhook("batch", f"{rig.url}/hook", "", {})
    label = await rig.buy()
    await rig.live(60, 60)

    first, second = (json.loads(body) for _, body in rig.letters)
    assert first["data"] == {"label_url": None, **second["data"]}
    assert f"tracking_number={label['tracking_number']}" in first["resource_url"]
    assert second["resource_url"].endswith(f"/v2/labels/{label['label_id']}/track")


def is_signed(keys: dict[str, Any], headers: dict[str, str], body: bytes) -> bool:
    """By a key of the set, over timestamp, point and body."""

    def number(digits: str) -> int:
        return int.from_bytes(base64.urlsafe_b64decode(digits + "=" * (-len(digits) % 4)))

    for jwk in keys["keys"]:
        if jwk["kid"] == headers["x-shipengine-rsa-sha256-key-id"]:
            key = RSAPublicNumbers(number(jwk["e"]), number(jwk["n"])).public_key()
            signature = base64.b64decode(headers["x-shipengine-rsa-sha256-signature"])
            try:
                key.verify(
                    signature, headers["x-shipengine-timestamp"].encode() + b"." + body, PKCS1v15(), SHA256()
                )
            except InvalidSignature:
                return False
            return True
    return False


async def test_the_jwks_shows_this_key_and_the_next(rig: Rig) -> None:
    rig.shipengine.add_webhook("track", f"{rig.url}/hook", "", {})
    status, before = await rig.call("GET", "/jwks", **{"API-Key": ""})
    await rig.buy()
    await rig.live(60, 60)
    rig.shipengine.keyring.rotate()
    await rig.buy()
    await rig.live(60, 60)
    _, after = await rig.call("GET", "/jwks")

    assert status == 200
    assert [key["kty"] for key in before["keys"]] == ["EC", "RSA", "RSA"]
    assert before["keys"][2] == after["keys"][1]
    assert [is_signed(before, *letter) for letter in rig.letters] == [True, True]
    assert [is_signed(after, *letter) for letter in rig.letters] == [False, True]
    headers, body = rig.letters[0]
    assert not is_signed(before, headers, body + b" ")


async def test_posts_are_repeated_and_overtake_each_other(rig: Rig) -> None:
    unruly = Habits(repeat_probability=0.5, delay_probability=0.5, delay_up_to_s=3 * DAY_S)
    restless = FakeShipEngine(
        rig.clock,
        rig.postman,
        random.Random(3),
        api_key="live_1",
        webhook_url=f"{rig.url}/hook",
        habits=unruly,
    )
    async with serve(restless.app) as url, rig.session.post(f"{url}/v1/labels", json=purchase()) as bought:
        assert bought.status == 200
    for _ in range(200):
        rig.clock.advance(3600)
        await restless.tick(rig.clock.now())
        await rig.postman.tick(rig.clock.now())

    seen = [len(json.loads(body)["data"]["events"]) for _, body in rig.letters]
    assert set(seen) == set(range(1, 9))
    assert len(seen) > 8
    assert seen != sorted(seen)


@pytest.mark.parametrize("key", ["", "other"])
async def test_a_stranger_is_refused(rig: Rig, key: str) -> None:
    status, answer = await rig.call("GET", "/v1/carriers", **{"API-Key": key})

    assert (status, code_of(answer)) == (401, "unauthorized")


async def test_two_hundred_calls_a_minute_are_answered_and_then_none(rig: Rig) -> None:
    answers = [await rig.call("GET", "/v1/labels") for _ in range(200)]
    rig.clock.advance(20)
    async with rig.session.get("/v1/labels") as response:
        status, wait = response.status, response.headers["Retry-After"]
    rig.clock.advance(40)
    again, _ = await rig.call("GET", "/v1/labels")

    assert {status for status, _ in answers} == {200}
    assert (status, wait, again) == (429, "40", 200)


async def test_a_label_comes_as_page_and_as_picture_and_shows_no_address(rig: Rig) -> None:
    label = await rig.buy()

    for kind, start in (("pdf", b"%PDF-1.4"), ("png", b"\x89PNG")):
        url = label["label_download"][kind]
        async with aiohttp.ClientSession() as stranger, stranger.get(url) as response:
            content = await response.read()
        assert response.status == 200
        assert content.startswith(start)
        assert b"Side St" not in content
    async with rig.session.get("/v1/downloads/se-9.pdf") as response:
        assert response.status == 404
