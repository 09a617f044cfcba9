from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from webhooks.inbound.batcher import Batcher, InboxClosed
from webhooks.inbound.inbox import InboxMessage

# Longer than any test: a batch ends because it is full, or because the batcher is closed, never by chance.
LONG_S = 60.0


async def settle(condition: Callable[[], object]) -> None:
    """Let the loop run until something is so."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)


async def test_a_message_alone_is_kept_after_a_moment(
    inbox: Any, message: Callable[[str], InboxMessage]
) -> None:
    batcher = Batcher(inbox)
    await batcher.put(message("a"))
    assert inbox.ids == ["a"]
    await batcher.close()


async def test_messages_that_come_together_share_commits_of_a_bounded_size(
    inbox: Any, message: Callable[[str], InboxMessage]
) -> None:
    batcher = Batcher(inbox, max_messages=20)
    await asyncio.gather(*(batcher.put(message(str(number))) for number in range(45)))
    assert [len(batch) for batch in inbox.batches] == [20, 20, 5]
    assert inbox.ids == [str(number) for number in range(45)]
    await batcher.close()


async def test_a_full_batch_does_not_wait_for_more(
    inbox: Any, message: Callable[[str], InboxMessage]
) -> None:
    batcher = Batcher(inbox, max_messages=3, linger_s=LONG_S)
    first = [asyncio.create_task(batcher.put(message(name))) for name in "ab"]
    await settle(lambda: batcher.waiting_count == 2)
    for _ in range(10):
        await asyncio.sleep(0)
    assert inbox.batches == []
    await asyncio.gather(*first, batcher.put(message("c")))
    assert inbox.batches == [["a", "b", "c"]]
    await batcher.close()


async def test_nobody_is_answered_before_the_commit(
    inbox: Any, message: Callable[[str], InboxMessage]
) -> None:
    batcher = Batcher(inbox, max_messages=2, linger_s=LONG_S)
    inbox.gate.clear()
    waiting = [asyncio.create_task(batcher.put(message(name))) for name in "ab"]
    await settle(lambda: inbox.batches)
    assert not any(task.done() for task in waiting)
    inbox.gate.set()
    await asyncio.gather(*waiting)
    assert inbox.ids == ["a", "b"]
    await batcher.close()


async def test_what_arrives_during_a_commit_goes_into_the_next_one_in_order(
    inbox: Any, message: Callable[[str], InboxMessage]
) -> None:
    answered: list[str] = []

    async def put(name: str) -> None:
        await batcher.put(message(name))
        answered.append(name)

    batcher = Batcher(inbox, max_messages=3)
    inbox.gate.clear()
    first = asyncio.create_task(put("a"))
    await settle(lambda: inbox.batches)
    rest = [asyncio.create_task(put(name)) for name in "bcdef"]
    await settle(lambda: batcher.waiting_count == 5)
    inbox.gate.set()
    await asyncio.gather(first, *rest)
    assert inbox.batches == [["a"], ["b", "c", "d"], ["e", "f"]]
    assert answered == list("abcdef")
    await batcher.close()


async def test_one_message_that_cannot_be_kept_does_not_sink_its_neighbours(
    inbox: Any, message: Callable[[str], InboxMessage]
) -> None:
    inbox.poison = {"b"}
    batcher = Batcher(inbox, max_messages=3, linger_s=LONG_S)
    answers = await asyncio.gather(*(batcher.put(message(name)) for name in "abc"), return_exceptions=True)
    assert [type(answer) for answer in answers] == [type(None), ValueError, type(None)]
    assert inbox.ids == ["a", "c"]
    assert inbox.batches == [["a", "b", "c"], ["a"], ["b"], ["c"]]
    await batcher.close()


async def test_a_failure_does_not_stop_later_messages(
    inbox: Any, message: Callable[[str], InboxMessage]
) -> None:
    inbox.poison = {"a"}
    batcher = Batcher(inbox)
    with pytest.raises(ValueError, match="cannot keep"):
        await batcher.put(message("a"))
    await batcher.put(message("b"))
    assert inbox.batches == [["a"], ["b"]]
    await batcher.close()


async def test_a_repeat_is_answered_like_the_first(
    inbox: Any, message: Callable[[str], InboxMessage]
) -> None:
    batcher = Batcher(inbox)
    await asyncio.gather(batcher.put(message("a")), batcher.put(message("a")))
    await batcher.put(message("a"))
    assert inbox.ids == ["a"]
    await batcher.close()


async def test_a_sender_that_hangs_up_has_still_handed_its_message_over(
    inbox: Any, message: Callable[[str], InboxMessage]
) -> None:
    batcher = Batcher(inbox, max_messages=2, linger_s=LONG_S)
    gone = asyncio.create_task(batcher.put(message("a")))
    await settle(lambda: batcher.waiting_count == 1)
    gone.cancel()
    await batcher.put(message("b"))
    assert gone.cancelled()
    assert inbox.ids == ["a", "b"]
    await batcher.close()


async def test_a_sender_that_hangs_up_during_a_failing_commit_harms_nobody(
    inbox: Any, message: Callable[[str], InboxMessage]
) -> None:
    inbox.poison = {"a"}
    inbox.gate.clear()
    batcher = Batcher(inbox, max_messages=2, linger_s=LONG_S)
    gone, other = (asyncio.create_task(batcher.put(message(name))) for name in "ab")
    await settle(lambda: inbox.batches)
    gone.cancel()
    inbox.gate.set()
    await other
    assert inbox.ids == ["b"]
    await batcher.close()


async def test_closing_commits_what_waits_and_takes_nothing_more(
    inbox: Any, message: Callable[[str], InboxMessage]
) -> None:
    batcher = Batcher(inbox, max_messages=2, linger_s=LONG_S)
    waiting = [asyncio.create_task(batcher.put(message(name))) for name in "abc"]
    await settle(lambda: inbox.ids == ["a", "b"])
    assert not waiting[2].done()
    await batcher.close()
    await asyncio.gather(*waiting)
    assert inbox.ids == ["a", "b", "c"]
    with pytest.raises(InboxClosed):
        await batcher.put(message("d"))


async def test_closing_gives_up_on_a_database_that_hangs(
    inbox: Any, message: Callable[[str], InboxMessage]
) -> None:
    inbox.gate.clear()
    batcher = Batcher(inbox, max_messages=1)
    waiting = [asyncio.create_task(batcher.put(message(name))) for name in "ab"]
    await settle(lambda: inbox.batches and batcher.waiting_count == 1)
    await batcher.close(budget_s=0.01)
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(answer) for answer in answers] == [InboxClosed, InboxClosed]


async def test_closing_an_idle_batcher_twice_is_fine(inbox: Any) -> None:
    batcher = Batcher(inbox)
    await batcher.close()
    await batcher.close()
    assert inbox.batches == []
