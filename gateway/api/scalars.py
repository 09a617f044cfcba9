"""The schema's scalars.

An input that has the right JSON type is taken as it is where its meaning is checked later (`reading`), so
that a wrong currency or telephone number becomes an `InvalidInput` naming its field, not a refused request.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, NewType

import msgspec
import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from doorstep.secret import Secret

DecimalText = NewType("DecimalText", str)
BigInt = NewType("BigInt", int)
CurrencyCode = NewType("CurrencyCode", str)
CountryCode = NewType("CountryCode", str)
PhoneNumber = NewType("PhoneNumber", str)
TimeZone = NewType("TimeZone", str)
LocalTime = NewType("LocalTime", str)
Url = NewType("Url", str)
Polyline = NewType("Polyline", str)
GeoJson = NewType("GeoJson", dict[str, Any])
TrackingToken = NewType("TrackingToken", Secret)

_encode = msgspec.json.Encoder().encode


def instant_text(instant: datetime) -> str:
    """An aware instant in UTC with milliseconds, "2026-11-22T09:30:00.000Z"."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    # A sixth of what isoformat takes, and every live message has three of them (measured, CPython 3.13).
    text = _encode(instant).decode()
    return f"{text[1:24]}Z" if instant.microsecond else f"{text[1:20]}.000Z"


def _read_instant(given: object) -> datetime:
    try:
        instant = datetime.fromisoformat(_text(given))
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise GraphQLError("A DateTime is an RFC 3339 instant with a time zone, 2026-11-22T09:30:00Z.")
    return instant.astimezone(UTC)


def _read_date(given: object) -> date:
    try:
        return date.fromisoformat(_text(given))
    except ValueError:
        raise GraphQLError("A LocalDate is a calendar day, 2026-11-22.") from None


def _read_token(given: object) -> Secret:
    return Secret(_text(given))


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise GraphQLError("A JSON string is wanted here.")
    return given


def _read_geometry(given: object) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise GraphQLError("A GeoJSON geometry is a JSON object with type and coordinates.")
    return given


def _never(_given: object) -> object:
    raise GraphQLError("This scalar is only given out.")


def _reveal(token: object) -> str:
    # The one place where a token leaves as text: it is the answer of createTrackingToken.
    return token.reveal() if isinstance(token, Secret) else str(token)


def _words(name: str, description: str) -> ScalarDefinition:
    return strawberry.scalar(name=name, description=description, serialize=str, parse_value=_text)


SCALARS: Mapping[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="RFC 3339 instant, always UTC (Z), milliseconds.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=instant_text,
        parse_value=_read_instant,
    ),
    date: strawberry.scalar(
        name="LocalDate",
        description="Calendar day without a time zone, 2026-11-22.",
        serialize=str,
        parse_value=_read_date,
    ),
    DecimalText: _words("Decimal", "Exact decimal number as a JSON string."),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="Integer of any size as a JSON string.",
        serialize=str,
        parse_value=_never,
    ),
    CurrencyCode: _words("CurrencyCode", "ISO 4217 code; a scalar, since an enum would grow."),
    CountryCode: _words("CountryCode", "ISO 3166-1 alpha-2 code."),
    PhoneNumber: _words("PhoneNumber", "E.164 telephone number."),
    TimeZone: _words("TimeZone", "IANA time zone, Europe/Madrid."),
    LocalTime: _words("LocalTime", "Wall-clock time of day, 15:30, in a time zone named beside it."),
    Url: _words("URL", "Absolute URL; https outside a test installation."),
    Polyline: strawberry.scalar(
        name="Polyline",
        description="Route geometry as an encoded polyline, precision 5.",
        serialize=str,
        parse_value=_never,
    ),
    GeoJson: strawberry.scalar(
        name="GeoJSON",
        description="GeoJSON Polygon or MultiPolygon (RFC 7946), longitude first.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc7946",
        serialize=dict,
        parse_value=_read_geometry,
    ),
    TrackingToken: strawberry.scalar(
        name="TrackingToken",
        description="Signed, expiring tracking token; never logged.",
        serialize=_reveal,
        parse_value=_read_token,
    ),
}
