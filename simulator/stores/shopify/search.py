"""Shopify's search syntax, as far as the simulated shop understands it.

Like the real one it ignores a field that it does not know, finds everything, and only warns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_TERM = re.compile(r"(?P<field>[a-z_.0-9]+):(?P<op><=|>=|<|>)?(?:'(?P<quoted>[^']*)'|(?P<bare>\S+))")

Getter = Callable[[Any], object]


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
    """

    matches: Callable[[Any], bool]
    warnings: tuple[dict[str, str], ...]
    fields: frozenset[str]


def parse_search(text: str, getters: Mapping[str, Getter]) -> Search:
    """Understand a search text; terms are joined by AND or by mere spaces.

    Parameters
    ----------
    getters
        What each known field looks at: an instant, a number, a word or a list of words.

    Raises
    ------
    ValueError
        If the text has something else than terms, which this shop does not imitate.
    """
    rest = _TERM.sub("", text).replace("AND", "").strip()
    if rest:
        raise ValueError(f"the simulated shop does not understand {rest!r} in a search")
    tests: list[Callable[[Any], bool]] = []
    warnings: list[dict[str, str]] = []
    fields: set[str] = set()
    for term in _TERM.finditer(text):
        name = term["field"]
        fields.add(name)
        value = term["bare"] if term["quoted"] is None else term["quoted"]
        if name not in getters:
            message = "Invalid search field for this query."
            warnings.append({"field": name, "message": message, "code": "invalid_field"})
            continue
        tests.append(_test(getters[name], term["op"] or "=", value))
    return Search(lambda record: all(test(record) for test in tests), tuple(warnings), frozenset(fields))


def _test(getter: Getter, operator: str, value: str) -> Callable[[Any], bool]:
    def test(record: Any) -> bool:
        found = getter(record)
        if callable(found):
            return bool(found(value))
        if isinstance(found, datetime):
            return _compare(found, operator, _instant(value))
        if isinstance(found, int) and not isinstance(found, bool):
            return _compare(found, operator, int(value))
        if isinstance(found, (list, tuple)):
            return value in found
        return str(found).casefold() == value.casefold()

    return test


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
