"""What a store should show is composed from what we know; nothing personal goes with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from doorstep.address import Address
from doorstep.delivery import Delivery, DeliveryEvent, EventSource, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.eta import Eta, EtaBasis
from doorstep.incident import Incident, IncidentKind, IncidentStatus, Severity
from doorstep.money import Money
from doorstep.order import (
    FulfillmentLine,
    FulfillmentMethod,
    FulfillmentOrder,
    FulfillmentOrderStatus,
    Order,
    OrderStatus,
    ShippedWhen,
    Store,
    StorePlatform,
)
from doorstep.quote import DeliveryMode
from doorstep.report import HoldReason
from doorstep.window import Window
from gateway.flow.telling.report import Standing, compose, digest_of, is_shipped, says_anything

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOME = Address("US", name="Q. Canary", line1="9 Canary Row", phone="+12125550199")
STORE = Store("sto", "mer", StorePlatform.SHOPIFY, "shop", "https://shop.example", "shop", "loc")
UNIT = FulfillmentOrder(
    "fo-1",
    FulfillmentOrderStatus.DISPATCHED,
    FulfillmentMethod.SHIP,
    (FulfillmentLine("line-1", 2),),
    location_external_id="place-1",
)
ORDER = Order(
    "order-1",
    "#1",
    StorePlatform.SHOPIFY,
    OrderStatus.OPEN,
    NOON,
    NOON,
    Money(100, "USD"),
    (),
    (UNIT,),
    destination=HOME,
)
LEG = Leg(
    "leg",
    "acc",
    "cheap",
    "standard",
    DeliveryMode.COURIER,
    DeliveryStatus.BOOKED,
    Money(500, "USD"),
    "key",
    external_id="b-1",
    tracking_number="T1",
)
DELIVERY = Delivery(
    "del", "mer", "ord", "ful", "1-ABCD", DeliveryStatus.BOOKED, "loc", HOME, (), NOON, NOON, legs=(LEG,)
)


def _event(number: int, status: DeliveryStatus, text: str = "Q. Canary opened the door") -> DeliveryEvent:
    at = NOON + timedelta(minutes=number)
    source = EventSource.CARRIER
    return DeliveryEvent(f"evt_{number}", "mer", "del", "leg", status, at, at, source, str(number), text)


def _incident(kind: IncidentKind) -> Incident:
    return Incident(
        id="exc",
        merchant_id="mer",
        kind=kind,
        severity=Severity.HIGH,
        status=IncidentStatus.OPEN,
        raised_at=NOON,
        due_at=NOON,
        title="9 Canary Row",
        evidence="9 Canary Row",
    )


def _standing(delivery: Delivery | None = DELIVERY, **more: object) -> Standing:
    return replace(Standing(STORE, ORDER, UNIT, delivery, carrier="Cheap Couriers"), **more)  # type: ignore[arg-type]


def test_nothing_is_said_of_an_order_that_nobody_carries_yet() -> None:
    assert not says_anything(compose(_standing(None)))


def test_it_names_everybody_by_the_store_s_own_ids() -> None:
    report = compose(_standing())
    assert (report.order_external_id, report.unit_external_id, report.location_external_id) == (
        "order-1",
        "fo-1",
        "place-1",
    )
    assert (report.carrier, report.tracking_number) == ("Cheap Couriers", "T1")
    assert report.lines == (FulfillmentLine("line-1", 2),)


def test_no_word_of_a_carrier_or_a_person_goes_to_the_store() -> None:
    events = (_event(1, DeliveryStatus.BOOKED), _event(2, DeliveryStatus.DELIVERED))
    incidents = (_incident(IncidentKind.ADDRESS_PROBLEM),)
    for delivery in (DELIVERY, None):
        assert "Canary" not in repr(compose(_standing(delivery, events=events, incidents=incidents)))


def test_steps_come_in_time_and_repeats_once() -> None:
    told = (
        _event(5, DeliveryStatus.DELIVERED),
        _event(2, DeliveryStatus.PICKED_UP),
        _event(3, DeliveryStatus.PICKED_UP),
        _event(1, DeliveryStatus.COURIER_ASSIGNED),
    )
    steps = compose(_standing(events=told)).milestones
    assert [(step.id, step.text) for step in steps] == [
        ("evt_2", "Picked up by Cheap Couriers."),
        ("evt_5", "Delivered."),
    ]


@pytest.mark.parametrize(
    ("status", "mode", "when", "sent"),
    [
        (DeliveryStatus.BOOKED, DeliveryMode.COURIER, ShippedWhen.PICKED_UP, False),
        (DeliveryStatus.BOOKED, DeliveryMode.COURIER, ShippedWhen.BOOKED, True),
        (DeliveryStatus.AT_PICKUP, DeliveryMode.COURIER, ShippedWhen.PICKED_UP, False),
        (DeliveryStatus.PICKED_UP, DeliveryMode.COURIER, ShippedWhen.PICKED_UP, True),
        (DeliveryStatus.LABEL_READY, DeliveryMode.PARCEL, ShippedWhen.PICKED_UP, True),
        (DeliveryStatus.LABEL_READY, DeliveryMode.COURIER, ShippedWhen.PICKED_UP, False),
        (DeliveryStatus.DELIVERED, DeliveryMode.OWN_FLEET, ShippedWhen.PICKED_UP, True),
        (DeliveryStatus.UNKNOWN, DeliveryMode.COURIER, ShippedWhen.BOOKED, False),
        (DeliveryStatus.CANCELLED, DeliveryMode.COURIER, ShippedWhen.BOOKED, False),
    ],
)
def test_goods_count_as_sent(
    status: DeliveryStatus, mode: DeliveryMode, when: ShippedWhen, sent: bool
) -> None:
    leg = replace(LEG, mode=mode)
    assert is_shipped(replace(DELIVERY, status=status, legs=(leg,)), leg, when) is sent


def test_what_failed_after_it_was_picked_up_was_sent() -> None:
    leg = replace(LEG, status=DeliveryStatus.FAILED, picked_up_at=NOON)
    failed = replace(DELIVERY, status=DeliveryStatus.FAILED, legs=(leg,))
    assert is_shipped(failed, leg, ShippedWhen.PICKED_UP)


def test_an_order_waits_for_a_person_only_while_nobody_carries_it() -> None:
    incidents = (_incident(IncidentKind.LATE_RISK), _incident(IncidentKind.NO_COURIER))
    assert compose(_standing(incidents=incidents)).hold is None
    hold = compose(_standing(None, incidents=incidents)).hold
    assert hold is not None
    assert hold.reason is HoldReason.NO_CARRIER


def test_when_it_is_expected_asks_for_nothing_by_itself() -> None:
    window = Window(NOON, NOON + timedelta(minutes=10))
    eta = Eta(NOON, window, 0.9, EtaBasis.ROAD, NOON)
    soon = compose(_standing(replace(DELIVERY, eta=eta)))
    late = compose(_standing(replace(DELIVERY, eta=replace(eta, at=NOON + timedelta(hours=1)))))
    assert soon.expected_at != late.expected_at
    assert digest_of(soon) == digest_of(late)
    assert digest_of(soon) != digest_of(replace(soon, tracking_number="T2"))


def test_what_was_carried_outlives_what_the_store_has_left() -> None:
    carried = (FulfillmentLine("line-1", 2),)
    empty = replace(UNIT, lines=(FulfillmentLine("line-1", 0),))
    assert compose(_standing(unit=empty, carried=carried)).lines == carried
