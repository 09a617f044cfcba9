"""The options of one question by what is known of them, so that a condition is decided for all at once."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import accumulate
from operator import or_

from doorstep.rule import ConditionField
from gateway.flow.rules.conditions import Criterion
from gateway.flow.rules.facts import Known

type Chosen = int
"""A set of options: bit `n` is set if the option at place `n` of the list is in it."""


class OptionTable:
    """Options by carrier, service, mode, vehicle and price.

    Parameters
    ----------
    options
        What is known of each, in the order in which they were given.
    """

    def __init__(self, options: Sequence[Mapping[ConditionField, Known]]) -> None:
        self.every: Chosen = (1 << len(options)) - 1
        self._words: dict[ConditionField, dict[str | int, Chosen]] = defaultdict(dict)
        for place, known in enumerate(options):
            for field, facts in known.items():
                words = self._words[field]
                for fact in facts:
                    words[fact] = words.get(fact, 0) | 1 << place
        prices = self._words[ConditionField.PRICE]
        self._prices = sorted(int(price) for price in prices)
        self._up_to = [0, *accumulate((prices[price] for price in self._prices), or_)]

    def that_fulfil(self, group: Sequence[Criterion]) -> Chosen:
        """The options that fulfil every condition about options in a group."""
        chosen = self.every
        for criterion in group:
            if not criterion.is_about_order:
                chosen &= self._that_fulfil_one(criterion)
        return chosen

    def first_failing(self, group: Sequence[Criterion], option: int) -> int:
        """Where in a group the first condition about options fails; its length where none does."""
        for place, criterion in enumerate(group):
            if not criterion.is_about_order and not self._that_fulfil_one(criterion) >> option & 1:
                return place
        return len(group)

    def _that_fulfil_one(self, criterion: Criterion) -> Chosen:
        words = self._words[criterion.field]
        hits = 0
        for word in criterion.exact:
            hits |= words.get(word, 0)
        for prefix in criterion.prefixes:
            for word, chosen in words.items():
                if str(word).startswith(prefix):
                    hits |= chosen
        if criterion.span is not None:
            low, high = criterion.span
            below = self._up_to[bisect_left(self._prices, low)]
            hits |= self._up_to[bisect_right(self._prices, high)] & ~below
        if not criterion.negated:
            return hits
        # Of an option whose price cannot be compared nothing can be said, nor can the contrary.
        known = self._up_to[-1] if criterion.field is ConditionField.PRICE else self.every
        return known & ~hits


def places_of(chosen: Chosen) -> tuple[int, ...]:
    """The options of a set, in the order in which they were given."""
    return tuple(place for place in range(chosen.bit_length()) if chosen >> place & 1)
