"""Voids, tracking and signatures of ShipEngine against the simulated ShipEngine."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.parcel.shipengine.client import ShipEngineClient
from connectors.parcel.shipengine.published import KeyBook
from connectors.parcel.shipengine.signatures import KEY_ID
from connectors.parcel.shipengine.webhook import ShipEngineWebhooks
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import (
    BadSignature,
    RemoteRefused,
)
from doorstep.incident import IncidentKind
from doorstep.ports import PublishesKeys
from doorstep.secret import Secret
from simulator.carriers.books import BookState
from simulator.carriers.shipengine.problems import VOID_REASONS
from tests.contracts.carriers.rig import BUDGET_S, DOOR, SHORT_BUDGET_S, SIGNING_KEY, SLOW_S, START
from tests.integration.connectors.shipengine.shipengine_rig import DAY_S, GROUND, PRIORITY, Rig


async def test_a_label_is_voided_until_it_is_scanned(rig: Rig) -> None:
    early = await rig.book()
    await rig.live(3600)
    update = await rig.carrier.cancel(early.external_id, "other", BUDGET_S)
    late = await rig.book(booking_key="leg_02")
    await rig.live(12 * 3600)

    assert (update.status, update.raw_status) == (DeliveryStatus.CANCELLED, "voided")
    with pytest.raises(RemoteRefused, match="the carrier has the parcel") as refused:
        await rig.carrier.cancel(late.external_id, "other", BUDGET_S)
    assert refused.value.raw_code == "label_already_used"
    assert [entry.state for entry in rig.fake.books()] == [BookState.CANCELLED, BookState.LIVE]
    fetched = await rig.carrier.fetch(early.external_id, BUDGET_S)
    assert fetched.status is DeliveryStatus.CANCELLED


@pytest.mark.parametrize("reason", VOID_REASONS)
async def test_a_void_that_is_not_approved_is_a_refusal_unless_it_was_done_before(
    rig: Rig, reason: str
) -> None:
    made = await rig.book()
    rig.fake.refuse_next(reason, "void")

    if reason == "label_already_voided":
        update = await rig.carrier.cancel(made.external_id, "other", BUDGET_S)
        assert update.status is DeliveryStatus.CANCELLED
        return
    with pytest.raises(RemoteRefused) as refused:
        await rig.carrier.cancel(made.external_id, "other", BUDGET_S)
    assert refused.value.raw_code == reason
    assert rig.fake.books()[0].state is BookState.LIVE


async def test_a_booking_may_be_named_by_its_label_as_well(rig: Rig) -> None:
    made = await rig.book()
    label = (await rig.raw("/v1/labels"))["labels"][0]

    fetched = await rig.carrier.fetch(label["label_id"], BUDGET_S)
    voided = await rig.carrier.cancel(label["label_id"], "other", BUDGET_S)

    assert (fetched.external_id, fetched.tracking_number) == (label["label_id"], made.tracking_number)
    assert voided.status is DeliveryStatus.CANCELLED
    with pytest.raises(RemoteRefused):
        await rig.carrier.fetch("se-404", BUDGET_S)


async def test_a_carrier_that_is_not_tracked_stays_at_its_label(rig: Rig) -> None:
    made = await rig.book()
    rig.fake.refuse_next("tracking_not_supported")

    assert (await rig.carrier.fetch(made.external_id, BUDGET_S)).status is DeliveryStatus.LABEL_READY


@pytest.mark.parametrize(
    ("service", "days"),
    [
        ("stamps_com.usps_priority_mail_express", 1),
        (PRIORITY, 2),
        (GROUND, 3),
    ],
)
async def test_a_parcel_arrives_on_its_day_scan_by_scan(rig: Rig, service: str, days: int) -> None:
    made = await rig.book(service)
    await rig.live(5 * DAY_S)
    updates = rig.updates()

    assert list(dict.fromkeys(update.status for update in updates)) == [
        DeliveryStatus.LABEL_READY,
        DeliveryStatus.PICKED_UP,
        DeliveryStatus.IN_TRANSIT,
        DeliveryStatus.OUT_FOR_DELIVERY,
        DeliveryStatus.DELIVERED,
    ]
    assert updates[-1].occurred_at.date() == (START + timedelta(days=days)).date()
    assert {update.external_id for update in updates} == {made.external_id}


async def test_what_is_fetched_is_no_news_after_its_webhook(rig: Rig) -> None:
    made = await rig.book()
    await rig.live(2 * DAY_S)

    fetched = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert fetched.source_event_id == rig.updates()[-1].source_event_id


@pytest.mark.parametrize(
    ("fate", "kind", "final"),
    [
        ("refused", IncidentKind.REFUSED, DeliveryStatus.RETURNED),
        ("absent", IncidentKind.RECIPIENT_UNAVAILABLE, DeliveryStatus.DELIVERED),
        ("moved", IncidentKind.ADDRESS_PROBLEM, DeliveryStatus.DELIVERED),
        ("delayed", IncidentKind.LATE_RISK, DeliveryStatus.DELIVERED),
        ("customs", IncidentKind.CUSTOMS, DeliveryStatus.DELIVERED),
        ("lost", IncidentKind.LOST, DeliveryStatus.FAILED),
        ("damaged", IncidentKind.DAMAGED, DeliveryStatus.DELIVERED),
        ("neighbour", None, DeliveryStatus.DELIVERED),
        ("collection", None, DeliveryStatus.DELIVERED),
        ("unheard", None, DeliveryStatus.DELIVERED),
    ],
)
async def test_what_happens_to_a_parcel_becomes_an_incident(
    rig: Rig, fate: str, kind: IncidentKind | None, final: DeliveryStatus
) -> None:
    door = replace(DOOR, line1=f"2 FATE {fate} St")
    made = await rig.book("stamps_com.usps_priority_mail_express", dropoff=door)
    await rig.live(4 * DAY_S)

    troubles = [update.trouble for update in rig.updates() if update.trouble]
    assert troubles[:1] == ([kind] if kind else [])
    assert (await rig.carrier.fetch(made.external_id, BUDGET_S)).status is final


async def test_the_signature_holds_with_the_published_keys_before_and_after_their_rotation(rig: Rig) -> None:
    reader = ShipEngineWebhooks()
    kept = Secret(json.dumps(await rig.raw("/jwks")))
    for is_known in (True, True, False):
        rig.letters.clear()
        await rig.book(booking_key=f"leg_{len(rig.fake.books())}")
        await rig.live(60, step_s=60)
        for headers, body in rig.letters:
            if is_known:
                reader.verify(headers, body, [Secret(SIGNING_KEY), kept])
                continue
            with pytest.raises(BadSignature):
                reader.verify(headers, body, [Secret(SIGNING_KEY), kept])
        assert rig.letters
        # The next key was published beforehand, the one after it was not.
        rig.fake.keyring.rotate()


async def test_keys_are_kept_and_asked_for_again_once_a_minute_at_most(rig: Rig) -> None:
    seconds = [1000.0]
    client = ShipEngineClient(f"{rig.base_url}/v1", Secret("live_1"), f"{rig.base_url}/jwks")
    book = KeyBook(client, lambda: seconds[0])
    ring = rig.fake.keyring

    async def ask(key_id: str) -> list[str] | None:
        keys = await book.keys_for({KEY_ID: key_id}, BUDGET_S)
        return None if keys is None else [key["kid"] for key in json.loads(keys.reveal())["keys"]]

    # Who does not sign makes nobody ask, nor does an endless name.
    assert (await ask(""), await ask("k" * 501), ring.times_shown) == (None, None, 0)
    first = await ask("simulated-1")
    assert first == ["simulated-ec", "simulated-1", "simulated-2"]
    ring.rotate()
    ring.rotate()
    # A stranger's key, and one that is really new: neither is looked for within the minute.
    assert [await ask("strange"), await ask("simulated-3"), ring.times_shown] == [first, first, 1]
    seconds[0] += 60
    assert await ask("simulated-3") == ["simulated-ec", "simulated-3", "simulated-4"]
    seconds[0] += 3599
    await ask("simulated-3")
    assert ring.times_shown == 2
    seconds[0] += 1
    await ask("simulated-3")
    assert ring.times_shown == 3
    # An outage of a day is lived through with what is kept, and no longer.
    ring.hide()
    seconds[0] += 86_399
    assert await ask("simulated-3") is not None
    seconds[0] += 1
    assert await ask("simulated-3") is None
    await client.close()


async def test_a_host_that_holds_its_keys_back_is_not_waited_for(rig: Rig) -> None:
    rig.fake.slow(SLOW_S)

    carrier = rig.carrier
    assert isinstance(carrier, PublishesKeys)
    assert await carrier.published_keys({KEY_ID: "simulated-1"}, SHORT_BUDGET_S) is None
