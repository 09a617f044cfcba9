"""What is left of each thing when the person in it is forgotten. Pure.

Ids, quantities, money, times and our own states stay: the merchant's books need them and they lead to nobody.
Of a place the country stays. Names, streets, towns, postcodes, numbers, points on the map, links to a
carrier's pages and whatever others may write as they like goes, a carrier's reason code included.
"""

from __future__ import annotations

from dataclasses import replace

from doorstep.address import Address
from doorstep.delivery import Delivery, DeliveryEvent, Leg
from doorstep.ids import prefix_of
from doorstep.incident import Incident
from doorstep.order import FulfillmentOrder, FulfillmentOrderStatus, Order
from doorstep.quote import Choice, QuoteSet
from doorstep.return_request import is_return
from doorstep.route import Route, RoutePlan
from doorstep.route_solution import Assignment
from gateway.flow.records import Quarantined, ReportState, StoreSync

ERASED = "Erased."
"""Stands where a text was."""


def of_address(address: Address) -> Address:
    """The country alone: everything smaller may lead to a person where few people live."""
    return Address(address.country)


def of_order(order: Order) -> Order:
    """Nothing can be dispatched of it any more; its articles and sums stay."""
    units = tuple(of_unit(unit) for unit in order.fulfillment_orders)
    return replace(
        order,
        destination=None,
        company="",
        confirmation_number="",
        tags=(),
        needs_personal_data=True,
        fulfillment_orders=units,
    )


def of_unit(unit: FulfillmentOrder) -> FulfillmentOrder:
    """Where it went and why it waited is gone; what nobody carries yet stays where it is."""
    waits = unit.status in {FulfillmentOrderStatus.OPEN, FulfillmentOrderStatus.QUOTED}
    status = FulfillmentOrderStatus.ON_HOLD if waits else unit.status
    return replace(unit, destination=None, hold_reason="", sourcing=None, status=status)


def of_quote_set(quote_set: QuoteSet) -> QuoteSet:
    """Prices and promises stay; what carriers wrote, and what a booking would have carried along, goes."""
    quotes = tuple(replace(quote, offer=replace(quote.offer, booking_data={})) for quote in quote_set.quotes)
    request = replace(quote_set.request, dropoff=of_address(quote_set.request.dropoff))
    if is_return(quote_set.fulfillment_order_id or ""):
        request = replace(request, pickup=of_address(request.pickup))
    return replace(
        quote_set,
        request=request,
        quotes=quotes,
        declined=tuple(replace(no, text=ERASED, raw_code="") for no in quote_set.declined),
    )


def of_choice(choice: Choice) -> Choice:
    """The cart's name in the shop leads to its shopper."""
    return replace(choice, cart_id="")


def of_delivery(delivery: Delivery) -> Delivery:
    """Numbers of bookings and parcels stay: claims and invoices are settled by them."""
    return replace(
        delivery,
        destination=of_address(delivery.destination),
        legs=tuple(_of_leg(leg) for leg in delivery.legs),
    )


def of_event(event: DeliveryEvent) -> DeliveryEvent:
    """The step and its time."""
    text = event.status.replace("_", " ").capitalize() + "."
    return replace(event, text=text, raw_status="", position=None)


def of_incident(incident: Incident) -> Incident:
    """Its kind, its times and who did something when."""
    return replace(
        incident,
        title=incident.kind.replace("_", " ").capitalize(),
        evidence=ERASED,
        raw_code=incident.raw_code if prefix_of(incident.raw_code) else "",
        waiting_for=ERASED if incident.waiting_for else "",
        steps=tuple(replace(step, reason=ERASED) for step in incident.steps),
        history=tuple(replace(entry, text=ERASED) for entry in incident.history),
    )


def of_quarantined(message: Quarantined) -> Quarantined:
    """Which field was wrong; a replay asks the store."""
    return replace(message, raw_body="", problem_message=ERASED)


def of_route(route: Route, delivery_ids: frozenset[str]) -> Route:
    """The stops of these deliveries are put back to the depot, and the way to them is gone."""
    stops = tuple(
        replace(stop, location=route.origin, why=_of_why(stop.why))
        if stop.delivery_id in delivery_ids
        else stop
        for stop in route.stops
    )
    violations = tuple(replace(one, text=ERASED) for one in route.violations)
    return replace(route, stops=stops, polyline="", violations=violations)


def _of_why(why: Assignment | None) -> Assignment | None:
    return None if why is None else replace(why, text=ERASED)


def of_plan(plan: RoutePlan) -> RoutePlan:
    """The codes of what went wrong stay."""
    unassigned = tuple(
        replace(
            visit,
            reasons=tuple(replace(reason, text=ERASED) for reason in visit.reasons),
            remedies=tuple(replace(remedy, text=ERASED) for remedy in visit.remedies),
        )
        for visit in plan.unassigned
    )
    summary = plan.summary
    if summary is not None:
        summary = replace(summary, soft=tuple(replace(one, text=ERASED) for one in summary.soft))
    problem = ERASED if plan.problem else ""
    return replace(plan, unassigned=unassigned, problem=problem, summary=summary)


def of_report(state: ReportState) -> ReportState:
    """What the store answered may quote what it was told."""
    return replace(state, problem_text=ERASED if state.problem_text else "")


def of_sync(sync: StoreSync) -> StoreSync:
    """Likewise."""
    return replace(sync, problem_text=ERASED if sync.problem_text else "")


def _of_leg(leg: Leg) -> Leg:
    # The pages behind these links show the address to whoever has the link.
    return replace(leg, courier=None, position=None, tracking_url="", label_url="", raw_status="")
