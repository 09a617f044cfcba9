"""Reads what is sent to the control desk, and says what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from doorstep.address import Address
from simulator.people.purchase import BasketLine
from simulator.world.catalogue import DIGITAL_GOODS, GOODS

_MOST_PIECES = 100
_ARTICLES = {article.sku: article for article in (*GOODS, *DIGITAL_GOODS)}


class Refused(Exception):
    """The desk says no; `status` is 400 for a wrong request and 409 where the world does not allow it."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Wish:
    """An order by hand; what is left open is drawn.

    Attributes
    ----------
    uses_checkout
        The shopper asks the gateway for options and chooses one.
    choice_reference
        Chosen already, by a page: `cho_…`; "" otherwise.
    """

    store: str | None
    uses_checkout: bool = False
    choice_reference: str = ""
    home: Address | None = None
    lines: tuple[BasketLine, ...] = ()


def read_wish(body: Mapping[str, Any], stores: Sequence[str]) -> Wish:
    """Read `store`, `checkout`, `choice`, `destination` and `items`, each of which may be missing.

    `destination` and `items` have the names of the gateway's DestinationInput and CartItemInput, so that a
    page orders with what it asked for options with.

    Raises
    ------
    Refused
        If one of them is wrong; names it.
    """
    store = body.get("store")
    if store is not None and store not in stores:
        raise Refused(f"store must be one of {', '.join(stores)}")
    choice = body.get("choice") or ""
    if not isinstance(choice, str):
        raise Refused("choice must be a string")
    return Wish(store, body.get("checkout") is True, choice, read_home(body), _lines(body))


async def json_body(request: Request) -> dict[str, Any]:
    """The body, an object; empty counts as {}."""
    raw = await request.body()
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        raise Refused("the body must be JSON") from None
    if not isinstance(body, dict):
        raise Refused("the body must be a JSON object")
    return body


def text(body: Mapping[str, Any], name: str) -> str:
    """A string that must be there."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Refused(f"{name} is missing")
    return value


def texts(body: Mapping[str, Any], name: str) -> dict[str, str]:
    """An object of strings; missing is empty."""
    value = body.get(name) or {}
    if not isinstance(value, dict) or not all(isinstance(entry, str) for entry in value.values()):
        raise Refused(f"{name} must be an object of strings")
    return value


def number(body: Mapping[str, Any], name: str, low: float, high: float) -> float:
    """A number in a range, both ends included."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise Refused(f"{name} must be a number from {low} to {high}")
    return float(value)


def rows(body: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of objects that must be there."""
    value = body.get(name)
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise Refused(f"{name} must be a list of objects")
    return value


def read_home(body: Mapping[str, Any]) -> Address | None:
    """`destination`, in the names of the gateway's DestinationInput; None where it is missing."""
    if not body.get("destination"):
        return None
    given = texts(body, "destination")
    return Address(
        country=text(given, "countryCode"),
        name=given.get("name", ""),
        line1=text(given, "address1"),
        line2=given.get("address2", ""),
        city=text(given, "city"),
        province=given.get("provinceCode", ""),
        postal_code=given.get("postalCode", ""),
        phone=given.get("phone"),
        email=given.get("email", ""),
    )


def _lines(body: Mapping[str, Any]) -> tuple[BasketLine, ...]:
    if not body.get("items"):
        return ()
    return tuple(_line(item) for item in rows(body, "items"))


def _line(item: Mapping[str, Any]) -> BasketLine:
    article = _ARTICLES.get(text(item, "sku"))
    if article is None:
        raise Refused(f"sku: there is no such article; there are {', '.join(_ARTICLES)}")
    quantity = number({"quantity": 1, **item}, "quantity", 1, _MOST_PIECES)
    return BasketLine(article, int(quantity))
