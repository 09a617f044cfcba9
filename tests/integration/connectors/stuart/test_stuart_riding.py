"""Rides, changes, cancellations and accounts of Stuart against the simulated Stuart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.booking import BookingChange
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import (
    RemoteRefused,
    RemoteUnavailable,
)
from doorstep.geo import LatLng, distance_m
from doorstep.incident import IncidentKind
from doorstep.ports import ChangesBookings, ShowsProof
from doorstep.proof import ProofKind
from simulator.carriers.books import BookState
from tests.contracts.carriers.rig import BUDGET_S, connect
from tests.integration.connectors.stuart.stuart_rig import DOOR, Rig


async def test_a_ride_is_told_step_by_step_with_positions(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(minutes=60)
    updates = rig.updates()

    assert list(dict.fromkeys(update.status for update in updates)) == [
        DeliveryStatus.SEARCHING,
        DeliveryStatus.COURIER_ASSIGNED,
        DeliveryStatus.TO_PICKUP,
        DeliveryStatus.AT_PICKUP,
        DeliveryStatus.OUT_FOR_DELIVERY,
        DeliveryStatus.AT_DROPOFF,
        DeliveryStatus.DELIVERED,
    ]
    assert {update.external_id for update in updates} == {made.external_id} == {"leg_01"}
    riding = [
        update.position.location
        for update in updates
        if update.raw_status == "delivering" and update.position is not None
    ]
    assert DOOR.location is not None
    far = [distance_m(here, DOOR.location) for here in riding]
    assert len(far) > 5
    assert far == sorted(far, reverse=True)
    assert all(update.dropoff_eta is not None for update in updates if update.raw_status == "delivering")


async def test_a_courier_who_gives_up_is_looked_for_again_by_stuart(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(minutes=2)

    assert rig.fake.drop_next_courier() == "leg_01"
    lost = await rig.carrier.fetch(made.external_id, BUDGET_S)
    await rig.live(minutes=60)
    arrived = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert (lost.status, lost.trouble) == (DeliveryStatus.SEARCHING, None)
    assert arrived.status is DeliveryStatus.DELIVERED


async def test_a_job_that_stuart_calls_off_is_an_incident_and_our_own_is_none(rig: Rig) -> None:
    await rig.book()
    await rig.book(booking_key="leg_02")
    rig.fake.call_off("leg_01", "no_supply")
    await rig.carrier.cancel("leg_02", "other", BUDGET_S)
    await rig.live(minutes=1)

    ends = {
        update.external_id: update.trouble
        for update in rig.updates()
        if update.status is DeliveryStatus.CANCELLED
    }
    assert ends == {"leg_01": IncidentKind.NO_COURIER, "leg_02": None}


@pytest.mark.parametrize(
    ("fate", "kind"),
    [
        ("end-customer_unreachable", IncidentKind.RECIPIENT_UNAVAILABLE),
        ("end-customer_refused_package", IncidentKind.REFUSED),
        ("address_error", IncidentKind.ADDRESS_PROBLEM),
    ],
)
async def test_goods_that_nobody_takes_in_are_a_failure(rig: Rig, fate: str, kind: IncidentKind) -> None:
    made = await rig.book(dropoff=replace(DOOR, line1=f"2 FATE {fate} rue"))
    await rig.live(minutes=60)

    ended = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert (ended.status, ended.trouble, ended.raw_reason) == (DeliveryStatus.FAILED, kind, fate)
    assert rig.fake.books()[0].state is BookState.FAILED


async def test_nobody_free_for_long_is_called_off_for_want_of_couriers(rig: Rig) -> None:
    far_door = replace(DOOR, location=LatLng(48.925, 2.340))
    offer = await rig.offer(dropoff=far_door)
    for place in range(4):
        request = rig.request(offer, booking_key=f"leg_{place}", dropoff=far_door)
        await rig.carrier.book(request, BUDGET_S)
    await rig.live(minutes=45)

    troubles = [(await rig.carrier.fetch(f"leg_{place}", BUDGET_S)).trouble for place in range(4)]

    assert troubles.count(IncidentKind.NO_COURIER) == 2


async def test_it_is_too_late_to_cancel_once_the_courier_has_the_goods(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(minutes=20)

    with pytest.raises(RemoteRefused, match="too late"):
        await rig.carrier.cancel(made.external_id, "other", BUDGET_S)


async def test_contacts_change_and_another_street_does_not(rig: Rig) -> None:
    made = await rig.book()
    carrier = rig.carrier
    assert isinstance(carrier, ChangesBookings)
    other_phone = BookingChange(dropoff=replace(DOOR, phone="+33100000077"), instructions="Ring twice")

    update = await carrier.change(made.external_id, other_phone, BUDGET_S)
    with pytest.raises(RemoteRefused, match="another address"):
        await carrier.change(
            made.external_id, BookingChange(dropoff=replace(DOOR, line1="9 rue Autre")), BUDGET_S
        )

    assert update.external_id == made.external_id
    job = rig.fake.desk.listed({"client_reference": "leg_01"})[0]
    assert job.deliveries[0].dropoff.stop.sent["comment"] == "Ring twice"
    assert job.deliveries[0].dropoff.stop.sent["contact"]["phone"] == "+33100000077"  # type: ignore[index] # sent as JSON


async def test_a_delivered_package_has_a_signature_and_a_picture(rig: Rig) -> None:
    made = await rig.book()
    carrier = rig.carrier
    assert isinstance(carrier, ShowsProof)
    before = await carrier.proofs(made.external_id, BUDGET_S)
    await rig.live(minutes=60)

    proofs = await carrier.proofs(made.external_id, BUDGET_S)

    assert before == ()
    assert [proof.kind for proof in proofs] == [ProofKind.SIGNATURE, ProofKind.PHOTO]


async def test_a_missing_webhook_key_and_a_closed_account_are_named(rig: Rig) -> None:
    carrier = rig.connect(webhook_secret="")
    rig.fake.refuse_next("FORBIDDEN", "list")

    checks = {check.name: check.fault for check in await carrier.check()}

    assert checks == {"credentials": "", "account": "account_refused", "webhooks": "webhook_secret_missing"}
    await carrier.close()


async def test_a_sign_in_that_is_away_is_unavailable(rig: Rig) -> None:
    carrier = connect(rig.harness, f"{rig.base_url}/elsewhere")

    with pytest.raises(RemoteUnavailable):
        await carrier.quote(rig.question(), BUDGET_S)
    await carrier.close()
