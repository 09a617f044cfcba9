"""What carriers said lately: prices for the same way and parcels, and ways that they do not go.

One process remembers for itself; another asks once more. Nothing here is needed for a right answer, only for
a quick one, and for any at all while a carrier is away.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from doorstep.address import Address
from doorstep.ports import QuotePolicy
from doorstep.quote import (
    CarrierAnswer,
    CarrierQuote,
    Decline,
    DeclineReason,
    DeliveryMode,
    PriceBasis,
    QuoteRequest,
)
from doorstep.window import Window

FRESH = timedelta(seconds=60)
"""A checkout that is drawn again within this asks nobody again."""

REFUSED = timedelta(minutes=15)
"""A way that a carrier does not go is not asked for again for so long."""

LEFT_TO_BOOK = timedelta(minutes=1)
"""An offer that ends sooner is no longer shown as one that stands."""

MOST = 20_000
"""Answers that are remembered; the oldest goes first."""

_LASTING = frozenset({DeclineReason.OUT_OF_AREA, DeclineReason.TOO_LARGE, DeclineReason.TOO_HEAVY})

Key = tuple[object, ...]
"""Account, and a way by `way_of`."""


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: CarrierAnswer
    at: datetime


class RateMemory:
    """Answers by account and way."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._refused: OrderedDict[Key, tuple[datetime, Decline]] = OrderedDict()

    def keep(self, key: Key, answer: CarrierAnswer, now: datetime) -> None:
        """Remember an answer that was given just now."""
        if answer.quotes:
            _put(self._kept, key, _Kept(answer, now), self._most)
        for decline in answer.declined:
            if not answer.quotes and decline.reason in _LASTING:
                _put(self._refused, key, (now, decline), self._most)

    def refusal(self, key: Key, now: datetime) -> Decline | None:
        """Why the carrier said no to the same lately; None where it did not."""
        found = self._refused.get(key)
        return found[1] if found is not None and now - found[0] < REFUSED else None

    def fresh(self, key: Key, now: datetime) -> CarrierAnswer | None:
        """Offers that still stand, of a minute ago at most."""
        kept = self._kept.get(key)
        if kept is None or now - kept.at >= FRESH:
            return None
        if any(offer.expires_at < now + LEFT_TO_BOOK for offer in kept.answer.quotes):
            return None
        return _as_cached(kept.answer, None)

    def stale(self, key: Key, policy: QuotePolicy, now: datetime) -> CarrierAnswer | None:
        """Prices that the carrier asked lately, for when it does not answer; they are asked anew to book."""
        kept = self._kept.get(key)
        if kept is None or now - kept.at >= timedelta(seconds=policy.cached_s):
            return None
        moved = now - kept.at
        return _as_cached(kept.answer, moved)


def way_of(request: QuoteRequest) -> Key:
    """What two questions to an account have in common whose answers may stand for each other.

    Weights are counted in steps of a hundred grams and places in steps of about a hundred metres. Another
    wish for a window makes another question, and so does another value: some insure it or carry it for
    nothing. Nobody comes to an order that leaves no number to call; a cart need not have one yet.
    """
    parcels = tuple(
        (math.ceil(parcel.weight_g / 100), parcel.length_mm, parcel.width_mm, parcel.height_mm)
        for parcel in request.parcels
    )
    wish = request.delivery_window
    return (
        _place(request.pickup),
        _place(request.dropoff),
        parcels,
        request.value,
        request.requirements,
        request.goods,
        request.vehicle,
        request.access,
        (wish.start, wish.end) if wish is not None else None,
        request.is_return,
        request.is_cart or request.dropoff.phone is not None,
    )


def _place(address: Address) -> Key:
    """Country, postcode, the place on the map to a hundred metres, and whether there is a street at all."""
    where = address.location
    grid = where.rounded(3) if where is not None else None
    return (address.country, address.postal_code.upper().replace(" ", ""), grid, bool(address.line1))


def _as_cached(answer: CarrierAnswer, moved: timedelta | None) -> CarrierAnswer:
    """The same offers, marked as not asked now; with `moved` they stand for as long as they did then.

    What they are booked with stays: a carrier whose quote has ended is asked anew while booking, and its
    answer is held against the price that was shown.
    """
    return replace(answer, quotes=tuple(_cached(offer, moved) for offer in answer.quotes))


def _cached(offer: CarrierQuote, moved: timedelta | None) -> CarrierQuote:
    cached = replace(offer, price_basis=PriceBasis.CACHED)
    if moved is None:
        return cached
    cached = replace(cached, expires_at=offer.expires_at + moved)
    if offer.mode is not DeliveryMode.COURIER:
        return cached  # promised by days or slots, which some minutes do not move
    window = offer.promise.window
    later = Window(window.start + moved, window.end + moved)
    return replace(
        cached,
        promise=replace(offer.promise, window=later),
        pickup_by=offer.pickup_by + moved if offer.pickup_by is not None else None,
    )


def _put[Value](kept: OrderedDict[Key, Value], key: Key, value: Value, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
