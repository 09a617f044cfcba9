"""The walk over changed orders: always page 1, moving a cursor. Pure but for the pages it asks for.

Why so (measured on WooCommerce 8.9 and 10.5): orders that change during a walk by page numbers make page N
skip untouched ones, with any sort. Sorted by modification and asked again from the last second seen,
nothing untouched can be skipped. `modified_after` is strictly greater and several orders share a second, so
the cursor stands one second before the last order seen.

Imports leave orders without a date (zero dates in the database). They are sorted first and no filter finds
them, so that a walk from the beginning meets them before its cursor stands anywhere, and goes on by number.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from connectors.stores.woocommerce.diagnosis import Fault, problem

Document = Mapping[str, Any]
_SECOND = timedelta(seconds=1)

GHOSTS = 10
"""So many orders a store may count and never show, as it cannot load them, before it counts as unwell."""


class Column(StrEnum):
    """Which date of an order a walk goes by; as `orderby` says it."""

    CHANGED = "modified"
    PLACED = "date"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of orders.

    Attributes
    ----------
    total
        How many match in all, where the store says so.
    asked_at
        Our time before the store was asked.
    """

    orders: list[dict[str, Any]]
    total: int | None
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Ask:
    """Which orders, closed on neither side: `after` < date < `before`.

    Attributes
    ----------
    status
        "any", which has no trash in it, or "trash".
    by_id
        Sort by id instead of by date.
    """

    status: str
    after: datetime | None
    before: datetime | None = None
    number: int = 1
    by_id: bool = False
    column: Column = Column.CHANGED


class Pages(Protocol):
    """Where pages come from."""

    async def page(self, ask: Ask) -> Page:
        """One page of at most `size` orders."""
        ...

    @property
    def size(self) -> int:
        """Orders a page; may shrink between pages when the store cannot bear them."""
        ...


def parameters_of(ask: Ask, size: int) -> dict[str, str]:
    """The query for an ask.

    Times go as bare UTC *plus* `dates_are_gmt=true`, in whole seconds: with a Z the filter shifts by the
    store's offset, without the flag it is read as store time, fractions lose orders on 10.5 (measured).
    """
    found = {
        "orderby": "id" if ask.by_id else ask.column.value,
        "order": "asc",
        "per_page": str(size),
        "page": str(ask.number),
        "status": ask.status,
    }
    if ask.after is not None or ask.before is not None:
        found["dates_are_gmt"] = "true"
    prefix = "modified_" if ask.column is Column.CHANGED else ""
    if ask.after is not None:
        found[f"{prefix}after"] = bare_utc(ask.after)
    if ask.before is not None:
        found[f"{prefix}before"] = bare_utc(ask.before)
    return found


def bare_utc(instant: datetime) -> str:
    """UTC without a zone and without fractions, rounded down."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def start_of(since: datetime | None) -> datetime | None:
    """The cursor of a walk that begins with that very second: the filter is strictly greater (measured)."""
    return None if since is None else since.replace(microsecond=0) - _SECOND


def stamp_of(order: Document, column: Column = Column.CHANGED) -> datetime | None:
    """When the store changed an order last, or when it was placed; whole seconds.

    None where the order does not say. The one date never stands for the other: the store sorts and filters
    by the one that was asked for, and a cursor that took the other would leap over orders.
    """
    given = order.get("date_modified_gmt" if column is Column.CHANGED else "date_created_gmt")
    try:
        stamp = datetime.fromisoformat(str(given))
        stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
        return stamp.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None


async def walk(pages: Pages, ask: Ask) -> AsyncIterator[Page]:
    """Pages of the orders that an ask names, oldest date first, each state of an order once.

    Raises
    ------
    AccountProblem
        If the store ignores the filter, as WooCommerce did before 5.8: the walk would never end.
    RemoteUnavailable
        If the store counts orders that it does not show, or shows none of their dates.
    """
    cursor = ask.after
    seen: dict[object, datetime | None] = {}
    has_shown = False
    while True:
        page = await pages.page(replace(ask, after=cursor))
        _require_filtered(page, cursor, ask.column)
        yield _unseen(page, seen, ask.column)
        if not _has_more(page, pages.size) or _ends_in_ghosts(page, pages.size, ask, has_shown=has_shown):
            return
        if not page.orders:
            raise problem(Fault.UNREADABLE_ANSWER, f"{page.total} orders counted, none shown")
        has_shown = True
        last = _latest(page, ask.column)
        if last is None:
            if cursor is not None:
                raise problem(Fault.UNREADABLE_ANSWER, "orders without a date")
            async for undated in _undated(pages, ask):
                yield _unseen(undated, seen, ask.column)
                last = _latest(undated, ask.column)
            if last is None:
                return
        if cursor is None or last - _SECOND > cursor:
            cursor = last - _SECOND
        else:
            async for crowd in _one_second(pages, ask, last):
                yield _unseen(crowd, seen, ask.column)
            cursor = last
        seen = {order_id: stamp for order_id, stamp in seen.items() if stamp is not None and stamp > cursor}


async def _undated(pages: Pages, ask: Ask) -> AsyncIterator[Page]:
    """More orders without a date than a page: page by page, back again, and at last the first with a date.

    Back, because one of them that is changed meanwhile has a date then and leaves the list, and those behind
    it move to a page that was read already.
    """
    number, size = 2, pages.size
    while True:
        page = await pages.page(replace(ask, number=number))
        if pages.size != size:
            raise problem(Fault.STORE_UNWELL, "more orders without a date than the store can list")
        yield page
        is_last = not _has_more_behind(page, size, number)
        if is_last or _latest(page, ask.column) is not None:
            break
        number += 1
    for before in range(number - 1, 0, -1):
        yield await pages.page(replace(ask, number=before))
    yield page


async def _one_second(pages: Pages, asked: Ask, second: datetime) -> AsyncIterator[Page]:
    """All orders of one second that has more of them than a page.

    By id and from the last page to the first: an order that changes meanwhile leaves the second, and those
    behind it move towards the front, where they are met again instead of being skipped.
    """
    ask = replace(asked, after=second - _SECOND, before=second + _SECOND, by_id=True)
    size = pages.size
    first = await pages.page(ask)
    total = first.total if first.total is not None else 0
    for number in range(-(-total // size), 0, -1):
        page = await pages.page(replace(ask, number=number))
        if pages.size != size:
            raise problem(Fault.STORE_UNWELL, "more orders in one second than the store can list")
        yield page


def _has_more(page: Page, size: int) -> bool:
    # The total counts better than the length: WooCommerce leaves out orders that it cannot load, so that a
    # short page need not be the last.
    return len(page.orders) >= size if page.total is None else page.total > len(page.orders)


def _has_more_behind(page: Page, size: int, number: int) -> bool:
    return len(page.orders) >= size if page.total is None else page.total > number * size


def _ends_in_ghosts(page: Page, size: int, ask: Ask, *, has_shown: bool) -> bool:
    """Whether all that is counted and not shown is what the store cannot load, behind everything else.

    That would otherwise fail every walk until another order changes. Where nothing is lost: the cursor of
    whoever walks stays at the last order that was shown. A store that shows none of its orders from the
    beginning, or hides more than a few from a later walk, is unwell, and must not look like an idle one.
    """
    if page.orders or page.total is None:
        return False
    return page.total <= size if has_shown else ask.after is not None and page.total <= GHOSTS


def _latest(page: Page, column: Column) -> datetime | None:
    """The last date of a page; None where none of its orders has one."""
    return max((stamp for order in page.orders if (stamp := stamp_of(order, column))), default=None)


def _unseen(page: Page, seen: dict[object, datetime | None], column: Column) -> Page:
    stamped = [(order, stamp_of(order, column)) for order in page.orders]
    fresh = [
        (order, stamp)
        for order, stamp in stamped
        if order.get("id") not in seen or seen[order.get("id")] != stamp
    ]
    seen.update((order.get("id"), stamp) for order, stamp in fresh)
    return Page([order for order, _ in fresh], page.total, page.asked_at)


def _require_filtered(page: Page, cursor: datetime | None, column: Column) -> None:
    stamps = [stamp for order in page.orders if (stamp := stamp_of(order, column))]
    if cursor is not None and any(stamp <= cursor for stamp in stamps):
        raise problem(Fault.VERSION_TOO_OLD, "it ignores modified_after")


async def merged[T](
    one: AsyncIterator[T], other: AsyncIterator[T], key: Callable[[T], datetime]
) -> AsyncIterator[T]:
    """Two sorted streams as one, read as far as needed."""
    left, right = await anext(one, None), await anext(other, None)
    while left is not None or right is not None:
        if right is None or (left is not None and key(left) <= key(right)):
            if left is not None:
                yield left
            left = await anext(one, None)
        else:
            yield right
            right = await anext(other, None)
