"""Aggregate -> the columns beside its `doc`: what queries and constraints see of it."""

from __future__ import annotations

from collections.abc import Mapping

from doorstep.delivery import Delivery, DeliveryEvent
from doorstep.driver import Driver
from doorstep.incident import Incident, Severity
from doorstep.order import FulfillmentOrder, Order
from doorstep.product import Product
from doorstep.quote import Choice, DeliveryMode, QuoteSet
from doorstep.route import Route, RoutePlan
from gateway.flow.records import DriverState, PrivacyRequest, Quarantined, ReportState, StoreSync

Columns = Mapping[str, object]

WORST_FIRST = tuple(Severity)


def order(order: Order) -> Columns:
    return {
        "id": order.id,
        "merchant_id": order.merchant_id,
        "store_id": order.store_id,
        "external_id": order.external_id,
        "number": order.number,
        "status": order.status,
        "choice_reference": order.choice_reference,
        "placed_at": order.placed_at,
        "updated_at": order.updated_at,
    }


def unit(unit: FulfillmentOrder) -> Columns:
    return {
        "id": unit.id,
        "order_id": unit.order_id,
        "external_id": unit.external_id,
        "status": unit.status,
        "method": unit.method,
    }


def quote_set(quote_set: QuoteSet) -> Columns:
    return {
        "id": quote_set.id,
        "merchant_id": quote_set.merchant_id,
        "fulfillment_order_id": quote_set.fulfillment_order_id,
        "cart_key": quote_set.cart_key or None,
        "asked_at": quote_set.request.asked_at,
    }


def choice(choice: Choice) -> Columns:
    return {
        "id": choice.id,
        "merchant_id": choice.merchant_id,
        "order_id": choice.order_id,
        "chosen_at": choice.chosen_at,
    }


def delivery(delivery: Delivery) -> Columns:
    leg = delivery.active_leg
    return {
        "id": delivery.id,
        "merchant_id": delivery.merchant_id,
        "order_id": delivery.order_id,
        "fulfillment_order_id": delivery.fulfillment_order_id,
        "reference": delivery.reference,
        "status": delivery.status,
        "mode": leg.mode if leg else DeliveryMode.OTHER,
        "is_over": delivery.is_over,
        "driver_id": delivery.driver_id,
        "promised_by": delivery.promise.window.end if delivery.promise else None,
        "created_at": delivery.created_at,
        "updated_at": delivery.updated_at,
    }


def plan(plan: RoutePlan) -> Columns:
    return {
        "id": plan.id,
        "merchant_id": plan.merchant_id,
        "date": plan.date,
        "status": plan.status,
        "created_at": plan.created_at,
    }


def route(route: Route) -> Columns:
    return {
        "id": route.id,
        "merchant_id": route.merchant_id,
        "plan_id": route.plan_id,
        "driver_id": route.driver_id,
        "date": route.date,
        "status": route.status,
        "starts_at": route.starts_at,
    }


def driver(driver: Driver) -> Columns:
    return {"id": driver.id, "merchant_id": driver.merchant_id}


def state(state: DriverState) -> Columns:
    return {"id": state.driver_id, "merchant_id": state.merchant_id, "seen_at": state.seen_at}


def incident(incident: Incident) -> Columns:
    return {
        "id": incident.id,
        "merchant_id": incident.merchant_id,
        "kind": incident.kind,
        "severity": incident.severity,
        "subject": incident.subject,
        "status": incident.status,
        "delivery_id": incident.delivery_id,
        "due_at": incident.due_at,
        "raised_at": incident.raised_at,
        "severity_rank": WORST_FIRST.index(incident.severity),
        "assignee_id": incident.assignee_id,
    }


def quarantine(quarantined: Quarantined) -> Columns:
    return {
        "id": quarantined.id,
        "merchant_id": quarantined.merchant_id,
        "source": quarantined.source,
        "external_id": quarantined.external_id,
        "status": quarantined.status,
        "received_at": quarantined.received_at,
    }


def event(event: DeliveryEvent) -> Columns:
    return {
        "id": event.id,
        "merchant_id": event.merchant_id,
        "delivery_id": event.delivery_id,
        "source": event.source,
        "source_event_id": event.source_event_id,
        "occurred_at": event.occurred_at,
    }


def store_sync(sync: StoreSync) -> Columns:
    return {"id": sync.store_id, "merchant_id": sync.merchant_id}


def report(state: ReportState) -> Columns:
    return {
        "id": state.unit_id,
        "merchant_id": state.merchant_id,
        "store_id": state.store_id,
        "status": state.status,
        "due_at": state.due_at,
    }


def product(product: Product) -> Columns:
    return {
        "id": product.id,
        "merchant_id": product.merchant_id,
        "store_id": product.store_id,
        "external_id": product.external_id,
        "sku": product.sku,
    }


def privacy_request(request: PrivacyRequest) -> Columns:
    return {
        "id": request.id,
        "merchant_id": request.merchant_id,
        "store_id": request.store_id,
        "kind": request.kind,
        "external_id": request.external_id,
        "status": request.status,
        "received_at": request.received_at,
        "due_at": request.due_at,
    }
