"""What the six carriers are really sent: what karrio builds, and what is mended about it."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
import pytest_asyncio

from doorstep.address import Address
from doorstep.delivery import LegDirection
from doorstep.delivery_status import DeliveryStatus
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from tests.integration.connectors.karrio_rig import (
    BUDGET_S,
    BY_CODE,
    CASES,
    Grounds,
    Rig,
    open_grounds,
    open_rig,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = "leg_01HZX3V9K2M4N6P8Q0R2S4T6V8"


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


def sent(rig: Rig, operation: str) -> Any:
    """The newest body of an operation, as JSON."""
    return json.loads(rig.house.bodies(operation)[-1])


def fields(rig: Rig, operation: str) -> dict[str, list[str]]:
    """All texts of the newest body of an operation, by the local name of their elements."""
    found: dict[str, list[str]] = {}
    root = ElementTree.fromstring(rig.house.bodies(operation)[-1])  # noqa: S314 - our own
    for node in root.iter():
        found.setdefault(node.tag.rpartition("}")[2], []).append((node.text or "").strip())
    return found


async def test_no_body_holds_a_password(rig: Rig) -> None:
    made = await rig.book()
    await rig.carrier.fetch(made.external_id, BUDGET_S)
    await rig.carrier.cancel(made.external_id, "", BUDGET_S)

    spoken = [operation for operation, body in rig.house.requests if b"hush" in body]
    # USPS and FedEx take the secret in the form that asks for a token.
    assert set(spoken) <= {"token"}


def ends_of(rig: Rig) -> tuple[str, str]:
    """Postal codes of sender and recipient in the newest order of a label."""
    match rig.case.plugin.carrier:
        case "ups":
            shipment = sent(rig, "ship")["ShipmentRequest"]["Shipment"]
            ends = [shipment[party]["Address"]["PostalCode"] for party in ("ShipFrom", "ShipTo")]
        case "fedex":
            shipment = sent(rig, "ship")["requestedShipment"]
            parties = (shipment["shipper"], shipment["recipients"][0])
            ends = [party["address"]["postalCode"] for party in parties]
        case "usps":
            ends = [sent(rig, "ship")[party]["ZIPCode"] for party in ("fromAddress", "toAddress")]
        case "mydhl":
            parties = sent(rig, "ship")["customerDetails"]
            ends = [
                parties[f"{party}Details"]["postalAddress"]["postalCode"] for party in ("shipper", "receiver")
            ]
        case "canada_post":
            ends = fields(rig, "ship")["postal-zip-code"]
        case _:
            ends = fields(rig, "ship")["PostalCode"][:2]
    return ends[0].replace(" ", ""), ends[1].replace(" ", "")


async def test_a_return_goes_from_the_door_to_the_shop(rig: Rig) -> None:
    door, shop = rig.case.country.door, rig.case.country.store
    await rig.book()
    there = ends_of(rig)
    assert there == (shop.postal_code.replace(" ", ""), door.postal_code.replace(" ", ""))
    offer = (await rig.ask(is_return=True, pickup=door, dropoff=shop)).quotes[0]
    request = rig.request(
        offer,
        booking_key="leg_01HZX3V9K2M4N6P8Q0R2S4T6V9",
        direction=LegDirection.RETURN,
        pickup=door,
        dropoff=shop,
        items=(("Bread", 2),),
    )
    made = await rig.carrier.book(request, BUDGET_S)
    again = await rig.carrier.book(request, BUDGET_S)

    assert made.external_id == again.external_id
    assert ends_of(rig) == there[::-1]


async def test_ups_and_fedex_are_told_that_it_is_a_return(grounds: Grounds) -> None:
    for code in ("ups", "fedex"):
        async with open_rig(BY_CODE[code], grounds) as rig:
            door, shop = rig.case.country.door, rig.case.country.store
            back = {"direction": LegDirection.RETURN, "pickup": door, "dropoff": shop}
            await rig.book(**back, items=(("Bread", 2),))
            if code == "fedex":
                special = sent(rig, "ship")["requestedShipment"]["shipmentSpecialServices"]
                assert special["specialServiceTypes"] == ["RETURN_SHIPMENT"]
                assert special["returnShipmentDetail"] == {"returnType": "PRINT_RETURN_LABEL"}
                continue
            shipment = sent(rig, "ship")["ShipmentRequest"]["Shipment"]
            # A label that the shopper prints, on the account of the shop, to which it goes.
            assert shipment["ReturnService"]["Code"] == "9"
            assert shipment["Shipper"]["Address"] == shipment["ShipTo"]["Address"]
            assert [box["Description"] for box in shipment["Package"]] == ["Bread"]


async def test_nobody_writes_to_the_shopper_on_our_behalf(rig: Rig) -> None:
    door = replace(rig.case.country.door, email="shopper@example.com")
    await rig.book(dropoff=door)

    body = rig.house.bodies("ship")[-1].decode()
    assert "<notification>" not in body
    assert "NotificationInformation" not in body
    assert '"Notification"' not in body


async def test_the_carrier_remembers_our_key(rig: Rig) -> None:
    await rig.book()

    remembered = rig.house.books()[0].reference
    # USPS has a header for it, and prints what people know it by.
    assert remembered == ("#1001" if rig.carrier.carrier == "usps" else KEY)


async def test_a_key_that_is_too_long_is_remembered_by_its_digest(grounds: Grounds) -> None:
    async with open_rig(BY_CODE["ups"], grounds) as rig:
        long = "leg_" + "x" * 60
        request = rig.request(await rig.offer(), booking_key=long)
        made = await rig.carrier.book(request, BUDGET_S)

        (entry,) = rig.house.books()
        assert len(entry.reference) == 35
        assert (await rig.carrier.book(request, BUDGET_S)).external_id == made.external_id


async def test_fedex_is_told_sides_in_the_unit_that_stands_beside_them(grounds: Grounds) -> None:
    """karrio writes centimetres beside "IN" for a sender in the United States."""
    async with open_rig(BY_CODE["fedex"], grounds) as rig:
        await rig.ask(parcels=(Parcel(1_000, 305, 204, 102),))

        item = sent(rig, "rate")["requestedShipment"]["requestedPackageLineItems"][0]
        # 305 mm are 12.008 in, 204 are 8.03, 102 are 4.02; 1000 g are 2.2046 lb. All are rounded up.
        assert item["dimensions"] == {"length": 12.1, "width": 8.1, "height": 4.1, "units": "IN"}
        assert item["weight"] == {"units": "LB", "value": 2.3}


async def test_fedex_makes_no_commercial_invoice_within_one_country(grounds: Grounds) -> None:
    async with open_rig(BY_CODE["fedex"], grounds) as rig:
        await rig.book()

        body = sent(rig, "ship")
        assert "shippingDocumentSpecification" not in body["requestedShipment"]
        assert body["labelResponseOptions"] == "LABEL"


async def test_fedex_labels_that_are_links_are_not_followed(grounds: Grounds) -> None:
    async with open_rig(BY_CODE["fedex"], grounds) as rig:
        rig.house.sends_links = True
        made = await rig.book()

        assert (made.status, made.label_url) == (DeliveryStatus.BOOKED, "")


async def test_ups_bills_no_duties_within_one_country_and_finds_a_box_by_our_key(grounds: Grounds) -> None:
    async with open_rig(BY_CODE["ups"], grounds) as rig:
        await rig.book()

        shipment = sent(rig, "ship")["ShipmentRequest"]["Shipment"]
        assert [charge["Type"] for charge in shipment["PaymentInformation"]["ShipmentCharge"]] == ["01"]
        assert shipment["Package"][0]["ReferenceNumber"] == [{"Value": KEY}, {"Value": "#1001"}]
        assert shipment["Shipper"]["ShipperNumber"] == "A12345"


async def test_ups_is_not_told_a_street_that_nobody_knows(grounds: Grounds) -> None:
    async with open_rig(BY_CODE["ups"], grounds) as rig:
        await rig.ask(dropoff=Address("US", postal_code="10002"))

        shipment = sent(rig, "rate")["RateRequest"]["Shipment"]
        assert "AddressLine" not in shipment["ShipTo"]["Address"]
        assert shipment["Shipper"]["Address"]["AddressLine"] == ["1 Main St"]


@pytest.mark.parametrize(
    ("requirement", "told"),
    [
        (HandoverRequirement.SIGNATURE, {"ups": "1", "fedex": "DIRECT", "usps": [921]}),
        (HandoverRequirement.NO_SAFE_PLACE, {"ups": "1", "fedex": "DIRECT", "usps": [921]}),
        (HandoverRequirement.ADULT_SIGNATURE, {"ups": "2", "fedex": "ADULT", "usps": [922]}),
        (HandoverRequirement.ID_CHECK, {"ups": "2", "fedex": "ADULT", "usps": [922]}),
    ],
)
async def test_what_is_asked_for_at_the_door_is_priced_and_ordered(
    grounds: Grounds, requirement: HandoverRequirement, told: dict[str, Any]
) -> None:
    found = {}
    for code in told:
        async with open_rig(BY_CODE[code], grounds) as rig:
            offers = (await rig.ask(requirements=(requirement,))).quotes
            request = rig.request(offers[0], requirements=(requirement,))
            await rig.carrier.book(request, BUDGET_S)
            found[code] = [_confirmation(code, sent(rig, operation)) for operation in ("rate", "ship")]

    assert found == {code: [word, word] for code, word in told.items()}


def _confirmation(code: str, body: Any) -> Any:
    if code == "usps":
        return body["packageDescription"]["extraServices"]
    if code == "fedex":
        item = body["requestedShipment"]["requestedPackageLineItems"][0]
        return item["packageSpecialServices"]["signatureOptionType"]
    box = next(iter(body.values()))["Shipment"]["Package"][0]
    return box["PackageServiceOptions"]["DeliveryConfirmation"]["DCISType"]


async def test_canada_post_is_asked_for_a_signature(grounds: Grounds) -> None:
    async with open_rig(BY_CODE["canada_post"], grounds) as rig:
        await rig.book(requirements=(HandoverRequirement.SIGNATURE,))

        assert fields(rig, "ship")["option-code"] == ["SO"]


async def test_usps_sells_the_kind_of_rate_that_was_quoted(grounds: Grounds) -> None:
    """karrio orders "DR" and "NON_MACHINABLE" whatever was quoted."""
    async with open_rig(BY_CODE["usps"], grounds) as rig:
        await rig.carrier.book(rig.request(await rig.offer("usps_priority_mail_express")), BUDGET_S)

        parcel = sent(rig, "ship")["packageDescription"]
        assert (parcel["mailClass"], parcel["rateIndicator"], parcel["processingCategory"]) == (
            "PRIORITY_MAIL_EXPRESS",
            "PA",
            "MACHINABLE",
        )


async def test_usps_gets_the_same_uuid_for_the_order_and_for_the_look(grounds: Grounds) -> None:
    async with open_rig(BY_CODE["usps"], grounds) as rig:
        await rig.book()
        await rig.book()

        (key,) = rig.house.keys
        assert uuid.UUID(key).version == 5
        assert rig.house.reprints == {rig.house.keys[key]: 1}


async def test_dhl_is_told_whole_centimetres_upwards_and_a_time_that_has_not_passed(grounds: Grounds) -> None:
    """karrio cuts off what stands behind the point, and plans for midnight."""
    async with open_rig(BY_CODE["mydhl"], grounds) as rig:
        await rig.book(parcels=(Parcel(1_010, 301, 209, 100),))

        body = sent(rig, "ship")
        (parcel,) = body["content"]["packages"]
        assert parcel["dimensions"] == {"length": 31, "width": 21, "height": 10}
        assert parcel["weight"] == 1.1
        # Four in the afternoon in Berlin.
        assert body["plannedShippingDateAndTime"] == "2026-11-23T16:00:00 GMT+01:00"
        assert body["customerReferences"] == [{"value": KEY, "typeCode": "CU"}]


async def test_canada_post_gets_our_key_as_its_request_id_and_people_read_another(grounds: Grounds) -> None:
    async with open_rig(BY_CODE["canada_post"], grounds) as rig:
        await rig.book()

        told = fields(rig, "ship")
        assert told["customer-request-id"] == [KEY]
        assert told["customer-ref-1"] == ["#1001"]
        assert "transmit-shipment" in told
        assert "group-id" not in told


async def test_canada_posts_links_are_followed_on_its_own_host_alone(grounds: Grounds) -> None:
    async with open_rig(BY_CODE["canada_post"], grounds) as rig:
        rig.house.links_lead_to = "https://elsewhere.invalid"
        made = await rig.book()
        again = await rig.book()

        assert made.label_url == again.label_url != ""
        assert len(rig.house.books()) == 1


async def test_purolator_is_told_whole_pounds_upwards_and_a_house_number_once(grounds: Grounds) -> None:
    """karrio cuts off what stands behind the point of the whole weight, and prints the number twice."""
    async with open_rig(BY_CODE["purolator"], grounds) as rig:
        await rig.book(parcels=(Parcel(1_000, 305, 204, 102),))

        told = fields(rig, "ship")
        # 1000 g are 2.2046 lb; for the whole and for the piece.
        assert [float(value) for value in told["Value"][:5]] == [3.0, 3.0, 13.0, 9.0, 5.0]
        assert told["WeightUnit"] == ["lb", "lb"]
        assert told["StreetNumber"] == ["1", "2"]
        assert told["StreetName"] == ["Main St", "Side St"]
        assert told["UserToken"] == ["activated"]


async def test_the_day_of_handing_over_is_counted_where_the_parcel_is(grounds: Grounds) -> None:
    days = []
    async with open_rig(BY_CODE["ups"], grounds) as rig:
        # Monday 10:00, 16:59 and 17:00 in New York; Saturday 18:00, which makes it Monday.
        for hours in (0, 6.98, 7.0, 5 * 24 + 8):
            ready = rig.question().ready_at.timestamp() + hours * 3600
            at = rig.question().ready_at.fromtimestamp(ready, tz=rig.question().ready_at.tzinfo)
            await rig.ask(ready_at=at)
            days.append(sent(rig, "rate")["RateRequest"]["Shipment"]["ShipmentDate"])

    assert days == ["20261123", "20261123", "20261124", "20261130"]
