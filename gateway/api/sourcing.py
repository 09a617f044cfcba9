"""Where a fulfillment order could leave from, as far as stores say what lies where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from doorstep.order import FulfillmentOrder, Location, Order, Store
from doorstep.product import Product
from gateway.api.context import Context


async def load_sources(context: Context, unit: FulfillmentOrder) -> Sequence[Location] | None:
    """Places that have all of it; None where the store does not say for some of it."""
    order = await context.loaders.order.load(unit.order_id)
    store = await context.loaders.store.load(order.store_id) if order else None
    if order is None or store is None:
        return None
    needed = _needed(order, unit)
    found = await context.loaders.product.load_many([(store.id, article) for article in needed])
    articles = {product.external_id: product for product in found if product is not None}
    if not needed or any(article not in articles or not articles[article].stock for article in needed):
        return None
    places = await context.loaders.places.load("")
    return [place for place in places if _has_all(_names_of(place, store), needed, articles)]


def _needed(order: Order, unit: FulfillmentOrder) -> Mapping[str, int]:
    """Pieces of each article that is carried; "" stands for articles that the store does not know."""
    lines = {line.external_id: line for line in order.lines}
    pieces: Counter[str] = Counter()
    for part in unit.lines:
        line = lines.get(part.line_external_id)
        if part.quantity > 0 and (line is None or (line.requires_shipping and not line.is_gift_card)):
            pieces[line.product_external_id if line else ""] += part.quantity
    return pieces


def _names_of(place: Location, store: Store) -> Sequence[str]:
    """What the store calls a place; the place of a store that has only one has no name there."""
    return (*place.external_ids, "") if place.id == store.location_id else place.external_ids


def _has_all(names: Sequence[str], needed: Mapping[str, int], articles: Mapping[str, Product]) -> bool:
    for name in names:
        available = {article: articles[article].available_at(name) for article in needed}
        if all(have is None or have >= needed[article] for article, have in available.items()):
            return True
    return False
