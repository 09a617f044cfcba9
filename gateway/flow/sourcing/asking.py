"""Asking: a fulfillment order as a question to the sourcer, with its articles as the store has them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import batched

from doorstep.errors import DoorstepError, RemoteError, UnreadablePayload
from doorstep.ids import new_id
from doorstep.merchant import Merchant
from doorstep.order import FulfillmentOrder, Order, Store
from doorstep.ports import MovesUnits, StoreConnector
from doorstep.product import Product
from doorstep.sourcing import SourcingPlan, SourcingRules
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.parcels import UNKNOWN_ITEM_G
from gateway.flow.quoting.question import choice_for
from gateway.flow.quoting.worth import value_of
from gateway.flow.sourcing.gather import Line, Question, Wanted, gather

_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a fulfillment order, and the answer."""

    store: Store
    connector: StoreConnector
    question: Question
    plan: SourcingPlan


async def ask_for_unit(
    means: Means,
    merchant: Merchant,
    rules: SourcingRules,
    order: Order,
    unit: FulfillmentOrder,
    *,
    reads_stock: bool = True,
) -> Asked | None:
    """Which places would ship a fulfillment order; None where there is nothing to choose.

    Parameters
    ----------
    reads_stock
        Ask the store how many pieces there are; else what is known of that must do.
    """
    destination = unit.destination or order.destination
    if means.sourcer is None or destination is None:
        return None
    async with means.begin(merchant.id) as work:
        store = await work.accounts.store(order.store_id)
        promised_id = await _promised(work, order, unit)
    if store is None:
        return None
    connector = await _connector(means, store)
    if connector is None:
        return None
    lines = _lines(order, unit)
    ids = sorted({line.article for line in lines if line.article})
    counted = await _count(means, store, connector, ids) if reads_stock else {}
    articles, is_fresh = (counted, True) if counted else await _known(means, store, ids, order.placed_at)
    wanted = Wanted(
        store=store,
        lines=lines,
        articles=articles,
        destination=destination,
        weight_g=_weight_g(order, unit),
        value=value_of(order, unit),
        current_id=unit.location_id,
        has_reserved=is_fresh,
        knows_places=isinstance(connector, MovesUnits),
        order_id=order.id,
        promised_id=promised_id,
    )
    question = await gather(means, merchant, rules, wanted)
    if question is None:
        return None
    plan = await asyncio.to_thread(means.sourcer.source, question.task)
    return Asked(store, connector, question, plan)


async def _promised(work: UnitOfWork, order: Order, unit: FulfillmentOrder) -> str:
    """Where the option leaves from that the shopper chose; "" where none was chosen."""
    choice = await choice_for(work, order, unit)
    quote_set = await work.quotes.get(choice.quote_set_id) if choice else None
    return quote_set.origin_id if quote_set else ""


async def _connector(means: Means, store: Store) -> StoreConnector | None:
    """None where the store is not linked: nobody knows then what it counts and whether it has places."""
    try:
        return await means.links.store(store.merchant_id, store.id)
    except DoorstepError:
        return None


def _lines(order: Order, unit: FulfillmentOrder) -> Sequence[Line]:
    """What of it is carried."""
    known = {line.external_id: line for line in order.lines}
    found: list[Line] = []
    for part in unit.lines:
        line = known.get(part.line_external_id)
        if part.quantity <= 0 or (line and (not line.requires_shipping or line.is_gift_card)):
            continue
        article, sku, title = (line.product_external_id, line.sku, line.title) if line else ("", "", "")
        found.append(Line(part.line_external_id, article, part.quantity, sku, title))
    return found


def _weight_g(order: Order, unit: FulfillmentOrder) -> int:
    lines = {line.external_id: line for line in order.lines}
    weight_g = 0
    for part in unit.lines:
        line = lines.get(part.line_external_id)
        piece_g = line.weight_g if line is not None and line.weight_g is not None else UNKNOWN_ITEM_G
        weight_g += piece_g * part.quantity
    return weight_g


async def _count(
    means: Means, store: Store, connector: StoreConnector, ids: Sequence[str]
) -> Mapping[str, Product]:
    """The articles as the store counts them now; {} where it does not tell."""
    found: dict[str, Product] = {}
    try:
        for batch in batched(ids, _AT_ONCE):
            found |= {product.external_id: product for product in await connector.products(batch)}
    except (RemoteError, UnreadablePayload):
        return {}
    async with means.begin(store.merchant_id) as work:
        now = means.clock.now()
        for product in sorted(found.values(), key=lambda one: one.external_id):
            ours = replace(product, id=new_id("prd"), store_id=store.id, merchant_id=store.merchant_id)
            await work.products.put(ours, now)
    return found


async def _known(
    means: Means, store: Store, ids: Sequence[str], placed_at: datetime
) -> tuple[Mapping[str, Product], bool]:
    """The articles as we know them, and whether they were counted after the order was placed.

    Stores take ordered pieces off their stock at once: counted since, those of the order are gone.
    """
    if not ids:
        return {}, False
    async with means.begin(store.merchant_id) as work:
        known = await work.products.by_external_ids(store.id, ids)
        since = await work.products.read_since(store.id, ids, placed_at)
    return known, set(known) <= since
