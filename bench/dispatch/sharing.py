"""Sharing: batches are divided among processes, each with a database of its own."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.queues import Queue
from queue import Empty

import structlog

from bench.dispatch.batch import BATCH, Outcome, run_batch
from bench.premises import bench_house
from gateway.cli.running import run

LOOK_EVERY_S = 2.0
"""How often it is looked whether the processes live, while they say nothing."""

SEEDS_APART = 1_000_003
"""Between the seeds of two whole runs."""


@dataclass(frozen=True, slots=True)
class Share:
    """Every `of`-th batch of a whole run of so many orders, from `number` on."""

    runs: int
    seed: int
    number: int
    of: int


def perform(shares: Sequence[Share]) -> Iterator[Outcome]:
    """What comes of the batches, as they end.

    Raises
    ------
    RuntimeError
        If a process ended before its share was done.
    """
    context = get_context("spawn")
    outcomes: Queue[Outcome | None] = context.Queue()
    workers = [context.Process(target=_work, args=(share, outcomes), daemon=True) for share in shares]
    for worker in workers:
        worker.start()
    working = len(workers)
    try:
        while working:
            try:
                outcome = outcomes.get(timeout=LOOK_EVERY_S)
            except Empty:
                if any(worker.exitcode for worker in workers):
                    raise RuntimeError("a process has ended before its share was done") from None
                continue
            if outcome is None:
                working -= 1
            else:
                yield outcome
    finally:
        for worker in workers:
            if working:
                worker.terminate()
            worker.join()


def _work(share: Share, outcomes: Queue[Outcome | None]) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    run(lambda: _perform(share, outcomes))
    outcomes.put(None)


async def _perform(share: Share, outcomes: Queue[Outcome | None]) -> None:
    async with bench_house(is_durable=False) as house:
        # To look for garbage again and again would be a tenth of all work; between batches there is little.
        gc.freeze()
        gc.disable()
        firsts = range(0, share.runs, BATCH)
        for number in range(share.number, len(firsts), share.of):
            began = time.process_time()
            count = min(BATCH, share.runs - firsts[number])
            outcome = await run_batch(house, count, share.seed * SEEDS_APART + number)
            gc.collect()
            outcome.counts.update(Counter(cpu_us=round(1e6 * (time.process_time() - began))))
            outcomes.put(outcome)
