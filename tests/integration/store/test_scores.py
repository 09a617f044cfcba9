"""What happened with carriers is counted, by day, and a scorecard is worked out from it."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from doorstep.money import Money
from doorstep.scorecard import (
    RESPONSE_BOUNDS_MS,
    CarrierCounts,
    Requote,
    Scorecard,
    note_answer,
    note_arrival,
    note_booking,
    note_cancellation,
    note_failure,
    note_incident,
    note_timeout,
    score,
    summed,
)
from gateway.store import tables as t
from gateway.store.unit_of_work import Transactions

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = NOON.date()
YEARS = date(2020, 1, 1)

A_DAY = (
    note_answer("acc_1", NOON, 120),
    note_answer("acc_1", NOON, 80, declined=True),
    note_timeout("acc_1", NOON),
    note_booking("acc_1", NOON, Money(700, "USD")),
    note_booking("acc_1", NOON, Money(801, "USD")),
    note_arrival("acc_1", NOON, on_time=True, first_attempt=True),
    note_arrival("acc_1", NOON, on_time=False, first_attempt=False),
    note_failure("acc_1", NOON),
    note_cancellation("acc_1", NOON),
    note_incident("acc_1", NOON),
)


def test_a_day_makes_a_scorecard() -> None:
    # (700 + 801) / 2 is 750.5 cents, rounded up. Of two answers the slower is the 95th percentile: the end of
    # its class, which reaches from 100 to 150 ms.
    assert score("acc_1", A_DAY, days=30, today=TODAY) == Scorecard(
        "acc_1",
        30,
        deliveries=3,
        on_time=1,
        first_attempt=1,
        cancelled=1,
        incidents=1,
        asked=3,
        answered=2,
        average_cost=Money(751, "USD"),
        p95_response_ms=150,
    )


def test_nothing_counted_is_a_card_without_a_record() -> None:
    card = score("acc_1", [], days=30, today=TODAY)
    assert card == Scorecard("acc_1", 30)
    assert card.reliability == pytest.approx(0.95)


def test_a_card_is_of_one_account_and_of_the_last_days() -> None:
    counts = [note_timeout("acc_1", NOON - timedelta(days=ago)) for ago in (-1, 0, 1, 6, 7)]
    counts.append(note_timeout("acc_2", NOON))
    assert score("acc_1", counts, days=7, today=TODAY).asked == 3
    assert score("acc_1", counts, days=1, today=TODAY).asked == 1


def test_the_average_cost_is_in_the_currency_of_most_bookings() -> None:
    costs = (Money(99_999, "EUR"), Money(100, "USD"), Money(200, "USD"))
    counts = summed(note_booking("acc_1", NOON, cost) for cost in costs)
    assert score("acc_1", counts, days=1, today=TODAY).average_cost == Money(150, "USD")


def test_the_days_are_those_of_utc() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    assert note_timeout("acc_1", late.astimezone()).day == TODAY


def test_counts_of_different_days_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="one account, day and currency"):
        note_timeout("acc_1", NOON) + note_timeout("acc_1", NOON + timedelta(days=1))


@given(st.lists(st.integers(0, 60_000), min_size=1, max_size=200))
def test_the_percentile_is_in_the_class_of_the_exact_one(times_ms: list[int]) -> None:
    card = score("acc_1", [note_answer("acc_1", NOON, ms) for ms in times_ms], days=1, today=TODAY)
    exact = sorted(times_ms)[-(-len(times_ms) * 95 // 100) - 1]
    told = card.p95_response_ms
    assert told is not None
    if exact > RESPONSE_BOUNDS_MS[-1]:
        assert told == RESPONSE_BOUNDS_MS[-1]
    else:
        below, above = next(pair for pair in pairwise((-1, *RESPONSE_BOUNDS_MS)) if exact <= pair[1])
        assert max(below, 0) <= told <= above


def test_the_percentile_of_even_times_is_exact() -> None:
    counts = [note_answer("acc_1", NOON, ms) for ms in range(1, 101)]
    assert score("acc_1", counts, days=1, today=TODAY).p95_response_ms == 95


def test_a_requote_is_in_one_currency_and_after_the_quote() -> None:
    with pytest.raises(ValueError, match="one currency"):
        Requote("leg_1", "acc_1", Money(1, "USD"), Money(1, "EUR"), 5, NOON)
    with pytest.raises(ValueError, match="waited_s"):
        Requote("leg_1", "acc_1", Money(1, "USD"), Money(1, "USD"), -5, NOON)


async def _counts(rooms: Transactions, since: date = YEARS) -> list[CarrierCounts]:
    async with rooms.begin("mer_a") as work:
        return list(await work.scores.counts(since))


async def test_what_is_counted_comes_back_summed_up(rooms: Transactions) -> None:
    async with rooms.begin("mer_a") as work:
        await work.scores.add(A_DAY[:4])
        await work.scores.add(A_DAY[4:])
        await work.scores.add([])
    kept = await _counts(rooms)
    assert kept == list(summed(A_DAY))
    # What was spent is kept by its currency, and what has none beside it.
    assert [(counts.currency, counts.booked, counts.asked) for counts in kept] == [("", 0, 3), ("USD", 2, 0)]
    assert score("acc_1", kept, days=1, today=TODAY) == score("acc_1", A_DAY, days=1, today=TODAY)


async def test_those_who_count_the_same_accounts_at_once_lose_nothing(rooms: Transactions) -> None:
    accounts = [f"acc_{n}" for n in range(5)]

    async def count(turn: int) -> None:
        async with rooms.begin("mer_a") as work:
            order = accounts[turn % 5 :] + accounts[: turn % 5]
            await work.scores.add(note_answer(account, NOON, 100) for account in order)

    await asyncio.gather(*(count(turn) for turn in range(20)))
    kept = await _counts(rooms)
    assert [(counts.account_id, counts.asked, sum(counts.responses)) for counts in kept] == [
        (account, 20, 20) for account in accounts
    ]


async def test_counts_are_read_from_a_day_on_and_of_some_accounts(rooms: Transactions) -> None:
    days = [NOON - timedelta(days=ago) for ago in (0, 1, 2)]
    async with rooms.begin("mer_a") as work:
        await work.scores.add(note_timeout(account, day) for account in ("acc_1", "acc_2") for day in days)
        since = await work.scores.counts(TODAY - timedelta(days=1), ["acc_2", "acc_3"])
    assert [(counts.account_id, counts.day) for counts in since] == [
        ("acc_2", TODAY - timedelta(days=1)),
        ("acc_2", TODAY),
    ]
    assert len(await _counts(rooms)) == 6


async def test_counts_are_the_merchants_own(rooms: Transactions) -> None:
    for merchant_id in ("mer_a", "mer_b"):
        async with rooms.begin(merchant_id) as work:
            await work.scores.add([note_timeout("acc_1", NOON)])
    (mine,) = await _counts(rooms)
    assert mine.asked == 1


async def test_what_an_earlier_version_counted_in_fewer_classes_adds_up(rooms: Transactions) -> None:
    async with rooms.begin("mer_a") as work:
        await work.scores.add([note_answer("acc_1", NOON, 1)])
    async with rooms.begin_sql("mer_a") as sql:
        await sql._connection.execute(update(t.carrier_counts).values(responses=[1, 2]))
    async with rooms.begin("mer_a") as work:
        await work.scores.add([note_answer("acc_1", NOON, 9)])
    (kept,) = await _counts(rooms)
    assert kept.responses[:3] == (1, 3, 0)
    assert len(kept.responses) == len(RESPONSE_BOUNDS_MS) + 1


async def test_a_requote_counts_once(rooms: Transactions) -> None:
    first = Requote("leg_1", "acc_1", Money(700, "USD"), Money(760, "USD"), 400, NOON)
    second = Requote("leg_2", "acc_1", Money(700, "USD"), Money(650, "USD"), 90, NOON + timedelta(hours=1))
    other = Requote("leg_3", "acc_2", Money(700, "USD"), Money(700, "USD"), 90, NOON)
    async with rooms.begin("mer_a") as work:
        noted = [await work.scores.note_requote(one) for one in (first, second, first, other)]
        latest = await work.scores.requotes("acc_1", 10)
        assert list(await work.scores.requotes("acc_1", 1)) == [second]
    assert noted == [True, True, False, True]
    assert list(latest) == [second, first]
