"""Signatures, quotations, orders and limits of the simulated Lalamove by itself, as documented."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from simulator.carriers.lalamove import ERRORS
from simulator.carriers.lalamove.problems import natural_operation
from tests.integration.connectors.lalamove.simulator.lalamove_wire import (
    DROPOFF,
    PICKUP,
    QUOTE,
    SECRET,
    Rig,
    Wish,
    code_of,
    order,
    there,
)


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
