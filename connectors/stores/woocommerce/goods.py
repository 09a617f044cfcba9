"""What an order holds: line items, refunds and products -> what is left to ship, weights and sides.

WooCommerce knows no parcels: who carries the goods packs them. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal

from connectors.stores.woocommerce.fields import Node
from doorstep.money import InvalidAmount, Money
from doorstep.order import OrderLine
from doorstep.product import Dimensions

# WooCommerce's units: includes/admin/settings/class-wc-settings-products.php, the avoirdupois ones exact.
_GRAMS: Mapping[str, Decimal] = {
    "kg": Decimal(1000),
    "g": Decimal(1),
    "lbs": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}
_MILLIMETRES: Mapping[str, Decimal] = {
    "m": Decimal(1000),
    "cm": Decimal(10),
    "mm": Decimal(1),
    "in": Decimal("25.4"),
    "yd": Decimal("914.4"),
}
_SIDES = ("length", "width", "height")
_HEAVIEST_G = 1_000_000_000


def lines_of(order: Node, refunds: Node, products: Node, units: Node, currency: str) -> tuple[OrderLine, ...]:
    """Read lines less what was refunded.

    A partial refund changes neither the order's total nor its quantities (measured on 10.5): what is left is
    ordered less refunded, counted by `_refunded_item_id`. Where goods are sold by length or weight, 1.5 of
    something is one piece of one and a half times the weight.

    Raises
    ------
    UnreadablePayload
        If a quantity, price, weight or side is no number or negative.
    """
    refunded = _refunded(refunds)
    lines: list[OrderLine] = []
    for item in order["line_items"]:
        product = _product(item, products)
        external_id = item["id"].identifier()
        left = max(Decimal(0), item["quantity"].amount() - refunded[external_id])
        quantity, portion = _pieces(left)
        title = item["name"].text()
        lines.append(
            OrderLine(
                external_id=external_id,
                title=title if portion == 1 else f"{title} × {portion.normalize():f}",
                quantity=quantity,
                requires_shipping=not (product and product["virtual"].value is True),
                sku=item["sku"].text(),
                unit_price=_unit_price(item["price"], portion, currency),
                weight_g=weight_g(product, units, portion) if product else None,
                dimensions=dimensions(product, units) if product and portion == 1 else None,
                product_external_id=article_id(item),
            )
        )
    return tuple(lines)


def _refunded(refunds: Node) -> defaultdict[str, Decimal]:
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for refund in refunds:
        for item in refund["line_items"]:
            quantity = item["quantity"].amount(may_be_negative=True)
            for meta in item["meta_data"]:
                if meta["key"].value == "_refunded_item_id":
                    found[meta["value"].identifier()] += abs(quantity)
    return found


def _pieces(left: Decimal) -> tuple[int, Decimal]:
    """How many pieces an amount is, and how much of the product each of them is."""
    return (int(left), Decimal(1)) if left == left.to_integral_value() else (1, left)


def article_id(item: Node) -> str:
    """The article of a line, "13", or "21/22" for a variation, which is only found under its parent.

    "" where the product was deleted: the line then has `product_id` 0 (measured on 10.5).
    """
    product, variation = item["product_id"].value, item["variation_id"].value
    if not _is_id(product):
        return ""
    return f"{product}/{variation}" if _is_id(variation) else str(product)


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _product(item: Node, products: Node) -> Node | None:
    """What the catalogue knows of a line; None where the product was deleted."""
    for name in ("variation_id", "product_id"):
        if _is_id(item[name].value) and products.value is not None:
            product = products[str(item[name].value)]
            return product if product.value is not None else None
    return None


def _unit_price(field: Node, portion: Decimal, currency: str) -> Money | None:
    if field.value is None or field.value == "":
        return None
    # A quotient such as 6.333333333333333 in a PHP float; money is compared to the minor unit only.
    try:
        return Money.parse_rounding(f"{field.decimal() * portion:.6f}", currency)
    except InvalidAmount:
        raise field.unreadable("an amount was expected") from None


def weight_g(product: Node, units: Node, portion: Decimal = Decimal(1)) -> int | None:
    """Grams of one piece; None where the store does not say, or weighs in a unit that we do not know."""
    field = product["weight"]
    factor = _GRAMS.get(_unit(units, "weight"))
    if field.raw_text().strip() == "" or factor is None:
        return None
    return _measure(field, factor * portion)


def dimensions(product: Node, units: Node) -> Dimensions | None:
    """Sides of one piece; None where one of them is missing or zero, or the unit is not known."""
    sides = product["dimensions"]
    factor = _MILLIMETRES.get(_unit(units, "dimension"))
    if sides.value is None or factor is None:
        return None
    fields = [sides[name] for name in _SIDES]
    if any(field.raw_text().strip() == "" for field in fields):
        return None
    length, width, height = (_measure(field, factor) for field in fields)
    return Dimensions(length, width, height) if min(length, width, height) > 0 else None


def _unit(units: Node, name: str) -> str:
    return units[name].raw_text() if units.value is not None else ""


def _measure(field: Node, factor: Decimal) -> int:
    number = field.decimal()
    if not 0 <= number <= _HEAVIEST_G:
        raise field.unreadable("a measure of zero or more was expected")
    # Rounded up: a courier's limit must not be passed unseen.
    return int((number * factor).to_integral_value(rounding=ROUND_CEILING))
