"""Shopify's search syntax, as far as the simulated shop understands it.

Like the real one it ignores a field that it does not know, finds everything, and only warns. AND binds
tighter than OR; terms side by side are joined by AND.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<open>\()|(?P<close>\))
        |(?P<word>AND|OR|NOT)(?=[\s()]|$)
        |(?P<minus>-)?(?P<field>[a-z_][a-z_.0-9]*):\s*(?P<op><=|>=|<|>)?
            (?:'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<bare>[^\s()]+))
        |(?P<free>[^\s()]+)
    )""",
    re.VERBOSE,
)

Getter = Callable[[Any], object]
Test = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Bound:
    """A comparison that every record found satisfies."""

    field: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Search:
    """A search text, understood.

    Attributes
    ----------
    matches
        Whether a record is found.
    warnings
        As Shopify lists them under `extensions.search`.
    fields
        Names that the text used.
    bounds
        Comparisons joined by AND at the top, for an index to start from.
    numbers
        Ids of a text that asks for nothing but some ids; None for any other.
    is_bounds_only
        Whether the bounds say all: nothing is left to test.
    """

    matches: Test
    warnings: tuple[dict[str, str], ...]
    fields: frozenset[str]
    bounds: tuple[Bound, ...] = ()
    numbers: tuple[int, ...] | None = None
    is_bounds_only: bool = False


@dataclass(frozen=True, slots=True)
class _Node:
    test: Test
    bounds: tuple[Bound, ...] = ()
    numbers: tuple[int, ...] | None = None
    is_bounds_only: bool = False


_ALL = _Node(lambda _: True, is_bounds_only=True)


def parse_search(
    text: str, getters: Mapping[str, Getter], *, unimitated: frozenset[str] = frozenset()
) -> Search:
    """Understand a search text.

    Parameters
    ----------
    getters
        What each known field looks at: an instant, a number, a word, a list of words, or a test of the
        word that is asked for. "" is looked at by words without a field.
    unimitated
        Fields that Shopify has and this shop does not.

    Raises
    ------
    NotImplementedError
        If the text uses one of `unimitated`: an answer would be a guess.
    """
    parser = _Parser(text, getters, unimitated)
    node = parser.either()
    if parser.peek() is not None:
        node = _both(node, parser.either())
    return Search(
        node.test,
        tuple(parser.warnings),
        frozenset(parser.fields),
        node.bounds,
        node.numbers,
        node.is_bounds_only,
    )


class _Parser:
    def __init__(self, text: str, getters: Mapping[str, Getter], unimitated: frozenset[str]) -> None:
        self._tokens: list[re.Match[str]] = [found for found in _TOKEN.finditer(text) if found[0].strip()]
        self._at = 0
        self._getters = getters
        self._unimitated = unimitated
        self.warnings: list[dict[str, str]] = []
        self.fields: set[str] = set()

    def peek(self) -> re.Match[str] | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def either(self) -> _Node:
        node = self._all()
        while self._takes_word("OR"):
            node = _one_of(node, self._all())
        return node

    def _all(self) -> _Node:
        node = _ALL
        while (token := self.peek()) is not None and token["word"] != "OR" and not token["close"]:
            if self._takes_word("AND"):
                continue
            node = _both(node, self._one())
        return node

    def _one(self) -> _Node:
        if self._takes_word("NOT"):
            return _none_of(self._one())
        token = self._tokens[self._at]
        self._at += 1
        if token["open"]:
            node = self.either()
            self._at += 1
            return node
        if token["field"] is None:
            return self._term("", "=", token["free"])
        value = next(
            given for given in (token["single"], token["double"], token["bare"]) if given is not None
        )
        node = self._term(token["field"], token["op"] or "=", value)
        return _none_of(node) if token["minus"] else node

    def _takes_word(self, word: str) -> bool:
        token = self.peek()
        found = token is not None and token["word"] == word
        self._at += found
        return found

    def _term(self, name: str, operator: str, value: str) -> _Node:
        self.fields.add(name)
        if name in self._unimitated:
            raise NotImplementedError(f"the simulated shop does not imitate a search by {name!r}")
        if name not in self._getters:
            message = "Invalid search field for this query."
            self.warnings.append({"field": name, "message": message, "code": "invalid_field"})
            return _ALL
        getter = self._getters[name]
        wanted: Any = value
        try:
            if name.endswith("_at"):
                wanted = _instant(value)
            elif name == "id" or name.endswith("_id"):
                wanted = int(value.rpartition("/")[2])
        except ValueError:
            message = f"Input `{value}` is not an accepted value."
            self.warnings.append({"field": name, "message": message, "code": "invalid_value"})
            return _ALL
        return _leaf(name, getter, operator, wanted)


def _leaf(name: str, getter: Getter, operator: str, wanted: Any) -> _Node:
    def test(record: Any) -> bool:
        return _agrees(getter(record), operator, wanted)

    if name in {"updated_at", "created_at"}:
        return _Node(test, (Bound(name, operator, wanted),), is_bounds_only=True)
    if name == "id" and operator == "=":
        return _Node(test, numbers=(wanted,))
    if name == "status" and wanted == "any":
        return _ALL
    return _Node(test)


def _both(one: _Node, other: _Node) -> _Node:
    if one is _ALL or other is _ALL:
        return other if one is _ALL else one
    return _Node(
        lambda record: one.test(record) and other.test(record),
        one.bounds + other.bounds,
        one.numbers if other.numbers is None else other.numbers,
        one.is_bounds_only and other.is_bounds_only,
    )


def _one_of(one: _Node, other: _Node) -> _Node:
    numbers = None
    if one.numbers is not None and other.numbers is not None:
        numbers = one.numbers + other.numbers
    return _Node(lambda record: one.test(record) or other.test(record), numbers=numbers)


def _none_of(node: _Node) -> _Node:
    return _Node(lambda record: not node.test(record))


def _agrees(found: object, operator: str, wanted: Any) -> bool:
    if isinstance(found, (datetime, int)) and not isinstance(found, bool):
        return _compare(found, operator, wanted)
    words = str(wanted).split(",")
    if callable(found):
        return any(found(word) for word in words)
    if isinstance(found, (list, tuple)):
        return any(word in found for word in words)
    return str(found).casefold() in {word.casefold() for word in words}


def _compare(found: Any, operator: str, wanted: Any) -> bool:
    if operator == ">=":
        return bool(found >= wanted)
    if operator == "<=":
        return bool(found <= wanted)
    if operator == ">":
        return bool(found > wanted)
    if operator == "<":
        return bool(found < wanted)
    return bool(found == wanted)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
