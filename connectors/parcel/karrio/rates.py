"""karrio's rates as offers: price, service, and a promise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta, tzinfo

from connectors.parcel.karrio.dialect import Dialect, Facts
from connectors.parcel.karrio.mapper import Rate
from connectors.parcel.karrio.payloads import ship_date, zone_of
from doorstep.calendar import WEEKDAYS, DaySpan, Transit
from doorstep.quote import (
    CarrierAnswer,
    CarrierQuote,
    Decline,
    DeclineReason,
    DeliveryMode,
    PriceBasis,
    QuoteRequest,
    VehicleKind,
)
from doorstep.window import Promise, PromiseBasis, Window

LIFETIME = timedelta(hours=24)
"""Ours: none of these carriers says how long a price holds, and none takes one back by an id."""

_DAY_STARTS = time(9, 0)
_DAY_ENDS = time(20, 0)
_WEEKEND = 5
_DAYS_WHERE_UNKNOWN = 5
_CLOCK = re.compile(r"(?<![0-9])(\d{1,2})_(\d{2})(?=_|$)")


def read_offers(dialect: Dialect, rates: Iterable[Rate], request: QuoteRequest) -> CarrierAnswer:
    """The cheapest rate of every service as an offer; other currencies are declined."""
    facts = dialect.facts
    cheapest: dict[str, tuple[int, CarrierQuote]] = {}
    foreign: set[str] = set()
    for rate in rates:
        if rate.price is None or rate.price.minor <= 0 or not rate.service:
            continue
        if rate.price.currency != request.value.currency:
            foreign.add(rate.price.currency)
            continue
        known = cheapest.get(rate.service)
        if known is None or rate.price.minor < known[0]:
            offer = _offer(facts, rate, dialect.remember(rate), request)
            cheapest[rate.service] = (rate.price.minor, offer)
    declined = tuple(
        Decline(
            facts.code,
            DeclineReason.RULE,
            f"{facts.name} charges in {currency}, not in {request.value.currency}.",
        )
        for currency in sorted(foreign)
    )
    return CarrierAnswer(tuple(offer for _, offer in cheapest.values()), declined)


def title_of(facts: Facts, service: str) -> str:
    """ "fedex_2_day" -> "FedEx 2 Day", "mydhl_express_domestic_12_00" -> "DHL Express Domestic 12:00"."""
    known = service.removeprefix(f"{facts.module}_").removeprefix(f"{facts.code}_")
    words = [word.capitalize() if word.islower() else word for word in _CLOCK.sub(r"\1:\2", known).split("_")]
    words = [word.upper() if word in {"Am", "Pm", "Us"} else word for word in words if word]
    if words and facts.name.endswith(f" {words[0]}"):
        words = words[1:]
    return " ".join((facts.name, *words))


def promise_of(rate: Rate, request: QuoteRequest) -> Promise:
    """The carrier's own date where it gives one; else its working days from the day of handing over, and five
    where it says nothing. Public holidays are not known here.
    """
    zone = zone_of(request)
    day = _day_of(rate.arrives)
    if day is not None:
        return _on(day, zone, request, PromiseBasis.CARRIER_COMMITMENT)
    days = _DAYS_WHERE_UNKNOWN if rate.transit_days is None else rate.transit_days
    arrives_on = ship_date(request.ready_at, zone)
    for _ in range(days):
        arrives_on = _next_working_day(arrives_on)
    return _on(arrives_on, zone, request, PromiseBasis.APPROXIMATE)


def transit_of(rate: Rate) -> Transit | None:
    """The working days that a carrier says it takes; None where it says nothing, or names a day."""
    days = rate.transit_days
    if days is None or days < 0 or _day_of(rate.arrives) is not None:
        return None
    return Transit(DaySpan(days, days), WEEKDAYS)


def _offer(facts: Facts, rate: Rate, remembered: Mapping[str, str], request: QuoteRequest) -> CarrierQuote:
    assert rate.price is not None  # noqa: S101 - looked at by the one caller
    expires_at = request.asked_at + LIFETIME
    data = {"rate": rate.price.amount, "currency": rate.price.currency, **remembered}
    return CarrierQuote(
        carrier=facts.code,
        service=rate.service,
        title=title_of(facts, rate.service),
        mode=DeliveryMode.PARCEL,
        vehicle=VehicleKind.VAN,
        price=rate.price,
        price_basis=PriceBasis.LIVE,
        promise=promise_of(rate, request),
        expires_at=expires_at,
        booking_data=data,
        transit=transit_of(rate),
    )


def _on(day: date, zone: tzinfo, request: QuoteRequest, basis: PromiseBasis) -> Promise:
    end = datetime.combine(day, _DAY_ENDS, zone)
    start = min(max(datetime.combine(day, _DAY_STARTS, zone), request.ready_at), end)
    return Promise(Window(start, end), request.time_zone, basis)


def _day_of(told: str) -> date | None:
    try:
        return date.fromisoformat(told[:10]) if told else None
    except ValueError:
        return None


def _next_working_day(day: date) -> date:
    following = day + timedelta(days=1)
    while following.weekday() >= _WEEKEND:
        following += timedelta(days=1)
    return following
