from __future__ import annotations

import asyncio
import gc
import weakref
from datetime import UTC, datetime

import pytest

from doorstep.geo import LatLng
from doorstep.position import Position
from gateway.live.cursor import Place
from gateway.live.history import History
from gateway.live.hub import Hub
from gateway.live.message import (
    LiveKind,
    LiveMessage,
    changed,
    deliveries,
    delivery,
    drivers,
    exceptions,
    moved,
)
from gateway.live.subscription import Limits, Subscription

A, B = "mer_a", "mer_b"
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
OFTEN = Limits(coalesce_s=0.0)


def at(lng: float) -> Position:
    return Position(LatLng(0.0, lng), NOON)


def say(hub: Hub, *entity_ids: str, topic: str = deliveries(A)) -> None:
    hub.publish([changed(topic, entity_id) for entity_id in entity_ids])


def entities(messages: list[LiveMessage]) -> list[str]:
    return [message.entity_id or message.kind for message in messages]


async def read(subscription: Subscription, count: int) -> list[LiveMessage]:
    async with asyncio.timeout(10):
        return [await anext(subscription) for _ in range(count)]


async def test_a_watcher_reads_what_is_said_on_its_topics_in_order() -> None:
    hub = Hub()
    async with hub.subscribe([deliveries(A), exceptions(A)]) as messages:
        say(hub, "del_1")
        say(hub, "exc_1", topic=exceptions(A))
        say(hub, "nobody", topic=delivery(A, "del_9"))
        say(hub, "del_2")
        assert entities(await read(messages, 3)) == ["del_1", "exc_1", "del_2"]


async def test_a_merchant_never_reads_of_another() -> None:
    hub = Hub()
    async with hub.subscribe([deliveries(A)]) as of_a, hub.subscribe([deliveries(B)]) as of_b:
        say(hub, "del_a", topic=deliveries(A))
        say(hub, "del_b", topic=deliveries(B))
        assert entities(await of_a.batch()) == ["del_a"]
        assert entities(await of_b.batch()) == ["del_b"]


async def test_what_is_said_between_subscribing_and_reading_waits() -> None:
    hub = Hub()
    say(hub, "before")
    async with hub.subscribe([deliveries(A)]) as messages:
        say(hub, "during the snapshot")
        assert entities(await messages.batch()) == ["during the snapshot"]


async def test_a_watcher_who_waits_is_woken() -> None:
    hub = Hub()
    async with hub.subscribe([deliveries(A)]) as messages:
        waiting = asyncio.create_task(read(messages, 1))
        await asyncio.sleep(0)
        assert not waiting.done()
        say(hub, "del_1")
        assert entities(await waiting) == ["del_1"]


async def test_cursors_only_grow_and_resume_after_each_message() -> None:
    hub = Hub()
    async with hub.subscribe([deliveries(A)]) as messages:
        first = messages.cursor
        say(hub, "1", "2", "3")
        cursors = [first]
        for message in await read(messages, 3):
            cursors.append(message.cursor)
        assert messages.cursor == cursors[-1] == hub.cursor
    for read_before, cursor in enumerate(cursors):
        async with hub.subscribe([deliveries(A)], cursor) as resumed:
            say(hub, "new")
            expected = ["1", "2", "3", *["new"] * (read_before + 1)][read_before:]
            assert entities(await resumed.batch()) == expected


async def test_a_cursor_of_one_at_a_time_reading_lies_at_what_was_read() -> None:
    hub = Hub()
    async with hub.subscribe([deliveries(A)]) as messages:
        say(hub, "1", "2", "3")
        (one,) = await read(messages, 1)
        assert messages.cursor == one.cursor
        # The rest can be taken at once.
        assert entities(await messages.batch()) == ["2", "3"]
        assert messages.cursor == hub.cursor


@pytest.mark.parametrize("after", ["", "nonsense", "cafe0123-0-0-0-1"])
async def test_a_cursor_that_is_not_ours_gets_a_reset(after: str) -> None:
    hub = Hub()
    say(hub, "1")
    async with hub.subscribe([deliveries(A)], after) as messages:
        say(hub, "2")
        first, second = await read(messages, 2)
    assert (first.kind, first.topic, first.entity_id) == (LiveKind.RESET, "", "")
    assert second.entity_id == "2"
    async with hub.subscribe([deliveries(A)], first.cursor) as messages:
        assert entities(await messages.batch()) == ["2"]


async def test_a_watcher_who_comes_back_too_late_gets_a_reset() -> None:
    hub = Hub(history=History(per_topic=2))
    start = hub.cursor
    say(hub, "1", "2", "3")
    async with hub.subscribe([deliveries(A)], start) as messages:
        assert entities(await messages.batch()) == ["RESET"]
        say(hub, "4")
        assert entities(await messages.batch()) == ["4"]


async def test_a_stuck_watcher_costs_a_bounded_number_of_messages_and_then_gets_a_reset() -> None:
    hub = Hub(limits=Limits(max_changes=100, max_moves=10))
    async with hub.subscribe([deliveries(A), drivers(A)]) as stuck, hub.subscribe([deliveries(A)]) as quick:
        for number in range(10_000):
            say(hub, f"del_{number}")
            hub.publish([moved(drivers(A), f"drv_{number}", at(0))])
            assert stuck.waiting_count <= 110
            assert entities(await quick.batch()) == [f"del_{number}"]
        batch = await stuck.batch()
        assert batch[0].kind is LiveKind.RESET
        # After the RESET nothing is missing up to the newest.
        rest = [message.entity_id for message in batch[1:] if message.kind is LiveKind.CHANGED]
        assert rest == [f"del_{number}" for number in range(10_000 - len(rest), 10_000)]


async def test_the_cursor_of_a_reset_resumes_after_what_was_lost() -> None:
    hub = Hub(limits=Limits(max_changes=2))
    async with hub.subscribe([deliveries(A)]) as stuck:
        say(hub, "1", "2", "3", "4")
        reset, four = await stuck.batch()
        assert (reset.kind, four.entity_id) == (LiveKind.RESET, "4")
    async with hub.subscribe([deliveries(A)], reset.cursor) as resumed:
        assert entities(await resumed.batch()) == ["4"]


async def test_of_positions_the_latest_of_each_driver_is_delivered() -> None:
    hub = Hub(limits=OFTEN)
    async with hub.subscribe([drivers(A)]) as messages:
        for lng in range(5):
            hub.publish([moved(drivers(A), "drv_1", at(lng)), moved(drivers(A), "drv_2", at(-lng))])
        batch = await messages.batch()
    assert [(one.entity_id, one.position) for one in batch] == [("drv_1", at(4)), ("drv_2", at(-4))]
    assert {one.kind for one in batch} == {LiveKind.MOVED}


async def test_positions_that_come_quickly_are_delivered_together() -> None:
    hub = Hub()
    async with hub.subscribe([drivers(A)], coalesce_s=0.02) as messages:
        hub.publish([moved(drivers(A), "drv_1", at(0))])
        assert len(await messages.batch()) == 1
        waiting = asyncio.create_task(messages.batch())
        for lng in range(1, 4):
            await asyncio.sleep(0)
            hub.publish([moved(drivers(A), "drv_1", at(lng)), moved(drivers(A), f"drv_{lng + 1}", at(lng))])
        positions = {one.entity_id: one.position for one in await waiting}
    assert positions == {"drv_1": at(3), "drv_2": at(1), "drv_3": at(2), "drv_4": at(3)}


async def test_changes_do_not_wait_for_positions() -> None:
    hub = Hub()
    async with hub.subscribe([deliveries(A), drivers(A)], coalesce_s=3600) as messages:
        hub.publish([moved(drivers(A), "drv_1", at(0))])
        await messages.batch()
        hub.publish([moved(drivers(A), "drv_1", at(1))])
        say(hub, "del_1")
        assert entities(await messages.batch()) == ["del_1"]


async def test_a_position_never_carries_a_cursor_past_an_unread_change() -> None:
    hub = Hub(limits=OFTEN)
    async with hub.subscribe([deliveries(A), drivers(A)]) as messages:
        hub.publish([moved(drivers(A), "drv_1", at(0)), changed(deliveries(A), "del_1")])
        change, move = await messages.batch()
        assert (change.entity_id, move.entity_id) == ("del_1", "drv_1")
        assert move.cursor == change.cursor
        say(hub, "elsewhere", topic=deliveries(B))
        hub.publish([moved(drivers(A), "drv_1", at(1))])
        (again,) = await messages.batch()
        say(hub, "del_2")
    async with hub.subscribe([deliveries(A), drivers(A)], again.cursor) as messages:
        assert entities(await messages.batch()) == ["del_2"]


async def test_a_position_is_one_object_for_all_who_read_it_at_the_same_place() -> None:
    hub = Hub(limits=OFTEN)
    async with hub.subscribe([drivers(A)]) as one, hub.subscribe([drivers(A)]) as other:
        hub.publish([moved(drivers(A), "drv_1", at(0))])
        assert one.poll()[0] is other.poll()[0]


async def test_a_reader_who_is_called_needs_no_task_and_is_called_once_for_positions_that_wait() -> None:
    hub, calls = Hub(limits=Limits(coalesce_s=3600)), []
    async with hub.subscribe([deliveries(A), drivers(A)]) as messages:
        messages.listen(lambda: calls.append(len(calls)))
        say(hub, "del_1")
        hub.publish([moved(drivers(A), "drv_1", at(0))])
        assert entities(messages.poll()) == ["del_1", "drv_1"]
        for lng in range(1, 4):
            hub.publish([moved(drivers(A), "drv_1", at(lng))])
        assert (len(calls), messages.poll()) == (3, [])
        due_s = messages.moves_due_s
        assert due_s is not None
        assert due_s > asyncio.get_running_loop().time() + 3000


async def test_a_reader_with_a_pace_of_its_own_takes_what_there_is() -> None:
    hub = Hub()
    async with hub.subscribe([deliveries(A), drivers(A)], coalesce_s=3600) as messages:
        assert messages.drain() == []
        say(hub, "1", "2")
        hub.publish([moved(drivers(A), "drv_1", at(0))])
        await read(messages, 1)
        hub.publish([moved(drivers(A), "drv_1", at(1))])
        say(hub, "3")
        assert entities(messages.drain()) == ["2", "drv_1", "3", "drv_1"]
        assert messages.cursor == hub.cursor
        assert messages.drain() == []


async def test_a_restart_resets_every_watcher_and_voids_old_cursors() -> None:
    hub = Hub()
    async with hub.subscribe([deliveries(A)]) as messages:
        say(hub, "1")
        old = hub.cursor
        hub.restart("beef", Place(7, 0))
        say(hub, "2")
        assert entities(await messages.batch()) == ["RESET", "2"]
    async with hub.subscribe([deliveries(A)], old) as messages:
        assert entities(await messages.batch()) == ["RESET"]


async def test_a_new_life_may_count_from_lower_places() -> None:
    hub = Hub()
    hub.restart("beef", Place(9, 0))
    async with hub.subscribe([deliveries(A)]) as messages:
        hub.restart("cafe", Place())
        hub.deliver((5, 0), [changed(deliveries(A), "1")])
        assert entities(await messages.batch()) == ["RESET", "1"]


async def test_a_watcher_from_a_process_ahead_of_this_one_reads_nothing_twice() -> None:
    hub, ahead = Hub(), Hub()
    for one in (hub, ahead):
        one.restart("beef", Place())
    entries = [((5, number), [changed(deliveries(A), str(number))]) for number in range(4)]
    for entry, messages in entries[:3]:
        ahead.deliver(entry, messages)
    async with hub.subscribe([deliveries(A)], ahead.cursor) as resumed:
        for entry, messages in entries:
            hub.deliver(entry, messages)
        assert entities(await resumed.batch()) == ["3"]


async def test_who_comes_from_another_process_during_an_outage_misses_nothing_of_this_one() -> None:
    here, there = Hub(), Hub()
    for one in (here, there):
        one.restart("beef", Place(7, 0))
    # The shared server is away: each hands on what it changes by itself, and counts that by itself.
    say(there, "theirs", "theirs")
    say(here, "before")
    async with here.subscribe([deliveries(A)], there.cursor) as resumed:
        say(here, "after")
        assert entities(resumed.drain()) == ["before", "after"]


async def test_a_closed_hub_ends_every_iteration_after_what_is_left() -> None:
    hub = Hub()
    async with hub.subscribe([deliveries(A)]) as messages:
        say(hub, "last")
        hub.close()
        assert [message.entity_id async for message in messages] == ["last"]
        assert await messages.batch() == []
    async with hub.subscribe([deliveries(A)]) as late:
        assert [message async for message in late] == []


async def test_two_hundred_watchers_who_come_and_go_leave_nothing_behind() -> None:
    hub = Hub(limits=OFTEN)
    seen: list[weakref.ref[Subscription]] = []

    async def watch(number: int) -> None:
        topics = [deliveries(A), delivery(A, f"del_{number}"), drivers(A)]
        async with hub.subscribe(topics) as messages:
            seen.append(weakref.ref(messages))
            async for message in messages:
                if message.entity_id == f"stop_{number}":
                    return
                if message.entity_id == f"fail_{number}":
                    raise RuntimeError("the socket broke")

    tasks = [asyncio.create_task(watch(number)) for number in range(200)]
    await asyncio.sleep(0)
    assert hub.subscription_count == 200
    assert hub.topic_count == 202
    for number in range(0, 200, 4):
        tasks[number].cancel()
        hub.publish([changed(delivery(A, f"del_{number + 1}"), f"stop_{number + 1}")])
        hub.publish([changed(deliveries(A), f"fail_{number + 2}")])
        hub.publish([moved(drivers(A), f"stop_{number + 3}", at(0))])
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(end) for end in ends[:4]] == [asyncio.CancelledError, type(None), RuntimeError, type(None)]
    assert (hub.subscription_count, hub.topic_count) == (0, 0)
    del tasks, ends
    # The event loop itself holds the last result until this step is over.
    await asyncio.sleep(0)
    gc.collect()
    assert [watcher for watcher in seen if watcher() is not None] == []
