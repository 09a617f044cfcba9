"""Lists of orders: filters, sorts and pages with the quirks measured on WooCommerce 10.5 and 8.9."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from simulator.stores.woocommerce.shelf import STATUSES, Settings, Shelf, StoredOrder

_ORDERS_BY = ("date", "id", "include", "title", "slug", "modified")


class BadParameter(ValueError):
    """WordPress' rest_invalid_param; the text names the parameter."""


@dataclass(frozen=True, slots=True)
class Found:
    """One page, and what its headers say."""

    orders: tuple[StoredOrder, ...]
    total: int
    pages: int


def list_orders(shelf: Shelf, query: Mapping[str, str]) -> Found:
    """The page that a query asks for.

    Raises
    ------
    BadParameter
        If WordPress would answer 400.
    """
    per_page, number = per_page_of(query), max(1, _whole(query, "page", 1))
    statuses = _statuses(query)
    rows = [order for order in shelf.orders.values() if order.status in statuses]
    rows = _between(rows, query, shelf.settings)
    if "include" in query:
        rows = [order for order in rows if order.id in ids_of(query["include"])]
    rows = [order for order in rows if order.id not in ids_of(query.get("exclude", ""))]
    rows = _sorted(rows, query)
    total = len(rows)
    shown = tuple(rows[(number - 1) * per_page : number * per_page])
    # Past the last page 10.5 has counted nothing; 8.9 counts again without the limit.
    counted = 0 if not shown and number > 1 and shelf.settings.is_hpos else total
    return Found(shown, counted, math.ceil(counted / per_page))


def per_page_of(query: Mapping[str, str]) -> int:
    """Rows a page, 10 by default and 100 at most."""
    per_page = _whole(query, "per_page", 10)
    if not 1 <= per_page <= 100:
        raise BadParameter("per_page")
    return per_page


def ids_of(text: str) -> frozenset[int]:
    """A comma-separated list of ids."""
    return frozenset(int(part) for part in text.split(",") if part.strip().isdecimal())


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    given = query.get(name, "")
    if not given:
        return default
    if not given.isdecimal():
        raise BadParameter(name)
    return int(given)


def _statuses(query: Mapping[str, str]) -> frozenset[str]:
    asked = query.get("status", "any").split(",")
    # Unknown ones and those with the wc- prefix are refused (measured).
    if any(status not in {"any", "trash", *STATUSES} for status in asked):
        raise BadParameter("status")
    # "any" ends the list, so that "any,trash" has no trash in it (measured).
    return frozenset(STATUSES) if "any" in asked else frozenset(asked)


def _between(rows: list[StoredOrder], query: Mapping[str, str], settings: Settings) -> list[StoredOrder]:
    is_gmt = query.get("dates_are_gmt", "").lower() in {"1", "true"}
    for name, text in query.items():
        column, _, side = name.rpartition("_")
        if side not in {"after", "before"} or column not in {"", "modified"} or not text:
            continue
        limit = limit_of(text, settings, is_gmt=is_gmt, name=name)
        rows = [order for order in rows if _is_inside(order, column, side, limit)]
    return rows


def _is_inside(order: StoredOrder, column: str, side: str, limit: datetime) -> bool:
    instant = order.modified_at if column else order.created_at
    return instant > limit if side == "after" else instant < limit


def limit_of(text: str, settings: Settings, *, is_gmt: bool, name: str = "after") -> datetime:
    """The instant that a date filter really compares with.

    Bare UTC with `dates_are_gmt` is right. Bare without it is store time. A Z together with the flag shifts
    by the store's offset. A fraction loses orders on 10.5 and is ignored on 8.9.
    """
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise BadParameter(name) from None
    if given.microsecond and settings.is_hpos:
        given += timedelta(seconds=1)
    given = given.replace(microsecond=0)
    if given.tzinfo is None:
        return given.replace(tzinfo=UTC) if is_gmt else given.replace(tzinfo=settings.zone)
    if is_gmt:
        return given.astimezone(settings.zone).replace(tzinfo=UTC)
    return given


def _sorted(rows: list[StoredOrder], query: Mapping[str, str]) -> list[StoredOrder]:
    by = query.get("orderby", "date")
    if by not in _ORDERS_BY or query.get("order", "desc") not in {"asc", "desc"}:
        raise BadParameter("orderby")
    is_descending = query.get("order", "desc") == "desc"
    if by == "id":
        return sorted(rows, key=lambda order: order.id, reverse=is_descending)
    if by == "modified":
        # A database promises nothing about rows of one second: here they come scrambled.
        return sorted(
            rows, key=lambda order: (order.modified_at, order.id * 7919 % 1009), reverse=is_descending
        )
    return sorted(rows, key=lambda order: (order.created_at, order.id), reverse=is_descending)
