"""Fixes are kept many at a time, before they are acknowledged, and what they mean gets lost by no crash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from doorstep.delivery_status import DeliveryStatus as S
from doorstep.errors import TokenRejected
from doorstep.geo import LatLng
from doorstep.ids import new_id
from doorstep.position import Position
from gateway.flow.ports import UnitOfWork
from gateway.flow.tracking.take import Device, FixTaker, keep_fixes, look_after_fixes
from gateway.store.device_keys import DeviceKeyRow, SqlDeviceKeys, hash_of, hint_of
from tests.integration.flow.fakes import MERCHANT_ID, SHOP
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import add_van, drive, north, order_to, own_fleet, put_tour, send


async def _rows(stage: Stage) -> list[tuple[bool, bool]]:
    """(late, coarse) of what the log has, oldest first."""
    async with stage.database.tenant(MERCHANT_ID) as connection:
        found = await connection.execute(
            text("SELECT is_late, is_coarse FROM positions ORDER BY recorded_at")
        )
        return [(row[0], row[1]) for row in found]


async def test_a_crash_between_keeping_and_looking_loses_nothing(stage: Stage) -> None:
    # Given a tour whose van has left
    await own_fleet(stage)
    driver = await add_van(stage)
    await put_tour(stage, driver, await order_to(stage, a=north(1000)))
    await drive(stage, driver, SHOP, north(300))
    # When two fixes at the door are kept, and nobody lives to look at them
    now = stage.clock.now()
    at_door = [Position(north(1000), now + timedelta(seconds=30 * n)) for n in (1, 2)]
    stage.clock.advance(seconds=60)
    await keep_fixes(stage.means, MERCHANT_ID, [(Device(MERCHANT_ID, driver.id), at_door)])
    assert (await stage.delivery_of("a")).status is S.OUT_FOR_DELIVERY
    # Then the next round of chores does, once
    await look_after_fixes(stage.means, MERCHANT_ID)
    assert (await stage.delivery_of("a")).status is S.AT_DROPOFF
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.positions.behind(10) == []


async def test_what_is_kept_is_the_present_before_anybody_looks_at_it(stage: Stage) -> None:
    driver = await add_van(stage)
    for metres in (0, 100):
        stage.clock.advance(seconds=15)
        fix = Position(north(metres), stage.clock.now())
        await keep_fixes(stage.means, MERCHANT_ID, [(Device(MERCHANT_ID, driver.id), [fix])])
        async with stage.means.begin(MERCHANT_ID) as work:
            state = await work.fleet.state(driver.id)
        assert state is not None
        assert (state.position, state.seen_at) == (fix, stage.clock.now())


async def test_after_a_tunnel_a_whole_batch_means_what_its_times_say(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    await put_tour(stage, driver, await order_to(stage, a=north(1000), b=north(3000)))
    await drive(stage, driver, SHOP)
    # Down the road, at the first door, on, and at the second, told at once and backwards.
    way = [300, 700, 1000, 1000, 1000, 1500, 2000, 2500, 3000, 3000]
    now = stage.clock.now()
    told = [Position(north(metres), now + timedelta(seconds=30 * (n + 1))) for n, metres in enumerate(way)]
    stage.clock.advance(seconds=30 * len(way))
    assert set(await send(stage, driver, *reversed(told))) == {None}
    first, second = await stage.delivery_of("a"), await stage.delivery_of("b")
    assert (first.status, second.status) == (S.DELIVERED, S.AT_DROPOFF)
    assert first.legs[0].ended_at == told[6].recorded_at


async def test_late_fixes_are_history_and_repeated_ones_no_news(stage: Stage) -> None:
    driver = await add_van(stage)
    await drive(stage, driver, SHOP, north(100), every_s=60)
    late = Position(north(50), stage.clock.now() - timedelta(seconds=30))
    assert await send(stage, driver, late) == ["LATE"]
    assert await send(stage, driver, late) == ["REPEATED"]
    assert await _rows(stage) == [(False, False), (True, False), (False, False)]


async def test_many_devices_share_a_commit_and_each_gets_its_own_answer(stage: Stage) -> None:
    drivers = [await add_van(stage, f"{letter}nn") for letter in "ABCDEFGH"]
    begun = 0

    @asynccontextmanager
    async def begin(merchant_id: str) -> AsyncIterator[UnitOfWork]:
        nonlocal begun
        begun += 1
        async with stage.means.begin(merchant_id) as work:
            yield work

    taker = FixTaker(replace(stage.means, begin=begin))
    good = Position(SHOP, stage.clock.now())
    mocks = {driver.id: index % 2 == 1 for index, driver in enumerate(drivers)}
    answers = await asyncio.gather(
        *(
            taker.take(Device(MERCHANT_ID, id_), [good, replace(good, is_mock=is_mock)])
            for id_, is_mock in mocks.items()
        )
    )
    # One for all of them to be kept, and one in which that was looked at begins beside their answers.
    assert begun <= 2
    assert [one[1] for one in answers] == ["MOCK" if is_mock else "REPEATED" for is_mock in mocks.values()]
    await taker.close()
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.positions.behind(10) == []
    with pytest.raises(OSError, match="shutting down"):
        await taker.take(Device(MERCHANT_ID, drivers[0].id), [good])


async def test_a_key_that_was_revoked_opens_nothing_from_then_on(stage: Stage) -> None:
    driver = await add_van(stage)
    first, second = "device-of-Ann", "the-new-key-of-a-phone"
    taker, fix = FixTaker(stage.means), Position(SHOP, stage.clock.now())
    assert await taker.take(Device(MERCHANT_ID, driver.id, hash_of(first)), [fix]) == (None,)
    async with stage.database.tenant(MERCHANT_ID) as connection:
        keys = SqlDeviceKeys(connection)
        row = DeviceKeyRow(
            new_id("dev"), MERCHANT_ID, driver.id, hash_of(second), hint_of(second), stage.clock.now()
        )
        await keys.add(row)
        (old,) = [key for key in await keys.of_driver(driver.id) if key.id != row.id]
        assert old.hint == "…"
        assert await keys.end(driver.id, stage.clock.now(), key_id=old.id) == 1
    stage.clock.advance(seconds=10)
    fix = Position(SHOP, stage.clock.now())
    with pytest.raises(TokenRejected):
        await taker.take(Device(MERCHANT_ID, driver.id, hash_of(first)), [fix])
    assert await taker.take(Device(MERCHANT_ID, driver.id, hash_of(second)), [fix]) == (None,)
    # Whoever puts the driver again does not bring the old key back.
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.fleet.put_driver(driver)
    with pytest.raises(TokenRejected):
        await taker.take(Device(MERCHANT_ID, driver.id, hash_of(first)), [fix])
    await taker.close()


async def test_old_history_is_coarse_and_erased_history_is_gone(stage: Stage) -> None:
    driver = await add_van(stage)
    await drive(stage, driver, *(north(20 * n) for n in range(30)), every_s=10)
    stage.clock.advance(days=3)
    await drive(stage, driver, SHOP)
    async with stage.means.begin(MERCHANT_ID) as work:
        gone = await work.positions.coarsen(stage.clock.now() - timedelta(days=1))
        # All 30 lie in one hour and at most two cells of a kilometre.
        assert 28 <= gone <= 29
    rows = await _rows(stage)
    assert rows[-1] == (False, False)
    assert set(rows[:-1]) == {(True, True)}
    async with stage.database.tenant(MERCHANT_ID) as connection:
        found = await connection.execute(text("SELECT lat, lng, recorded_at FROM positions WHERE is_coarse"))
        for lat, lng, recorded_at in found:
            assert LatLng(lat, lng) == LatLng(lat, lng).rounded(2)
            assert (recorded_at.minute, recorded_at.second) == (0, 0)
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.positions.erase(driver.id) == len(rows)
        assert await work.fleet.state(driver.id) is None
