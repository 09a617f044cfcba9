"""The search that goes on between orders, on a thread of its own, as the product's does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, perf_counter, sleep

from optimizer.live import Region, RunningDay
from optimizer.live.improving import Found
from optimizer.routes.engine import Limits

REGION_S = 1.0
"""How long a region is searched, with the pauses for orders that come meanwhile."""

SETTLING_S = 0.05
"""What taking over what was found and choosing another region take, about: nobody is to wait for that."""


class _CalledOff(threading.Event):
    """Asked before each step of a search, and makes it pause."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def is_set(self) -> bool:
        """Whether the search is to end; answers once it may go on."""
        self.may_go_on.wait()
        return super().is_set()


@dataclass(frozen=True, slots=True)
class _Searched:
    found: Found
    seconds: float


class Background:
    """Makes a day better until an order comes; a search that has begun pauses for it.

    Attributes
    ----------
    searched_s
        How long regions were searched, in all.
    """

    def __init__(self, day: RunningDay) -> None:
        self.searched_s = 0.0
        self._day = day
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="idle")
        self._search: Future[_Searched] | None = None
        self._called_off = _CalledOff()
        self._turn = 0

    def improve(self, *, until: float) -> None:
        """Search one region after the other until a moment of `perf_counter`, and take over what is found."""
        while (left_s := until - SETTLING_S - perf_counter()) > 0:
            if self._search is None:
                self._begin()
            if self._search is None:
                return
            wait([self._search], timeout=left_s)
            if self._search.done():
                self._take_over(self._search)

        sleep(max(0.0, until - perf_counter()))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the processor to who waits for an answer."""
        self._called_off.may_go_on.clear()
        began = perf_counter()
        try:
            yield
        finally:
            self.searched_s -= (perf_counter() - began) if self._search is not None else 0.0
            self._called_off.may_go_on.set()

    def close(self) -> None:
        """Take over what the last search has found by now."""
        self._called_off.set()
        if self._search is not None:
            self._take_over(self._search)
        self._thread.shutdown()

    def _begin(self) -> None:
        self._turn += 1
        region = self._day.region(self._turn)
        if region is not None:
            limits = Limits(monotonic() + REGION_S, called_off=self._called_off)
            self._search = self._thread.submit(_searched, region, limits, self._turn)

    def _take_over(self, search: Future[_Searched]) -> None:
        searched, self._search = search.result(), None
        self.searched_s += searched.seconds
        self._day.take_over(searched.found)


def _searched(region: Region, limits: Limits, seed: int) -> _Searched:
    began = perf_counter()
    found = region.searched(limits, seed)
    return _Searched(found, perf_counter() - began)
