"""Tune on worlds of their own, report on others, and both again where the world is otherwise."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench.value.cases import cases
from bench.value.ledger import Ledger
from bench.value.tuning import Case, Found, Job, Plan, Setting, run_job, study

DAYS_A_MONTH = 30
TUNING_SEEDS_FROM = 1000
"""Worlds for tuning have seeds above this; those that are reported have theirs below."""

PLAIN_WIDTH = 150
"""Of the table where nobody sits before a terminal, characters."""


def main(arguments: Sequence[str]) -> dict[str, object]:
    """Simulate and count; the keys are explained in the description of this package and in `_figures`."""
    options = _options(arguments)
    tuning_from = TUNING_SEEDS_FROM + options.seed
    plan = Plan(
        days=options.days or options.months * DAYS_A_MONTH,
        orders_a_day=options.orders,
        tuning=range(tuning_from, tuning_from + options.tuning_worlds),
        reported=range(options.seed, options.seed + options.worlds),
    )
    chosen = cases(plan) if options.sensitivity else cases(plan)[:1]
    console = Console(stderr=True, width=None if sys.stderr.isatty() else PLAIN_WIDTH)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    found: list[Found] = []
    with _pool(options.workers) as perform_all, Progress(*columns, console=console) as progress:
        task = progress.add_task("simulating", total=sum(case.most_runs for case in chosen))

        def perform(jobs: Sequence[Job]) -> Sequence[Sequence[Ledger]]:
            done = []
            for ledgers in perform_all(jobs):
                done.append(ledgers)
                progress.advance(task, len(ledgers))
            return done

        for case in chosen:
            progress.update(task, description=case.name)
            found.append(study(case, perform))
            progress.console.print(f"{case.name}: {found[-1].cost_ratio:.4f}", highlight=False)
    console.print(_table(chosen, found))
    return _figures(plan, chosen, found)


@contextmanager
def _pool(workers: int) -> Iterator[Callable[[Sequence[Job]], Iterator[Sequence[Ledger]]]]:
    """Worlds side by side, in processes of their own; in this one for a single worker."""
    if workers == 1:
        yield lambda jobs: map(run_job, jobs)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield lambda jobs: pool.map(run_job, jobs)


def _figures(plan: Plan, cases: Sequence[Case], found: Sequence[Found]) -> dict[str, object]:
    main_case = found[0]
    setting = main_case.setting
    return {
        "cost_ratio": round(main_case.cost_ratio, 4),
        "on_time_difference": round(main_case.on_time_difference, 5),
        "cost_ratio_by_seed": [round(ratio, 4) for ratio in main_case.ratios],
        "stacked": main_case.value.per_order()["stacked"],
        "miss_cost": setting.miss_cost,
        "most_stops": setting.most_stops,
        "longest_wait_min": setting.longest_wait_min,
        "spare_min": setting.spare_min,
        "days": plan.days,
        "orders": main_case.value.orders,
        "tuning_seeds": list(plan.tuning),
        "reported_seeds": list(plan.reported),
        "best_value": main_case.value.per_order(),
        "lowest_price": main_case.baseline.per_order(),
        "sensitivity": {
            case.name: {
                "cost_ratio": round(one.cost_ratio, 4),
                "on_time_difference": round(one.on_time_difference, 5),
                "stacked": one.value.per_order()["stacked"],
            }
            for case, one in zip(cases[1:], found[1:], strict=True)
        },
    }


def _table(cases: Sequence[Case], found: Sequence[Found]) -> Table:
    table = Table(title="Best value against lowest price with reassign")
    table.add_column("world", no_wrap=True)
    for heading in ("tuned", "stacked", "cost", "than", "ratio", "on time", "than"):
        table.add_column(heading, justify="right", no_wrap=True)
    for case, one in zip(cases, found, strict=True):
        table.add_row(
            case.name,
            _tuned_numbers(one.setting),
            f"{one.value.stacked / one.value.orders:.0%}",
            f"{one.value.cost / one.value.orders / 100:.2f}",
            f"{one.baseline.cost / one.baseline.orders / 100:.2f}",
            f"{one.cost_ratio:.3f}",
            f"{one.value.on_time_share:.2%}",
            f"{one.baseline.on_time_share:.2%}",
        )
    return table


def _tuned_numbers(setting: Setting) -> str:
    """What a miss costs or reliability weighs; doors, minutes of waiting and to spare where it stacks."""
    first = f"w {setting.reliability:g}" if setting.miss_cost is None else f"{setting.miss_cost / 100:.2f}"
    stacks = f" {setting.most_stops}/{setting.longest_wait_min}/{setting.spare_min}"
    return first if setting.most_stops == 1 else first + stacks


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench value")
    parser.add_argument(
        "--months", type=int, default=3, help=f"of {DAYS_A_MONTH} days, simulated in each world"
    )
    parser.add_argument("--days", type=int, default=0, help="instead of months")
    parser.add_argument("--orders", type=int, default=40, help="a day, on average")
    parser.add_argument("--seed", type=int, default=1, help="of the first world that is reported")
    parser.add_argument("--worlds", type=int, default=12, help="that are reported")
    parser.add_argument("--tuning-worlds", type=int, default=6, help="of other seeds, to tune on")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument(
        "--sensitivity", action="store_true", help="18 other worlds as well, three times as long"
    )
    options = parser.parse_args(arguments)
    if min(options.months, options.orders, options.worlds, options.tuning_worlds) < 1 or options.days < 0:
        parser.error("--months, --orders, --worlds and --tuning-worlds must be at least 1")
    if options.seed < 1 or options.seed + options.worlds > TUNING_SEEDS_FROM:
        parser.error(f"reported seeds lie between 1 and {TUNING_SEEDS_FROM}, so that none is tuned on")
    return options
