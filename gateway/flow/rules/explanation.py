"""Why each rule did or did not act on each option. Complete when made, worded when asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

from doorstep.rule import Condition, ConditionField, ConditionOperator, Rule, RuleTrace
from gateway.flow.rules.conditions import Criterion
from gateway.flow.rules.index import Rows
from gateway.flow.rules.table import OptionTable

UNKNOWN = "It has a kind of condition that is not known here and never holds."


@dataclass(frozen=True, slots=True)
class Bound:
    """The rules of a book as an explanation needs them.

    Attributes
    ----------
    rules
        In the order in which they act; a rule's number is its place here.
    rows
        Number of a rule -> the rows of its groups, in their order.
    groups
        By row.
    of_list
        Numbers of the rules that act on the whole list alone.
    """

    rules: Sequence[Rule]
    numbers: Mapping[str, int]
    rows: Sequence[Sequence[int]]
    groups: Sequence[Sequence[Criterion]]
    of_list: frozenset[int]


@dataclass(frozen=True, slots=True)
class Deed:
    """What a rule that matched did.

    Attributes
    ----------
    places
        Of the options that its conditions hold for.
    words
        What was done to each of these.
    """

    places: Sequence[int]
    words: Sequence[str]


class Explanation:
    """Every verdict about one question.

    Parameters
    ----------
    codes
        Of the options, in the order in which they were given.
    about_order
        For each place of a group the rows that fulfil every condition about the order up to it.
    options
        Decides conditions about options.
    deeds
        Number of each rule that matched -> what it did, in the order in which they acted.
    deeds_to_list
        The same for the whole list.
    """

    def __init__(
        self,
        book: Bound,
        codes: Sequence[str],
        about_order: Sequence[Rows],
        options: OptionTable,
        deeds: Mapping[int, Deed],
        deeds_to_list: Mapping[int, str],
    ) -> None:
        self._book = book
        self._codes = codes
        self._about_order = about_order
        self._options = options
        self._deeds = deeds
        self._deeds_to_list = deeds_to_list

    def matches(self, rule_id: str, option: int) -> bool:
        """Whether a rule's conditions hold for an option, named by its place in the list that was given.

        Raises
        ------
        KeyError
            If the book has no such rule, as one that is switched off.
        """
        deed = self._deeds.get(self._book.numbers[rule_id])
        return deed is not None and option in deed.places

    def trace(self, rule_id: str, option: int) -> RuleTrace:
        """What a rule did to an option, or the condition that failed.

        Raises
        ------
        KeyError
            If the book has no such rule.
        """
        return self._trace(self._book.numbers[rule_id], option)

    def matched(self) -> tuple[RuleTrace, ...]:
        """What every rule that matched did: those for the whole list, then the others to each option."""
        rules, of_list, codes = self._book.rules, self._book.of_list, self._codes
        traces = [
            RuleTrace(rules[number].id, "", True, words) for number, words in self._deeds_to_list.items()
        ]
        for number, deed in self._deeds.items():
            if number not in of_list:
                called = [codes[place] for place in deed.places]
                traces += map(RuleTrace, repeat(rules[number].id), called, repeat(True), deed.words)
        return tuple(traces)

    def of_rule(self, rule_id: str) -> tuple[RuleTrace, ...]:
        """What one rule did to each option; a single one where it acts on the whole list alone.

        Raises
        ------
        KeyError
            If the book has no such rule.
        """
        number = self._book.numbers[rule_id]
        places = range(len(self._codes))
        return tuple(
            self._trace(number, place) for place in (places[:1] if number in self._book.of_list else places)
        )

    def every(self) -> Iterator[RuleTrace]:
        """All there is: every rule about every option."""
        for rule in self._book.rules:
            yield from self.of_rule(rule.id)

    def _trace(self, number: int, option: int) -> RuleTrace:
        rule = self._book.rules[number]
        if number in self._deeds_to_list and number in self._book.of_list:
            return RuleTrace(rule.id, "", True, self._deeds_to_list[number])
        code = "" if number in self._book.of_list else self._codes[option]
        deed = self._deeds.get(number)
        if deed is not None and option in deed.places:
            return RuleTrace(rule.id, code, True, deed.words[deed.places.index(option)])
        failed = self._failed(number, option)
        is_unknown = failed.field is ConditionField.OTHER or failed.operator is ConditionOperator.OTHER
        return RuleTrace(rule.id, code, False, UNKNOWN if is_unknown else "", failed)

    def _failed(self, number: int, option: int) -> Condition:
        """The first condition that did not hold, of the group that came furthest."""
        came = [self._first_failing(row, option) for row in self._book.rows[number]]
        furthest = came.index(max(came))
        return self._book.rules[number].groups[furthest].all[came[furthest]]

    def _first_failing(self, row: int, option: int) -> int:
        """How many conditions of a group held before one failed."""
        # The sets shrink from place to place: those that hold the row are the conditions before the first
        # about the order that failed.
        held = sum(rows >> row & 1 for rows in self._about_order)
        return min(held, self._options.first_failing(self._book.groups[row], option))
