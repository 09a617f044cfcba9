"""Rides, fees and changes of the simulated Lalamove by itself, as documented."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import pytest

from simulator.carriers.books import BookState
from simulator.carriers.lalamove import Pace
from tests.integration.connectors.lalamove.simulator.lalamove_wire import (
    DROPOFF,
    PICKUP,
    QUOTE,
    REASON,
    SECRET,
    START,
    Rig,
    Wish,
    code_of,
    there,
)


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
