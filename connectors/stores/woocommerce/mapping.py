"""WooCommerce REST v3 orders -> `Order`, from bodies captured on WooCommerce 10.5 on 2026-11-22.

Pure. The body is what `OrderReader` merges: {"order", "refunds", "products", "units"}.
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.stores.woocommerce.fields import Node
from connectors.stores.woocommerce.goods import lines_of
from connectors.stores.woocommerce.memory import MEMORY_KEY, ON_HOLD, Memory
from connectors.stores.woocommerce.people import PICKUP_METHODS, company_of, destination_of, shipping_methods
from doorstep.ids import prefix_of
from doorstep.money import InvalidAmount, Money, UnknownCurrency, exponent_of
from doorstep.order import (
    FulfillmentLine,
    FulfillmentMethod,
    FulfillmentOrder,
    FulfillmentOrderStatus,
    Order,
    OrderLine,
    OrderStatus,
    StorePlatform,
    TakenRate,
)
from doorstep.ports import RawOrder

DRAFT_STATUSES = frozenset({"checkout-draft", "auto-draft", "draft", "new"})
"""A Blocks checkout that nobody has finished: in the list and in webhooks, but no order yet (measured)."""

_STATUSES = {
    "pending": (OrderStatus.ON_HOLD, FulfillmentOrderStatus.ON_HOLD),
    "on-hold": (OrderStatus.ON_HOLD, FulfillmentOrderStatus.ON_HOLD),
    "failed": (OrderStatus.ON_HOLD, FulfillmentOrderStatus.ON_HOLD),
    "processing": (OrderStatus.OPEN, FulfillmentOrderStatus.OPEN),
    # WooCommerce has no word for delivered; merchants say "completed" when nothing is left to do.
    "completed": (OrderStatus.DELIVERED, FulfillmentOrderStatus.DELIVERED),
    "cancelled": (OrderStatus.CANCELLED, FulfillmentOrderStatus.CANCELLED),
    "refunded": (OrderStatus.CANCELLED, FulfillmentOrderStatus.CANCELLED),
    "trash": (OrderStatus.CANCELLED, FulfillmentOrderStatus.CANCELLED),
}
_HOLD_REASONS = {
    "pending": "not paid yet",
    "on-hold": "put on hold in the store",
    "failed": "the payment failed",
}
_RATE_OPTION, _RATE_CODE, _RATE_SLOT = "_doorstep_option", "_doorstep_service", "_doorstep_slot"
_RATE_ITEMS = "_doorstep_items"
"""What our plugin leaves in the shipping line of the rate that was taken; the last are the articles of the
package that it is for, as `article_id` writes them, "13,21/22"."""

_CHOICE_KEYS = frozenset({"_doorstep_option", "doorstep_option", "_doorstep_choice", "doorstep_choice"})


def read_order(raw: RawOrder) -> Order:
    """Map one merged order.

    Raises
    ------
    UnreadablePayload
        If a field is missing or wrong; `path` names it as WooCommerce does.
    """
    body = Node.of_json(raw.body)
    order = body["order"].under()
    external_id = order["id"].identifier()
    raw_status = order["status"].text()
    status = _status_without_us(order, raw_status)
    currency = _currency(order)
    lines = lines_of(order, body["refunds"], body["products"], body["units"], currency)
    rates = _taken_rates(order, lines)
    placed_at = order["date_created_gmt"].instant() or order["date_modified_gmt"].instant()
    if placed_at is None:
        raise order["date_created_gmt"].unreadable("a time was expected")
    return Order(
        external_id=external_id,
        number=order["number"].text() or external_id,
        platform=StorePlatform.WOOCOMMERCE,
        status=_STATUSES.get(status, (OrderStatus.OTHER, None))[0],
        placed_at=placed_at,
        updated_at=order["date_modified_gmt"].instant() or placed_at,
        total=_money(order["total"], currency),
        lines=lines,
        fulfillment_orders=(_fulfillment_order(order, lines, status),),
        destination=destination_of(order),
        shipping_paid=_shipping_paid(order, currency),
        choice_reference=_choice(order),
        taken_rate=rates[0] if rates else None,
        more_rates=rates[1:],
        raw_status=raw_status,
        company=company_of(order),
        read_at=raw.asked_at,
    )


def _fulfillment_order(order: Node, lines: tuple[OrderLine, ...], status: str) -> FulfillmentOrder:
    return FulfillmentOrder(
        external_id=order["id"].identifier(),
        status=_fulfillment_status(status, lines),
        method=_method(order, lines),
        lines=tuple(
            FulfillmentLine(line.external_id, line.quantity) for line in lines if line.requires_shipping
        ),
        service_code=_service_code(order),
        hold_reason=_HOLD_REASONS.get(status, ""),
    )


def _status_without_us(order: Node, status: str) -> str:
    """The status that the order would have if it had not been us who put it on hold.

    Our own hold waits for what we know already; read back as the merchant's, it would keep us from ending it.
    """
    if status != ON_HOLD:
        return status
    ours = [meta["value"].value for meta in order["meta_data"] if meta["key"].value == MEMORY_KEY]
    return next((held for value in ours if (held := Memory.of_meta(value).held_from)), status)


def _currency(order: Node) -> str:
    currency = order["currency"].text()
    try:
        exponent_of(currency)
    except UnknownCurrency:
        raise order["currency"].unreadable("an ISO 4217 currency was expected") from None
    return currency


def _money(field: Node, currency: str) -> Money:
    # Rounding: a yen shop may show two decimals ("82.75", measured on 8.9).
    try:
        return Money.parse_rounding(field.raw_text(), currency)
    except InvalidAmount:
        raise field.unreadable("an amount such as 12.99 was expected") from None


def _shipping_paid(order: Node, currency: str) -> Money | None:
    fields = [order["shipping_total"], order["shipping_tax"]]
    amounts = [_money(field, currency) for field in fields if field.raw_text()]
    return sum(amounts[1:], amounts[0]) if amounts else None


def _fulfillment_status(status: str, lines: tuple[OrderLine, ...]) -> FulfillmentOrderStatus:
    known = _STATUSES.get(status)
    if known is None:
        return FulfillmentOrderStatus.OTHER
    shipped = [line for line in lines if line.requires_shipping]
    if shipped and not any(line.quantity for line in shipped):
        return FulfillmentOrderStatus.CANCELLED  # every piece of it was refunded
    return known[1]


def _method(order: Node, lines: tuple[OrderLine, ...]) -> FulfillmentMethod:
    if not any(line.requires_shipping for line in lines):
        return FulfillmentMethod.NONE
    methods = shipping_methods(order)
    if any(method not in PICKUP_METHODS for method in methods):
        return FulfillmentMethod.SHIP
    if methods:
        return FulfillmentMethod.PICKUP
    # Orders typed in by hand or by another program have no shipping method; with an address for shipping
    # they are meant to be shipped, without one WooCommerce itself shows nothing to ship to.
    return FulfillmentMethod.SHIP if destination_of(order) is not None else FulfillmentMethod.OTHER


def _service_code(order: Node) -> str:
    for line in order["shipping_lines"]:
        method, instance = line["method_id"].text(), line["instance_id"].text()
        if method not in PICKUP_METHODS:
            return f"{method}:{instance}" if instance else method
    return ""


def _choice(order: Node) -> str:
    """The `cho_…` that our checkout left in a shipping line's meta, or a plugin in the order's."""
    return next((found for holder in [*order["shipping_lines"], order] if (found := _choice_in(holder))), "")


def _choice_in(holder: Node) -> str:
    for meta in holder["meta_data"]:
        value = meta["value"].value
        if meta["key"].value in _CHOICE_KEYS and isinstance(value, str) and prefix_of(value) == "cho":
            return value
    return ""


def _taken_rates(order: Node, lines: tuple[OrderLine, ...]) -> tuple[TakenRate, ...]:
    """The rates of our plugin that were taken, one for each package, and one for what goes otherwise."""
    found: list[TakenRate] = []
    others: list[str] = []
    for line in order["shipping_lines"]:
        texts = {one["key"].value: one["value"].value for one in line["meta_data"]}
        meta = {key: value for key, value in texts.items() if isinstance(value, str)}
        if not meta.get(_RATE_CODE):
            others.append(line["method_id"].text())
            continue
        found.append(
            TakenRate(
                meta[_RATE_CODE],
                meta.get(_RATE_OPTION, ""),
                meta.get(_RATE_SLOT, ""),
                _choice_in(line),
                _lines_with(meta.get(_RATE_ITEMS, ""), lines),
            )
        )
    return (*found, *_otherwise(found, others, lines))


def _otherwise(
    ours: Sequence[TakenRate], methods: Sequence[str], lines: tuple[OrderLine, ...]
) -> tuple[TakenRate, ...]:
    """What comes with packages that went with other methods than ours, where our lines name their goods."""
    if not ours or not methods or not all(rate.line_ids for rate in ours):
        return ()
    named = {line_id for rate in ours for line_id in rate.line_ids}
    rest = [line.external_id for line in lines if line.requires_shipping and line.external_id not in named]
    is_pickup = all(method in PICKUP_METHODS for method in methods)
    return (TakenRate(methods[0], line_ids=tuple(rest), is_pickup=is_pickup),) if rest else ()


def _lines_with(articles: str, lines: tuple[OrderLine, ...]) -> tuple[str, ...]:
    """Lines that bring one of these articles; in two packages it tells neither from the other."""
    wanted = {article for article in articles.split(",") if article}
    return tuple(line.external_id for line in lines if line.product_external_id in wanted)
