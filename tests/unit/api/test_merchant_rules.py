"""Rules that a merchant has one of each of: what is refused before they are saved, and what is handed on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from doorstep.dispatch_rules import Spending, StackRules
from doorstep.failed_attempt import AttemptChoice, PaidBy
from doorstep.incident import IncidentKind as Kind
from doorstep.incident import Severity
from doorstep.merchant import AttemptRules, DocumentRules
from doorstep.mode_rules import CarrierPool, ModeRules
from doorstep.money import Money
from doorstep.quote import DeliveryMode
from doorstep.watch_rules import CoolingLimits, KindRule, WatchRules
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


async def test_kinds_and_cooling_are_handed_on_and_the_table_is_shown(run: Run, house: House) -> None:
    rules = WatchRules(
        cooling=CoolingLimits(1.0, 5.0, -18.0, 300),
        kinds=(KindRule(Kind.STALLED, is_on=False), KindRule(Kind.DAMAGED, severity=Severity.LOW)),
    )
    given = {
        "cooling": {
            "chilledLeastCelsius": 1.0,
            "chilledMostCelsius": 5.0,
            "frozenMostCelsius": -18.0,
            "outOfRangeSeconds": 300,
        },
        "exceptions": [{"kind": "STALLED", "enabled": False}, {"kind": "DAMAGED", "severity": "LOW"}],
    }
    house.commands.answers["save_merchant_rules"] = replace(w.MERCHANT, watch=rules)
    fields = """cooling { chilledMostCelsius }
      exceptions { kind enabled canBeDisabled severity responseSeconds remedy told rule }"""
    result = await run(document_of("Watch", fields), None, **{"in": given})
    assert result.errors is None
    assert house.commands.asked == [("save_merchant_rules", {"rules": rules, "expected_version": None})]
    assert result.data is not None
    shown = result.data["saveWatchRules"]["watchRules"]
    assert shown["cooling"] == {"chilledMostCelsius": 5.0}
    table = {row["kind"]: row for row in shown["exceptions"]}
    assert len(table) == 21
    assert (table["STALLED"]["enabled"], table["STALLED"]["told"]) == (False, ["DRIVER", "OPERATIONS"])
    assert (table["DAMAGED"]["canBeDisabled"], table["DAMAGED"]["responseSeconds"]) == (False, 86_400)
    assert (table["LOST"]["severity"], table["LOST"]["remedy"]) == ("CRITICAL", "CLAIM")


@pytest.mark.parametrize(
    ("given", "path", "words"),
    [
        ({"lateRiskPercent": 0}, ["lateRiskPercent"], "lateRiskPercent must be 1 to 99, got 0"),
        ({"offRouteFixes": 1}, ["offRouteFixes"], "offRouteFixes must be 2 to 100, got 1"),
        (
            {"lostTimesUsualGap": 0.5},
            ["lostTimesUsualGap"],
            "lostTimesUsualGap must be 1 to 100, got 0.5",
        ),
        (
            {"cooling": {"chilledMostCelsius": -1.0}},
            ["cooling", "chilledMostCelsius"],
            "chilledMostCelsius must not be below chilledLeastCelsius",
        ),
        (
            {"exceptions": [{"kind": "DAMAGED", "enabled": False}]},
            ["exceptions", "0", "kind"],
            "DAMAGED is told by people and carriers: it cannot be switched off",
        ),
        (
            {"exceptions": [{"kind": "CUSTOMS"}]},
            ["exceptions", "0", "kind"],
            "CUSTOMS is not in the table of exceptions",
        ),
    ],
)
async def test_rules_of_watching_that_make_no_sense_name_their_field(
    run: Run, house: House, given: dict[str, Any], path: list[str], words: str
) -> None:
    result = await run(document_of("Watch"), None, **{"in": given})
    assert result.data == {"saveWatchRules": {"issues": [{"path": ["input", *path], "message": words}]}}
    assert house.commands.asked == []


READING = """mutation($in: RecordTemperatureInput!) { recordTemperature(input: $in) {
  ... on RecordTemperatureSuccess { recordedAt } ... on InvalidInput { issues { path } } } }"""


async def test_a_reading_of_a_thermometer_is_handed_on(run: Run, house: House) -> None:
    driver_id = "drv_01jd0000000000000000000000"
    house.commands.answers["record_temperature"] = None
    result = await run(READING, None, **{"in": {"driverId": driver_id, "celsius": 4.5}})
    assert result.errors is None
    asked = {"driver_id": driver_id, "celsius": 4.5, "recorded_at": w.NOW}
    assert house.commands.asked == [("record_temperature", asked)]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"celsius": 400.0}, "celsius"),
        ({"celsius": 4.0, "recordedAt": (w.NOW + timedelta(minutes=3)).isoformat()}, "recordedAt"),
        ({"celsius": 4.0, "driverId": "del_01jd0000000000000000000000"}, "driverId"),
    ],
)
async def test_a_reading_that_cannot_be_true_reaches_nobody(
    run: Run, house: House, given: dict[str, Any], path: str
) -> None:
    whole = {"driverId": "drv_01jd0000000000000000000000", **given}
    result = await run(READING, None, **{"in": whole})
    assert result.data == {"recordTemperature": {"issues": [{"path": ["input", path]}]}}
    assert house.commands.asked == []
