"""Quoting and booking with Stuart against the simulated Stuart."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from doorstep.address import Address
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import (
    AccountProblem,
    RateLimited,
    RemoteError,
    RemoteRefused,
    UnknownOutcome,
)
from doorstep.geo import LatLng
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.quote import DeclineReason
from doorstep.window import PromiseBasis, Window
from simulator.carriers.books import BookState
from tests.contracts.carriers.rig import BUDGET_S
from tests.integration.connectors.stuart.stuart_rig import DOOR, SHOP, START, Rig


async def test_price_and_eta_are_asked_at_once_and_share_one_token(rig: Rig) -> None:
    offers = await asyncio.gather(*(rig.offer() for _ in range(5)))

    assert rig.fake.tokens_given == 1
    assert {offer.promise.basis for offer in offers} == {PromiseBasis.PREDICTED}


async def test_a_token_that_was_revoked_is_replaced_even_for_a_booking(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.fake.revoke_tokens()

    made = await rig.carrier.book(request, BUDGET_S)

    assert made.status is DeliveryStatus.SEARCHING
    assert rig.fake.tokens_given == 1


@pytest.mark.parametrize("code", ["INTERNAL_SERVER_ERROR", "OUT_OF_RANGE", "TOO_MANY_REQUESTS"])
async def test_a_price_whose_eta_is_refused_is_still_an_offer(rig: Rig, code: str) -> None:
    rig.fake.refuse_next(code, "eta")

    offer = await rig.offer()

    assert offer.promise.basis is PromiseBasis.APPROXIMATE
    assert offer.promise.window.start > START


async def test_an_eta_that_never_comes_does_not_make_the_offer_late(rig: Rig) -> None:
    await rig.offer()
    rig.fake.slow_eta()

    answer = await rig.carrier.quote(rig.question(), 0.5)

    assert answer.quotes[0].promise.basis is PromiseBasis.APPROXIMATE


async def test_a_refused_price_does_not_wait_for_the_eta(rig: Rig) -> None:
    rig.fake.slow_eta()
    rig.fake.refuse_next("OUT_OF_RANGE", "pricing")

    answer = await rig.carrier.quote(rig.question(), BUDGET_S)

    assert answer.declined[0].reason is DeclineReason.OUT_OF_AREA


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("JOB_DISTANCE_NOT_ALLOWED", DeclineReason.OUT_OF_AREA),
        ("OUT_OF_RANGE", DeclineReason.OUT_OF_AREA),
        ("ADDRESS_INVALID", DeclineReason.OUT_OF_AREA),
        ("CANT_GEOCODE_ADDRESS", DeclineReason.ADDRESS_PROBLEM),
        ("PHONE_INVALID", DeclineReason.ADDRESS_PROBLEM),
        ("ADDRESS_CONTACT_PHONE_REQUIRED", DeclineReason.ADDRESS_PROBLEM),
        ("JOB_PICKUP_AT_INVALID", DeclineReason.PAST_CUTOFF),
        ("EMAIL_INVALID", DeclineReason.OTHER),
        ("JOB_DELIVERIES_INVALID", DeclineReason.OTHER),
        ("RECORD_INVALID", DeclineReason.OTHER),
        ("BAD_REQUEST", DeclineReason.OTHER),
    ],
)
async def test_an_address_that_stuart_refuses_is_a_decline(
    rig: Rig, code: str, reason: DeclineReason
) -> None:
    door = replace(DOOR, line1=f"2 FAIL {code} rue")

    (decline,) = (await rig.carrier.quote(rig.question(dropoff=door), BUDGET_S)).declined

    assert (decline.reason, decline.raw_code) == (reason, code)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dropoff": Address("FR", postal_code="75002")}, DeclineReason.ADDRESS_PROBLEM),
        ({"parcels": (Parcel(80_000),)}, DeclineReason.TOO_HEAVY),
        ({"value": Money(100, "GBP")}, DeclineReason.RULE),
        ({"dropoff": replace(DOOR, city="Nowhere", location=None)}, DeclineReason.ADDRESS_PROBLEM),
        ({"ready_at": START + timedelta(days=5)}, DeclineReason.RULE),
    ],
)
async def test_what_cannot_be_is_declined(rig: Rig, changes: dict[str, Any], reason: DeclineReason) -> None:
    answer = await rig.carrier.quote(rig.question(**changes), BUDGET_S)

    assert (answer.quotes, answer.declined[0].reason) == ((), reason)


async def test_pounds_are_charged_in_london(rig: Rig) -> None:
    shop = replace(SHOP, country="GB", city="London", location=LatLng(51.507, -0.128))
    door = replace(shop, line1="2 Test St", location=None)

    offer = await rig.offer(pickup=shop, dropoff=door, value=Money(100, "GBP"))

    assert offer.price.currency == "GBP"


@pytest.mark.parametrize(("wanted_in", "lasts"), [(60, 60), (60, 20), (60 * 24 * 3, 60)])
async def test_a_wanted_window_is_kept(rig: Rig, wanted_in: int, lasts: int) -> None:
    start = START + timedelta(minutes=wanted_in)
    window = Window(start, start + timedelta(minutes=lasts))

    offer = await rig.offer(delivery_window=window)
    made = await rig.carrier.book(rig.request(offer), BUDGET_S)
    await rig.live(minutes=wanted_in + lasts + 30, step_s=300)

    arrived = await rig.carrier.fetch(made.external_id, BUDGET_S)
    assert arrived.status is DeliveryStatus.DELIVERED
    assert window.start - timedelta(minutes=5) <= arrived.occurred_at < window.end + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("code", "error", "kind"),
    [
        ("OUT_OF_RANGE", RemoteRefused, IncidentKind.ADDRESS_PROBLEM),
        ("JOB_PICKUP_AT_INVALID", RemoteRefused, IncidentKind.LATE_RISK),
        ("RECORD_INVALID:job.dropoff_at", RemoteRefused, IncidentKind.LATE_RISK),
        ("FORBIDDEN", AccountProblem, IncidentKind.OTHER),
        ("TOO_MANY_REQUESTS", RateLimited, IncidentKind.OTHER),
        ("INTERNAL_SERVER_ERROR", UnknownOutcome, IncidentKind.CARRIER_DOWN),
        ("SERVICE_UNAVAILABLE", UnknownOutcome, IncidentKind.CARRIER_DOWN),
    ],
)
async def test_errors_of_a_booking_say_whether_it_may_have_happened(
    rig: Rig, code: str, error: type[RemoteError], kind: IncidentKind
) -> None:
    request = rig.request(await rig.offer())
    rig.fake.refuse_next(code, "create")

    with pytest.raises(error) as failed:
        await rig.carrier.book(request, BUDGET_S)

    assert type(failed.value) is error
    assert failed.value.kind is kind
    assert rig.fake.books() == []


async def test_a_twin_that_appeared_after_we_looked_is_adopted(rig: Rig) -> None:
    request = rig.request(await rig.offer())

    first, second = await asyncio.gather(*(rig.carrier.book(request, BUDGET_S) for _ in range(2)))

    assert first.tracking_number == second.tracking_number
    assert len(rig.fake.books()) == 1


async def test_a_taken_reference_whose_job_does_not_show_itself_is_in_doubt(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.fake.refuse_next("RECORD_INVALID:job.dropoffs.client_reference", "create")

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)


async def test_a_booking_that_is_over_already_is_refused_and_not_adopted(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    await rig.carrier.book(request, BUDGET_S)
    rig.fake.call_off("leg_01", "no_supply")

    with pytest.raises(RemoteRefused, match="over already") as refused:
        await rig.carrier.book(request, BUDGET_S)

    assert refused.value.kind is IncidentKind.NO_COURIER
    assert len(rig.fake.books()) == 1


@pytest.mark.parametrize(("factor", "is_accepted"), [(0.8, True), (1.09, True), (1.12, False)])
@pytest.mark.parametrize("is_stale", [False, True], ids=["fresh", "stale"])
async def test_a_new_price_is_taken_up_to_a_tenth_above_the_old(
    rig: Rig, factor: float, is_accepted: bool, is_stale: bool
) -> None:
    offer = await rig.offer()
    rig.clock.advance(6 * 60 if is_stale else 60)
    rig.fake.set_price_factor(factor)

    if is_accepted:
        made = await rig.carrier.book(rig.request(offer), BUDGET_S)
        assert made.price.minor == pytest.approx(offer.price.minor * factor, abs=1)
        return
    with pytest.raises(RemoteRefused, match="more than a tenth") as refused:
        await rig.carrier.book(rig.request(offer), BUDGET_S)
    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED
    # A stale price is asked for again first; otherwise only the booking tells, and is called off.
    states = [entry.state for entry in rig.fake.books()]
    assert states == ([] if is_stale else [BookState.CANCELLED])


async def test_a_dear_booking_that_was_perhaps_not_called_off_is_in_doubt_until_the_repeat(
    rig: Rig,
) -> None:
    request = rig.request(await rig.offer())
    rig.fake.set_price_factor(2.0)
    rig.fake.refuse_next("SERVICE_UNAVAILABLE", "cancel")

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)
    with pytest.raises(RemoteRefused, match="more than a tenth"):
        await rig.carrier.book(request, BUDGET_S)

    assert [entry.state for entry in rig.fake.books()] == [BookState.CANCELLED]
