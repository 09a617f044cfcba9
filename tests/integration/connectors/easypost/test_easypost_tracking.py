"""Refunds, tracking and accounts of EasyPost against the simulated EasyPost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.parcel.easypost.webhook import EasyPostWebhooks
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import (
    RemoteRefused,
)
from doorstep.incident import IncidentKind
from doorstep.secret import Secret
from simulator.carriers.books import BookState
from tests.contracts.carriers.rig import BUDGET_S, DOOR, SIGNING_KEY, START
from tests.integration.connectors.easypost.easypost_rig import DAY_S, Rig


async def test_a_label_is_given_back_until_it_is_scanned(rig: Rig) -> None:
    early = await rig.book()
    await rig.live(3600)
    update = await rig.carrier.cancel(early.external_id, "other", BUDGET_S)
    late = await rig.book(booking_key="leg_02")
    await rig.live(12 * 3600)

    assert (update.status, update.raw_status) == (DeliveryStatus.CANCELLED, "refund_submitted")
    with pytest.raises(RemoteRefused, match="no longer be refunded"):
        await rig.carrier.cancel(late.external_id, "other", BUDGET_S)
    assert [entry.state for entry in rig.fake.books()] == [BookState.CANCELLED, BookState.LIVE]
    fetched = await rig.carrier.fetch(early.external_id, BUDGET_S)
    assert fetched.status is DeliveryStatus.CANCELLED


async def test_a_settled_refund_is_told(rig: Rig) -> None:
    made = await rig.book()
    await rig.carrier.cancel(made.external_id, "other", BUDGET_S)
    await rig.live(16 * DAY_S, step_s=DAY_S)

    last = rig.updates()[-1]
    assert (last.external_id, last.raw_status) == (made.external_id, "refund_refunded")


async def test_a_shipment_that_was_never_bought_is_called_off_for_nothing(rig: Rig) -> None:
    offer = await rig.offer()

    update = await rig.carrier.cancel(offer.booking_data["shipment_id"], "other", BUDGET_S)

    assert update.status is DeliveryStatus.CANCELLED


async def test_a_refund_that_the_carrier_rejects_is_refused(rig: Rig) -> None:
    made = await rig.book()
    rig.fake.refuse_next("SHIPMENT.REFUND.FAILURE")

    with pytest.raises(RemoteRefused) as refused:
        await rig.carrier.cancel(made.external_id, "other", BUDGET_S)
    assert refused.value.raw_code == "SHIPMENT.REFUND.FAILURE"


@pytest.mark.parametrize(
    ("service", "days"),
    [("CityExpress.SameDay", 0), ("USPS.Express", 1), ("USPS.Priority", 2), ("USPS.GroundAdvantage", 3)],
)
async def test_a_parcel_arrives_on_its_day_scan_by_scan(rig: Rig, service: str, days: int) -> None:
    made = await rig.book(service)
    await rig.live(5 * DAY_S)
    updates = rig.updates()

    statuses = list(dict.fromkeys(update.status for update in updates))
    in_between = [DeliveryStatus.IN_TRANSIT] if days else []
    assert statuses == [
        DeliveryStatus.BOOKED,
        DeliveryStatus.LABEL_READY,
        DeliveryStatus.PICKED_UP,
        *in_between,
        DeliveryStatus.OUT_FOR_DELIVERY,
        DeliveryStatus.DELIVERED,
    ]
    assert updates[-1].occurred_at.date() == (START + timedelta(days=days)).date()
    assert {update.external_id for update in updates} == {made.external_id}


async def test_the_same_day_parcel_arrives_within_four_hours(rig: Rig) -> None:
    made = await rig.book("CityExpress.SameDay")
    await rig.live(4 * 3600)

    assert (await rig.carrier.fetch(made.external_id, BUDGET_S)).status is DeliveryStatus.DELIVERED


@pytest.mark.parametrize(
    ("fate", "kind", "final"),
    [
        ("refused", IncidentKind.REFUSED, DeliveryStatus.RETURNED),
        ("absent", IncidentKind.OTHER, DeliveryStatus.DELIVERED),
        ("address_correction", IncidentKind.ADDRESS_PROBLEM, DeliveryStatus.DELIVERED),
        ("delayed", IncidentKind.LATE_RISK, DeliveryStatus.DELIVERED),
        ("weather_delay", IncidentKind.WEATHER, DeliveryStatus.DELIVERED),
        ("lost", IncidentKind.LOST, DeliveryStatus.FAILED),
        ("damaged", IncidentKind.DAMAGED, DeliveryStatus.FAILED),
        ("collection", None, DeliveryStatus.DELIVERED),
    ],
)
async def test_what_happens_to_a_parcel_becomes_an_incident(
    rig: Rig, fate: str, kind: IncidentKind | None, final: DeliveryStatus
) -> None:
    door = replace(DOOR, line1=f"2 FATE {fate} St")
    made = await rig.book("USPS.Express", dropoff=door)
    await rig.live(4 * DAY_S)

    assert [update.trouble for update in rig.updates() if update.trouble] == ([kind] if kind else [])
    assert (await rig.carrier.fetch(made.external_id, BUDGET_S)).status is final


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("UNAUTHORIZED", "credentials_refused"),
        ("PAYMENT_REQUIRED", "payment_missing"),
        ("FORBIDDEN", "account_suspended"),
        ("INTERNAL_SERVER_ERROR", "unreachable"),
    ],
)
async def test_what_is_wrong_with_the_account_is_named(rig: Rig, code: str, fault: str) -> None:
    rig.fake.suspended_with = code

    checks = {check.name: check for check in await rig.carrier.check()}

    assert (checks["credentials"].passed, checks["credentials"].fault) == (False, fault)


async def test_a_webhook_that_was_switched_off_is_named(rig: Rig) -> None:
    rig.fake.disable_webhooks()

    checks = {check.name: check.fault for check in await rig.carrier.check()}

    assert checks == {"credentials": "", "webhooks": "webhook_disabled"}


async def test_a_missing_webhook_secret_is_named(rig: Rig) -> None:
    carrier = rig.connect(webhook_secret="")

    checks = {check.name: check.fault for check in await carrier.check()}

    assert checks["webhooks"] == "webhook_secret_missing"
    await carrier.close()


async def test_a_rating_that_fails_in_passing_is_tried_again(rig: Rig) -> None:
    rig.fake.refuse_next("SERVICE_UNAVAILABLE", "rate")

    assert (await rig.ask()).quotes


async def test_the_second_kind_of_signature_is_sent_as_well(rig: Rig) -> None:
    await rig.book()
    await rig.live(60, step_s=60)
    reader = EasyPostWebhooks(accept_v2=True, clock=rig.clock)
    headers, body = rig.letters[0]

    reader.verify(
        {name: value for name, value in headers.items() if name != "x-hmac-signature"},
        body,
        [Secret(SIGNING_KEY)],
    )
