"""What goods are, by the words of the store and the rules of the merchant. Pure."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from doorstep.goods import Goods, GoodsRule, GoodsRules, GoodsTrait
from doorstep.product import Dimensions
from gateway.flow.packing.lines import LoadLine

_PATH = ">"
_GLUE = re.compile(r"[\s_\-/,]+")
_WORD = re.compile(r"\w+")
_MOST_TAGS = 100
_MOST_AT_HAND = 128


@dataclass(frozen=True, slots=True)
class Nature:
    """What all rules that fit an article make of it."""

    traits: frozenset[GoodsTrait] = frozenset()
    minimum_age: int | None = None
    sides: Dimensions | None = None
    is_upright: bool = False
    ships_alone: bool = False


def goods_of(lines: Iterable[LoadLine], rules: GoodsRules) -> Goods:
    """Everything together: each trait that any article has, the highest age, and all words for rules."""
    traits: set[GoodsTrait] = set()
    ages: list[int] = []
    tags: set[str] = set()
    pieces = 0
    lines = tuple(lines)
    for line, nature in zip(lines, natures_of(lines, rules), strict=True):
        traits |= nature.traits
        tags.update(line.words)
        pieces += line.quantity
        if nature.minimum_age is not None:
            ages.append(nature.minimum_age)
    # Kept with every question: a shop that tags by the thousand shall not fill the database.
    few = frozenset(sorted(tags)[:_MOST_TAGS])
    return Goods(frozenset(traits), max(pieces, 1), max(ages, default=None), few)


def natures_of(lines: Iterable[LoadLine], rules: GoodsRules) -> tuple[Nature, ...]:
    """What each article is, in their order."""
    book = _book(rules)
    return tuple(_nature(line, book) for line in lines)


def _nature(line: LoadLine, book: _Book) -> Nature:
    fitting = [book.rules[number] for number in sorted(set(book.numbers_for(line)))]
    if not fitting:
        return Nature()
    traits = frozenset().union(*(rule.traits for rule in fitting))
    ages = [rule.minimum_age for rule in fitting if rule.minimum_age is not None]
    return Nature(
        traits=traits.difference(*(rule.without for rule in fitting)),
        minimum_age=max(ages, default=None),
        sides=next((rule.sides for rule in fitting if rule.sides is not None), None),
        is_upright=any(rule.is_upright for rule in fitting),
        ships_alone=any(rule.ships_alone for rule in fitting),
    )


@dataclass(frozen=True, slots=True)
class _Book:
    """Rules by what they look for, so that a long table costs no more than a short one."""

    rules: tuple[GoodsRule, ...]
    by_word: Mapping[str, tuple[int, ...]]
    by_title_word: Mapping[str, tuple[int, ...]]
    prefixes: tuple[tuple[str, int], ...]

    def numbers_for(self, line: LoadLine) -> Iterator[int]:
        """The places of the rules that fit, some of them more than once."""
        for words in line.words:
            for word in parts_of(words):
                yield from self.by_word.get(word, ())
        if self.by_title_word:
            for word in _WORD.findall(line.title.casefold()):
                yield from self.by_title_word.get(word, ())
        sku = line.sku.casefold()
        if sku:
            yield from (number for prefix, number in self.prefixes if sku.startswith(prefix))


_AT_HAND: OrderedDict[int, tuple[GoodsRules, _Book]] = OrderedDict()
"""Rules and their books by the rules' `id`; the oldest goes first."""


def _book(rules: GoodsRules) -> _Book:
    """The book of these rules.

    One question looks at the same object again and again, and to compare a long table costs as much as to
    write its book: so they are known by which object they are, for as long as they are at hand.
    """
    kept = _AT_HAND.get(id(rules))
    if kept is not None and kept[0] is rules:
        return kept[1]
    book = _written(rules)
    # The rules are kept along with their book: as long as they are, nothing else has their id.
    _AT_HAND[id(rules)] = (rules, book)
    while len(_AT_HAND) > _MOST_AT_HAND:
        _AT_HAND.popitem(last=False)
    return book


@lru_cache(maxsize=_MOST_AT_HAND)
def _written(rules: GoodsRules) -> _Book:
    by_word: dict[str, tuple[int, ...]] = {}
    by_title_word: dict[str, tuple[int, ...]] = {}
    prefixes: list[tuple[str, int]] = []
    for number, rule in enumerate(rules.all):
        for word in map(_plain, rule.words):
            by_word[word] = (*by_word.get(word, ()), number)
        for word in rule.title_words:
            by_title_word[word.casefold()] = (*by_title_word.get(word.casefold(), ()), number)
        prefixes += [(prefix.casefold(), number) for prefix in rule.sku_prefixes if prefix]
    return _Book(rules.all, by_word, by_title_word, tuple(prefixes))


@lru_cache(maxsize=4096)
def parts_of(words: str) -> tuple[str, ...]:
    """A tag or category as it is compared: of a path each part, of "Food > Beer" both "food" and "beer"."""
    parts = [_plain(part) for part in words.split(_PATH)]
    return tuple(dict.fromkeys(part for part in parts if part))


def _plain(word: str) -> str:
    return _GLUE.sub(" ", word.casefold()).strip()
