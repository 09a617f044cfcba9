"""Counts a store's orders without reading them, so that what is missing here can be found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from connectors.stores.woocommerce.pages import OrderPages
from connectors.stores.woocommerce.reading import is_draft
from connectors.stores.woocommerce.store_api import StoreApi
from connectors.stores.woocommerce.walk import Ask, Column, parameters_of, stamp_of, start_of, walk
from doorstep.clock import Clock
from doorstep.errors import RemoteRefused
from doorstep.window import Window

# "any" has no trash in it, and drafts of the Blocks checkout have (measured).
_LIVING, _TRASH, _DRAFTS = "any", "trash", "checkout-draft"
_SECOND = timedelta(seconds=1)


async def count_changed(api: StoreApi, since: datetime | None) -> int | None:
    """Orders that a walk would give; None where a proxy takes the count out of the answer."""
    ask = Ask(_LIVING, after=start_of(since))
    return await _count(api, parameters_of(ask, 1))


async def count_placed(api: StoreApi, window: Window) -> int | None:
    """Orders placed in a window that the store has, in the trash too."""
    return await _count(api, parameters_of(_placed(_LIVING, window), 1))


async def placed_ids(api: StoreApi, clock: Clock, window: Window) -> AsyncIterator[str]:
    """Ids of these, walked by the date that never changes: nothing is skipped while others come and go."""
    pages = OrderPages(api, clock, fields="id,status,date_created_gmt")
    given: set[object] = set()
    for status in (_LIVING, _TRASH):
        async for page in walk(pages, _placed(status, window)):
            for order in page.orders:
                if not is_draft(order) and order.get("id") not in given:
                    given.add(order.get("id"))  # it may go to the trash between the two
                    yield str(order.get("id"))


async def newest_change(api: StoreApi) -> datetime | None:
    """When the store last changed an order, in its own time; None where it has none."""
    newest = [change for status in (_LIVING, _TRASH) if (change := await _newest(api, status)) is not None]
    return max(newest, default=None)


async def _newest(api: StoreApi, status: str) -> datetime | None:
    query = {"status": status, "orderby": "modified", "order": "desc", "per_page": "20"}
    query["_fields"] = "id,status,date_modified_gmt,date_created_gmt"
    number = 1
    while rows := (await api.read("orders", query | {"page": str(number)})).rows():
        stamps = [stamp for row in rows if not is_draft(row) and (stamp := stamp_of(row))]
        if stamps:
            return max(stamps)
        number += 1
    return None


async def _count(api: StoreApi, query: dict[str, str]) -> int | None:
    counts: list[int | None] = []
    for status in (_LIVING, _TRASH, _DRAFTS):
        try:
            answer = await api.read("orders", query | {"status": status, "_fields": "id"})
            counts.append(answer.total)
        except RemoteRefused:
            if status != _DRAFTS:
                raise
            counts.append(0)  # a shop without the Blocks checkout does not know the status
    living, trash, drafts = counts
    if living is None or trash is None or drafts is None:
        return None
    return max(0, living + trash - drafts)


def _placed(status: str, window: Window) -> Ask:
    # Both filters leave their limit itself out, and orders are dated in whole seconds.
    start, end = _next_second(window.start) - _SECOND, _next_second(window.end)
    return Ask(status, start, end, column=Column.PLACED)


def _next_second(instant: datetime) -> datetime:
    whole = instant.replace(microsecond=0)
    return whole if whole == instant else whole + _SECOND
