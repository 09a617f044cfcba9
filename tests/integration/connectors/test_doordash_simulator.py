"""The simulated DoorDash by itself: its protocol as documented, spoken to without the connector."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import time
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
from simulator.carriers.doordash import ERRORS, FakeDoorDash
from simulator.carriers.doordash.actor import HABITS
from simulator.carriers.doordash.problems import natural_operation
from simulator.carriers.serving import serve
from simulator.clock import WorldClock
from simulator.postman import Habits, Postman

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
KEY = b"not-a-real-signing-secret-123456"
STORE, DOOR = LatLng(40.7306, -73.9866), LatLng(40.7411, -73.9897)
QUOTE: dict[str, object] = {
    "external_delivery_id": "D-1",
    "pickup_address": "1 Main St, Port Meridian, NY 10001, US",
    "pickup_phone_number": "+15550100000",
    "dropoff_address": "2 Side St, Port Meridian, NY 10002, US",
    "dropoff_location": {"lat": DOOR.lat, "lng": DOOR.lng},
    "dropoff_phone_number": "+15550100009",
    "order_value": 4200,
}


def at(minutes: float) -> str:
    return (START + timedelta(minutes=minutes)).isoformat()


def span(start: float, end: float) -> dict[str, str]:
    return {"start_time": at(start), "end_time": at(end)}


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def token(key: bytes = KEY, header: dict[str, object] | None = None, **claims: object) -> str:
    now_s = int(time.time())
    head = {"alg": "HS256", "typ": "JWT", "dd-ver": "DD-JWT-V1", **(header or {})}
    payload = {
        "aud": "doordash",
        "iss": "dev_42",
        "kid": "key_42",
        "iat": now_s,
        "exp": now_s + 300,
        **claims,
    }
    signed = f"{encoded(json.dumps(head).encode())}.{encoded(json.dumps(payload).encode())}"
    return f"{signed}.{encoded(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"


@dataclass(slots=True)
class Rig:
    clock: WorldClock
    postman: Postman
    fake: FakeDoorDash
    session: aiohttp.ClientSession
    messages: list[dict[str, Any]]
    answers: list[int]

    async def call(
        self, method: str, path: str, body: dict[str, object] | None = None, bearer: str = ""
    ) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {bearer or token()}"}
        async with self.session.request(method, f"/drive/v2{path}", json=body, headers=headers) as response:
            return response.status, await response.json()

    async def create(self, external_id: str = "D-1", **changes: object) -> dict[str, Any]:
        body = {**QUOTE, "external_delivery_id": external_id, **changes}
        status, answer = await self.call("POST", "/deliveries", body)
        assert status == 200, answer
        return answer

    async def live(self, seconds: float, step_s: float) -> None:
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            await self.fake.tick(self.clock.now())
            await self.postman.tick(self.clock.now())

    def events(self, external_id: str = "D-1") -> list[str]:
        told = [m for m in self.messages if m["external_delivery_id"] == external_id]
        return [str(m["event_name"]) for m in sorted(told, key=lambda m: str(m["created_at"]))]


@pytest.fixture
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    special: dict[str, Any] = {"habits": Habits(), **getattr(request, "param", {})}
    messages: list[dict[str, Any]] = []
    answers: list[int] = []

    async def take_letter(letter: Request) -> Response:
        messages.append({**json.loads(await letter.body()), "header": letter.headers["authorization"]})
        return Response(status_code=answers.pop(0) if answers else 200)

    world = Starlette(routes=[Route("/hook", take_letter, methods=["POST"])])
    clock = WorldClock(START, rate=0)
    postman = Postman(clock, random.Random(11))
    async with serve(world) as url:
        fake = FakeDoorDash(
            clock,
            postman,
            random.Random(7),
            developer_id="dev_42",
            key_id="key_42",
            signing_secret=encoded(KEY),
            webhook_url=f"{url}/hook",
            webhook_authorization="Basic bm90OnJlYWw=",
            geocode=lambda address: STORE if address.startswith("1 Main St") else None,
            **special,
        )
        world.mount("/", fake.app)
        async with aiohttp.ClientSession(url) as session:
            yield Rig(clock, postman, fake, session, messages, answers)
        await fake.close()
        await postman.close()


NOW_S = int(time.time())


@pytest.mark.parametrize(
    "bearer",
    [
        "x",
        "a.b.c",
        token(b"another key"),
        token(header={"alg": "none"}),
        token(header={"dd-ver": "DD-JWT-V2"}),
        token(header={"typ": ""}),
        token(aud="uber"),
        token(iss="dev_43"),
        token(kid="key_43"),
        token(exp=NOW_S - 1),
        token(iat=NOW_S + 3600, exp=NOW_S + 3660),
        token(exp=NOW_S + 1900),
        token(exp="soon"),
    ],
    ids="nonsense parts key alg version typ aud iss kid ended future too-long no-number".split(),
)
async def test_a_token_with_anything_wrong_is_refused(rig: Rig, bearer: str) -> None:
    status, answer = await rig.call("POST", "/quotes", QUOTE, bearer)

    assert (status, answer["code"]) == (401, "authentication_error")


async def test_a_quote_is_the_delivery_with_its_price_and_holds_five_minutes_and_once(rig: Rig) -> None:
    status, quote = await rig.call("POST", "/quotes", QUOTE)
    await rig.call("POST", "/quotes", {**QUOTE, "external_delivery_id": "D-2"})

    made, delivery = await rig.call("POST", "/quotes/D-1/accept", {"tip": 100})
    used, used_body = await rig.call("POST", "/quotes/D-1/accept", {})
    rig.clock.advance(5 * 60)
    late, late_body = await rig.call("POST", "/quotes/D-2/accept", {})
    unknown, _ = await rig.call("POST", "/quotes/D-3/accept", {})

    # 1.19 km as the crow flies, a third longer by road, at 110 cents a kilometre.
    way_km = distance_m(STORE, DOOR) * 1.3 / 1000
    assert (status, quote["delivery_status"], quote["currency"]) == (200, "quote", "USD")
    assert quote["fee"] == round(599 + 110 * way_km)
    assert (made, delivery["delivery_status"], delivery["tip"], delivery["fee"]) == (
        200,
        "created",
        100,
        quote["fee"],
    )
    assert (used, used_body["code"]) == (409, "duplicate_delivery_id")
    assert (late, late_body["code"]) == (400, "validation_error")
    assert unknown == 404
    assert [entry.external_id for entry in rig.fake.books()] == ["D-1"]


@pytest.mark.parametrize("path", ["/quotes", "/deliveries"])
async def test_an_id_serves_once_even_after_its_quote_has_expired(rig: Rig, path: str) -> None:
    await rig.call("POST", "/quotes", QUOTE)
    rig.clock.advance(3600)

    status, answer = await rig.call("POST", path, QUOTE)

    assert (status, answer["code"], answer["external_delivery_id"]) == (409, "duplicate_delivery_id", "D-1")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"external_delivery_id": ""}, "external_delivery_id"),
        ({"external_delivery_id": "D 1"}, "external_delivery_id"),
        ({"pickup_address": ""}, "pickup_address"),
        ({"dropoff_address": None}, "dropoff_address"),
        ({"dropoff_phone_number": "555 0109"}, "dropoff_phone_number"),
        ({"pickup_phone_number": "none"}, "pickup_phone_number"),
        ({"order_value": 42.5}, "order_value"),
        ({"tip": -1}, "tip"),
        ({"locale": "de-DE"}, "locale"),
        ({"action_if_undeliverable": "burn"}, "action_if_undeliverable"),
        ({"dropoff_options": {"signature": True}}, "dropoff_options.signature"),
        ({"order_contains": {"alcohol": "yes"}}, "order_contains.alcohol"),
        ({"order_contains": {"wine": True}}, "order_contains.wine"),
        ({"dasher_allowed_vehicles": ["van"]}, "dasher_allowed_vehicles"),
        ({"items": [{"name": "Bread"}]}, "items"),
        ({"dropoff_location": {"lat": "40"}}, "dropoff_location"),
        ({"pickup_time": "tomorrow"}, "pickup_time"),
        ({"pickup_time": at(-5)}, "pickup_time"),
        ({"pickup_time": at(30), "dropoff_time": at(60)}, "dropoff_time"),
        ({"dropoff_window": span(60, 90)}, "pickup_window"),
        ({"pickup_window": span(60, 90)}, "dropoff_window"),
        ({"pickup_window": span(30, 20), "dropoff_window": span(60, 90)}, "pickup_window"),
        ({"pickup_window": span(95, 99), "dropoff_window": span(60, 90)}, "dropoff_window"),
    ],
)
async def test_a_field_that_is_wrong_is_named(rig: Rig, changes: dict[str, object], field: str) -> None:
    status, answer = await rig.call("POST", "/quotes", {**QUOTE, **changes})

    assert (status, answer["code"]) == (400, "validation_error")
    assert [error["field"] for error in answer["field_errors"]] == [field]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dropoff_location": {"lat": 40.95, "lng": -73.95}}, "distance_too_long"),
        ({"dropoff_location": {"lat": 41.1, "lng": -73.98}}, "delivery_address_not_in_coverage"),
        ({"pickup_address": "1 High St, London, GB"}, "pickup_address_not_in_coverage"),
        ({"pickup_time": at(60 * 24 * 31)}, "outside_of_delivery_time"),
    ],
)
async def test_what_cannot_be_delivered_is_refused_with_its_reason(
    rig: Rig, changes: dict[str, object], reason: str
) -> None:
    status, answer = await rig.call("POST", "/deliveries", {**QUOTE, **changes})

    assert (status, answer["code"], answer["reason"]) == (422, "invalid_delivery_parameters", reason)
    assert rig.fake.books() == []


@pytest.mark.parametrize("code", sorted(ERRORS))
async def test_every_documented_error_can_be_had_for_the_asking(rig: Rig, code: str) -> None:
    natural = natural_operation(code)
    path = {"quote": "/quotes", "create": "/deliveries"}.get(natural, "")
    if path:
        status, answer = await rig.call("POST", path, {**QUOTE, "dropoff_instructions": f"FAIL {code}"})
    elif natural == "get":
        rig.fake.refuse_next(code)
        status, answer = await rig.call("GET", "/deliveries/D-1")
    else:
        await rig.create(pickup_reference_tag=f"1001 FAIL {code}")
        method, tail = ("PUT", "/cancel") if natural == "cancel" else ("PATCH", "")
        status, answer = await rig.call(method, f"/deliveries/D-1{tail}", {})

    told = "/".join(part for part in (answer.get("code", ""), answer.get("reason", "")) if part)
    assert (status, told) == (ERRORS[code][0], "" if code == "rate_limit" else code)


async def test_a_reason_alone_is_magic_enough(rig: Rig) -> None:
    _, answer = await rig.call(
        "POST", "/quotes", {**QUOTE, "dropoff_address": "2 FAIL distance_too_long St, US"}
    )

    assert answer["reason"] == "distance_too_long"


@pytest.mark.parametrize("step_s", [1.0, 20.0, 3600.0])
async def test_a_jump_in_time_leaves_no_event_out_and_keeps_their_order(rig: Rig, step_s: float) -> None:
    await rig.create()

    await rig.live(3600, step_s)

    assert rig.events() == [
        "DELIVERY_CREATED",
        "DASHER_CONFIRMED",
        "DASHER_ENROUTE_TO_PICKUP",
        "DASHER_CONFIRMED_PICKUP_ARRIVAL",
        "DASHER_PICKED_UP",
        "DASHER_ENROUTE_TO_DROPOFF",
        "DASHER_CONFIRMED_DROPOFF_ARRIVAL",
        "DASHER_DROPPED_OFF",
    ]
    # The same seed gives the same ride, however the time was cut.
    assert max(str(m["created_at"]) for m in rig.messages) == "2026-11-23T15:13:02.796969Z"
    assert {m["header"] for m in rig.messages} == {"Basic bm90OnJlYWw="}
    assert rig.fake.books()[0].state is BookState.DELIVERED


async def test_a_delivered_parcel_tells_its_times_and_shows_its_pictures(rig: Rig) -> None:
    await rig.create(dropoff_options={"signature": "required"})
    await rig.live(3600, 60)

    _, final = await rig.call("GET", "/deliveries/D-1")

    assert final["delivery_status"] == "delivered"
    assert final["pickup_time_actual"] < final["dropoff_time_actual"]
    assert "dasher_name" not in final
    for name in ("pickup_verification", "dropoff_verification", "dropoff_signature"):
        async with rig.session.get(final[f"{name}_image_url"]) as picture:
            assert (await picture.read()).startswith(b"\x89PNG")


async def test_a_pin_replaces_the_picture_at_the_door(rig: Rig) -> None:
    await rig.create(dropoff_options={"proof_of_delivery": "pin_code"})
    await rig.live(3600, 60)

    _, final = await rig.call("GET", "/deliveries/D-1")

    assert "dropoff_verification_image_url" not in final


async def test_only_dashers_with_an_allowed_vehicle_come(rig: Rig) -> None:
    for place in range(3):
        await rig.create(f"D-{place}", dasher_allowed_vehicles=["walking"])
    await rig.live(120, 20)

    states = [(await rig.call("GET", f"/deliveries/D-{place}"))[1] for place in range(3)]

    # Two of the twelve walk; the third delivery waits for one of them.
    assert sorted(state["delivery_status"] == "created" for state in states) == [False, False, True]
    assert all("dasher_vehicle_make" not in state for state in states)


@pytest.mark.parametrize("rig", [{"dashers": 0}], indirect=True)
async def test_a_delivery_that_nobody_takes_is_called_off_after_half_an_hour(rig: Rig) -> None:
    await rig.create()
    await rig.live(31 * 60, 60)

    assert rig.events() == ["DELIVERY_CREATED", "DELIVERY_CANCELLED"]
    assert rig.messages[-1]["cancellation_reason"] == "failed_to_assign_and_refunded"


async def test_a_job_that_is_given_back_goes_to_the_next_dasher(rig: Rig) -> None:
    await rig.create()
    assert not rig.fake.drop_dasher("D-1")
    assert not rig.fake.drop_dasher("D-unknown")
    await rig.live(100, 20)

    assert rig.fake.drop_dasher("D-1")
    _, searching = await rig.call("GET", "/deliveries/D-1")
    await rig.live(3600, 20)

    assert searching["delivery_status"] == "created"
    assert rig.events().count("DASHER_CONFIRMED") == 2
    assert rig.events()[-1] == "DASHER_DROPPED_OFF"
    assert not rig.fake.drop_dasher("D-1")


@pytest.mark.parametrize(
    ("changes", "last"),
    [
        ({}, "DELIVERY_RETURNED"),
        ({"action_if_undeliverable": "dispose"}, "DELIVERY_CANCELLED"),
        ({"action_if_undeliverable": "dispose", "order_contains": {"alcohol": True}}, "DELIVERY_RETURNED"),
    ],
)
async def test_what_nobody_takes_in_comes_back_unless_it_may_be_thrown_away(
    rig: Rig, changes: dict[str, Any], last: str
) -> None:
    await rig.create(dropoff_instructions="FATE undeliverable", **changes)
    await rig.live(7200, 60)

    assert rig.events()[-1] == last
    if last == "DELIVERY_RETURNED":
        assert rig.events()[-4:-1] == [
            "DELIVERY_RETURN_INITIALIZED",
            "DASHER_ENROUTE_TO_RETURN",
            "DASHER_CONFIRMED_RETURN_ARRIVAL",
        ]
    assert rig.fake.books()[0].state is BookState.FAILED


async def test_it_is_cancelled_until_the_pickup_and_never_after(rig: Rig) -> None:
    await rig.create()
    first, cancelled = await rig.call("PUT", "/deliveries/D-1/cancel")
    _, twice = await rig.call("PUT", "/deliveries/D-1/cancel")
    await rig.create("D-2")
    await rig.live(3600, 60)
    _, over = await rig.call("PUT", "/deliveries/D-2/cancel")
    await rig.call("POST", "/quotes", {**QUOTE, "external_delivery_id": "D-3"})
    _, only_quoted = await rig.call("PUT", "/deliveries/D-3/cancel")

    assert (first, cancelled["cancellation_reason"]) == (200, "cancelled_by_creator")
    assert [answer["reason"] for answer in (twice, over, only_quoted)] == [
        "delivery_cancelled",
        "delivery_completed",
        "delivery_creation_in_progress",
    ]


async def test_a_change_moves_the_door_and_the_price_and_leaves_the_rest(rig: Rig) -> None:
    made = await rig.create(pickup_instructions="Counter 2")

    _, changed = await rig.call(
        "PATCH", "/deliveries/D-1", {"dropoff_location": {"lat": 40.76, "lng": -73.97}, "tip": 300}
    )
    status, renamed = await rig.call("PATCH", "/deliveries/D-1", {"external_delivery_id": "D-9"})

    assert (changed["tip"], changed["pickup_instructions"]) == (300, "Counter 2")
    assert changed["fee"] > made["fee"]
    assert (status, renamed["field_errors"][0]["field"]) == (400, "external_delivery_id")


async def test_a_late_pickup_does_not_forbid_other_changes(rig: Rig) -> None:
    await rig.create(pickup_time=at(10))
    rig.clock.advance(15 * 60)

    status, _ = await rig.call("PATCH", "/deliveries/D-1", {"tip": 300})

    assert status == 200


async def test_a_scheduled_delivery_waits_for_its_window(rig: Rig) -> None:
    await rig.create(pickup_window=span(90, 170), dropoff_window=span(120, 180))
    await rig.live(3 * 3600, 60)

    _, final = await rig.call("GET", "/deliveries/D-1")

    assert final["delivery_status"] == "delivered"
    assert datetime.fromisoformat(at(120)) <= datetime.fromisoformat(final["dropoff_time_actual"])


@pytest.mark.parametrize("rig", [{"habits": HABITS, "dashers": 0}], indirect=True)
@pytest.mark.parametrize(("noes", "tries"), [(0, 1), (1, 2), (2, 3), (9, 3)])
async def test_a_message_that_is_not_taken_is_tried_three_times(rig: Rig, noes: int, tries: int) -> None:
    rig.answers += [500] * noes
    await rig.create()

    await rig.live(900, 10)

    assert rig.events() == ["DELIVERY_CREATED"] * tries
    assert rig.postman.waiting == 0


@pytest.mark.parametrize(
    "rig",
    [{"habits": Habits(repeat_probability=1.0, delay_probability=0.5, delay_up_to_s=600.0)}],
    indirect=True,
)
async def test_messages_may_come_twice_and_in_any_order(rig: Rig) -> None:
    await rig.create()
    await rig.live(3 * 3600, 10)

    arrived = [str(m["created_at"]) for m in rig.messages]
    assert len(arrived) == 2 * len(set(arrived)) == 16
    assert arrived != sorted(arrived)


@pytest.mark.parametrize("rig", [{"event_field": "event_type"}], indirect=True)
async def test_the_published_field_for_events_can_be_chosen(rig: Rig) -> None:
    await rig.create()
    await rig.live(10, 10)

    assert rig.messages[0]["event_type"] == "DELIVERY_CREATED"
    assert "event_name" not in rig.messages[0]


async def test_deliveries_on_one_route_are_told_with_the_routes_id(rig: Rig) -> None:
    for name in ("D-1", "D-2"):
        await rig.create(name)

    batch_id = rig.fake.batch("D-1", "D-2")
    await rig.live(10, 10)

    told = [m for m in rig.messages if m["event_name"] == "DELIVERY_BATCHED"]
    assert {(m["external_delivery_id"], m["force_batch_id"]) for m in told} == {
        ("D-1", batch_id),
        ("D-2", batch_id),
    }


async def test_three_hundred_calls_a_minute_and_not_one_more(rig: Rig) -> None:
    statuses = [(await rig.call("GET", "/deliveries/D-1"))[0] for _ in range(301)]
    rig.clock.advance(60)
    again, _ = await rig.call("GET", "/deliveries/D-1")

    assert (statuses.count(404), statuses[-1], again) == (300, 429, 404)


@pytest.mark.parametrize(
    ("country", "currency"), [("US", "USD"), ("CA", "CAD"), ("AU", "AUD"), ("NZ", "NZD")]
)
async def test_every_country_is_charged_in_its_own_money(rig: Rig, country: str, currency: str) -> None:
    _, quote = await rig.call(
        "POST", "/quotes", {**QUOTE, "pickup_address": f"1 Main St, Port Meridian, {country}"}
    )

    assert quote["currency"] == currency
