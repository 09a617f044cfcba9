"""What a filter means in SQL: values of one field are OR, fields are AND, empty means any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Float,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import array

from doorstep.delivery import DeliveryFlag
from doorstep.delivery_status import DeliveryStage, DeliveryStatus, stage_of
from doorstep.incident import IncidentStatus
from doorstep.window import Window
from gateway.store import tables as t
from gateway.store.queries import shapes as s

Conditions = list[ColumnElement[bool]]


def orders(which: s.OrderFilter) -> Conditions:
    c = t.orders.c
    found = _any_of(c.store_id, which.store_ids) + _any_of(c.status, which.statuses)
    found += _within(c.placed_at, which.placed_within) + _within(c.updated_at, which.updated_within)
    if which.tags:
        found.append(c.doc["tags"].has_any(array(which.tags)))
    if which.search:
        found.append(
            _search(
                which.search,
                c.number,
                _text(c.doc, "destination", "name"),
                _text(c.doc, "destination", "email"),
                _text(c.doc, "destination", "postal_code"),
            )
        )
    if which.has_open_exception is not None:
        trouble = exists(
            select(t.incidents.c.id)
            .join(t.deliveries, t.deliveries.c.id == t.incidents.c.delivery_id)
            .where(t.deliveries.c.order_id == c.id, t.incidents.c.status != IncidentStatus.RESOLVED)
        )
        found.append(trouble if which.has_open_exception else ~trouble)
    return found


def deliveries(which: s.DeliveryFilter) -> Conditions:
    c = t.deliveries.c
    found = _any_of(c.id, which.ids) + _any_of(c.status, which.statuses) + _any_of(c.mode, which.modes)
    found += _any_of(c.driver_id, which.driver_ids)
    found += _within(c.promised_by, which.promised_within)
    found += _within(c.created_at, which.created_within)
    if which.stages:
        found.append(_stage().in_(which.stages))
    if which.flags:
        found.append(c.doc["flags"].has_any(array(which.flags)))
    if which.carriers:
        found.append(
            exists(
                select(t.legs.c.id).where(t.legs.c.delivery_id == c.id, t.legs.c.carrier.in_(which.carriers))
            )
        )
    if which.store_ids:
        found.append(
            exists(
                select(t.orders.c.id).where(
                    t.orders.c.id == c.order_id, t.orders.c.store_id.in_(which.store_ids)
                )
            )
        )
    if which.min_late_risk is not None:
        found.append(late_risk() >= which.min_late_risk)
    if which.search:
        found.append(
            _search(
                which.search,
                c.reference,
                _text(c.doc, "destination", "name"),
                _text(c.doc, "destination", "postal_code"),
            )
        )
    return found


def incidents(which: s.IncidentFilter) -> Conditions:
    c = t.incidents.c
    found = _any_of(c.id, which.ids) + _any_of(c.status, which.statuses) + _any_of(c.kind, which.kinds)
    found += _any_of(c.severity, which.severities)
    if which.due_before is not None:
        found.append(c.due_at < which.due_before)
    if which.store_ids:
        theirs = (
            select(t.deliveries.c.id)
            .join(t.orders, t.orders.c.id == t.deliveries.c.order_id)
            .where(t.orders.c.store_id.in_(which.store_ids))
        )
        found.append(c.delivery_id.in_(theirs))
    if which.statuses and IncidentStatus.RESOLVED not in which.statuses:
        # Said so that the planner sees that the queue's indexes hold all of them.
        found.append(literal_column("incidents.status <> 'RESOLVED'", Boolean()))
    return found + _in_hand(which) + _about(which)


def _in_hand(which: s.IncidentFilter) -> Conditions:
    c = t.incidents.c
    by_whom = _any_of(c.assignee_id, which.assignee_ids)
    if which.unassigned:
        by_whom.append(c.assignee_id.is_(None))
    return [or_(*by_whom)] if by_whom else []


def _about(which: s.IncidentFilter) -> Conditions:
    c, found = t.incidents.c, _any_of(t.incidents.c.delivery_id, which.delivery_ids)
    if which.route_ids:
        stops = t.route_stops.c
        found.append(c.delivery_id.in_(select(stops.delivery_id).where(stops.route_id.in_(which.route_ids))))
    if which.driver_ids:
        theirs = select(t.deliveries.c.id).where(t.deliveries.c.driver_id.in_(which.driver_ids))
        found.append(or_(c.delivery_id.in_(theirs), c.doc["driver_id"].astext.in_(which.driver_ids)))
    return found


def routes(which: s.RouteFilter) -> Conditions:
    c = t.routes.c
    found = _any_of(c.status, which.statuses) + _any_of(c.driver_id, which.driver_ids)
    if which.date is not None:
        found.append(c.date == which.date)
    if which.plan_id is not None:
        found.append(c.plan_id == which.plan_id)
    return found


def route_plans(which: s.RoutePlanFilter) -> Conditions:
    c = t.route_plans.c
    found = _any_of(c.status, which.statuses)
    if which.date is not None:
        found.append(c.date == which.date)
    if which.depot_ids:
        found.append(or_(*(c.doc["outlines"].contains([{"depot_id": id_}]) for id_ in which.depot_ids)))
    return found


def drivers(which: s.DriverFilter) -> Conditions:
    c = t.drivers.c
    found = _any_of(c.id, which.ids)
    if which.enabled is not None:
        found.append(c.doc["enabled"].as_boolean() == which.enabled)
    if which.search:
        found.append(_search(which.search, _text(c.doc, "name")))
    return found


def quarantined(which: s.QuarantineFilter) -> Conditions:
    c = t.quarantine.c
    found = _any_of(c.status, which.statuses) + _any_of(c.source, which.sources)
    found += _within(c.received_at, which.received_within)
    if which.codes:
        found.append(_text(c.doc, "problem_code").in_(which.codes))
    return found


def _stage() -> ColumnElement[Any]:
    """`Delivery.stage` in SQL: a courier around the corner is NEARBY though still on the way."""
    c = t.deliveries.c
    is_near = and_(
        c.status == DeliveryStatus.OUT_FOR_DELIVERY,
        c.doc["flags"].contains([DeliveryFlag.COURIER_IMMINENT]),
    )
    by_status = case({status.value: stage_of(status).value for status in DeliveryStatus}, value=c.status)
    return case((is_near, DeliveryStage.NEARBY.value), else_=by_status)


def late_risk() -> ColumnElement[Any]:
    """The probability of being late as a number; unknown counts as none."""
    return func.coalesce(cast(t.deliveries.c.doc["late_risk"].astext, Float), 0.0)


def _any_of(column: ColumnElement[Any], values: Sequence[str]) -> Conditions:
    return [column.in_(values)] if values else []


def _within(column: ColumnElement[Any], window: Window | None) -> Conditions:
    return [and_(column >= window.start, column < window.end)] if window else []


def _text(doc: Any, *path: str) -> ColumnElement[Any]:
    for name in path[:-1]:
        doc = doc[name]
    found: ColumnElement[Any] = doc[path[-1]].astext
    return found


def _search(words: str, *columns: ColumnElement[Any]) -> ColumnElement[bool]:
    # PostgreSQL's texts hold no nought, so nothing that has one is found.
    if "\0" in words:
        return false()
    pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return or_(*(column.ilike(pattern, escape="\\") for column in columns))
