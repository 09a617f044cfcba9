"""Tune on worlds of their own, report on others, and both again where the world is otherwise."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import reduce
from multiprocessing import get_context
from operator import add

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench.value.shop import Ledger, Policy, Shop
from bench.value.world import CURRENCY, Terms, World
from doorstep.dispatch_rules import DispatchRules, DispatchStrategy
from doorstep.money import Money
from doorstep.quote import RankingWeights

DAYS_A_MONTH = 30
TUNING_SEEDS_FROM = 1000
"""Worlds for tuning have seeds above this; those that are reported have theirs below."""

LOWEST_PRICE = Policy(DispatchRules(DispatchStrategy.CHEAPEST))
MISS_COSTS = (0, 300, 600, 900, 1200, 1600, 2400, 3600)
"""What is tried for a miss, minor units."""

SCORE_WEIGHTS = (0.0, 1.0, 2.0, 4.0)
"""What is tried for the weight of reliability beside a price of weight one, where the score decides."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is simulated.

    Attributes
    ----------
    tuning, reported
        Seeds; never the same ones.
    """

    days: int
    orders_a_day: int
    tuning: Sequence[int]
    reported: Sequence[int]

    def smaller(self) -> Plan:
        """Half of the worlds, for the sensitivity table."""
        half = replace(self, tuning=self.tuning[: max(1, len(self.tuning) // 2)])
        return replace(half, reported=self.reported[: max(1, len(self.reported) // 2)])


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the report: a world, and the numbers that are tried in it."""

    name: str
    terms: Terms
    tried: tuple[Policy, ...]
    plan: Plan

    @property
    def runs(self) -> int:
        """How many runs of one merchant through one world it takes."""
        return (len(self.tried) + 1) * len(self.plan.tuning) + 2 * len(self.plan.reported)

    def job(self, seed: int, *policies: Policy) -> Job:
        """These merchants in the world of a seed."""
        return Job(seed, self.plan.days, self.plan.orders_a_day, self.terms, policies)


@dataclass(frozen=True, slots=True)
class Job:
    """Some merchants, one after the other, in one world."""

    seed: int
    days: int
    orders_a_day: int
    terms: Terms
    policies: tuple[Policy, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a case: sums over all reported worlds, and the ratio of costs in each of them."""

    policy: Policy
    value: Ledger
    baseline: Ledger
    ratios: Sequence[float]

    @property
    def cost_ratio(self) -> float:
        """Best value's total over the baseline's."""
        return self.value.cost / self.baseline.cost

    @property
    def on_time_difference(self) -> float:
        """Best value's share on time minus the baseline's."""
        return self.value.on_time_share - self.baseline.on_time_share


PLAIN_WIDTH = 110
"""Of the table where nobody sits before a terminal, characters."""

Perform = Callable[[Sequence[Job]], Sequence[Sequence[Ledger]]]
"""Jobs -> what came of each, in their order."""


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
    cases = _cases(plan) if options.sensitivity else _cases(plan)[:1]
    console = Console(stderr=True, width=None if sys.stderr.isatty() else PLAIN_WIDTH)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    found: list[Found] = []
    with _pool(options.workers) as perform_all, Progress(*columns, console=console) as progress:
        task = progress.add_task("simulating", total=sum(case.runs for case in cases))

        def perform(jobs: Sequence[Job]) -> Sequence[Sequence[Ledger]]:
            done = []
            for ledgers in perform_all(jobs):
                done.append(ledgers)
                progress.advance(task, len(ledgers))
            return done

        for case in cases:
            progress.update(task, description=case.name)
            found.append(_study(case, perform))
            progress.console.print(f"{case.name}: {found[-1].cost_ratio:.4f}", highlight=False)
    console.print(_table(cases, found))
    return _figures(plan, cases, found)


def _cases(plan: Plan) -> Sequence[Case]:
    """The world as described comes first; each of the others differs in one respect."""
    known = Terms()
    tried = tuple(_expecting(miss) for miss in MISS_COSTS)
    scored = tuple(_scoring(weight) for weight in SCORE_WEIGHTS)
    others = {
        "late costs nothing": replace(known, late_cost=0),
        "late costs twice as much": replace(known, late_cost=2 * known.late_cost),
        "late costs four times as much": replace(known, late_cost=4 * known.late_cost),
        "carriers half as different": replace(known, spread=known.spread / 2),
        "carriers all alike": replace(known, spread=0.0),
        "price says nothing of quality": replace(known, price_follows_quality=0.0),
        "price follows quality closely": replace(known, price_follows_quality=0.9),
        "no bad spells": replace(known, has_spells=False),
    }
    return [
        Case("as described", known, tried, plan),
        Case("as described, as the others below", known, tried[::2], plan.smaller()),
        *(Case(name, terms, tried[::2], plan.smaller()) for name, terms in others.items()),
        Case("by score, not expected cost", known, scored, plan.smaller()),
    ]


def _expecting(miss_cost: int) -> Policy:
    return Policy(DispatchRules(miss_cost=Money(miss_cost, CURRENCY)))


def _scoring(reliability: float) -> Policy:
    weights = RankingWeights(price=1.0, speed=0.0, reliability=reliability, emissions=0.0)
    return Policy(DispatchRules(), weights)


def _study(case: Case, perform: Perform) -> Found:
    """Tune, then look at the worlds that are reported."""
    policy = _tuned(case, perform)
    rows = perform([case.job(seed, policy, LOWEST_PRICE) for seed in case.plan.reported])
    value, baseline = (_sum(ledgers) for ledgers in zip(*rows, strict=True))
    return Found(policy, value, baseline, [ours.cost / theirs.cost for ours, theirs in rows])


def _tuned(case: Case, perform: Perform) -> Policy:
    """The cheapest that is on time as often as the baseline; the most punctual where none is."""
    rows = perform([case.job(seed, LOWEST_PRICE, *case.tried) for seed in case.plan.tuning])
    baseline, *sums = (_sum(ledgers) for ledgers in zip(*rows, strict=True))
    tried = list(zip(sums, case.tried, strict=True))
    punctual = [(ledger, policy) for ledger, policy in tried if ledger.on_time >= baseline.on_time]
    if punctual:
        return min(punctual, key=lambda one: one[0].cost)[1]
    return max(tried, key=lambda one: one[0].on_time)[1]


def _sum(ledgers: Sequence[Ledger]) -> Ledger:
    return reduce(add, ledgers, Ledger())


@contextmanager
def _pool(workers: int) -> Iterator[Callable[[Sequence[Job]], Iterator[Sequence[Ledger]]]]:
    """Worlds side by side, in processes of their own; in this one for a single worker."""
    if workers == 1:
        yield lambda jobs: map(_perform, jobs)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield lambda jobs: pool.map(_perform, jobs)


def _perform(job: Job) -> Sequence[Ledger]:
    world = World(job.seed, job.days, job.orders_a_day, job.terms)
    return [asyncio.run(Shop(world, policy).run()) for policy in job.policies]


def _figures(plan: Plan, cases: Sequence[Case], found: Sequence[Found]) -> dict[str, object]:
    main_case = found[0]
    miss = main_case.policy.rules.miss_cost
    return {
        "cost_ratio": round(main_case.cost_ratio, 4),
        "on_time_difference": round(main_case.on_time_difference, 5),
        "cost_ratio_by_seed": [round(ratio, 4) for ratio in main_case.ratios],
        "miss_cost": None if miss is None else miss.minor,
        "days": plan.days,
        "orders": main_case.value.orders,
        "tuning_seeds": list(plan.tuning),
        "reported_seeds": list(plan.reported),
        "best_value": _per_order(main_case.value),
        "lowest_price": _per_order(main_case.baseline),
        "sensitivity": {
            case.name: {
                "cost_ratio": round(one.cost_ratio, 4),
                "on_time_difference": round(one.on_time_difference, 5),
            }
            for case, one in zip(cases[1:], found[1:], strict=True)
        },
    }


def _per_order(ledger: Ledger) -> dict[str, float]:
    """Shares of all orders, and minor units for each of them."""
    count = ledger.orders
    return {
        "cost": round(ledger.cost / count, 2),
        "fares": round(ledger.fares / count, 2),
        "returns_and_support": round((ledger.returns + ledger.support) / count, 2),
        "late_cost": round(ledger.late / count, 2),
        "given_up_cost": round(ledger.given_up / count, 2),
        "on_time": round(ledger.on_time_share, 5),
        "bookings": round(ledger.bookings / count, 4),
        "dropped": round(ledger.dropped / count, 4),
        "called_off": round(ledger.called_off / count, 4),
        "failed": round(ledger.failed / count, 4),
    }


def _table(cases: Sequence[Case], found: Sequence[Found]) -> Table:
    table = Table(title="Best value against lowest price with reassign")
    table.add_column("world", no_wrap=True)
    for heading in ("tuned", "cost", "than", "ratio", "on time", "than"):
        table.add_column(heading, justify="right", no_wrap=True)
    for case, one in zip(cases, found, strict=True):
        table.add_row(
            case.name,
            _tuned_number(one.policy),
            f"{one.value.cost / one.value.orders / 100:.2f}",
            f"{one.baseline.cost / one.baseline.orders / 100:.2f}",
            f"{one.cost_ratio:.3f}",
            f"{one.value.on_time_share:.2%}",
            f"{one.baseline.on_time_share:.2%}",
        )
    return table


def _tuned_number(policy: Policy) -> str:
    miss = policy.rules.miss_cost
    return f"w {policy.weights.reliability:g}" if miss is None else f"{miss.amount}"


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
    parser.add_argument("--no-sensitivity", dest="sensitivity", action="store_false")
    options = parser.parse_args(arguments)
    if min(options.months, options.orders, options.worlds, options.tuning_worlds) < 1 or options.days < 0:
        parser.error("--months, --orders, --worlds and --tuning-worlds must be at least 1")
    if options.seed < 1 or options.seed + options.worlds > TUNING_SEEDS_FROM:
        parser.error(f"reported seeds lie between 1 and {TUNING_SEEDS_FROM}, so that none is tuned on")
    return options
