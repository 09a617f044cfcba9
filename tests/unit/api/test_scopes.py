"""Which scope a key needs for settings, and for what explains a choice: one table for all of the schema."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from doorstep.money import Money
from doorstep.quote import RankFactor, RankReason
from doorstep.rule import Rule, RuleAction, RuleEffect
from doorstep.slot import SlotTemplate
from gateway.api.admission.access import access_of
from gateway.api.schema import GatewaySchema
from gateway.auth.caller import Audience, Scope
from tests.unit.api import world as w
from tests.unit.api.conftest import Run, fault
from tests.unit.api.fakes import House, secret

EXPLAINS = """Query.quoteSet Query.previewRanking Query.carriers Query.carrierAccounts Query.priceLockReport
  RankReason.rule Carrier.scorecard Carrier.unknownCodes CarrierAccount.scorecard CarrierAccount.health
  CarrierAccount.breaker FulfillmentOrder.sourcing FulfillmentOrder.waitsUntil Leg.why Leg.stack
  FulfillmentOrder.modeChoice Delivery.modeChoice RoutePlan.choices"""
SETTINGS = """Query.rules Query.previewRules Query.boxes Query.slotTemplates Query.zones Query.zonesAt
  Query.rateSheets Query.previewRateSheet Query.goodsRules Query.handlingRules Query.sourcingRules
  Query.previewSourcing Merchant.dispatchRules Merchant.spendingRules Merchant.stackRules Merchant.watchRules
  Merchant.attemptRules Merchant.documentRules Merchant.holdLimits Merchant.bookingRules Merchant.profile
  Merchant.fallbackRates Merchant.modeRules Mutation.testLink Query.webhookEndpoints"""
CHANGES = ("save", "archive", "remove", "enable", "reorder")
RULE = Rule(w.id_of("rul"), w.MERCHANT.id, "Free", (), (RuleEffect(RuleAction.MAKE_FREE),), w.NOW)
TEMPLATE = SlotTemplate(
    w.id_of("slt"), w.MERCHANT.id, "Noon", w.LOCATION.id, time(12), time(13), "UTC", 1, Money(0, "EUR"), w.NOW
)


def _scope(schema: GatewaySchema, coordinate: str) -> tuple[list[Audience], Scope]:
    type_, _, field = coordinate.partition(".")
    rule = access_of(schema._schema.type_map[type_], field)  # type: ignore[arg-type]  # those above are objects
    return list(rule.to), rule.scope


@pytest.mark.parametrize(("coordinates", "scope"), [(EXPLAINS, Scope.READ), (SETTINGS, Scope.CONFIGURE)])
def test_who_reads_orders_reads_what_explains_choices_and_settings_need_more(
    schema: GatewaySchema, coordinates: str, scope: Scope
) -> None:
    asked = {coordinate: _scope(schema, coordinate) for coordinate in coordinates.split()}
    assert {coordinate: found[1] for coordinate, found in asked.items()} == dict.fromkeys(asked, scope)
    if scope is Scope.CONFIGURE:
        assert all(to == [Audience.SECRET] for to, _ in asked.values())


def test_every_write_of_settings_needs_configure(schema: GatewaySchema) -> None:
    root = schema._schema.mutation_type
    assert root is not None
    changing = [f"Mutation.{name}" for name in root.fields if name.startswith(CHANGES)]
    # What goes out to others, and whose keys are whose: those need more.
    links = [
        f"Mutation.{name}"
        for name in ("saveWebhookEndpoint", "archiveWebhookEndpoint", "savePerson", "archivePerson")
    ]
    assert {_scope(schema, one)[1] for one in links} == {Scope.ADMINISTER}
    changing = [one for one in changing if one not in links]
    assert len(changing) >= 20
    needed = {coordinate: _scope(schema, coordinate) for coordinate in changing}
    assert needed == dict.fromkeys(changing, ([Audience.SECRET], Scope.CONFIGURE))


async def test_a_setting_is_read_by_its_id_with_the_same_scope_as_in_its_list(run: Run, house: House) -> None:
    reasons = (RankReason(RankFactor.RULE, "Free", 0, RULE.id),)
    answers = replace(w.QUOTES, quotes=(replace(w.QUOTES.quotes[0], reasons=reasons),))
    house.reads.things |= {
        "rules": {RULE.id: RULE},
        "slot_templates": {TEMPLATE.id: TEMPLATE},
        "quote_sets": {answers.id: answers},
    }
    document = "query($id: ID!) { node(id: $id) { id } }"
    for id_ in (RULE.id, TEMPLATE.id, w.id_of("box")):
        refused = fault(await run(document, secret(Scope.OPERATE), id=id_))
        assert (refused["code"], refused["scope"]) == ("FORBIDDEN", "CONFIGURE")
    assert house.reads.calls["rules"] == 0
    assert (await run(document, secret(Scope.CONFIGURE), id=RULE.id)).data == {"node": {"id": RULE.id}}
    assert (await run(document, secret(Scope.READ), id=w.ORDER.id)).data == {"node": {"id": w.ORDER.id}}
    # Where it explains a choice it is open to who reads that.
    why = "query($id: ID!) { quoteSet(id: $id) { quotes { rankReasons { rule { name } } } } }"
    shown = await run(why, secret(Scope.READ), id=answers.id)
    assert shown.data == {"quoteSet": {"quotes": [{"rankReasons": [{"rule": {"name": "Free"}}]}]}}
