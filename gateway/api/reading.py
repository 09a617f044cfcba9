"""From what a client wrote to values of the ground floor; what is wrong names its path in the input."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from doorstep import ids
from doorstep.address import Address
from doorstep.errors import InvalidInput, Issue, NotFound
from doorstep.geo import LatLng
from doorstep.money import InvalidAmount, Money, UnknownCurrency
from doorstep.window import Window
from gateway.api.types.money import MoneyInput
from gateway.api.types.places import DestinationInput, LatLngInput
from gateway.api.types.times import TimeWindowInput

Path = tuple[str, ...]

# ITU-T E.164: a plus, a country code that does not begin with 0, at most 15 digits.
_PHONE = re.compile(r"^\+[1-9]\d{6,14}$")
_COUNTRY = re.compile(r"^[A-Z]{2}$")
_KEY = re.compile(r"^[\x21-\x7e]{8,255}$")
_ORIGIN = re.compile(r"^https?://[a-z0-9.-]+(:\d{1,5})?$")
MOST_TEXT = 500
FURTHEST_AHEAD = timedelta(days=60)
"""Nobody plans a delivery or a pickup for later than that."""


def wrong(path: Path, message: str, code: str = "INVALID_INPUT") -> InvalidInput:
    """An error about one field."""
    return InvalidInput(message, path=path, issues=(Issue(path, message, code),))


def read_id(given: str, prefix: str, path: Path) -> str:
    """An id of one kind.

    Raises
    ------
    InvalidInput
        If it is no id, or one of another kind.
    """
    found = ids.prefix_of(given)
    if found is None:
        raise wrong(path, f"{'.'.join(path)} is no id; ids of this kind look like {prefix}_01jdm3y5…")
    if found != prefix:
        text = f"is of kind {ids.PREFIXES[found]}; {ids.PREFIXES[prefix]} ids begin with {prefix}_"
        raise wrong(path, f"{'.'.join(path)} {text}")
    return given


def read_ids(given: Sequence[str] | None, prefix: str, path: Path) -> tuple[str, ...]:
    """Several ids of one kind; None is none."""
    return tuple(read_id(id_, prefix, (*path, str(index))) for index, id_ in enumerate(given or ()))


def read_key(given: str, path: Path = ("input", "idempotencyKey")) -> str:
    """An idempotency key: 8 to 255 printable characters without spaces."""
    if not _KEY.match(given):
        raise wrong(path, "idempotencyKey must be 8 to 255 visible ASCII characters; a UUID does well")
    return given


def read_text(given: str | None, path: Path, most: int = MOST_TEXT) -> str:
    """A text of bounded length; None is empty."""
    text = (given or "").strip()
    if len(text) > most:
        raise wrong(path, f"{path[-1]} must not be longer than {most} characters", "TOO_MANY")
    return text


def read_money(given: MoneyInput, path: Path) -> Money:
    """An amount, never negative."""
    try:
        money = Money.parse(given.amount, given.currency_code)
    except UnknownCurrency:
        raise wrong(
            (*path, "currencyCode"),
            "currencyCode must be an ISO 4217 code such as EUR",
            "UNSUPPORTED_CURRENCY",
        ) from None
    except InvalidAmount as fault:
        raise wrong((*path, "amount"), f"amount: {fault}") from None
    if money.minor < 0:
        raise wrong((*path, "amount"), "amount must not be negative")
    return money


def read_currency(given: str | None, path: Path) -> str | None:
    """A currency code; None stays None."""
    if given is None:
        return None
    try:
        Money(0, given)
    except UnknownCurrency:
        raise wrong(
            path, f"{path[-1]} must be an ISO 4217 code such as EUR", "UNSUPPORTED_CURRENCY"
        ) from None
    return given


def read_place(given: LatLngInput, path: Path) -> LatLng:
    """A point on the earth."""
    for name, value, limit in (("latitude", given.latitude, 90), ("longitude", given.longitude, 180)):
        if not math.isfinite(value) or abs(value) > limit:
            raise wrong((*path, name), f"{name} must lie between -{limit} and {limit} degrees")
    return LatLng(given.latitude, given.longitude)


def read_address(given: DestinationInput, path: Path) -> Address:
    """A destination; any prefix of an address will do, but what is given must be right."""
    country = given.country_code.strip().upper()
    if not _COUNTRY.match(country):
        raise wrong((*path, "countryCode"), "countryCode must be an ISO 3166-1 alpha-2 code such as ES")
    if given.phone is not None and not _PHONE.match(given.phone):
        raise wrong((*path, "phone"), "phone must be in E.164 form such as +34911234567")
    if given.email is not None and "@" not in given.email:
        raise wrong((*path, "email"), "email must be an e-mail address")

    def text(name: str, value: str | None, most: int = 200) -> str:
        return read_text(value, (*path, name), most)

    return Address(
        country=country,
        name=text("name", given.name),
        company=text("company", given.company),
        line1=text("address1", given.address1),
        line2=text("address2", given.address2),
        city=text("city", given.city),
        province=text("provinceCode", given.province_code, 10),
        postal_code=text("postalCode", given.postal_code, 20),
        phone=given.phone,
        phone_raw=given.phone or "",
        email=text("email", given.email),
        instructions=text("instructions", given.instructions, MOST_TEXT),
        location=None if given.location is None else read_place(given.location, (*path, "location")),
    )


def require_complete(address: Address, path: Path) -> Address:
    """Refuse an address that nobody could deliver to."""
    names = {"line1": "address1", "city": "city", "country": "countryCode"}
    issues = [
        Issue((*path, names[part]), f"{names[part]} is needed before this can be booked", "REQUIRED")
        for part in address.missing
    ]
    if issues:
        listed = ", ".join(issue.path[-1] for issue in issues)
        raise InvalidInput(f"The destination lacks {listed}.", path=issues[0].path, issues=issues)
    return address


def read_window(given: TimeWindowInput | None, path: Path) -> Window | None:
    """A span of time; None stays None."""
    if given is None:
        return None
    if given.end < given.start:
        raise wrong((*path, "end"), "end must not lie before start")
    return Window(given.start, given.end)


def read_future_window(given: TimeWindowInput | None, now: datetime, path: Path) -> Window | None:
    """A span of time in which something shall still happen; None stays None.

    It may have begun. Its end lies behind its start, in the future, and at most `FURTHEST_AHEAD` from now.
    """
    if given is None:
        return None
    read_future(given.end, now, (*path, "end"))
    if given.end - now > FURTHEST_AHEAD:
        raise wrong((*path, "end"), f"end must lie within {FURTHEST_AHEAD.days} days from now")
    if given.end <= given.start:
        raise wrong((*path, "end"), "end must lie after start")
    return read_window(given, path)


def read_span(given: int, path: Path, least: int, most: int) -> int:
    """A number within limits."""
    if not least <= given <= most:
        raise wrong(path, f"{path[-1]} must be {least} to {most}, got {given}")
    return given


def built[T](kind: Callable[..., T], path: Path, **values: object) -> T:
    """A value of the ground floor, of which it says itself what makes no sense.

    Raises
    ------
    InvalidInput
        With what `kind` objects to in the words of the API, at the field that it names first.
    """
    try:
        return kind(**values)
    except ValueError as fault:
        text = str(fault)
        named = [name for name in values if name in text]
        first = min(named, key=text.index, default=None)
        for name in sorted(named, key=len, reverse=True):
            text = text.replace(name, _in_api(name))
        raise wrong(path if first is None else (*path, _in_api(first)), text) from None


def _in_api(name: str) -> str:
    """`longest_wait_s` is longestWaitSeconds."""
    first, *rest = (f"{name}econds" if name.endswith("_s") else name).split("_")
    return first + "".join(word.capitalize() for word in rest)


def read_origins(given: Sequence[str] | None, path: Path) -> tuple[str, ...]:
    """Web origins: scheme, host and port, no path."""
    for index, origin in enumerate(given or ()):
        if not _ORIGIN.match(origin):
            raise wrong(
                (*path, str(index)), "an origin is a scheme and a host, https://shop.example, without a path"
            )
    return tuple(given or ())


def read_future(given: datetime | None, now: datetime, path: Path) -> datetime | None:
    """An instant that is still to come; None stays None."""
    if given is not None and given <= now:
        raise wrong(path, f"{path[-1]} must lie in the future")
    return given


def found[T](thing: T | None, id_: str, path: Path) -> T:
    """The thing, or `NotFound` naming where its id came from."""
    if thing is None:
        raise NotFound(id_, path=path)
    return thing
