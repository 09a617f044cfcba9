"""The way in: a moment and terms to a window of days."""

from __future__ import annotations

from datetime import datetime, time

from doorstep.calendar import PromiseTerms, first_moment
from doorstep.errors import InvalidInput
from doorstep.window import Promise, PromiseBasis, Window, require_utc
from optimizer.promises.counting import Zones, arrival, day_zero, hours_end


class CalendarPromiseMaker:
    """Counts working days (`doorstep.ports.planning.PromiseMaker`); the rules are those of `counting`."""

    def promise(self, ordered_at: datetime, terms: PromiseTerms) -> Promise:
        """The window of days in which it arrives; its basis is CALENDAR.

        It reaches from `delivery_from` of the earliest day, or from the order where that is later, to
        `delivery_to` of the latest.

        Raises
        ------
        ValueError
            If a calendar has no working day within two years, or `ordered_at` carries no time zone.
        InvalidInput
            If there is no such time zone, or the hours of delivery end before they begin.
        """
        ordered_at = require_utc("ordered_at", ordered_at)
        zones = _zones(terms)
        days = arrival(ordered_at, terms, zones)
        opens = first_moment(days.earliest, terms.delivery_from, zones.destination)
        window = Window(max(opens, ordered_at), hours_end(days.latest, terms, zones))
        return Promise(window, terms.destination_zone, PromiseBasis.CALENDAR)

    def cut_off_at(self, ordered_at: datetime, terms: PromiseTerms) -> datetime:
        """Until when to order for arrival on the same days as an order at `ordered_at`; UTC, exclusive.

        It is later than the next cut-off where that makes no difference: where the carrier comes on Fridays
        alone, everything from Monday to Thursday arrives alike.

        Raises
        ------
        ValueError, InvalidInput
            As `promise`.
        """
        ordered_at = require_utc("ordered_at", ordered_at)
        zones = _zones(terms)
        days = arrival(ordered_at, terms, zones)
        # At the latest when the hours of the first day are over.
        over = hours_end(days.earliest, terms, zones)
        closes = ordered_at
        while closes < over:
            closes = first_moment(day_zero(closes, terms, zones), terms.cut_off, zones.origin)
            if closes < over and arrival(closes, terms, zones) != days:
                return closes
        return over


def _zones(terms: PromiseTerms) -> Zones:
    if terms.delivery_from >= terms.delivery_to != time(0):
        message = (
            f"delivery_to must lie after delivery_from, got {terms.delivery_from:%H:%M} to "
            f"{terms.delivery_to:%H:%M}; 00:00 is the end of the day"
        )
        raise InvalidInput(message, path=("delivery_to",))
    return Zones.of(terms)
