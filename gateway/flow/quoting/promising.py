"""Promises of days for offers whose carriers name none: from the order to the door, by everybody's calendar.

A carrier's own day or window stays as it is. Where a carrier says only how many working days it takes, they
are counted anew from when it fetches the goods, past the holidays of both ends; where it says nothing at all
`UNKNOWN_TRANSIT` is counted, and the promise is marked APPROXIMATE.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from doorstep.address import Address
from doorstep.calendar import DayCalendar, DaySpan, HandlingRules, PromiseTerms, Transit
from doorstep.ports import PromiseMaker
from doorstep.quote import CarrierQuote, DeliveryMode, PriceBasis, QuoteRequest
from doorstep.window import Promise, PromiseBasis
from gateway.flow.quoting.handling import Handling, handled
from gateway.flow.quoting.zones import zone_of

UNKNOWN_TRANSIT = Transit(DaySpan(5, 5))
"""What the connectors of parcel carriers assume as well."""

Holidays = Callable[[str, str, int], frozenset[date]]
"""(country, province or "", year) -> the days on which it is closed; empty where nobody knows."""

Promising = Callable[[CarrierQuote], CarrierQuote]

_COUNTED = frozenset({PromiseBasis.CALENDAR, PromiseBasis.APPROXIMATE})
_BY_DAYS = frozenset({DeliveryMode.PARCEL, DeliveryMode.OWN_FLEET})


def no_holidays(country: str, province: str, year: int) -> frozenset[date]:  # noqa: ARG001 - of a house without
    """Nobody knows any."""
    return frozenset()


def as_offered(offer: CarrierQuote) -> CarrierQuote:
    """Every offer keeps its promise."""
    return offer


class Promiser:
    """Knows when things are ready and arrive. One for a process.

    Parameters
    ----------
    maker
        None where there is none: then every offer keeps its promise.
    """

    def __init__(self, maker: PromiseMaker | None = None, holidays: Holidays = no_holidays) -> None:
        self._maker = maker
        self._holidays = holidays

    def handling(
        self,
        ordered_at: datetime,
        now: datetime,
        rules: HandlingRules,
        origin: Address,
        time_zone: str,
        not_before: datetime | None = None,
    ) -> Handling:
        """When an order is packed at a place."""
        holidays = self._closed(origin, now) if rules.keeps_holidays else frozenset()
        return handled(ordered_at, now, rules, time_zone, holidays=holidays, not_before=not_before)

    def promising(self, request: QuoteRequest, rules: HandlingRules, handling: Handling) -> Promising:
        """What puts the promises of one question's offers right."""
        maker = self._maker
        if maker is None:
            return as_offered
        made: dict[Transit, Promise] = {}
        begins_at = handling.begins_at(request.asked_at, ZoneInfo(request.time_zone))

        def promised(offer: CarrierQuote) -> CarrierQuote:
            transit = _transit(offer)
            if transit is None:
                return offer
            if transit not in made:
                made[transit] = maker.promise(begins_at, self._terms(request, rules, handling, transit))
            is_sure = offer.transit is not None and offer.price_basis is not PriceBasis.FALLBACK
            basis = PromiseBasis.CALENDAR if is_sure else PromiseBasis.APPROXIMATE
            return replace(offer, promise=replace(made[transit], basis=basis))

        return promised

    def _terms(
        self, request: QuoteRequest, rules: HandlingRules, handling: Handling, transit: Transit
    ) -> PromiseTerms:
        there = self._closed(request.dropoff, request.asked_at)
        here = self._closed(request.pickup, request.asked_at)
        return PromiseTerms(
            # What is packed later than this on a day leaves on the next one.
            cut_off=rules.pickup_until,
            handling=DaySpan(0, handling.spread),
            transit=transit.days,
            origin_zone=request.time_zone,
            destination_zone=zone_of(request.dropoff, request.time_zone),
            handling_days=handling.calendar,
            pickup_days=DayCalendar(rules.pickup_weekdays, rules.closed | here),
            transit_days=DayCalendar(transit.weekdays, here | there),
            delivery_days=DayCalendar(transit.weekdays, there),
        )

    def _closed(self, address: Address, now: datetime) -> frozenset[date]:
        """Public holidays of this year and of the next."""
        if not address.country:
            return frozenset()
        years = {now.year, (now + timedelta(days=366)).year}
        return frozenset().union(
            *(self._holidays(address.country, address.province, year) for year in sorted(years))
        )


def _transit(offer: CarrierQuote) -> Transit | None:
    """The working days that are to be counted; None where the carrier's own promise stands."""
    if offer.mode not in _BY_DAYS or offer.promise.basis not in _COUNTED:
        return None
    if offer.transit is None and offer.mode is DeliveryMode.PARCEL:
        return UNKNOWN_TRANSIT if offer.promise.basis is PromiseBasis.APPROXIMATE else None
    return offer.transit
