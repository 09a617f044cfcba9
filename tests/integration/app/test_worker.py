"""A worker that lost the database is followed by another one."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, cast

import pytest
from procrastinate import App
from procrastinate.exceptions import ConnectorException

from gateway.app.serve import work


class Queue:
    """Its first workers end as procrastinate's do; the last one works."""

    def __init__(self, ends: list[Exception | None]) -> None:
        self.ends = ends
        self.works = asyncio.Event()
        self.is_finished = False

    async def run_worker_async(self, **_choices: Any) -> None:
        if self.ends:
            end = self.ends.pop(0)
            if end is not None:
                raise end
            return
        self.works.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.is_finished = True


@pytest.mark.parametrize("end", [ConnectorException("the pool is empty"), None], ids=["failed", "stopped"])
async def test_another_worker_begins_where_one_ended_by_itself(end: Exception | None) -> None:
    queue = Queue([end, end])
    task = asyncio.create_task(work(cast(App, queue), pause_s=0.0))
    async with asyncio.timeout(10):
        await queue.works.wait()
    assert not queue.is_finished
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert queue.is_finished


class QueueThatLosesTheDatabase(Queue):
    """Its first worker cannot take leave of the database when it is asked to end."""

    async def run_worker_async(self, **choices: Any) -> None:
        is_second = self.works.is_set()
        try:
            await super().run_worker_async(**choices)
        except asyncio.CancelledError:
            if is_second:
                raise
            raise ConnectorException("the database is away") from None


async def test_a_worker_that_fails_while_it_ends_is_followed_by_none() -> None:
    queue = QueueThatLosesTheDatabase([])
    task = asyncio.create_task(work(cast(App, queue), pause_s=0.0))
    async with asyncio.timeout(10):
        await queue.works.wait()
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=2)
    assert done, "another one began"
    assert task.cancelled()
