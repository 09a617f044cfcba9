"""How carriers do, through GraphQL: what was counted, whether they answer, and what held prices cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from doorstep.errors import AccountProblem, RemoteUnavailable
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.scorecard import CarrierCounts, Requote, note_answer, note_timeout
from doorstep.window import Window
from gateway.api.types.price_locks import MOST_DAYS_SHOWN
from gateway.cli.prices import lines_of
from gateway.flow.ports.unknowns import CodeKind
from gateway.flow.quoting.shopping import RateShopper
from gateway.flow.watching.incidents import Alarm, raise_incident
from tests.integration.api.part_of_a_house import with_means
from tests.integration.api.test_slots_chosen import OPTIONS, Counter, counter
from tests.integration.flow.fakes import MERCHANT_ID

__all__ = ["counter"]

WHY = """query($id: ID!, $days: Int) { quoteSet(id: $id) { quotes { carrier { code
  unknownCodes { kind code seen }
  scorecard(days: $days) { deliveries onTime onTimeRate firstAttemptRate cancelRate asked answerRate
    averageCost { amount } p95ResponseMilliseconds exceptionsPerThousand } } } } }"""
ACCOUNTS = """{ carrierAccounts { total { value } nodes { name carrier { code } health checkedAt
  checks { name passed } breaker { state cause retryAfterSeconds recentAnswers recentFailures } } } }"""
TEST = """mutation($id: ID!) { testLink(input: {id: $id}) { __typename } }"""
LOSSES = """query($within: TimeWindowInput!, $accounts: [ID!]) {
  priceLockReport(within: $within, accountIds: $accounts) {
    accounts { carrierCode date bookings dearerBookings quoted { amount } booked { amount } loss { amount } }
    days { carrierCode date loss { amount } } } }"""
MANY = text("""INSERT INTO requotes (id, merchant_id, account_id, noted_at, doc)
  SELECT 'leg_' || n, :merchant, 'acc_' || n % 3, CAST(:now AS timestamptz) - n / 3 * interval '1 day', :doc
  FROM generate_series(0, CAST(:count AS integer) - 1) AS n""").bindparams(bindparam("doc", type_=JSONB))


async def _account_of(counter: Counter, carrier: str) -> str:
    return next(one.account.id for one in counter.stage.links.linked if one.account.carrier == carrier)


async def test_a_scorecard_sums_up_what_was_counted_of_a_carrier(counter: Counter) -> None:
    now, account_id = counter.stage.clock.now(), await _account_of(counter, "cheap")
    delivery = await counter.stage.booked()
    other = replace(delivery.legs[0], account_id=account_id, booked_at=now, ended_at=None)
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        await work.deliveries.put(replace(delivery, legs=(other,)))
        counts = CarrierCounts(
            account_id, now.date(), booked=10, delivered=8, failed=1, on_time=6, first_attempt=7, cancelled=1,
            cost=Money(6_000, "USD"),
        )  # fmt: skip
        long_ago = replace(counts, day=now.date() - timedelta(days=7))
        answers = [note_answer(account_id, now, 80), note_answer(account_id, now, 90)]
        await work.scores.add([counts, long_ago, *answers, note_timeout(account_id, now)])
        alarm = Alarm(IncidentKind.OTHER, title="Trouble", evidence="Seen.", delivery_id=delivery.id)
        await raise_incident(work, alarm, now)
        await work.unknowns.note("cheap", [(CodeKind.STATUS, "levitating")], now)
    shown = await counter.by_merchant(WHY, id=delivery.quote_set_id, days=7)
    by_code = {quote["carrier"]["code"]: quote["carrier"] for quote in shown["quotes"]}
    assert by_code["cheap"]["unknownCodes"] == [{"kind": "STATUS", "code": "levitating", "seen": 1}]
    card = by_code["cheap"]["scorecard"]
    # 6 of 9 that ended were on time; 1 of 10 was dropped; 1 exception for these 10.
    assert (card["deliveries"], card["onTime"], card["onTimeRate"]) == (9, 6, 0.6667)
    assert (card["firstAttemptRate"], card["cancelRate"]) == (0.7778, 0.1)
    assert card["averageCost"] == {"amount": "6.00"}
    assert card["exceptionsPerThousand"] == 100.0
    # The order's own question was answered by everybody, and is counted when the chore comes by.
    assert (card["asked"], card["answerRate"]) == (3, 0.6667)
    assert 75 < card["p95ResponseMilliseconds"] <= 100
    assert by_code["dear"]["scorecard"]["onTimeRate"] is None
    longer = await counter.by_merchant(WHY, id=delivery.quote_set_id, days=8)
    cards = {one["carrier"]["code"]: one["carrier"]["scorecard"] for one in longer["quotes"]}
    assert cards["cheap"]["deliveries"] == 18


async def test_an_account_says_whether_it_is_asked_and_what_its_last_test_found(counter: Counter) -> None:
    rates = counter.stage.means.rates
    assert isinstance(rates, RateShopper)
    counter.commands = with_means(counter.commands, breaker_of=rates.health)
    counter.stage.cheap.quote_error = AccountProblem("the key was revoked", system="cheap")
    counter.stage.dear.quote_error = RemoteUnavailable("away", system="dear")
    await counter.ask(OPTIONS)
    await counter.by_merchant(TEST, id=await _account_of(counter, "dear"))
    listed = await counter.by_merchant(ACCOUNTS)
    assert listed["total"]["value"] == 3
    by_code: dict[str, Any] = {one["carrier"]["code"]: one for one in listed["nodes"]}
    cheap = by_code["cheap"]
    assert (cheap["health"], cheap["breaker"]["state"]) == ("SUSPENDED", "OPEN")
    assert cheap["breaker"]["cause"] == "the key was revoked"
    assert 290 < cheap["breaker"]["retryAfterSeconds"] <= 300
    assert (cheap["checks"], cheap["checkedAt"]) == ([], None)
    dear = by_code["dear"]
    assert (dear["health"], dear["breaker"]["state"], dear["breaker"]["recentFailures"]) == (
        "HEALTHY",
        "CLOSED",
        1,
    )
    assert dear["checkedAt"] is not None


async def test_what_held_prices_cost_is_told_by_account_and_by_day(counter: Counter) -> None:
    now = counter.stage.clock.now()
    cheap, dear = await _account_of(counter, "cheap"), await _account_of(counter, "dear")
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        for number, (account_id, booked, ago) in enumerate(
            [(cheap, 540, 0), (cheap, 500, 0), (cheap, 470, 1), (dear, 480, 1), (cheap, 999, 40)]
        ):
            quoted, at = Money(500, "USD"), now - timedelta(days=ago)
            leg_id = f"leg_{number}"
            await work.scores.note_requote(Requote(leg_id, account_id, quoted, Money(booked, "USD"), 60, at))
    within = {"start": (now - timedelta(days=30)).isoformat(), "end": (now + timedelta(1)).isoformat()}
    report = await counter.by_merchant(LOSSES, within=within)
    by_carrier = {one["carrierCode"]: one for one in report["accounts"]}
    assert by_carrier["cheap"] == {
        "carrierCode": "cheap",
        "date": None,
        "bookings": 3,
        "dearerBookings": 1,
        "quoted": {"amount": "15.00"},
        "booked": {"amount": "15.10"},
        "loss": {"amount": "0.10"},
    }
    assert by_carrier["dear"]["loss"] == {"amount": "-0.20"}
    days = {(one["carrierCode"], one["date"]): one["loss"]["amount"] for one in report["days"]}
    assert days == {
        ("cheap", "2026-11-22"): "-0.30",
        ("dear", "2026-11-22"): "-0.20",
        ("cheap", "2026-11-23"): "0.40",
    }
    # The same on the command line.
    span = Window(now - timedelta(days=30), now + timedelta(days=1))
    (first, *_) = await counter.reads.locked_days(span, [cheap], 10, by_day=True)
    assert lines_of([first], {cheap: "Cheap"}, by_day=True) == [
        "2026-11-22  Cheap  1 booked, 0 dearer  shown 5.00 USD  booked 4.70 USD  saved 0.30 USD"
    ]
    only = await counter.by_merchant(LOSSES, within=within, accounts=[dear])
    assert [one["carrierCode"] for one in only["accounts"]] == ["dear"]


async def _note(counter: Counter, account_id: str, leg_ids: str, minor: int, days: range) -> None:
    """One booking a day at that price, counted back from today."""
    now, price = counter.stage.clock.now(), Money(minor, "USD")
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        for ago in days:
            at = now - timedelta(days=ago)
            await work.scores.note_requote(Requote(f"{leg_ids}_{ago}", account_id, price, price, 60, at))


async def test_prices_beyond_32_bits_are_added_up(counter: Counter) -> None:
    cheap, now = await _account_of(counter, "cheap"), counter.stage.clock.now()
    await _note(counter, cheap, "leg", 3_000_000_000, range(2))
    within = {"start": (now - timedelta(days=30)).isoformat(), "end": (now + timedelta(1)).isoformat()}
    report = await counter.by_merchant(LOSSES, within=within)
    assert [one["quoted"]["amount"] for one in report["accounts"]] == ["60000000.00"]


async def test_of_more_days_than_are_read_the_last_ones_are_left(counter: Counter) -> None:
    cheap, now = await _account_of(counter, "cheap"), counter.stage.clock.now()
    await _note(counter, cheap, "leg", 100, range(5))
    span = Window(now - timedelta(days=30), now + timedelta(days=1))
    last = await counter.reads.locked_days(span, [cheap], 2, by_day=True)
    assert [one.day for one in last] == [(now - timedelta(days=1)).date(), now.date()]


@pytest.mark.parametrize("more", [0, 1])
async def test_a_report_is_whole_or_says_that_it_would_not_be(counter: Counter, more: int) -> None:
    now, price = counter.stage.clock.now(), {"minor": 100, "currency": "USD"}
    count = MOST_DAYS_SHOWN + more
    async with counter.stage.database.tenant(MERCHANT_ID) as connection:
        doc = {"quoted": price, "booked": price}
        await connection.execute(MANY, {"merchant": MERCHANT_ID, "now": now, "doc": doc, "count": count})
    within = {"start": (now - timedelta(days=360)).isoformat(), "end": (now + timedelta(1)).isoformat()}
    if more:
        with pytest.raises(AssertionError, match="more than 1000 days of accounts: ask for less time"):
            await counter.by_merchant(LOSSES, within=within)
    else:
        days = (await counter.by_merchant(LOSSES, within=within))["days"]
        assert (len(days), days[-1]["date"]) == (count, now.date().isoformat())
