"""Tokens, quotes and refusals of the simulated DoorDash by itself, as documented."""

from __future__ import annotations

import time

import pytest

from doorstep.geo import distance_m
from simulator.carriers.doordash import ERRORS
from simulator.carriers.doordash.problems import natural_operation
from tests.integration.connectors.doordash.simulator.doordash_wire import (
    DOOR,
    QUOTE,
    STORE,
    Rig,
    at,
    span,
    token,
)

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
