"""What one delivery from a place is expected to cost: own prices where there are any, else an estimate.

Nobody outside is asked: an order would wait for as many answers as there are places.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from doorstep.address import Address
from doorstep.errors import RemoteError
from doorstep.geo import distance_m
from doorstep.limits import why_not
from doorstep.merchant import FallbackRate, Merchant
from doorstep.money import Money
from doorstep.order import Location
from doorstep.quote import DeliveryMode, QuoteRequest
from gateway.flow.ports import LinkedCarrier
from gateway.flow.quoting.parcels import usual_carton

OWN_PRICE_BUDGET_S = 0.5
"""For the roads, where the own vans' prices go by the drive."""

COURIER = (Decimal(5), Decimal("0.8"))
PARCEL = (Decimal(9), Decimal("0.01"))
"""Where there is no price: for the delivery and for each kilometre, in major units. Only their order counts:
near doors are cheap to reach by courier, far ones by parcel.
"""

UNKNOWN_KM = Decimal(500)
"""Assumed where a door or a place is not on the map: a parcel's way."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be delivered, and where to."""

    reference: str
    destination: Address
    weight_g: int
    value: Money


async def expected_costs(
    merchant: Merchant,
    carriers: Sequence[LinkedCarrier],
    load: Load,
    places: Sequence[Location],
    now: datetime,
) -> Mapping[str, Money]:
    """What a delivery from each place is expected to cost, in the merchant's currency."""
    linked = [one for one in carriers if one.account.enabled]
    names = {one.account.carrier for one in linked}
    rates = [rate for rate in merchant.fallback_rates if rate.carrier in names and _fits(rate, load)]
    rated = [rate.price for rate in rates if rate.price.currency == merchant.currency]
    own = [one for one in linked if one.account.mode is DeliveryMode.OWN_FLEET]
    costs = await asyncio.gather(*(_expected(merchant, own, load, place, now, rated) for place in places))
    return {place.id: cost for place, cost in zip(places, costs, strict=True)}


async def _expected(
    merchant: Merchant,
    own: Sequence[LinkedCarrier],
    load: Load,
    place: Location,
    now: datetime,
    rated: Sequence[Money],
) -> Money:
    driven = [price for carrier in own for price in await _own_prices(carrier, load, place, now)]
    known = [*rated, *(price for price in driven if price.currency == merchant.currency)]
    return min(known) if known else _estimate(load.destination, place, merchant.currency)


async def _own_prices(carrier: LinkedCarrier, load: Load, place: Location, now: datetime) -> Sequence[Money]:
    request = QuoteRequest(
        reference=load.reference,
        pickup=place.address,
        dropoff=load.destination,
        parcels=(usual_carton(load.weight_g),),
        value=load.value,
        asked_at=now,
        ready_at=now,
        time_zone=place.time_zone,
    )
    if why_not(carrier.account.carrier, carrier.account.name, carrier.limits, request) is not None:
        return ()
    with suppress(RemoteError, TimeoutError):
        async with asyncio.timeout(OWN_PRICE_BUDGET_S):
            answer = await carrier.connector.quote(request, OWN_PRICE_BUDGET_S)
        return [quote.price for quote in answer.quotes]
    return ()


def _fits(rate: FallbackRate, load: Load) -> bool:
    is_there = not rate.countries or load.destination.country in rate.countries
    return is_there and (rate.max_weight_g is None or load.weight_g <= rate.max_weight_g)


def _estimate(destination: Address, place: Location, currency: str) -> Money:
    here, there = place.address.location, destination.location
    km = UNKNOWN_KM if here is None or there is None else Decimal(round(distance_m(here, there))) / 1000
    cheapest = min(base + a_km * km for base, a_km in (COURIER, PARCEL))
    return Money.parse_rounding(str(round(cheapest, 4)), currency)
