"""WooCommerce REST v3 products and variations -> `Product`. Pure."""

from __future__ import annotations

from html import unescape

from connectors.stores.woocommerce.fields import Node
from connectors.stores.woocommerce.goods import dimensions, weight_g
from doorstep.product import Product, StockLevel

FIELDS = (
    "id,name,sku,virtual,weight,dimensions,manage_stock,stock_quantity,stock_status,"
    "shipping_class,tags,categories"
)
"""What an article is read from. Variations have neither tags nor categories: their parents' count."""

PARENT_FIELDS = "id,tags,categories"


def article_of(external_id: str, row: Node, units: Node, parent: Node | None = None) -> Product:
    """One article as packing and stock see it.

    Parameters
    ----------
    external_id
        As orders' lines name it, see `goods.article_id`.
    units
        {"weight", "dimension"} as the store words them.
    parent
        The product that a variation is one of.

    Raises
    ------
    UnreadablePayload
        If a weight, side or quantity is no number.
    """
    sku = row["sku"].text()
    owner = row if parent is None else parent
    shipping_class = row["shipping_class"].value
    classes = (shipping_class,) if isinstance(shipping_class, str) and shipping_class else ()
    return Product(
        external_id=external_id,
        title=row["name"].text() or sku or external_id,
        sku=sku,
        weight_g=weight_g(row, units),
        dimensions=dimensions(row, units),
        requires_shipping=row["virtual"].value is not True,
        stock=(StockLevel("", _available(row)),),
        tags=_names(owner["tags"]),
        categories=(*_names(owner["categories"]), *classes),
    )


def _names(field: Node) -> tuple[str, ...]:
    """Names of tags or categories; what is told in disorder costs no article its weight."""
    listed = field.value if isinstance(field.value, list) else []
    names = (entry.get("name") for entry in listed if isinstance(entry, dict))
    # WordPress keeps names with their markup's characters escaped: "Food &amp; Drink".
    return tuple(unescape(name) for name in names if isinstance(name, str) and name)


def _available(row: Node) -> int | None:
    """Pieces at the store's one place; None where it does not count.

    `manage_stock` is "parent" where a variation takes from its parent's stock; its `stock_quantity` then is
    the parent's (WC_Product_Variation::get_stock_quantity).
    """
    counts = row["manage_stock"].value in (True, "parent")
    if counts and row["stock_quantity"].value is not None:
        return int(row["stock_quantity"].decimal())  # shops that sell by length may have 2.5 left
    return 0 if row["stock_status"].value == "outofstock" else None
