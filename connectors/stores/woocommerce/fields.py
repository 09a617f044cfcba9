"""Reads JSON field by field and remembers the way there, so that what is wrong can be named. Pure."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from doorstep.errors import UnreadablePayload

_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z!?][^<>]*>", re.DOTALL)
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MAX_TEXT = 1_000
_MOST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Node:
    """A value somewhere in a message.

    Attributes
    ----------
    path
        The way to it, in the store's words.
    """

    value: object
    path: tuple[str, ...] = ()

    @classmethod
    def of_json(cls, text: str) -> Node:
        """The whole message; numbers with a point stay exact."""
        try:
            return cls(json.loads(text, parse_float=Decimal))
        except (ValueError, RecursionError):
            raise UnreadablePayload("The stored order is no JSON.") from None

    def __getitem__(self, name: str) -> Node:
        """A field of this object; one that is missing reads as null."""
        if not isinstance(self.value, dict):
            raise self.unreadable("an object was expected")
        return Node(self.value.get(name), (*self.path, name))

    def __iter__(self) -> Iterator[Node]:
        """The items of this list; null is an empty one."""
        if self.value is not None and not isinstance(self.value, list):
            raise self.unreadable("a list was expected")
        for index, item in enumerate(self.value or []):
            yield Node(item, (*self.path, str(index)))

    def under(self, *path: str) -> Node:
        """The same value, said to stand elsewhere."""
        return Node(self.value, path)

    def unreadable(self, why: str) -> UnreadablePayload:
        """The error that names this field; `why` holds no value of it, which may be personal."""
        return UnreadablePayload(f"{'.'.join(self.path) or 'The message'}: {why}.", path=self.path)

    def raw_text(self) -> str:
        """Text as it stands; numbers as they are written, null as ""."""
        if self.value is None or self.value is False:
            return ""
        if isinstance(self.value, str):
            return self.value
        if isinstance(self.value, int | Decimal) and not isinstance(self.value, bool):
            return str(self.value)
        raise self.unreadable("text was expected")

    def text(self) -> str:
        """One line of plain text; see `plain`."""
        return " ".join(plain(self.raw_text()).split())

    def lines(self) -> str:
        """Plain text that keeps its line breaks."""
        return "\n".join(" ".join(line.split()) for line in plain(self.raw_text()).splitlines()).strip()

    def identifier(self) -> str:
        """A positive whole number, as text."""
        given = self.raw_text()
        if not re.fullmatch(r"[1-9]\d{0,18}", given):
            raise self.unreadable("a positive whole number was expected")
        return given

    def amount(self, *, may_be_negative: bool = False) -> Decimal:
        """How much of an article, zero or more, at most a milliard.

        WooCommerce itself sells whole pieces; plugins sell 1.5 of something (the filter
        `woocommerce_stock_amount`, measured on 8.9), and some write "2" or 2.0.
        """
        number = self.decimal()
        if not 0 <= (abs(number) if may_be_negative else number) <= _MOST:
            raise self.unreadable("a number, zero or more, was expected")
        return round(number, 6)

    def decimal(self) -> Decimal:
        """A finite number, also where it is written as text."""
        try:
            number = Decimal(self.raw_text().strip())
        except InvalidOperation:
            raise self.unreadable("a number was expected") from None
        if not number.is_finite():
            raise self.unreadable("a finite number was expected")
        return number

    def instant(self) -> datetime | None:
        """A `*_gmt` field: UTC without a Z (measured on 8.9 and 10.5); None where it is null."""
        given = self.raw_text()
        if not given:
            return None
        try:
            stamp = datetime.fromisoformat(given)
            return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.unreadable("a time such as 2026-11-22T13:42:29 was expected") from None


def plain(text: str) -> str:
    """Text that can be shown anywhere: without tags, control characters and direction overrides.

    WooCommerce keeps `<b>`, emoji, newlines and U+202E in names as they were typed (measured on 10.5).
    Emoji and their joiners stay, line breaks too.
    """
    without_tags = _TAG.sub("", html.unescape(text[: _MAX_TEXT * 8]))
    spaced = without_tags.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = "".join(
        sign
        for sign in spaced
        if sign == "\n" or (sign not in _BIDI and unicodedata.category(sign) not in {"Cc", "Cs"})
    )
    return kept[:_MAX_TEXT]
