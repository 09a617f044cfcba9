"""What the panel on an order's page says, and whom a signature convinces."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from doorstep.address import Address
from doorstep.delivery import Delivery, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.money import Money
from doorstep.order import (
    FulfillmentLine,
    FulfillmentMethod,
    FulfillmentOrder,
    FulfillmentOrderStatus,
    Order,
    OrderLine,
    OrderStatus,
    StorePlatform,
)
from doorstep.quote import DeliveryMode
from doorstep.secret import Secret
from gateway.checkout.woocommerce.panel import Part, panel_of
from gateway.checkout.woocommerce.signed import Signature
from tests.unit.checkout.deliveries import THEN, delivery

UNIT = FulfillmentOrder(
    "14",
    FulfillmentOrderStatus.OPEN,
    FulfillmentMethod.SHIP,
    (FulfillmentLine("1", 1),),
    id="ful_1",
)
ORDER = Order(
    "14",
    "#14",
    StorePlatform.WOOCOMMERCE,
    OrderStatus.OPEN,
    THEN,
    THEN,
    Money(1999, "USD"),
    (OrderLine("1", "Kettle", 1),),
    (UNIT,),
    destination=Address("US"),
)


def booked(status: DeliveryStatus, external_id: str = "ext-1") -> Delivery:
    leg = Leg(
        id="leg_1",
        account_id="acc_1",
        carrier="uber_direct",
        service="standard",
        mode=DeliveryMode.COURIER,
        status=status,
        price=Money(599, "USD"),
        booking_key="k",
        external_id=external_id,
    )
    return replace(delivery(status), legs=(leg,))


def part(live: Delivery | None = None, **changes: Any) -> Part:
    return Part(replace(UNIT, **changes), live, live)


HELD: dict[str, Any] = {"status": FulfillmentOrderStatus.ON_HOLD}


@pytest.mark.parametrize(
    ("parts", "may_book", "why_not"),
    [
        ([part()], True, ""),
        ([part(status=FulfillmentOrderStatus.DISPATCHED)], True, ""),
        ([part(booked(DeliveryStatus.SEARCHING, ""))], True, ""),
        ([part(booked(DeliveryStatus.BOOKED))], False, ""),
        ([part(booked(DeliveryStatus.DELIVERED))], False, ""),
        ([part(booked(DeliveryStatus.BOOKED)), part()], True, ""),
        ([part(**HELD)], False, "It is on hold."),
        ([part(**HELD, hold_reason="not paid")], False, "It is on hold: not paid."),
        ([part(**HELD), part(**HELD)], False, "It is on hold."),
        ([part(status=FulfillmentOrderStatus.CANCELLED)], False, "The order is cancelled."),
        ([part(method=FulfillmentMethod.PICKUP)], False, "The shopper collects it at the shop."),
        ([part(lines=())], False, "There is nothing to carry."),
        ([], False, "There is nothing to carry."),
    ],
)
def test_the_button_stands_where_booking_would_go_and_else_a_reason(
    parts: list[Part], may_book: bool, why_not: str
) -> None:
    panel = panel_of(ORDER, parts)
    assert (panel["can_book"], panel["why_not"]) == (may_book, why_not)


def test_an_order_without_an_address_says_so() -> None:
    for order in (replace(ORDER, destination=None), replace(ORDER, needs_personal_data=True)):
        assert panel_of(order, [part()])["why_not"] == "The order has no address."


@pytest.mark.parametrize("status", list(DeliveryStatus))
def test_every_status_has_words(status: DeliveryStatus) -> None:
    panel: dict[str, Any] = panel_of(ORDER, [part(booked(status))])
    (shown,) = panel["deliveries"]
    assert shown["status"] == status
    assert shown["status_text"]


NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
SECRETS = (Secret("kept"), Secret("offered"))


def signed(secret: str, at_s: float, body: bytes = b"{}") -> Signature:
    stamp = str(int(NOW.timestamp() + at_s))
    made = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).digest()
    return Signature(stamp, base64.b64encode(made).decode())


def test_either_secret_signs_within_five_minutes_of_our_clock() -> None:
    good = [signed(secret, at_s) for secret in ("kept", "offered") for at_s in (-300, 0, 300)]
    bad = [
        signed("kept", -301),
        signed("kept", 301),
        signed("guess", 0),
        signed("kept", 0, b"[]"),
        replace(signed("kept", 0), signature="é"),
        replace(signed("kept", 0), timestamp=""),
        replace(signed("kept", 0), timestamp="٣"),
        replace(signed("kept", 0), timestamp="9" * 4000),
    ]
    assert [one.is_good(SECRETS, b"{}", NOW) for one in good] == [True] * 6
    assert [one.is_good(SECRETS, b"{}", NOW) for one in bad] == [False] * 8
    assert not signed("kept", 0).is_good((), b"{}", NOW)
