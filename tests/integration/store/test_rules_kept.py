"""What a merchant sets is saved by version and archived, never lost: rules and boxes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from doorstep.errors import NotFound, StateConflict
from doorstep.money import Money
from doorstep.packing import Box
from doorstep.product import Dimensions
from doorstep.rule import (
    Condition,
    ConditionField,
    ConditionGroup,
    ConditionOperator,
    Rule,
    RuleAction,
    RuleEffect,
)
from gateway.flow.ports import KeptBox
from gateway.store.unit_of_work import Transactions

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
DEAR = Condition(ConditionField.ORDER_VALUE, ConditionOperator.GREATER, ("300.00",))
RULE = Rule(
    id="rul_1",
    merchant_id="mer_a",
    name="Dear wine is signed for",
    groups=(ConditionGroup((DEAR,)),),
    effects=(RuleEffect(RuleAction.CAP_PRICE, amount=Money(1500, "USD")),),
    updated_at=NOON,
)
BOX = Box("box_1", "Small", Dimensions(200, 150, 100), Dimensions(206, 156, 106), 120, 10_000)


async def save(rooms: Transactions, rule: Rule, expected: int | None = None) -> Rule:
    async with rooms.begin("mer_a") as work:
        return await work.rules.save(rule, expected)


async def stamp(rooms: Transactions) -> int:
    async with rooms.begin("mer_a") as work:
        return await work.rules.stamp()


async def test_a_rule_comes_back_as_it_was_saved(rooms: Transactions) -> None:
    saved = await save(rooms, RULE)
    async with rooms.begin("mer_a") as work:
        assert await work.rules.rule(RULE.id) == saved == RULE
        assert await work.rules.rule("rul_none") is None


async def test_rules_come_in_the_order_in_which_they_act(rooms: Transactions) -> None:
    for id_, priority in (("rul_a", 100), ("rul_b", 5), ("rul_c", 100), ("rul_d", 5)):
        await save(rooms, replace(RULE, id=id_, priority=priority, enabled=id_ != "rul_d"))
    async with rooms.begin("mer_a") as work:
        found = await work.rules.rules()
    assert [rule.id for rule in found] == ["rul_b", "rul_d", "rul_a", "rul_c"]


async def test_who_saw_an_older_version_does_not_save_over_it(rooms: Transactions) -> None:
    await save(rooms, RULE)
    saved = await save(rooms, replace(RULE, name="First"), expected=1)
    assert saved.version == 2
    for seen in (1, 3, None):
        with pytest.raises(StateConflict, match="version 2") as refused:
            await save(rooms, replace(RULE, name="Second"), expected=seen)
        assert (refused.value.current_id, refused.value.current_version) == (RULE.id, 2)
    async with rooms.begin("mer_a") as work:
        assert await work.rules.rule(RULE.id) == saved


async def test_what_was_never_saved_has_no_version_to_see(rooms: Transactions) -> None:
    with pytest.raises(NotFound):
        await save(rooms, RULE, expected=1)


@pytest.mark.parametrize("expected", [None, 1], ids=["new", "changed"])
async def test_of_two_who_save_at_once_one_wins(rooms: Transactions, expected: int | None) -> None:
    if expected is not None:
        await save(rooms, RULE)
    outcomes = await asyncio.gather(
        *(save(rooms, replace(RULE, name=f"By {n}"), expected) for n in range(4)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["Rule"] + ["StateConflict"] * 3


async def test_an_archived_rule_is_found_by_its_id_and_never_acts_or_changes(rooms: Transactions) -> None:
    await save(rooms, RULE)
    async with rooms.begin("mer_a") as work:
        archived = await work.rules.archive(RULE.id, 1, LATER)
    assert archived == replace(RULE, version=2, updated_at=LATER, enabled=False)
    async with rooms.begin("mer_a") as work:
        assert await work.rules.rules() == []
        assert await work.rules.rule(RULE.id) == archived
        with pytest.raises(StateConflict, match="archived"):
            await work.rules.archive(RULE.id, 2, LATER)
    with pytest.raises(StateConflict, match="archived"):
        await save(rooms, RULE, expected=2)


async def test_the_stamp_grows_with_every_change(rooms: Transactions) -> None:
    stamps = [await stamp(rooms)]
    for rule, expected in ((RULE, None), (replace(RULE, id="rul_2"), None), (replace(RULE, priority=1), 1)):
        await save(rooms, rule, expected)
        stamps.append(await stamp(rooms))
    async with rooms.begin("mer_a") as work:
        await work.rules.archive("rul_2", 1, LATER)
    stamps.append(await stamp(rooms))
    assert stamps == sorted(set(stamps))
    assert await stamp(rooms) == stamps[-1], "without a change it stays"


async def test_rules_and_boxes_are_the_merchants_own(rooms: Transactions) -> None:
    await save(rooms, RULE)
    async with rooms.begin("mer_a") as work:
        await work.boxes.save(BOX, None, NOON)
    async with rooms.begin("mer_b") as work:
        assert await work.rules.rule(RULE.id) is None
        assert await work.rules.rules() == []
        assert await work.rules.stamp() == 0
        assert await work.boxes.box(BOX.id) is None
        assert await work.boxes.boxes() == []


async def test_a_box_comes_back_as_it_was_saved(rooms: Transactions) -> None:
    async with rooms.begin("mer_a") as work:
        await work.boxes.save(BOX, None, NOON)
        wider = replace(BOX, inside=Dimensions(300, 150, 100))
        saved = await work.boxes.save(wider, 1, LATER)
    assert saved == KeptBox(wider, 2, LATER)
    async with rooms.begin("mer_a") as work:
        assert await work.boxes.box(BOX.id) == saved
        assert await work.boxes.boxes() == [saved]
        with pytest.raises(StateConflict):
            await work.boxes.save(BOX, 1, LATER)


async def test_an_archived_box_is_found_by_its_id_alone(rooms: Transactions) -> None:
    async with rooms.begin("mer_a") as work:
        await work.boxes.save(BOX, None, NOON)
        archived = await work.boxes.archive(BOX.id, 1, LATER)
    async with rooms.begin("mer_a") as work:
        assert await work.boxes.boxes() == []
        assert await work.boxes.box(BOX.id) == archived == KeptBox(BOX, 2, LATER)
        with pytest.raises(StateConflict, match="archived"):
            await work.boxes.save(BOX, 2, LATER)
