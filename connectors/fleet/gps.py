"""What tracking apps send, as fixes. Pure; `InvalidInput` names the field and never repeats its content.

| app | request | reply expected |
|---|---|---|
| OsmAnd, Traccar Client before 9 | GET or POST with query or form fields (traccar.org/osmand) | 200, empty |
| Traccar Client 9 and later | POST, JSON (traccar.org/osmand) | 200, empty |
| OwnTracks in HTTP mode | POST, JSON, Basic auth, `X-Limit-D` (owntracks.org/booklet) | 200, `[]` |
| the driver app | POST, JSON batch of 1 to 100 positions | |

-1 stands for unknown in all of them. What a fix has no use for (altitude, battery, activity) is not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import msgspec

from connectors.fleet.fix import fix_of, instant_of, number_of
from connectors.fleet.payload import decoded
from doorstep.errors import InvalidInput
from doorstep.position import DeviceFix

MPS_PER_KNOT = 1852 / 3600
MPS_PER_KMH = 1000 / 3600

OWNTRACKS_REPLY = b"[]"
"""OwnTracks reads an array of commands; there are none."""

BATCH_LIMIT = 100

Timestamp = float | int | str


def decode_osmand(fields: Mapping[str, str], received_at: datetime | None = None) -> tuple[DeviceFix, ...]:
    """Read the query or form fields of OsmAnd and of Traccar Client before 9.

    `timestamp` is unix seconds, milliseconds, ISO 8601 or "yyyy-MM-dd HH:mm:ss" in UTC; `speed` is in knots.
    A fix with ``valid=false`` gives (), and so does one with masts (`cell`, `wifi`) in place of a place.

    Parameters
    ----------
    received_at
        When a message without a moment was taken, as Traccar sees it; None demands one.

    Raises
    ------
    InvalidInput
        If `id`, `timestamp` or the place is missing or wrong.
    """
    device_id = fields.get("id") or fields.get("deviceid") or ""
    if not device_id:
        raise InvalidInput("id is missing: it names the device.", path=("id",))
    if fields.get("valid", "true").lower() in {"false", "0"}:
        return ()
    if not fields.keys() & {"lat", "lon", "location"} and fields.keys() & {"cell", "wifi"}:
        return ()
    lat, lng = _osmand_place(fields)
    heading = "bearing" if "bearing" in fields else "heading"
    return (
        fix_of(
            device_id,
            (lat, ("lat",)),
            (lng, ("lon",)),
            _moment(fields.get("timestamp"), "timestamp", received_at),
            speed_mps=_scaled(number_of(fields.get("speed"), ("speed",)), MPS_PER_KNOT),
            heading_deg=number_of(fields.get(heading), (heading,)),
            accuracy_m=number_of(fields.get("accuracy"), ("accuracy",)),
            is_mock=fields.get("mock", "").lower() in {"true", "1"},
        ),
    )


class _TraccarCoords(msgspec.Struct):
    latitude: float
    longitude: float
    accuracy: float | None = None
    speed: float | None = None
    heading: float | None = None


class _TraccarLocation(msgspec.Struct):
    timestamp: Timestamp
    coords: _TraccarCoords
    mock: bool = False


class _TraccarMessage(msgspec.Struct):
    device_id: str | int
    location: _TraccarLocation


_TRACCAR = msgspec.json.Decoder(_TraccarMessage)


def decode_traccar(body: bytes) -> tuple[DeviceFix, ...]:
    """Read the JSON of Traccar Client 9 and later; `speed` is in metres a second.

    Raises
    ------
    InvalidInput
        If a field is missing or wrong.
    """
    message = decoded(lambda: _TRACCAR.decode(body))
    coords = message.location.coords
    if not str(message.device_id):
        raise InvalidInput("device_id must not be empty.", path=("device_id",))
    return (
        fix_of(
            str(message.device_id),
            (coords.latitude, ("location", "coords", "latitude")),
            (coords.longitude, ("location", "coords", "longitude")),
            instant_of(message.location.timestamp, ("location", "timestamp")),
            speed_mps=coords.speed,
            heading_deg=coords.heading,
            accuracy_m=coords.accuracy,
            is_mock=message.location.mock,
        ),
    )


class _OwnTracksKind(msgspec.Struct):
    kind: str = msgspec.field(name="_type", default="")


class _OwnTracksLocation(msgspec.Struct):
    lat: float
    lon: float
    tst: int | None = None
    acc: float | None = None
    vel: float | None = None
    cog: float | None = None
    tid: str = ""
    topic: str = ""


_OWNTRACKS_KIND = msgspec.json.Decoder(_OwnTracksKind)
_OWNTRACKS = msgspec.json.Decoder(_OwnTracksLocation)


def decode_owntracks(
    body: bytes, headers: Mapping[str, str], received_at: datetime | None = None
) -> tuple[DeviceFix, ...]:
    """Read a message of OwnTracks in HTTP mode; answer it with `OWNTRACKS_REPLY` in any case.

    The device is what `X-Limit-D` says, else the last part of `topic`, else `tid`. `vel` is in km/h. Empty
    bodies and messages that are no location give ().

    Parameters
    ----------
    headers
        Names in lower case.
    received_at
        When a message without a moment was taken: one of the booklet's examples has none. None demands one.

    Raises
    ------
    InvalidInput
        If a location lacks a field, or has a wrong one.
    """
    if not body.strip():
        return ()
    if decoded(lambda: _OWNTRACKS_KIND.decode(body)).kind != "location":
        return ()
    message = decoded(lambda: _OWNTRACKS.decode(body))
    moment = _moment(message.tst, "tst", received_at)
    device_id = headers.get("x-limit-d") or message.topic.rpartition("/")[2] or message.tid
    if not device_id:
        raise InvalidInput("The device is unnamed: set a device id in the app.", path=("tid",))
    return (
        fix_of(
            device_id,
            (message.lat, ("lat",)),
            (message.lon, ("lon",)),
            moment,
            speed_mps=_scaled(message.vel, MPS_PER_KMH),
            heading_deg=message.cog,
            accuracy_m=message.acc,
            is_mock=False,
        ),
    )


class _BatchPosition(msgspec.Struct):
    sequence: int
    lat: float
    lng: float
    recorded_at: Timestamp
    speed_mps: float | None = None
    heading_deg: float | None = None
    accuracy_m: float | None = None
    is_mock: bool = False


class _Batch(msgspec.Struct):
    device_id: Annotated[str, msgspec.Meta(min_length=1)]
    positions: Annotated[list[_BatchPosition], msgspec.Meta(min_length=1, max_length=BATCH_LIMIT)]


_BATCH = msgspec.json.Decoder(_Batch)


def decode_batch(body: bytes) -> tuple[DeviceFix, ...]:
    """Read a batch of the driver app, in the order of `sequence`; a sequence that comes twice counts once.

    A batch that is sent again gives the same fixes again; they are not newer than the last one taken, which
    is for whoever takes them to notice.

    Raises
    ------
    InvalidInput
        If there are no or more than 100 positions, or a field is missing or wrong.
    """
    batch = decoded(lambda: _BATCH.decode(body))
    fixes: dict[int, DeviceFix] = {}
    for number, position in enumerate(batch.positions):
        path = ("positions", str(number))
        fix = fix_of(
            batch.device_id,
            (position.lat, (*path, "lat")),
            (position.lng, (*path, "lng")),
            instant_of(position.recorded_at, (*path, "recorded_at")),
            speed_mps=position.speed_mps,
            heading_deg=position.heading_deg,
            accuracy_m=position.accuracy_m,
            is_mock=position.is_mock,
        )
        fixes.setdefault(position.sequence, fix)
    return tuple(fix for _, fix in sorted(fixes.items()))


def _moment(sent: Timestamp | None, field: str, received_at: datetime | None) -> datetime:
    if sent is None and received_at is not None:
        return received_at
    return instant_of(sent, (field,))


def _osmand_place(fields: Mapping[str, str]) -> tuple[float, float]:
    if "location" in fields and "lat" not in fields:
        lat_text, _, lng_text = fields["location"].partition(",")
        lat, lng = number_of(lat_text, ("location",)), number_of(lng_text, ("location",))
    else:
        lat, lng = number_of(fields.get("lat"), ("lat",)), number_of(fields.get("lon"), ("lon",))
    if lat is None:
        raise InvalidInput("lat is missing.", path=("lat",))
    if lng is None:
        raise InvalidInput("lon is missing.", path=("lon",))
    return lat, lng


def _scaled(speed: float | None, factor: float) -> float | None:
    return None if speed is None or speed < 0 else speed * factor
