"""Settings that a merchant saves whole through GraphQL: kept, read back, and never overwritten unseen."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from doorstep.dispatch_rules import StackRules
from tests.integration.api.test_choosing_tenants import stranger_of
from tests.integration.api.test_slots_chosen import Counter, counter
from tests.integration.flow.fakes import MERCHANT_ID, STORE
from tests.unit.api.test_account_settings import RATES, saving
from tests.unit.api.test_merchant_rules import document_of

__all__ = ["counter"]

USD = {"currencyCode": "USD"}
READ = """{ viewer { merchant { spendingRules { tipCap { amount } tipStep { amount } maxHedges version }
  stackRules { mostStops longestWaitSeconds leastSaving { amount } version }
  watchRules { gpsSilentSeconds redispatchCapPercent } attemptRules { maxAttempts shopperMay paidBy }
  documentRules { keepDays }
  modeRules { enabled pools { name carriers tiers { fromParcel } } version } } } }"""
TIP, STEP = ({"amount": amount, **USD} for amount in ("6.00", "2.00"))
CONTRACT = {
    "name": "Contract",
    "carriers": ["cheap"],
    "tiers": [{"fromParcel": 5, "off": {"amount": "0.50", **USD}}],
}
SOURCING = """mutation($in: SaveSourcingRulesInput!) { saveSourcingRules(input: $in) {
  ... on SaveSourcingRulesSuccess { rules { version } } ... on StateConflict { code currentVersion } } }"""
DISPATCH = """mutation($in: SaveDispatchRulesInput!) { saveDispatchRules(input: $in) {
  ... on SaveDispatchRulesSuccess { dispatchRules { version } }
  ... on StateConflict { code currentVersion } } }"""
GOODS = """mutation($in: SaveGoodsRulesInput!) { saveGoodsRules(input: $in) {
  ... on SaveGoodsRulesSuccess { goodsRules { version } } ... on StateConflict { code currentVersion } } }"""
HANDLING = """mutation($in: SaveHandlingRulesInput!) { saveHandlingRules(input: $in) {
  ... on SaveHandlingRulesSuccess { handlingRules { version } }
  ... on StateConflict { code currentVersion } } }"""
STAND_IN = {
    "carrierCode": "cheap",
    "service": "standard",
    "title": "By courier",
    "price": {"amount": "7.00", **USD},
    "fewestDays": 0,
    "mostDays": 1,
}
CHANGES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "sourcing": (
        SOURCING,
        {"rules": {"strategy": "NEAREST"}},
        {"rules": {"strategy": "NEAREST", "mostShipments": 3}},
    ),
    "dispatch": (DISPATCH, {"strategy": "CHEAPEST"}, {"strategy": "CHEAPEST", "reassign": False}),
    "goods": (GOODS, {"rules": []}, {"rules": [], "hasUsual": False}),
    "handling": (
        HANDLING,
        {"rules": {"cutOff": "11:00"}},
        {"locationId": STORE.location_id, "rules": {"cutOff": "15:00"}},
    ),
    "stacking": (document_of("Stack"), {"mostStops": 2}, {"mostStops": 3}),
    "papers": (document_of("Document"), {"keepDays": 10}, {"keepDays": 20}),
    "holds": (saving("HoldLimits", "version"), {"ofOptions": 2}, {"ofOptions": 2, "ofKey": 9}),
    "booking": (saving("BookingRules", "version"), {"autoDispatch": False}, {"priceLockSeconds": 1200}),
    "profile": (
        saving("Profile", "version"),
        {"locale": "en"},
        {"locale": "en", "supportUrl": "https://shop.example"},
    ),
    "own prices": (
        RATES,
        {"rates": []},
        {"rates": [STAND_IN]},
    ),
}


async def test_what_a_merchant_sets_is_kept_and_read_and_another_merchant_sees_its_own(
    counter: Counter,
) -> None:
    saved: dict[str, dict[str, Any]] = {
        "Spending": {"tipCap": TIP, "tipStep": STEP, "maxHedges": 1},
        "Stack": {"mostStops": 3, "longestWaitSeconds": 900, "leastSaving": STEP},
        "Watch": {"gpsSilentSeconds": 120, "redispatchCapPercent": 150},
        "Attempt": {"maxAttempts": 2, "shopperMay": ["SAFE_PLACE"], "paidBy": "SHOPPER"},
        "Document": {"keepDays": 90},
        "Mode": {"enabled": True, "pools": [CONTRACT]},
    }
    versions = {}
    for name, given in saved.items():
        answer = await counter.by_merchant(document_of(name), **{"in": given})
        versions[name] = answer[f"{name.lower()}Rules"]["version"]
    shown = (await counter.by_merchant(READ))["merchant"]
    assert shown == {
        "spendingRules": {
            "tipCap": {"amount": "6.00"},
            "tipStep": {"amount": "2.00"},
            "maxHedges": 1,
            "version": versions["Spending"],
        },
        "stackRules": {**saved["Stack"], "leastSaving": {"amount": "2.00"}, "version": versions["Stack"]},
        "watchRules": saved["Watch"],
        "attemptRules": saved["Attempt"],
        "documentRules": saved["Document"],
        "modeRules": {
            "enabled": True,
            "pools": [{"name": "Contract", "carriers": ["cheap"], "tiers": [{"fromParcel": 5}]}],
            "version": versions["Mode"],
        },
    }
    stranger = await stranger_of(counter)
    theirs = (await stranger.by_merchant(READ))["merchant"]
    assert theirs["stackRules"]["mostStops"] == StackRules().most_stops
    assert theirs["documentRules"] == {"keepDays": 30}
    assert theirs["modeRules"]["enabled"] is False


async def test_amounts_are_in_the_merchants_currency_and_each_that_is_not_is_named(
    counter: Counter,
) -> None:
    euros = {"amount": "1.00", "currencyCode": "EUR"}
    for name, given, paths in (
        ("Spending", {"tipCap": euros, "tipStep": euros}, ["tipCap", "tipStep"]),
        ("Stack", {"mostStops": 2, "leastSaving": euros}, ["leastSaving"]),
        ("Mode", {"enabled": True, "pools": [{"name": "Cap", "mostSpent": euros}]}, ["pools 0 mostSpent"]),
    ):
        answer = await counter.by_merchant(document_of(name), **{"in": given})
        assert [issue["path"] for issue in answer["issues"]] == [["input", *path.split()] for path in paths]
        assert "must be in USD" in answer["issues"][0]["message"]
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant()
    assert (merchant.spending.tip_cap, merchant.stacking.is_on) == (None, False)


@pytest.mark.parametrize("name", CHANGES)
async def test_who_saves_over_settings_that_somebody_changed_meanwhile_is_told(
    counter: Counter, name: str
) -> None:
    document, first, second = CHANGES[name]
    seen = _version(await counter.by_merchant(document, **{"in": first}))
    both = [counter.by_merchant(document, **{"in": {**second, "expectedVersion": seen}}) for _ in range(2)]
    saved, late = sorted(await asyncio.gather(*both), key=lambda answer: "code" in answer)
    changed = _version(saved)
    assert changed != seen
    assert late == {"code": "STATE_CONFLICT", "currentVersion": changed}
    # Who names no version has its way, and what is again as it was is what was seen.
    back = {**second, "rules": None} if name == "handling" else first
    assert _version(await counter.by_merchant(document, **{"in": back})) == seen


def _version(answer: dict[str, Any]) -> int:
    """Of the rules, whatever they are called."""
    (rules,) = answer.values()
    shown = rules[0] if isinstance(rules, list) else rules
    return int(shown["version"])
