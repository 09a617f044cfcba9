"""Walks through a store lose nothing, whatever ends them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from doorstep.errors import AccountProblem, RemoteUnavailable
from doorstep.order import LinkStatus, OrderStatus
from doorstep.ports import RawOrder
from doorstep.window import Window
from gateway.flow.intake.compare import compare, count_due
from gateway.flow.intake.keep import Intake, keep_order
from gateway.flow.intake.reach import lacking_scopes, watched
from gateway.flow.intake.sync import BATCH, rescan_due, sync_store
from gateway.flow.records import StoreSync
from tests.integration.flow.fakes import MERCHANT_ID, NOON, STORE
from tests.integration.flow.stage import Stage


async def _sync(stage: Stage) -> StoreSync:
    async with stage.means.begin(MERCHANT_ID) as work:
        return await work.syncs.get(STORE.id)


async def _status(stage: Stage) -> LinkStatus:
    async with stage.means.begin(MERCHANT_ID) as work:
        store = await work.accounts.store(STORE.id)
    assert store is not None
    return store.status


async def test_the_cursor_is_the_store_s_own_time_even_where_its_clock_is_slow(stage: Stage) -> None:
    slow = NOON - timedelta(hours=2)
    stage.shop.put("1001", updated_at=slow.isoformat())
    stage.shop.shelf["1001"]["updated_at"] = slow.isoformat()
    await stage.take_in()
    assert (await _sync(stage)).orders_until == slow
    stage.shop.put("1002")
    stage.shop.shelf["1002"]["updated_at"] = (slow + timedelta(seconds=1)).isoformat()
    assert (await stage.take_in())[Intake.NEW] == 1


async def test_a_walk_that_is_cut_short_goes_on_from_its_last_batch(stage: Stage) -> None:
    stage.shop.put("0")
    await stage.take_in()
    for number in range(2 * BATCH):
        stage.clock.advance(minutes=11)
        stage.shop.put(str(1000 + number))
    whole = stage.shop.changed_orders

    async def broken(since: object) -> AsyncIterator[RawOrder]:
        count = 0
        async for raw in whole(None):
            if count == BATCH + 2:
                raise RemoteUnavailable("the shop closed in the middle", system="shop")
            count += 1
            yield raw

    stage.shop.changed_orders = broken  # type: ignore[method-assign]
    with pytest.raises(RemoteUnavailable):
        await stage.take_in()
    stage.shop.changed_orders = whole  # type: ignore[method-assign]
    cut = await _sync(stage)
    assert cut.orders_until is not None
    assert cut.orders_until > NOON
    assert cut.away_since == stage.clock.now()
    counts = await stage.take_in()
    assert counts[Intake.NEW] == BATCH + 1, "what was kept before the cut is not new again"
    assert (await _sync(stage)).away_since is None


async def test_the_first_walk_reads_the_history_and_changes_meanwhile_come_after(stage: Stage) -> None:
    stage.shop.put("1001")
    newest = stage.shop.newest_change

    async def newest_then_change() -> datetime | None:
        found = await newest()
        stage.clock.advance(minutes=30)
        stage.shop.put("1002")
        return found

    stage.shop.newest_change = newest_then_change  # type: ignore[method-assign]
    await stage.take_in()
    sync = await _sync(stage)
    assert sync.orders_until == NOON, "the last change before the history was read"
    assert sync.history_read_at == stage.clock.now()


async def test_two_walks_do_not_read_one_store_at_once(stage: Stage) -> None:
    stage.shop.put("1001")
    reports = await asyncio.gather(
        sync_store(stage.means, MERCHANT_ID, STORE.id), sync_store(stage.means, MERCHANT_ID, STORE.id)
    )
    assert sorted(report.is_busy for report in reports) == [False, True]
    assert (await _sync(stage)).claimed_until is None


async def test_a_full_walk_reads_everything_anew(stage: Stage) -> None:
    stage.shop.put("1001")
    await stage.take_in()
    stage.clock.advance(days=2)
    stage.shop.put("1002")
    await stage.take_in()
    report = await sync_store(stage.means, MERCHANT_ID, STORE.id, is_full=True)
    assert sum(report.counts.values()) == 2


async def test_a_part_that_changed_alone_is_fetched_once(stage: Stage) -> None:
    stage.shop.put("1001")
    await stage.take_in()
    stage.clock.advance(hours=1)
    stage.shop.touched["1001"] = stage.clock.now()
    stage.shop.shelf["1001"]["unit_status"] = "ON_HOLD"
    await stage.take_in()
    assert stage.shop.fetched == ["1001"]
    assert (await _sync(stage)).parts_until == stage.clock.now()
    assert (await stage.order()).fulfillment_orders[0].status == "ON_HOLD"


async def test_of_two_states_with_one_date_the_later_asked_wins(stage: Stage) -> None:
    stage.shop.put("1001", street="1 Old Street")
    early = await stage.shop.fetch_order("1001")
    stage.clock.advance(seconds=5)
    stage.shop.shelf["1001"]["street"] = "2 New Street"
    late = await stage.shop.fetch_order("1001")
    assert early is not None
    assert late is not None
    assert await keep_order(stage.means, STORE, stage.shop, late) is Intake.NEW
    assert await keep_order(stage.means, STORE, stage.shop, early) is Intake.UNCHANGED
    destination = (await stage.order()).destination
    assert destination is not None
    assert destination.line1 == "2 New Street"


async def test_what_comes_back_of_our_own_writing_starts_nothing(stage: Stage) -> None:
    await stage.booked()
    jobs = await stage.queue.job_manager.list_jobs_async()
    stage.clock.advance(minutes=1)
    stage.shop.put("1001")  # another date, and nothing else
    assert (await stage.take_in())[Intake.UNCHANGED] == 1
    assert len(list(await stage.queue.job_manager.list_jobs_async())) == len(list(jobs))
    assert (await stage.order()).updated_at == stage.clock.now()


async def test_one_order_that_cannot_be_kept_does_not_stop_its_neighbours(stage: Stage) -> None:
    for number in range(3):
        stage.shop.put(str(number))
    noise = random.Random(7).randbytes(6_000).hex()
    stage.shop.put("huge", known_as=noise)  # too long for the database's index, and will not shrink
    counts = await stage.take_in()
    assert counts == {Intake.NEW: 3, Intake.UPDATED: 0, Intake.UNCHANGED: 0, Intake.QUARANTINED: 1}


async def test_a_store_that_turns_us_away_is_degraded_until_it_lets_us_in(stage: Stage) -> None:
    whole = stage.shop.newest_change

    async def refused() -> None:
        raise AccountProblem("the key was revoked", system="shop", raw_code="wrong_key")

    stage.shop.newest_change = refused  # type: ignore[method-assign]
    with pytest.raises(AccountProblem):
        await stage.take_in()
    sync = await _sync(stage)
    assert (await _status(stage), sync.problem_code) == (LinkStatus.DEGRADED, "wrong_key")
    stage.shop.newest_change = whole  # type: ignore[method-assign]
    stage.shop.put("1001")  # the walk that finds it in again has something to keep as well
    await stage.take_in()
    assert (await _status(stage), (await _sync(stage)).problem_code) == (LinkStatus.CONNECTED, "")


async def test_a_store_without_its_scopes_stays_degraded_whatever_it_answers(stage: Stage) -> None:
    # Given a store that lets us do less than we need, and turned a call away for that
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.syncs.put(lacking_scopes(await work.syncs.get(STORE.id), "grant read_locations"))
    refusal = AccountProblem("access denied", system="shop", raw_code="ACCESS_DENIED")
    with pytest.raises(AccountProblem):
        async with watched(stage.means, STORE):
            raise refusal

    # When a walk that needs no more than what is granted goes well
    stage.shop.put("1001")
    assert (await stage.take_in())[Intake.NEW] == 1

    # Then it answers, and the merchant is still told what to grant
    sync = await _sync(stage)
    assert (sync.away_since, sync.problem_text) == (None, "grant read_locations")
    assert await _status(stage) is LinkStatus.DEGRADED


async def test_a_second_look_each_night_moves_no_cursor(stage: Stage) -> None:
    stage.shop.put("1001")
    await stage.take_in()
    stage.clock.advance(hours=20)
    stage.shop.put("1002")
    await stage.take_in()
    before = (await _sync(stage)).orders_until
    stage.shop.put("late")
    stage.shop.shelf["late"]["updated_at"] = (stage.clock.now() - timedelta(hours=10)).isoformat()
    assert (await stage.take_in())[Intake.NEW] == 0, "the walk has passed it"
    counts = await rescan_due(stage.means, STORE)
    assert counts is not None
    assert counts[Intake.NEW] == 1
    assert (await _sync(stage)).orders_until == before
    assert await rescan_due(stage.means, STORE) is None, "once a night"


async def test_a_count_finds_what_is_missing_and_what_is_gone(stage: Stage) -> None:
    for name in ("1001", "1002", "1003"):
        stage.shop.put(name)
    await stage.take_in()
    del stage.shop.shelf["1001"]
    del stage.shop.shelf["1003"]
    stage.shop.put("1004")
    stage.shop.put("1005")
    stage.clock.advance(days=1)
    # Four and three: a day on which as many came as went looks right, and is found by the walk.
    stage.shop.put("1006")
    span = Window(NOON - timedelta(days=2), NOON + timedelta(days=1))
    found = await compare(stage.means, STORE, span)
    assert (found.missing, found.gone) == (3, 2)
    assert (await stage.order("1001")).status is OrderStatus.CANCELLED
    assert (await stage.order("1005")).status is OrderStatus.OPEN
    again = await compare(stage.means, STORE, span)
    assert (again.missing, again.gone) == (0, 0)


async def test_days_are_counted_once_a_day_and_not_before_the_history_is_read(stage: Stage) -> None:
    assert await count_due(stage.means, STORE) is None
    stage.shop.put("1001")
    await stage.take_in()
    assert await count_due(stage.means, STORE) is not None
    assert await count_due(stage.means, STORE) is None
    stage.clock.advance(days=8)
    assert await count_due(stage.means, STORE) is not None


async def test_an_order_of_the_future_carries_no_cursor_with_it(stage: Stage) -> None:
    stage.shop.put("1001")
    stage.shop.put("future")
    stage.shop.shelf["future"]["updated_at"] = (NOON + timedelta(days=3650)).isoformat()
    await stage.take_in()
    stage.clock.advance(hours=3)
    stage.shop.put("1002")
    assert (await stage.take_in())[Intake.NEW] == 1
    assert (await _sync(stage)).orders_until == stage.clock.now()
    stage.clock.advance(days=1)
    stage.shop.put("1003")
    counts = await rescan_due(stage.means, STORE)
    assert counts is not None
    assert counts[Intake.NEW] == 1


async def test_a_full_walk_that_is_asked_for_during_another_is_not_forgotten(stage: Stage) -> None:
    stage.shop.put("1001")
    await stage.take_in()
    stage.clock.advance(days=2)
    stage.shop.put("1002")
    whole = stage.shop.changed_orders
    asked = []

    async def interrupted(since: datetime | None) -> AsyncIterator[RawOrder]:
        asked.append(await sync_store(stage.means, MERCHANT_ID, STORE.id, is_full=True))
        async for raw in whole(since):
            yield raw

    stage.shop.changed_orders = interrupted  # type: ignore[method-assign]
    await stage.take_in()
    stage.shop.changed_orders = whole  # type: ignore[method-assign]
    assert [report.is_busy for report in asked] == [True]
    assert sum((await stage.take_in()).values()) == 2, "everything is read anew"


async def test_what_a_store_does_not_show_is_not_gone(stage: Stage) -> None:
    stage.shop.put("1001")
    await stage.take_in()
    del stage.shop.shelf["1001"]
    stage.shop.hides_before = NOON + timedelta(days=1)
    found = await compare(stage.means, STORE, Window(NOON - timedelta(days=2), NOON + timedelta(hours=1)))
    assert (found.missing, found.gone) == (0, 0)
    assert (await stage.order()).status is OrderStatus.OPEN


async def test_a_history_that_broke_off_goes_on_from_where_it_was(stage: Stage) -> None:
    for number in range(BATCH + 20):
        stage.shop.put(str(number))
        stage.clock.advance(minutes=30)
    whole = stage.shop.changed_orders

    async def broken(since: datetime | None) -> AsyncIterator[RawOrder]:
        count = 0
        async for raw in whole(since):
            if count == BATCH + 10:
                raise RemoteUnavailable("the shop closed in the middle", system="shop")
            count += 1
            yield raw

    stage.shop.changed_orders = broken  # type: ignore[method-assign]
    with pytest.raises(RemoteUnavailable):
        await stage.take_in()
    assert (await _sync(stage)).orders_until is None
    stage.shop.changed_orders = whole  # type: ignore[method-assign]
    counts = await stage.take_in()
    assert counts[Intake.NEW] == 20
    assert stage.shop.histories[0] is None
    assert stage.shop.histories[1] is not None
    sync = await _sync(stage)
    assert (sync.history_until, sync.orders_until) == (None, await stage.shop.newest_change())
