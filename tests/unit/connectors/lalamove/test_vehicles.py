"""Which of a city's vehicles take the goods."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.couriers.lalamove.vehicles import City, Service, read_cities, services_for
from doorstep.parcel import Parcel
from doorstep.quote import VehicleKind

PAYLOADS = Path(__file__).parents[3] / "payloads" / "lalamove"
CITIES = read_cities(json.loads((PAYLOADS / "cities.json").read_text()))
BOX = Parcel(1_000, 300, 200, 100)


def keys(*parcels: Parcel, city: str = "São Paulo", vehicle: VehicleKind | None = None) -> list[str]:
    return [service.key for service in services_for(CITIES, city, parcels, vehicle, 9)]


def test_measures_are_read_in_grams_and_millimetres() -> None:
    truck, motorcycle, _, hatchback = CITIES[0].services

    assert (truck.load_g, truck.sides_mm) == (1_500_000, (3_000, 2_000, 1_800))
    assert (motorcycle.load_g, motorcycle.sides_mm) == (20_000, (400, 300, 300))
    assert hatchback.sides_mm == (1_000, 700, 600)


def test_what_takes_the_goods_is_named_smallest_first_and_nothing_by_the_hour() -> None:
    assert keys(BOX) == ["LALAGO", "HATCHBACK", "TRUCK330"]


@pytest.mark.parametrize(
    ("parcels", "expected"),
    [
        ((Parcel(20_000),), "LALAGO"),
        ((Parcel(12_000),) * 2, "HATCHBACK"),
        ((Parcel(1_000, 401, 10, 10),), "HATCHBACK"),
        ((Parcel(1_000, 300, 310, 310),), "HATCHBACK"),
        # Two boxes of 24 litres each are more than the 36 litres of a motorcycle's box.
        ((Parcel(1_000, 400, 300, 200),) * 2, "HATCHBACK"),
        ((Parcel(250_000),), "TRUCK330"),
    ],
)
def test_weight_sides_and_volume_decide(parcels: tuple[Parcel, ...], expected: str) -> None:
    assert keys(*parcels)[0] == expected


def test_goods_too_large_for_all_have_no_vehicle() -> None:
    assert keys(Parcel(2_000_000)) == []


def test_a_vehicle_that_was_asked_for_is_the_smallest() -> None:
    assert keys(BOX, vehicle=VehicleKind.CAR) == ["HATCHBACK", "TRUCK330"]


def test_the_services_of_the_addresss_own_city_count() -> None:
    rio = services_for(CITIES, "Rio de Janeiro", [BOX], None, 1)

    assert (rio[0].key, rio[0].load_g) == ("LALAGO", 25_000)


def test_in_a_city_of_another_name_the_smallest_measures_count() -> None:
    small = services_for(CITIES, "Guarulhos", [BOX], None, 1)[0]

    assert (small.load_g, small.sides_mm) == (20_000, (400, 300, 200))
    assert services_for(CITIES, "", [BOX], None, 1) == (small,)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("MOTORCYCLE", VehicleKind.MOTORCYCLE),
        ("LALAPRO", VehicleKind.MOTORCYCLE),
        ("WALKER", VehicleKind.FOOT),
        ("SEDAN", VehicleKind.CAR),
        ("UV_FIORINO", VehicleKind.VAN),
        ("TRUCK330", VehicleKind.TRUCK),
        ("HOVERCRAFT", VehicleKind.OTHER),
    ],
)
def test_service_types_say_what_is_driven(key: str, kind: VehicleKind) -> None:
    assert Service(key).kind is kind


@pytest.mark.parametrize("load", [{"value": "x", "unit": "kg"}, {"value": "5", "unit": "stone"}, {}, "5 kg"])
def test_a_measure_that_cannot_be_read_is_no_limit(load: object) -> None:
    (city,) = read_cities({"data": [{"name": "A", "services": [{"key": "CAR", "load": load}]}]})

    assert city == City("A", (Service("CAR"),))
    assert services_for([city], "A", [Parcel(10**6)], None, 1) == (Service("CAR"),)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5) | st.just("NaN"),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["data", "services", "key", "load", "value", "unit", "dimensions"]), inner
            )
        ),
    )
)
def test_nothing_that_lalamove_may_list_makes_reading_fail(listed: object) -> None:
    cities = read_cities({"data": [listed, {"services": [listed]}]})

    assert all(isinstance(city, City) for city in cities)
