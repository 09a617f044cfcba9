"""Cart: where a cart would leave from if it were ordered, so that its options are those of the order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from doorstep.address import Address
from doorstep.deadline import Deadline
from doorstep.errors import DoorstepError
from doorstep.merchant import Merchant
from doorstep.money import Money
from doorstep.order import Location, Store
from doorstep.ports import MovesUnits
from doorstep.product import Product
from doorstep.sourcing import SourcedPart, SourcingPlan, SourcingStrategy
from gateway.flow.ports import Means
from gateway.flow.quoting.parcels import UNKNOWN_ITEM_G
from gateway.flow.sourcing.gather import Line, Wanted, gather

WAITS_S = 0.3
"""A checkout goes with the store's own place where it cannot be decided sooner, or within a quarter of its
time.
"""


class Item(Protocol):
    """A line of a cart, as far as it matters here; `weight_g` is of one piece."""

    @property
    def quantity(self) -> int: ...
    @property
    def sku(self) -> str: ...
    @property
    def unit_price(self) -> Money | None: ...
    @property
    def weight_g(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class CartPart:
    """What of a cart leaves from one place: pieces by the item's place in the cart, from 0."""

    place: Location
    pieces: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Leaving:
    """Where a cart leaves from.

    Attributes
    ----------
    parts
        What leaves from where, if that is more than one place; else ().
    """

    origin: Location
    parts: tuple[CartPart, ...] = ()


async def leaves_from(
    means: Means,
    merchant: Merchant,
    store: Store | None,
    items: Sequence[Item],
    destination: Address,
    usual: Location,
    deadline: Deadline,
) -> Leaving:
    """The places that an order of this cart would leave from; the usual one where that cannot be told."""
    is_ours = merchant.sourcing.strategy is not SourcingStrategy.STORE
    if means.sourcer is None or store is None or not is_ours or not any(item.sku for item in items):
        return Leaving(usual)
    deciding = asyncio.create_task(_decided(means, merchant, store, items, destination, usual))
    try:
        await asyncio.wait({deciding}, timeout=min(WAITS_S, deadline.left_s / 4))
    finally:
        if not deciding.done():
            # It reads the database, which is not to be left in the middle of a word: it ends by itself.
            means.later.begin(_seen_off(deciding))
    try:
        return deciding.result() if deciding.done() else Leaving(usual)
    except DoorstepError:
        return Leaving(usual)


def cart_value(items: Sequence[Item], currency: str) -> Money:
    """What the items cost that have a price in this currency."""
    priced = [item.unit_price.times(item.quantity) for item in items if item.unit_price is not None]
    return Money(sum(price.minor for price in priced if price.currency == currency), currency)


async def _seen_off(deciding: asyncio.Task[Leaving]) -> None:
    with suppress(DoorstepError):
        await deciding


async def _decided(
    means: Means,
    merchant: Merchant,
    store: Store,
    items: Sequence[Item],
    destination: Address,
    usual: Location,
) -> Leaving:
    connector = await means.links.store(merchant.id, store.id)
    async with means.begin(merchant.id) as work:
        products = await work.products.by_skus(store.id, sorted({item.sku for item in items if item.sku}))
        places = {place.id: place for place in await work.accounts.locations()}
    lines = [_line(number, item, products.get(item.sku)) for number, item in enumerate(items)]
    wanted = Wanted(
        store=store,
        lines=lines,
        articles={product.external_id: product for product in products.values()},
        destination=destination,
        weight_g=sum(_weight_g(item) * item.quantity for item in items),
        value=cart_value(items, merchant.currency),
        current_id=usual.id,
        has_reserved=False,
        knows_places=isinstance(connector, MovesUnits),
    )
    question = await gather(means, merchant, merchant.sourcing, wanted)
    if question is None or means.sourcer is None:
        return Leaving(usual)
    plan: SourcingPlan = await asyncio.to_thread(means.sourcer.source, question.task)
    if len(plan.parts) < 2:
        return Leaving(places[plan.parts[0].location_id] if plan.parts else usual)
    parts = tuple(_part(places[part.location_id], part) for part in plan.parts)
    return Leaving(parts[0].place, parts)


def _line(number: int, item: Item, product: Product | None) -> Line:
    return Line(str(number), product.external_id if product else "", item.quantity, item.sku, "")


def _part(place: Location, part: SourcedPart) -> CartPart:
    pieces: dict[int, int] = {}
    for share in part.lines:
        number = int(share.line_id)
        pieces[number] = pieces.get(number, 0) + share.pieces
    return CartPart(place, pieces)


def _weight_g(item: Item) -> int:
    return UNKNOWN_ITEM_G if item.weight_g is None else item.weight_g
