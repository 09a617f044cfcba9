"""What the vans take: every order is offered to them for what it would cost elsewhere.

The prize of an order is what the carriers' part would save without it: its cheapest offer, with what the room
is worth that it takes. The planner leaves out what costs more than its prize. What the vans take changes what
room is worth, so both are asked in turn, while that saves something.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from doorstep.money import Money
from doorstep.ports.planning import RoadEngine, RoutePlanner
from doorstep.route import PlanProgress
from doorstep.route_problem import GivenRoute, RouteProblem
from doorstep.route_solution import (
    EngineStep,
    PlannedRoute,
    RouteSolution,
    UnassignedCode,
    UnassignedReason,
    UnassignedVisit,
)
from doorstep.visit import Visit
from doorstep.wave import Wave
from optimizer.modes.book import Book
from optimizer.modes.carriers import CarrierChoice, choose_carriers

_CARRIERS_SHARE = 0.12
"""Of the time, for each choice among carriers."""

_CARRIERS_LEAST = 0.03
"""Of the time, even if the planner took all of it."""

_ROUNDS = (0.5, 0.6, 0.9)
"""Of the time that is left, for the planner's rounds: the later ones start from the best tours so far."""

_FULL_SHARE = 0.08
"""Of the time, for tours as full as they can be: the start where no van would leave for one order."""

_FULL_TIMES = 20
"""So many times its prize an order counts there, so that vans leave; the dearest elsewhere go first."""

_WORTH_A_ROUND = 0.1
"""Less than this share of all time is not worth asking the planner again."""

_MOST_DROPS = 4
"""Tours that are tried to be given up as a whole; each asks the carriers again."""


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Who takes what, as it was found.

    Attributes
    ----------
    rest
        Numbers of the wave's orders that the vans leave.
    cost
        Of everything, in minor units, with fines for what nobody takes.
    """

    carriers: CarrierChoice
    rest: NDArray[np.intp]
    cost: float
    routes: RouteSolution | None = None


class VanRounds:
    """A wave's way from carriers alone to the best split with the vans."""

    def __init__(
        self, wave: Wave, book: Book, planner: RoutePlanner, roads: RoadEngine, budget_s: float, seed: int
    ) -> None:
        self._wave, self._book, self._planner, self._roads = wave, book, planner, roads
        self._began, self._budget_s, self._seed = monotonic(), budget_s, seed
        self._numbers = {order.id: number for number, order in enumerate(wave.orders)}
        # What is fetched on the tour for an order, by the visit that fetches it.
        visits = wave.fleet.visits if wave.fleet else ()
        self._companions = {
            visit.from_visit: visit.id for visit in visits if visit.from_visit and visit.id in self._numbers
        }
        # What a round takes beside the planner's time: carriers, and whatever the planner is over it.
        self._beside_s = 0.0
        self.steps: list[EngineStep] = []

    async def best(self) -> Split:
        """The cheapest split that the rounds found."""
        everything = np.arange(len(self._wave.orders))
        if self._wave.fleet is None or not self._wave.fleet.vans:
            return await self._with_carriers(everything, None, 0.97)
        alone = await self._with_carriers(everything, None, _CARRIERS_SHARE)
        prizes = self._prizes(alone)
        best = await self._full(self._wave.fleet, prizes)
        for share in _ROUNDS:
            if best is not None and self._left_s() - self._beside_s < _WORTH_A_ROUND * self._budget_s:
                break
            split = await self._round(self._wave.fleet, prizes, best, share)
            best = split if best is None or split.cost < best.cost else best
            # Half way, so that orders do not swing to and fro between vans and a pool that is full.
            prizes = (prizes + self._prizes(split)) / 2
        best = await self._drop_dear_tours(best or alone)
        return best if best.cost <= alone.cost or not self._may_leave_all() else alone

    async def _full(self, fleet: RouteProblem, prizes: NDArray[np.float64]) -> Split | None:
        """Tours as full as they can be: searches add stops one by one, and none is worth a van of its own.

        None where that is no start, since drivers were told tours.
        """
        if fleet.given or not any(van.fixed_cost_minor for van in fleet.vans):
            return None
        return await self._round(fleet, prizes * _FULL_TIMES, None, _FULL_SHARE)

    def _may_leave_all(self) -> bool:
        """Whether it is a plan as well that no van leaves at all: nobody was told or has to be driven to."""
        fleet = self._wave.fleet
        visits = fleet.visits if fleet else ()
        if fleet is not None and fleet.given:
            return False
        known = self._numbers.keys() | self._companions.keys()
        return all(visit.id in known for visit in visits) and all(
            self._has_other(number) for number in self._numbers.values()
        )

    async def _round(
        self, fleet: RouteProblem, prizes: NDArray[np.float64], before: Split | None, share: float
    ) -> Split:
        """Vans with these prizes, and carriers for what they leave."""
        began = monotonic()
        problem = self._priced(fleet, prizes)
        if before is not None and before.routes is not None and not fleet.given:
            told = (GivenRoute(route.van_id, route.visit_ids) for route in before.routes.routes)
            # Nobody was told of them: leaving one costs nothing.
            problem = replace(problem, given=tuple(told), stability=0.0)
        budget_s = max(0.1, share * (self._left_s() - self._beside_s))
        routes = await self._planner.plan(
            problem,
            self._roads,
            budget_s=budget_s,
            seed=self._seed,
            on_progress=_unseen,
        )
        if not fleet.given:
            # Nobody was told the tours that the search started from.
            routes = replace(routes, moved=0)
        split = await self._with_carriers(self._left_by(routes), routes, _CARRIERS_SHARE)
        why = f"{len(self._numbers) - len(split.rest)} orders are cheaper by van"
        took_s = monotonic() - began
        self._beside_s = max(0.0, took_s - budget_s)
        self.steps.append(EngineStep("vans", why, took_s, round(split.cost)))
        return split

    async def _drop_dear_tours(self, best: Split) -> Split:
        """Give up whole tours that cost more than their orders elsewhere: a search drops stops singly."""
        for _ in range(_MOST_DROPS):
            dearest = self._dearest_tour(best)
            if dearest is None or best.routes is None or self._left_s() <= 0:
                return best
            elsewhere = round(self._worth(dearest, self._prizes(best)))
            routes = _without(best.routes, dearest, Money(elsewhere, self._wave.currency))
            split = await self._with_carriers(self._left_by(routes), routes, _CARRIERS_SHARE)
            if split.cost >= best.cost - 0.5:
                return best
            best = split
        return best

    def _dearest_tour(self, split: Split) -> PlannedRoute | None:
        """The tour that would save most; None where each is worth its cost or carries what must go by van."""
        prizes = self._prizes(split)
        savings = [
            (route.cost_minor - self._worth(route, prizes), route)
            for route in (split.routes.routes if split.routes else ())
            if self._may_go(route)
        ]
        saving, route = max(savings, key=lambda one: one[0], default=(0.0, None))
        return route if saving > 0 else None

    def _may_go(self, route: PlannedRoute) -> bool:
        """Whether it carries nothing but orders that others take too, and its driver was not told of it."""
        fleet = self._wave.fleet
        told = {given.van_id for given in fleet.given} if fleet else set()
        return route.van_id not in told and all(
            name in self._companions or (name in self._numbers and self._has_other(self._numbers[name]))
            for name in route.visit_ids
        )

    def _worth(self, route: PlannedRoute, prizes: NDArray[np.float64]) -> float:
        return sum(float(prizes[self._numbers[name]]) for name in route.visit_ids if name in self._numbers)

    async def _with_carriers(
        self, rest: NDArray[np.intp], routes: RouteSolution | None, share: float
    ) -> Split:
        within_s = max(min(share * self._budget_s, self._left_s()), _CARRIERS_LEAST * self._budget_s)
        deadline_s = monotonic() + within_s
        book = self._book.of_orders(rest)
        carriers = await asyncio.to_thread(choose_carriers, book, deadline_s, self._seed)
        self.steps += carriers.steps
        return Split(carriers, rest, carriers.cost + self._tours_cost(rest, routes), routes)

    def _tours_cost(self, rest: NDArray[np.intp], routes: RouteSolution | None) -> float:
        """Of tours, of what may come late on them, and of visits without an order that they leave out."""
        if routes is None:
            return 0.0
        driven = np.setdiff1d(np.arange(len(self._wave.orders)), rest)
        late = float(self._late_costs()[driven].sum())
        visits = {visit.id: visit for visit in self._wave.fleet.visits} if self._wave.fleet else {}
        left_out = 0.0
        for visit_id in (one.visit_id for one in routes.unassigned):
            if visit_id not in self._numbers and visit_id not in self._companions:
                cost = visits[visit_id].skip_cost_minor
                left_out += self._book.last_resort if cost is None else cost
        return routes.cost_minor + late + left_out

    def _late_costs(self) -> NDArray[np.float64]:
        """What coming late by van is expected to cost, by order."""
        broken = [order.broken_promise.minor if order.broken_promise else 0 for order in self._wave.orders]
        return np.array(broken, np.float64) * self._wave.van_late_chance

    def _prizes(self, split: Split) -> NDArray[np.float64]:
        """What a van may cost for each order at most, in minor units."""
        worth = self._book.reduced(split.carriers.prices).min(axis=1, initial=np.inf)
        return np.maximum(worth - self._late_costs(), 0.0)

    def _priced(self, fleet: RouteProblem, prizes: NDArray[np.float64]) -> RouteProblem:
        """The fleet's problem with what leaving each order out costs."""
        visits = tuple(
            visit
            if (order_id := self._companions.get(visit.id, visit.id)) not in self._numbers
            else replace(visit, skip_cost_minor=self._skip_cost(visit, self._numbers[order_id], prizes))
            for visit in fleet.visits
        )
        return replace(fleet, visits=visits)

    def _skip_cost(self, visit: Visit, number: int, prizes: NDArray[np.float64]) -> int | None:
        """An order's prize; None where nobody else can take it. What is fetched for it costs nothing more."""
        if not self._has_other(number):
            return None
        return 0 if visit.id in self._companions else round(float(prizes[number]))

    def _has_other(self, number: int) -> bool:
        """Whether an order may be left to a carrier, or left out for a price."""
        book = self._book
        return bool(book.fines[number] == 0 or np.isfinite(book.cost[number, :-1]).any())

    def _left_by(self, routes: RouteSolution) -> NDArray[np.intp]:
        driven = _driven(routes.routes)
        return np.array([number for name, number in self._numbers.items() if name not in driven], np.intp)

    def _left_s(self) -> float:
        return self._began + self._budget_s - monotonic()


def _driven(routes: Sequence[PlannedRoute]) -> frozenset[str]:
    return frozenset(name for route in routes for name in route.visit_ids)


def _without(routes: RouteSolution, dropped: PlannedRoute, elsewhere: Money) -> RouteSolution:
    """The tours without one, whose orders others take."""
    text = (
        f"{dropped.van_id}'s tour would cost {Money(dropped.cost_minor, elsewhere.currency)}, and its orders "
        f"cost {elsewhere} elsewhere."
    )
    reason = UnassignedReason(UnassignedCode.TOO_COSTLY, text, dropped.van_id)
    left = tuple(route for route in routes.routes if route is not dropped)
    return replace(
        routes,
        routes=left,
        unassigned=(*routes.unassigned, *(UnassignedVisit(name, (reason,)) for name in dropped.visit_ids)),
        cost_minor=sum(route.cost_minor for route in left),
        soft=tuple(one for one in routes.soft if one.van_id != dropped.van_id),
    )


def _unseen(progress: PlanProgress) -> None:
    """Nobody looks at the progress of a round."""
