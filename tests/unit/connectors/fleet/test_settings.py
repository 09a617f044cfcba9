"""Settings are checked when made, and survive JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors.fleet.rate_sheet import band_of
from connectors.fleet.settings import CutOff, DayWindow, Depot, Equipment, FleetSettings, RateBand, Surcharge
from connectors.fleet.zone import Zone, indexed
from doorstep.address import Address
from doorstep.driver import Driver
from doorstep.errors import InvalidInput
from doorstep.geo import LatLng
from doorstep.goods import AccessLimit, GoodsTrait
from doorstep.money import Money
from doorstep.quote import VehicleKind

SettingsOf = Callable[..., FleetSettings]
EURO = Money(100, "EUR")
DRIVER = Driver("drv_1", "mer_1", "Ann", "loc_1", "dev-1", "09:00", "18:00", 10_000)
CITY = Zone("city", postcode_prefixes=("VLT",))
BAND = RateBand("city", 1_000, EURO)


RICH: dict[str, Any] = {
    "zones": (
        Zone("city", postcodes=("28*", "28001-28080"), countries=("ES", "PT"), drive_s=900),
        Zone(
            "port",
            center=LatLng(35.9, 14.5),
            radius_m=500,
            polygon={
                "type": "Polygon",
                "coordinates": [[[14, 35], [15, 35], [15, 36.5], [14, 35]]],
                "bbox": [14, 35, 15, 36.5],
            },
        ),
    ),
    "bands": (RateBand(None, None, EURO),),
    "surcharges": (Surcharge("evening", EURO, percent=Decimal("12.5")),),
    "equipment": (Equipment("drv_ann", ("COLD_CHAIN", "HAZARDOUS"), VehicleKind.TRUCK, 2_400),),
    "cut_offs": (CutOff((5, 6), "12:00"),),
    "refuses": (GoodsTrait.HAZARDOUS, GoodsTrait.OVERSIZED),
    "avoids": (AccessLimit.NO_LIFT,),
}


@pytest.mark.parametrize("changes", [{}, RICH], ids=["plain", "rich"])
def test_settings_survive_json(changes: dict[str, Any], settings_of: SettingsOf) -> None:
    settings = settings_of(**changes)
    plain = settings.to_json()
    assert json.loads(json.dumps(plain)) == plain
    assert FleetSettings.from_json(plain) == settings


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "currency": ({"currency": "EURO", "free_above": None, "surcharges": ()}, "currency"),
    "no depot": ({"depots": {}, "drivers": ()}, "depots"),
    "time zone": ({"depots": {"loc_1": Depot(LatLng(0, 0), "Mars/Olympus")}}, "depots.loc_1.time_zone"),
    "no zone": ({"zones": (), "bands": ()}, "zones"),
    "zone twice": ({"zones": (CITY, CITY), "bands": (BAND,)}, "zones.0.id"),
    "zone without a part": ({"zones": (Zone("city"),), "bands": (BAND,)}, "zones.0"),
    "zone with a country and no part": (
        {"zones": (Zone("city", country="MT"),), "bands": (BAND,)},
        "zones.0",
    ),
    "drive time": ({"zones": (replace(CITY, drive_s=0),), "bands": (BAND,)}, "zones.0.drive_s"),
    "center without a radius": (
        {"zones": (replace(CITY, center=LatLng(0, 0)),), "bands": (BAND,)},
        "zones.0.radius_m",
    ),
    "country": (
        {"zones": (replace(CITY, countries=("MT", "malta")),), "bands": (BAND,)},
        "zones.0.countries.1",
    ),
    "range backwards": (
        {"zones": (Zone("city", postcodes=("28001", "28080-28001")),), "bands": (BAND,)},
        "zones.0.postcodes.1",
    ),
    "open polygon": (
        {
            "zones": (
                CITY,
                Zone("x", polygon={"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}),
            ),
            "bands": (replace(BAND, zone_id=None),),
        },
        "zones.1.polygon.coordinates.0",
    ),
    "radius": ({"zones": (Zone("city", radius_m=0),), "bands": (BAND,)}, "zones.0.radius_m"),
    "empty prefix": (
        {"zones": (Zone("city", postcode_prefixes=("VLT", " ")),), "bands": (BAND,)},
        "zones.0.postcode_prefixes.1",
    ),
    "zone without a price": ({"zones": (CITY,), "bands": ()}, "bands"),
    "price of no zone": ({"zones": (CITY,), "bands": (BAND, replace(BAND, zone_id="x"))}, "bands.1.zone_id"),
    "weight": ({"zones": (CITY,), "bands": (replace(BAND, max_weight_g=0),)}, "bands.0.max_weight_g"),
    "distance": ({"zones": (CITY,), "bands": (replace(BAND, max_distance_m=0),)}, "bands.0.max_distance_m"),
    "foreign price": (
        {"zones": (CITY,), "bands": (replace(BAND, price=Money(1, "USD")),)},
        "bands.0.price",
    ),
    "negative price": (
        {"zones": (CITY,), "bands": (replace(BAND, price_per_km=Money(-1, "EUR")),)},
        "bands.0.price_per_km",
    ),
    "surcharge hours": ({"surcharges": (Surcharge("s", EURO, start="7:00"),)}, "surcharges.0.start"),
    "surcharge span": (
        {"surcharges": (Surcharge("s", EURO, start="18:00", end="08:00"),)},
        "surcharges.0.end",
    ),
    "surcharge days": ({"surcharges": (Surcharge("s", EURO, weekdays=(0,)),)}, "surcharges.0.weekdays"),
    "surcharge of nothing": ({"surcharges": (Surcharge("s"),)}, "surcharges.0"),
    "surcharge beyond measure": (
        {"surcharges": (Surcharge("s", percent=Decimal(1_001)),)},
        "surcharges.0.percent",
    ),
    "surcharge of no number": (
        {"surcharges": (Surcharge("s", percent=Decimal("NaN")),)},
        "surcharges.0.percent",
    ),
    "special cut-off": ({"cut_offs": (CutOff((6,), "noon"),)}, "cut_offs.0.at"),
    "special cut-off's days": ({"cut_offs": (CutOff((8,), "12:00"),)}, "cut_offs.0.weekdays"),
    "unknown skill": (
        {"equipment": (Equipment("drv_ann", ("COLD_CHAIN", "MAGIC")),)},
        "equipment.0.skills.1",
    ),
    "equipment without a length": (
        {"equipment": (Equipment("drv_ann", longest_mm=0),)},
        "equipment.0.longest_mm",
    ),
    "equipment twice": (
        {"equipment": (Equipment("drv_ann"), Equipment("drv_ann"))},
        "equipment.0.driver_id",
    ),
    "no windows": ({"windows": ()}, "windows"),
    "window backwards": ({"windows": (DayWindow("12:00", "12:00"),)}, "windows.0.end"),
    "cut-off": ({"cut_off": "25:00"}, "cut_off"),
    "free above": ({"free_above": Money(1, "USD")}, "free_above"),
    "closed date": ({"closed_dates": ("25.12.2026",)}, "closed_dates.0"),
    "lead": ({"lead_s": -1}, "lead_s"),
    "stops": ({"stops_per_van": 0}, "stops_per_van"),
    "driver twice": ({"drivers": (DRIVER, DRIVER)}, "drivers.0.id"),
    "driver of no depot": ({"drivers": (replace(DRIVER, depot_id="x"),)}, "drivers.0.depot_id"),
    "driver without room": ({"drivers": (replace(DRIVER, capacity_g=0),)}, "drivers.0.capacity_g"),
    "driver without volume": ({"drivers": (replace(DRIVER, capacity_ml=0),)}, "drivers.0.capacity_ml"),
    "driver's night": ({"drivers": (replace(DRIVER, shift_start="22:00"),)}, "drivers.0.shift_end"),
    "driver's week": ({"drivers": (replace(DRIVER, weekdays=(8,)),)}, "drivers.0.weekdays"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_field_is_named(case: str, settings_of: SettingsOf) -> None:
    changes, path = WRONG[case]
    with pytest.raises(InvalidInput) as caught:
        settings_of(**changes)
    assert path in {".".join(issue.path) for issue in caught.value.issues}


def test_a_band_for_any_zone_prices_them_all(settings_of: SettingsOf) -> None:
    settings = settings_of(zones=(CITY, Zone("all", countries=("MT",))), bands=(RateBand(None, None, EURO),))
    bands = {band_of(settings, zone, 900_000, None) for zone in settings.zones}
    assert bands == set(settings.bands)


def test_settings_with_other_drivers_share_the_zones_that_were_read(settings_of: SettingsOf) -> None:
    settings = settings_of()
    assert replace(settings, drivers=(DRIVER,)).zones is settings.zones


WRITTEN_BEFORE = {
    "currency": "EUR",
    "depots": {"loc_1": {"location": {"lat": 35.9, "lng": 14.5}, "time_zone": "Europe/Malta"}},
    "zones": [
        {"id": "city", "postcode_prefixes": ["VLT"], "country": "MT"},
        {"id": "around", "radius_m": 3_500, "country": "MT"},
    ],
    "bands": [
        {"zone_id": "city", "max_weight_g": 5_000, "price": {"minor": 399, "currency": "EUR"}},
        {"zone_id": "around", "max_weight_g": 5_000, "price": {"minor": 499, "currency": "EUR"}},
    ],
    "surcharges": [{"name": "evening", "amount": {"minor": 200, "currency": "EUR"}, "start": "16:00"}],
    "cannot": ["TWO_PERSON"],
}
"""With none but the fields that settings had at first."""


def test_settings_of_the_first_shape_are_read() -> None:
    settings = FleetSettings.from_json(WRITTEN_BEFORE)
    city, around = settings.zones
    assert (city.whose, city.postcode_prefixes) == (frozenset({"MT"}), ("VLT",))
    # A zone by distance never meant the whole country.
    far = Address("MT", postal_code="VCT 1000", location=LatLng(36.05, 14.24))
    assert around.radius_m == 3_500
    assert indexed(settings.zones).first(far, LatLng(35.9, 14.5)) is None


def test_every_wrong_field_is_named_at_once(settings_of: SettingsOf) -> None:
    with pytest.raises(InvalidInput) as caught:
        settings_of(cut_off="noon", lead_s=-1)
    assert [issue.path for issue in caught.value.issues] == [("cut_off",), ("lead_s",)]


WRONG_JSON: dict[str, tuple[Callable[[dict[str, Any]], object], tuple[str, ...]]] = {
    "a field that does not exist": (lambda plain: plain.update(cutoff="12:00"), ("cutoff",)),
    "a field that does not exist, deep": (
        lambda plain: plain["zones"][1].update(radius=5),
        ("zones", "1", "radius"),
    ),
    "a polygon of no JSON object": (
        lambda plain: plain["zones"][1].update(polygon=[]),
        ("zones", "1", "polygon"),
    ),
    "a polygon with a corner that is none": (
        lambda plain: plain["zones"][1].update(
            polygon={"type": "MultiPolygon", "coordinates": [[[[0, 0], [0, 91], [1, 1], [0, 0]]]]}
        ),
        ("zones", "1", "polygon", "coordinates", "0", "0", "1"),
    ),
    "a missing field": (lambda plain: plain.pop("currency"), ("currency",)),
    "a missing field, deep": (lambda plain: plain["bands"][0].pop("price"), ("bands", "0", "price")),
    "a wrong type": (
        lambda plain: plain["bands"][1].update(max_weight_g="heavy"),
        ("bands", "1", "max_weight_g"),
    ),
    "a currency that does not exist": (
        lambda plain: plain["bands"][0]["price"].update(currency="XXQ"),
        ("bands", "0", "price"),
    ),
}


@pytest.mark.parametrize("case", WRONG_JSON)
def test_a_wrong_field_of_json_is_named(case: str, settings_of: SettingsOf) -> None:
    spoil, path = WRONG_JSON[case]
    plain = settings_of().to_json()
    spoil(plain)
    with pytest.raises(InvalidInput) as caught:
        FleetSettings.from_json(plain)
    assert caught.value.path == path
