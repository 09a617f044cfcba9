from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from doorstep.clock import SystemClock
from doorstep.geo import LatLng
from doorstep.position import Position
from gateway.live import Live, LiveMessage, Subscription
from gateway.live.hub import Hub
from gateway.live.message import changed, deliveries, drivers, moved
from gateway.live.positions import ProcessPositions
from gateway.live.redis_names import BATCH, CHANGES, Reach
from gateway.live.redis_reader import ChangesReader
from gateway.live.redis_writer import RedisWriter
from gateway.live.wire import read_changes, write_changes

A = "mer_a"

Begin = Callable[[], Awaitable[Live]]


def say(live: Live, *entity_ids: str) -> None:
    live.publish([changed(deliveries(A), entity_id) for entity_id in entity_ids])


async def read_until(subscription: Subscription, entity_id: str) -> list[str]:
    """Everything up to a message, that one included."""
    seen: list[str] = []
    async with asyncio.timeout(20):
        async for message in subscription:
            seen.append(_name(message))
            if seen[-1] == entity_id:
                break
    return seen


def _name(message: LiveMessage) -> str:
    return message.entity_id or message.kind


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_process_begins_without_the_server_and_joins_when_it_comes(
    process: Begin, stopped_server: Any
) -> None:
    one, other = await process(), await process()
    assert not one.health().passed
    assert one.health().fault == "live_bus_away"
    async with one.subscribe([deliveries(A)]) as near, other.subscribe([deliveries(A)]) as far:
        say(one, "alone")
        assert await read_until(near, "alone") == ["alone"]
        stopped_server.start()
        await until(lambda: one.health().passed and other.health().passed)
        say(other, "together")
        # Each takes a snapshot on joining, so "alone" may come before it or after it.
        for watcher in (near, far):
            assert set(await read_until(watcher, "together")) - {"alone"} == {"RESET", "together"}


async def test_while_the_server_is_away_each_process_serves_its_own_watchers(
    process: Begin, server: Any
) -> None:
    one, other = await process(), await process()
    async with one.subscribe([deliveries(A)]) as near, other.subscribe([deliveries(A)]) as far:
        say(one, "before")
        await read_until(near, "before")
        await read_until(far, "before")
        server.stop()
        say(one, "first")
        assert await read_until(near, "first") == ["first"]
        assert not one.health().passed
        # From here on it is known to be away: no waiting for a failure first.
        say(one, "second")
        assert near.waiting_count == 1
        assert await read_until(near, "second") == ["second"]
        assert far.waiting_count == 0
        server.start()
        await until(lambda: one.health().passed and other.health().passed)
        say(one, "after")
        # The new server has forgotten everything, and who knows what was lost: a snapshot, and then on. What
        # was said meanwhile comes after it, unless the snapshot was late enough to hold it.
        seen = await read_until(far, "after")
        assert seen[0] == "RESET"
        assert seen in (["RESET", *late, "after"] for late in (["first", "second"], []))


async def test_positions_are_known_in_the_process_while_the_server_is_away(
    process: Begin, server: Any
) -> None:
    one = await process()
    here = Position(LatLng(0.5, 0.5), datetime.now(UTC))
    server.stop()
    async with one.subscribe([drivers(A)]) as messages:
        one.publish([moved(drivers(A), "drv_1", here)])
        await read_until(messages, "drv_1")
    await one.positions.put(A, "drv_2", here)
    assert await one.positions.all(A) == {"drv_1": here, "drv_2": here}
    await one.positions.forget(A, "drv_2")
    assert set(await one.positions.all(A)) == {"drv_1"}


async def test_a_server_that_hangs_up_without_a_word_loses_nothing(stopped_server: Any) -> None:
    lines, hang_up = 0, asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal lines
        lines += 1
        await hang_up.wait()
        writer.close()

    path = stopped_server.url.reveal().removeprefix("unix://")
    hub, reach = Hub(), Reach()
    async with Redis.from_url(stopped_server.url.reveal(), retry=Retry(NoBackoff(), 0)) as line:
        writer = RedisWriter(line, hub, ProcessPositions(SystemClock()), reach, window_s=0)
        writing = asyncio.create_task(writer.run())
        mute = await asyncio.start_unix_server(say_nothing, path)
        async with mute, hub.subscribe([deliveries(A)]) as near:
            writer.publish([changed(deliveries(A), "early")])
            await until(lambda: lines)
            writer.publish([changed(deliveries(A), "late")])
            assert near.waiting_count == 0
            hang_up.set()
            assert await read_until(near, "late") == ["early", "late"]
            await until(lambda: lines >= 4)
        stopped_server.start()
        await until(lambda: not reach.writing)
        entries: Any = await line.xrange(CHANGES)
        kept = [message.entity_id for _, fields in entries for message in read_changes(fields[BATCH])]
        assert kept == ["early", "late"]
        writer.finish()
        await writing


async def test_a_process_ends_without_the_server(process: Begin, server: Any) -> None:
    one = await process()
    server.stop()
    say(one, "lost")
    async with asyncio.timeout(10):
        await one.close()


async def test_broken_lines_lose_nothing(process: Begin, client: Redis) -> None:
    one, other = await process(), await process()
    async with other.subscribe([deliveries(A)]) as far:
        for number in range(30):
            say(one, str(number))
            if number % 10 == 5:
                await client.client_kill_filter(_type="normal", skipme=True)
                await client.client_kill_filter(_type="pubsub", skipme=True)
            await asyncio.sleep(0.005)
        say(one, "end")
        seen = await read_until(far, "end")
    # A batch whose answer was lost with the line is sent again.
    assert sorted(set(seen) - {"end"}, key=int) == [str(number) for number in range(30)]
    await until(lambda: one.health().passed and other.health().passed)


async def test_a_reader_away_for_longer_than_the_stream_remembers_asks_for_snapshots(client: Redis) -> None:
    hub, reach = Hub(), Reach()
    reader = ChangesReader(client, hub, reach)
    writer = RedisWriter(client, Hub(), ProcessPositions(SystemClock()), Reach(), window_s=0)
    writing = asyncio.create_task(writer.run())
    async with hub.subscribe([deliveries(A)]) as messages:
        reading = asyncio.create_task(reader.run())
        await reader.settled.wait()
        writer.publish([changed(deliveries(A), "1")])
        assert (await read_until(messages, "1"))[-1] == "1"
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        for number in ("2", "3"):
            length = await client.xlen(CHANGES)
            writer.publish([changed(deliveries(A), number)])
            async with asyncio.timeout(10):
                while await client.xlen(CHANGES) == length:
                    await asyncio.sleep(0.005)
        await client.xtrim(CHANGES, maxlen=1, approximate=False)
        again = asyncio.create_task(reader.run())
        await until(lambda: messages.waiting_count)
        writer.publish([changed(deliveries(A), "4")])
        assert await read_until(messages, "4") == ["RESET", "4"]
    writer.finish()
    again.cancel()
    await asyncio.gather(writing, again, return_exceptions=True)


async def test_a_reader_that_the_stream_is_cut_ahead_of_asks_for_snapshots(client: Redis) -> None:
    hub = Hub()
    reader = ChangesReader(client, hub, Reach())
    async with hub.subscribe([deliveries(A)]) as messages:
        reading = asyncio.create_task(reader.run())
        await reader.settled.wait()
        batch = write_changes([changed(deliveries(A), "1")])
        await client.xadd(CHANGES, {BATCH: batch})
        assert (await read_until(messages, "1"))[-1] == "1"
        # All at once, as a process that stood still finds it: what it missed begins after what was cut.
        async with client.pipeline(transaction=True) as late:
            for _ in range(700):
                late.xadd(CHANGES, {BATCH: batch})
            late.xtrim(CHANGES, maxlen=650, approximate=False)
            await late.execute()
        await read_until(messages, "RESET")
        await client.xadd(CHANGES, {BATCH: write_changes([changed(deliveries(A), "end")])})
        assert await read_until(messages, "end") == ["end"]
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def test_too_many_changes_to_keep_become_a_reset_for_everybody(
    process: Begin, stopped_server: Any
) -> None:
    async with Redis.from_url(stopped_server.url.reveal()) as line:
        hub = Hub()
        writer = RedisWriter(line, hub, ProcessPositions(SystemClock()), Reach(), window_s=0, max_kept=3)
        writing = asyncio.create_task(writer.run())
        async with hub.subscribe([deliveries(A)]) as near:
            writer.publish([changed(deliveries(A), str(number)) for number in range(5)])
            assert await read_until(near, "4") == ["0", "1", "2", "3", "4"]
        other = await process()
        async with other.subscribe([deliveries(A)]) as far:
            stopped_server.start()
            await until(lambda: other.health().passed)
            say(other, "end")
            seen = await read_until(far, "end")
        assert set(seen) == {"RESET", "end"}
        writer.finish()
        await writing
