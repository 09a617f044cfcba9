"""From filters and sort orders as clients write them to those that the reads take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from doorstep.incident import LIVE_STATUSES
from gateway.api.ports import records
from gateway.api.ports.records import Sort, SortField
from gateway.api.reading import Path, read_ids, read_span, read_text, read_window, wrong
from gateway.api.types.deliveries import DeliveryFilter, DeliverySort
from gateway.api.types.drivers import DriverFilter
from gateway.api.types.enums import SortDirection
from gateway.api.types.exceptions import ExceptionFilter, ExceptionSort
from gateway.api.types.orders import OrderFilter, OrderSort
from gateway.api.types.plans import RoutePlanFilter
from gateway.api.types.quarantine import QuarantineFilter
from gateway.api.types.routes import RouteFilter
from gateway.flow.records import QuarantineStatus

_AT: Path = ("filter",)
MOST_DUE_S = 31 * 86_400


def read_sort(given: OrderSort | DeliverySort | ExceptionSort) -> Sort:
    """A field and a direction."""
    return Sort(SortField(given.field.value), given.direction is SortDirection.DESC)


def read_order_filter(given: OrderFilter | None) -> records.OrderFilter:
    """Which orders."""
    if given is None:
        return records.OrderFilter()
    return records.OrderFilter(
        store_ids=read_ids(given.store_ids, "sto", (*_AT, "storeIds")),
        statuses=tuple(given.status or ()),
        placed_within=read_window(given.placed_within, (*_AT, "placedWithin")),
        updated_within=read_window(given.updated_within, (*_AT, "updatedWithin")),
        tags=_texts(given.tags, "tags"),
        search=read_text(given.search, (*_AT, "search"), 100),
        has_open_exception=given.has_open_exception,
    )


def read_delivery_filter(
    given: DeliveryFilter | None, ids: Sequence[str] | None = None
) -> records.DeliveryFilter:
    """Which deliveries; `ids` narrows to these."""
    own = read_ids(ids, "del", ("ids",))
    if given is None:
        return records.DeliveryFilter(ids=own)
    risk = given.min_late_risk
    if risk is not None and not 0 <= risk <= 1:
        raise wrong((*_AT, "minLateRisk"), "minLateRisk is a probability, 0 to 1")
    return records.DeliveryFilter(
        ids=own,
        statuses=tuple(given.status or ()),
        stages=tuple(given.stage or ()),
        flags=tuple(given.flags or ()),
        modes=tuple(given.modes or ()),
        carriers=_texts(given.carrier_codes, "carrierCodes"),
        store_ids=read_ids(given.store_ids, "sto", (*_AT, "storeIds")),
        driver_ids=read_ids(given.driver_ids, "drv", (*_AT, "driverIds")),
        promised_within=read_window(given.promised_within, (*_AT, "promisedWithin")),
        created_within=read_window(given.created_within, (*_AT, "createdWithin")),
        min_late_risk=risk,
        search=read_text(given.search, (*_AT, "search"), 100),
    )


def read_exception_filter(given: ExceptionFilter | None, now: datetime) -> records.IncidentFilter:
    """Which exceptions; without status those that are in the queue."""
    if given is None:
        return records.IncidentFilter()
    due = given.due_within_seconds
    if due is not None:
        read_span(due, (*_AT, "dueWithinSeconds"), 0, MOST_DUE_S)
    return records.IncidentFilter(
        statuses=LIVE_STATUSES if given.status is None else tuple(given.status),
        kinds=tuple(given.kinds or ()),
        severities=tuple(given.severities or ()),
        due_before=None if due is None else now + timedelta(seconds=due),
        store_ids=read_ids(given.store_ids, "sto", (*_AT, "storeIds")),
        assignee_ids=read_ids(given.assignee_ids, "per", (*_AT, "assigneeIds")),
        unassigned=bool(given.unassigned),
        delivery_ids=read_ids(given.delivery_ids, "del", (*_AT, "deliveryIds")),
        route_ids=read_ids(given.route_ids, "rte", (*_AT, "routeIds")),
        driver_ids=read_ids(given.driver_ids, "drv", (*_AT, "driverIds")),
    )


def read_route_filter(given: RouteFilter | None) -> records.RouteFilter:
    """Which routes."""
    if given is None:
        return records.RouteFilter()
    plan = read_ids(None if given.plan_id is None else [given.plan_id], "pla", (*_AT, "planId"))
    return records.RouteFilter(
        date=None if given.date is None else given.date.isoformat(),
        statuses=tuple(given.status or ()),
        driver_ids=read_ids(given.driver_ids, "drv", (*_AT, "driverIds")),
        plan_id=plan[0] if plan else None,
    )


def read_plan_filter(given: RoutePlanFilter | None) -> records.RoutePlanFilter:
    """Which plans."""
    if given is None:
        return records.RoutePlanFilter()
    return records.RoutePlanFilter(
        date=None if given.date is None else given.date.isoformat(),
        statuses=tuple(given.status or ()),
        depot_ids=read_ids(given.location_ids, "loc", (*_AT, "locationIds")),
    )


def read_driver_filter(given: DriverFilter | None, ids: Sequence[str] | None = None) -> records.DriverFilter:
    """Which drivers; `ids` narrows to these."""
    own = read_ids(ids, "drv", ("driverIds",))
    if given is None:
        return records.DriverFilter(ids=own)
    return records.DriverFilter(own, given.enabled, read_text(given.search, (*_AT, "search"), 100))


def read_quarantine_filter(given: QuarantineFilter | None) -> records.QuarantineFilter:
    """Which messages; without status those that wait."""
    if given is None:
        return records.QuarantineFilter()
    waiting = (QuarantineStatus.WAITING,)
    return records.QuarantineFilter(
        statuses=waiting if given.status is None else tuple(given.status),
        sources=read_ids(given.store_ids, "sto", (*_AT, "storeIds")),
        codes=_texts(given.codes, "codes"),
        received_within=read_window(given.received_within, (*_AT, "receivedWithin")),
    )


def _texts(given: Sequence[str] | None, name: str) -> tuple[str, ...]:
    return tuple(read_text(text, (*_AT, name, str(index)), 100) for index, text in enumerate(given or ()))
