"""The six carriers behind karrio's mappers against their stand-ins, over HTTP: what goes well."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from doorstep.address import Address
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.quote import CarrierQuote, DeclineReason, DeliveryMode, PriceBasis
from doorstep.window import PromiseBasis
from simulator.carriers.books import BookState
from tests.integration.connectors.karrio_rig import (
    BOX,
    BUDGET_S,
    BY_CODE,
    CASES,
    START,
    Grounds,
    Rig,
    open_grounds,
    open_rig,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

# What each stand-in sells: service, title, minor units, whether the carrier itself names the day.
OFFERS = {
    "ups": [
        ("ups_ground", "UPS Ground", 1154, False),
        ("ups_2nd_day_air", "UPS 2nd Day Air", 2310, True),
        ("ups_next_day_air", "UPS Next Day Air", 4590, True),
    ],
    "fedex": [
        ("fedex_ground", "FedEx Ground", 1122, False),
        ("fedex_2_day", "FedEx 2 Day", 2545, True),
        ("fedex_priority_overnight", "FedEx Priority Overnight", 5210, True),
    ],
    # Two prices for Ground Advantage: the cheaper one is the offer.
    "usps": [
        ("usps_ground_advantage", "USPS Ground Advantage", 745, False),
        ("usps_priority_mail", "USPS Priority Mail", 965, True),
        ("usps_priority_mail_express", "USPS Priority Mail Express", 3110, True),
    ],
    "mydhl": [
        ("mydhl_express_domestic", "DHL Express Domestic", 2150, True),
        ("mydhl_express_domestic_12_00", "DHL Express Domestic 12:00", 3390, True),
    ],
    "canada_post": [
        ("canadapost_regular_parcel", "Canada Post Regular Parcel", 1021, True),
        ("canadapost_expedited_parcel", "Canada Post Expedited Parcel", 1093, True),
        ("canadapost_priority", "Canada Post Priority", 2264, True),
    ],
    "purolator": [
        ("purolator_ground", "Purolator Ground", 1402, True),
        ("purolator_express", "Purolator Express", 2875, True),
    ],
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def grounds() -> AsyncIterator[Grounds]:
    """One server for all."""
    async with open_grounds() as grounds:
        yield grounds


@pytest_asyncio.fixture(params=CASES, ids=lambda case: case.plugin.carrier, loop_scope="module")
async def rig(request: pytest.FixtureRequest, grounds: Grounds) -> AsyncIterator[Rig]:
    """Each carrier in turn."""
    async with open_rig(request.param, grounds) as rig:
        yield rig


async def test_every_service_is_an_offer_with_an_exact_price(rig: Rig) -> None:
    answer = await rig.ask()

    found = [
        (
            offer.service,
            offer.title,
            offer.price.minor,
            offer.promise.basis is PromiseBasis.CARRIER_COMMITMENT,
        )
        for offer in answer.quotes
    ]
    assert found == OFFERS[rig.carrier.carrier]
    for offer in answer.quotes:
        assert (offer.carrier, offer.mode) == (rig.carrier.carrier, DeliveryMode.PARCEL)
        assert offer.price_basis is PriceBasis.LIVE
        assert offer.price.currency == rig.case.country.currency
        assert offer.promise.window.end > START
        assert offer.expires_at > START


async def test_a_service_without_a_date_is_promised_by_its_working_days_and_marked_so(rig: Rig) -> None:
    undated = [offer for offer in (await rig.ask()).quotes if offer.promise.basis is PromiseBasis.APPROXIMATE]

    for offer in undated:
        # Three working days after Monday the 23rd: Thursday the 26th, until eight in the evening.
        assert f"{offer.promise.window.end:%m-%d %H}" == "11-27 01"
    assert bool(undated) == (rig.carrier.carrier in {"ups", "fedex", "usps"})


async def test_a_checkout_that_knows_a_postcode_gets_the_same_prices(rig: Rig) -> None:
    door = rig.case.country.door
    bare = Address(door.country, postal_code=door.postal_code)

    full, short = await rig.ask(), await rig.ask(dropoff=bare)

    assert [offer.price for offer in short.quotes] == [offer.price for offer in full.quotes]


async def test_a_lane_without_service_is_a_decline(rig: Rig) -> None:
    answer = await rig.ask(dropoff=replace(rig.case.country.door, postal_code=rig.case.nowhere))

    assert answer.quotes == ()
    assert [decline.carrier for decline in answer.declined] == [rig.carrier.carrier]
    assert answer.declined[0].raw_code


async def test_what_no_parcel_carrier_does_is_declined_without_asking(rig: Rig) -> None:
    country = rig.case.country
    abroad = Address("FR", line1="1 Rue", city="Paris", postal_code="75001")
    declined = [
        (await rig.ask(**changes)).declined[0].reason
        for changes in (
            {"dropoff": Address(country.door.country)},
            {"parcels": ()},
            {"parcels": (Parcel(90_000, 300, 200, 100),)},
            {"requirements": (HandoverRequirement.PIN,)},
        )
    ]
    cross_border = (await rig.ask(dropoff=abroad)).declined[0].reason

    assert declined == [
        DeclineReason.ADDRESS_PROBLEM,
        DeclineReason.OTHER,
        DeclineReason.TOO_HEAVY,
        DeclineReason.HANDOVER,
    ]
    assert cross_border in {DeclineReason.RULE, DeclineReason.OUT_OF_AREA}
    assert rig.house.requests == []


async def test_another_currency_is_a_decline_that_says_which(rig: Rig) -> None:
    answer = await rig.ask(value=Money(4200, "GBP"))

    assert answer.quotes == ()
    assert answer.declined[0].reason is DeclineReason.RULE
    assert rig.case.country.currency in answer.declined[0].text


async def test_a_booking_brings_a_label_as_a_document(rig: Rig) -> None:
    offer = await rig.offer()
    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    (entry,) = rig.house.books()
    assert (entry.external_id, entry.state) == (made.external_id, BookState.LIVE)
    assert made.status is DeliveryStatus.LABEL_READY
    assert made.price == offer.price
    assert made.tracking_number == made.external_id
    assert made.external_id in made.tracking_url
    head, _, document = made.label_url.partition(",")
    assert head == "data:application/pdf;base64"
    assert base64.b64decode(document).startswith(b"%PDF")


async def test_every_offer_can_be_booked(rig: Rig) -> None:
    offers = (await rig.ask()).quotes

    for place, offer in enumerate(offers):
        made = await rig.carrier.book(rig.request(offer, booking_key=f"leg_{place}"), BUDGET_S)
        assert made.price == offer.price
    assert len(rig.house.books()) == len(offers)


async def test_a_parcel_is_followed_from_the_label_to_the_door(rig: Rig) -> None:
    made = await rig.book()
    seen = []
    # The stand-ins pick up after 2 hours, move after 8, deliver from hour 20 on and are done by 24.
    for hours in (0, 3, 8, 10, 5):
        rig.live(hours)
        seen.append(await rig.carrier.fetch(made.external_id, BUDGET_S))

    assert [update.status for update in seen] == [
        DeliveryStatus.LABEL_READY,
        DeliveryStatus.PICKED_UP,
        DeliveryStatus.IN_TRANSIT,
        DeliveryStatus.OUT_FOR_DELIVERY,
        DeliveryStatus.DELIVERED,
    ]
    assert {update.external_id for update in seen} == {made.external_id}
    assert len({update.source_event_id for update in seen}) == 5
    assert all(update.raw_status for update in seen)
    assert [update.trouble for update in seen] == [None] * 5


async def test_the_same_state_has_the_same_event_id(rig: Rig) -> None:
    made = await rig.book()
    rig.live(3)

    first, again = [await rig.carrier.fetch(made.external_id, BUDGET_S) for _ in range(2)]

    assert first == again


async def test_a_status_that_nobody_documented_is_unknown_and_kept_raw(rig: Rig) -> None:
    made = await rig.book()
    rig.live(3)
    rig.house.parcels[made.external_id].told = "of-next-year"

    update = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert update.status is DeliveryStatus.UNKNOWN
    assert "of-next-year" in update.raw_status


async def test_a_number_that_is_none_is_refused(rig: Rig) -> None:
    for call in (rig.carrier.fetch("no/such?id", BUDGET_S), rig.carrier.cancel("no/such?id", "", BUDGET_S)):
        with pytest.raises(RemoteRefused):
            await call


async def test_calling_off_twice_is_a_success_both_times(rig: Rig) -> None:
    made = await rig.book()

    updates = [await rig.carrier.cancel(made.external_id, "too dear", BUDGET_S) for _ in range(2)]

    assert {update.status for update in updates} == {DeliveryStatus.CANCELLED}
    # DHL Express has no call for it: a label that nobody scans is never billed.
    state = BookState.LIVE if rig.carrier.carrier == "mydhl" else BookState.CANCELLED
    assert [entry.state for entry in rig.house.books()] == [state]


async def test_what_the_carrier_has_cannot_be_called_off(rig: Rig) -> None:
    made = await rig.book()
    rig.live(3)

    with pytest.raises(RemoteRefused) as refused:
        await rig.carrier.cancel(made.external_id, "too late", BUDGET_S)

    assert refused.value.raw_code
    assert rig.house.books()[0].state is BookState.LIVE


async def test_a_label_needs_full_addresses_and_as_many_boxes_as_the_carrier_takes(rig: Rig) -> None:
    offer = await rig.offer()
    bare = Address(rig.case.country.door.country, postal_code="1")

    for changes in ({"dropoff": bare}, {"parcels": ()}, {"parcels": (BOX,) * 21}):
        with pytest.raises(RemoteRefused):
            await rig.carrier.book(rig.request(offer, **changes), BUDGET_S)
    assert rig.house.books() == []


@pytest.mark.parametrize("code", ["ups", "fedex", "mydhl"])
async def test_several_boxes_are_one_booking(code: str, grounds: Grounds) -> None:
    async with open_rig(BY_CODE[code], grounds) as rig:
        made = await rig.book(parcels=(BOX, BOX))

        assert len(rig.house.books()) == 1
        assert made.label_url.startswith("data:application/pdf;base64,")


async def test_canada_post_voids_at_once_what_was_not_transmitted(grounds: Grounds) -> None:
    async with open_rig(BY_CODE["canada_post"], grounds) as rig:
        rig.house.is_transmitted = False
        made = await rig.book()

        updates = [await rig.carrier.cancel(made.external_id, "", BUDGET_S) for _ in range(2)]

        assert [update.raw_status for update in updates] == ["voided", "voided"]
        assert rig.house.refunds == set()


async def test_ups_bills_what_the_account_negotiated(grounds: Grounds) -> None:
    async with open_rig(BY_CODE["ups"], grounds) as rig:
        offer: CarrierQuote = await rig.offer("ups_ground")
        made = await rig.carrier.book(rig.request(offer), BUDGET_S)

        # The published price is two dollars more, in the rates and in the answer to the order.
        assert made.price == Money(1154, "USD")
