"""Reads and writes about sourcing; parts of the roots."""

from __future__ import annotations

from typing import Annotated

import strawberry

from doorstep import sourcing as ground
from doorstep.calendar import EVERY_DAY, DayCalendar
from doorstep.money import Money
from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.ports.records import Scope
from gateway.api.reading import Path, read_id, read_money, read_span, read_text, wrong
from gateway.api.roots.given import INPUT
from gateway.api.types.money import MoneyInput
from gateway.api.types.sourcing import (
    LocationTermsInput,
    SaveSourcingRulesInput,
    SaveSourcingRulesResult,
    SaveSourcingRulesSuccess,
    SourcingPreview,
    SourcingRules,
    SourcingRulesInput,
    previews,
)

_MOST = 1_000_000


@shape()
class SourcingQueries:
    """Reads about sourcing."""

    @root(scope=Scope.CONFIGURE)
    async def sourcing_rules(self, info: Info) -> SourcingRules:
        """From which places orders leave."""
        return SourcingRules.of((await info.context.reads.merchant()).sourcing)

    @root(most=50, points=20, scope=Scope.CONFIGURE)
    async def preview_sourcing(
        self, info: Info, order_id: strawberry.ID, rules: SourcingRulesInput | None = None
    ) -> list[SourcingPreview] | None:
        """Where the parts of an order would leave from by these rules, or the merchant's, and the stock that
        is known. Changes nothing; null where there is no such order.
        """
        wanted = None if rules is None else read_rules(rules, ("rules",))
        order = read_id(order_id, "ord", ("orderId",))
        found = await info.context.commands.preview_sourcing(order_id=order, rules=wanted)
        return None if found is None else previews(found[:50])


@shape()
class SourcingMutations:
    """Writes about sourcing."""

    @root(scope=Scope.CONFIGURE)
    async def save_sourcing_rules(
        self, info: Info, given: Annotated[SaveSourcingRulesInput, INPUT]
    ) -> SaveSourcingRulesResult:
        """Decides from which places orders leave that come from now on."""
        rules = read_rules(given.rules, ("input", "rules"))
        kept = await info.context.commands.save_sourcing_rules(
            rules=rules, expected_version=given.expected_version
        )
        return SaveSourcingRulesSuccess(rules=SourcingRules.of(kept))


def read_rules(given: SourcingRulesInput, at: Path) -> ground.SourcingRules:
    """Rules that make sense.

    Raises
    ------
    InvalidInput
        If they do not.
    """
    places = tuple(
        _read_terms(terms, (*at, "places", str(index))) for index, terms in enumerate(given.places or ())
    )
    if len({place.location_id for place in places}) < len(places):
        raise wrong((*at, "places"), "places names a location twice")
    return ground.SourcingRules(
        strategy=given.strategy,
        most_shipments=read_span(given.most_shipments, (*at, "mostShipments"), 1, 10),
        split_penalty=_read_amount(given.split_penalty, (*at, "splitPenalty")),
        safety_stock=read_span(given.safety_stock, (*at, "safetyStock"), 0, _MOST),
        ship_from_shops=given.ship_from_shops,
        keep_unless_saved=_read_amount(given.keep_unless_saved, (*at, "keepUnlessSaved")),
        places=places,
    )


def _read_terms(given: LocationTermsInput, at: Path) -> ground.PlaceTerms:
    weekdays = EVERY_DAY if given.weekdays is None else frozenset(given.weekdays)
    if not weekdays or not weekdays <= EVERY_DAY:
        raise wrong((*at, "weekdays"), "weekdays must be some of 1 (Monday) to 7")
    most = given.orders_a_day
    skus = [read_text(sku, (*at, "skus", str(index)), 255) for index, sku in enumerate(given.skus or ())]
    return ground.PlaceTerms(
        location_id=read_id(given.location_id, "loc", (*at, "locationId")),
        may_ship=given.may_ship,
        is_shop=given.is_shop,
        priority=read_span(given.priority, (*at, "priority"), 1, _MOST),
        handling=_read_amount(given.handling, (*at, "handling")),
        orders_a_day=None if most is None else read_span(most, (*at, "ordersADay"), 0, _MOST),
        open_days=DayCalendar(weekdays, frozenset(given.closed_on or ())),
        stock=given.stock,
        articles=frozenset(sku for sku in skus if sku),
    )


def _read_amount(given: MoneyInput | None, at: Path) -> Money | None:
    return None if given is None else read_money(given, at)
