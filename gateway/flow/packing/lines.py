"""Lines of an order or a cart with what is known of their articles. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from doorstep.order import FulfillmentOrder, Order, OrderLine
from doorstep.product import Dimensions, Product


@dataclass(frozen=True, slots=True)
class LoadLine:
    """So many pieces of one article that are to be carried.

    Attributes
    ----------
    line_id
        The store's, or the cart's; "" where it gave none.
    weight_g, sides
        Of one piece; None where nobody knows.
    words
        Tags and categories, as the store writes them.
    """

    quantity: int
    line_id: str = ""
    title: str = ""
    sku: str = ""
    weight_g: int | None = None
    sides: Dimensions | None = None
    words: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What a merchant knows it by."""
        return self.title or self.sku or self.line_id or "an article"


class CartLine(Protocol):
    """As much of a cart's line as is needed here."""

    @property
    def quantity(self) -> int: ...
    @property
    def line_id(self) -> str: ...
    @property
    def sku(self) -> str: ...
    @property
    def weight_g(self) -> int | None: ...
    @property
    def article_id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def sides(self) -> Dimensions | None: ...
    @property
    def words(self) -> tuple[str, ...]: ...


def lines_of_order(
    order: Order, unit: FulfillmentOrder, products: Mapping[str, Product]
) -> tuple[LoadLine, ...]:
    """What a fulfillment order still has to ship.

    Parameters
    ----------
    products
        By their ids in the store.
    """
    ordered = {line.external_id: line for line in order.lines}
    found: list[LoadLine] = []
    for part in unit.lines:
        if part.quantity < 1:
            continue
        line = ordered.get(part.line_external_id)
        if line is None:
            found.append(LoadLine(part.quantity, part.line_external_id))
        else:
            found.append(_of_order(line, part.quantity, products.get(line.product_external_id)))
    return tuple(found)


def lines_of_cart(
    items: Iterable[CartLine], by_id: Mapping[str, Product], by_sku: Mapping[str, Product]
) -> tuple[LoadLine, ...]:
    """What a cart holds; the SKU is all that many carts tell of an article."""
    return tuple(_of_cart(item, by_id.get(item.article_id) or by_sku.get(item.sku)) for item in items)


def article_ids(order: Order, unit: FulfillmentOrder) -> Sequence[str]:
    """The store's ids of the articles in a fulfillment order."""
    ours = {part.line_external_id for part in unit.lines}
    ids = (line.product_external_id for line in order.lines if line.external_id in ours)
    return sorted({external_id for external_id in ids if external_id})


def _of_order(line: OrderLine, quantity: int, product: Product | None) -> LoadLine:
    weight_g = line.weight_g
    if weight_g is None and product is not None:
        weight_g = product.weight_g
    sides = line.dimensions
    # A line may hold a piece and a half as one: then its weight is not the article's, nor are its sides.
    if sides is None and product is not None and product.weight_g == weight_g:
        sides = product.dimensions
    return LoadLine(quantity, line.external_id, line.title, line.sku, weight_g, sides, _words(product))


def _of_cart(item: CartLine, product: Product | None) -> LoadLine:
    # Pages send 0 where nobody entered a weight.
    weight_g, title, sides = item.weight_g or None, item.title, item.sides
    if product is not None:
        weight_g, title = weight_g or product.weight_g, title or product.title
        sides = sides or product.dimensions
    words = tuple(dict.fromkeys((*item.words, *_words(product))))
    return LoadLine(item.quantity, item.line_id, title, item.sku, weight_g, sides, words)


def _words(product: Product | None) -> tuple[str, ...]:
    return () if product is None else (*product.tags, *product.categories)
