"""Loading: what is read of an order or a cart to know its goods, and the parcels that it fills."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from doorstep.calendar import HandlingRules
from doorstep.delivery import LegDirection
from doorstep.events import ArticlesWanted
from doorstep.merchant import Merchant
from doorstep.order import Store
from doorstep.packing import Box
from gateway.flow.packing import Load, LoadLine, article_ids, lines_of_cart, lines_of_order
from gateway.flow.packing.lines import CartLine
from gateway.flow.ports import LinkedCarrier, Means, UnitOfWork
from gateway.flow.quoting.handling import Handling
from gateway.flow.quoting.question import Unit

CHECKOUT_WAITS_S = 0.05
"""A checkout goes with an estimate where packing takes longer; the next one finds it packed."""


@dataclass(frozen=True, slots=True)
class Loading:
    """What is to be packed, and into what.

    Attributes
    ----------
    boxes
        () for the usual cartons.
    unknown
        SKUs of a cart that we know nothing of.
    """

    lines: tuple[LoadLine, ...]
    boxes: tuple[Box, ...] = ()
    unknown: tuple[str, ...] = ()


async def loading_of_unit(work: UnitOfWork, unit: Unit) -> Loading:
    """What a fulfillment order still has to ship, with what the store last said of its articles."""
    order, part = unit.order, unit.fulfillment_order
    ids = article_ids(order, part)
    products = await work.products.by_external_ids(order.store_id, ids) if ids else {}
    return Loading(lines_of_order(order, part, products), await _boxes(work))


async def loading_of_cart(work: UnitOfWork, store: Store | None, items: Sequence[CartLine]) -> Loading:
    """What a cart holds, with what is known of its articles in its store."""
    ids = sorted({item.article_id for item in items if item.article_id})
    by_id = await work.products.by_external_ids(store.id, ids) if store is not None and ids else {}
    skus = sorted({item.sku for item in items if item.sku and item.article_id not in by_id})
    by_sku = await work.products.by_skus(store.id, skus) if store is not None and skus else {}
    unknown = tuple(sku for sku in skus if sku not in by_sku)
    return Loading(lines_of_cart(items, by_id, by_sku), await _boxes(work), unknown)


async def want_articles(means: Means, work: UnitOfWork, store: Store | None, loading: Loading) -> None:
    """Have the store asked about what is not known of a cart; the next cart finds it."""
    if store is not None and loading.unknown:
        skus = means.wanted.due(store.id, loading.unknown, means.clock.now())
        if skus:
            await work.emit(ArticlesWanted(store.merchant_id, store.id, skus))


async def packed(
    means: Means,
    merchant: Merchant,
    loading: Loading,
    carriers: Iterable[LinkedCarrier],
    within_s: float | None = None,
) -> Load:
    """The parcels that it fills; by size as the strictest of these carriers bills it."""
    divisors = [one.limits.dimensional_divisor for one in carriers]
    divisor = min((known for known in divisors if known is not None), default=None)
    return await means.table.load(
        loading.lines, merchant.goods, loading.boxes, divisor=divisor, within_s=within_s
    )


async def packed_unit(means: Means, unit: Unit, loading: Loading, carriers: Iterable[LinkedCarrier]) -> Load:
    """The parcels of a fulfillment order; what the store packed stays packed."""
    if unit.fulfillment_order.parcels:
        return Load(unit.fulfillment_order.parcels)
    return await packed(means, unit.merchant, loading, carriers)


def handling_of(means: Means, unit: Unit, now: datetime) -> Handling:
    """When a fulfillment order can be fetched; what a shopper gives back is handled by nobody."""
    is_back = unit.direction is LegDirection.RETURN
    rules = HandlingRules() if is_back else unit.merchant.handling_of(unit.origin.id)
    ordered_at = now if is_back else unit.order.placed_at
    return means.promiser.handling(
        ordered_at, now, rules, unit.origin.address, unit.origin.time_zone, unit.fulfillment_order.ready_at
    )


async def _boxes(work: UnitOfWork) -> tuple[Box, ...]:
    return tuple(kept.box for kept in await work.boxes.boxes())
