"""Reading JSON of unknown honesty: every value knows where it stands, so that an error can name it. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from doorstep.errors import UnreadablePayload
from doorstep.money import InvalidAmount, Money, UnknownCurrency


class Field:
    """A value somewhere in a payload.

    Its methods raise `UnreadablePayload` with the field's path and never quote the value, which may be
    personal data.
    """

    __slots__ = ("path", "value")

    def __init__(self, value: Any, path: tuple[str, ...] = ()) -> None:
        self.value = value
        self.path = path

    def __getitem__(self, name: str) -> Field:
        """The member `name` of an object; absent and null are the same."""
        if not isinstance(self.value, dict):
            raise self.unreadable("is not an object")
        return Field(self.value.get(name), (*self.path, name))

    def __bool__(self) -> bool:
        """Whether there is anything, be it 0 or ""."""
        return self.value is not None

    def unreadable(self, trouble: str) -> UnreadablePayload:
        """The error that says what is wrong with this field."""
        return UnreadablePayload(f"{'.'.join(self.path) or 'the payload'} {trouble}", path=self.path)

    def items(self) -> Iterator[Field]:
        """The elements of a list; of null none."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            raise self.unreadable("is not a list")
        for index, element in enumerate(self.value):
            yield Field(element, (*self.path, str(index)))

    def nodes(self) -> Iterator[Field]:
        """The nodes of a connection; of null none."""
        return self["nodes"].items() if self else iter(())

    def text(self) -> str:
        """A string that says something."""
        value = self.text_or_empty()
        if not value:
            raise self.unreadable("is missing")
        return value

    def text_or_empty(self) -> str:
        """A string without the white space around it; "" for null."""
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            raise self.unreadable("is not text")
        return self.value.strip()

    def integer(self) -> int:
        """A whole number."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.unreadable("is missing" if self.value is None else "is not a whole number")
        return self.value

    def count(self) -> int:
        """A whole number that is not negative."""
        number = self.integer()
        if number < 0:
            raise self.unreadable("is negative")
        return number

    def number(self) -> float:
        """A finite number."""
        if not isinstance(self.value, (int, float)) or isinstance(self.value, bool):
            raise self.unreadable("is not a number")
        try:
            number = float(self.value)
        except OverflowError:
            raise self.unreadable("is out of range") from None
        if not math.isfinite(number):
            raise self.unreadable("is not a finite number")
        return number

    def flag(self, default: bool | None = None) -> bool:
        """True or false; `default`, if there is one, for null."""
        if self.value is None and default is not None:
            return default
        if not isinstance(self.value, bool):
            raise self.unreadable("is neither true nor false")
        return self.value

    def instant(self) -> datetime:
        """An ISO 8601 instant with its zone, in UTC."""
        try:
            instant = datetime.fromisoformat(self.text())
            if instant.tzinfo is None:
                raise self.unreadable("has no time zone")
            return instant.astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.unreadable("is not a date with a time") from None

    def instant_or_none(self) -> datetime | None:
        """As `instant`; None for null."""
        return self.instant() if self else None

    def shop_money(self) -> Money:
        """The shop's side of a MoneyBag, never what the shopper saw in another currency."""
        return self["shopMoney"].money()

    def money(self) -> Money:
        """A MoneyV2."""
        try:
            return Money.parse(self["amount"].text(), self["currencyCode"].text())
        except UnknownCurrency:
            raise self["currencyCode"].unreadable("is no ISO 4217 currency") from None
        except InvalidAmount:
            raise self["amount"].unreadable("is no amount of its currency") from None
