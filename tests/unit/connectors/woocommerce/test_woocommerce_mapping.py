from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.stores.woocommerce.mapping import read_order
from doorstep.ids import new_id
from doorstep.money import Money
from doorstep.order import FulfillmentMethod, FulfillmentOrderStatus, Order, OrderStatus, TakenRate
from doorstep.ports import RawOrder
from doorstep.product import Dimensions

PAYLOADS = Path(__file__).parents[3] / "payloads" / "woocommerce"
FETCHED_AT = datetime(2026, 11, 22, 14, tzinfo=UTC)
METRIC = {"weight": "kg", "dimension": "cm"}
LOAF = {
    "id": 13,
    "virtual": False,
    "weight": "0.75",
    "dimensions": {"length": "30", "width": "14", "height": "12"},
}


def payload(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def raw(order: Any, *, refunds: Any = (), products: Any = None, units: Any = None) -> RawOrder:
    body = {"order": order, "refunds": list(refunds), "products": products or {}, "units": units or METRIC}
    return RawOrder(str(order.get("id")), json.dumps(body), FETCHED_AT, FETCHED_AT)


def mapped(name: str, **merged: Any) -> Order:
    return read_order(raw(payload(name), **merged))


def test_a_blocks_checkout_becomes_one_fulfillment_order_to_the_shipping_address() -> None:
    order = mapped("order-blocks-checkout", products={"13": LOAF})
    assert (order.external_id, order.number, order.raw_status) == ("333", "333", "processing")
    assert order.status is OrderStatus.OPEN
    assert order.total == Money(2232, "USD")
    assert order.shipping_paid == Money(817, "USD")  # 7.50 and its tax of 0.67
    assert order.placed_at == datetime(2026, 11, 22, 13, 42, 29, tzinfo=UTC)
    assert order.updated_at == datetime(2026, 11, 22, 13, 42, 37, tzinfo=UTC)
    (unit,) = order.fulfillment_orders
    assert (unit.external_id, unit.method, unit.service_code) == (
        "333",
        FulfillmentMethod.SHIP,
        "flat_rate:1",
    )
    assert unit.is_dispatchable
    assert unit.parcels == ()  # WooCommerce packs nothing
    assert order.destination is not None
    assert order.destination.one_line == "350 5th Ave, New York, NY 10118, US"
    assert order.destination.instructions == "Ring bell 3"


def test_what_the_shopper_wrote_for_the_driver_is_told_before_the_note() -> None:
    document = payload("order-classic-checkout")
    document["meta_data"] = [
        {"id": 1, "key": "_doorstep_instructions", "value": "Gate code 4471"},
        {"id": 2, "key": "_doorstep_safe_place", "value": "behind the shed"},
    ]
    order = read_order(raw(document))
    assert order.destination is not None
    assert order.destination.instructions == "Gate code 4471\nIf nobody opens: behind the shed\nclassic note"
    document["meta_data"] = [
        {"id": 1, "key": "_doorstep_instructions", "value": "classic note"},
        {"id": 2, "key": "_doorstep_safe_place", "value": ["spoiled"]},
    ]
    order = read_order(raw(document))
    assert order.destination is not None
    assert order.destination.instructions == "classic note"


def test_the_phone_of_the_billing_address_serves_where_shipping_has_none() -> None:
    destination = mapped("order-blocks-checkout").destination
    assert destination is not None
    assert (destination.phone, destination.phone_raw) == ("+12125550100", "2125550100")
    assert destination.email == "ana@example.test"


def test_a_piece_keeps_its_weight_and_sides() -> None:
    (line,) = mapped("order-classic-checkout", products={"13": LOAF}).lines
    assert (line.weight_g, line.dimensions) == (750, Dimensions(300, 140, 120))


def test_weights_in_pounds_and_sides_in_inches_are_rounded_up() -> None:
    product = LOAF | {"weight": "1", "dimensions": {"length": "1", "width": "2", "height": "3"}}
    units = {"weight": "lbs", "dimension": "in"}
    order = mapped("order-classic-checkout", products={"13": product}, units=units)
    assert order.lines[0].weight_g == 454  # 453.59
    assert order.lines[0].dimensions == Dimensions(26, 51, 77)  # 25.4, 50.8, 76.2


def test_an_unknown_unit_leaves_the_weight_unknown() -> None:
    order = mapped("order-classic-checkout", products={"13": LOAF}, units={"weight": "stone"})
    assert order.lines[0].weight_g is None


def test_without_a_shipping_method_the_billing_address_is_not_taken_for_a_destination() -> None:
    order = mapped("order-no-shipping-address")
    assert order.destination is None
    assert order.fulfillment_orders[0].method is FulfillmentMethod.OTHER


def test_with_a_shipping_method_and_no_shipping_address_it_goes_to_the_billing_address() -> None:
    document = payload("order-no-shipping-address")
    document |= {"status": "processing", "shipping_lines": [{"method_id": "flat_rate", "meta_data": []}]}
    order = read_order(raw(document))
    assert order.destination is not None
    assert order.destination.line2 == "Apt 12B"
    assert order.fulfillment_orders[0].is_dispatchable


@pytest.mark.parametrize("method", ["local_pickup", "pickup_location"])
def test_pickup_is_not_dispatched_and_needs_no_address(method: str) -> None:
    document = payload("order-no-shipping-address")
    document |= {"status": "processing", "shipping_lines": [{"method_id": method, "meta_data": []}]}
    order = read_order(raw(document))
    assert order.fulfillment_orders[0].method is FulfillmentMethod.PICKUP
    assert order.destination is None
    assert not order.fulfillment_orders[0].is_dispatchable


def test_only_virtual_goods_make_an_order_without_anything_to_ship() -> None:
    virtual = {"virtual": True, "weight": "", "dimensions": {"length": "", "width": "", "height": ""}}
    order = mapped("order-virtual-only", products={"18": virtual, "19": virtual})
    (unit,) = order.fulfillment_orders
    assert (unit.method, unit.lines) == (FulfillmentMethod.NONE, ())
    assert not unit.is_dispatchable
    assert order.destination is not None
    assert order.destination.instructions == "Gate code #4471\nRing twice"


def test_a_partial_refund_reduces_what_is_left_to_ship() -> None:
    order = mapped("order-partial-refund", refunds=payload("order-refunds-list"), products={"13": LOAF})
    loaves, bouquet = order.lines
    assert (loaves.quantity, bouquet.quantity) == (2, 1)  # three loaves, one of them refunded
    assert order.total == Money(8275, "USD")
    assert (loaves.weight_g, bouquet.weight_g) == (750, None)


def test_when_every_piece_is_refunded_nothing_is_dispatched() -> None:
    refund = {"line_items": [_refunded("1181", -3), _refunded("1182", -1)]}
    order = mapped("order-partial-refund", refunds=[refund])
    assert order.fulfillment_orders[0].status is FulfillmentOrderStatus.CANCELLED
    assert not order.fulfillment_orders[0].is_dispatchable


def test_refunding_more_pieces_than_ordered_leaves_none() -> None:
    order = mapped("order-partial-refund", refunds=[{"line_items": [_refunded("1181", -9)]}])
    assert order.lines[0].quantity == 0


def test_a_refund_of_money_alone_takes_no_piece_away() -> None:
    order = mapped("order-partial-refund", refunds=[{"amount": "5.00", "line_items": []}])
    assert [line.quantity for line in order.lines] == [3, 1]


def test_one_and_a_half_of_something_is_one_piece_of_that_weight() -> None:
    document = payload("order-partial-refund")
    document["line_items"][0] |= {"quantity": 1.5, "price": 6.5}
    document["line_items"].pop()
    order = read_order(raw(document, products={"13": LOAF}))
    (line,) = order.lines
    assert (line.quantity, line.weight_g) == (1, 1125)  # 1.5 times 750 g
    assert (line.unit_price, line.title[-6:]) == (Money(975, "USD"), " × 1.5")
    assert line.dimensions is None  # how one and a half lies is not known


@pytest.mark.parametrize(
    ("refunded", "quantity", "weight_g"), [(-0.5, 1, 750), (-0.25, 1, 938), (-1.5, 0, 750), (-2, 0, 750)]
)
def test_what_is_refunded_of_one_and_a_half_leaves_the_rest(
    refunded: float, quantity: int, weight_g: int
) -> None:
    document = payload("order-partial-refund")
    document["line_items"][0]["quantity"] = 1.5
    refund = {"line_items": [_refunded("1181", refunded)]}
    line = read_order(raw(document, refunds=[refund], products={"13": LOAF})).lines[0]
    assert (line.quantity, line.weight_g) == (quantity, weight_g)


def test_a_line_of_a_deleted_product_keeps_its_title_and_ships() -> None:
    (line,) = mapped("order-product-deleted").lines
    assert (line.title, line.sku, line.weight_g, line.requires_shipping) == ("Ephemeral", "", None, True)


def test_tags_and_direction_overrides_go_while_letters_of_all_scripts_and_emoji_stay() -> None:
    document = payload("order-nonlatin-html")
    destination = read_order(raw(document)).destination
    assert destination is not None
    assert (destination.name, destination.city, destination.country) == ("李 小龍", "香港", "HK")
    assert destination.line1 == "Line1, Line2"
    assert destination.line2 == "reversed"
    assert (destination.phone, destination.phone_raw) == (None, "+852 1")
    shipped_to_billing = document | {"shipping": document["billing"] | {"address_1": "Quay 1"}}
    other = read_order(raw(shipped_to_billing)).destination
    assert other is not None
    assert other.name == "Bob 👩‍🍳 O’Neil & Söhne"


@pytest.mark.parametrize(
    ("status", "order_status", "unit_status"),
    [
        ("pending", OrderStatus.ON_HOLD, FulfillmentOrderStatus.ON_HOLD),
        ("on-hold", OrderStatus.ON_HOLD, FulfillmentOrderStatus.ON_HOLD),
        ("failed", OrderStatus.ON_HOLD, FulfillmentOrderStatus.ON_HOLD),
        ("processing", OrderStatus.OPEN, FulfillmentOrderStatus.OPEN),
        ("completed", OrderStatus.DELIVERED, FulfillmentOrderStatus.DELIVERED),
        ("cancelled", OrderStatus.CANCELLED, FulfillmentOrderStatus.CANCELLED),
        ("refunded", OrderStatus.CANCELLED, FulfillmentOrderStatus.CANCELLED),
        ("trash", OrderStatus.CANCELLED, FulfillmentOrderStatus.CANCELLED),
        ("checkout-draft", OrderStatus.OTHER, FulfillmentOrderStatus.OTHER),
        ("awaiting-moonrise", OrderStatus.OTHER, FulfillmentOrderStatus.OTHER),
    ],
)
def test_every_status_has_its_meaning_and_only_processing_is_dispatched(
    status: str, order_status: OrderStatus, unit_status: FulfillmentOrderStatus
) -> None:
    order = read_order(raw(payload("order-blocks-checkout") | {"status": status}))
    (unit,) = order.fulfillment_orders
    assert (order.status, unit.status, order.raw_status) == (order_status, unit_status, status)
    assert unit.is_dispatchable is (status == "processing")


def test_yen_with_decimals_are_rounded_to_whole_yen() -> None:
    document = payload("order-partial-refund") | {"currency": "JPY"}
    order = read_order(raw(document))
    assert order.total == Money(83, "JPY")  # "82.75"
    assert order.lines[0].unit_price == Money(7, "JPY")  # 6.5


def test_a_quotient_as_unit_price_is_rounded_to_cents() -> None:
    document = payload("order-blocks-checkout")
    document["line_items"][0]["price"] = 6.333333333333333
    assert read_order(raw(document)).lines[0].unit_price == Money(633, "USD")


@pytest.mark.parametrize("key", ["_doorstep_option", "doorstep_choice"])
@pytest.mark.parametrize("place", ["shipping_lines", "order"])
def test_the_choice_comes_along_in_the_shipping_line_or_the_order(key: str, place: str) -> None:
    choice = new_id("cho")
    document = payload("order-blocks-checkout")
    holder = document["shipping_lines"][0] if place == "shipping_lines" else document
    holder["meta_data"].append({"id": 1, "key": key, "value": choice})
    assert read_order(raw(document)).choice_reference == choice


@pytest.mark.parametrize(("method", "is_pickup"), [("flat_rate", False), ("local_pickup", True)])
def test_goods_of_a_package_with_another_method_are_told_apart(method: str, is_pickup: bool) -> None:
    document = payload("order-classic-checkout")
    (line,) = document["shipping_lines"]
    item = document["line_items"][0] | {"product_id": 13, "variation_id": 0}
    document["line_items"] = [item, item | {"id": 901, "product_id": 21}]
    ours = {"_doorstep_service": "own_fleet.same_day", "_doorstep_items": "13"}
    document["shipping_lines"] = [
        line | {"meta_data": [{"id": 1, "key": key, "value": value} for key, value in ours.items()]},
        line | {"method_id": method, "meta_data": []},
    ]
    order = read_order(raw(document))
    assert order.more_rates == (TakenRate(method, line_ids=("901",), is_pickup=is_pickup),)


def test_each_shipping_line_of_ours_tells_what_was_taken_and_which_lines_it_brings() -> None:
    document = payload("order-classic-checkout")
    (line,) = document["shipping_lines"]
    item = document["line_items"][0] | {"product_id": 13, "variation_id": 0}
    document["line_items"] = [item, item | {"id": 901, "product_id": 21, "variation_id": 22}]
    metas: list[dict[str, object]] = [
        {
            "_doorstep_service": "own_fleet.same_day",
            "_doorstep_option": "qst_1/quo_1",
            "_doorstep_items": "13",
        },
        {"Items": "another method's"},
        {
            "_doorstep_service": "uber_direct.same_day",
            "_doorstep_slot": "slt_1.2026-11-24",
            "_doorstep_choice": "cho_01jd0000000000000000000000",
            "_doorstep_items": "21/22,99",
            "_doorstep_option": ["what no plugin of ours writes"],
        },
    ]
    document["shipping_lines"] = [
        line | {"meta_data": [{"id": 1, "key": key, "value": value} for key, value in meta.items()]}
        for meta in metas
    ]
    order = read_order(raw(document))
    assert order.taken_rate == TakenRate(
        "own_fleet.same_day", "qst_1/quo_1", line_ids=(order.lines[0].external_id,)
    )
    (other,) = order.more_rates
    assert other == TakenRate(
        "uber_direct.same_day", "", "slt_1.2026-11-24", "cho_01jd0000000000000000000000", ("901",)
    )


@pytest.mark.parametrize("value", ["q_123", "cho_", 7, None, {"cho": 1}, "cho_<script>"])
def test_what_is_no_choice_of_ours_is_left_alone(value: object) -> None:
    document = payload("order-blocks-checkout")
    document["meta_data"].append({"id": 1, "key": "doorstep_choice", "value": value})
    assert read_order(raw(document)).choice_reference == ""


def test_a_variation_is_weighed_as_itself_and_not_as_its_parent() -> None:
    document = payload("order-classic-checkout")
    document["line_items"][0] |= {"product_id": 21, "variation_id": 22}
    order = read_order(raw(document, products={"21": LOAF | {"weight": "9"}, "22": LOAF}))
    assert order.lines[0].weight_g == 750


def test_an_order_without_a_note_of_its_last_change_is_as_old_as_its_making() -> None:
    order = read_order(raw(payload("order-blocks-checkout") | {"date_modified_gmt": None}))
    assert order.updated_at == order.placed_at


def test_lines_name_their_article_and_its_sides() -> None:
    document = payload("order-classic-checkout")
    line = read_order(raw(document, products={"13": LOAF})).lines[0]
    assert (line.product_external_id, line.dimensions) == ("13", Dimensions(300, 140, 120))
    document["line_items"][0] |= {"product_id": 21, "variation_id": 22}
    assert read_order(raw(document)).lines[0].product_external_id == "21/22"
    document["line_items"][0] |= {"product_id": 0, "variation_id": 0, "sku": None}
    assert read_order(raw(document)).lines[0].product_external_id == ""


@pytest.mark.parametrize(
    ("billing", "shipping", "company"),
    [("Müller KG", "Lager", "Müller KG"), ("", "Lager", "Lager"), ("", "", "")],
)
def test_a_company_buys_where_the_invoice_or_the_parcel_goes_to_one(
    billing: str, shipping: str, company: str
) -> None:
    document = payload("order-blocks-checkout")
    document["billing"]["company"], document["shipping"]["company"] = billing, shipping
    assert read_order(raw(document)).company == company


def test_an_order_is_as_fresh_as_the_moment_when_the_store_was_asked() -> None:
    assert read_order(raw(payload("order-blocks-checkout"))).read_at == FETCHED_AT


@pytest.mark.parametrize(
    ("total", "currency", "minor"),
    [("12", "USD", 1200), ("12.345", "KWD", 12_345), ("12.3", "KWD", 12_300), ("12.345", "USD", 1235)],
)
def test_totals_come_with_the_decimals_that_the_store_is_set_to(
    total: str, currency: str, minor: int
) -> None:
    document = payload("order-blocks-checkout") | {"total": total, "currency": currency}
    assert read_order(raw(document)).total == Money(minor, currency)


def _refunded(line_id: str, quantity: float) -> dict[str, Any]:
    return {"quantity": quantity, "meta_data": [{"key": "_refunded_item_id", "value": line_id}]}
