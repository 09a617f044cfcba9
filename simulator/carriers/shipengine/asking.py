"""Reading what a customer asks the simulated ShipEngine for, and refusing what it would refuse."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.carriers.shipengine.ledger import Json
from simulator.carriers.shipengine.problems import Problem
from simulator.carriers.shipengine.tariff import Consignment

_GRAMS = {"gram": 1.0, "kilogram": 1000.0, "ounce": 28.349523125, "pound": 453.59237}
_CENTIMETRES = {"centimeter": 1.0, "inch": 2.54}
_ADDRESS = ("name", "address_line1", "city_locality", "state_province", "postal_code", "country_code")
_LONGEST_EXTERNAL_ID = 50


def consignment_of(shipment: Json) -> Consignment:
    """What a shipment comes to.

    Raises
    ------
    Problem
        If an address, a package or a weight is missing or makes no sense.
    """
    addresses = [an_object(shipment, name) for name in ("ship_from", "ship_to")]
    for end, address in zip(("ship_from", "ship_to"), addresses, strict=True):
        for field in _ADDRESS:
            if not address.get(field):
                raise Problem("field_value_required", f"shipment.{end}.{field}")
    packages = objects(shipment, "packages")
    if not packages:
        raise Problem("field_value_required", "shipment.packages")
    sides = [_longest_cm(package) for package in packages]
    return Consignment(
        from_postcode=str(addresses[0]["postal_code"]),
        to_postcode=str(addresses[1]["postal_code"]),
        weights_g=tuple(_weight_g(package) for package in packages),
        longest_cm=None if None in sides else max(side for side in sides if side is not None),
        confirmation=str(shipment.get("confirmation") or "none"),
    )


def estimate_of(body: Json) -> Consignment:
    """What an estimate is asked for.

    Raises
    ------
    Problem
        If a country, a postcode or the weight is missing.
    """
    for end in ("from", "to"):
        for field in ("country_code", "postal_code"):
            if not body.get(f"{end}_{field}"):
                raise Problem("field_value_required", f"{end}_{field}")
    return Consignment(
        from_postcode=str(body["from_postal_code"]),
        to_postcode=str(body["to_postal_code"]),
        weights_g=(_weight_g(body),),
        longest_cm=_longest_cm(body),
        confirmation=str(body.get("confirmation") or "none"),
    )


def package_code_of(shipment: Json) -> str:
    """The packaging that a shipment insists on, "" where it takes any."""
    return next((str(package.get("package_code") or "") for package in objects(shipment, "packages")), "")


def external_id_of(shipment: Json) -> str:
    """The customer's own id; what is longer than fifty characters is cut off without a word."""
    return str(shipment.get("external_shipment_id") or "")[:_LONGEST_EXTERNAL_ID]


def destination_of(shipment: Json) -> tuple[str, str]:
    """Street and postcode."""
    address = an_object(shipment, "ship_to")
    return str(address.get("address_line1") or ""), str(address.get("postal_code") or "")


def an_object(body: Json, name: str) -> Json:
    """A part of the body.

    Raises
    ------
    Problem
        If it is not there.
    """
    value = body.get(name)
    if not isinstance(value, Mapping):
        raise Problem("field_value_required", name)
    return value


def objects(body: Json, name: str) -> list[Json]:
    """The objects of a list."""
    value = body.get(name)
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def texts(body: Json, name: str) -> list[str]:
    """The strings of a list."""
    value = body.get(name)
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _weight_g(package: Json) -> int:
    weight = an_object(package, "weight")
    value, unit = weight.get("value"), weight.get("unit")
    if not isinstance(value, int | float) or value <= 0 or unit not in _GRAMS:
        raise Problem("invalid_field_value", "weight")
    return round(value * _GRAMS[str(unit)])


def _longest_cm(package: Json) -> float | None:
    dimensions = package.get("dimensions")
    if not isinstance(dimensions, Mapping):
        return None
    factor = _CENTIMETRES.get(str(dimensions.get("unit")), 0.0)
    sides = [dimensions.get(name) for name in ("length", "width", "height")]
    known = [side * factor for side in sides if isinstance(side, int | float)]
    if len(known) < 3 or min(known) <= 0:
        raise Problem("invalid_field_value", "dimensions")
    return max(known)
