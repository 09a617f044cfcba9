"""Zones are the union of their parts, and the first that holds a door counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.fleet import FleetConnector, FleetSettings
from connectors.fleet.preview import zones_at
from connectors.fleet.settings import RateBand
from connectors.fleet.zone import Zone, Zones
from doorstep.address import Address
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.quote import DeclineReason, QuoteRequest

SettingsOf = Callable[..., FleetSettings]
RequestOf = Callable[..., QuoteRequest]
RoadsOf = Callable[..., Any]

DEPOT = LatLng(35.9, 14.5)
NEAR = LatLng(35.905, 14.5)
"""Half a kilometre north of the depot."""

FAR = LatLng(36.05, 14.24)
BLOCK = {"type": "Polygon", "coordinates": [[[14.2, 36.0], [14.3, 36.0], [14.3, 36.1], [14.2, 36.0]]]}

MIXED = Zone(
    "mixed", postcodes=("28*", "SLM"), countries=("MT", "ES"), polygon=BLOCK, radius_m=1_000, drive_s=600
)


def door(country: str = "MT", postal_code: str = "", location: LatLng | None = None) -> Address:
    return Address(country, postal_code=postal_code, location=location)


# What it shows -> the zone, the door, the drive there in seconds, and whether the zone holds it.
UNIONS: dict[str, tuple[Zone, Address, int | None, bool]] = {
    "by a postcode": (MIXED, door("ES", "28001"), None, True),
    "by the same postcode elsewhere": (MIXED, door("FR", "28001"), None, False),
    "by distance with a strange postcode": (MIXED, door("FR", "75001", NEAR), None, True),
    "by the polygon": (MIXED, door("FR", "75001", LatLng(36.02, 14.28)), None, True),
    "by the drive": (MIXED, door("FR", "75001", FAR), 600, True),
    "a second too far": (MIXED, door("FR", "75001", FAR), 601, False),
    "in a country of its postcodes": (MIXED, door("ES", "08001"), None, False),
    "by the country as a whole": (Zone("z", countries=("MT",)), door("MT"), None, True),
    "in another country": (Zone("z", countries=("MT",)), door("IT"), None, False),
    "by the country or by distance": (Zone("z", countries=("MT",), radius_m=9), door("IT"), None, False),
    "around a center of its own": (Zone("z", radius_m=1_000, center=FAR), door(location=FAR), None, True),
    "around the center alone": (Zone("z", radius_m=1_000, center=FAR), door(location=NEAR), None, False),
    "by an old prefix and a new pattern": (
        Zone("z", postcode_prefixes=("VLT",), postcodes=("SLM*",)),
        door(postal_code="vlt 1117"),
        None,
        True,
    ),
}


@pytest.mark.parametrize("case", UNIONS)
def test_a_zone_holds_what_one_of_its_parts_holds(case: str) -> None:
    zone, address, drive_s, expected = UNIONS[case]
    zones = Zones((zone,))
    assert zones.issues == []
    assert (zones.first(address, DEPOT, drive_s) is zone) is expected


def test_the_first_zone_counts_whatever_part_of_it_holds_the_door() -> None:
    ring, street, country = (
        Zone("ring", radius_m=1_000),
        Zone("street", postcodes=("SLM*",)),
        Zone("country", countries=("MT",)),
    )
    here = door("MT", "SLM 1030", NEAR)
    for zones in ((ring, street, country), (street, country, ring), (country, ring, street)):
        found = Zones(zones)
        assert found.first(here, DEPOT) is zones[0]
        assert found.all_at(here, DEPOT) == zones


LACKING: dict[str, tuple[Zone, Address, str]] = {
    "a place": (Zone("z", drive_s=60), door(postal_code="SLM 1030"), "place on the map"),
    "a place for a polygon": (Zone("z", polygon=BLOCK), door(), "place on the map"),
    "a postcode": (Zone("z", postcodes=("28*",)), door(location=NEAR), "postcode"),
    "a country": (Zone("z", postcodes=("28*",), countries=("ES",)), door("", "28001"), "country"),
    "nothing": (Zone("z", countries=("ES",)), door("MT"), ""),
}


@pytest.mark.parametrize("case", LACKING)
def test_what_an_address_lacks_is_named(case: str) -> None:
    zone, address, lacking = LACKING[case]
    assert Zones((zone,)).lacking(address) == lacking


def of_drive(settings_of: SettingsOf, drive_s: int) -> FleetSettings:
    band = RateBand(None, None, Money(300, "EUR"), price_per_km=Money(100, "EUR"))
    return settings_of(zones=(Zone("near", drive_s=drive_s),), bands=(band,))


async def test_one_question_to_the_roads_serves_the_zone_and_the_price(
    settings_of: SettingsOf, roads_of: RoadsOf, request_of: RequestOf
) -> None:
    roads = roads_of(4_200, 600)
    answer = await FleetConnector(of_drive(settings_of, 600), roads).quote(request_of(), 5.0)
    # 3 and 4.2 km at 1.
    assert answer.quotes[0].price == Money(720, "EUR")
    assert roads.asked == 1


async def test_a_door_beyond_the_drive_time_is_out_of_the_area(
    settings_of: SettingsOf, roads_of: RoadsOf, request_of: RequestOf
) -> None:
    roads = roads_of(4_200, 601)
    answer = await FleetConnector(of_drive(settings_of, 600), roads).quote(request_of(), 5.0)
    assert [decline.reason for decline in answer.declined] == [DeclineReason.OUT_OF_AREA]
    assert roads.asked == 1


async def test_the_roads_are_not_asked_where_no_zone_can_hold_the_door(
    settings_of: SettingsOf, roads_of: RoadsOf, request_of: RequestOf
) -> None:
    roads = roads_of(4_200, 600)
    elsewhere = door("IT", "00118", LatLng(41.9, 12.5))
    answer = await FleetConnector(settings_of(), roads).quote(request_of(dropoff=elsewhere), 5.0)
    assert [decline.reason for decline in answer.declined] == [DeclineReason.OUT_OF_AREA]
    assert roads.asked == 0


async def test_a_drive_is_estimated_while_the_roads_are_silent(
    settings_of: SettingsOf, roads_of: RoadsOf, request_of: RequestOf
) -> None:
    # 2.2 km as the crow flies take an estimated 391 s.
    for drive_s, is_offered in ((400, True), (380, False)):
        fleet = FleetConnector(of_drive(settings_of, drive_s), roads_of(1, 1, "down"))
        assert bool((await fleet.quote(request_of(), 5.0)).quotes) is is_offered


async def test_slots_are_told_all_zones_of_a_door(
    settings_of: SettingsOf, roads_of: RoadsOf, request_of: RequestOf
) -> None:
    question, roads = request_of(), roads_of(4_200, 600)

    async def found(settings: FleetSettings, **changes: Address) -> tuple[str, ...]:
        ends: dict[str, Any] = {"pickup": question.pickup, "dropoff": question.dropoff, **changes}
        return await zones_at(settings, roads, **ends)

    assert await found(settings_of()) == ("city", "around")
    assert roads.asked == 0
    assert await found(of_drive(settings_of, 600)) == ("near",)
    assert await found(of_drive(settings_of, 599)) == ()
    assert await found(settings_of(), pickup=door(location=FAR)) == ()
    # No road leads there: a zone by drive time does not hold it.
    roads.seconds = None
    assert await found(of_drive(settings_of, 600)) == ()
