"""What is asked for, how far it is, and the figures at the end."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.dispatch.sharing import Share, perform

PLAIN_WIDTH = 110
"""Of lines where nobody sits before a terminal, characters."""

_NO_FAULTS = frozenset({"runs", "not_exactly_one", "two_at_once", "cpu_us"})


def main(arguments: Sequence[str]) -> dict[str, object]:
    """Keys runs, not_exactly_one and two_at_once, and what happened on the way."""
    parser = argparse.ArgumentParser(prog="bench dispatch")
    parser.add_argument("--runs", type=int, default=20_000, help="orders")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    counts = _run(options.runs, options.seed, options.workers)
    happened = {name: count for name, count in counts.items() if name not in _NO_FAULTS}
    return {
        "runs": counts["runs"],
        "not_exactly_one": counts["not_exactly_one"],
        "two_at_once": counts["two_at_once"],
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_ms_per_run": round(counts["cpu_us"] / 1000 / max(1, counts["runs"])),
        **happened,
    }


def _run(runs: int, seed: int, workers: int) -> Counter[str]:
    total: Counter[str] = Counter()
    console = Console(stderr=True, width=None if sys.stderr.isatty() else PLAIN_WIDTH)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    shares = [Share(runs, seed, number, workers) for number in range(workers)]
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("dispatching", total=runs)
        for outcome in perform(shares):
            total.update(outcome.counts)
            progress.advance(task, outcome.counts["runs"])
            for fault in outcome.faults:
                console.print(fault, highlight=False, markup=False)
    return total
