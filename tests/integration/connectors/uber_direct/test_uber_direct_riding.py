"""Rides, cancellations and accounts of Uber Direct against the simulated Uber."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from doorstep.booking import BookingChange
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import (
    AccountProblem,
    RemoteRefused,
)
from doorstep.geo import distance_m
from doorstep.incident import IncidentKind
from doorstep.order import HandoverRequirement
from doorstep.ports import ChangesBookings, ShowsProof
from doorstep.proof import ProofKind
from doorstep.quote import DeclineReason
from simulator.carriers.books import BookState
from tests.contracts.carriers.rig import BUDGET_S, DOOR
from tests.integration.connectors.uber_direct.uber_direct_rig import Rig


async def test_a_ride_is_told_step_by_step_with_positions_every_twenty_seconds(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(minutes=60)
    updates = rig.updates()

    statuses = list(dict.fromkeys(update.status for update in updates))
    assert statuses == [
        DeliveryStatus.BOOKED,
        DeliveryStatus.TO_PICKUP,
        DeliveryStatus.AT_PICKUP,
        DeliveryStatus.PICKED_UP,
        DeliveryStatus.OUT_FOR_DELIVERY,
        DeliveryStatus.AT_DROPOFF,
        DeliveryStatus.DELIVERED,
    ]
    assert {update.raw_status for update in updates if update.is_imminent} == {"dropoff"}
    fixes = [update for update in updates if update.source_event_id.startswith("sha256:")]
    gaps = {
        (later.occurred_at - earlier.occurred_at).total_seconds()
        for earlier, later in itertools.pairwise(fixes)
    }
    assert gaps == {20.0}
    riding = [fix.position for fix in fixes if fix.raw_status == "dropoff"]
    assert DOOR.location is not None
    far = [distance_m(fix.location, DOOR.location) for fix in riding if fix is not None]
    assert far == sorted(far, reverse=True)
    assert {update.external_id for update in updates} == {made.external_id}


async def test_a_courier_on_the_way_to_the_shop_says_when_it_gets_there(rig: Rig) -> None:
    made = await rig.book()
    assert made.pickup_eta is not None
    await rig.live(minutes=60)
    updates = rig.updates()

    on_the_way = {update.pickup_eta for update in updates if update.status is DeliveryStatus.TO_PICKUP}
    (told,) = on_the_way
    fetched = next(update for update in updates if update.status is DeliveryStatus.PICKED_UP)
    assert told is not None
    # The simulated courier hands over in ninety seconds.
    assert (fetched.occurred_at - told).total_seconds() == pytest.approx(90, abs=1)


async def test_what_was_asked_for_at_the_door_is_proved_afterwards(rig: Rig) -> None:
    asked = (HandoverRequirement.SIGNATURE, HandoverRequirement.PHOTO, HandoverRequirement.PIN)
    made = await rig.book(requirements=asked)
    assert isinstance(rig.carrier, ShowsProof)
    before = await rig.carrier.proofs(made.external_id, BUDGET_S)
    await rig.live(minutes=60)
    proofs = await rig.carrier.proofs(made.external_id, BUDGET_S)

    assert before == ()
    assert {proof.kind for proof in proofs} == {ProofKind.PHOTO, ProofKind.SIGNATURE, ProofKind.PIN}
    (signature,) = [proof for proof in proofs if proof.kind is ProofKind.SIGNATURE]
    assert (signature.signed_by, signature.is_pickup) == ("Front Desk", False)
    assert signature.taken_at is not None
    assert signature.url.startswith("https://")


async def test_instructions_can_be_corrected_and_nothing_else(rig: Rig) -> None:
    made = await rig.book()
    assert isinstance(rig.carrier, ChangesBookings)
    update = await rig.carrier.change(
        made.external_id, BookingChange(instructions="Blue gate. " * 40), BUDGET_S
    )
    same = await rig.carrier.change(made.external_id, BookingChange(), BUDGET_S)

    assert update.external_id == same.external_id == made.external_id
    assert rig.fake.notes_of(made.external_id) == ("Blue gate. " * 40)[:280]
    for change in (BookingChange(dropoff=DOOR), BookingChange(items=(("Bread", 1),))):
        with pytest.raises(RemoteRefused, match="nothing else"):
            await rig.carrier.change(made.external_id, change, BUDGET_S)


async def test_a_courier_who_drops_out_is_an_incident(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(minutes=2)

    assert rig.fake.drop_next_courier() == made.external_id
    await rig.live(minutes=1)

    last = rig.updates()[-1]
    assert (last.status, last.trouble) == (DeliveryStatus.CANCELLED, IncidentKind.COURIER_CANCELLED)
    fetched = await rig.carrier.fetch(made.external_id, BUDGET_S)
    assert fetched.trouble is IncidentKind.COURIER_CANCELLED
    assert rig.fake.books()[0].state is BookState.CANCELLED


async def test_our_own_cancelling_is_no_incident_in_the_webhook_either(rig: Rig) -> None:
    made = await rig.book()
    await rig.carrier.cancel(made.external_id, "customer_called_to_cancel", BUDGET_S)
    await rig.live(minutes=1)

    last = rig.updates()[-1]
    assert (last.status, last.trouble) == (DeliveryStatus.CANCELLED, None)


async def test_it_is_too_late_to_cancel_once_the_courier_has_the_goods(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(minutes=20)
    status = (await rig.carrier.fetch(made.external_id, BUDGET_S)).status

    with pytest.raises(RemoteRefused, match="too late") as refused:
        await rig.carrier.cancel(made.external_id, "other", BUDGET_S)

    assert status in {DeliveryStatus.PICKED_UP, DeliveryStatus.OUT_FOR_DELIVERY, DeliveryStatus.DELIVERED}
    assert refused.value.raw_code == "noncancelable_delivery"


@pytest.mark.parametrize(
    ("fate", "kind"),
    [
        ("customer_unavailable", IncidentKind.RECIPIENT_UNAVAILABLE),
        ("customer_rejected_order", IncidentKind.REFUSED),
        ("cannot_find_customer_address", IncidentKind.ADDRESS_PROBLEM),
        ("cannot_access_customer_location", IncidentKind.ACCESS_PROBLEM),
    ],
)
async def test_goods_that_cannot_be_handed_over_come_back(rig: Rig, fate: str, kind: IncidentKind) -> None:
    door = replace(DOOR, line1=f"2 FATE {fate} St")
    made = await rig.book(dropoff=door)
    await rig.live(minutes=60)

    ending = [
        update
        for update in rig.updates()
        if update.status in {DeliveryStatus.RETURNING, DeliveryStatus.RETURNED}
    ]
    assert ending[0].trouble is kind
    assert ending[-1].status is DeliveryStatus.RETURNED
    assert {update.external_id for update in ending} == {made.external_id}
    fetched = await rig.carrier.fetch(made.external_id, BUDGET_S)
    assert (fetched.external_id, fetched.status) == (made.external_id, DeliveryStatus.RETURNED)


async def test_no_free_courier_is_a_decline_for_want_of_capacity(rig: Rig) -> None:
    for place in range(3):
        await rig.book(booking_key=f"leg_{place}", reference=f"ref_{place}")
    await rig.live(minutes=2)

    answer = await rig.carrier.quote(rig.question(), BUDGET_S)

    assert answer.declined[0].reason is DeclineReason.NO_CAPACITY


@pytest.mark.parametrize(
    ("code", "fault"),
    [("customer_suspended", "account_suspended"), ("customer_blocked", "account_suspended")],
)
async def test_a_suspended_account_is_named(rig: Rig, code: str, fault: str) -> None:
    rig.fake.suspended_with = code

    with pytest.raises(AccountProblem):
        await rig.carrier.quote(rig.question(), BUDGET_S)
    account = {check.name: check for check in await rig.carrier.check()}["account"]

    assert (account.passed, account.fault) == (False, fault)


async def test_a_wrong_customer_id_and_a_missing_signing_key_are_named(rig: Rig) -> None:
    carrier = rig.connect(customer_id="cus_43", webhook_secret="")

    checks = {check.name: check.fault for check in await carrier.check()}

    assert checks == {
        "credentials": "",
        "account": "unknown_customer",
        "webhooks": "webhook_secret_missing",
    }
    await carrier.close()
