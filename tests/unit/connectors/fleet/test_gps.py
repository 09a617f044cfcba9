"""Raw messages of tracking apps and the fixes that they mean."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from connectors.fleet.gps import (
    OWNTRACKS_REPLY,
    decode_batch,
    decode_osmand,
    decode_owntracks,
    decode_traccar,
)
from doorstep.errors import InvalidInput
from doorstep.geo import LatLng
from doorstep.position import DeviceFix, Position

PAYLOADS: dict[str, Any] = json.loads((Path(__file__).parent / "gps_payloads.json").read_text())
AT = datetime(2026, 3, 2, 9, 30, 15, tzinfo=UTC)
HERE = LatLng(35.9, 14.5)


def fix(**changes: Any) -> DeviceFix:
    device_id = changes.pop("device_id", "dev-1")
    return DeviceFix(device_id, Position(**{"location": HERE, "recorded_at": AT, **changes}))


OSMAND: dict[str, DeviceFix] = {
    # 10 knots are 5.144 m/s.
    "id=dev-1&lat=35.9&lon=14.5&timestamp=1772443815&speed=10&bearing=90&altitude=12&accuracy=8&batt=77": fix(
        speed_mps=10 * 1852 / 3600, heading_deg=90.0, accuracy_m=8.0
    ),
    "id=dev-1&lat=35.9&lon=14.5&timestamp=1772443815000": fix(),
    "id=dev-1&lat=35.9&lon=14.5&timestamp=2026-03-02T10:30:15%2B01:00": fix(),
    "id=dev-1&lat=35.9&lon=14.5&timestamp=2026-03-02T09:30:15Z": fix(),
    "id=dev-1&lat=35.9&lon=14.5&timestamp=2026-03-02+09:30:15": fix(),
    "deviceid=dev-1&location=35.9,14.5&timestamp=1772443815": fix(),
    "id=dev-1&lat=35.9&lon=14.5&timestamp=1772443815&speed=-1&bearing=-1&accuracy=-1": fix(),
    "id=dev-1&lat=35.9&lon=14.5&timestamp=1772443815&heading=450&mock=true": fix(
        heading_deg=90.0, is_mock=True
    ),
    "id=dev-1&lat=35.9&lon=14.5&timestamp=1772443815&speed=&valid=1": fix(),
}


@pytest.mark.parametrize("query", OSMAND)
def test_osmand_queries_are_read(query: str) -> None:
    fields = dict(parse_qsl(query, keep_blank_values=True))
    assert decode_osmand(fields) == (OSMAND[query],)


def test_an_osmand_fix_without_a_satellite_is_none() -> None:
    fields = {"id": "dev-1", "valid": "false", "lat": "0", "lon": "0", "timestamp": "1772443815"}
    assert decode_osmand(fields) == ()


TRACCAR: dict[str, DeviceFix] = {
    "traccar driving": fix(speed_mps=13.2, heading_deg=271.5, accuracy_m=4.7),
    "traccar unknown measures": fix(),
    "traccar mock in milliseconds": fix(is_mock=True, device_id="48241179"),
}


@pytest.mark.parametrize("name", TRACCAR)
def test_traccar_messages_are_read(name: str) -> None:
    assert decode_traccar(json.dumps(PAYLOADS[name]).encode()) == (TRACCAR[name],)


OWNTRACKS: dict[str, tuple[dict[str, str], DeviceFix]] = {
    # 36 km/h are 10 m/s.
    "owntracks driving": (
        {"x-limit-u": "ann", "x-limit-d": "dev-1"},
        fix(speed_mps=10.0, heading_deg=12.0, accuracy_m=9.0),
    ),
    "owntracks topic": ({}, fix(device_id="phone")),
    "owntracks tid": ({}, fix(device_id="JJ", accuracy_m=5.0)),
}


@pytest.mark.parametrize("name", OWNTRACKS)
def test_owntracks_locations_are_read(name: str) -> None:
    headers, expected = OWNTRACKS[name]
    assert decode_owntracks(json.dumps(PAYLOADS[name]).encode(), headers) == (expected,)


@pytest.mark.parametrize("body", [b"", b"  ", b'{"_type":"transition","event":"enter"}', b"{}"])
def test_other_messages_of_owntracks_are_no_fixes(body: bytes) -> None:
    assert decode_owntracks(body, {}) == ()
    assert json.loads(OWNTRACKS_REPLY) == []


def batch(*positions: dict[str, Any], device_id: str = "dev-1") -> bytes:
    return json.dumps({"device_id": device_id, "positions": list(positions)}).encode()


def position(**changes: Any) -> dict[str, Any]:
    return {"sequence": 1, "lat": 35.9, "lng": 14.5, "recorded_at": "2026-03-02T09:30:15Z", **changes}


def test_a_batch_is_read_in_the_order_of_its_sequence() -> None:
    later = position(sequence=2, recorded_at=1772443816, speed_mps=3, heading_deg=-1, accuracy_m=6)
    fixes = decode_batch(batch(later, position(), position(lat=1)))
    assert fixes == (
        fix(),
        fix(recorded_at=datetime(2026, 3, 2, 9, 30, 16, tzinfo=UTC), speed_mps=3.0, accuracy_m=6.0),
    )


def test_a_batch_holds_up_to_a_hundred_positions() -> None:
    assert len(decode_batch(batch(*(position(sequence=n) for n in range(100))))) == 100


WRONG: dict[str, tuple[Callable[[], object], tuple[str, ...]]] = {
    "osmand without a device": (lambda: decode_osmand({"lat": "1", "lon": "1", "timestamp": "1"}), ("id",)),
    "osmand without a latitude": (lambda: decode_osmand({"id": "x", "lon": "1", "timestamp": "1"}), ("lat",)),
    "osmand with half a place": (
        lambda: decode_osmand({"id": "x", "location": "35.9", "timestamp": "1"}),
        ("lon",),
    ),
    "osmand with a word for a number": (
        lambda: decode_osmand({"id": "x", "lat": "north", "lon": "1", "timestamp": "1"}),
        ("lat",),
    ),
    "osmand off the globe": (
        lambda: decode_osmand({"id": "x", "lat": "1", "lon": "181", "timestamp": "1"}),
        ("lon",),
    ),
    "osmand without a moment": (lambda: decode_osmand({"id": "x", "lat": "1", "lon": "1"}), ("timestamp",)),
    "osmand with a word for a moment": (
        lambda: decode_osmand({"id": "x", "lat": "1", "lon": "1", "timestamp": "now"}),
        ("timestamp",),
    ),
    "osmand with an endless moment": (
        lambda: decode_osmand({"id": "x", "lat": "1", "lon": "1", "timestamp": "inf"}),
        ("timestamp",),
    ),
    "osmand with an endless speed": (
        lambda: decode_osmand({"id": "x", "lat": "1", "lon": "1", "timestamp": "1", "speed": "inf"}),
        ("speed",),
    ),
    "traccar without a latitude": (
        lambda: decode_traccar(b'{"device_id":"x","location":{"timestamp":1,"coords":{"longitude":1}}}'),
        ("location", "coords", "latitude"),
    ),
    "traccar off the globe": (
        lambda: decode_traccar(
            b'{"device_id":"x","location":{"timestamp":1,"coords":{"latitude":91,"longitude":1}}}'
        ),
        ("location", "coords", "latitude"),
    ),
    "traccar without a name": (
        lambda: decode_traccar(
            b'{"device_id":"","location":{"timestamp":1,"coords":{"latitude":1,"longitude":1}}}'
        ),
        ("device_id",),
    ),
    "owntracks without a moment": (
        lambda: decode_owntracks(b'{"_type":"location","lat":1,"lon":1}', {}),
        ("tst",),
    ),
    "owntracks without a name": (
        lambda: decode_owntracks(b'{"_type":"location","lat":1,"lon":1,"tst":1}', {}),
        ("tid",),
    ),
    "a batch of nothing": (lambda: decode_batch(batch()), ("positions",)),
    "a batch of 101": (lambda: decode_batch(batch(*[position()] * 101)), ("positions",)),
    "a batch without a name": (lambda: decode_batch(batch(position(), device_id="")), ("device_id",)),
    "a batch with a wrong place": (
        lambda: decode_batch(batch(position(), position(sequence=2, lat=-90.5))),
        ("positions", "1", "lat"),
    ),
    "a batch with a wrong type": (
        lambda: decode_batch(batch(position(), position(lng="east"))),
        ("positions", "1", "lng"),
    ),
    "a batch with a wrong moment": (
        lambda: decode_batch(batch(position(recorded_at="yesterday"))),
        ("positions", "0", "recorded_at"),
    ),
    "no JSON": (lambda: decode_batch(b"lat=1"), ()),
    "no UTF-8": (lambda: decode_traccar(b'{"device_id":"\xff"}'), ()),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_field_is_named_and_its_content_is_not_repeated(case: str) -> None:
    decode, path = WRONG[case]
    with pytest.raises(InvalidInput) as caught:
        decode()
    assert caught.value.path == path
    assert not any(content in caught.value.message for content in ("north", "181", "91", "east", "-90.5"))
