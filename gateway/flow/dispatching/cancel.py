"""Cancel: call off what is under way, because a person or the store says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from doorstep.delivery import Delivery, DeliveryEvent, EventSource
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import NotFound, RemoteError, RemoteRefused, StateConflict, UnknownOutcome
from doorstep.events import BookingInDoubt, DeliveryAdvanced, OrderCancelled, RouteTold, TourDisturbed
from doorstep.ids import new_id
from doorstep.incident import IncidentKind
from doorstep.order import FulfillmentOrder, FulfillmentOrderStatus, OrderStatus
from doorstep.route import Route, RouteStatus, StopStatus
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.slots.chosen import give_back_chosen
from gateway.flow.watching.incidents import Alarm, raise_incident, settle

_WAITING = (FulfillmentOrderStatus.OPEN, FulfillmentOrderStatus.QUOTED, FulfillmentOrderStatus.ON_HOLD)
"""States of goods that nobody was sent to fetch."""


async def cancel_for_order(event: OrderCancelled, means: Means) -> None:
    """The store cancelled the order or a part of it: what has not been picked up is called off."""
    unanswered: RemoteError | None = None
    for delivery_id in await _close_waiting(event, means):
        try:
            await cancel_delivery(
                means, event.merchant_id, delivery_id, "the order was cancelled", is_for_good=True
            )
        except RemoteRefused as refusal:
            await _too_late(means, event.merchant_id, delivery_id, refusal)
        except RemoteError as error:
            unanswered = error
        except StateConflict:
            continue  # it ended by itself meanwhile
    await _close_called_off(event, means)
    if unanswered is not None:
        raise unanswered


async def _close_waiting(event: OrderCancelled, means: Means) -> Sequence[str]:
    """Close the cancelled parts that nobody carries; gives the deliveries of the others."""
    live = []
    async with means.begin(event.merchant_id) as work:
        for unit in await _cancelled_units(work, event.order_id):
            await settle(work, unit.id, None, "The order was cancelled.", means.clock.now())
            if unit.status in _WAITING:
                await work.orders.put_fulfillment_order(
                    replace(unit, status=FulfillmentOrderStatus.CANCELLED)
                )
            delivery = await work.deliveries.live_of(unit.id)
            if delivery is not None and not delivery.is_over:
                live.append(delivery.id)
    return live


async def _close_called_off(event: OrderCancelled, means: Means) -> None:
    """Close the cancelled parts whose delivery was called off. Goods that have left stay as they are."""
    async with means.begin(event.merchant_id) as work:
        for unit in await _cancelled_units(work, event.order_id):
            delivery = await work.deliveries.latest_of(unit.id)
            is_called_off = delivery is not None and delivery.status is DeliveryStatus.CANCELLED
            if unit.status is FulfillmentOrderStatus.DISPATCHED and is_called_off:
                await work.orders.put_fulfillment_order(
                    replace(unit, status=FulfillmentOrderStatus.CANCELLED)
                )
        await give_back_chosen(work, event.order_id, means.clock.now())


async def _cancelled_units(work: UnitOfWork, order_id: str) -> Sequence[FulfillmentOrder]:
    """All of a cancelled order, else the parts of it that are cancelled."""
    order = await work.orders.get(order_id, lock=True)
    if order is None:
        return ()
    is_whole = order.status is OrderStatus.CANCELLED
    called_off = FulfillmentOrderStatus.CANCELLED
    return [unit for unit in order.fulfillment_orders if is_whole or unit.status is called_off]


async def cancel_delivery(
    means: Means,
    merchant_id: str,
    delivery_id: str,
    reason: str,
    *,
    by_person: bool = False,
    is_for_good: bool = False,
) -> Delivery:
    """Call a delivery off with its carrier; already cancelled is a success.

    Parameters
    ----------
    is_for_good
        Nobody waits for the answer: a carrier that cannot be asked is asked again by the sweep.

    Raises
    ------
    NotFound
        If there is no such delivery.
    StateConflict
        If it has arrived or failed.
    RemoteError
        If the carrier says that it is too late, or cannot be asked: then nothing has changed, unless it is
        called off for good or was to be before. Or if its answer was lost: then that is tried again.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        delivery = await work.deliveries.get(delivery_id, lock=True)
        if delivery is None:
            raise NotFound(delivery_id, path=("input", "deliveryId"))
        if delivery.status is DeliveryStatus.CANCELLED:
            return delivery
        if delivery.is_over:
            text = f"{delivery_id} is {delivery.status} and cannot be cancelled."
            raise StateConflict(text, current_id=delivery_id, current_version=delivery.version)
        # Written first, so that the carrier's own "cancelled" is not taken for a courier who dropped out.
        is_begun = delivery.is_cancel_requested or is_for_good
        by_person = by_person or delivery.is_called_off_by_person
        await work.deliveries.put(
            replace(delivery, is_cancel_requested=True, is_called_off_by_person=by_person, updated_at=now)
        )
    leg, said_yes = delivery.active_leg, ""
    if leg is not None and leg.is_live and leg.external_id:
        carrier = await means.links.carrier(merchant_id, leg.account_id)
        if carrier is not None:
            try:
                await carrier.connector.cancel(leg.external_id, reason, means.booking_budget_s)
                said_yes = leg.id
            except RemoteError as error:
                # Perhaps it is cancelled where the answer was lost: a courier who goes now is not replaced.
                is_in_doubt = is_begun or isinstance(error, UnknownOutcome)
                if isinstance(error, RemoteRefused) or not is_in_doubt:
                    await _unmark(means, merchant_id, delivery_id)
                raise
    return await _write_down(means, merchant_id, delivery_id, reason, said_yes)


async def _write_down(
    means: Means, merchant_id: str, delivery_id: str, reason: str, said_yes: str
) -> Delivery:
    """End the delivery and its legs; what is not known to have ended with its carrier is found out about."""
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        # Tours before deliveries, as whoever drives or plans does, so that no two wait for each other.
        routes = await _routes_with(work, delivery_id)
        delivery = await work.deliveries.get(delivery_id, lock=True)
        if delivery is None:
            raise NotFound(delivery_id)
        for leg in delivery.legs:
            if leg.is_live and leg.id != said_yes:
                # Not answered yet, or answered since it was looked at.
                await work.emit(BookingInDoubt(merchant_id, delivery_id, leg.id))
            if leg.is_live:
                doubted_at = now if leg.id != said_yes else None
                ended = replace(leg, status=DeliveryStatus.CANCELLED, ended_at=now, doubted_at=doubted_at)
                delivery = delivery.with_leg(ended)
        delivery = replace(
            delivery, status=DeliveryStatus.CANCELLED, updated_at=now, version=delivery.version + 1
        )
        await work.deliveries.put(delivery)
        await work.deliveries.add_event(
            DeliveryEvent(
                id=new_id("evt"),
                merchant_id=merchant_id,
                delivery_id=delivery_id,
                leg_id=None,
                status=DeliveryStatus.CANCELLED,
                occurred_at=now,
                received_at=now,
                source=EventSource.PERSON,
                source_event_id=f"{delivery_id}:cancelled",
                text=f"Cancelled: {reason}.",
            )
        )
        await settle(work, delivery_id, None, "The delivery was cancelled.", now)
        await _skip_stop(work, routes, delivery_id)
        work.announce("delivery", delivery_id)
        await work.emit(DeliveryAdvanced(merchant_id, delivery_id))
        return await work.deliveries.get(delivery_id) or delivery


async def _routes_with(work: UnitOfWork, delivery_id: str) -> Sequence[Route]:
    """Tours with a stop for a delivery, locked."""
    seen = await work.routes.unfinished()
    ids = [one.id for one in seen if any(stop.delivery_id == delivery_id for stop in one.stops)]
    return list((await work.routes.lock(ids)).values())


async def _skip_stop(work: UnitOfWork, routes: Sequence[Route], delivery_id: str) -> None:
    """A van does not drive where nothing is to be brought: its next stop is the one after."""
    for route in routes:
        stop = next((stop for stop in route.stops if stop.delivery_id == delivery_id), None)
        if stop is None or stop.status in (StopStatus.DONE, StopStatus.FAILED, StopStatus.SKIPPED):
            continue
        stops = tuple(replace(one, status=StopStatus.SKIPPED) if one is stop else one for one in route.stops)
        shorter = replace(route, stops=stops, version=route.version + 1)
        if shorter.next_stop is None and route.status is RouteStatus.PUBLISHED:
            shorter = replace(shorter, status=RouteStatus.CANCELLED)
        await work.routes.put_route(shorter)
        work.announce("route", route.id)
        await work.emit(RouteTold(route.merchant_id, route.id))
        if shorter.next_stop is not None:
            await work.emit(TourDisturbed(route.merchant_id, route.id))


async def _unmark(means: Means, merchant_id: str, delivery_id: str) -> None:
    async with means.begin(merchant_id) as work:
        delivery = await work.deliveries.get(delivery_id, lock=True)
        if delivery is not None:
            await work.deliveries.put(
                replace(delivery, is_cancel_requested=False, is_called_off_by_person=False)
            )


async def _too_late(means: Means, merchant_id: str, delivery_id: str, refusal: RemoteRefused) -> None:
    async with means.begin(merchant_id) as work:
        alarm = Alarm(
            IncidentKind.OTHER,
            title="Order cancelled too late",
            evidence=f"The store cancelled the order, but the carrier says: {refusal.message}",
            delivery_id=delivery_id,
            raw_code=refusal.raw_code,
        )
        await raise_incident(work, alarm, means.clock.now())
