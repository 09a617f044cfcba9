"""Connections of the Admin API: pages of a short list, and pages of a search through an index."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from graphql import GraphQLError

from simulator.stores.shopify.index import Indexed, Key, SearchIndex
from simulator.stores.shopify.searching import Search

View = dict[str, Any]
LARGEST_PAGE = 250
EVERYTHING = sys.maxsize
"""As a page size: all that there is, as bulk operations read it; too large for a GraphQL Int."""
DEEPEST = 25_000
"""Objects of a connection that can be paged to (Shopify documentation, November 2026)."""


class Page(NamedTuple):
    """What a connection was asked for."""

    size: int
    after: str | None
    before: str | None
    from_end: bool
    reverse: bool


def page_of(info: Any, given: View) -> Page:
    """Read the arguments of a connection.

    Raises
    ------
    GraphQLError
        If no page size is given, or one out of range.
    """
    first, last = given.get("first"), given.get("last")
    if first is None and last is None:
        raise GraphQLError(
            f"you must provide one of first or last on {info.field_name}", extensions={"code": "BAD_REQUEST"}
        )
    size = int(first if first is not None else last or 0)
    if size == EVERYTHING:
        return Page(size, None, None, False, bool(given.get("reverse")))
    if not 0 <= size <= LARGEST_PAGE:
        raise GraphQLError(
            f"{size} is not a page size between 0 and {LARGEST_PAGE}", extensions={"code": "BAD_REQUEST"}
        )
    return Page(size, given.get("after"), given.get("before"), first is None, bool(given.get("reverse")))


def connection[Record](
    records: Sequence[Record], view: Callable[[Record], View], key: Callable[[Record], int]
) -> Callable[..., View]:
    """The resolver of a short list in ascending order of `key`; cursors name the key."""

    def resolve(info: Any, **given: Any) -> View:
        page = page_of(info, given)
        chosen: Sequence[Record] = records[::-1] if page.reverse else records
        if page.after is not None:
            start = _position(page.after)[0][1]
            chosen = [one for one in chosen if (key(one) < start if page.reverse else key(one) > start)]
        if page.before is not None:
            stop = _position(page.before)[0][1]
            chosen = [one for one in chosen if (key(one) > stop if page.reverse else key(one) < stop)]
        there_is_more = len(chosen) > page.size
        chosen = chosen[len(chosen) - page.size :] if page.from_end and there_is_more else chosen[: page.size]
        return _connection([(one, (0, key(one)), 0) for one in chosen], view, page, there_is_more)

    return resolve


def searched[Record: Indexed](
    index: SearchIndex[Record],
    search: Search,
    sort_by: str,
    view: Callable[[Record], View],
    page: Page,
    *,
    is_shown: Callable[[Record], bool] | None = None,
) -> View:
    """A page of what a search finds, in the order `sort_by`: "updated_at", "created_at" or "id".

    Raises
    ------
    GraphQLError
        Past the 25,000th object, or at a cursor that is none.
    """
    start: Key | None = None
    passed = 0
    if page.after is not None:
        start, passed = _position(page.after)
    if passed >= DEEPEST:
        raise GraphQLError(
            f"Pagination is limited to {DEEPEST} objects. Narrow the query.",
            extensions={"code": "PAGINATION_LIMIT_EXCEEDED"},
        )
    backwards = page.reverse != page.from_end
    matches = _test(search, is_shown)
    chosen: list[tuple[Record, Key, int]] = []
    there_is_more = False
    for key, record in _candidates(index, search, sort_by, start, backwards):
        if matches(record):
            if len(chosen) == page.size:
                there_is_more = True
                break
            chosen.append((record, key, passed + len(chosen) + 1))
    if page.from_end:
        chosen.reverse()
    return _connection(chosen, view, page, there_is_more)


def counted[Record: Indexed](
    index: SearchIndex[Record],
    search: Search,
    limit: int | None,
    *,
    is_shown: Callable[[Record], bool] | None = None,
) -> tuple[int, bool]:
    """How many a search finds and whether that is exact; no further than `limit`."""
    by = _best_order(search, "updated_at")
    if search.is_bounds_only and is_shown is None and _is_simple(search, by):
        start, end = index.bounds(by, *_window(search, by))
        count = end - start
    else:
        matches = _test(search, is_shown)
        count = 0
        for _, record in _candidates(index, search, by, None, False):
            count += matches(record)
            if limit is not None and count > limit:
                break
    return (limit, False) if limit is not None and count > limit else (count, True)


def _candidates[Record: Indexed](
    index: SearchIndex[Record], search: Search, sort_by: str, start: Key | None, backwards: bool
) -> Iterable[tuple[Key, Record]]:
    if search.numbers is not None:
        records = [index.get(number) for number in dict.fromkeys(search.numbers)]
        return _sorted(index, [record for record in records if record], sort_by, start, backwards)
    by = _best_order(search, sort_by)
    first, end = index.bounds(by, *_window(search, by))
    if by != sort_by:
        records = [record for _, record in index.walk(by, first, end, reverse=False)]
        return _sorted(index, [record for record in records if record], sort_by, start, backwards)
    if start is not None:
        at = index.after(by, start, reverse=backwards)
        first, end = (first, min(end, at)) if backwards else (max(first, at), end)
    return index.walk(by, first, end, reverse=backwards)


def _sorted[Record: Indexed](
    index: SearchIndex[Record], records: list[Record], sort_by: str, start: Key | None, backwards: bool
) -> list[tuple[Key, Record]]:
    keyed = sorted(
        ((index.key_of(sort_by, record), record) for record in records),
        key=lambda pair: pair[0],
        reverse=backwards,
    )
    if start is None:
        return keyed
    return [pair for pair in keyed if (pair[0] < start if backwards else pair[0] > start)]


def _best_order(search: Search, wanted: str) -> str:
    """The order to walk in: the wanted one, unless only another is bounded."""
    bounded = {bound.field for bound in search.bounds}
    return next(iter(sorted(bounded)), wanted) if bounded and wanted not in bounded else wanted


def _window(search: Search, by: str) -> tuple[Key | None, Key | None]:
    """The keys that the bounds on `by` leave: from the first up to but without the second."""
    low: Key | None = None
    high: Key | None = None
    for bound in search.bounds:
        if bound.field != by:
            continue
        # Instants are whole seconds in the index; a bound between two of them is met by the later one.
        second = -int(-bound.value.timestamp() // 1)
        following = int(bound.value.timestamp() // 1) + 1
        if bound.operator in {">=", ">", "="}:
            key = (following if bound.operator == ">" else second, 0)
            low = key if low is None else max(low, key)
        if bound.operator in {"<=", "<", "="}:
            key = (second if bound.operator == "<" else following, 0)
            high = key if high is None else min(high, key)
    return low, high


def _is_simple(search: Search, by: str) -> bool:
    return search.numbers is None and all(bound.field == by for bound in search.bounds)


def _test[Record: Indexed](
    search: Search, is_shown: Callable[[Record], bool] | None
) -> Callable[[Record], bool]:
    if search.is_bounds_only and len({bound.field for bound in search.bounds}) <= 1:
        # The window of the index says it all; the record itself may have moved on since.
        return is_shown or (lambda _: True)
    if is_shown is None:
        return search.matches
    return lambda record: is_shown(record) and search.matches(record)


def _connection[Record](
    chosen: Sequence[tuple[Record, Key, int]],
    view: Callable[[Record], View],
    page: Page,
    there_is_more: bool,
) -> View:
    if page.size == EVERYTHING:
        return {"nodes": (view(record) for record, _, _ in chosen)}
    nodes = [view(record) for record, _, _ in chosen]

    def edges(_info: Any) -> list[View]:
        cursors = [_cursor(key, passed) for _, key, passed in chosen]
        return [{"node": node, "cursor": cursor} for node, cursor in zip(nodes, cursors, strict=True)]

    def page_info(_info: Any) -> View:
        return {
            "hasNextPage": page.before is not None if page.from_end else there_is_more,
            "hasPreviousPage": there_is_more if page.from_end else page.after is not None,
            "startCursor": _cursor(*chosen[0][1:]) if chosen else None,
            "endCursor": _cursor(*chosen[-1][1:]) if chosen else None,
        }

    return {"nodes": nodes, "edges": edges, "pageInfo": page_info}


def _cursor(key: Key, passed: int) -> str:
    return base64.b64encode(json.dumps([*key, passed]).encode()).decode()


def _position(cursor: str) -> tuple[Key, int]:
    try:
        seconds, number, passed = json.loads(base64.b64decode(cursor, validate=True))
        return (int(seconds), int(number)), int(passed)
    except (ValueError, TypeError):
        raise GraphQLError(
            "Invalid cursor for current pagination sort.", extensions={"code": "BAD_REQUEST"}
        ) from None
