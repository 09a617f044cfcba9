"""Told: the place that a store itself means a cart to leave from. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from doorstep.address import Address
from doorstep.order import Location


def told_place(places: Sequence[Location], told: Iterable[Address | None]) -> Location | None:
    """The place at the address that a store wrote down for every item of a cart.

    The street decides between two in one district; where it does not, or the items differ, nobody can tell.
    """
    addresses = set(told)
    origin = addresses.pop() if len(addresses) == 1 else None
    if origin is None:
        return None
    near = [place for place in places if _district(place.address) == _district(origin)]
    same = [place for place in near if _plain(place.address.line1) == _plain(origin.line1)]
    found = same or near
    return found[0] if len(found) == 1 else None


def _district(address: Address) -> tuple[str, str, str]:
    """Country and postal code; the town where there is none."""
    code = _plain(address.postal_code)
    return address.country, code, "" if code else _plain(address.city)


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
