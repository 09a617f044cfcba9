"""Settings are checked when made, and survive JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connectors.fleet.settings import DayWindow, Depot, FleetSettings, RateBand, Surcharge, Zone
from doorstep.errors import InvalidInput
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.route import Driver

SettingsOf = Callable[..., FleetSettings]
EURO = Money(100, "EUR")
DRIVER = Driver("drv_1", "mer_1", "Ann", "loc_1", "dev-1", "09:00", "18:00", 10_000)
CITY = Zone("city", postcode_prefixes=("VLT",))
BAND = RateBand("city", 1_000, EURO)


def test_settings_survive_json(settings_of: SettingsOf) -> None:
    settings = settings_of()
    plain = settings.to_json()
    assert json.loads(json.dumps(plain)) == plain
    assert FleetSettings.from_json(plain) == settings


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "currency": ({"currency": "EURO", "free_above": None, "surcharges": ()}, "currency"),
    "no depot": ({"depots": {}, "drivers": ()}, "depots"),
    "time zone": ({"depots": {"loc_1": Depot(LatLng(0, 0), "Mars/Olympus")}}, "depots.loc_1.time_zone"),
    "no zone": ({"zones": (), "bands": ()}, "zones"),
    "zone twice": ({"zones": (CITY, CITY), "bands": (BAND,)}, "zones.0.id"),
    "zone of both kinds": ({"zones": (replace(CITY, radius_m=5),), "bands": (BAND,)}, "zones.0"),
    "zone of no kind": ({"zones": (Zone("city"),), "bands": (BAND,)}, "zones.0"),
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
