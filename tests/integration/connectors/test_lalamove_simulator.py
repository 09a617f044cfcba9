"""The simulated Lalamove by itself: its protocol as documented, spoken to without the connector."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.carriers.books import BookState
from simulator.carriers.lalamove import ERRORS, MARKETS, FakeLalamove, Pace
from simulator.carriers.lalamove.actor import FAILURES_UNTIL_OFF, HABITS
from simulator.carriers.lalamove.allowance import PRODUCTION, SANDBOX
from simulator.carriers.lalamove.problems import natural_operation
from simulator.carriers.serving import serve
from simulator.clock import WorldClock
from simulator.postman import Habits, Postman

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SECRET = b"sk_test_1"
PICKUP = {"coordinates": {"lat": "22.3354000", "lng": "114.1761000"}, "address": "1 Main St, Hong Kong"}
DROPOFF = {"coordinates": {"lat": "22.3193000", "lng": "114.1694000"}, "address": "2 Side St, Hong Kong"}
QUOTE: dict[str, Any] = {"serviceType": "CAR", "language": "en_HK", "stops": [PICKUP, DROPOFF]}
REASON = {"reason": "DRIVER_LATE"}


def there(address: str) -> dict[str, Any]:
    return {**QUOTE, "stops": [PICKUP, {**DROPOFF, "address": address}]}


@dataclass(slots=True)
class Rig:
    clock: WorldClock
    postman: Postman
    lalamove: FakeLalamove
    session: aiohttp.ClientSession
    hook: str
    hook_status: list[int] = field(default_factory=lambda: [200])
    letters: list[tuple[datetime, bytes]] = field(default_factory=list)

    async def call(
        self,
        method: str,
        path: str,
        data: object = None,
        *,
        secret: bytes = SECRET,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        body = b"" if data is None else json.dumps({"data": data}).encode()
        signed = f"1700000000000\r\n{method}\r\n{path}\r\n\r\n".encode() + body
        signature = hmac.new(secret, signed, hashlib.sha256).hexdigest()
        usual = {
            "Authorization": f"hmac pk_test_1:1700000000000:{signature}",
            "Market": "HK",
            "Request-ID": "cd8c5259",
        }
        sent = {name: value for name, value in {**usual, **(headers or {})}.items() if value}
        async with self.session.request(method, path, data=body or None, headers=sent) as answer:
            content = await answer.read()
            return answer.status, json.loads(content) if content else None

    async def quoted(self, quote: dict[str, Any] | None = None) -> dict[str, Any]:
        status, answer = await self.call("POST", "/v3/quotations", quote or QUOTE)
        assert status == 201
        quotation: dict[str, Any] = answer["data"]
        return quotation

    async def placed(self, quote: dict[str, Any] | None = None, **changes: object) -> str:
        status, answer = await self.call("POST", "/v3/orders", order(await self.quoted(quote), **changes))
        assert status == 201
        return str(answer["data"]["orderId"])

    async def read(self, order_id: str) -> dict[str, Any]:
        _, answer = await self.call("GET", f"/v3/orders/{order_id}")
        read: dict[str, Any] = answer["data"]
        return read

    async def live(self, seconds: float, step_s: float = 20.0) -> None:
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            await self.lalamove.tick(self.clock.now())
            await self.postman.tick(self.clock.now())

    async def until(self, status: str, order_id: str) -> None:
        for _ in range(600):
            if (await self.read(order_id))["status"] == status:
                return
            await self.live(20)
        raise AssertionError(f"never {status}")

    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.letters]


def order(quotation: dict[str, Any], **changes: object) -> dict[str, object]:
    first, last = (stop["stopId"] for stop in quotation["stops"])
    return {
        "quotationId": quotation["quotationId"],
        "sender": {"stopId": first, "name": "Till", "phone": "+85255550100"},
        "recipients": [
            {"stopId": last, "name": "A. Shopper", "phone": "+85255550109", "remarks": "Ref: 1\r\nRing"}
        ],
        "isPODEnabled": True,
        "metadata": {"reference": "1001"},
        **changes,
    }


def code_of(answer: Any) -> str:
    return str(answer["errors"][0]["id"])


@dataclass(frozen=True, slots=True)
class Wish:
    """What a test wants to be otherwise."""

    pace: Pace = field(default_factory=Pace)
    habits: Habits = field(default_factory=Habits)
    orders_a_second: int = 0
    sandbox: bool = False


@pytest.fixture
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    wish: Wish = getattr(request, "param", Wish())
    clock = WorldClock(START, rate=0)
    postman = Postman(clock, random.Random(11))
    rigs: list[Rig] = []

    async def take_letter(letter: Request) -> Response:
        rigs[0].letters.append((clock.now(), await letter.body()))
        return Response(status_code=rigs[0].hook_status[0])

    world = Starlette(routes=[Route("/hook", take_letter, methods=["POST"])])
    async with serve(world) as url:
        lalamove = FakeLalamove(
            clock,
            postman,
            random.Random(7),
            api_key="pk_test_1",
            api_secret=SECRET.decode(),
            market=MARKETS["HK"],
            webhook_url=f"{url}/hook",
            pace=wish.pace,
            habits=wish.habits,
            orders_a_second=wish.orders_a_second,
            calls_a_minute=SANDBOX if wish.sandbox else PRODUCTION,
        )
        world.mount("/", lalamove.app)
        async with aiohttp.ClientSession(url) as session:
            rigs.append(Rig(clock, postman, lalamove, session, f"{url}/hook"))
            yield rigs[0]
        await lalamove.close()
        await postman.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": ""}, 401),
        ({"Authorization": "hmac pk_test_1:1700000000000:00"}, 401),
        ({"Authorization": "Bearer x"}, 401),
        ({"Request-ID": ""}, 400),
        ({"Market": "SG"}, 422),
        ({}, 200),
    ],
)
async def test_every_call_is_signed_numbered_and_for_its_market(
    rig: Rig, headers: dict[str, str], status: int
) -> None:
    assert (await rig.call("GET", "/v3/cities", headers=headers))[0] == status


async def test_a_signature_of_another_secret_or_over_another_body_is_refused(rig: Rig) -> None:
    wrong, _ = await rig.call("POST", "/v3/quotations", QUOTE, secret=b"sk_test_2")
    changed = json.dumps({"data": QUOTE}).encode() + b" "
    signed = f"1\r\nPOST\r\n/v3/quotations\r\n\r\n{json.dumps({'data': QUOTE})}".encode()
    signature = hmac.new(SECRET, signed, hashlib.sha256).hexdigest()
    headers = {"Authorization": f"hmac pk_test_1:1:{signature}", "Market": "HK", "Request-ID": "1"}
    async with rig.session.post("/v3/quotations", data=changed, headers=headers) as answer:
        assert (wrong, answer.status) == (401, 401)


async def test_cities_list_what_is_driven_in_them(rig: Rig) -> None:
    _, answer = await rig.call("GET", "/v3/cities")

    (city,) = answer["data"]
    assert (city["locode"], city["name"]) == ("HK HKG", "Hong Kong")
    assert city["services"][0] == {
        "key": "MOTORCYCLE",
        "description": "Motorcycle",
        "dimensions": {
            "length": {"value": "0.4", "unit": "m"},
            "width": {"value": "0.4", "unit": "m"},
            "height": {"value": "0.4", "unit": "m"},
        },
        "load": {"value": "20", "unit": "kg"},
        "specialRequests": [],
        "deliveryItemSpecification": {},
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stops": [PICKUP]}, "ERR_INSUFFICIENT_STOPS"),
        ({"stops": [PICKUP, *[DROPOFF] * 16]}, "ERR_TOO_MANY_STOPS"),
        ({"serviceType": "ROCKET"}, "ERR_INVALID_SERVICE_TYPE"),
        ({"specialRequests": ["THERMAL_BAG_1"]}, "ERR_INVALID_SPECIAL_REQUEST"),
        ({"scheduleAt": "2026-11-23T01:00:00.000Z"}, "ERR_INVALID_SCHEDULE_TIME"),
        ({"scheduleAt": "2026-12-24T02:00:00.000Z"}, "ERR_INVALID_SCHEDULE_TIME"),
        ({"scheduleAt": "tomorrow"}, "ERR_INVALID_FIELD"),
        ({"language": ""}, "ERR_MISSING_FIELD"),
        ({"stops": [PICKUP, {"address": "2 Side St"}]}, "ERR_REVERSE_GEOCODE_FAILURE"),
        ({"stops": [PICKUP, {**DROPOFF, "address": ""}]}, "ERR_MISSING_FIELD"),
        ({"stops": [PICKUP, {**DROPOFF, "coordinates": {"lat": "x"}}]}, "ERR_INVALID_FIELD"),
        (
            {"stops": [PICKUP, {**DROPOFF, "coordinates": {"lat": "1.35", "lng": "103.8"}}]},
            "ERR_OUT_OF_SERVICE_AREA",
        ),
    ],
)
async def test_a_quotation_that_breaks_a_rule_is_refused_with_its_code(
    rig: Rig, changes: dict[str, object], code: str
) -> None:
    status, answer = await rig.call("POST", "/v3/quotations", {**QUOTE, **changes})

    assert (status, code_of(answer)) == (422, code)


@pytest.mark.parametrize("code", sorted(code for code in ERRORS if natural_operation(code) == "quote"))
async def test_a_magic_address_forces_every_error_of_a_quotation(rig: Rig, code: str) -> None:
    status, answer = await rig.call("POST", "/v3/quotations", there(f"2 FAIL {code} St, Hong Kong"))

    assert status == ERRORS[code][0]
    assert (code in json.dumps(answer)) == code.startswith("ERR_")


@pytest.mark.parametrize(
    ("code", "method", "path", "data"),
    [
        ("ERR_CANCELLATION_FORBIDDEN", "DELETE", "", None),
        ("ERR_ORDER_EDIT", "PATCH", "", {"stops": [PICKUP, DROPOFF]}),
        ("ERR_INVALID_TIPS", "POST", "/priority-fee", {"priorityFee": "20"}),
        ("ERR_EXCEED_MIN_TIPS", "POST", "/priority-fee", {"priorityFee": "20"}),
        ("ERR_EXCEED_MAX_TIPS", "POST", "/priority-fee", {"priorityFee": "20"}),
        ("ERR_INVALID_ORDER_STATUS", "POST", "/priority-fee", {"priorityFee": "20"}),
    ],
)
async def test_a_magic_address_forces_the_errors_of_what_comes_after_the_order(
    rig: Rig, code: str, method: str, path: str, data: object
) -> None:
    order_id = await rig.placed(there(f"2 FAIL {code} St"))

    status, answer = await rig.call(method, f"/v3/orders/{order_id}{path}", data)

    assert (status, code_of(answer)) == (ERRORS[code][0], code)


@pytest.mark.parametrize("code", sorted(code for code in ERRORS if natural_operation(code) == "order"))
async def test_a_magic_address_forces_the_errors_of_an_order(rig: Rig, code: str) -> None:
    quotation = await rig.quoted(there(f"2 FAIL {code} St"))

    status, answer = await rig.call("POST", "/v3/orders", order(quotation))

    assert (status, code_of(answer)) == (ERRORS[code][0], code)


async def test_a_quotation_serves_one_order_within_five_minutes_and_both_ends_look_alike(rig: Rig) -> None:
    first, second = await rig.quoted(), await rig.quoted()
    made, _ = await rig.call("POST", "/v3/orders", order(first))
    _, used = await rig.call("POST", "/v3/orders", order(first))
    rig.clock.advance(300)
    _, ended = await rig.call("POST", "/v3/orders", order(second))

    assert made == 201
    assert code_of(used) == code_of(ended) == "ERR_INVALID_QUOTATION_ID"
    assert (await rig.call("GET", f"/v3/quotations/{second['quotationId']}"))[1]["data"] == second
    assert first["expiresAt"] == "2026-11-23T02:05:00.00Z"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quotationId": "1"}, "ERR_INVALID_QUOTATION_ID"),
        ({"sender": {"stopId": "1", "name": "Till", "phone": "+85255550100"}}, "ERR_MISSING_FIELD"),
        ({"recipients": []}, "ERR_MISSING_FIELD"),
    ],
)
async def test_an_order_needs_its_quotation_and_its_people(
    rig: Rig, changes: dict[str, object], code: str
) -> None:
    quotation = await rig.quoted()

    _, answer = await rig.call("POST", "/v3/orders", order(quotation, **changes))

    assert code_of(answer) == code
    assert rig.lalamove.books() == []


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ({"phone": "5555 0109"}, "ERR_INVALID_PHONE_NUMBER"),
        ({"name": ""}, "ERR_MISSING_FIELD"),
        ({"remarks": "x" * 1501}, "ERR_INVALID_FIELD"),
    ],
)
async def test_recipients_have_names_phones_and_short_remarks(
    rig: Rig, person: dict[str, str], code: str
) -> None:
    quotation = await rig.quoted()
    usual = {"stopId": quotation["stops"][1]["stopId"], "name": "A. Shopper", "phone": "+85255550109"}

    _, answer = await rig.call("POST", "/v3/orders", order(quotation, recipients=[{**usual, **person}]))

    assert code_of(answer) == code


async def test_an_order_has_nineteen_digits_no_stop_ids_and_no_plus_signs(rig: Rig) -> None:
    read = await rig.read(await rig.placed())

    assert len(read["orderId"]) == 19
    assert (read["driverId"], read["metadata"]) == ("", {"reference": "1001"})
    assert read["remarks"] == ["Ref: 1", "Ring"]
    assert [stop["phone"] for stop in read["stops"]] == [" 85255550100", " 85255550109"]
    assert "stopId" not in read["stops"][0]
    assert read["stops"][1]["POD"] == {"status": "PENDING"}


async def test_every_answer_tells_what_is_left_and_a_call_too_many_waits_for_the_minute(rig: Rig) -> None:
    async with rig.session.get("/v3/cities", headers={"Market": "HK"}) as stranger:
        assert stranger.headers["RateLimit-Limit-GetCities"] == "300"
        assert stranger.headers["RateLimit-Remaining-GetCities"] == "300"
    statuses = [(await rig.call("POST", "/v3/quotations", QUOTE))[0] for _ in range(100)]
    over, answer = await rig.call("POST", "/v3/quotations", QUOTE)
    rig.clock.advance(60)
    again, _ = await rig.call("POST", "/v3/quotations", QUOTE)

    assert set(statuses) == {201}
    assert (over, code_of(answer), again) == (429, "ERR_RATE_LIMIT_EXCEEDED", 201)


@pytest.mark.parametrize("rig", [Wish(sandbox=True)], indirect=True, ids=["sandbox"])
async def test_the_sandbox_takes_thirty(rig: Rig) -> None:
    statuses = [(await rig.call("POST", "/v3/quotations", QUOTE))[0] for _ in range(31)]

    assert statuses.count(201) == 30


@pytest.mark.parametrize("rig", [Wish(orders_a_second=2)], indirect=True, ids=["two"])
async def test_two_orders_are_taken_in_a_second(rig: Rig) -> None:
    quotations = [await rig.quoted() for _ in range(4)]
    statuses = [(await rig.call("POST", "/v3/orders", order(one)))[0] for one in quotations[:3]]
    rig.clock.advance(1)
    later, _ = await rig.call("POST", "/v3/orders", order(quotations[3]))

    assert (statuses, later) == ([201, 201, 429], 201)


async def test_the_wallet_is_charged_by_orders_and_fees_and_gets_back_what_is_called_off(rig: Rig) -> None:
    price = round(float((await rig.quoted())["priceBreakdown"]["total"]) * 100)
    rig.lalamove.fill_wallet(price + 3_000)
    order_id = await rig.placed()
    poor, answer = await rig.call("POST", f"/v3/orders/{order_id}/priority-fee", {"priorityFee": "31"})
    await rig.call("POST", f"/v3/orders/{order_id}/priority-fee", {"priorityFee": "30"})
    empty = rig.lalamove.desk.wallet_minor
    await rig.call("DELETE", f"/v3/orders/{order_id}")

    assert (poor, code_of(answer), empty) == (402, "ERR_INSUFFICIENT_CREDIT", 0)
    assert rig.lalamove.desk.wallet_minor == price + 3_000


@pytest.mark.parametrize("step_s", [5.0, 20.0, 3600.0])
async def test_a_jump_in_time_leaves_no_event_out_and_keeps_their_order(rig: Rig, step_s: float) -> None:
    await rig.placed()

    await rig.live(3600, step_s)

    messages = rig.messages()
    told = [(one["eventType"], one["data"]["order"].get("status", "")) for one in messages]
    assert sorted(messages, key=lambda one: int(one["timestamp"])) == messages
    assert told == [
        ("ORDER_CREATED", "ASSIGNING_DRIVER"),
        ("ORDER_STATUS_CHANGED", "ASSIGNING_DRIVER"),
        ("ORDER_STATUS_CHANGED", "ON_GOING"),
        ("DRIVER_ASSIGNED", ""),
        ("ORDER_STATUS_CHANGED", "PICKED_UP"),
        ("POP_STATUS_CHANGED", ""),
        ("POD_STATUS_CHANGED", ""),
        ("ORDER_STATUS_CHANGED", "COMPLETED"),
    ]
    # The same seed gives the same ride, however the time was cut.
    assert messages[-1]["timestamp"] == 1795399903


async def test_an_event_is_signed_in_its_body_over_time_path_and_data(rig: Rig) -> None:
    await rig.placed()
    await rig.live(20)

    for _, body in rig.letters:
        message = json.loads(body)
        data = body[body.index(b'"data":') + len(b'"data":') : -1]
        signed = f"{message['timestamp']}\r\nPOST\r\n/hook\r\n\r\n".encode() + data
        assert message["signature"] == hmac.new(SECRET, signed, hashlib.sha256).hexdigest()
        assert (message["apiKey"], message["eventVersion"]) == ("pk_test_1", "v3")
        assert json.loads(data) == message["data"]


async def test_the_previous_status_and_the_odd_instants_are_told(rig: Rig) -> None:
    order_id = await rig.placed()
    await rig.until("ON_GOING", order_id)

    changes = [one["data"] for one in rig.messages() if one["eventType"] == "ORDER_STATUS_CHANGED"]
    assert [data["order"]["previousStatus"] for data in changes] == ["", "ASSIGNING_DRIVER"]
    assert changes[0]["updatedAt"] == "2026-11-23T02:00.00Z"


@pytest.mark.parametrize("rig", [Wish(habits=HABITS)], indirect=True, ids=["real habits"])
async def test_a_url_that_fails_ten_times_is_switched_off_and_a_message_is_tried_eleven_times(
    rig: Rig,
) -> None:
    rig.hook_status[0] = 500
    await rig.placed()
    await rig.live(2 * 86_400, step_s=600)
    tried = [body for _, body in rig.letters]
    first = tried[0]
    instants = [at for at, body in rig.letters if body == first]
    rig.letters.clear()
    await rig.placed()
    await rig.live(86_400, step_s=600)

    assert len(tried) >= FAILURES_UNTIL_OFF
    assert rig.lalamove.webhook_url == ""
    # Two copies where the postman repeats himself.
    assert len(instants) in {11, 22}
    assert timedelta(hours=20) < instants[-1] - instants[0] < timedelta(hours=26)
    assert rig.letters == []


async def test_one_success_forgives_the_failures_before(rig: Rig) -> None:
    for _ in range(3):
        rig.hook_status[0] = 500
        await rig.placed()
        await rig.live(20)
        rig.hook_status[0] = 200
        await rig.placed()
        await rig.live(20)

    assert rig.lalamove.webhook_url == rig.hook


@pytest.mark.parametrize(
    "rig",
    [Wish(habits=Habits(repeat_probability=0.5, delay_probability=0.5, delay_up_to_s=600))],
    indirect=True,
    ids=["disorder"],
)
async def test_messages_may_come_twice_and_out_of_order_and_keep_their_ids(rig: Rig) -> None:
    for _ in range(3):
        await rig.placed()
    await rig.live(7200, step_s=30)

    messages = rig.messages()
    ids = [one["eventId"] for one in messages]
    stamps = [one["timestamp"] for one in messages]
    assert len(set(ids)) == 24
    assert len(ids) > 24
    assert stamps != sorted(stamps)


async def test_a_url_is_registered_if_it_answers_an_empty_hello_with_200(rig: Rig) -> None:
    rig.lalamove.webhook_url = ""
    rig.hook_status[0] = 500
    refused, answer = await rig.call("PATCH", "/v3/webhook", {"url": rig.hook})
    rig.hook_status[0] = 200
    taken, _ = await rig.call("PATCH", "/v3/webhook", {"url": rig.hook})

    assert (refused, code_of(answer), taken) == (422, "ERR_INVALID_RESPONSE", 200)
    assert [body for _, body in rig.letters] == [b"", b""]
    assert rig.lalamove.webhook_url == rig.hook


async def test_a_driver_who_bails_sends_the_order_back_and_the_third_ends_it(rig: Rig) -> None:
    order_id = await rig.placed()
    states = []
    for _ in range(3):
        await rig.until("ON_GOING", order_id)
        assert rig.lalamove.drop_driver(order_id)
        states.append((await rig.read(order_id))["status"])

    assert states == ["ASSIGNING_DRIVER", "ASSIGNING_DRIVER", "REJECTED"]
    assert not rig.lalamove.drop_driver(order_id)
    assert rig.lalamove.books()[0].state is BookState.FAILED


async def test_the_button_drops_the_driver_on_the_way_or_the_next_one(rig: Rig) -> None:
    assert rig.lalamove.drop_next_driver() == ""
    order_id = await rig.placed()
    await rig.live(3600)

    told = [one["data"]["order"] for one in rig.messages() if one["eventType"] == "ORDER_STATUS_CHANGED"]
    assert [data["status"] for data in told][:5] == [
        "ASSIGNING_DRIVER",
        "ON_GOING",
        "ASSIGNING_DRIVER",
        "ON_GOING",
        "PICKED_UP",
    ]
    assert (await rig.read(order_id))["status"] == "COMPLETED"


@pytest.mark.parametrize("rig", [Wish(pace=Pace(bail_chance=1.0))], indirect=True, ids=["all bail"])
async def test_drivers_may_give_up_by_themselves(rig: Rig) -> None:
    order_id = await rig.placed()
    await rig.live(3600)

    assert (await rig.read(order_id))["status"] == "REJECTED"


@pytest.mark.parametrize(
    ("ahead_min", "expires_min"), [(0, 120), (300, 420)], ids=["at once", "by appointment"]
)
async def test_without_a_driver_an_order_expires_two_hours_after_it_was_wanted(
    rig: Rig, ahead_min: int, expires_min: int
) -> None:
    quote = there("2 FATE NO_DRIVER St")
    if ahead_min:
        quote["scheduleAt"] = (START + timedelta(minutes=ahead_min)).isoformat()
    order_id = await rig.placed(quote)

    await rig.live((expires_min - 1) * 60, step_s=60)
    before = (await rig.read(order_id))["status"]
    await rig.live(120, step_s=60)

    assert (before, (await rig.read(order_id))["status"]) == ("ASSIGNING_DRIVER", "EXPIRED")


async def test_the_first_driver_who_gives_up_starts_the_two_hours_anew(rig: Rig) -> None:
    order_id = await rig.placed()
    await rig.until("ON_GOING", order_id)
    gave_up_at = rig.clock.now()
    rig.lalamove.drop_driver(order_id)
    first = rig.lalamove.desk.get(order_id, gave_up_at).expires_at
    await rig.until("ON_GOING", order_id)
    rig.lalamove.drop_driver(order_id)
    second = rig.lalamove.desk.get(order_id, gave_up_at).expires_at

    assert first == second == gave_up_at + timedelta(hours=2) > START + timedelta(hours=2)


async def test_an_order_is_called_off_only_before_the_match_or_five_minutes_after_it(rig: Rig) -> None:
    searching, fresh, old = [await rig.placed() for _ in range(3)]
    before, _ = await rig.call("DELETE", f"/v3/orders/{searching}")
    twice, _ = await rig.call("DELETE", f"/v3/orders/{searching}")
    await rig.until("ON_GOING", fresh)
    await rig.until("ON_GOING", old)
    within, _ = await rig.call("DELETE", f"/v3/orders/{fresh}")
    rig.clock.advance(300)
    after, answer = await rig.call("DELETE", f"/v3/orders/{old}")

    assert (before, twice, within) == (204, 409, 204)
    assert (after, code_of(answer)) == (409, "ERR_CANCELLATION_FORBIDDEN")


@pytest.mark.parametrize(
    ("fee", "code"),
    [
        ("20", "ERR_INVALID_TIPS"),
        ("19", "ERR_INVALID_TIPS"),
        ("30.001", "ERR_INVALID_TIPS"),
        ("101", "ERR_EXCEED_MAX_TIPS"),
        (20, "ERR_MISSING_FIELD"),
    ],
)
async def test_a_priority_fee_must_exceed_the_last_one(rig: Rig, fee: object, code: str) -> None:
    order_id = await rig.placed()
    path = f"/v3/orders/{order_id}/priority-fee"
    _, first = await rig.call("POST", path, {"priorityFee": "20"})

    _, answer = await rig.call("POST", path, {"priorityFee": fee})

    assert first["data"]["priceBreakdown"]["priorityFee"] == "20"
    assert code_of(answer) == code


async def test_a_fee_below_the_least_or_after_the_match_is_refused(rig: Rig) -> None:
    order_id = await rig.placed()
    path = f"/v3/orders/{order_id}/priority-fee"
    _, low = await rig.call("POST", path, {"priorityFee": "0.5"})
    await rig.until("ON_GOING", order_id)
    _, late = await rig.call("POST", path, {"priorityFee": "20"})

    assert (code_of(low), code_of(late)) == ("ERR_EXCEED_MIN_TIPS", "ERR_INVALID_ORDER_STATUS")


async def test_drop_offs_are_edited_once_between_match_and_pickup_with_the_pickup_as_it_was(
    rig: Rig,
) -> None:
    order_id = await rig.placed()
    path = f"/v3/orders/{order_id}"
    pickup = {**PICKUP, "name": "Till", "phone": "+85255550100"}
    dropoff = {**DROPOFF, "address": "4 Side St", "name": "A. Shopper", "phone": "+85255550109"}
    early, _ = await rig.call("PATCH", path, {"stops": [pickup, dropoff]})
    await rig.until("ON_GOING", order_id)
    moved, _ = await rig.call("PATCH", path, {"stops": [{**pickup, "address": "3 Main St"}, dropoff]})
    away = {**dropoff, "coordinates": {"lat": "1.35", "lng": "103.8"}}
    _, outside = await rig.call("PATCH", path, {"stops": [pickup, away]})
    once, answer = await rig.call("PATCH", path, {"stops": [pickup, dropoff]})
    twice, _ = await rig.call("PATCH", path, {"stops": [pickup, dropoff]})

    assert (early, moved, once, twice) == (422, 422, 201, 422)
    assert code_of(outside) == "ERR_OUT_OF_SERVICE_AREA"
    # The remarks were not sent again, so they are gone.
    assert answer["data"]["remarks"] == []
    assert answer["data"]["stops"][1]["address"] == "4 Side St"


async def test_a_driver_is_changed_from_fifteen_minutes_after_the_match_until_the_pickup(rig: Rig) -> None:
    start = START + timedelta(hours=1)
    order_id = await rig.placed({**QUOTE, "scheduleAt": start.isoformat()})
    await rig.until("ON_GOING", order_id)
    driver_id = (await rig.read(order_id))["driverId"]
    path = f"/v3/orders/{order_id}/drivers/{driver_id}"
    _, early = await rig.call("DELETE", path, REASON)
    rig.clock.advance(15 * 60)
    _, senseless = await rig.call("DELETE", path, {"reason": "BORED"})
    _, stranger = await rig.call("DELETE", f"/v3/orders/{order_id}/drivers/1", REASON)
    changed, _ = await rig.call("DELETE", path, REASON)

    assert (code_of(early), code_of(senseless)) == ("ERR_CHANGE_DRIVER", "ERR_INVALID_FIELD")
    assert (code_of(stranger), changed) == ("ERR_DRIVER_NOT_FOUND", 204)
    assert (await rig.read(order_id))["status"] == "ASSIGNING_DRIVER"


async def test_a_driver_is_shown_until_the_order_is_complete_and_his_place_every_ten_seconds(
    rig: Rig,
) -> None:
    order_id = await rig.placed()
    await rig.until("PICKED_UP", order_id)
    path = f"/v3/orders/{order_id}/drivers/{(await rig.read(order_id))['driverId']}"
    places = []
    for _ in range(4):
        _, answer = await rig.call("GET", path)
        places.append(answer["data"]["coordinates"]["lat"])
        rig.clock.advance(5)
    await rig.until("COMPLETED", order_id)
    over, _ = await rig.call("GET", path)

    assert len(set(places)) == 2
    assert over == 403


async def test_orders_are_shown_for_sixty_days(rig: Rig) -> None:
    order_id = await rig.placed()
    rig.clock.advance(61 * 86_400)
    old, _ = await rig.call("GET", f"/v3/orders/{order_id}")
    unknown, answer = await rig.call("GET", "/v3/orders/1")

    assert old == 403
    assert (unknown, code_of(answer)) == (404, "ERR_ORDER_NOT_FOUND")


@pytest.mark.parametrize(
    ("fate", "proof", "state"),
    [
        ("", "DELIVERED", BookState.DELIVERED),
        ("FATE SIGNED", "SIGNED", BookState.DELIVERED),
        ("FATE POD_FAILED", "FAILED", BookState.FAILED),
    ],
)
async def test_an_order_ends_with_its_proof(rig: Rig, fate: str, proof: str, state: BookState) -> None:
    order_id = await rig.placed(there(f"2 {fate} St"))
    await rig.live(3600)

    read = await rig.read(order_id)
    assert (read["status"], read["stops"][1]["POD"]["status"]) == ("COMPLETED", proof)
    assert read["stops"][0]["POP"]["imageUrls"]
    assert rig.lalamove.books()[0].state is state


async def test_without_a_wish_there_is_no_proof(rig: Rig) -> None:
    order_id = await rig.placed(isPODEnabled=False)
    await rig.live(3600)

    assert "POD" not in (await rig.read(order_id))["stops"][1]


async def test_customer_service_may_put_another_order_in_the_place_of_one(rig: Rig) -> None:
    old = await rig.placed()
    fresh = rig.lalamove.replace_order(old)
    await rig.live(3600)

    replaced = next(one["data"] for one in rig.messages() if one["eventType"] == "ORDER_REPLACED")
    assert (replaced["prevOrderId"], replaced["order"]) == (old, {"orderId": fresh})
    assert [(entry.external_id, entry.state) for entry in rig.lalamove.books()] == [
        (old, BookState.CANCELLED),
        (fresh, BookState.DELIVERED),
    ]


async def test_the_body_must_be_json(rig: Rig) -> None:
    signed = b"1\r\nPOST\r\n/v3/quotations\r\n\r\nno json"
    signature = hmac.new(SECRET, signed, hashlib.sha256).hexdigest()
    headers = {"Authorization": f"hmac pk_test_1:1:{signature}", "Market": "HK", "Request-ID": "1"}
    async with rig.session.post("/v3/quotations", data=b"no json", headers=headers) as answer:
        assert answer.status == 400
