"""What a store says of an order, and what we know of it, as one. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from doorstep.address import Address
from doorstep.ids import new_id
from doorstep.order import FulfillmentOrder, FulfillmentOrderStatus, Order, OrderStatus, Store
from gateway.flow.intake.packages import in_packages
from gateway.flow.sourcing.parts import spread, whole_of

_ENDED = (FulfillmentOrderStatus.DELIVERED, FulfillmentOrderStatus.RETURNED)

KEPT = {
    FulfillmentOrderStatus.OPEN: (
        FulfillmentOrderStatus.QUOTED,
        FulfillmentOrderStatus.DISPATCHED,
        *_ENDED,
    ),
    FulfillmentOrderStatus.DISPATCHED: _ENDED,
}
"""What a store says -> the states that only we know of and that it does not undo."""


def is_stale(order: Order, known: Order) -> bool:
    """Whether what we know is newer.

    Stores count in whole seconds, and a part of an order may change without its date: of two states with
    one date the one that was asked for later wins.
    """
    if order.updated_at != known.updated_at:
        return order.updated_at < known.updated_at
    return known.read_at is not None and order.read_at is not None and order.read_at < known.read_at


def says_nothing_new(kept: Order, known: Order) -> bool:
    """Whether nothing but dates changed: what we write to a store comes back to us like that."""
    return _undated(kept) == _undated(known) and set(kept.choices) == set(known.choices)


def merge(store: Store, order: Order, known: Order | None, places: Mapping[str, str]) -> Order:
    """The store's order with our ids, places and states.

    Parameters
    ----------
    places
        The store's ids of places -> ours.
    """
    before = {unit.external_id: unit for unit in known.fulfillment_orders} if known else {}
    order_id = known.id if known else new_id("ord")
    # What we have cut into parts the store goes on telling of as a whole.
    told = [
        part
        for unit in order.fulfillment_orders
        for part in spread(unit, [one for one in before.values() if whole_of(one) == unit.external_id])
    ]
    units = [
        _our_unit(unit, before.get(unit.external_id), order_id, places, store.location_id) for unit in told
    ]
    present = {unit.external_id for unit in told}
    # Shopify's fulfillment orders get new ids when they move, split or merge: the old ones are over.
    gone = [_called_off(unit) for external_id, unit in before.items() if external_id not in present]
    merged = replace(
        order,
        id=order_id,
        store_id=store.id,
        merchant_id=store.merchant_id,
        # What we found out of the rate that was taken no store knows of.
        choice_reference=order.choice_reference or (known.choice_reference if known else ""),
        destination=_same_place(order.destination, known.destination if known else None),
        status=_our_status(order, known),
        fulfillment_orders=tuple(sorted([*units, *gone], key=lambda unit: unit.id)),
    )
    return in_packages(merged)


def calls_off(kept: Order, known: Order | None) -> bool:
    """Whether a part of the order that somebody may be carrying is cancelled now."""
    called_off = FulfillmentOrderStatus.CANCELLED
    before = {unit.id for unit in known.fulfillment_orders if unit.status is not called_off} if known else ()
    return any(unit.id in before for unit in kept.fulfillment_orders if unit.status is called_off)


def moved_units(kept: Order, known: Order) -> Sequence[str]:
    """Fulfillment orders that somebody was sent to fetch from where they do not leave any more."""
    before = {unit.id: unit.location_id for unit in known.fulfillment_orders}
    return [
        unit.id
        for unit in kept.fulfillment_orders
        if unit.status is FulfillmentOrderStatus.DISPATCHED
        and before.get(unit.id, unit.location_id) != unit.location_id
    ]


def _undated(order: Order) -> Order:
    units = sorted(order.fulfillment_orders, key=lambda unit: unit.id)
    plain = tuple(replace(unit, changed_at=None) for unit in units)
    dateless = replace(order, updated_at=order.placed_at, read_at=None, fulfillment_orders=plain)
    # How a rate was taken counts by the choice that follows from it.
    return replace(dateless, taken_rate=None, more_rates=())


def _our_unit(
    unit: FulfillmentOrder,
    known: FulfillmentOrder | None,
    order_id: str,
    places: Mapping[str, str],
    usual_place: str,
) -> FulfillmentOrder:
    status = unit.status
    if known is not None and known.status in KEPT.get(status, ()):
        status = known.status
    # What was agreed with a shopper after it was sent once, which no store knows of.
    agreed = known if known is not None and status is FulfillmentOrderStatus.DISPATCHED else unit
    return replace(
        unit,
        ready_at=unit.ready_at or agreed.ready_at,
        delivery_window=unit.delivery_window or agreed.delivery_window,
        id=known.id if known else new_id("ful"),
        order_id=order_id,
        location_id=_place(unit, known, places, usual_place),
        status=status,
        destination=_same_place(unit.destination, known.destination if known else None),
        sourcing=known.sourcing if known else None,
        choice_reference=known.choice_reference if known else "",
    )


def _place(
    unit: FulfillmentOrder, known: FulfillmentOrder | None, places: Mapping[str, str], usual_place: str
) -> str:
    if known is not None and known.location_id and known.location_external_id == unit.location_external_id:
        return known.location_id
    return places.get(unit.location_external_id) or usual_place


def _called_off(unit: FulfillmentOrder) -> FulfillmentOrder:
    return unit if unit.status in _ENDED else replace(unit, status=FulfillmentOrderStatus.CANCELLED)


def _our_status(order: Order, known: Order | None) -> OrderStatus:
    delivered = (OrderStatus.DELIVERED, OrderStatus.PARTIALLY_DELIVERED)
    if known is not None and known.status in delivered and order.status is OrderStatus.OPEN:
        return known.status
    return order.status


def _same_place(fresh: Address | None, known: Address | None) -> Address | None:
    """Keep the place on the map that we found for an address that has not changed."""
    if fresh is None or known is None or fresh.location is not None:
        return fresh
    return known if fresh == known.at(None) else fresh
