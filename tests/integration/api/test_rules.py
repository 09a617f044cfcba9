"""Rules through GraphQL: saved, put in order, tried out, and named beside what they did."""

from __future__ import annotations

from typing import Any

from gateway.flow.rules.save import MOST_PRIORITY
from tests.integration.api.test_slots_chosen import OPTIONS, Counter, counter
from tests.integration.flow.fakes import MERCHANT_ID

__all__ = ["counter"]

SAVE = """mutation($in: SaveRuleInput!) { saveRule(input: $in) { __typename
  ... on SaveRuleSuccess { rule { id version enabled priority conditions { all { field operator values } }
    effects { action value amount { amount } } } }
  ... on InvalidInput { issues { path message } } ... on Problem { code } } }"""
RULES = """query($which: RuleFilter) { rules(filter: $which) { nodes { id name } total { value } } }"""
PAGE = "query($after: String) { rules(first: 1, after: $after) { nodes { name } pageInfo { endCursor } } }"
ENABLE = """mutation($in: EnableRuleInput!) { enableRule(input: $in) {
  ... on EnableRuleSuccess { rule { enabled version } } ... on Problem { code } } }"""
REORDER = """mutation($ids: [ID!]!) { reorderRules(input: {ruleIds: $ids}) {
  ... on ReorderRulesSuccess { rules { name priority } } ... on Problem { code path } } }"""
ARCHIVE = """mutation($in: ArchiveRuleInput!) { archiveRule(input: $in) {
  ... on ArchiveRuleSuccess { rule { enabled } } ... on Problem { code } } }"""
PREVIEW = """query($drafts: [SaveRuleInput!]!, $to: DestinationInput, $items: [CartItemInput!], $set: ID) {
  previewRules(drafts: $drafts, destination: $to, items: $items, quoteSetId: $set) { __typename
  ... on RulesPreview { before { code price { amount } } after { code price { amount } }
    declinedAfter { carrier { code } reason rule { name } }
    traces { rule { name } optionCode matched effect failedCondition { field values } } }
  ... on InvalidInput { issues { path } } ... on Problem { code } } }"""
HOME = {"countryCode": "US", "address1": "12 Mill Street", "city": "Port Meridian", "postalCode": "00412"}
WHY = """query($id: ID!) { quoteSet(id: $id) { declined { carrier { code } reason rule { id name } }
  quotes { rankReasons { factor rule { id name } } } } }"""


def rule(name: str, *effects: dict[str, Any], when: Any = (), **other: Any) -> dict[str, Any]:
    """A draft: each condition is (field, operator, values)."""
    every = [{"field": field, "operator": operator, "values": values} for field, operator, values in when]
    groups = [{"all": every}] if every else []
    return {"name": name, "conditions": groups, "effects": list(effects), **other}


NO_DEAR = rule("No dear", {"action": "EXCLUDE"}, when=[("CARRIER", "EQUALS", ["dear"])])
FIVE = rule("Five", {"action": "SET_PRICE", "amount": {"amount": "5.00", "currencyCode": "USD"}})


async def save(counter: Counter, draft: dict[str, Any]) -> Any:
    return (await counter.by_merchant(SAVE, **{"in": draft}))["rule"]


async def test_a_rule_is_kept_whole_and_over_the_version_that_was_read(counter: Counter) -> None:
    kept = await save(counter, NO_DEAR)
    assert (kept["version"], kept["priority"], kept["enabled"]) == (1, 100, True)
    assert kept["conditions"] == NO_DEAR["conditions"]
    changed = {**FIVE, "id": kept["id"], "expectedVersion": 1}
    again = await save(counter, changed)
    assert again["effects"] == [{"action": "SET_PRICE", "value": None, "amount": {"amount": "5.00"}}]
    assert (again["version"], again["conditions"]) == (2, [])
    assert (await counter.by_merchant(SAVE, **{"in": changed}))["code"] == "STATE_CONFLICT"


async def test_everything_that_is_wrong_with_a_rule_is_named_at_once(counter: Counter) -> None:
    draft = rule(
        " ",
        {"action": "SET_PRICE"},
        {"action": "OTHER"},
        when=[("ITEM_COUNT", "STARTS_WITH", ["1"]), ("GOODS", "IN", ["WATER"])],
    )
    answer = await counter.by_merchant(SAVE, **{"in": draft})
    assert [".".join(issue["path"]) for issue in answer["issues"]] == [
        "input.name",
        "input.conditions.0.all.0.operator",
        "input.conditions.0.all.1.values.0",
        "input.effects.0.amount",
        "input.effects.1.action",
    ]


async def test_rules_are_found_by_what_they_look_at_and_do(counter: Counter) -> None:
    for draft in (NO_DEAR, {**FIVE, "enabled": False, "priority": 7}):
        await save(counter, draft)

    async def names(**which: Any) -> list[str]:
        listed = await counter.by_merchant(RULES, which=which)
        assert listed["total"]["value"] == len(listed["nodes"])
        return [one["name"] for one in listed["nodes"]]

    assert await names() == ["Five", "No dear"]
    assert await names(enabled=True) == ["No dear"]
    assert await names(fields=["CARRIER", "MODE"]) == ["No dear"]
    assert await names(actions=["SET_PRICE"]) == ["Five"]
    assert await names(search="DEA") == ["No dear"]
    assert await names(search="%") == []
    first = await counter.by_merchant(PAGE)
    after = await counter.by_merchant(PAGE, after=first["pageInfo"]["endCursor"])
    assert [first["nodes"], after["nodes"]] == [[{"name": "Five"}], [{"name": "No dear"}]]


async def test_rules_are_put_in_order_switched_and_archived(counter: Counter) -> None:
    a, b, c = [await save(counter, {**NO_DEAR, "name": name}) for name in "abc"]
    # All have the priority 100: c takes the first place, and what follows moves up.
    ordered = await counter.by_merchant(REORDER, ids=[c["id"], a["id"]])
    assert ordered["rules"] == [{"name": "c", "priority": 100}, {"name": "a", "priority": 102}]
    listed = await counter.by_merchant(RULES)
    assert [one["name"] for one in listed["nodes"]] == ["c", "b", "a"]
    again = await counter.by_merchant(REORDER, ids=[b["id"], b["id"]])
    assert (again["code"], again["path"]) == ("INVALID_INPUT", ["input", "ruleIds"])
    switched = await counter.by_merchant(
        ENABLE, **{"in": {"id": c["id"], "expectedVersion": 1, "enabled": False}}
    )
    assert switched == {"rule": {"enabled": False, "version": 2}}
    gone = await counter.by_merchant(ARCHIVE, **{"in": {"id": c["id"], "expectedVersion": 2}})
    assert gone == {"rule": {"enabled": False}}
    assert (await counter.by_merchant(REORDER, ids=[c["id"]]))["code"] == "NOT_FOUND"


async def test_rules_at_the_highest_priority_are_put_in_order_below_it(counter: Counter) -> None:
    top = {**NO_DEAR, "priority": MOST_PRIORITY}
    below = await save(counter, {**NO_DEAR, "name": "below", "priority": MOST_PRIORITY - 1})
    a, b, c = [await save(counter, {**top, "name": name}) for name in "abc"]
    ordered = await counter.by_merchant(REORDER, ids=[c["id"], b["id"], a["id"]])
    priorities = [one["priority"] for one in ordered["rules"]]
    assert priorities == [MOST_PRIORITY - 2, MOST_PRIORITY - 1, MOST_PRIORITY]
    listed = await counter.by_merchant(RULES)
    assert [one["name"] for one in listed["nodes"]] == ["below", "c", "b", "a"]
    # What came out of it can be saved again.
    again = {**top, "id": a["id"], "expectedVersion": a["version"], "priority": priorities[-1]}
    assert (await counter.by_merchant(SAVE, **{"in": again}))["__typename"] == "SaveRuleSuccess"
    assert below["priority"] == MOST_PRIORITY - 1


async def test_drafts_are_tried_on_a_cart_and_nothing_is_kept(counter: Counter) -> None:
    kept = await save(counter, NO_DEAR)
    heavy = rule("Heavy", {"action": "EXCLUDE"}, when=[("TOTAL_WEIGHT_GRAMS", "GREATER", ["50000"])])
    answer = await counter.by_merchant(
        PREVIEW,
        drafts=[heavy, {**FIVE, "id": kept["id"], "expectedVersion": 1}],
        to=HOME,
        items=[{"quantity": 1}],
    )
    # Today the dear one is left out. With the drafts nothing is, and each is set to 5.00.
    assert {one["code"]: one["price"]["amount"] for one in answer["before"]} == {
        "own_fleet:standard": "3.00",
        "cheap:standard": "5.00",
    }
    assert {one["code"]: one["price"]["amount"] for one in answer["after"]} == {
        "own_fleet:standard": "5.00",
        "cheap:standard": "5.00",
        "dear:standard": "5.00",
    }
    of_heavy = [trace for trace in answer["traces"] if trace["rule"]["name"] == "Heavy"]
    assert [trace["matched"] for trace in of_heavy] == [False, False, False]
    assert of_heavy[0]["failedCondition"] == {"field": "TOTAL_WEIGHT_GRAMS", "values": ["50000"]}
    of_five = [trace["effect"] for trace in answer["traces"] if trace["rule"]["name"] == "Five"]
    assert of_five == ["Set the price."] * 3
    listed = await counter.by_merchant(RULES)
    assert [one["name"] for one in listed["nodes"]] == ["No dear"]
    wrong = await counter.by_merchant(PREVIEW, drafts=[heavy, {**FIVE, "effects": []}], to=HOME)
    assert wrong["issues"] == [{"path": ["drafts", "1", "effects"]}]


async def test_drafts_are_tried_on_a_past_question_without_asking_anybody(counter: Counter) -> None:
    delivery = await counter.stage.booked()
    carriers = (counter.stage.cheap, counter.stage.dear, counter.vans)
    asked = [len(carrier.asked) for carrier in carriers]
    answer = await counter.by_merchant(PREVIEW, drafts=[NO_DEAR], set=delivery.quote_set_id)
    assert [one["code"] for one in answer["before"]][-1] == "dear:standard"
    assert [one["code"] for one in answer["after"]] == ["own_fleet:standard", "cheap:standard"]
    assert answer["declinedAfter"] == [
        {"carrier": {"code": "dear"}, "reason": "RULE", "rule": None},  # a draft is no rule yet
    ]
    assert [len(carrier.asked) for carrier in carriers] == asked


async def test_what_a_rule_did_names_the_rule_to_the_merchant_alone(counter: Counter) -> None:
    no_dear, five = await save(counter, NO_DEAR), await save(counter, FIVE)
    answer = await counter.ask(OPTIONS)
    why = await counter.by_merchant(WHY, id=answer["id"])
    assert why["declined"] == [
        {"carrier": {"code": "dear"}, "reason": "RULE", "rule": {"id": no_dear["id"], "name": "No dear"}}
    ]
    named = [reason["rule"] for quote in why["quotes"] for reason in quote["rankReasons"] if reason["rule"]]
    assert named == [{"id": five["id"], "name": "Five"}] * 2
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        assert len(await work.rules.rules()) == 2
