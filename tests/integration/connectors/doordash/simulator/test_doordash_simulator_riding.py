"""Rides, changes and messages of the simulated DoorDash by itself, as documented."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from simulator.carriers.books import BookState
from simulator.carriers.doordash.actor import HABITS
from simulator.postman import Habits
from tests.integration.connectors.doordash.simulator.doordash_wire import (
    QUOTE,
    Rig,
    at,
    span,
)


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
