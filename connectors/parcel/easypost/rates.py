"""Rates as offers: price, service, and a promise from the carriers' calendar."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.parcel.easypost.client import SYSTEM
from connectors.parcel.easypost.mapping import made_for, rate_price
from connectors.parcel.easypost.refusals import decline_of_message
from doorstep.calendar import MONDAY_TO_SATURDAY, DaySpan, Transit
from doorstep.json_reading import Json, children, integer, text
from doorstep.money import Money
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
"""Ours: EasyPost publishes no lifetime of rates; older ones are asked for again."""

_HANDOVER_UNTIL = time(17, 0)
_DAY_STARTS = time(9, 0)
_DAY_ENDS = time(20, 0)
_SUNDAY = 6
_DAYS_WHERE_UNKNOWN = 5
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+|\d+")


def read_rates(body: Json, request: QuoteRequest) -> CarrierAnswer:
    """Every rate as an offer, and every carrier that gave none as a decline."""
    quotes: list[CarrierQuote] = []
    declined = [decline_of_message(message) for message in children(body, "messages")]
    for rate in children(body, "rates"):
        price = rate_price(rate)
        if price is None or not text(rate, "carrier") or not text(rate, "service"):
            continue
        if price.currency != request.value.currency:
            sentence = (
                f"{text(rate, 'carrier')} charges in {price.currency}, not in {request.value.currency}."
            )
            declined.append(Decline(SYSTEM, DeclineReason.RULE, sentence))
            continue
        quotes.append(_offer(rate, price, text(body, "id"), request))
    return CarrierAnswer(tuple(quotes), tuple(declined))


def promise_of(rate: Json, ready_at: datetime, time_zone: str) -> Promise:
    """When it arrives: carriers work Monday to Saturday and deliver until 20:00 local time.

    Goods that are ready by 17:00 leave the same day. Public holidays are not known here, so a promise across
    one comes a day early. Without a number of days it is five, and marked approximate.
    """
    days, basis = integer(rate, "est_delivery_days"), PromiseBasis.CALENDAR
    days = days if days is not None else integer(rate, "delivery_days")
    if days is None or days < 0:
        days, basis = _DAYS_WHERE_UNKNOWN, PromiseBasis.APPROXIMATE
    elif rate.get("delivery_date_guaranteed") is True:
        basis = PromiseBasis.CARRIER_COMMITMENT
    zone = _zone(time_zone)
    local = ready_at.astimezone(zone)
    ships_on = local.date()
    if local.time() >= _HANDOVER_UNTIL or ships_on.weekday() == _SUNDAY:
        ships_on = _next_working_day(ships_on)
    arrives_on = ships_on
    for _ in range(days):
        arrives_on = _next_working_day(arrives_on)
    start = max(datetime.combine(arrives_on, _DAY_STARTS, zone), local)
    return Promise(Window(start, datetime.combine(arrives_on, _DAY_ENDS, zone)), time_zone, basis)


def transit_of(rate: Json) -> Transit | None:
    """The working days that a carrier estimates; None where it says nothing, or guarantees its own day."""
    days = integer(rate, "est_delivery_days")
    days = days if days is not None else integer(rate, "delivery_days")
    if days is None or days < 0 or rate.get("delivery_date_guaranteed") is True:
        return None
    return Transit(DaySpan(days, days), MONDAY_TO_SATURDAY)


def title_of(carrier: str, service: str) -> str:
    """ "USPS", "GroundAdvantage" -> "USPS Ground Advantage"."""
    return f"{carrier} {' '.join(_WORD.findall(service)) or service}"


def _offer(rate: Json, price: Money, shipment_id: str, request: QuoteRequest) -> CarrierQuote:
    carrier, service = text(rate, "carrier"), text(rate, "service")
    expires_at = request.asked_at + LIFETIME
    data = {
        "carrier": carrier,
        "service": service,
        "rate": price.amount,
        "currency": price.currency,
        "expires_at": expires_at.isoformat(),
    }
    # The beta endpoint rates without making a shipment; then booking makes one.
    if shipment_id and text(rate, "id"):
        data |= {"shipment_id": shipment_id, "rate_id": text(rate, "id"), "made_for": made_for(request)}
    return CarrierQuote(
        carrier=SYSTEM,
        service=f"{carrier}.{service}",
        title=title_of(carrier, service),
        mode=DeliveryMode.PARCEL,
        vehicle=VehicleKind.VAN,
        price=price,
        price_basis=PriceBasis.LIVE,
        promise=promise_of(rate, request.ready_at, request.time_zone),
        expires_at=expires_at,
        booking_data=data,
        transit=transit_of(rate),
    )


def _next_working_day(day: date) -> date:
    following = day + timedelta(days=1)
    return following + timedelta(days=1) if following.weekday() == _SUNDAY else following


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
