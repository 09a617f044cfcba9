"""A merchant's rules, compiled once per change, and applied to every question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from doorstep.errors import InvalidInput, Issue
from doorstep.order import HandoverRequirement
from doorstep.rule import ConditionField, Rule
from gateway.flow.rules.effects import ALREADY_OUT, Effect, RequireHandover
from gateway.flow.rules.explanation import Bound, Deed, Explanation
from gateway.flow.rules.facts import Facts, Option, known_of_option, known_of_order, names_of
from gateway.flow.rules.index import Index, Rows, numbers_of, rows_of
from gateway.flow.rules.outcome import OptionOutcome, RuleOutcome
from gateway.flow.rules.reading import Reading, read_rule, unknown_parts
from gateway.flow.rules.standing import Standing, WholeList, in_order
from gateway.flow.rules.table import Chosen, OptionTable, places_of


def check_rule(rule: Rule, currency: str) -> tuple[Issue, ...]:
    """All that is wrong with one rule, () where nothing is; paths as in what a merchant saves."""
    read = read_rule(rule, currency)
    return () if isinstance(read, Reading) else tuple(read)


def compile_rules(rules: Iterable[Rule], currency: str) -> RuleBook:
    """Make rules ready to be applied; those that are switched off stay out.

    Parameters
    ----------
    currency
        Of the merchant: what amounts in conditions and effects are in.

    Raises
    ------
    InvalidInput
        If a rule is wrong: names the first such rule and all that is wrong with it. Who would rather go on
        without it asks `check_rule` first.
    """
    readings: list[Reading] = []
    for rule in rules:
        if not rule.enabled:
            continue
        read = read_rule(rule, currency)
        if not isinstance(read, Reading):
            message = f'The rule "{rule.name}" cannot be used: {read[0].message}'
            raise InvalidInput(message, path=read[0].path, issues=read)
        readings.append(read)
    if len({read.rule.id for read in readings}) < len(readings):
        raise InvalidInput("Two rules have the same id.", path=("id",))
    readings.sort(key=lambda read: (read.rule.priority, read.rule.id))
    return RuleBook(readings, currency)


class RuleBook:
    """Rules ready to be applied; never changes, and may be shared between questions and threads.

    Each rule has a number, its place in the order in which rules act, which is also the row of its first
    group; the rows of further groups follow after the last rule.

    Parameters
    ----------
    readings
        In the order in which the rules act.
    """

    def __init__(self, readings: Sequence[Reading], currency: str) -> None:
        self.currency = currency
        self.rules = tuple(read.rule for read in readings)
        first = [read.groups[0] if read.groups else () for read in readings]
        further = [(number, group) for number, read in enumerate(readings) for group in read.groups[1:]]
        self._groups = [*first, *(group for _, group in further)]
        self._owners = [*range(len(readings)), *(number for number, _ in further)]
        self._index = Index(self._groups)
        self._about_options = rows_of(
            row
            for row, group in enumerate(self._groups)
            if any(not criterion.is_about_order for criterion in group)
        )
        self._effects = [read.effects for read in readings]
        self._acts = [_joined(read.effects) for read in readings]
        self._list_effects = {
            number: read.list_effects for number, read in enumerate(readings) if read.list_effects
        }
        rows: list[list[int]] = [[] for _ in readings]
        for row, number in enumerate(self._owners):
            rows[number].append(row)
        numbers = {rule.id: number for number, rule in enumerate(self.rules)}
        of_list = frozenset(number for number in self._list_effects if not self._effects[number])
        self._bound = Bound(self.rules, numbers, rows, self._groups, of_list)

    @property
    def unknown(self) -> Mapping[str, Sequence[Issue]]:
        """Rule's id -> its parts that this version does not know, which have no effect."""
        return {rule.id: notes for rule in self.rules if (notes := unknown_parts(rule))}

    def needs(self, facts: Facts) -> tuple[HandoverRequirement, ...]:
        """What rules about the order alone ask for at the door: carriers should be asked with it.

        Rules that look at an option can only say so once there is one.
        """
        rows = self._fulfilled(self._about_order(facts)) & ~self._about_options
        effects = (effect for row in numbers_of(rows) for effect in self._effects[self._owners[row]])
        return in_order(
            {need for effect in effects if isinstance(effect, RequireHandover) for need in effect.wanted}
        )

    def apply(self, facts: Facts, options: Sequence[Option], *, explain: bool = True) -> RuleOutcome:
        """What the rules make of the options for an order.

        Conditions about the order are decided for all rules at once; only for rules that they leave over are
        those about options decided, each for all options at once.

        Parameters
        ----------
        explain
            Keep the verdict of every rule about every option.
        """
        about_order = self._about_order(facts)
        known = [known_of_option(option.offer, self.currency) for option in options]
        table = OptionTable(known)
        matched = self._matched(self._fulfilled(about_order), table)
        standings = [
            Standing(option, names_of(facts), option.offer.price.minor, bool(facts[ConditionField.PRICE]))
            for option, facts in zip(options, known, strict=True)
        ]
        deeds = self._act(matched, standings)
        whole, deeds_to_list = self._act_on_list(deeds)
        explanation = None
        if explain:
            codes = [option.offer.code for option in options]
            explanation = Explanation(self._bound, codes, about_order, table, deeds, deeds_to_list)
        outcomes = tuple(_outcome(standing) for standing in standings)
        return RuleOutcome(outcomes, whole.weights, whole.rule_id, explanation)

    def _about_order(self, facts: Facts) -> Sequence[Rows]:
        return self._index.rows_that_hold(known_of_order(facts, self.currency))

    def _fulfilled(self, about_order: Sequence[Rows]) -> Rows:
        """The rows whose conditions about the order all hold."""
        return about_order[-1] if about_order else self._index.every

    def _matched(self, fulfilled: Rows, table: OptionTable) -> Sequence[tuple[int, Chosen]]:
        """Numbers of the rules of which a group holds, in their order, with the options that it holds for."""
        matched = dict.fromkeys(
            (self._owners[row] for row in numbers_of(fulfilled & ~self._about_options)), table.every
        )
        for row in numbers_of(fulfilled & self._about_options):
            chosen = table.that_fulfil(self._groups[row])
            if chosen:
                number = self._owners[row]
                matched[number] = matched.get(number, 0) | chosen
        return sorted(matched.items())

    def _act(
        self, matched: Iterable[tuple[int, Chosen]], standings: Sequence[Standing]
    ) -> Mapping[int, Deed]:
        """Let rules act on the options that they hold for, one rule after another."""
        deeds: dict[int, Deed] = {}
        places_by_choice: dict[Chosen, Sequence[int]] = {}
        for number, chosen in matched:
            places = places_by_choice.get(chosen)
            if places is None:
                places = places_by_choice[chosen] = places_of(chosen)
            act = self._acts[number]
            words = [
                act(standing) if (standing := standings[place]).decline is None else ALREADY_OUT
                for place in places
            ]
            deeds[number] = Deed(places, words)
        return deeds

    def _act_on_list(self, matched: Iterable[int]) -> tuple[WholeList, Mapping[int, str]]:
        """Let rules act on the whole list that hold for the order or for some option."""
        whole = WholeList()
        words = {
            number: " ".join([effect.act_on_list(whole) for effect in self._list_effects[number]])
            for number in matched
            if number in self._list_effects
        }
        return whole, words


def _joined(effects: Sequence[Effect]) -> Callable[[Standing], str]:
    """The effects of one rule as one: they act until one turns the option away; what they did in words."""
    if not effects:
        return _does_nothing
    first, *others = (effect.act for effect in effects)
    if not others:
        return first

    def act(standing: Standing) -> str:
        words = first(standing)
        for other in others:
            if standing.decline is not None:
                break
            words = f"{words} {other(standing)}"
        return words

    return act


def _does_nothing(_: Standing) -> str:
    """The act of a rule that is about the whole list alone."""
    return ""


def _outcome(standing: Standing) -> OptionOutcome:
    if standing.decline is not None:
        return OptionOutcome(decline=standing.decline)
    charge = standing.charge()
    return OptionOutcome(
        charge=charge,
        requirements=in_order(standing.requirements),
        preference=standing.preference,
        reasons=tuple(standing.reasons),
    )
