from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from doorstep.geo import LatLng
from doorstep.position import Position
from gateway.live import Live, LiveKind, LiveMessage, Subscription
from gateway.live.message import changed, deliveries, drivers, exceptions, moved
from gateway.live.redis_names import shard_of

A, B = "mer_a", "mer_b"

Begin = Callable[[], Awaitable[Live]]

pytestmark = pytest.mark.usefixtures("server")


def at(lng: float, *, ago_s: float = 0) -> Position:
    # Whole seconds survive the way through text exactly.
    return Position(
        LatLng(0.5, lng), datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=ago_s), 3.5
    )


def say(live: Live, *entity_ids: str, topic: str = deliveries(A)) -> None:
    live.publish([changed(topic, entity_id) for entity_id in entity_ids])


async def read(subscription: Subscription, count: int) -> list[LiveMessage]:
    async with asyncio.timeout(10):
        return [await anext(subscription) for _ in range(count)]


def entities(messages: Sequence[LiveMessage]) -> list[str]:
    return [message.entity_id or message.kind for message in messages]


async def test_watchers_of_every_process_read_the_same_in_the_same_order(process: Begin) -> None:
    one, other = await process(), await process()
    async with one.subscribe([deliveries(A)]) as near, other.subscribe([deliveries(A)]) as far:
        for number in range(50):
            say(one, f"one_{number}")
            say(other, f"other_{number}")
            if number % 10 == 0:
                await asyncio.sleep(0)
        at_near, at_far = await read(near, 100), await read(far, 100)
    assert at_near == at_far
    for name in ("one", "other"):
        assert [e for e in entities(at_far) if e.startswith(name + "_")] == [f"{name}_{n}" for n in range(50)]
    assert one.health().passed


async def test_a_merchant_never_reads_of_another_through_the_server(process: Begin) -> None:
    one, other = await process(), await process()
    async with other.subscribe([deliveries(B), exceptions(B), drivers(B)]) as of_b:
        say(one, "del_a")
        say(one, "exc_a", topic=exceptions(A))
        one.publish([moved(drivers(A), "drv_a", at(1))])
        say(one, "del_b", topic=deliveries(B))
        assert entities(await read(of_b, 1)) == ["del_b"]
        # Whatever was said before "del_b" has passed; positions go another way, so give them one as well.
        one.publish([moved(drivers(B), "drv_b", at(2))])
        assert entities(await read(of_b, 1)) == ["drv_b"]
    assert set(await other.positions.all(B)) == {"drv_b"}


async def test_a_watcher_resumes_in_another_process_where_it_stopped(process: Begin) -> None:
    one, other = await process(), await process()
    async with one.subscribe([deliveries(A)]) as messages, other.subscribe([deliveries(A)]) as witness:
        say(one, "1", "2", "3", "4")
        await read(messages, 2)
        await read(witness, 4)
    async with other.subscribe([deliveries(A)], messages.cursor) as resumed:
        say(one, "5")
        assert entities(await read(resumed, 3)) == ["3", "4", "5"]


async def test_a_watcher_resumes_in_a_process_that_began_later(process: Begin) -> None:
    one = await process()
    async with one.subscribe([deliveries(A)]) as messages:
        say(one, "1")
        await read(messages, 1)
        say(one, "2")
        await read(messages, 1)
        say(one, "3", "4")
        two = messages.cursor
        await read(messages, 2)
    later = await process()
    async with later.subscribe([deliveries(A)], two) as resumed:
        say(one, "5")
        assert entities(await read(resumed, 3)) == ["3", "4", "5"]


async def test_what_a_process_said_before_another_began_is_not_told_again(process: Begin) -> None:
    one = await process()
    async with one.subscribe([deliveries(A)]) as messages:
        say(one, "old")
        await read(messages, 1)
    later = await process()
    async with later.subscribe([deliveries(A)]) as fresh:
        say(one, "new")
        assert entities(await read(fresh, 1)) == ["new"]


async def test_positions_reach_other_processes_and_the_latest_wins(process: Begin) -> None:
    one, other = await process(), await process()
    last = at(9)
    async with other.subscribe([drivers(A)], coalesce_s=0.0) as messages:
        one.publish(moved(drivers(A), "drv_1", at(lng)) for lng in range(9))
        one.publish([moved(drivers(A), "drv_1", last)])
        (move,) = await read(messages, 1)
    assert (move.kind, move.entity_id, move.position) == (LiveKind.MOVED, "drv_1", last)
    assert await other.positions.all(A) == {"drv_1": last}


async def test_positions_go_through_the_channel_of_their_merchant(process: Begin, client: Redis) -> None:
    one, other = await process(), await process()
    async with client.pubsub() as channel, other.subscribe([drivers(A)], coalesce_s=0.0) as messages:
        await channel.ssubscribe(shard_of(A))
        one.publish([moved(drivers(A), "drv_1", at(1))])
        assert entities(await read(messages, 1)) == ["drv_1"]
        kinds = [(await channel.get_message(timeout=5) or {})["type"] for _ in range(2)]
    assert kinds == ["ssubscribe", "smessage"]


async def test_positions_reach_others_through_a_server_without_sharded_channels(
    process: Begin, client: Redis
) -> None:
    # To us it answers as one from before Redis 7: with an error.
    await client.acl_setuser("default", enabled=True, commands=["-ssubscribe", "-spublish"])
    one, other = await process(), await process()
    assert one.health().passed
    async with other.subscribe([drivers(A)], coalesce_s=0.0) as messages:
        one.publish([moved(drivers(A), "drv_1", at(1))])
        assert entities(await read(messages, 1)) == ["drv_1"]


async def test_a_process_that_began_later_knows_the_last_positions(process: Begin) -> None:
    one = await process()
    here, old, gone = at(1), at(2, ago_s=13 * 3600), at(3)
    async with one.subscribe([drivers(A)]) as messages:
        one.publish([moved(drivers(A), "drv_1", here)])
        await read(messages, 1)
    await one.positions.put(A, "drv_old", old)
    await one.positions.put(A, "drv_gone", gone)
    await one.positions.forget(A, "drv_gone")
    later = await process()
    assert await later.positions.all(A) == {"drv_1": here}
    assert await later.positions.all(B) == {}


async def test_what_another_version_wrote_makes_watchers_take_a_snapshot(
    process: Begin, client: Redis
) -> None:
    one = await process()
    async with one.subscribe([deliveries(A), drivers(A)]) as messages:
        await client.xadd("doorstep:live:changes", {b"other": b"?"})
        assert entities(await read(messages, 1)) == ["RESET"]
        await client.publish("doorstep:live:moves", b"?")
        one.publish([moved(drivers(A), "drv_1", at(1))])
        assert entities(await read(messages, 1)) == ["drv_1"]
    await client.hset("doorstep:live:positions:mer_b", "drv_1", "?")
    assert await one.positions.all(B) == {}


async def test_a_process_sends_what_waits_before_it_ends(process: Begin) -> None:
    one, other = await process(), await process()
    async with other.subscribe([deliveries(A)]) as messages:
        say(one, "last words")
        await one.close()
        assert entities(await read(messages, 1)) == ["last words"]


async def test_a_closed_process_leaves_no_connection_and_no_task(process: Begin, client: Redis) -> None:
    async def connections() -> set[Any]:
        return {row["id"] for row in await client.client_list()}

    tasks, before = asyncio.all_tasks(), await connections()
    live = await process()
    async with live.subscribe([deliveries(A)]) as messages:
        say(live, "1")
        await read(messages, 1)
        assert len(await connections()) == len(before) + 3
        await live.close()
        assert [message async for message in messages] == []
    assert asyncio.all_tasks() == tasks
    async with asyncio.timeout(10):
        while await connections() != before:
            await asyncio.sleep(0.01)
