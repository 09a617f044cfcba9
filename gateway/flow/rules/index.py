"""Finds every condition about the order that holds, of all rules at once.

Groups of conditions are rows, and a set of rows is one large integer: bit `r` stands for row `r`. For each
place in a group (its first condition, its second, …) and each field there is a table from a fact to the rows
whose condition it fulfils: by hashing for words, by sorted thresholds for numbers. Ten thousand verdicts are
then one `&` of two integers of ten thousand bits.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from doorstep.rule import ConditionField
from gateway.flow.rules.conditions import Criterion
from gateway.flow.rules.facts import SEVERAL, Known

type Rows = int
"""A set of rows: bit `r` is set if row `r` is in it."""

_FEW = 24
"""Up to so many rows are kept as their numbers: a large integer for each of many rare words is too much."""

_SPARSE = 100
"""A set of so few rows is taken apart row by row, a larger one byte by byte."""

_STEPS = 256
"""How many sums of a ladder are kept; between them the few missing thresholds are added when asked."""


def rows_of(numbers: Iterable[int]) -> Rows:
    """The set of these rows."""
    ordered = sorted(numbers)
    if not ordered:
        return 0
    bits = bytearray(ordered[-1] // 8 + 1)
    for number in ordered:
        bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")


def numbers_of(rows: Rows) -> list[int]:
    """The rows of a set, smallest first."""
    found: list[int] = []
    if rows.bit_count() > _SPARSE:
        for at, byte in enumerate(rows.to_bytes(rows.bit_length() // 8 + 1, "little")):
            if byte:
                found += [at * 8 + bit for bit in range(8) if byte >> bit & 1]
        return found
    while rows:
        # From the top, so that what is left grows shorter.
        top = rows.bit_length() - 1
        found.append(top)
        rows ^= 1 << top
    found.reverse()
    return found


class _Words:
    """From a word or number to the rows that name it."""

    def __init__(self, named: Iterable[tuple[str | int, int]]) -> None:
        rows: dict[str | int, list[int]] = defaultdict(list)
        for word, row in named:
            rows[word].append(row)
        self._rows: dict[str | int, Rows | tuple[int, ...]] = {
            word: tuple(numbers) if len(numbers) <= _FEW else rows_of(numbers)
            for word, numbers in rows.items()
        }
        self.lengths = sorted({len(word) for word in rows if isinstance(word, str)})

    def find(self, word: str | int, few: list[int]) -> Rows:
        """The rows that name a word; where they are few they are added to `few` instead."""
        found = self._rows.get(word, 0)
        if isinstance(found, int):
            return found
        few += found
        return 0


class _Ladder:
    """Thresholds in order, with the rows that have one below any point."""

    def __init__(self, thresholds: Iterable[tuple[int, int]]) -> None:
        rows: dict[int, list[int]] = defaultdict(list)
        for threshold, row in thresholds:
            rows[threshold].append(row)
        self.thresholds = sorted(rows)
        self._numbers = [rows[threshold] for threshold in self.thresholds]
        self._step = -(-len(rows) // _STEPS) or 1
        self._sums = [0]
        for start in range(0, len(rows), self._step):
            self._sums.append(self._sums[-1] | self._between(start, start + self._step))

    def below(self, count: int) -> Rows:
        """The rows of the `count` smallest thresholds."""
        whole, missing = divmod(count, self._step)
        found = self._sums[whole]
        return found | self._between(count - missing, count) if missing else found

    def _between(self, start: int, stop: int) -> Rows:
        return rows_of(number for numbers in self._numbers[start:stop] for number in numbers)


class _FieldIndex:
    """All conditions on one field that stand at one place of their groups."""

    def __init__(self, field: ConditionField, criteria: Sequence[tuple[int, Criterion]]) -> None:
        self.field = field
        self._exact = _Words((word, row) for row, one in criteria for word in one.exact)
        self._prefixes = _Words((word, row) for row, one in criteria for word in one.prefixes)
        spans = [(row, *one.span) for row, one in criteria if one.span is not None]
        self._from = _Ladder((low, row) for row, low, _ in spans)
        self._to = _Ladder((high, row) for row, _, high in spans)
        self._negated = rows_of(row for row, one in criteria if one.negated)
        self._needs_one = field not in SEVERAL

    def rows_that_hold(self, known: Known) -> Rows:
        """The rows whose condition is fulfilled; none where nothing is known."""
        if self._needs_one and not known:
            return 0
        hits, few = 0, list[int]()
        for fact in known:
            hits |= self._exact.find(fact, few)
            if isinstance(fact, str):
                for length in self._prefixes.lengths:
                    if length > len(fact):
                        break
                    hits |= self._prefixes.find(fact[:length], few)
            elif self._from.thresholds:
                hits |= self._around(fact)
        # Who is negated holds where it was not hit; the others hold where they were.
        return (hits | rows_of(few)) ^ self._negated

    def _around(self, number: int) -> Rows:
        begun = self._from.below(bisect_right(self._from.thresholds, number))
        over = self._to.below(bisect_left(self._to.thresholds, number))
        return begun & ~over if over else begun


class _Place:
    """The conditions about the order that stand at one place of their groups.

    Attributes
    ----------
    without
        Rows that have none there.
    """

    def __init__(self, criteria: Mapping[int, Criterion], every: Rows) -> None:
        by_field: dict[ConditionField, list[tuple[int, Criterion]]] = defaultdict(list)
        for row, criterion in criteria.items():
            # What is not known here stays out of the tables, so that no fact fulfils it.
            if not criterion.is_unknown:
                by_field[criterion.field].append((row, criterion))
        self.indexes = [_FieldIndex(field, listed) for field, listed in by_field.items()]
        self.without = every ^ rows_of(criteria)


class Index:
    """All conditions of a book that are about the order; those about options are passed over.

    Parameters
    ----------
    groups
        One row each: conditions that must all hold; () always holds.
    """

    def __init__(self, groups: Sequence[Sequence[Criterion]]) -> None:
        self.every: Rows = (1 << len(groups)) - 1
        depth = max((len(group) for group in groups), default=0)
        self._places = [_Place(_at(groups, place), self.every) for place in range(depth)]

    def rows_that_hold(self, known: Mapping[ConditionField, Known]) -> tuple[Rows, ...]:
        """For each place the rows that fulfil every condition about the order up to it and at it."""
        so_far, found = self.every, []
        for place in self._places:
            rows = place.without
            for index in place.indexes:
                rows |= index.rows_that_hold(known[index.field])
            so_far &= rows
            found.append(so_far)
        return tuple(found)


def _at(groups: Sequence[Sequence[Criterion]], place: int) -> Mapping[int, Criterion]:
    """Row -> its condition at a place, where that is about the order."""
    return {
        row: group[place]
        for row, group in enumerate(groups)
        if place < len(group) and group[place].is_about_order
    }
