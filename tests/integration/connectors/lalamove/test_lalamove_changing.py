"""Fees, changes and accounts of Lalamove against the simulated Lalamove."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.booking import BookingChange
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import (
    RemoteRefused,
    UnknownOutcome,
)
from doorstep.money import Money
from tests.contracts.carriers.rig import BUDGET_S, LOST_BUDGET_S
from tests.integration.connectors.lalamove.lalamove_rig import DOOR, ELSEWHERE, Rig


async def test_a_priority_fee_rises_while_a_driver_is_sought_and_a_repeat_changes_nothing(rig: Rig) -> None:
    made = await rig.book(dropoff=replace(DOOR, line1="2 FATE NO_DRIVER St"))
    fees = [
        await rig.carrier.raise_offer(made.external_id, Money(minor, "HKD"), BUDGET_S)
        for minor in (2_000, 2_000, 1_000, 3_050)
    ]
    await rig.live(minutes=2)

    assert fees == [Money(2_000, "HKD"), Money(2_000, "HKD"), Money(2_000, "HKD"), Money(3_050, "HKD")]
    dearer = [update.price for update in rig.updates() if update.raw_status == "ORDER_AMOUNT_CHANGED"]
    assert dearer == [made.price + Money(2_000, "HKD"), made.price + Money(3_050, "HKD")]


@pytest.mark.parametrize(
    ("fee", "raw_code"),
    [
        (Money(50, "HKD"), "ERR_EXCEED_MIN_TIPS"),
        (Money(5_000_000, "HKD"), "ERR_EXCEED_MAX_TIPS"),
        (Money(500, "USD"), "currency"),
    ],
)
async def test_a_fee_that_lalamove_does_not_take_is_refused(rig: Rig, fee: Money, raw_code: str) -> None:
    made = await rig.book()

    with pytest.raises(RemoteRefused) as refused:
        await rig.carrier.raise_offer(made.external_id, fee, BUDGET_S)

    assert refused.value.raw_code == raw_code


async def test_there_is_nothing_to_raise_once_somebody_has_taken_the_job(rig: Rig) -> None:
    made = await rig.book()
    await rig.until("ON_GOING", made.external_id)

    with pytest.raises(RemoteRefused) as refused:
        await rig.carrier.raise_offer(made.external_id, Money(2_000, "HKD"), BUDGET_S)

    assert refused.value.raw_code == "ERR_INVALID_ORDER_STATUS"


async def test_the_door_can_be_changed_once_after_the_match_and_a_repeat_is_no_second_change(
    rig: Rig,
) -> None:
    made = await rig.book()
    change = BookingChange(dropoff=ELSEWHERE, instructions="Knock")
    with pytest.raises(RemoteRefused):
        await rig.carrier.change(made.external_id, change, BUDGET_S)
    await rig.until("ON_GOING", made.external_id)

    changed = await rig.carrier.change(made.external_id, change, BUDGET_S)
    again = await rig.carrier.change(made.external_id, change, BUDGET_S)
    with pytest.raises(RemoteRefused) as refused:
        await rig.carrier.change(made.external_id, BookingChange(instructions="Ring"), BUDGET_S)

    assert changed.external_id == again.external_id == made.external_id
    assert changed.status is DeliveryStatus.TO_PICKUP
    assert refused.value.raw_code == "ERR_ORDER_EDIT"


async def test_an_order_of_long_ago_is_no_word_about_the_account(rig: Rig) -> None:
    made = await rig.book()
    rig.clock.advance(61 * 86_400)

    with pytest.raises(RemoteRefused, match="too old"):
        await rig.carrier.fetch(made.external_id, BUDGET_S)


async def test_lost_answers_of_changes_and_fees_are_unknown_outcomes(rig: Rig) -> None:
    made = await rig.book()
    rig.fake.mishaps.lose_next_answer("/priority-fee")

    with pytest.raises(UnknownOutcome):
        await rig.carrier.raise_offer(made.external_id, Money(2_000, "HKD"), LOST_BUDGET_S)

    assert await rig.carrier.raise_offer(made.external_id, Money(2_000, "HKD"), BUDGET_S) == Money(
        2_000, "HKD"
    )


async def test_the_wrong_market_is_told_apart_from_wrong_keys(rig: Rig) -> None:
    wrong_market, wrong_key = rig.connect(market="SG"), rig.connect(api_key="pk_test_2")

    (market,) = await wrong_market.check()
    (key,) = await wrong_key.check()
    for carrier in (wrong_market, wrong_key):
        await carrier.close()

    assert (market.name, market.fault) == ("market", "unknown_market")
    assert (key.name, key.fault) == ("credentials", "credentials_refused")


async def test_a_good_account_knows_its_cities(rig: Rig) -> None:
    checks = await rig.carrier.check()

    assert [(check.name, check.passed) for check in checks] == [("credentials", True), ("market", True)]
    assert "1 city in HK" in checks[1].text
