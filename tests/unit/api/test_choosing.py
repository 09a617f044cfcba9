"""What merchants set about choosing: who sees it, and what is refused before anybody is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from doorstep.money import Money
from doorstep.quote import RankFactor, RankReason
from doorstep.rule import Rule, RuleAction, RuleEffect
from gateway.api.types.fleet_rates import as_decimal
from gateway.auth.caller import Scope
from tests.unit.api import world as w
from tests.unit.api.conftest import Run, fault
from tests.unit.api.fakes import House, publishable, secret, tracking

RULE = Rule(w.id_of("rul"), w.MERCHANT.id, "Free", (), (RuleEffect(RuleAction.MAKE_FREE),), w.NOW)
OFF = RuleEffect(RuleAction.MARK_UP, amount=Money(-150, "EUR"))
SAVE = """mutation($in: SaveRuleInput!) { saveRule(input: $in) {
  ... on SaveRuleSuccess { rule { id } } ... on InvalidInput { issues { path code } }
  ... on Problem { code } } }"""
PREVIEW = """query($drafts: [SaveRuleInput!]!, $to: DestinationInput, $set: ID) {
  previewRules(drafts: $drafts, destination: $to, quoteSetId: $set) { ... on Problem { code path } } }"""
DRAFT: dict[str, Any] = {"name": "Free", "conditions": [], "effects": [{"action": "MAKE_FREE"}]}
OPTIONS = """query($id: ID!) { deliveryOptionsById(id: $id) { groups { options { %s } } } }"""
CLOSED = {
    "rule": ("rankReasons { rule { name } }", "RankReason.rule"),
    "scorecard": ("carrier { scorecard { deliveries } }", "Carrier.scorecard"),
    "codes": ("carrier { unknownCodes { code } }", "Carrier.unknownCodes"),
}


@pytest.mark.parametrize(("selected", "field"), CLOSED.values(), ids=CLOSED)
async def test_a_storefront_sees_options_but_not_what_is_behind_them(
    run: Run, selected: str, field: str
) -> None:
    refused = await run(OPTIONS % selected, publishable(), id=w.QUOTES.id)
    assert fault(refused)["field"] == field
    assert (await run(OPTIONS % "title carrier { name }", publishable(), id=w.QUOTES.id)).errors is None


@pytest.mark.parametrize(
    "document",
    [
        "{ rules { nodes { id } } }",
        "{ boxes { nodes { id } } }",
        "{ zones { nodes { id } } }",
        "{ rateSheets { nodes { id } } }",
        "{ carrierAccounts { nodes { id } } }",
        """{ priceLockReport(within: {start: "2026-11-01T00:00:00Z", end: "2026-11-02T00:00:00Z"}) {
          days { bookings } } }""",
    ],
    ids=["rules", "boxes", "zones", "rate sheets", "accounts", "price locks"],
)
async def test_settings_and_reports_are_for_secret_keys(run: Run, house: House, document: str) -> None:
    house.commands.answers["rate_sheets"] = []
    for caller in (publishable(), tracking()):
        assert fault(await run(document, caller))["code"] == "FORBIDDEN"
    assert house.commands.asked == []
    assert (await run(document, None)).errors is None


async def test_who_only_reads_neither_saves_a_rule_nor_tries_one(run: Run, house: House) -> None:
    reader = secret(Scope.READ, Scope.OPERATE)
    for document, given in ((SAVE, {"in": DRAFT}), (PREVIEW, {"drafts": [DRAFT], "set": w.QUOTES.id})):
        assert fault(await run(document, reader, **given))["scope"] == "CONFIGURE"
    assert house.commands.asked == []


async def test_a_reason_names_the_rule_behind_it(run: Run, house: House) -> None:
    quote = w.QUOTES.quotes[0]
    reasons = (RankReason(RankFactor.RULE, "Free", 0, RULE.id), RankReason(RankFactor.PRICE, "Cheapest", 1))
    answers = replace(w.QUOTES, quotes=(replace(quote, reasons=reasons),))
    house.reads.things |= {"quote_sets": {answers.id: answers}, "rules": {RULE.id: RULE}}
    document = "query($id: ID!) { quoteSet(id: $id) { quotes { rankReasons { text rule { name } } } } }"
    shown = await run(document, None, id=answers.id)
    assert shown.data is not None
    assert shown.data["quoteSet"]["quotes"][0]["rankReasons"] == [
        {"text": "Free", "rule": {"name": "Free"}},
        {"text": "Cheapest", "rule": None},
    ]


async def test_what_takes_off_may_be_negative_and_a_version_goes_with_an_id(run: Run, house: House) -> None:
    house.commands.answers["save_rule"] = RULE
    off = {"action": "MARK_UP", "amount": {"amount": "-1.50", "currencyCode": "EUR"}}
    await run(SAVE, None, **{"in": {**DRAFT, "effects": [off]}})
    ((_, asked),) = house.commands.asked
    assert (asked["rule"].effects, asked["rule"].merchant_id) == ((OFF,), w.MERCHANT.id)
    lacking = await run(SAVE, None, **{"in": {**DRAFT, "id": RULE.id}})
    assert lacking.data is not None
    issue = {"path": ["input", "expectedVersion"], "code": "REQUIRED"}
    assert lacking.data["saveRule"]["issues"] == [issue]
    many = await run(SAVE, None, **{"in": {**DRAFT, "effects": DRAFT["effects"] * 21}})
    assert many.data is not None
    assert many.data["saveRule"]["issues"] == [{"path": ["input", "effects"], "code": "TOO_MANY"}]


async def test_a_preview_wants_one_sample_and_each_draft_once(run: Run, house: House) -> None:
    for given, path in (
        ({"drafts": []}, ["destination"]),
        ({"drafts": [], "to": {"countryCode": "ES"}, "set": w.QUOTES.id}, ["destination"]),
        ({"drafts": [{**DRAFT, "id": RULE.id}] * 2, "set": w.QUOTES.id}, ["drafts"]),
    ):
        answer = await run(PREVIEW, None, **given)
        assert answer.data is not None
        assert answer.data["previewRules"]["path"] == path
    assert house.commands.asked == []


def test_a_percentage_keeps_the_digits_that_were_written() -> None:
    assert [str(as_decimal(percent)) for percent in (7.1, 12.5, 0.1)] == ["7.1", "12.5", "0.1"]
    assert as_decimal(None) is None
