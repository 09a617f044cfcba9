"""Rules that a merchant has one of each of: what is refused before they are saved, and what is handed on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from doorstep.dispatch_rules import Spending, StackRules
from doorstep.failed_attempt import AttemptChoice, PaidBy
from doorstep.merchant import AttemptRules, DocumentRules, WatchRules
from doorstep.mode_rules import CarrierPool, ModeRules
from doorstep.money import Money
from doorstep.quote import DeliveryMode
from doorstep.wave import Tier, TierKind
from gateway.api.reading import built
from tests.unit.api import world as w
from tests.unit.api.conftest import Run
from tests.unit.api.fakes import House

EUR = {"currencyCode": "EUR"}
ONE, NOTHING = {"amount": "1.00", **EUR}, {"amount": "0.00", **EUR}
SPENDING = Spending(Money(500, "EUR"), Money(100, "EUR"), hedges=False, max_hedges=1, patience_s=60)
STACKS = StackRules(4, 900, 300, 120, Money(100, "EUR"))
WATCH = WatchRules(120, 300, 60, 600, 150)
MODES = ModeRules(is_on=True, longest_wait_s=600, spare_s=300, search_s=2.5, gives_on=False)
ATTEMPTS = AttemptRules(
    2, AttemptChoice.RETURN, 3600, (AttemptChoice.SAFE_PLACE,), PaidBy.SHOPPER, 86_400, 172_800
)
GIVEN: dict[str, tuple[dict[str, Any], Any, str]] = {
    "Spending": (
        {"tipCap": {"amount": "5.00", **EUR}, "tipStep": ONE, "hedges": False, "maxHedges": 1,
         "patienceSeconds": 60}, SPENDING, "spending",
    ),
    "Stack": (
        {"mostStops": 4, "longestWaitSeconds": 900, "spareSeconds": 300, "handoverSeconds": 120,
         "leastSaving": ONE}, STACKS, "stacking",
    ),
    "Watch": (
        {"gpsSilentSeconds": 120, "noCourierBeforePickupSeconds": 300, "lateGraceSeconds": 60,
         "missedPickupSeconds": 600, "redispatchCapPercent": 150}, WATCH, "watch",
    ),
    "Attempt": (
        {"maxAttempts": 2, "defaultAction": "RETURN", "answerSeconds": 3600, "shopperMay": ["SAFE_PLACE"],
         "paidBy": "SHOPPER", "returnDueSeconds": 86_400, "claimWithinSeconds": 172_800},
        ATTEMPTS, "attempts",
    ),
    "Mode": (
        {"enabled": True, "longestWaitSeconds": 600, "spareSeconds": 300, "searchSeconds": 2.5,
         "givesOn": False}, MODES, "modes",
    ),
    "Document": ({"keepDays": 90}, DocumentRules(90), "documents"),
}  # fmt: skip
BY_DEFAULT = [
    ("Spending", {}),
    ("Stack", {"mostStops": 1}),
    ("Watch", {}),
    ("Attempt", {}),
    ("Mode", {"enabled": False}),
]


def document_of(name: str, fields: str = "version") -> str:
    """A mutation that saves rules of a kind."""
    return f"""mutation($in: Save{name}RulesInput!) {{ save{name}Rules(input: $in) {{
      ... on Save{name}RulesSuccess {{ {name.lower()}Rules {{ {fields} }} }}
      ... on InvalidInput {{ issues {{ path message }} }}
      ... on StateConflict {{ code currentVersion }} }} }}"""


@pytest.mark.parametrize("name", GIVEN)
async def test_rules_are_handed_on_and_shown_as_they_were_given(run: Run, house: House, name: str) -> None:
    given, rules, held_in = GIVEN[name]
    house.commands.answers["save_merchant_rules"] = replace(w.MERCHANT, **{held_in: rules})
    fields = [
        f"{field} {{ amount currencyCode }}" if isinstance(of, dict) else field for field, of in given.items()
    ]
    result = await run(document_of(name, " ".join(fields)), None, **{"in": {**given, "expectedVersion": 7}})
    assert result.errors is None
    assert house.commands.asked == [("save_merchant_rules", {"rules": rules, "expected_version": 7})]
    assert result.data == {f"save{name}Rules": {f"{name.lower()}Rules": given}}


@pytest.mark.parametrize(("name", "given"), BY_DEFAULT)
async def test_what_is_left_out_is_as_it_usually_is(
    run: Run, house: House, name: str, given: dict[str, Any]
) -> None:
    house.commands.answers["save_merchant_rules"] = w.MERCHANT
    assert (await run(document_of(name), None, **{"in": given})).errors is None
    ((_, asked),) = house.commands.asked
    assert asked == {"rules": type(GIVEN[name][1])(), "expected_version": None}


@pytest.mark.parametrize(
    ("name", "given", "path", "words"),
    [
        (
            "Spending",
            {"tipCap": NOTHING},
            ["tipCap"],
            "tipCap must be positive; leave it out to offer nothing",
        ),
        (
            "Spending",
            {"tipCap": {"amount": "-1", **EUR}},
            ["tipCap", "amount"],
            "amount must not be negative",
        ),
        (
            "Spending",
            {"tipStep": NOTHING},
            ["tipStep"],
            "tipStep must be positive; leave it out to offer all at once",
        ),
        (
            "Spending",
            {"tipCap": ONE, "tipStep": {"amount": "1.00", "currencyCode": "USD"}},
            ["tipStep"],
            "tipStep must be in the currency of tipCap",
        ),
        ("Spending", {"maxHedges": -1}, ["maxHedges"], "maxHedges must be 0 to 10, got -1"),
        ("Stack", {"mostStops": 9}, ["mostStops"], "mostStops must be 1 to 8, got 9"),
        (
            "Stack",
            {"mostStops": 2, "spareSeconds": -1},
            ["spareSeconds"],
            "spareSeconds must be 0 to 86400, got -1",
        ),
        (
            "Watch",
            {"gpsSilentSeconds": 0},
            ["gpsSilentSeconds"],
            "gpsSilentSeconds must be 1 to 86400, got 0",
        ),
        ("Attempt", {"maxAttempts": 0}, ["maxAttempts"], "maxAttempts must be 1 to 20, got 0"),
        (
            "Attempt",
            {"shopperMay": ["TRY_AGAIN", "GIVE_UP"]},
            ["shopperMay", "1"],
            "a tracking link offers TRY_AGAIN and SAFE_PLACE, not GIVE_UP",
        ),
        ("Document", {"keepDays": 0}, ["keepDays"], "keepDays must be 1 to 3660, got 0"),
        (
            "Mode",
            {"enabled": True, "searchSeconds": 0},
            ["searchSeconds"],
            "searchSeconds must be 0.1 to 600, got 0.0",
        ),
        (
            "Mode",
            {"enabled": True, "pools": [{"name": "Cap", "most": 2, "least": 3}]},
            ["pools", "0"],
            "pools[Cap].least: must lie in [0, most], got 3 of 2",
        ),
        (
            "Mode",
            {"enabled": True, "pools": [{"name": " "}]},
            ["pools", "0", "name"],
            "name must not be empty",
        ),
        (
            "Mode",
            {"enabled": True, "pools": [{"name": "Cap"}, {"name": "Cap"}]},
            ["pools"],
            "pools: each needs a name of its own",
        ),
    ],
)
async def test_what_makes_no_sense_names_its_field_and_reaches_nobody(
    run: Run, house: House, name: str, given: dict[str, Any], path: list[str], words: str
) -> None:
    result = await run(document_of(name), None, **{"in": given})
    assert result.errors is None
    issue = {"path": ["input", *path], "message": words}
    assert result.data == {f"save{name}Rules": {"issues": [issue]}}
    assert house.commands.asked == []


def test_of_several_fields_the_one_that_is_named_first_is_wrong() -> None:
    with pytest.raises(ValueError, match="longest_wait_s") as plain:
        StackRules(2, longest_wait_s=-1)
    with pytest.raises(Exception, match="longestWaitSeconds, spareSeconds and handoverSeconds must") as told:
        built(StackRules, ("input",), most_stops=2, longest_wait_s=-1, spare_s=0, handover_s=0)
    assert str(plain.value).startswith("longest_wait_s")
    assert getattr(told.value, "path", None) == ("input", "longestWaitSeconds")


async def test_a_pool_of_carriers_is_handed_on_whole_and_shown_as_it_was_given(
    run: Run, house: House
) -> None:
    given = {
        "name": "Contract",
        "carriers": ["easypost"],
        "modes": ["PARCEL"],
        "most": 90,
        "mostSpent": {"amount": "500.00", **EUR},
        "least": 10,
        "shortfall": ONE,
        "tiers": [{"fromParcel": 20, "off": ONE}],
        "tierKind": "ALL_UNITS",
    }
    pool = CarrierPool(
        "Contract",
        ("easypost",),
        (DeliveryMode.PARCEL,),
        most=90,
        least=10,
        shortfall=Money(100, "EUR"),
        most_spent=Money(50_000, "EUR"),
        tiers=(Tier(20, Money(100, "EUR")),),
        tier_kind=TierKind.ALL_UNITS,
    )
    rules = ModeRules(is_on=True, pools=(pool,))
    house.commands.answers["save_merchant_rules"] = replace(w.MERCHANT, modes=rules)
    money = "{ amount currencyCode }"
    fields = f"""pools {{ name carriers modes most mostSpent {money} least shortfall {money}
      tiers {{ fromParcel off {money} }} tierKind }}"""
    result = await run(document_of("Mode", fields), None, **{"in": {"enabled": True, "pools": [given]}})
    assert house.commands.asked == [("save_merchant_rules", {"rules": rules, "expected_version": None})]
    assert result.data == {"saveModeRules": {"modeRules": {"pools": [given]}}}
