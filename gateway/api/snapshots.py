"""Whole lists for the beginning of a subscription, read page by page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from dataclasses import replace

from gateway.api.context import Context
from gateway.api.paging import MOST_ITEMS
from gateway.api.ports.records import DriverFilter, Page, PageRequest
from gateway.api.types.drivers import DriverPosition, load_position
from gateway.api.types.updates import MOST_MOVED


async def every[T](find: Callable[[PageRequest], Awaitable[Page[T]]], most: int) -> AsyncGenerator[T]:
    """At most so many of a list, in its order."""
    after: str | None = None
    while most > 0:
        page = await find(PageRequest(min(most, MOST_ITEMS), after))
        for item in page.items:
            yield item
        most -= len(page.items)
        if not page.has_next or not page.positions:
            return
        after = page.positions[-1]


async def driver_positions(
    context: Context, which: DriverFilter, only: Collection[str] | None = None
) -> list[DriverPosition]:
    """Where the drivers that match are now; those whose devices have said nothing yet are left out.

    Parameters
    ----------
    only
        Ids of those that moved; None means all.
    """
    if only is not None:
        wanted = tuple(sorted(set(only) & set(which.ids) if which.ids else set(only)))
        if not wanted:
            return []
        which = replace(which, ids=wanted)
    drivers = [
        driver async for driver in every(lambda page: context.reads.find_drivers(which, page), MOST_MOVED)
    ]
    positions = await asyncio.gather(*(load_position(context, driver) for driver in drivers))
    return [position for position in positions if position is not None]
