"""When a shopper is told that an order arrives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from doorstep.delivery_status import DeliveryStatus
from doorstep.eta import Eta, EtaBasis
from doorstep.window import Promise, PromiseBasis, Window
from gateway.checkout.shopify.following import eta_of
from tests.unit.checkout.deliveries import THEN, delivery

HOUR = timedelta(hours=1)
COMING = delivery(DeliveryStatus.IN_TRANSIT)


def promised(start: datetime, end: datetime) -> Promise:
    return Promise(Window(start, end), "America/New_York", PromiseBasis.CALENDAR)


def test_what_is_predicted_goes_before_what_was_promised() -> None:
    window = Window(THEN + HOUR, THEN + 2 * HOUR)
    eta = Eta(THEN + HOUR + HOUR / 2, window, 0.9, EtaBasis.ROAD, THEN)
    known = replace(COMING, eta=eta, promise=promised(THEN, THEN + 9 * HOUR))
    assert eta_of(known, THEN) == {
        "at": "2026-11-23T16:30:00Z",
        "from": "2026-11-23T16:00:00Z",
        "to": "2026-11-23T17:00:00Z",
    }


def test_a_promise_stands_in_until_it_cannot_be_kept_any_more() -> None:
    known = replace(COMING, promise=promised(THEN, THEN + 2 * HOUR))
    told = eta_of(known, THEN)
    assert told is not None
    assert (told["from"], told["to"]) == ("2026-11-23T15:00:00Z", "2026-11-23T17:00:00Z")
    assert eta_of(known, THEN + 2 * HOUR) is None
    assert eta_of(COMING, THEN) is None


def test_a_promise_of_days_ends_with_the_last_of_them_where_the_door_is() -> None:
    # Midnight in New York is five in the morning in UTC
    days = promised(datetime(2026, 11, 24, 5, tzinfo=UTC), datetime(2026, 11, 26, 5, tzinfo=UTC))
    told = eta_of(replace(COMING, promise=days), THEN)
    assert told is not None
    assert (told["at"], told["to"]) == ("2026-11-26T04:59:59Z", "2026-11-26T04:59:59Z")


def test_what_is_over_arrives_no_more() -> None:
    done = replace(delivery(DeliveryStatus.DELIVERED), promise=promised(THEN, THEN + HOUR))
    assert eta_of(done, THEN) is None
