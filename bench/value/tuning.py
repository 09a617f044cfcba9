"""Tune the merchant's numbers on worlds of their own, and look at others with what was found."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import add

from bench.value.ledger import Ledger
from bench.value.shop import Policy, Shop
from bench.value.world import CURRENCY, Terms, World
from doorstep.dispatch_rules import DispatchRules, DispatchStrategy, StackRules
from doorstep.money import Money
from doorstep.quote import RankingWeights

LOWEST_PRICE = Policy(DispatchRules(DispatchStrategy.CHEAPEST))


@dataclass(frozen=True, slots=True)
class Setting:
    """The numbers of the merchant who books the best value.

    Attributes
    ----------
    miss_cost
        Minor units; None goes by the score.
    reliability
        Weight beside a price of weight one, where it goes by the score.
    most_stops, longest_wait_min, spare_min
        As in `StackRules`; one stop books everything at once.
    """

    miss_cost: int | None = 900
    reliability: float = 0.0
    most_stops: int = 4
    longest_wait_min: int = 45
    spare_min: int = 25

    @property
    def policy(self) -> Policy:
        """The settings of the gateway that say so."""
        miss = None if self.miss_cost is None else Money(self.miss_cost, CURRENCY)
        weights = RankingWeights(price=1.0, speed=0.0, reliability=self.reliability, emissions=0.0)
        return Policy(
            DispatchRules(miss_cost=miss),
            RankingWeights() if miss is not None else weights,
            StackRules(self.most_stops, self.longest_wait_min * 60, self.spare_min * 60),
        )


type Stage = Sequence[Callable[[Setting], Setting]]
"""What is changed in a setting, each by itself."""


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
        """Half of the worlds and a third of the days, for the sensitivity table."""
        return replace(
            self,
            days=max(1, self.days // 3),
            tuning=self.tuning[: max(1, len(self.tuning) // 2)],
            reported=self.reported[: max(1, len(self.reported) // 2)],
        )


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the report: a world, and the numbers that are tried in it.

    Attributes
    ----------
    stages
        One after the other; in each its changes are tried beside what was best by then.
    start
        What everything stands at in the beginning.
    """

    name: str
    terms: Terms
    plan: Plan
    stages: Sequence[Stage]
    start: Setting = field(default_factory=Setting)

    @property
    def most_runs(self) -> int:
        """How many runs of one merchant through one world it takes at most."""
        tried = sum(len(stage) for stage in self.stages)
        return (1 + tried) * len(self.plan.tuning) + 2 * len(self.plan.reported)


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

    setting: Setting
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


type Perform = Callable[[Sequence[Job]], Sequence[Sequence[Ledger]]]
"""Jobs -> what came of each, in their order."""


def study(case: Case, perform: Perform) -> Found:
    """Tune, then look at the worlds that are reported."""
    setting = _tuned(case, perform)
    rows = perform(_jobs(case, case.plan.reported, setting.policy, LOWEST_PRICE))
    value, baseline = (_sum(ledgers) for ledgers in zip(*rows, strict=True))
    return Found(setting, value, baseline, [ours.cost / theirs.cost for ours, theirs in rows])


def run_job(job: Job) -> Sequence[Ledger]:
    """What each merchant comes to in this world."""
    world = World(job.seed, job.days, job.orders_a_day, job.terms)
    return [asyncio.run(Shop(world, policy).run()) for policy in job.policies]


def _tuned(case: Case, perform: Perform) -> Setting:
    """The best of all that is tried."""
    [baseline] = _sums(case, perform, [LOWEST_PRICE])
    known: dict[Setting, Ledger] = {}
    best = case.start
    for stage in case.stages:
        unknown = [one for change in stage if (one := change(best)) not in known]
        known.update(zip(unknown, _sums(case, perform, [one.policy for one in unknown]), strict=True))
        best = _best(known, baseline)
    return best


def _best(tried: Mapping[Setting, Ledger], baseline: Ledger) -> Setting:
    """The cheapest that is on time as often as the baseline; the most punctual where none is."""
    punctual = [one for one, ledger in tried.items() if ledger.on_time >= baseline.on_time]
    if punctual:
        return min(punctual, key=lambda one: tried[one].cost)
    return max(tried, key=lambda one: tried[one].on_time)


def _sums(case: Case, perform: Perform, policies: Sequence[Policy]) -> Sequence[Ledger]:
    """Over the worlds to tune on."""
    if not policies:
        return ()
    rows = perform(_jobs(case, case.plan.tuning, *policies))
    return [_sum(ledgers) for ledgers in zip(*rows, strict=True)]


def _jobs(case: Case, seeds: Sequence[int], *policies: Policy) -> Sequence[Job]:
    plan = case.plan
    return [Job(seed, plan.days, plan.orders_a_day, case.terms, policies) for seed in seeds]


def _sum(ledgers: Sequence[Ledger]) -> Ledger:
    return reduce(add, ledgers, Ledger())
