"""Rides, bad endings and cancellations of DoorDash against the simulated DoorDash."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import (
    RemoteRefused,
    RemoteUnavailable,
)
from doorstep.geo import distance_m
from doorstep.incident import IncidentKind
from doorstep.window import Window
from simulator.carriers.books import BookState
from tests.contracts.carriers.rig import BUDGET_S, DOOR, START
from tests.integration.connectors.doordash.doordash_rig import Rig


@pytest.mark.parametrize(
    ("wanted_in", "lasts"),
    [(45, 60), (90, 15), (180, 120), (60 * 24 * 3, 60)],
    ids=["soon", "narrow", "later", "in three days"],
)
async def test_wanted_windows_are_ones_that_doordash_takes_and_keeps(
    rig: Rig, wanted_in: int, lasts: int
) -> None:
    start = START + timedelta(minutes=wanted_in)
    wanted = Window(start, start + timedelta(minutes=lasts))

    made = await rig.carrier.book(rig.request(await rig.offer(delivery_window=wanted)), BUDGET_S)
    await rig.live(minutes=wanted_in + lasts + 30, step_s=300)

    arrived = await rig.carrier.fetch(made.external_id, BUDGET_S)
    assert arrived.status is DeliveryStatus.DELIVERED
    assert start <= arrived.occurred_at < wanted.end + timedelta(minutes=15)


async def test_a_ride_is_told_step_by_step_and_its_dasher_comes_nearer(rig: Rig) -> None:
    made = await rig.book()
    assert DOOR.location is not None
    far: list[float] = []
    for _ in range(90):
        await rig.live(minutes=1 / 3)
        now = await rig.carrier.fetch(made.external_id, BUDGET_S)
        if now.status is DeliveryStatus.OUT_FOR_DELIVERY and now.position is not None:
            far.append(distance_m(now.position.location, DOOR.location))

    updates = rig.updates()
    assert [update.status for update in updates] == [
        DeliveryStatus.BOOKED,
        DeliveryStatus.COURIER_ASSIGNED,
        DeliveryStatus.TO_PICKUP,
        DeliveryStatus.AT_PICKUP,
        DeliveryStatus.PICKED_UP,
        DeliveryStatus.OUT_FOR_DELIVERY,
        DeliveryStatus.AT_DROPOFF,
        DeliveryStatus.DELIVERED,
    ]
    assert {update.external_id for update in updates} == {made.external_id}
    assert all(update.courier is not None for update in updates[1:])
    assert len(far) > 5
    assert far == sorted(far, reverse=True)


async def test_a_dasher_who_gives_the_job_back_is_followed_by_another(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(minutes=2)

    assert rig.fake.drop_dasher(made.external_id)
    searching = await rig.carrier.fetch(made.external_id, BUDGET_S)
    await rig.live(minutes=60)

    assert (searching.status, searching.trouble) == (DeliveryStatus.BOOKED, None)
    assert [update.raw_status for update in rig.updates()].count("DASHER_CONFIRMED") == 2
    assert rig.fake.books()[0].state is BookState.DELIVERED


FATES = [
    ("failed_to_process_payment", DeliveryStatus.FAILED, IncidentKind.OTHER, BookState.CANCELLED),
    ("failed_to_assign_and_refunded", DeliveryStatus.FAILED, IncidentKind.NO_COURIER, BookState.CANCELLED),
    ("failed_to_pickup", DeliveryStatus.FAILED, IncidentKind.MISSED_PICKUP, BookState.CANCELLED),
    ("failed_to_deliver", DeliveryStatus.FAILED, IncidentKind.OTHER, BookState.FAILED),
    ("failed_to_return", DeliveryStatus.FAILED, IncidentKind.RETURN_OVERDUE, BookState.FAILED),
    ("undeliverable", DeliveryStatus.RETURNED, None, BookState.FAILED),
]


@pytest.mark.parametrize(("fate", "status", "trouble", "state"), FATES)
async def test_every_bad_ending_is_told_by_webhook_and_by_asking(
    rig: Rig, fate: str, status: DeliveryStatus, trouble: IncidentKind | None, state: BookState
) -> None:
    made = await rig.book(dropoff=replace(DOOR, instructions=f"FATE {fate}"))
    await rig.live(minutes=90, step_s=60)

    last = rig.updates()[-1]
    asked = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert (last.status, last.trouble) == (asked.status, asked.trouble) == (status, trouble)
    assert rig.fake.books()[0].state is state


async def test_goods_that_cannot_be_handed_over_come_back_step_by_step(rig: Rig) -> None:
    made = await rig.book(dropoff=replace(DOOR, instructions="FATE undeliverable"))
    await rig.live(minutes=90, step_s=60)

    ending = rig.updates()[-4:]
    assert [(update.raw_status, update.status) for update in ending] == [
        ("DELIVERY_RETURN_INITIALIZED", DeliveryStatus.RETURNING),
        ("DASHER_ENROUTE_TO_RETURN", DeliveryStatus.RETURNING),
        ("DASHER_CONFIRMED_RETURN_ARRIVAL", DeliveryStatus.RETURNING),
        ("DELIVERY_RETURNED", DeliveryStatus.RETURNED),
    ]
    assert ending[0].trouble is IncidentKind.OTHER
    assert {update.external_id for update in ending} == {made.external_id}


async def test_our_own_cancelling_is_no_incident_in_the_webhook_either(rig: Rig) -> None:
    made = await rig.book()
    await rig.carrier.cancel(made.external_id, "customer_called_to_cancel", BUDGET_S)
    await rig.live(minutes=1)

    last = rig.updates()[-1]
    assert (last.status, last.trouble) == (DeliveryStatus.CANCELLED, None)


async def test_it_is_too_late_to_cancel_once_the_dasher_has_the_goods(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(minutes=30)

    with pytest.raises(RemoteRefused, match="too late") as refused:
        await rig.carrier.cancel(made.external_id, "other", BUDGET_S)

    assert refused.value.raw_code in {
        "cancel_not_allowed/delivery_picked_up",
        "cancel_not_allowed/delivery_completed",
    }


async def test_a_cancelling_that_doordash_already_works_on_is_read_until_it_is_done(rig: Rig) -> None:
    made = await rig.book()
    for _ in range(2):
        rig.fake.refuse_next("cancel_not_allowed/duplicate_request")

    with pytest.raises(RemoteUnavailable):
        await rig.carrier.cancel(made.external_id, "other", BUDGET_S)
    rig.fake.desk.cancel(made.external_id, rig.clock.now())
    update = await rig.carrier.cancel(made.external_id, "other", BUDGET_S)

    assert update.status is DeliveryStatus.CANCELLED
