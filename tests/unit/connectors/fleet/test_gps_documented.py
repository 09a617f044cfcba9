"""The examples in the documentation of Traccar and of OwnTracks are taken as they are printed there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest

from connectors.fleet.gps import decode_osmand, decode_owntracks, decode_traccar
from doorstep.geo import LatLng
from doorstep.position import DeviceFix, Position

NOW = datetime(2026, 3, 2, 9, 30, 15, tzinfo=UTC)
"""When a message came that has no moment of its own."""

PARIS, TOWER = LatLng(48.8566, 2.3522), LatLng(48.85833, 2.29513)
NEW_YEAR = datetime(2021, 1, 1, tzinfo=UTC)

OSMAND: Mapping[str, DeviceFix] = {
    # traccar.org/osmand, "Query format examples" 1 to 3
    "id=12345&lat=48.8566&lon=2.3522&timestamp=1609459200000": DeviceFix("12345", Position(PARIS, NEW_YEAR)),
    "deviceid=12345&lat=48.8566&lon=2.3522&timestamp=2021-01-01T00:00:00Z"
    "&speed=15&bearing=270&altitude=35&accuracy=10&hdop=0.8&batt=75": DeviceFix(
        "12345", Position(PARIS, NEW_YEAR, speed_mps=15 * 1852 / 3600, heading_deg=270.0, accuracy_m=10.0)
    ),
    "id=12345&lat=48.8566&lon=2.3522&timestamp=1609459200000"
    "&cell=208,10,12345,67890,50&wifi=00:11:22:33:44:55,-70": DeviceFix("12345", Position(PARIS, NEW_YEAR)),
    # What Traccar's own decoder is tested with: no moment, a place in one field, a space for a "T".
    "lat=60.0&lon=30.0&speed=0.0&heading=0.0&vacc=0&hacc=0&altitude=0&deviceid=123456": DeviceFix(
        "123456", Position(LatLng(60.0, 30.0), NOW, speed_mps=0.0, heading_deg=0.0)
    ),
    "id=123456&timestamp=1377177267&location=60.0,30.0": DeviceFix(
        "123456", Position(LatLng(60.0, 30.0), datetime(2013, 8, 22, 13, 14, 27, tzinfo=UTC))
    ),
    "lat=49.60688&lon=6.15788&timestamp=2014-06-04+09%3A10%3A11&altitude=384.7&speed=0.0"
    "&id=353861053849681": DeviceFix(
        "353861053849681",
        Position(LatLng(49.60688, 6.15788), datetime(2014, 6, 4, 9, 10, 11, tzinfo=UTC), speed_mps=0.0),
    ),
}


@pytest.mark.parametrize("query", OSMAND)
def test_queries_of_traccars_documentation_are_taken(query: str) -> None:
    fields = dict(parse_qsl(query, keep_blank_values=True))
    assert decode_osmand(fields, NOW) == (OSMAND[query],)


def test_masts_in_place_of_a_place_are_no_fix() -> None:
    query = "id=123456&timestamp=1377177267&cell=257,02,16,2224&wifi=00-14-22-01-23-45,-80"
    assert decode_osmand(dict(parse_qsl(query)), NOW) == ()


TRACCAR: Mapping[str, tuple[str, DeviceFix]] = {
    "traccar.org/osmand, JSON format": (
        """{"location": {"timestamp": "2000-01-01T00:00:00.000Z",
            "coords": {"latitude": 0.0, "longitude": 0.0, "accuracy": 0, "speed": 0, "heading": 0,
                       "altitude": 0},
            "is_moving": false, "odometer": 0, "event": "motionchange",
            "battery": {"level": 1, "is_charging": false}, "activity": {"type": "still"}, "extras": {}},
            "device_id": "48241179"}""",
        DeviceFix(
            "48241179",
            Position(
                LatLng(0.0, 0.0),
                datetime(2000, 1, 1, tzinfo=UTC),
                speed_mps=0.0,
                heading_deg=0.0,
                accuracy_m=0.0,
            ),
        ),
    ),
    "as the app on a simulated phone sends it": (
        """{"location": {"extras": {}, "mock": true,
            "coords": {"speed_accuracy": -1, "speed": -1, "longitude": -122.406417, "floor": null,
                       "heading_accuracy": -1, "latitude": 37.785834000000001, "accuracy": 5,
                       "altitude_accuracy": -1, "altitude": 0, "heading": -1},
            "is_moving": false, "age": 188, "odometer": 0, "event": "motionchange",
            "battery": {"level": -1, "is_charging": false},
            "activity": {"type": "unknown", "confidence": 100},
            "timestamp": "2025-05-09T04:11:30.579Z"}, "device_id": "658765"}""",
        DeviceFix(
            "658765",
            Position(
                LatLng(37.785834, -122.406417),
                datetime(2025, 5, 9, 4, 11, 30, 579_000, tzinfo=UTC),
                accuracy_m=5.0,
                is_mock=True,
            ),
        ),
    ),
}


@pytest.mark.parametrize("name", TRACCAR)
def test_json_of_traccars_documentation_is_taken(name: str) -> None:
    body, fix = TRACCAR[name]
    assert decode_traccar(body.encode()) == (fix,)


OWNTRACKS: Mapping[str, DeviceFix] = {
    # owntracks.org/booklet/features/traccar, "HTTP Payloads": the three of them.
    '{"lon":2.29513,"lat":48.85833,"_type":"location","tst":1497476456, "tid":"JJ"}': DeviceFix(
        "JJ", Position(TOWER, datetime(2017, 6, 14, 21, 40, 56, tzinfo=UTC))
    ),
    '{"lon":2.29513,"lat":48.85833,"_type":"location","topic":"owntracks/jane/phone", "tid": "JJ"}': (
        DeviceFix("phone", Position(TOWER, NOW))
    ),
    '{"cog": 271, "batt": 41, "lon": 2.29513, "acc": 5, "vel": 61, "vac": 21, "lat": 48.85833, "t": "u",'
    ' "tst": 1497508651, "alt": 167, "_type": "location", "topic": "owntracks/jane/iphone", "p": 71,'
    ' "tid": "JJ"}': DeviceFix(
        "iphone",
        Position(
            TOWER,
            datetime(2017, 6, 15, 6, 37, 31, tzinfo=UTC),
            speed_mps=61 * (1000 / 3600),
            heading_deg=271.0,
            accuracy_m=5.0,
        ),
    ),
}


@pytest.mark.parametrize("body", OWNTRACKS)
def test_payloads_of_owntracks_booklet_are_taken(body: str) -> None:
    assert decode_owntracks(body.encode(), {}, NOW) == (OWNTRACKS[body],)
