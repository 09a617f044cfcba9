"""What the merchant does by hand in the simulated shop, and the past that it can be given."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from doorstep.money import Money
from simulator.clock import WorldClock
from simulator.postman import Postman
from simulator.stores.shopify import FakeShopify, Refusal
from simulator.stores.shopify.ledger import Notice
from tests.integration.connectors.shopify.conftest import ANA, HOME, TEA, WAREHOUSE


@pytest.fixture
def told(shop: FakeShopify) -> list[Notice]:
    """What the shop told its app."""
    notices: list[Notice] = []
    shop.announce = notices.extend
    return notices


def topics(told: list[Notice]) -> list[str]:
    found = [topic for topic, _ in told]
    told.clear()
    return found


@pytest.fixture
def gid(shop: FakeShopify, clock: WorldClock) -> str:
    """Two tea tins, routed."""
    gid = shop.place_order(ANA, HOME, [TEA])
    clock.advance(5)
    shop.settle(clock.now())
    return gid


def test_fulfillment_orders_appear_when_routing_is_done_and_not_for_what_was_cancelled(
    shop: FakeShopify, clock: WorldClock, told: list[Notice]
) -> None:
    kept, cancelled = (shop.place_order(ANA, HOME, [TEA]) for _ in range(2))
    shop.cancel_order(cancelled)
    assert shop.order(kept).units == []
    topics(told)
    clock.advance(5)
    shop.settle(clock.now())
    assert topics(told) == ["ORDERS_UPDATED", "FULFILLMENT_ORDERS_ORDER_ROUTING_COMPLETE"]
    assert [len(shop.order(one).units) for one in (kept, cancelled)] == [1, 0]


def test_what_is_rescheduled_opens_on_its_day(
    shop: FakeShopify, clock: WorldClock, gid: str, told: list[Notice]
) -> None:
    [unit] = shop.order(gid).units
    shop.reschedule_unit(unit.gid, clock.now() + timedelta(days=1))
    assert unit.status == "SCHEDULED"
    clock.advance(86_399)
    shop.settle(clock.now())
    assert unit.status == "SCHEDULED"
    clock.advance(1)
    shop.settle(clock.now())
    assert unit.status == "OPEN"
    assert topics(told) == [
        "FULFILLMENT_ORDERS_RESCHEDULED",
        "FULFILLMENT_ORDERS_SCHEDULED_FULFILLMENT_ORDER_READY",
    ]


def test_a_cancelled_order_cancels_what_is_left_of_it(
    shop: FakeShopify, gid: str, told: list[Notice]
) -> None:
    shop.hold(gid)
    topics(told)
    shop.cancel_order(gid, "FRAUD")
    [unit] = shop.order(gid).units
    assert (unit.status, unit.remaining, unit.holds) == ("CANCELLED", 0, [])
    assert topics(told) == ["ORDERS_CANCELLED", "ORDERS_UPDATED", "FULFILLMENT_ORDERS_CANCELLED"]


def test_a_full_refund_leaves_nothing_to_ship(shop: FakeShopify, gid: str, told: list[Notice]) -> None:
    shop.refund_money(gid, Money(100, "USD"))
    assert shop.order(gid).financial_status == "PARTIALLY_REFUNDED"
    shop.refund_all(gid)
    order = shop.order(gid)
    assert (order.financial_status, order.units[0].status) == ("REFUNDED", "CANCELLED")
    assert topics(told).count("REFUNDS_CREATE") == 2


def test_a_return_is_opened_and_closed_and_only_of_what_was_shipped(
    shop: FakeShopify, gid: str, told: list[Notice]
) -> None:
    with pytest.raises(ValueError, match="not shipped"):
        shop.start_return(gid, {0: 1})
    shop.ship(gid)
    topics(told)
    record = shop.start_return(gid, {0: 1})
    shop.close_return(record)
    assert [topic for topic in topics(told) if topic.startswith("RETURNS")] == [
        "RETURNS_APPROVE",
        "RETURNS_CLOSE",
    ]


def test_money_that_comes_later_is_told(shop: FakeShopify, told: list[Notice]) -> None:
    gid = shop.place_order(ANA, HOME, [TEA], financial_status="PENDING")
    topics(told)
    shop.set_financial_status(gid, "PAID")
    assert topics(told) == ["ORDERS_PAID", "ORDERS_UPDATED"]


def test_a_pick_up_stands_ready(shop: FakeShopify, clock: WorldClock, told: list[Notice]) -> None:
    gid = shop.place_order(ANA, None, [TEA], method="PICK_UP")
    clock.advance(5)
    shop.settle(clock.now())
    topics(told)
    shop.prepare(shop.order(gid).units[0].gid)
    assert topics(told) == ["FULFILLMENT_ORDERS_LINE_ITEMS_PREPARED_FOR_PICKUP"]


def test_locations_come_change_and_close_and_take_nothing_then(
    shop: FakeShopify, gid: str, told: list[Notice]
) -> None:
    shop.add_place("Attic", WAREHOUSE)
    shop.rename_place(shop.places[0], "Brooklyn Yard")
    [unit] = shop.order(gid).units
    assert unit.place.name == "Brooklyn Yard"
    closed = shop.set_place_active(shop.places[1], False)
    with pytest.raises(Refusal, match="not active"):
        shop.move_unit(unit.gid, closed)
    assert topics(told) == ["LOCATIONS_CREATE", "LOCATIONS_UPDATE", "LOCATIONS_DEACTIVATE"]


def test_a_deleted_order_leaves_nothing_behind(shop: FakeShopify, gid: str, told: list[Notice]) -> None:
    [unit] = shop.order(gid).units
    shop.ship(gid)
    topics(told)
    shop.delete_order(gid)
    assert (shop.orders, shop.fulfillments, shop.unit_of(unit.number)) == ([], {}, None)
    assert topics(told) == ["ORDERS_DELETE"]


def test_lines_are_named_by_index_or_by_gid(shop: FakeShopify, gid: str) -> None:
    order = shop.order(gid)
    [unit] = order.units
    part = shop.split_unit(unit.gid, {order.lines[0].gid: 1})
    assert (part.remaining, unit.remaining) == (1, 1)


def filled(seed: int) -> FakeShopify:
    clock = WorldClock(datetime(2026, 11, 22, tzinfo=UTC), rate=0)
    shop = FakeShopify(
        clock,
        Postman(clock, random.Random(0)),
        random.Random(1),
        places=[("Home", WAREHOUSE), ("Away", WAREHOUSE)],
    )
    shop.fill(500, seed=seed)
    return shop


def test_a_seed_makes_the_same_past_again_with_odd_orders_in_it_and_tells_nobody() -> None:
    one, same, other = filled(1), filled(1), filled(2)
    assert one.books() == same.books()
    assert one.books() != other.books()
    methods = {unit.method for order in one.orders for unit in order.units}
    assert methods == {"SHIPPING", "PICK_UP", "LOCAL", "NONE"}
    assert {len(order.units) for order in one.orders} >= {1, 2}
    assert any(order.company for order in one.orders)
    assert any(order.presentment for order in one.orders)
    assert one.orders == sorted(one.orders, key=lambda order: order.created_at)
    assert one.orders[0].created_at == datetime(2026, 10, 23, tzinfo=UTC)
    assert not one.mailroom.sent
