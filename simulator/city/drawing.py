"""A city as GeoJSON for a map in a browser: far under 400 kB, without the addresses."""

from __future__ import annotations

from collections.abc import Iterable

from doorstep.geo import LatLng
from simulator.city.city import City

Feature = dict[str, object]


def geojson(city: City) -> dict[str, object]:
    """A FeatureCollection, in drawing order, coordinates with 5 decimals (one metre).

    Every feature's `properties.kind` is one of ``district`` (Polygon; name, postal_code), ``park``
    (Polygon), ``river`` (Polygon), ``street`` (LineString; name, class, one_way, bridge) and ``place``
    (Point; key, name, place_kind).
    """
    features = [
        _feature(
            "Polygon",
            _ring(district.outline),
            kind="district",
            name=district.name,
            postal_code=district.postal_code,
        )
        for district in city.districts
    ]
    features.append(_feature("Polygon", _ring(city.park), kind="park"))
    features.append(_feature("Polygon", _ring(city.river), kind="river"))
    for street in city.streets:
        line = _positions(city.nodes[node] for node in street.nodes)
        properties: Feature = {"kind": "street", "name": street.name, "class": street.road_class.value}
        if street.is_one_way:
            properties["one_way"] = True
        if street.is_bridge:
            properties["bridge"] = True
        features.append(_feature("LineString", line, **properties))
    features += [
        _feature(
            "Point",
            _position(place.address.at),
            kind="place",
            key=place.key,
            name=place.name,
            place_kind=place.kind.value,
        )
        for place in city.places
    ]
    south_west = [min(node.lng for node in city.nodes), min(node.lat for node in city.nodes)]
    north_east = [max(node.lng for node in city.nodes), max(node.lat for node in city.nodes)]
    return {"type": "FeatureCollection", "bbox": [*south_west, *north_east], "features": features}


def _feature(shape: str, coordinates: object, **properties: object) -> Feature:
    geometry = {"type": shape, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _position(point: LatLng) -> list[float]:
    return [round(point.lng, 5), round(point.lat, 5)]


def _positions(points: Iterable[LatLng]) -> list[list[float]]:
    return [_position(point) for point in points]


def _ring(outline: tuple[LatLng, ...]) -> list[list[list[float]]]:
    """A closed outer ring, counter-clockwise as RFC 7946 asks."""
    positions = _positions(outline)
    doubled_area = sum(
        a[0] * b[1] - b[0] * a[1] for a, b in zip(positions, positions[1:] + positions[:1], strict=True)
    )
    if doubled_area < 0:
        positions.reverse()
    return [[*positions, positions[0]]]
