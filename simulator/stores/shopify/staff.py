"""What the merchant's staff does in the simulated shop."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from doorstep.address import Address
from doorstep.clock import Clock
from doorstep.money import Money
from simulator.stores.shopify import changing, fulfilling, holding, rearranging
from simulator.stores.shopify.fulfilling import Shipping, Wanted
from simulator.stores.shopify.ledger import Ledger
from simulator.stores.shopify.records import CartLine, OrderRecord, Place
from simulator.stores.shopify.routing import route
from simulator.stores.shopify.stock import Stock
from simulator.stores.shopify.units import DONE, FulfillmentRecord, ReturnRecord, Tracking, UnitRecord

Parts = Mapping[int, int] | Mapping[str, int]
"""Lines, by their index or the gid of their LineItem -> pieces."""


class Staff(Ledger):
    """The shop's ledger and the people who change it by hand, through Shopify's own pages.

    Orders and fulfillment orders are named by their gids. What is against the rules raises `Refusal`.

    Attributes
    ----------
    stock
        What the shop sells.
    """

    def __init__(self, clock: Clock, rng: random.Random, places: Sequence[tuple[str, Address]]) -> None:
        super().__init__(clock, rng, places)
        self.stock = Stock(self)

    def cancel_order(self, gid: str, reason: str = "CUSTOMER") -> None:
        """The order and what is left of its fulfillment orders are called off."""
        changing.cancel(self, self.order(gid), reason)

    def close_order(self, gid: str) -> None:
        """The order is archived."""
        order = self.order(gid)
        order.closed_at = self.now()
        self.touch(order)
        self.tell(("ORDERS_UPDATED", order))

    def delete_order(self, gid: str) -> None:
        """The order is gone for good."""
        order = self.order(gid)
        self.remove_order(order)
        self.tell(("ORDERS_DELETE", order))

    def edit_address(self, gid: str, address: Address) -> None:
        """The merchant corrects where it goes; the fulfillment orders go there too."""
        order = self.order(gid)
        order.address = address
        for unit in order.units:
            if unit.status not in DONE:
                self.touch_unit(unit)
        self.touch(order)
        self.tell(("ORDERS_UPDATED", order))

    def edit_order(self, gid: str, *, removed: Parts | None = None, added: Sequence[CartLine] = ()) -> None:
        """Take pieces of lines away and add lines."""
        for article in added:
            self.stock.know(article)
        changing.edit(self, self.order(gid), removed=_lines(self.order(gid), removed), added=added)

    def remove_pieces(self, gid: str, line: int, pieces: int) -> None:
        """An edit takes pieces of a line away."""
        self.edit_order(gid, removed={line: pieces})

    def refund(self, gid: str, pieces: Parts, restock_type: str = "CANCEL", note: str = "") -> None:
        """Give back the money for some pieces; CANCEL, RETURN or NO_RESTOCK."""
        order = self.order(gid)
        changing.refund(self, order, _lines(order, pieces), restock_type=restock_type, note=note)

    def refund_money(self, gid: str, amount: Money, note: str = "") -> None:
        """Give back money for no piece in particular."""
        changing.refund(self, self.order(gid), (), restock_type="NO_RESTOCK", note=note, amount=amount)

    def refund_all(self, gid: str, restock_type: str = "CANCEL") -> None:
        """Give back the money for everything."""
        order = self.order(gid)
        left = {index: line.current_quantity for index, line in enumerate(order.lines)}
        self.refund(gid, {index: pieces for index, pieces in left.items() if pieces}, restock_type)

    def start_return(self, gid: str, pieces: Parts, reason: str = "") -> ReturnRecord:
        """A shopper sends pieces back."""
        order = self.order(gid)
        return changing.start_return(self, order, _lines(order, pieces), reason=reason)

    def close_return(self, record: ReturnRecord) -> None:
        """They have arrived."""
        changing.close_return(self, record)

    def set_financial_status(self, gid: str, status: str) -> None:
        """Money comes, or does not: an OrderDisplayFinancialStatus."""
        order = self.order(gid)
        order.financial_status = status
        self.touch(order)
        topics = ["ORDERS_PAID", "ORDERS_UPDATED"] if status == "PAID" else ["ORDERS_UPDATED"]
        self.tell(*((topic, order) for topic in topics))

    def hold(self, gid: str, reason: str = "INCORRECT_ADDRESS", notes: str = "") -> None:
        """Let the open fulfillment orders of an order wait."""
        for unit in self._open_units(gid):
            holding.hold(self, unit, reason, notes=notes)

    def release(self, gid: str) -> None:
        """They need not wait any longer, whoever asked for it."""
        for unit in self._open_units(gid):
            holding.release(self, unit)

    def hold_unit(self, gid: str, reason: str = "OTHER", notes: str = "") -> None:
        """Let one fulfillment order wait."""
        holding.hold(self, self.unit(gid), reason, notes=notes)

    def release_unit(self, gid: str) -> None:
        """It need not wait any longer."""
        holding.release(self, self.unit(gid))

    def reschedule_unit(self, gid: str, fulfill_at: datetime) -> None:
        """Let one fulfillment order wait for a day."""
        unit = self.unit(gid)
        holding.reschedule(self, unit, fulfill_at)
        self.later(fulfill_at, lambda: self.wake(unit))

    def move_unit(self, gid: str, place: Place, pieces: Parts | None = None) -> UnitRecord:
        """Let another location ship it, or pieces of its lines; gives what is there then."""
        unit = self.unit(gid)
        return rearranging.move(self, unit, place, _wanted(unit, pieces)).moved

    def split_unit(self, gid: str, pieces: Parts) -> UnitRecord:
        """Make a fulfillment order of its own of some pieces; gives it."""
        unit = self.unit(gid)
        return rearranging.split(self, unit, _wanted(unit, pieces)).rest

    def merge_units(self, gids: Sequence[str]) -> UnitRecord:
        """Put several fulfillment orders into the first; gives it."""
        return rearranging.merge(self, [(self.unit(gid), ()) for gid in gids]).unit

    def ship(self, gid: str, shipped_as: str = "FULFILLED") -> None:
        """Everything left leaves, a shipment for each location, as a FulfillmentDisplayStatus."""
        order = self.order(gid)
        self.route_order(order)
        self.release(gid)
        units = sorted(self._open_units(gid), key=lambda unit: unit.place.number)
        for unit in units:
            unit.status = "OPEN"
        for _, group in groupby(units, key=lambda unit: unit.place.number):
            shippings = [Shipping(unit) for unit in group]
            fulfilling.fulfill(self, shippings, display_status=shipped_as)

    def ship_unit(
        self, gid: str, pieces: Parts | None = None, tracking: Sequence[Tracking] = ()
    ) -> FulfillmentRecord:
        """Ship one fulfillment order, or pieces of its lines."""
        unit = self.unit(gid)
        return fulfilling.fulfill(self, [Shipping(unit, _wanted(unit, pieces))], tracking)

    def cancel_fulfillment(self, shipment: FulfillmentRecord) -> None:
        """Call a shipment off."""
        fulfilling.cancel_fulfillment(self, shipment)

    def prepare(self, gid: str) -> None:
        """A pick-up or a local delivery stands ready."""
        unit = self.unit(gid)
        purpose = "LOCAL_DELIVERY" if unit.method == "LOCAL" else "PICKUP"
        self.touch_unit(unit)
        self.tell((f"FULFILLMENT_ORDERS_LINE_ITEMS_PREPARED_FOR_{purpose}", unit))

    def set_place_active(self, place: Place, is_active: bool) -> Place:
        """Close a location, or open it again; gives it as it is then."""
        return self._change_place(
            place, replace(place, is_active=is_active), "ACTIVATE" if is_active else "DEACTIVATE"
        )

    def rename_place(self, place: Place, name: str) -> Place:
        """Call a location otherwise; gives it as it is then."""
        return self._change_place(place, replace(place, name=name), "UPDATE")

    def add_place(self, name: str, address: Address) -> Place:
        """Open a location."""
        place = Place(self.next_number(), name, address)
        self.places.append(place)
        self.tell(("LOCATIONS_CREATE", place))
        return place

    def route_order(self, order: OrderRecord) -> None:
        """Make an order's fulfillment orders, if there are none and it is still wanted."""
        if order.units or order.cancelled_at or self.order_of(order.number) is not order:
            return
        for unit in route(self, order):
            if unit.status == "SCHEDULED" and unit.fulfill_at is not None:
                self.later(unit.fulfill_at, lambda unit=unit: self.wake(unit))  # type: ignore[misc]  # binds the loop's unit
        self.touch(order)
        made = [("FULFILLMENT_ORDERS_ORDER_ROUTING_COMPLETE", unit) for unit in order.units]
        self.tell(("ORDERS_UPDATED", order), *made)

    def wake(self, unit: UnitRecord) -> None:
        """A scheduled fulfillment order's day has come."""
        is_due = unit.fulfill_at is not None and unit.fulfill_at <= self.now()
        if unit.status == "SCHEDULED" and is_due:
            holding.reopen(self, unit)

    def _open_units(self, gid: str) -> list[UnitRecord]:
        return [unit for unit in self.order(gid).units if unit.status not in DONE]

    def _change_place(self, old: Place, fresh: Place, verb: str) -> Place:
        self.places[self.places.index(old)] = fresh
        for unit in (unit for order in self.orders for unit in order.units if unit.place is old):
            unit.place = fresh
        self.tell((f"LOCATIONS_{verb}", fresh))
        return fresh


def _wanted(unit: UnitRecord, pieces: Parts | None) -> Wanted:
    numbers = {line.line.gid: line.number for line in unit.lines}
    return [
        (unit.lines[key].number if isinstance(key, int) else numbers[key], count)
        for key, count in (pieces or {}).items()
    ]


def _lines(order: OrderRecord, pieces: Parts | None) -> list[tuple[int, int]]:
    places = {line.gid: index for index, line in enumerate(order.lines)}
    return [(key if isinstance(key, int) else places[key], count) for key, count in (pieces or {}).items()]
