"""Postcodes as merchants write them for a zone, and which zones a postcode lies in.

A pattern is one of

- ``28001``: this postcode,
- ``28*``: all that begin so,
- ``28001-28080`` or ``28001..28080``: all from the one to the other, of the same length and with digits and
  letters in the same places.

Case, spaces and hyphens do not count, so that ``1000-205`` and ``SLM 1030`` are postcodes: a hyphen makes a
range only where both sides look alike. Where they do by chance, write the postcode without the hyphen.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_ALL_PLAIN = re.compile(r"[A-Z0-9]+(?:\n[A-Z0-9]+)*")
_DOTS = re.compile(r"\.{2,3}|…")
_SHAPE = str.maketrans("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "9" * 10 + "A" * 26)
_LONGEST = 12
"""Of a postcode without its spaces: Iran's have ten digits, and none has more."""

_ZIP_PLUS_FOUR = re.compile(r"[0-9]{9}")


@dataclass(slots=True)
class Patterns:
    """Those of one zone, read.

    Attributes
    ----------
    wrong
        Number of a pattern that is none -> what it must be.
    """

    exact: Iterable[str] = ()
    prefixes: list[str] = field(default_factory=list)
    ranges: list[tuple[str, str]] = field(default_factory=list)
    wrong: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Ranges:
    """Ranges of one zone and one shape that do not overlap, by their lower ends."""

    number: int
    lows: list[str]
    highs: list[str]

    def hold(self, code: str) -> bool:
        place = bisect_right(self.lows, code) - 1
        return place >= 0 and code <= self.highs[place]


class PostcodeIndex:
    """Which of many zones a postcode lies in, without asking each.

    Parameters
    ----------
    zones
        (number of the zone, its patterns), ascending.
    """

    def __init__(self, zones: Iterable[tuple[int, Patterns]]) -> None:
        self._exact: dict[str, tuple[int, ...]] = {}
        self._prefixes: dict[str, tuple[int, ...]] = {}
        self._ranges: dict[str, list[_Ranges]] = {}
        for number, patterns in zones:
            _enter(self._exact, patterns.exact, number)
            _enter(self._prefixes, patterns.prefixes, number)
            for shape, ranges in _merged(patterns.ranges).items():
                lows, highs = [low for low, _ in ranges], [high for _, high in ranges]
                self._ranges.setdefault(shape, []).append(_Ranges(number, lows, highs))
        self._lengths = sorted({len(prefix) for prefix in self._prefixes})

    def zones_of(self, postcode: str, country: str) -> set[int]:
        """Numbers of all zones that hold a postcode; of a ZIP+4 also those of its five digits."""
        code = plain(postcode)
        if not code:
            return set()
        found = self._zones_of(code)
        if country == "US" and _ZIP_PLUS_FOUR.fullmatch(code):
            found |= self._zones_of(code[:5])
        return found

    def _zones_of(self, code: str) -> set[int]:
        found = set(self._exact.get(code, ()))
        for length in self._lengths:
            if length > len(code):
                break
            found.update(self._prefixes.get(code[:length], ()))
        found.update(ranges.number for ranges in self._ranges.get(_shape(code), ()) if ranges.hold(code))
        return found


def plain(postcode: str) -> str:
    """Without what does not count."""
    return "".join(postcode.split()).replace("-", "").upper()


def read_patterns(texts: Sequence[str]) -> Patterns:
    """Read the patterns of one zone; wrong ones are told, not raised."""
    # Thousands of plain postcodes are the common case: one look at all of them, and no copies.
    joined = "\n".join(texts)
    if joined.count("\n") == len(texts) - 1 and _ALL_PLAIN.fullmatch(joined):
        return Patterns(exact=texts)
    exact: list[str] = []
    read = Patterns(exact=exact)
    for number, text in enumerate(texts):
        try:
            _read(text.strip(), read, exact)
        except ValueError as error:
            read.wrong[number] = str(error)
    return read


def _read(text: str, into: Patterns, exact: list[str]) -> None:
    if (ends := _range_ends(text)) is not None:
        into.ranges.append(ends)
    elif text.endswith("*"):
        into.prefixes.append(_code(text[:-1]))
    else:
        exact.append(_code(text))


def _range_ends(text: str) -> tuple[str, str] | None:
    """Both ends; None for what is no range."""
    is_dotted = _DOTS.search(text) is not None
    sides = _DOTS.split(text) if is_dotted else text.replace("–", "-").split("-")
    if len(sides) != 2:
        return None
    low, high = (plain(side) for side in sides)
    if not is_dotted and (not low or _shape(low) != _shape(high)):
        return None
    if _shape(_code(low)) != _shape(_code(high)) or low > high:
        raise ValueError(
            'must run from the lower to the higher of two like postcodes, such as "28001-28080"; '
            "a postcode with a hyphen of its own can be written without"
        )
    return low, high


def _code(text: str) -> str:
    code = plain(text)
    if not (code.isascii() and code.isalnum() and len(code) <= _LONGEST):
        raise ValueError('must be a postcode, its beginning and a star ("28*"), or a range ("28001-28080")')
    return code


def _shape(code: str) -> str:
    return code.translate(_SHAPE)


def _enter(index: dict[str, tuple[int, ...]], codes: Iterable[str], number: int) -> None:
    distinct: dict[str, tuple[int, ...]] = dict.fromkeys(codes, (number,))
    for shared in distinct.keys() & index.keys():
        distinct[shared] = (*index[shared], number)
    index.update(distinct)


def _merged(ranges: Sequence[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
    """Shape -> ranges in order, those that overlap made one."""
    by_shape: dict[str, list[tuple[str, str]]] = {}
    for low, high in sorted(ranges):
        merged = by_shape.setdefault(_shape(low), [])
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return by_shape
