"""Rating and buying with EasyPost against the simulated EasyPost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from doorstep.address import Address
from doorstep.delivery import LegDirection
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import (
    AccountProblem,
    RateLimited,
    RemoteError,
    RemoteRefused,
    UnknownOutcome,
)
from doorstep.incident import IncidentKind
from doorstep.parcel import Parcel
from doorstep.quote import DeclineReason
from simulator.carriers.easypost import MAGIC_ZIPS
from simulator.carriers.easypost.problems import natural_operation
from tests.contracts.carriers.rig import BUDGET_S, DOOR, START, STORE
from tests.integration.connectors.easypost.easypost_rig import DAY_S, Rig


async def test_a_full_address_gets_four_services_with_a_day_each(rig: Rig) -> None:
    answer = await rig.ask()

    ends = {quote.service: quote.promise.window.end for quote in answer.quotes}
    # 20:00 in New York is one o'clock at night in UTC.
    day = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    assert ends == {
        "USPS.GroundAdvantage": day + timedelta(days=3),
        "USPS.Priority": day + timedelta(days=2),
        "USPS.Express": day + timedelta(days=1),
        "CityExpress.SameDay": day,
    }
    assert answer.declined == ()


async def test_what_one_carrier_cannot_do_is_a_decline_beside_the_others_offers(rig: Rig) -> None:
    rig.fake.silence("USPS")
    answer = await rig.ask()

    assert [quote.service for quote in answer.quotes] == ["CityExpress.SameDay"]
    assert answer.declined[0].reason is DeclineReason.CARRIER_DOWN


async def test_far_heavy_and_unmeasured_parcels_are_declined_with_their_reasons(rig: Rig) -> None:
    far = await rig.ask(dropoff=replace(DOOR, postal_code="90210"))
    heavy = await rig.ask(parcels=(Parcel(40_000, 300, 200, 100),))
    unmeasured = await rig.ask(parcels=(Parcel(1_000),))

    assert {quote.service for quote in far.quotes} == {
        "USPS.GroundAdvantage",
        "USPS.Priority",
        "USPS.Express",
    }
    assert [decline.reason for decline in far.declined] == [DeclineReason.OUT_OF_AREA]
    assert {decline.reason for decline in heavy.declined} == {DeclineReason.TOO_HEAVY}
    assert unmeasured.declined[0].reason is DeclineReason.TOO_LARGE


async def test_a_checkout_that_knows_a_postcode_gets_prices_and_booking_rates_again(rig: Rig) -> None:
    offer = await rig.offer(dropoff=Address("US", postal_code="10002"))
    assert "shipment_id" not in offer.booking_data

    made = await rig.carrier.book(rig.request(offer), BUDGET_S)
    again = await rig.carrier.book(rig.request(offer), BUDGET_S)

    (entry,) = rig.fake.books()
    assert entry.external_id == made.external_id == again.external_id
    assert (entry.reference, made.price) == ("leg_01", offer.price)


async def test_the_label_of_a_return_goes_from_the_door_to_the_shop(rig: Rig) -> None:
    back: dict[str, Any] = {"pickup": DOOR, "dropoff": STORE}
    offer = await rig.offer(is_return=True, **back)
    made = await rig.carrier.book(rig.request(offer, direction=LegDirection.RETURN, **back), BUDGET_S)
    # Nobody said so when prices were asked for: then it is rated again, and bought as what it is.
    plain = await rig.offer(**back)
    request = rig.request(plain, "leg_02", direction=LegDirection.RETURN, **back)
    again = await rig.carrier.book(request, BUDGET_S)
    await rig.live(DAY_S)

    assert offer.booking_data["shipment_id"] == made.external_id
    assert plain.booking_data["shipment_id"] != again.external_id
    for booking in (made, again):
        assert rig.fake.printed_way(booking.external_id) == (DOOR.name, STORE.name)
    assert {update.external_id for update in rig.updates()} == {made.external_id, again.external_id}


async def test_a_checkout_without_a_postcode_is_declined_in_words(rig: Rig) -> None:
    answer = await rig.ask(dropoff=Address("US"))

    assert answer.declined[0].reason is DeclineReason.ADDRESS_PROBLEM


async def test_the_quoted_shipment_is_the_one_that_is_bought(rig: Rig) -> None:
    offer = await rig.offer()

    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert made.external_id == offer.booking_data["shipment_id"]
    assert made.status is DeliveryStatus.LABEL_READY
    assert made.tracking_number.startswith("9400")


async def test_a_changed_address_gets_a_label_of_its_own(rig: Rig) -> None:
    offer = await rig.offer()

    made = await rig.carrier.book(rig.request(offer, dropoff=replace(DOOR, line1="3 Side St")), BUDGET_S)

    assert made.external_id != offer.booking_data["shipment_id"]
    assert rig.fake.books()[0].reference == "leg_01"


async def test_the_label_can_be_fetched_as_a_picture(rig: Rig) -> None:
    made = await rig.book()

    async with aiohttp.ClientSession() as session, session.get(made.label_url) as response:
        assert (response.status, response.content_type) == (200, "image/png")
        assert (await response.read()).startswith(b"\x89PNG")


async def test_a_booking_without_a_street_is_refused_in_words(rig: Rig) -> None:
    offer = await rig.offer()

    with pytest.raises(RemoteRefused, match="lacks line1 and city") as refused:
        await rig.carrier.book(rig.request(offer, dropoff=Address("US", postal_code="10002")), BUDGET_S)
    assert refused.value.kind is IncidentKind.ADDRESS_PROBLEM


@pytest.mark.parametrize(("factor", "is_accepted"), [("0.8", True), ("1.09", True), ("1.12", False)])
async def test_a_day_old_rate_is_asked_for_again_and_may_grow_by_a_tenth(
    rig: Rig, factor: str, is_accepted: bool
) -> None:
    offer = await rig.offer()
    rig.clock.advance(DAY_S)
    rig.fake.set_price_factor(Decimal(factor))

    if is_accepted:
        made = await rig.carrier.book(rig.request(offer), BUDGET_S)
        assert made.price.minor == pytest.approx(offer.price.minor * float(factor), abs=1)
        return
    with pytest.raises(RemoteRefused, match="more than a tenth") as refused:
        await rig.carrier.book(rig.request(offer), BUDGET_S)
    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED
    assert rig.fake.books() == []


async def test_a_service_that_is_gone_is_refused(rig: Rig) -> None:
    offer = await rig.offer("CityExpress.SameDay")
    # Half past two: the same-day carrier has driven off.
    rig.clock.advance(4.5 * 3600)
    request = rig.request(offer)
    request.booking_data["expires_at"] = START.isoformat()

    with pytest.raises(RemoteRefused, match="no longer offered") as refused:
        await rig.carrier.book(request, BUDGET_S)
    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED


async def test_a_rate_that_is_refused_is_asked_for_once_more(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.fake.refuse_next("SHIPMENT.MISSING_RATE")

    made = await rig.carrier.book(request, BUDGET_S)

    assert [entry.external_id for entry in rig.fake.books()] == [made.external_id]


async def test_a_purchase_without_an_answer_is_found_by_the_repeat(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.fake.swallow_next_purchase()

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)
    made = await rig.carrier.book(request, BUDGET_S)

    assert [entry.external_id for entry in rig.fake.books()] == [made.external_id]


async def test_postage_that_exists_is_adopted(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.fake.swallow_next_purchase()
    rig.fake.refuse_next("SHIPMENT.POSTAGE.EXISTS")

    # The refusal comes before anything was bought, as in a purchase that is still being settled.
    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)
    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)
    made = await rig.carrier.book(request, BUDGET_S)

    assert [entry.external_id for entry in rig.fake.books()] == [made.external_id]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("SHIPMENT.PURCHASE.IN_PROGRESS", UnknownOutcome),
        ("SHIPMENT.POSTAGE.NO_RESPONSE", UnknownOutcome),
        ("INTERNAL_SERVER_ERROR", UnknownOutcome),
        ("SERVICE_UNAVAILABLE", UnknownOutcome),
        ("SHIPMENT.POSTAGE.FAILURE", RemoteRefused),
        ("SHIPMENT.PURCHASE.FAILURE", RemoteRefused),
        ("PAYMENT_REQUIRED", AccountProblem),
        ("RATE_LIMITED", RateLimited),
    ],
)
async def test_errors_of_a_purchase_say_whether_it_may_have_happened(
    rig: Rig, code: str, error: type[RemoteError]
) -> None:
    request = rig.request(await rig.offer())
    rig.fake.refuse_next(code, "buy")

    with pytest.raises(error) as failed:
        await rig.carrier.book(request, BUDGET_S)

    assert type(failed.value) is error
    assert failed.value.raw_code == code
    assert rig.fake.books() == []


RATING = {zip_code: code for zip_code, code in MAGIC_ZIPS.items() if natural_operation(code) == "rate"}


@pytest.mark.parametrize(("zip_code", "code"), RATING.items(), ids=RATING.values())
async def test_every_error_of_a_rating_is_a_decline_or_an_error_of_ours(
    rig: Rig, zip_code: str, code: str
) -> None:
    try:
        raw_codes = [
            decline.raw_code
            for decline in (await rig.ask(dropoff=replace(DOOR, postal_code=zip_code))).declined
        ]
    except RemoteError as error:
        raw_codes = [error.raw_code]

    assert raw_codes == [code]
