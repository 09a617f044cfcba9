"""Codes: what a store calls an option, and which options are worth a line of its checkout. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

from doorstep.quote import Quote

_CODE, _ODD = re.compile(r"[A-Za-z0-9._-]{1,100}"), re.compile(r"[^A-Za-z0-9._-]+")
"""What our plugin for WooCommerce takes for a code."""


def code_of(quote: Quote) -> str:
    """The name of a rate, the same from call to call: stores keep the shopper's selection by it.

    A merchant may write anything for a service of their table, and carriers name theirs as they like: what
    stores would not take for a code is replaced, with a few letters that tell it from others like it.
    """
    name = f"{quote.offer.carrier}.{quote.offer.service}"
    if _CODE.fullmatch(name):
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()
    return f"{_ODD.sub('-', name)[:80]}-{digest[:8]}"


def by_code(quotes: Iterable[Quote]) -> Mapping[str, Quote]:
    """The best of each code, best first: two accounts with one service look alike to shoppers."""
    found: dict[str, Quote] = {}
    for quote in sorted(quotes, key=lambda one: one.rank):
        found.setdefault(code_of(quote), quote)
    return found


def worth_showing(quotes: Iterable[Quote]) -> Mapping[str, Quote]:
    """Those of `by_code` that no other of the same name is better than, in a shopper's eyes.

    Two couriers who come within the hour are one line of a checkout, unless one is cheaper and the other
    sooner.
    """
    found = by_code(quotes)
    return {
        code: quote
        for code, quote in found.items()
        if not any(_outdoes(other, quote) for other in found.values())
    }


def _outdoes(other: Quote, quote: Quote) -> bool:
    ours, theirs = quote.offer, other.offer
    if other is quote or (theirs.title, theirs.mode) != (ours.title, ours.mode):
        return False
    is_no_dearer = other.price.minor <= quote.price.minor
    is_no_later = theirs.promise.window.end <= ours.promise.window.end
    is_alike = (other.price, theirs.promise.window.end) == (quote.price, ours.promise.window.end)
    return is_no_dearer and is_no_later and (not is_alike or other.rank < quote.rank)
