"""Connections: a list page by page, behind opaque cursors."""

# No `from __future__ import annotations` here: Strawberry must see the type parameters, not their names.

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence

import strawberry

from doorstep.errors import InvalidInput
from gateway.api.marks import ANYONE, part, resolved, shape
from gateway.api.ports.records import Page, PageRequest
from gateway.api.types.enums import CountPrecision

MOST_ITEMS = 250
COUNT_LIMIT = 10_000


@shape(to=ANYONE)
class PageInfo:
    """Relay page information."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@shape()
class Count:
    """Size of a whole list; counting stops at 10,000."""

    value: int
    precision: CountPrecision


@shape()
class Edge[T]:
    """One item of a page with its place in the list."""

    cursor: str
    node: T


@shape()
class Connection[T]:
    """A page of a list."""

    edges: list[Edge[T]] = part(most=MOST_ITEMS)
    nodes: list[T] = part(most=MOST_ITEMS)
    page_info: PageInfo
    counter: strawberry.Private[Callable[[int], Awaitable[int]]]

    @resolved(points=5)
    async def total(self) -> Count:
        """How many there are on all pages."""
        value = await self.counter(COUNT_LIMIT + 1)
        if value > COUNT_LIMIT:
            return Count(value=COUNT_LIMIT, precision=CountPrecision.AT_LEAST)
        return Count(value=value, precision=CountPrecision.EXACT)


def page_request(first: int, after: str | None, of: str) -> PageRequest:
    """Read the paging arguments of the list `of`.

    Raises
    ------
    InvalidInput
        If `first` is not in 1 to 250, or `after` is no cursor of this list.
    """
    if not 1 <= first <= MOST_ITEMS:
        raise InvalidInput(f"first must be 1 to {MOST_ITEMS}, got {first}", path=("first",))
    return PageRequest(first, None if after is None else _position(after, of))


def connection[D, T](
    page: Page[D],
    request: PageRequest,
    of: str,
    show: Callable[[D], T],
    counter: Callable[[int], Awaitable[int]],
) -> Connection[T]:
    """The page as a connection; `of` names the list, so that cursors of another are refused."""
    nodes = [show(item) for item in page.items]
    cursors = [_cursor(position, of) for position in page.positions]
    return Connection(
        edges=[Edge(cursor=cursor, node=node) for cursor, node in zip(cursors, nodes, strict=True)],
        nodes=nodes,
        page_info=PageInfo(
            has_next_page=page.has_next,
            has_previous_page=request.after is not None,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        ),
        counter=counter,
    )


def slice_of[D, T](
    items: Sequence[D], first: int, after: str | None, of: str, show: Callable[[D], T]
) -> Connection[T]:
    """A page of a list that is wholly in memory; positions are indexes."""
    request = page_request(first, after, of)
    start = _index(request.after) + 1 if request.after is not None else 0
    taken = tuple(items[start : start + request.first])
    positions = tuple(str(start + offset) for offset in range(len(taken)))

    async def counter(up_to: int) -> int:
        return min(len(items), up_to)

    page = Page(taken, positions, has_next=start + len(taken) < len(items))
    return connection(page, request, of, show, counter)


def _cursor(position: str, of: str) -> str:
    return base64.urlsafe_b64encode(f"{of}:{position}".encode()).decode().rstrip("=")


def _position(cursor: str, of: str) -> str:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        text = ""
    name, colon, position = text.partition(":")
    if not colon or name != of:
        raise InvalidInput("after is no cursor of this list; pass pageInfo.endCursor", path=("after",))
    return position


def _index(position: str) -> int:
    if not position.isascii() or not position.isdigit():
        raise InvalidInput("after is no cursor of this list; pass pageInfo.endCursor", path=("after",))
    return int(position)
