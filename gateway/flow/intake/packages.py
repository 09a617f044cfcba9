"""Packages: where a store split the cart, each part of the order goes as it was chosen. Pure.

A store such as WooCommerce knows one order with several shipping lines. The fulfillment order is cut along
them before anybody is asked, and what the store says of the whole later on is spread over the parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from doorstep.ids import new_id
from doorstep.order import FulfillmentMethod, FulfillmentOrder, FulfillmentOrderStatus, Order, TakenRate
from gateway.flow.sourcing.parts import divide

_UNTOUCHED = (FulfillmentOrderStatus.OPEN, FulfillmentOrderStatus.ON_HOLD)
"""Nobody has been asked for it."""


def in_packages(order: Order) -> Order:
    """The order with a part for each package, bound to what was chosen for it.

    It stays whole where one thing was chosen for everything, or where the goods do not tell. Lines that no
    package names go with the first. An order that says nothing of rates is left as it is.
    """
    if not order.rates:
        return order
    packages = _packages(order)
    units: list[FulfillmentOrder] = []
    for unit in order.fulfillment_orders:
        if packages:
            units += _along(unit, (*order.fulfillment_orders, *units), packages, order)
        else:
            units.append(replace(unit, choice_reference=""))
    return replace(order, fulfillment_orders=tuple(sorted(units, key=lambda unit: unit.id)))


def is_undivided(order: Order) -> bool:
    """Whether several things were chosen, and the order goes as one all the same."""
    return _has_several(order) and not any(unit.choice_reference for unit in order.fulfillment_orders)


def _has_several(order: Order) -> bool:
    return len({rate.choice_reference for rate in order.rates}) > 1


def _packages(order: Order) -> Mapping[str, int]:
    """The place in `Order.rates` by line; empty where nothing is to be cut, or the goods do not tell."""
    if not _has_several(order):
        return {}
    found: dict[str, int] = {}
    for place, rate in enumerate(order.rates):
        if not rate.line_ids or not found.keys().isdisjoint(rate.line_ids):
            return {}
        found |= dict.fromkeys(rate.line_ids, place)
    return found


def _along(
    unit: FulfillmentOrder, units: tuple[FulfillmentOrder, ...], packages: Mapping[str, int], order: Order
) -> list[FulfillmentOrder]:
    by_package: dict[int, set[str]] = {}
    for line in unit.lines:
        if line.quantity:
            by_package.setdefault(packages.get(line.line_external_id, 0), set()).add(line.line_external_id)
    places = sorted(by_package)
    if not places or (len(places) > 1 and unit.status not in _UNTOUCHED):
        return [unit]
    line_ids = [frozenset(by_package[place]) for place in places]
    parts = [unit] if len(places) == 1 else divide(unit, units, line_ids, [new_id("ful") for _ in places[1:]])
    return [_with_rate(part, order.rates[place]) for part, place in zip(parts, places, strict=True)]


def _with_rate(part: FulfillmentOrder, rate: TakenRate) -> FulfillmentOrder:
    method = FulfillmentMethod.PICKUP if rate.is_pickup else part.method
    return replace(part, choice_reference=rate.choice_reference, method=method)
