"""Tracks of GPX files, and files that are none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.fleet.gpx import decode_gpx
from doorstep.errors import InvalidInput
from doorstep.geo import LatLng

POINT = '<trkpt lat="40.5" lon="-75.25"><ele>3</ele><time>2026-03-02T09:00:00Z</time></trkpt>'


def gpx(points: str, version: str = "1/1") -> bytes:
    head = f'<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/{version}">'
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}<trk><trkseg>{points}</trkseg></trk></gpx>'.encode()


@pytest.mark.parametrize("version", ["1/0", "1/1"])
def test_the_points_of_a_track_are_positions(version: str) -> None:
    found = decode_gpx(gpx(POINT + POINT.replace("09:00:00Z", "10:00:05+01:00"), version))
    assert [one.location for one in found.positions] == [LatLng(40.5, -75.25)] * 2
    assert [one.recorded_at for one in found.positions] == [
        datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC),
        datetime(2026, 3, 2, 9, 0, 5, tzinfo=UTC),
    ]


def test_points_without_a_time_are_counted_and_left_out() -> None:
    found = decode_gpx(gpx('<trkpt lat="1" lon="2"/>' + POINT))
    assert (len(found.positions), found.without_time) == (1, 1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no xml",
        b"<kml/>",
        gpx(POINT)[:-5],
        gpx(POINT.replace('lat="40.5"', 'lat="91"')),
        gpx(POINT.replace('lat="40.5"', "")),
        gpx(POINT.replace("2026-03-02T09:00:00Z", "noon")),
        gpx(POINT).decode().encode("utf-16"),
        gpx(POINT).replace(b"<gpx", b'<!DOCTYPE gpx [<!ENTITY a "b">]><gpx', 1),
    ],
)
def test_a_file_that_is_none_or_that_could_do_harm_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        decode_gpx(content)
