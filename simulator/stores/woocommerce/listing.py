"""Lists of orders: filters, sorts and pages with the quirks measured on WooCommerce 10.5 and 8.9."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from simulator.stores.woocommerce.orders import StoredOrder
from simulator.stores.woocommerce.ranking import ANY
from simulator.stores.woocommerce.settings import Settings
from simulator.stores.woocommerce.shelf import STATUSES, Shelf, modified_key

_ORDERS_BY = ("date", "id", "include", "title", "slug", "modified")
_TRUE = frozenset({"1", "true"})


class BadParameter(ValueError):
    """WordPress' rest_invalid_param; the text names the parameter."""


@dataclass(frozen=True, slots=True)
class Found:
    """One page, and what its headers say."""

    orders: tuple[StoredOrder, ...]
    total: int
    pages: int


@dataclass(slots=True)
class _Span:
    """Bounds of one column in unix seconds, half-open; None is open."""

    first_s: int | None = None
    end_s: int | None = None

    @property
    def is_open(self) -> bool:
        return self.first_s is None and self.end_s is None

    def has(self, instant: datetime) -> bool:
        second = int(instant.timestamp())
        return (self.first_s is None or second >= self.first_s) and (
            self.end_s is None or second < self.end_s
        )


def list_orders(shelf: Shelf, query: Mapping[str, str]) -> Found:
    """The page that a query asks for.

    Raises
    ------
    BadParameter
        If WordPress would answer 400.
    """
    per_page, number = per_page_of(query), max(1, _whole(query, "page", 1))
    statuses = _statuses(query)
    by, is_descending = _sort_of(query)
    created, modified = _spans(query, shelf.settings)
    first = (number - 1) * per_page
    is_plain = by in {"date", "modified"} and not query.get("include") and not query.get("exclude")
    is_plain = is_plain and (created if by == "modified" else modified).is_open
    group = _group(statuses)
    if is_plain and group:
        ranking, span = (shelf.by_modified, modified) if by == "modified" else (shelf.by_created, created)
        keys, start, stop = ranking.between(group, span.first_s, span.end_s)
        total = max(0, stop - start)
        low, high = (stop - first - per_page, stop - first) if is_descending else (first, first + per_page)
        if not is_descending:
            low, high = start + low, start + high
        picked = keys[max(start, low) : min(stop, max(start, high))]
        rows = [shelf.orders[key[2]] for key in (reversed(picked) if is_descending else picked)]
    else:
        found = [
            order
            for order in _candidates(shelf, query, modified)
            if order.status in statuses and created.has(order.created_at) and modified.has(order.modified_at)
        ]
        total = len(found)
        rows = _sorted(found, by, is_descending=is_descending)[first : first + per_page]
    # Past the last page 10.5 has counted nothing; 8.9 counts again without the limit.
    counted = 0 if not rows and number > 1 and shelf.settings.is_hpos else total
    return Found(tuple(rows), counted, math.ceil(counted / per_page))


def per_page_of(query: Mapping[str, str]) -> int:
    """Rows a page, 10 by default and 100 at most."""
    per_page = _whole(query, "per_page", 10)
    if not 1 <= per_page <= 100:
        raise BadParameter("per_page")
    return per_page


def ids_of(text: str) -> frozenset[int]:
    """A comma-separated list of ids."""
    return frozenset(int(part) for part in text.split(",") if part.strip().isdecimal())


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


def _group(statuses: frozenset[str]) -> str:
    if statuses == frozenset(STATUSES):
        return ANY
    return next(iter(statuses)) if len(statuses) == 1 else ""


def _sort_of(query: Mapping[str, str]) -> tuple[str, bool]:
    by, order = query.get("orderby", "date"), query.get("order", "desc")
    if by not in _ORDERS_BY:
        raise BadParameter("orderby")
    if order not in {"asc", "desc"}:
        raise BadParameter("order")
    return by, order == "desc"


def _spans(query: Mapping[str, str], settings: Settings) -> tuple[_Span, _Span]:
    is_gmt = query.get("dates_are_gmt", "").lower() in _TRUE
    created, modified = _Span(), _Span()
    for name, text in query.items():
        column, _, side = name.rpartition("_")
        if side not in {"after", "before"} or column not in {"", "modified"} or not text:
            continue
        limit_s = int(limit_of(text, settings, is_gmt=is_gmt, name=name).timestamp())
        span = modified if column else created
        if side == "after":
            # Strictly greater (measured): the second itself is left out.
            span.first_s = limit_s + 1
        else:
            span.end_s = limit_s
    return created, modified


def _candidates(shelf: Shelf, query: Mapping[str, str], modified: _Span) -> Iterable[StoredOrder]:
    left_out = ids_of(query.get("exclude", ""))
    if query.get("include"):
        wanted = ids_of(query["include"])
        return [shelf.orders[one] for one in wanted if one in shelf.orders and one not in left_out]
    if not modified.is_open and "trash" not in query.get("status", ""):
        keys, start, stop = shelf.by_modified.between(ANY, modified.first_s, modified.end_s)
        return [shelf.orders[key[2]] for key in keys[start:stop] if key[2] not in left_out]
    return [order for order in shelf.orders.values() if order.id not in left_out]


def _sorted(rows: list[StoredOrder], by: str, *, is_descending: bool) -> list[StoredOrder]:
    if by == "id":
        return sorted(rows, key=lambda order: order.id, reverse=is_descending)
    if by == "modified":
        return sorted(rows, key=modified_key, reverse=is_descending)
    return sorted(rows, key=lambda order: (order.created_at, order.id), reverse=is_descending)
