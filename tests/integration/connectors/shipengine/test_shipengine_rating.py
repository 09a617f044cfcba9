"""Rating with ShipEngine against the simulated ShipEngine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from doorstep.address import Address
from doorstep.delivery import LegDirection
from doorstep.errors import RemoteRefused
from doorstep.goods import Goods, GoodsTrait
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.quote import DeclineReason, PriceBasis
from tests.contracts.carriers.rig import BOX, BUDGET_S, DOOR, STORE
from tests.integration.connectors.shipengine.shipengine_rig import BARE, GROUND, PRIORITY, Rig


async def test_a_full_address_gets_every_service_once_with_a_day_each(rig: Rig) -> None:
    answer = await rig.ask()

    # 20:00 in New York is one o'clock at night in UTC.
    day = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    assert {quote.service: quote.promise.window.end for quote in answer.quotes} == {
        "stamps_com.usps_ground_advantage": day + timedelta(days=3),
        PRIORITY: day + timedelta(days=2),
        "stamps_com.usps_priority_mail_express": day + timedelta(days=1),
        GROUND: day + timedelta(days=3),
        "ups.ups_next_day_air_saver": day + timedelta(days=1),
    }
    assert answer.declined == ()


async def test_a_price_is_that_of_a_box_of_ours_with_all_its_parts(rig: Rig) -> None:
    # Three pounds in zone one: 815 + 3 * 74 * 5 // 4 = 1092 cents; in an envelope it would be less.
    assert (await rig.offer(PRIORITY)).price == Money(1092, "USD")
    # 935 + 3 * 41 * 5 // 4 = 1088, a signature for 600, and 12 % of 1088 for fuel.
    signed = await rig.offer(GROUND, requirements=(HandoverRequirement.SIGNATURE,))
    assert signed.price == Money(1088 + 600 + 130, "USD")


async def test_one_carrier_that_is_away_is_a_decline_beside_the_others_offers(rig: Rig) -> None:
    rig.fake.silence("ups")
    answer = await rig.ask()

    assert {quote.service.partition(".")[0] for quote in answer.quotes} == {"stamps_com"}
    assert [decline.reason for decline in answer.declined] == [DeclineReason.CARRIER_DOWN]


async def test_what_a_carrier_does_not_do_at_the_door_is_a_decline(rig: Rig) -> None:
    answer = await rig.ask(requirements=(HandoverRequirement.PIN,))

    assert {quote.service.partition(".")[0] for quote in answer.quotes} == {"ups"}
    assert [(decline.text, decline.reason) for decline in answer.declined] == [
        ("Stamps.com does not do what is asked for at the door.", DeclineReason.HANDOVER)
    ]


async def test_heavy_and_several_parcels_go_with_who_takes_them(rig: Rig) -> None:
    heavy = await rig.ask(parcels=(Parcel(40_000, 300, 200, 100),))
    several = await rig.ask(parcels=(BOX, BOX))

    assert {quote.service.partition(".")[0] for quote in heavy.quotes} == {"ups"}
    assert [decline.reason for decline in heavy.declined] == [DeclineReason.TOO_HEAVY]
    assert {quote.service.partition(".")[0] for quote in several.quotes} == {"ups"}
    assert [decline.reason for decline in several.declined] == [DeclineReason.TOO_LARGE]


async def test_several_parcels_are_one_booking_under_the_first_ones_number(rig: Rig) -> None:
    offer = await rig.offer(GROUND, parcels=(BOX, BOX))
    made = await rig.carrier.book(rig.request(offer, parcels=(BOX, BOX)), BUDGET_S)

    (entry,) = rig.fake.books()
    assert made.external_id == entry.external_id
    assert made.price == offer.price
    label = (await rig.raw(f"/v1/labels?tracking_number={made.external_id}"))["labels"][0]
    assert len({package["tracking_number"] for package in label["packages"]}) == 2


async def test_a_checkout_that_knows_a_postcode_gets_estimates_and_booking_rates_again(rig: Rig) -> None:
    offer = await rig.offer(dropoff=BARE)
    full = await rig.offer()

    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert (offer.price, offer.price_basis) == (full.price, PriceBasis.ESTIMATE)
    assert (made.price, rig.fake.books()[0].reference) == (offer.price, "leg_01")


@pytest.mark.parametrize("changes", [{"dropoff": Address("US")}, {"dropoff": BARE, "parcels": (BOX, BOX)}])
async def test_what_cannot_be_estimated_is_declined_in_words(rig: Rig, changes: dict[str, Any]) -> None:
    answer = await rig.ask(**changes)

    assert [decline.reason for decline in answer.declined] == [DeclineReason.ADDRESS_PROBLEM]


async def test_the_label_can_be_fetched_as_a_page(rig: Rig) -> None:
    made = await rig.book()

    async with aiohttp.ClientSession() as session, session.get(made.label_url) as response:
        assert (response.status, response.content_type) == (200, "application/pdf")
        assert (await response.read()).startswith(b"%PDF")


async def test_goods_and_needs_are_on_the_label_that_is_bought(rig: Rig) -> None:
    wine = Goods(frozenset({GoodsTrait.ALCOHOL}))
    offer = await rig.offer(GROUND, goods=wine)

    made = await rig.carrier.book(rig.request(offer, goods=wine), BUDGET_S)

    # 1088 and its fuel as above, and 740 for an adult's signature.
    assert made.price == Money(1088 + 130 + 740, "USD")


async def test_a_return_is_bought_as_one(rig: Rig) -> None:
    back: dict[str, Any] = {"pickup": DOOR, "dropoff": STORE}
    offer = await rig.offer(is_return=True, **back)
    made = await rig.carrier.book(rig.request(offer, direction=LegDirection.RETURN, **back), BUDGET_S)

    label = (await rig.raw(f"/v1/labels?tracking_number={made.external_id}"))["labels"][0]
    assert (label["is_return_label"], label["rma_number"]) == (True, "1001")
    assert made.price == offer.price
    assert "stamps_com.usps_priority_mail_express" not in {
        quote.service for quote in (await rig.ask(is_return=True, **back)).quotes
    }


async def test_a_service_that_is_sold_for_no_return_is_refused_for_one(rig: Rig) -> None:
    offer = await rig.offer("stamps_com.usps_priority_mail_express")

    with pytest.raises(RemoteRefused) as refused:
        await rig.carrier.book(rig.request(offer, direction=LegDirection.RETURN), BUDGET_S)

    assert refused.value.raw_code == "return_label_not_supported"
    assert rig.fake.books() == []
