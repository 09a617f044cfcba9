"""Sourcing: where a fulfillment order leaves from and why, and what a merchant wants of that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from doorstep import sourcing as ground
from doorstep.sourcing import PassReason, PlaceStock, SourcingOutcome, SourcingStrategy
from gateway.api.context import Info
from gateway.api.marks import entry, open_enum, part, resolved, shape
from gateway.api.problems import InvalidInput, StateConflict
from gateway.api.types.money import Money, MoneyInput
from gateway.api.types.versions import EXPECTED, VERSION
from gateway.flow.settings_version import version_of

if TYPE_CHECKING:
    from gateway.api.types.orders import FulfillmentOrder, Location

LocationRef = Annotated["Location", strawberry.lazy("gateway.api.types.orders")]
FulfillmentOrderRef = Annotated["FulfillmentOrder", strawberry.lazy("gateway.api.types.orders")]

for _open in (PassReason, PlaceStock, SourcingOutcome, SourcingStrategy):
    open_enum(_open)


@shape()
class SourcedLine:
    """Pieces of a line that one place ships."""

    line_external_id: str
    quantity: int


@shape()
class SourcedPart:
    """What one place ships."""

    lines: list[SourcedLine] = part(most=200, usual=3)
    cost: Money = part("Expected, of its delivery and handling.")
    location_id: strawberry.Private[str]

    @staticmethod
    def of(made: ground.SourcedPart) -> SourcedPart:
        lines = [SourcedLine(line_external_id=one.line_id, quantity=one.pieces) for one in made.lines[:200]]
        return SourcedPart(lines=lines, cost=Money.of(made.cost), location_id=made.location_id)

    @resolved()
    async def location(self, info: Info) -> LocationRef | None:
        """Where it leaves from."""
        return await _load_place(info, self.location_id)


@shape()
class PassedOverLocation:
    """A place that does not ship it."""

    reason: PassReason
    text: str = part("A sentence for the merchant.")
    location_id: strawberry.Private[str]

    @staticmethod
    def of(passed: ground.PassedOver) -> PassedOverLocation:
        return PassedOverLocation(reason=passed.reason, text=passed.text, location_id=passed.location_id)

    @resolved()
    async def location(self, info: Info) -> LocationRef | None:
        """Which place."""
        return await _load_place(info, self.location_id)


@shape()
class Sourcing:
    """Where a fulfillment order leaves from, and why."""

    strategy: SourcingStrategy
    outcome: SourcingOutcome
    reason: str = part("A sentence for the merchant.")
    problem: str | None = part("Why it could not be done.")
    decided_at: datetime
    parts: list[SourcedPart] = part("Of all that was decided at once; none where nobody has all.", most=10)
    cost: Money | None = part("Expected, of all parts.")
    next_best_cost: Money | None = part("Of the best other way; null where there was none.")
    passed_over: list[PassedOverLocation] = part("Every other place that was looked at.", most=100, usual=4)

    @staticmethod
    def of(decision: ground.SourcingDecision) -> Sourcing:
        plan = decision.plan
        return Sourcing(
            strategy=decision.strategy,
            outcome=decision.outcome,
            reason=plan.reason,
            problem=decision.problem or None,
            decided_at=decision.decided_at,
            parts=[SourcedPart.of(made) for made in plan.parts[:10]],
            cost=Money.maybe(plan.cost),
            next_best_cost=Money.maybe(plan.next_best),
            passed_over=[PassedOverLocation.of(passed) for passed in plan.passed[:100]],
        )

    @staticmethod
    def maybe(decision: ground.SourcingDecision | None) -> Sourcing | None:
        """The decision, if there is one."""
        return None if decision is None else Sourcing.of(decision)


@shape()
class SourcingPreview:
    """Where a fulfillment order would leave from."""

    sourcing: Sourcing | None = part("Null where there is nothing to choose.")
    unit_id: strawberry.Private[str]

    @resolved()
    async def fulfillment_order(self, info: Info) -> FulfillmentOrderRef | None:
        """As it is."""
        from gateway.api.types.orders import FulfillmentOrder

        kept = await info.context.loaders.fulfillment_order.load(self.unit_id)
        return None if kept is None else FulfillmentOrder.of(kept)


@shape()
class LocationTerms:
    """What a merchant wants of one place."""

    location_id: strawberry.ID
    may_ship: bool
    is_shop: bool = part("Sells over the counter; ships only where shipFromShops is true.")
    priority: int = part("1 is asked first.")
    handling: Money | None = part("What packing one parcel costs there.")
    orders_a_day: int | None
    weekdays: list[int] = part("On which it packs: 1 for Monday to 7 for Sunday.", most=7)
    closed_on: list[date] = part(most=366, usual=5)
    stock: PlaceStock
    skus: list[str] = part("The only articles that it has; empty where it may have any.", most=1000, usual=5)

    @staticmethod
    def of(terms: ground.PlaceTerms) -> LocationTerms:
        return LocationTerms(
            location_id=strawberry.ID(terms.location_id),
            may_ship=terms.may_ship,
            is_shop=terms.is_shop,
            priority=terms.priority,
            handling=Money.maybe(terms.handling),
            orders_a_day=terms.orders_a_day,
            weekdays=sorted(terms.open_days.weekdays),
            closed_on=sorted(terms.open_days.closed)[:366],
            stock=terms.stock,
            skus=sorted(terms.articles)[:1000],
        )


@shape()
class SourcingRules:
    """What a merchant wants of sourcing; amounts are in the merchant's currency."""

    strategy: SourcingStrategy
    most_shipments: int = part("Into how many parts an order may be split.")
    split_penalty: Money | None = part("What each further part must save beside its own delivery.")
    safety_stock: int = part("Pieces of each article that a place keeps for itself.")
    ship_from_shops: bool
    keep_unless_saved: Money | None = part("The store's choice stands unless another way saves so much.")
    places: list[LocationTerms] = part(most=200, usual=5)
    version: int = part(VERSION)

    @staticmethod
    def of(rules: ground.SourcingRules) -> SourcingRules:
        return SourcingRules(
            strategy=rules.strategy,
            most_shipments=rules.most_shipments,
            split_penalty=Money.maybe(rules.split_penalty),
            safety_stock=rules.safety_stock,
            ship_from_shops=rules.ship_from_shops,
            keep_unless_saved=Money.maybe(rules.keep_unless_saved),
            places=[LocationTerms.of(terms) for terms in rules.places[:200]],
            version=version_of(rules),
        )


@entry
class LocationTermsInput:
    """What is wanted of one place."""

    location_id: strawberry.ID
    may_ship: bool = True
    is_shop: bool = False
    priority: int = 100
    handling: MoneyInput | None = None
    orders_a_day: int | None = None
    weekdays: list[int] | None = part("1 for Monday to 7 for Sunday; all where absent.", most=7, default=None)
    closed_on: list[date] | None = part(most=366, default=None)
    stock: PlaceStock = PlaceStock.STORE
    skus: list[str] | None = part("The only articles that it has.", most=1000, default=None)


@entry
class SourcingRulesInput:
    """What is wanted of sourcing, whole."""

    strategy: SourcingStrategy
    most_shipments: int = 2
    split_penalty: MoneyInput | None = None
    safety_stock: int = 0
    ship_from_shops: bool = True
    keep_unless_saved: MoneyInput | None = None
    places: list[LocationTermsInput] | None = part(most=200, default=None)


@entry
class SaveSourcingRulesInput:
    """Take the place of all rules of sourcing."""

    rules: SourcingRulesInput
    expected_version: int | None = part(EXPECTED, default=None)


@shape()
class SaveSourcingRulesSuccess:
    """The rules as they are kept; orders that come from now on go by them."""

    rules: SourcingRules


SaveSourcingRulesResult = Annotated[
    SaveSourcingRulesSuccess | InvalidInput | StateConflict,
    strawberry.union("SaveSourcingRulesResult", description="What saving the rules of sourcing led to."),
]


def previews(found: Sequence[tuple[str, ground.SourcingDecision | None]]) -> list[SourcingPreview]:
    """(id of the fulfillment order, what would be decided) as they are shown."""
    return [
        SourcingPreview(unit_id=unit_id, sourcing=Sourcing.maybe(decision)) for unit_id, decision in found
    ]


async def _load_place(info: Info, location_id: str) -> Location | None:
    from gateway.api.types.orders import Location

    found = await info.context.loaders.location.load(location_id)
    return None if found is None else Location.of(found)
