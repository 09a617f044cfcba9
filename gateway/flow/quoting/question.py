"""The question: what carriers are asked about a fulfillment order, with its addresses on the map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.address import Address
from doorstep.delivery import LegDirection
from doorstep.errors import NotFound, StateConflict
from doorstep.geo import LatLng, distance_m
from doorstep.merchant import Merchant
from doorstep.money import Money
from doorstep.order import FulfillmentOrder, Location, Order
from doorstep.quote import Choice, QuoteRequest
from doorstep.return_request import is_return
from doorstep.window import Promise, PromiseBasis
from gateway.flow.packing import Load, LoadLine, estimate_of, goods_of, lines_of_order
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.access import access_of
from gateway.flow.quoting.worth import paid_for, value_of
from gateway.flow.rules import Facts


@dataclass(frozen=True, slots=True)
class Unit:
    """A fulfillment order with everything around it that carriers must know.

    Attributes
    ----------
    origin, destination
        The shop's place and the shopper's door, whichever way the goods go.
    """

    merchant: Merchant
    order: Order
    fulfillment_order: FulfillmentOrder
    origin: Location
    destination: Address
    direction: LegDirection = LegDirection.OUTBOUND

    @property
    def way(self) -> tuple[Address, Address]:
        """Where the goods are fetched, and where they are brought."""
        here, there = self.origin.address, self.destination
        return (there, here) if self.direction is LegDirection.RETURN else (here, there)

    @property
    def reference(self) -> str:
        """Short and human, on labels and in messages: the order's number and four letters of the unit.

        Known when carriers are asked, since some print it on the label of the very shipment they quoted.
        """
        number = "".join(char for char in self.order.number if char.isalnum())[-10:]
        return f"{number}-{self.fulfillment_order.id[-4:].upper()}"

    @property
    def value(self) -> Money:
        """What its goods are worth, of an order in several parts this one's alone."""
        return value_of(self.order, self.fulfillment_order)

    def paid(self, choice: Choice | None = None) -> Money | None:
        """What the shopper paid for bringing it; None where nobody knows, and for the way back.

        Parameters
        ----------
        choice
            What the shopper took at the checkout; None for what the store says of the order.
        """
        paid = choice.price if choice is not None else self.order.shipping_paid
        if paid is None or self.direction is LegDirection.RETURN:
            return None
        return paid_for(self._paid_together(choice), self.fulfillment_order, paid)

    def _paid_together(self, choice: Choice | None) -> Order:
        """The order with the parts alone that one payment is for."""
        reference = self.fulfillment_order.choice_reference
        if choice is None or not reference:
            return self.order
        parts = [one for one in self.order.fulfillment_orders if one.choice_reference == reference]
        return replace(self.order, fulfillment_orders=tuple(parts))


async def choice_for(work: UnitOfWork, order: Order, part: FulfillmentOrder) -> Choice | None:
    """What the shopper chose at the checkout for a part of an order; None where that is not known."""
    reference = order.choice_for(part)
    return await work.quotes.choice(reference) if reference else None


async def chosen_slot(work: UnitOfWork, order: Order, part: FulfillmentOrder) -> Promise | None:
    """The window that the shopper holds a place in; None where no slot was chosen."""
    choice = await choice_for(work, order, part)
    is_slot = choice is not None and choice.promise.basis is PromiseBasis.SLOT
    return choice.promise if choice is not None and is_slot else None


async def shown_promise(
    work: UnitOfWork, order: Order, part: FulfillmentOrder, now: datetime
) -> Promise | None:
    """What the shopper was shown at the checkout; None where nothing was chosen, or it is over already."""
    choice = await choice_for(work, order, part)
    if choice is None:
        return None
    stands = choice.promise.basis is PromiseBasis.SLOT or choice.promise.window.end > now
    return choice.promise if stands else None


def question(
    unit: Unit,
    now: datetime,
    slot: Promise | None = None,
    *,
    lines: Sequence[LoadLine] | None = None,
    load: Load | None = None,
    ready_at: datetime | None = None,
) -> QuoteRequest:
    """What carriers are asked about a fulfillment order.

    Parameters
    ----------
    lines
        What it still has to ship, with what the store says of the articles; None for what the order says.
    load
        The parcels that they fill; None for an estimate.
    ready_at
        When the merchant's rules say that it can be fetched; None for now.
    """
    rules = unit.merchant.goods
    carried = lines_of_order(unit.order, unit.fulfillment_order, {}) if lines is None else lines
    return QuoteRequest(
        reference=unit.reference,
        pickup=unit.way[0],
        dropoff=unit.way[1],
        parcels=(load or Load(unit.fulfillment_order.parcels or estimate_of(carried, rules).parcels)).parcels,
        value=unit.value,
        asked_at=now,
        ready_at=max(unit.fulfillment_order.ready_at or now, ready_at or now, now),
        time_zone=unit.origin.time_zone,
        delivery_window=slot.window if slot is not None else unit.fulfillment_order.delivery_window,
        goods=goods_of(carried, rules),
        access=access_of(unit.order.tags),
        is_return=unit.direction is LegDirection.RETURN,
    )


def facts_of(unit: Unit, request: QuoteRequest) -> Facts:
    """What the merchant's rules are told of a fulfillment order."""
    ours = {line.line_external_id for line in unit.fulfillment_order.lines}
    here, there = request.pickup.location, request.dropoff.location
    return Facts.of(
        request,
        order_tags=unit.order.tags,
        item_skus=[line.sku for line in unit.order.lines if line.sku and line.external_id in ours],
        store_id=unit.order.store_id,
        location_id=unit.origin.id,
        distance_m=round(distance_m(here, there)) if here is not None and there is not None else None,
    )


async def unit_of(work: UnitOfWork, unit_id: str) -> FulfillmentOrder | None:
    """What is dispatched under an id: a store's fulfillment order, or goods that a shopper gives back."""
    if not is_return(unit_id):
        return await work.orders.fulfillment_order(unit_id)
    request = await work.returns.request(unit_id)
    came_with = await work.orders.fulfillment_order(request.unit_id) if request else None
    return None if request is None or came_with is None else request.as_unit(came_with.destination)


async def load_unit(work: UnitOfWork, unit_id: str, *, must_be_placed: bool) -> Unit | None:
    """The fulfillment order with its surroundings; None while its address is unknown.

    Parameters
    ----------
    must_be_placed
        An address that the map does not know counts as unknown.

    Raises
    ------
    NotFound
        If there is no such fulfillment order.
    StateConflict
        If it has no origin.
    """
    if is_return(unit_id):
        unit = await unit_of(work, unit_id)
        order = await work.orders.get(unit.order_id) if unit else None
    else:
        order = await work.orders.of_unit(unit_id)
        parts = order.fulfillment_orders if order else ()
        unit = next((part for part in parts if part.id == unit_id), None)
    if unit is None or order is None:
        raise NotFound(unit_id)
    origin = next((place for place in await work.accounts.locations() if place.id == unit.location_id), None)
    if origin is None:
        raise StateConflict(f"{unit_id} has no location to leave from.", current_id=unit_id)
    destination = unit.destination or order.destination
    if destination is None or (must_be_placed and destination.location is None):
        return None
    if is_return(unit_id):
        # What the shopper chose for the way there says nothing of the way back.
        alone = replace(order, choice_reference="")
        return Unit(await work.accounts.merchant(), alone, unit, origin, destination, LegDirection.RETURN)
    return Unit(await work.accounts.merchant(), order, unit, origin, destination)


async def find_place(order: Order, means: Means) -> Order:
    """Put the order's addresses on the map and keep that.

    Raises
    ------
    RemoteUnavailable
        If nobody could be asked; the job is tried again.
    """
    if means.geocoder is None:
        return order
    found: dict[Address, LatLng | None] = {}
    for address in (order.destination, *(unit.destination for unit in order.fulfillment_orders)):
        if address is not None and address.location is None and address not in found:
            found[address] = await means.geocoder.locate(address)
    if not found:
        return order

    def placed(address: Address | None) -> Address | None:
        return address.at(found[address]) if address in found else address

    async with means.begin(order.merchant_id) as work:
        current = await work.orders.get(order.id, lock=True)
        if current is None:
            return order
        located = replace(current, destination=placed(current.destination))
        # The parts are changed by others as well, who do not ask for the order: each under a lock of its own.
        await work.orders.put(replace(located, fulfillment_orders=()))
        units = [await _placed_unit(work, unit, placed) for unit in current.fulfillment_orders]
        return replace(located, fulfillment_orders=tuple(units))


async def _placed_unit(
    work: UnitOfWork, unit: FulfillmentOrder, placed: Callable[[Address | None], Address | None]
) -> FulfillmentOrder:
    """A part with its own address on the map, if it has one."""
    if placed(unit.destination) == unit.destination:
        return unit
    current = await work.orders.fulfillment_order(unit.id, lock=True) or unit
    located = replace(current, destination=placed(current.destination))
    await work.orders.put_fulfillment_order(located)
    return located
