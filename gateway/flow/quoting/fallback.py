"""Prices of the merchant's own table, for when the carrier that would be asked does not answer.

They are shown at checkouts alone, marked as such, and the carrier is asked when they are booked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from doorstep.calendar import Transit
from doorstep.limits import billed_weight_g
from doorstep.merchant import FallbackRate
from doorstep.quote import CarrierQuote, DeliveryMode, PriceBasis, QuoteRequest
from doorstep.window import Promise, PromiseBasis, Window
from gateway.flow.ports import Heard, LinkedCarrier

STANDS = timedelta(minutes=30)


def fallback_offers(
    rates: Sequence[FallbackRate], heard: Sequence[Heard], request: QuoteRequest
) -> Sequence[tuple[LinkedCarrier, CarrierQuote]]:
    """An offer from the table for each carrier that could not be asked. Pure."""
    return [
        (one.carrier, _offer(rate, request))
        for one in heard
        if _could_not_be_asked(one)
        for rate in _fitting(rates, one.carrier, request)
    ]


def is_for(rate: FallbackRate, request: QuoteRequest) -> bool:
    """Whether a price goes to this country, in the money that is paid in; a cart may still be too heavy."""
    is_there = not rate.countries or request.dropoff.country in rate.countries
    return is_there and rate.price.currency == request.value.currency


def _could_not_be_asked(one: Heard) -> bool:
    declined = one.answer.declined
    return not one.answer.quotes and bool(declined) and all(no.reason.is_passing for no in declined)


def _fitting(
    rates: Sequence[FallbackRate], carrier: LinkedCarrier, request: QuoteRequest
) -> Iterator[FallbackRate]:
    """The first rate of each service that takes the parcels there, by the weight that the carrier bills."""
    divisor = carrier.limits.dimensional_divisor
    weight_g = sum(billed_weight_g(parcel, divisor) for parcel in request.parcels)
    taken = set[str]()
    for rate in rates:
        is_fit = (
            rate.carrier == carrier.account.carrier
            and is_for(rate, request)
            and (rate.max_weight_g is None or weight_g <= rate.max_weight_g)
        )
        if is_fit and rate.service not in taken:
            taken.add(rate.service)
            yield rate


def _offer(rate: FallbackRate, request: QuoteRequest) -> CarrierQuote:
    zone = ZoneInfo(request.time_zone)
    today = request.ready_at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    first, last = today + timedelta(days=rate.days.fewest), today + timedelta(days=rate.days.most + 1)
    window = Window(max(first, request.ready_at.astimezone(zone)), last)
    return CarrierQuote(
        carrier=rate.carrier,
        service=rate.service,
        title=rate.title,
        mode=rate.mode,
        vehicle=rate.vehicle,
        price=rate.price,
        price_basis=PriceBasis.FALLBACK,
        promise=Promise(window, request.time_zone, PromiseBasis.APPROXIMATE),
        expires_at=request.asked_at + STANDS,
        transit=Transit(rate.days) if rate.mode is DeliveryMode.PARCEL else None,
    )
