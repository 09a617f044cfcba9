"""Runs one blocking call in a thread of its own, for a bounded time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable


class Workers:
    """At most `parallel` blocking calls at a time, each wholly inside one thread.

    The threads are daemons and not those of `asyncio.to_thread`: a store that dribbles its headers byte by
    byte holds a thread longer than any timeout of `requests`. It then occupies a place of its own store's
    few, instead of one of the whole program's, and does not keep the program from ending.
    """

    def __init__(self, parallel: int) -> None:
        self._places = asyncio.Semaphore(parallel)

    async def run[T](self, work: Callable[[], T], budget_s: float) -> T:
        """Give back what `work` gives.

        Raises
        ------
        TimeoutError
            If `budget_s` seconds were not enough, waiting for a place included.
        """
        async with asyncio.timeout(budget_s):
            await self._places.acquire()
            return await self._start(work)

    def _start[T](self, work: Callable[[], T]) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(result: T | None, error: BaseException | None) -> None:
            self._places.release()
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]  # result is a T where error is None

        def run() -> None:
            result: T | None = None
            error: BaseException | None = None
            try:
                result = work()
            except BaseException as caught:  # handed to the waiting coroutine, whatever it is
                error = caught
            try:
                loop.call_soon_threadsafe(settle, result, error)
            except RuntimeError:
                pass  # the loop was closed while the store dawdled: nobody waits any more

        threading.Thread(target=run, name="woocommerce call", daemon=True).start()
        return future
