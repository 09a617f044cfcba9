"""What shoppers and dispatchers are shown, as pure rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.delivery_status import DeliveryStage, DeliveryStatus
from doorstep.driver import DriverStatus
from doorstep.eta import Eta, EtaBasis
from doorstep.position import Position
from doorstep.route import RouteStatus, StopStatus
from doorstep.visibility import VisibilityRules
from gateway.api import fleet_view, shopper_view
from gateway.api.types.enums import PositionHidden
from tests.unit.api import world as w

FIX = Position(w.PLACE.location or pytest.fail("the depot is on the map"), w.NOW)
OLD = replace(FIX, recorded_at=w.NOW - timedelta(minutes=6))
VAN = replace(w.DELIVERY, driver_id=w.DRIVER.id)


def _eta(stops_before: int | None) -> Eta:
    return Eta(w.NOW, w.TODAY, 0.9, EtaBasis.ROAD, w.NOW, stops_before)


@pytest.mark.parametrize(
    ("delivery", "fix", "hidden"),
    [
        (w.DELIVERY, FIX, None),
        (w.DELIVERY, None, PositionHidden.NOT_SHARED),
        (w.DELIVERY, OLD, PositionHidden.SILENT),
        (replace(w.DELIVERY, status=DeliveryStatus.DELIVERED), FIX, PositionHidden.FINISHED),
        (replace(w.DELIVERY, status=DeliveryStatus.CANCELLED), FIX, PositionHidden.FINISHED),
        (replace(w.DELIVERY, status=DeliveryStatus.TO_PICKUP), FIX, PositionHidden.NOT_STARTED),
        # A van is shown from three stops before on; where the number is not known, it is not.
        (replace(VAN, eta=_eta(3)), FIX, None),
        (replace(VAN, eta=_eta(4)), FIX, PositionHidden.TOO_MANY_STOPS_BEFORE),
        (replace(VAN, eta=_eta(None)), FIX, PositionHidden.TOO_MANY_STOPS_BEFORE),
        (replace(VAN, eta=None), FIX, PositionHidden.TOO_MANY_STOPS_BEFORE),
    ],
)
def test_a_place_is_shown_only_where_it_tells_of_nobody_else(
    delivery: object, fix: Position | None, hidden: PositionHidden | None
) -> None:
    assert shopper_view.position_hidden(delivery, fix, VisibilityRules(), w.NOW) is hidden  # type: ignore[arg-type]  # a Delivery, from the table


def test_the_timeline_of_a_usual_delivery_has_four_steps_and_ends_with_what_is_to_come() -> None:
    rows = shopper_view.timeline(w.DELIVERY, [w.EVENT])
    assert [(row.stage, row.is_done) for row in rows] == [
        (DeliveryStage.PREPARING, True),
        (DeliveryStage.ON_THE_WAY, True),
        (DeliveryStage.NEARBY, False),
        (DeliveryStage.DELIVERED, False),
    ]
    assert rows[1].at == w.EVENT.occurred_at


def test_the_timeline_of_a_failed_delivery_promises_nothing_more() -> None:
    failed = replace(w.DELIVERY, status=DeliveryStatus.FAILED)
    rows = shopper_view.timeline(failed, [w.EVENT])
    assert [row.stage for row in rows][-1] is DeliveryStage.NOT_DELIVERED
    assert DeliveryStage.DELIVERED not in {row.stage for row in rows}


@pytest.mark.parametrize("status", list(DeliveryStatus))
def test_every_status_has_a_headline_and_a_timeline(status: DeliveryStatus) -> None:
    delivery = replace(w.DELIVERY, status=status)
    assert shopper_view.headline(delivery)
    rows = shopper_view.timeline(delivery, [])
    assert rows[0].stage is DeliveryStage.PREPARING
    assert delivery.stage in {row.stage for row in rows}


STARTED, PUBLISHED = RouteStatus.STARTED, RouteStatus.PUBLISHED
EN_ROUTE, ARRIVED = StopStatus.EN_ROUTE, StopStatus.ARRIVED


@pytest.mark.parametrize(
    ("route", "stop", "seen_s", "expected"),
    [
        (STARTED, EN_ROUTE, 0, DriverStatus.DRIVING),
        (STARTED, ARRIVED, 0, DriverStatus.AT_STOP),
        (STARTED, EN_ROUTE, 301, DriverStatus.SILENT),
        (PUBLISHED, EN_ROUTE, 0, DriverStatus.AVAILABLE),
        (PUBLISHED, EN_ROUTE, 301, DriverStatus.OFF_DUTY),
    ],
)
def test_what_a_driver_is_doing_follows_from_tour_and_device(
    route: RouteStatus, stop: StopStatus, seen_s: int, expected: DriverStatus
) -> None:
    tour = replace(w.ROUTE, status=route, stops=(replace(w.STOP, status=stop),))
    state = replace(w.STATE, seen_at=w.NOW - timedelta(seconds=seen_s))
    assert fleet_view.driver_status(w.DRIVER, tour, state, w.NOW) is expected


def test_a_driver_who_is_switched_off_is_off_duty_whatever_the_device_says() -> None:
    driver = replace(w.DRIVER, enabled=False)
    assert fleet_view.driver_status(driver, w.ROUTE, w.STATE, w.NOW) is DriverStatus.OFF_DUTY


def test_a_driver_without_tour_and_device_is_off_duty() -> None:
    assert fleet_view.driver_status(w.DRIVER, None, None, w.NOW) is DriverStatus.OFF_DUTY
