"""Rides, bad endings and cancellations of Lalamove against the simulated Lalamove."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import (
    RemoteRefused,
)
from doorstep.geo import distance_m
from doorstep.incident import IncidentKind
from doorstep.proof import ProofKind
from simulator.carriers.books import BookState
from tests.contracts.carriers.rig import BUDGET_S
from tests.integration.connectors.lalamove.lalamove_rig import DOOR, STORE, Rig


async def test_a_ride_is_told_step_by_step(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(minutes=90)
    updates = rig.updates()

    statuses = list(dict.fromkeys(update.status for update in updates))
    assert statuses == [
        DeliveryStatus.BOOKED,
        DeliveryStatus.TO_PICKUP,
        DeliveryStatus.COURIER_ASSIGNED,
        DeliveryStatus.PICKED_UP,
        DeliveryStatus.DELIVERED,
    ]
    assert {update.external_id for update in updates} == {made.external_id}
    assert any(update.courier is not None for update in updates)


async def test_a_fetched_order_shows_its_driver_on_the_way(rig: Rig) -> None:
    made = await rig.book()
    waiting = await rig.carrier.fetch(made.external_id, BUDGET_S)
    await rig.until("PICKED_UP", made.external_id)
    await rig.live(minutes=2)
    riding = await rig.carrier.fetch(made.external_id, BUDGET_S)
    await rig.until("COMPLETED", made.external_id)
    over = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert (waiting.courier, waiting.position) == (None, None)
    assert waiting.status is DeliveryStatus.SEARCHING
    assert riding.courier is not None
    assert riding.position is not None
    assert STORE.location is not None
    assert DOOR.location is not None
    way_m = distance_m(STORE.location, DOOR.location)
    assert distance_m(riding.position.location, DOOR.location) < way_m
    # Once the order is complete Lalamove shows no driver any more (403).
    assert (over.status, over.position) == (DeliveryStatus.DELIVERED, None)


async def test_a_driver_who_cannot_be_read_leaves_the_order_readable(rig: Rig) -> None:
    made = await rig.book()
    await rig.until("ON_GOING", made.external_id)
    rig.fake.refuse_next("FORBIDDEN", "driver")

    update = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert (update.status, update.courier) == (DeliveryStatus.TO_PICKUP, None)


async def test_a_driver_who_gives_up_is_replaced_by_another(rig: Rig) -> None:
    made = await rig.book()
    await rig.until("ON_GOING", made.external_id)

    assert rig.fake.drop_next_driver() == made.external_id
    searching = await rig.carrier.fetch(made.external_id, BUDGET_S)
    await rig.live(minutes=90)

    assert searching.status is DeliveryStatus.SEARCHING
    again = [update for update in rig.updates() if update.status is DeliveryStatus.SEARCHING]
    assert [update.trouble for update in again] == [IncidentKind.COURIER_CANCELLED]
    assert rig.fake.books()[0].state is BookState.DELIVERED


@pytest.mark.parametrize(
    ("fate", "raw_status", "minutes"), [("REJECTED", "REJECTED", 120), ("NO_DRIVER", "EXPIRED", 130)]
)
async def test_an_order_that_nobody_drives_fails_for_want_of_a_courier(
    rig: Rig, fate: str, raw_status: str, minutes: int
) -> None:
    made = await rig.book(dropoff=replace(DOOR, line1=f"2 FATE {fate} St"))
    await rig.live(minutes=minutes, step_s=60)

    update = await rig.carrier.fetch(made.external_id, BUDGET_S)
    cancelled = await rig.carrier.cancel(made.external_id, "other", BUDGET_S)

    assert (update.status, update.raw_status) == (DeliveryStatus.FAILED, raw_status)
    assert update.trouble is IncidentKind.NO_COURIER
    assert (cancelled.status, cancelled.raw_status) == (DeliveryStatus.CANCELLED, raw_status)


async def test_goods_that_were_not_handed_over_are_not_delivered(rig: Rig) -> None:
    made = await rig.book(dropoff=replace(DOOR, line1="2 FATE POD_FAILED St"))
    await rig.live(minutes=90)

    update = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert (update.status, update.raw_status) == (DeliveryStatus.ATTEMPT_FAILED, "COMPLETED")
    assert (update.trouble, update.raw_reason) == (IncidentKind.OTHER, "POD FAILED")
    proof = next(update for update in rig.updates() if update.raw_status == "POD_FAILED")
    assert proof.status is DeliveryStatus.ATTEMPT_FAILED
    proofs = await rig.carrier.proofs(made.external_id, BUDGET_S)
    assert [proof.is_pickup for proof in proofs] == [True]


@pytest.mark.parametrize(("fate", "kind"), [("", ProofKind.PHOTO), ("FATE SIGNED", ProofKind.SIGNATURE)])
async def test_what_was_handed_over_is_proven_by_pictures(rig: Rig, fate: str, kind: ProofKind) -> None:
    made = await rig.book(dropoff=replace(DOOR, line1=f"2 {fate} St"))
    before = await rig.carrier.proofs(made.external_id, BUDGET_S)
    await rig.live(minutes=90)

    pickup, dropoff = await rig.carrier.proofs(made.external_id, BUDGET_S)

    assert before == ()
    assert (pickup.kind, pickup.is_pickup) == (ProofKind.PHOTO, True)
    assert (dropoff.kind, dropoff.is_pickup, dropoff.url[:8]) == (kind, False, "https://")


async def test_it_can_be_called_off_for_five_minutes_after_the_match(rig: Rig) -> None:
    early, late = await rig.book(), await rig.book(booking_key="leg_02")
    await rig.until("ON_GOING", early.external_id)
    await rig.until("ON_GOING", late.external_id)

    called_off = await rig.carrier.cancel(early.external_id, "other", BUDGET_S)
    rig.clock.advance(5 * 60)
    with pytest.raises(RemoteRefused, match="too late") as refused:
        await rig.carrier.cancel(late.external_id, "other", BUDGET_S)

    assert (called_off.status, called_off.trouble) == (DeliveryStatus.CANCELLED, None)
    assert refused.value.raw_code == "ERR_CANCELLATION_FORBIDDEN"
    assert [entry.state for entry in rig.fake.books()] == [BookState.CANCELLED, BookState.LIVE]


async def test_our_own_cancelling_is_no_incident_in_the_webhook_either(rig: Rig) -> None:
    made = await rig.book()
    await rig.carrier.cancel(made.external_id, "other", BUDGET_S)
    await rig.live(minutes=2)

    last = rig.updates()[-1]
    assert (last.status, last.trouble) == (DeliveryStatus.CANCELLED, None)


async def test_an_order_that_customer_service_replaced_is_reported_with_the_other_number(rig: Rig) -> None:
    made = await rig.book()
    other = rig.fake.replace_order(made.external_id)
    await rig.live(minutes=2)

    replaced = next(update for update in rig.updates() if update.raw_status == "ORDER_REPLACED")
    ended = next(update for update in rig.updates() if update.status is DeliveryStatus.CANCELLED)

    assert (replaced.external_id, replaced.replaced_by) == (made.external_id, other)
    assert replaced.trouble is None
    assert (ended.external_id, ended.trouble) == (made.external_id, IncidentKind.COURIER_CANCELLED)
