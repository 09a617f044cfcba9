"""A shop that sells kettles and tea, and two more places of its merchant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from doorstep.errors import RemoteError
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.order import (
    FulfillmentLine,
    FulfillmentOrder,
    FulfillmentOrderStatus,
    Location,
    Order,
    OrderLine,
)
from doorstep.ports import RawOrder
from doorstep.product import Product, StockLevel
from doorstep.sourcing import PlaceStock, PlaceTerms, SourcingRules, SourcingStrategy
from tests.integration.flow.fakes import HOME, MERCHANT_ID, STORE, FakeStore
from tests.integration.flow.stage import Stage

NEAR = Location(
    "loc_01jd0000000000000000000003",
    MERCHANT_ID,
    "Near",
    replace(HOME, line1="3 Mill Street", location=LatLng(39.906, -71.506)),
    "America/New_York",
    ("near",),
)
FAR = Location(
    "loc_01jd0000000000000000000004",
    MERCHANT_ID,
    "Far",
    replace(HOME, line1="4 Hill Street", location=LatLng(40.2, -71.9)),
    "America/New_York",
    ("far",),
)
SHOP_ID = STORE.location_id


@dataclass
class Grocer(FakeStore):
    """Sells kettles and tea; `stock` is by article and place, and its orders by article."""

    stock: dict[str, dict[str, int | None]] = field(default_factory=dict)

    def read_order(self, raw: RawOrder) -> Order:
        order = super().read_order(raw)
        wanted: Mapping[str, int] = self.shelf[raw.external_id].get("wants", {"kettle": 1, "tea": 2})  # type: ignore[assignment] # as a test put it
        lines = tuple(
            OrderLine(f"line-{name}", name, pieces, sku=name.upper(), product_external_id=name)
            for name, pieces in wanted.items()
        )
        parts = tuple(FulfillmentLine(line.external_id, line.quantity) for line in lines)
        units = tuple(replace(unit, lines=parts) for unit in order.fulfillment_orders)
        return replace(order, lines=lines, fulfillment_orders=units)

    async def products(self, external_ids: Sequence[str]) -> tuple[Product, ...]:
        self.asked_products.append(tuple(external_ids))
        return tuple(
            Product(
                name,
                name,
                sku=name.upper(),
                weight_g=900,
                stock=tuple(StockLevel(place, pieces) for place, pieces in self.stock[name].items()),
            )
            for name in external_ids
        )


@dataclass
class Chain(Grocer):
    """Has places of its own, and moves fulfillment orders between them; parts get ids of their own.

    Attributes
    ----------
    lies
        What each fulfillment order has and where, by order.
    move_error
        What its next move says.
    forgets_to_answer
        Whether it moves all the same.
    """

    lies: dict[str, dict[str, tuple[str, dict[str, int]]]] = field(default_factory=dict)
    moves: list[tuple[str, str, tuple[FulfillmentLine, ...]]] = field(default_factory=list)
    move_error: RemoteError | None = None
    forgets_to_answer: bool = False

    def read_order(self, raw: RawOrder) -> Order:
        order = super().read_order(raw)
        (whole,) = order.fulfillment_orders
        pieces = {line.line_external_id: line.quantity for line in whole.lines}
        lies = self.lies.setdefault(raw.external_id, {f"fo-{raw.external_id}": ("near", pieces)})
        units = tuple(
            FulfillmentOrder(
                name,
                FulfillmentOrderStatus.OPEN,
                whole.method,
                tuple(FulfillmentLine(line_id, count) for line_id, count in has.items() if count),
                location_external_id=place,
            )
            for name, (place, has) in lies.items()
        )
        return replace(order, fulfillment_orders=units)

    async def move_unit(
        self, unit_external_id: str, location_external_id: str, lines: Sequence[FulfillmentLine] = ()
    ) -> str:
        self.moves.append((unit_external_id, location_external_id, tuple(lines)))
        if self.move_error is not None and not self.forgets_to_answer:
            raise self.move_error
        order_id = unit_external_id.removeprefix("fo-").partition("-")[0]
        lies = self.lies[order_id]
        place, has = lies[unit_external_id]
        moved = {line.line_external_id: line.quantity for line in lines} or has
        name = unit_external_id if moved == has else f"fo-{order_id}-{len(lies) + 1}"
        if moved != has:
            lies[unit_external_id] = (place, {key: n - moved.get(key, 0) for key, n in has.items()})
        lies[name] = (location_external_id, dict(moved))
        self.put(order_id)
        if self.move_error is not None:
            raise self.move_error
        return name


async def open_places(stage: Stage, shop: Grocer, rules: SourcingRules) -> None:
    """Two more places, and what the merchant wants of them."""
    stage.links.shop = stage.shop = shop
    async with stage.means.begin(MERCHANT_ID) as work:
        for place in (NEAR, FAR):
            await work.accounts.put_location(place)
        merchant = await work.accounts.merchant()
        await work.accounts.put_merchant(replace(merchant, sourcing=rules))


def boundless(place: Location, *skus: str, **terms: Any) -> PlaceTerms:
    """A place where nobody counts, with these articles alone."""
    return PlaceTerms(place.id, stock=PlaceStock.EVERYTHING, articles=frozenset(skus), **terms)


def cheapest(*places: PlaceTerms, **more: Any) -> SourcingRules:
    """By price, a split of which costs nothing by itself."""
    return SourcingRules(SourcingStrategy.CHEAPEST, places=places, **more)


def usd(minor: int) -> Money:
    return Money(minor, "USD")
