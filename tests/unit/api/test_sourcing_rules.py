"""Why a fulfillment order leaves from where it does, what other rules would do, and how rules are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from doorstep.calendar import DayCalendar
from doorstep.money import Money
from doorstep.sourcing import (
    LineShare,
    PassedOver,
    PassReason,
    PlaceStock,
    PlaceTerms,
    SourcedPart,
    SourcingDecision,
    SourcingOutcome,
    SourcingPlan,
    SourcingRules,
    SourcingStrategy,
)
from tests.unit.api import world as w
from tests.unit.api.conftest import Run
from tests.unit.api.fakes import House

PARTS = (SourcedPart(w.LOCATION.id, (LineShare("l-1", 2),), Money(500, "USD")),)
DECISION = SourcingDecision(
    SourcingStrategy.NEAREST,
    SourcingOutcome.FAILED,
    SourcingPlan(
        PARTS,
        "Ships from the depot.",
        Money(500, "USD"),
        Money(750, "USD"),
        (PassedOver(w.LOCATION.id, PassReason.FARTHER, "It is 9.0 km away, not 1.0 km."),),
    ),
    (LineShare("l-1", 2),),
    w.NOW,
    problem="Shopify does not let it be moved: in progress",
)
RULES = SourcingRules(
    SourcingStrategy.CHEAPEST,
    most_shipments=3,
    split_penalty=Money(150, "USD"),
    places=(
        PlaceTerms(
            w.LOCATION.id,
            is_shop=True,
            priority=1,
            handling=Money(50, "USD"),
            orders_a_day=40,
            open_days=DayCalendar(frozenset({1, 2}), frozenset({date(2026, 12, 24)})),
            stock=PlaceStock.EVERYTHING,
            articles=frozenset({"TEA-1"}),
        ),
    ),
)
SHOWN = """strategy outcome reason problem decidedAt cost { amount } nextBestCost { amount }
  parts { location { id } lines { lineExternalId quantity } cost { amount } }
  passedOver { location { id } reason text }"""
TERMS: dict[str, Any] = {
    "locationId": w.LOCATION.id,
    "isShop": True,
    "priority": 1,
    "handling": {"amount": "0.50", "currencyCode": "USD"},
    "ordersADay": 40,
    "weekdays": [2, 1],
    "closedOn": ["2026-12-24"],
    "stock": "EVERYTHING",
    "skus": ["TEA-1"],
}
GIVEN: dict[str, Any] = {
    "strategy": "CHEAPEST",
    "mostShipments": 3,
    "splitPenalty": {"amount": "1.50", "currencyCode": "USD"},
    "places": [TERMS],
}
SAVE = """mutation($input: SaveSourcingRulesInput!) { saveSourcingRules(input: $input) {
  ... on SaveSourcingRulesSuccess { rules { strategy mostShipments splitPenalty { amount }
    places { locationId weekdays closedOn skus } } }
  ... on InvalidInput { path message } } }"""


async def test_a_fulfillment_order_says_why_it_leaves_from_where_it_does(run: Run, house: House) -> None:
    unit = replace(w.UNIT, sourcing=DECISION, part_of="2001")
    house.reads.things["fulfillment_orders"] = {unit.id: unit}
    document = f"query($id: ID!) {{ fulfillmentOrder(id: $id) {{ partOf sourcing {{ {SHOWN} }} }} }}"
    result = await run(document, None, id=unit.id)
    assert result.errors is None
    assert result.data is not None
    shown = result.data["fulfillmentOrder"]
    assert shown["partOf"] == "2001"
    assert shown["sourcing"] == {
        "strategy": "NEAREST",
        "outcome": "FAILED",
        "reason": "Ships from the depot.",
        "problem": DECISION.problem,
        "decidedAt": shown["sourcing"]["decidedAt"],
        "cost": {"amount": "5.00"},
        "nextBestCost": {"amount": "7.50"},
        "parts": [
            {
                "location": {"id": w.LOCATION.id},
                "lines": [{"lineExternalId": "l-1", "quantity": 2}],
                "cost": {"amount": "5.00"},
            }
        ],
        "passedOver": [
            {
                "location": {"id": w.LOCATION.id},
                "reason": "FARTHER",
                "text": "It is 9.0 km away, not 1.0 km.",
            }
        ],
    }


async def test_other_rules_can_be_tried_on_an_order(run: Run, house: House) -> None:
    house.commands.answers["preview_sourcing"] = [(w.UNIT.id, DECISION)]
    document = """query($id: ID!, $rules: SourcingRulesInput) { previewSourcing(orderId: $id, rules: $rules) {
      fulfillmentOrder { id } sourcing { reason } } }"""
    result = await run(document, None, id=w.ORDER.id, rules=GIVEN)
    assert result.errors is None
    assert result.data == {
        "previewSourcing": [
            {"fulfillmentOrder": {"id": w.UNIT.id}, "sourcing": {"reason": "Ships from the depot."}}
        ]
    }
    assert house.commands.asked == [("preview_sourcing", {"order_id": w.ORDER.id, "rules": RULES})]


async def test_rules_are_kept_whole(run: Run, house: House) -> None:
    house.commands.answers["save_sourcing_rules"] = RULES
    result = await run(SAVE, None, input={"rules": GIVEN})
    assert result.errors is None
    assert result.data == {
        "saveSourcingRules": {
            "rules": {
                "strategy": "CHEAPEST",
                "mostShipments": 3,
                "splitPenalty": {"amount": "1.50"},
                "places": [
                    {
                        "locationId": w.LOCATION.id,
                        "weekdays": [1, 2],
                        "closedOn": ["2026-12-24"],
                        "skus": ["TEA-1"],
                    }
                ],
            }
        }
    }
    assert house.commands.asked == [("save_sourcing_rules", {"rules": RULES, "expected_version": None})]


@pytest.mark.parametrize(
    ("changes", "terms", "path"),
    [
        ({"mostShipments": 0}, {}, ["input", "rules", "mostShipments"]),
        ({"safetyStock": -1}, {}, ["input", "rules", "safetyStock"]),
        (
            {"splitPenalty": {"amount": "-1", "currencyCode": "USD"}},
            {},
            ["input", "rules", "splitPenalty", "amount"],
        ),
        ({"places": [TERMS, TERMS]}, {}, ["input", "rules", "places"]),
        ({}, {"priority": 0}, ["input", "rules", "places", "0", "priority"]),
        ({}, {"weekdays": [8]}, ["input", "rules", "places", "0", "weekdays"]),
        ({}, {"ordersADay": -1}, ["input", "rules", "places", "0", "ordersADay"]),
        ({}, {"locationId": w.ORDER.id}, ["input", "rules", "places", "0", "locationId"]),
    ],
)
async def test_rules_that_make_no_sense_are_refused_by_name(
    run: Run, house: House, changes: dict[str, Any], terms: dict[str, Any], path: list[str]
) -> None:
    given = {**GIVEN, "places": [{**TERMS, **terms}], **changes}
    result = await run(SAVE, None, input={"rules": given})
    assert result.data is not None
    assert result.data["saveSourcingRules"]["path"] == path
    assert house.commands.asked == []
