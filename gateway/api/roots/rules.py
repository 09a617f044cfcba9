"""Reads and writes about rules and boxes; parts of both roots."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import strawberry

from doorstep import packing
from doorstep import rule as ground
from doorstep.ids import new_id
from doorstep.money import InvalidAmount, Money, UnknownCurrency
from doorstep.product import Dimensions
from gateway.api.admission.checks import root
from gateway.api.carts import read_cart, read_items
from gateway.api.context import Context, Info
from gateway.api.marks import bounded_argument, shape
from gateway.api.paging import Connection, connection, page_request
from gateway.api.ports.records import Scope
from gateway.api.ports.rules import RuleFilter as WhichRules
from gateway.api.ports.rules import RuleSample
from gateway.api.reading import Path, read_address, read_id, read_ids, read_span, read_text, wrong
from gateway.api.roots.given import INPUT
from gateway.api.types.boxes import (
    ArchiveBoxInput,
    ArchiveBoxResult,
    ArchiveBoxSuccess,
    Box,
    DimensionsInput,
    SaveBoxInput,
    SaveBoxResult,
    SaveBoxSuccess,
)
from gateway.api.types.money import MoneyInput
from gateway.api.types.places import DestinationInput
from gateway.api.types.rule_preview import RulesPreview, RulesPreviewResult
from gateway.api.types.rules import (
    ArchiveRuleInput,
    ArchiveRuleResult,
    ArchiveRuleSuccess,
    EnableRuleInput,
    EnableRuleResult,
    EnableRuleSuccess,
    ReorderRulesInput,
    ReorderRulesResult,
    ReorderRulesSuccess,
    Rule,
    RuleEffectInput,
    RuleFilter,
    SaveRuleInput,
    SaveRuleResult,
    SaveRuleSuccess,
)
from gateway.api.types.storefront import CartContextInput, CartItemInput

_AT = ("input",)
MOST_SIDE_MM = 20_000


@shape()
class RuleQueries:
    """Reads about rules and boxes."""

    @root(scope=Scope.CONFIGURE)
    async def rules(
        self,
        info: Info,
        first: int = 100,
        after: str | None = None,
        wanted: Annotated[RuleFilter | None, strawberry.argument(name="filter")] = None,
    ) -> Connection[Rule]:
        """Rules in the order in which they act, without those that are archived."""
        reads, page, which = info.context.reads, page_request(first, after, "rules"), _read_filter(wanted)
        found = await reads.find_rules(which, page)
        return connection(found, page, "rules", Rule.of, partial(reads.count_rules, which))

    @root(scope=Scope.CONFIGURE, points=20)
    async def preview_rules(
        self,
        info: Info,
        drafts: Annotated[list[SaveRuleInput], bounded_argument(100)],
        destination: DestinationInput | None = None,
        items: Annotated[list[CartItemInput] | None, bounded_argument(200)] = None,
        cart: CartContextInput | None = None,
        quote_set_id: strawberry.ID | None = None,
    ) -> RulesPreviewResult:
        """Replaces or adds the drafts, changes nothing: for a sample cart, of which carriers are asked, or
        for a past quote set, of which nobody is. Without drafts it explains today's rules.
        """
        if (destination is None) == (quote_set_id is None):
            raise wrong(("destination",), "either a destination or a quoteSetId is needed", "REQUIRED")
        if quote_set_id is not None:
            sample = RuleSample(quote_set_id=read_id(quote_set_id, "qst", ("quoteSetId",)))
        else:
            place = None if destination is None else read_address(destination, ("destination",))
            sample = RuleSample(destination=place, items=read_items(items), cart=read_cart(cart))
        read = [read_rule(one, ("drafts", str(at)), info.context) for at, one in enumerate(drafts)]
        if len({draft.id for draft in read}) < len(read):
            raise wrong(("drafts",), "drafts names one rule twice")
        return RulesPreview.of(await info.context.commands.preview_rules(drafts=read, sample=sample))

    @root(scope=Scope.CONFIGURE)
    async def boxes(self, info: Info, first: int = 100, after: str | None = None) -> Connection[Box]:
        """Boxes that the merchant packs with, in the order in which they were made."""
        reads, page = info.context.reads, page_request(first, after, "boxes")
        return connection(await reads.find_boxes(page), page, "boxes", Box.of, reads.count_boxes)


@shape()
class RuleMutations:
    """Writes about rules and boxes."""

    @root(scope=Scope.CONFIGURE)
    async def save_rule(self, info: Info, given: Annotated[SaveRuleInput, INPUT]) -> SaveRuleResult:
        """Keeps a rule whole; it decides from the next question on."""
        _check_version(given.id, given.expected_version)
        rule = read_rule(given, _AT, info.context)
        saved = await info.context.commands.save_rule(rule=rule, expected_version=given.expected_version)
        return SaveRuleSuccess(rule=Rule.of(saved))

    @root(scope=Scope.CONFIGURE)
    async def archive_rule(self, info: Info, given: Annotated[ArchiveRuleInput, INPUT]) -> ArchiveRuleResult:
        """Puts a rule away for good; what it did stays explained."""
        archived = await info.context.commands.archive_rule(
            rule_id=read_id(given.id, "rul", (*_AT, "id")), expected_version=given.expected_version
        )
        return ArchiveRuleSuccess(rule=Rule.of(archived))

    @root(scope=Scope.CONFIGURE)
    async def enable_rule(self, info: Info, given: Annotated[EnableRuleInput, INPUT]) -> EnableRuleResult:
        """Switches a rule on or off; everything else of it stays."""
        saved = await info.context.commands.enable_rule(
            rule_id=read_id(given.id, "rul", (*_AT, "id")),
            expected_version=given.expected_version,
            enabled=given.enabled,
        )
        return EnableRuleSuccess(rule=Rule.of(saved))

    @root(scope=Scope.CONFIGURE)
    async def reorder_rules(
        self, info: Info, given: Annotated[ReorderRulesInput, INPUT]
    ) -> ReorderRulesResult:
        """Lets rules act in another order; priorities are moved as little as that takes."""
        saved = await info.context.commands.reorder_rules(
            rule_ids=read_ids(given.rule_ids, "rul", (*_AT, "ruleIds"))
        )
        return ReorderRulesSuccess(rules=[Rule.of(rule) for rule in saved])

    @root(scope=Scope.CONFIGURE)
    async def save_box(self, info: Info, given: Annotated[SaveBoxInput, INPUT]) -> SaveBoxResult:
        """Keeps a box whole; it is packed with from the next question on."""
        _check_version(given.id, given.expected_version)
        saved = await info.context.commands.save_box(
            box=_read_box(given), expected_version=given.expected_version
        )
        return SaveBoxSuccess(box=Box.of(saved))

    @root(scope=Scope.CONFIGURE)
    async def archive_box(self, info: Info, given: Annotated[ArchiveBoxInput, INPUT]) -> ArchiveBoxResult:
        """Packs with it no more."""
        archived = await info.context.commands.archive_box(
            box_id=read_id(given.id, "box", (*_AT, "id")), expected_version=given.expected_version
        )
        return ArchiveBoxSuccess(box=Box.of(archived))


def read_rule(given: SaveRuleInput, path: Path, context: Context) -> ground.Rule:
    """A rule as it was written; what it means is checked where it is saved or tried."""
    return ground.Rule(
        id=new_id("rul") if given.id is None else read_id(given.id, "rul", (*path, "id")),
        merchant_id=context.caller.merchant_id,
        name=given.name.strip(),
        groups=tuple(
            ground.ConditionGroup(
                tuple(ground.Condition(one.field, one.operator, tuple(one.values)) for one in group.all)
            )
            for group in given.conditions
        ),
        effects=tuple(
            _read_effect(effect, (*path, "effects", str(place))) for place, effect in enumerate(given.effects)
        ),
        updated_at=context.clock.now(),
        priority=given.priority,
        enabled=given.enabled,
        version=given.expected_version or 1,
    )


def _read_effect(given: RuleEffectInput, path: Path) -> ground.RuleEffect:
    value = read_text(given.value, (*path, "value"))
    amount = None if given.amount is None else _read_amount(given.amount, (*path, "amount"))
    return ground.RuleEffect(given.action, value, amount)


def _read_amount(given: MoneyInput, path: Path) -> Money:
    """An amount that may be negative, which takes something off."""
    try:
        return Money.parse(given.amount, given.currency_code)
    except UnknownCurrency:
        text = "currencyCode must be an ISO 4217 code such as EUR"
        raise wrong((*path, "currencyCode"), text, "UNSUPPORTED_CURRENCY") from None
    except InvalidAmount as fault:
        raise wrong((*path, "amount"), f"amount: {fault}") from None


def _read_filter(given: RuleFilter | None) -> WhichRules:
    if given is None:
        return WhichRules()
    return WhichRules(
        enabled=given.enabled,
        fields=tuple(given.fields or ()),
        actions=tuple(given.actions or ()),
        search=read_text(given.search, ("filter", "search"), 100),
    )


def _read_box(given: SaveBoxInput) -> packing.Box:
    inside = _read_sides(given.inside, (*_AT, "inside"))
    return packing.Box(
        id=new_id("box") if given.id is None else read_id(given.id, "box", (*_AT, "id")),
        name=given.name.strip(),
        inside=inside,
        outside=inside if given.outside is None else _read_sides(given.outside, (*_AT, "outside")),
        empty_g=given.empty_grams,
        most_g=given.most_grams,
    )


def _read_sides(given: DimensionsInput, path: Path) -> Dimensions:
    sides = (given.length_millimeters, given.width_millimeters, given.height_millimeters)
    names = ("lengthMillimeters", "widthMillimeters", "heightMillimeters")
    for name, side in zip(names, sides, strict=True):
        read_span(side, (*path, name), 1, MOST_SIDE_MM)
    return Dimensions(*sides)


def _check_version(id_: str | None, version: int | None) -> None:
    if id_ is not None and version is None:
        raise wrong((*_AT, "expectedVersion"), "expectedVersion is needed with an id", "REQUIRED")
    if id_ is None and version is not None:
        raise wrong((*_AT, "expectedVersion"), "what is made anew has no version yet")
