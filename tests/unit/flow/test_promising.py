"""When goods are ready and parcels arrive. June 2026 begins on a Monday; the 10th is a Wednesday."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from doorstep.address import Address
from doorstep.calendar import MONDAY_TO_SATURDAY, WEEKDAYS, DaySpan, HandlingRules, Transit
from doorstep.geo import LatLng
from doorstep.quote import CarrierQuote, DeliveryMode, PriceBasis
from doorstep.window import PromiseBasis
from gateway.flow.quoting.handling import Handling, handled
from gateway.flow.quoting.promising import Promiser
from gateway.flow.quoting.zones import zone_of
from optimizer.promises import CalendarPromiseMaker, known_holidays
from tests.unit.flow.asked import REQUEST, offer

NEW_YORK = "America/New_York"
SHOP = Address("US", line1="1 Quay", city="Port Meridian", province="NY", postal_code="00412")
DOOR = replace(SHOP, line1="2 Mill Street")
GOOGLE = HandlingRules(
    cut_off=time(15), days=DaySpan(0, 1), weekdays=WEEKDAYS, pickup_weekdays=MONDAY_TO_SATURDAY
)
"""Of the worked example in Google Merchant Center's help: handling 0-1 Monday to Friday, cut-off 15:00."""


def june(day: int, hour: int = 0, minute: int = 0, zone: str = NEW_YORK) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def when(
    ordered_at: datetime,
    rules: HandlingRules,
    now: datetime | None = None,
    not_before: datetime | None = None,
) -> Handling:
    return handled(ordered_at, now or ordered_at, rules, NEW_YORK, not_before=not_before)


def days_of(
    made: CarrierQuote,
    ordered_at: datetime,
    rules: HandlingRules,
    now: datetime | None = None,
    **way: Address,
) -> tuple[date, date]:
    """The days on which it arrives, by the clocks of the destination."""
    promised = _promised(made, ordered_at, rules, now, **way).promise
    zone = ZoneInfo(promised.time_zone)
    return promised.window.start.astimezone(zone).date(), promised.window.end.astimezone(zone).date()


def _promised(
    made: CarrierQuote,
    ordered_at: datetime,
    rules: HandlingRules,
    now: datetime | None = None,
    **way: Address,
) -> CarrierQuote:
    promiser = Promiser(CalendarPromiseMaker(), known_holidays)
    now = now or ordered_at
    handling = promiser.handling(ordered_at, now, rules, SHOP, NEW_YORK)
    asked = {"pickup": SHOP, "dropoff": DOOR} | way
    request = replace(REQUEST, asked_at=now, time_zone=NEW_YORK, **asked)  # type: ignore[arg-type]  # by name
    return promiser.promising(request, rules, handling)(made)


def parcel(transit: Transit | None, basis: PromiseBasis = PromiseBasis.CALENDAR) -> CarrierQuote:
    made = offer("post", 500, june(1, 12), mode=DeliveryMode.PARCEL)
    return replace(made, transit=transit, promise=replace(made.promise, basis=basis))


THREE_TO_FIVE = Transit(DaySpan(3, 5), MONDAY_TO_SATURDAY)


def test_the_worked_example_of_google_holds_on_the_way_that_production_goes() -> None:
    # Ordered on Wednesday the 10th at 16:00, after the cut-off: day zero is Thursday, packed on Thursday or
    # Friday, three transit days from Thursday are Monday the 15th, five from Friday are Thursday the 18th:
    # the 6th to the 9th calendar day, if the 10th is the first.
    assert days_of(parcel(THREE_TO_FIVE), june(10, 16), GOOGLE) == (date(2026, 6, 15), date(2026, 6, 18))


@pytest.mark.parametrize(
    ("ordered_at", "start", "end"),
    [
        # Clocks go forward on Sunday, 8 March 2026: Friday evening is Monday's, 8:00 is 12:00 UTC then.
        (datetime(2026, 3, 6, 21, tzinfo=UTC), (2026, 3, 12, 12), (2026, 3, 17, 0)),
        # They go back on Sunday, 1 November 2026: 8:00 is 13:00 UTC, and 20:00 is 1:00 on the next day.
        # Tuesday the 3rd is Election Day in New York, when nothing moves: a day later at both ends.
        (datetime(2026, 10, 30, 20, tzinfo=UTC), (2026, 11, 6, 13), (2026, 11, 11, 1)),
    ],
)
def test_days_are_counted_by_the_clock_on_the_wall_where_clocks_are_changed(
    ordered_at: datetime, start: tuple[int, int, int, int], end: tuple[int, int, int, int]
) -> None:
    # Both are Friday after the cut-off: packed on Monday or Tuesday, three transit days from Monday are
    # Thursday, five from Tuesday Monday.
    window = _promised(parcel(THREE_TO_FIVE), ordered_at, GOOGLE).promise.window
    assert (window.start, window.end) == (datetime(*start, tzinfo=UTC), datetime(*end, tzinfo=UTC))


def test_a_question_that_is_put_again_later_counts_the_handling_that_is_left() -> None:
    # On Friday at noon it may be packed already, and is by evening: both ends begin on Friday.
    days = days_of(parcel(THREE_TO_FIVE), june(10, 16), GOOGLE, now=june(12, 12))
    assert days == (date(2026, 6, 16), date(2026, 6, 18))


def test_what_is_packed_after_the_carrier_has_come_leaves_on_the_next_day() -> None:
    one_day = Transit(DaySpan(1, 1), WEEKDAYS)
    assert days_of(parcel(one_day), june(10, 16, 59), HandlingRules())[0] == date(2026, 6, 11)
    assert days_of(parcel(one_day), june(10, 17), HandlingRules())[0] == date(2026, 6, 12)


def test_holidays_of_both_ends_are_days_on_which_nothing_moves() -> None:
    # Friday the 19th of June is a holiday in the United States, the 24th of June one in Quebec alone.
    one_day = Transit(DaySpan(1, 1), WEEKDAYS)
    assert days_of(parcel(one_day), june(18, 12), HandlingRules())[0] == date(2026, 6, 22)
    quebec = Address("CA", province="QC", city="Ville")
    assert days_of(parcel(one_day), june(23, 12), HandlingRules(), dropoff=quebec)[0] == date(2026, 6, 25)
    ontario = replace(quebec, province="ON")
    assert days_of(parcel(one_day), june(23, 12), HandlingRules(), dropoff=ontario)[0] == date(2026, 6, 24)


def test_a_window_is_told_by_the_clocks_of_the_door() -> None:
    coast = replace(DOOR, province="CA")
    promise = _promised(parcel(THREE_TO_FIVE), june(10, 12), GOOGLE, dropoff=coast).promise
    assert promise.time_zone == "America/Los_Angeles"
    assert promise.window.start == june(13, 8, zone="America/Los_Angeles")


@pytest.mark.parametrize(
    "made",
    [
        parcel(None),
        parcel(THREE_TO_FIVE, PromiseBasis.CARRIER_COMMITMENT),
        parcel(THREE_TO_FIVE, PromiseBasis.SLOT),
        replace(parcel(THREE_TO_FIVE), mode=DeliveryMode.COURIER),
    ],
    ids=["a day of its own", "a commitment", "a slot", "a courier"],
)
def test_a_carriers_own_promise_stays(made: CarrierQuote) -> None:
    assert _promised(made, june(10, 12), GOOGLE) is made


def test_what_is_not_known_for_certain_is_marked() -> None:
    silent = parcel(None, PromiseBasis.APPROXIMATE)
    promise = _promised(silent, june(10, 12), HandlingRules()).promise
    assert promise.basis is PromiseBasis.APPROXIMATE
    # Five working days after Wednesday.
    assert promise.window.start == june(17, 8)
    table = replace(parcel(THREE_TO_FIVE), price_basis=PriceBasis.FALLBACK)
    assert _promised(table, june(10, 12), GOOGLE).promise.basis is PromiseBasis.APPROXIMATE
    assert _promised(parcel(THREE_TO_FIVE), june(10, 12), GOOGLE).promise.basis is PromiseBasis.CALENDAR


def test_without_rules_goods_are_ready_at_once_at_any_hour() -> None:
    for at in (june(10, 3), june(13, 12), june(14, 23, 59)):
        assert when(at, HandlingRules()).ready_at == at


def test_goods_are_ready_when_they_are_packed_for_certain() -> None:
    rules = replace(GOOGLE, days=DaySpan(0, 0))
    assert when(june(10, 14, 59), rules).ready_at == june(10, 14, 59)
    # After the cut-off it is the next morning, and on Friday that is Monday's.
    assert when(june(10, 15), rules).ready_at == june(11, 9)
    assert when(june(12, 15), rules).ready_at == june(15, 9)
    assert when(june(10, 14), GOOGLE).ready_at == june(11, 9)
    # Asked again: on Monday night the shop is closed, at ten it is not.
    assert when(june(12, 15), rules, now=june(15, 4)).ready_at == june(15, 9)
    assert when(june(12, 15), rules, now=june(15, 10)).ready_at == june(15, 10)
    # Packed on Friday, asked for on Saturday, when nobody is there.
    assert when(june(12, 10), rules, now=june(13, 10)).ready_at == june(15, 9)
    closed = replace(rules, closed=frozenset({date(2026, 6, 11)}))
    assert when(june(10, 15), closed).ready_at == june(12, 9)


def test_a_store_may_want_it_to_be_sent_later() -> None:
    later = when(june(10, 10), HandlingRules(), not_before=june(16, 11))
    assert (later.earliest, later.ready_at) == (date(2026, 6, 16), june(16, 11))


def test_public_holidays_close_the_shop_only_where_the_merchant_keeps_them() -> None:
    promiser = Promiser(None, known_holidays)
    for keeps, ready_at in ((False, june(19, 10)), (True, june(20, 9))):
        rules = HandlingRules(keeps_holidays=keeps)
        handling = promiser.handling(june(19, 10), june(19, 10), rules, SHOP, NEW_YORK)
        assert handling.ready_at == ready_at


def test_rules_that_leave_no_working_day_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 90 days"):
        HandlingRules(closed=frozenset(date.fromordinal(day) for day in range(739_000, 739_091)))
    with pytest.raises(ValueError, match="weekdays"):
        HandlingRules(weekdays=frozenset())


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        (Address("US", province="TX"), "America/Chicago"),
        (Address("US"), NEW_YORK),
        (Address("US", location=LatLng(34.05, -118.25)), "America/Los_Angeles"),
        (Address("BR"), "America/Sao_Paulo"),
        (Address("DE"), "Europe/Berlin"),
        (Address("ES", location=LatLng(28.1, -15.4)), "Atlantic/Canary"),
        (Address("ZZ"), NEW_YORK),
        (Address(""), NEW_YORK),
    ],
)
def test_a_doors_time_zone_follows_from_what_is_known_of_it(address: Address, zone: str) -> None:
    assert zone_of(address, NEW_YORK) == zone
