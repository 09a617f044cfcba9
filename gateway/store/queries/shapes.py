"""Questions to the reads and the pages they answer with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorstep.delivery import DeliveryFlag
from doorstep.delivery_status import DeliveryStage, DeliveryStatus
from doorstep.incident import LIVE_STATUSES, IncidentKind, IncidentStatus, Severity
from doorstep.order import OrderStatus
from doorstep.quote import DeliveryMode
from doorstep.route import RoutePlanStatus, RouteStatus
from doorstep.route_solution import UnassignedVisit
from doorstep.window import Window
from gateway.flow.records import QuarantineStatus


class SortField(StrEnum):
    """What a root list is sorted by; each list takes the ones that its GraphQL enum names."""

    PLACED_AT = "PLACED_AT"
    UPDATED_AT = "UPDATED_AT"
    CREATED_AT = "CREATED_AT"
    PROMISED_BY = "PROMISED_BY"
    LATE_RISK = "LATE_RISK"
    DUE_AT = "DUE_AT"
    RAISED_AT = "RAISED_AT"
    SEVERITY = "SEVERITY"
    BREACH = "BREACH"


@dataclass(frozen=True, slots=True)
class Sort:
    """One field and a direction; ties are broken by id, so that pages do not overlap."""

    field: SortField
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The next `first` items (1 to 250) behind a position; None starts at the beginning."""

    first: int
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Page[T]:
    """A piece of a list.

    Attributes
    ----------
    positions
        One for each item: what `PageRequest.after` takes to go on behind it.
    """

    items: tuple[T, ...]
    positions: tuple[str, ...]
    has_next: bool = False


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders; values of one field are OR, fields are AND, empty means any."""

    store_ids: tuple[str, ...] = ()
    statuses: tuple[OrderStatus, ...] = ()
    placed_within: Window | None = None
    updated_within: Window | None = None
    tags: tuple[str, ...] = ()
    search: str = ""
    has_open_exception: bool | None = None


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries. `ids` narrows to these; subscriptions use it to ask whether one still matches."""

    ids: tuple[str, ...] = ()
    statuses: tuple[DeliveryStatus, ...] = ()
    stages: tuple[DeliveryStage, ...] = ()
    flags: tuple[DeliveryFlag, ...] = ()
    modes: tuple[DeliveryMode, ...] = ()
    carriers: tuple[str, ...] = ()
    store_ids: tuple[str, ...] = ()
    driver_ids: tuple[str, ...] = ()
    promised_within: Window | None = None
    created_within: Window | None = None
    min_late_risk: float | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """Which exceptions; the live ones where nothing else is asked.

    Attributes
    ----------
    unassigned
        Nobody has them; beside `assignee_ids` that one of these or nobody has them.
    route_ids
        Of a delivery with a stop on one.
    driver_ids
        About a driver, or a delivery of theirs.
    """

    ids: tuple[str, ...] = ()
    statuses: tuple[IncidentStatus, ...] = LIVE_STATUSES
    kinds: tuple[IncidentKind, ...] = ()
    severities: tuple[Severity, ...] = ()
    due_before: datetime | None = None
    store_ids: tuple[str, ...] = ()
    assignee_ids: tuple[str, ...] = ()
    unassigned: bool = False
    delivery_ids: tuple[str, ...] = ()
    route_ids: tuple[str, ...] = ()
    driver_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a plan says of a delivery for which it found no place; remedies cost in its currency."""

    currency: str
    visit: UnassignedVisit


@dataclass(frozen=True, slots=True)
class RouteFilter:
    """Which routes; `date` is the day of the plan, "2026-11-22"."""

    date: str | None = None
    statuses: tuple[RouteStatus, ...] = ()
    driver_ids: tuple[str, ...] = ()
    plan_id: str | None = None


@dataclass(frozen=True, slots=True)
class RoutePlanFilter:
    """Which plans; `date` as of routes, `depot_ids` of their tours' drivers."""

    date: str | None = None
    statuses: tuple[RoutePlanStatus, ...] = ()
    depot_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DriverFilter:
    """Which drivers; `search` looks at their names."""

    ids: tuple[str, ...] = ()
    enabled: bool | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class QuarantineFilter:
    """Which quarantined messages; those that wait where nothing else is asked."""

    statuses: tuple[QuarantineStatus, ...] = (QuarantineStatus.WAITING,)
    sources: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    received_within: Window | None = None
