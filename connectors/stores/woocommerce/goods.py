"""What an order holds: line items, refunds and products -> what is left to ship, and its weight. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from connectors.stores.woocommerce.fields import Node
from doorstep.money import InvalidAmount, Money
from doorstep.order import OrderLine
from doorstep.parcel import Parcel

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


@dataclass(frozen=True, slots=True)
class Goods:
    """The lines of an order, and the boxes they would fill."""

    lines: tuple[OrderLine, ...]
    parcels: tuple[Parcel, ...]


def goods_of(order: Node, refunds: Node, products: Node, units: Node, currency: str) -> Goods:
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
    sides: list[tuple[int, int, int] | None] = []
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
                weight_g=_weight_g(product, portion, units) if product else None,
            )
        )
        sides.append(_sides_mm(product["dimensions"], units) if product and portion == 1 else None)
    return Goods(tuple(lines), _parcels(lines, sides))


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


def _product(item: Node, products: Node) -> Node | None:
    """What the catalogue knows of a line; None where the product was deleted: it then has `product_id` 0."""
    for name in ("variation_id", "product_id"):
        product_id = item[name].value
        if isinstance(product_id, int) and product_id > 0 and products.value is not None:
            product = products[str(product_id)]
            return product if product.value is not None else None
    return None


def _unit_price(field: Node, portion: Decimal, currency: str) -> Money | None:
    if field.value in {None, ""}:
        return None
    # A quotient such as 6.333333333333333 in a PHP float; money is compared to the minor unit only.
    try:
        return Money.parse_rounding(f"{field.decimal() * portion:.6f}", currency)
    except InvalidAmount:
        raise field.unreadable("an amount was expected") from None


def _weight_g(product: Node, portion: Decimal, units: Node) -> int | None:
    field = product["weight"]
    factor = _GRAMS.get(_unit(units, "weight"))
    if field.raw_text().strip() == "" or factor is None:
        return None
    return _measure(field, factor * portion)


def _sides_mm(dimensions: Node, units: Node) -> tuple[int, int, int] | None:
    factor = _MILLIMETRES.get(_unit(units, "dimension"))
    if dimensions.value is None or factor is None:
        return None
    fields = [dimensions[name] for name in _SIDES]
    if any(field.raw_text().strip() == "" for field in fields):
        return None
    length, width, height = (_measure(field, factor) for field in fields)
    return (length, width, height) if min(length, width, height) > 0 else None


def _unit(units: Node, name: str) -> str:
    return units[name].raw_text() if units.value is not None else ""


def _measure(field: Node, factor: Decimal) -> int:
    number = field.decimal()
    if not 0 <= number <= _HEAVIEST_G:
        raise field.unreadable("a measure of zero or more was expected")
    # Rounded up: a courier's limit must not be passed unseen.
    return int((number * factor).to_integral_value(rounding=ROUND_CEILING))


def _parcels(lines: list[OrderLine], sides: list[tuple[int, int, int] | None]) -> tuple[Parcel, ...]:
    """One box with the weight of all that ships; its sides only where it holds a single piece."""
    shipped = [
        (line, box)
        for line, box in zip(lines, sides, strict=True)
        if line.requires_shipping and line.quantity
    ]
    weights = [line.weight_g * line.quantity for line, _ in shipped if line.weight_g is not None]
    if not shipped or len(weights) < len(shipped):
        return ()
    box = shipped[0][1] if len(shipped) == 1 and shipped[0][0].quantity == 1 else None
    return (Parcel(sum(weights), *box) if box else Parcel(sum(weights)),)
