"""The two plain policies, and the chooser, on the same wave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bench.modes.ledger import Plan
from doorstep.ports.planning import RoadEngine, RoutePlanner
from doorstep.route import PlanProgress
from doorstep.route_solution import RouteSolution, UnassignedCode, UnassignedReason, UnassignedVisit
from doorstep.wave import Wave, WaveOption, WaveOrder
from doorstep.wave_plan import WavePlan
from optimizer.modes import WaveChooser


@dataclass(frozen=True, slots=True)
class Means:
    """What every policy plans with."""

    planner: RoutePlanner
    roads: RoadEngine
    seconds: float
    seed: int

    async def tours(self, wave: Wave, names: Iterable[str]) -> RouteSolution | None:
        """Tours with as many of these orders as the vans can take; None without vans."""
        if wave.fleet is None:
            return None
        wanted = frozenset(names)
        visits = tuple(visit for visit in wave.fleet.visits if visit.id in wanted)
        return await self.planner.plan(
            replace(wave.fleet, visits=visits),
            self.roads,
            budget_s=self.seconds,
            seed=self.seed,
            on_progress=_unseen,
        )


class Room:
    """What is left in the pools of a wave while orders come one after the other."""

    def __init__(self, wave: Wave) -> None:
        self._wave = wave
        self._parcels: Counter[str] = Counter()
        self._spent: Counter[str] = Counter()

    def cheapest(self, order: WaveOrder) -> WaveOption | None:
        """The lowest price that keeps the promise and has room; it is not taken yet."""
        in_time = [option for option in order.options if order.late_chance(option) < 1]
        for option in sorted(in_time, key=lambda one: (one.price, one.id)):
            if all(
                (pool.most is None or self._parcels[pool.id] + order.parcels <= pool.most)
                and (
                    pool.most_spent is None
                    or self._spent[pool.id] + option.price.minor <= pool.most_spent.minor
                )
                for pool in self._wave.pools
                if pool.counts(option.key)
            ):
                return option
        return None

    def take(self, order: WaveOrder, option: WaveOption) -> None:
        """Use the room that an offer needs."""
        for pool in self._wave.pools:
            if pool.counts(option.key):
                self._parcels[pool.id] += order.parcels
                self._spent[pool.id] += option.price.minor


def carriers_only(wave: Wave) -> Plan:
    """The cheapest quote each, among carriers."""
    return Plan(_taken_in_turn(wave, frozenset()))


async def cheapest_each(wave: Wave, means: Means, van_minor: int) -> Plan:
    """The cheapest quote each, the own vans in the list at a fixed price."""
    room = Room(wave)
    to_vans, taken = [], {}
    for order in wave.orders:
        option = room.cheapest(order)
        if option is None or option.price.minor > van_minor:
            to_vans.append(order.id)
        else:
            room.take(order, option)
            taken[order.id] = option
    routes = await means.tours(wave, to_vans)
    driven = _driven(routes)
    for order in wave.orders:
        if order.id not in taken and order.id not in driven and (option := room.cheapest(order)):
            room.take(order, option)
            taken[order.id] = option
    return _plan(wave, taken, routes)


async def fleet_first(wave: Wave, means: Means) -> Plan:
    """As much as the vans can take, and the cheapest quote for each of the others."""
    routes = await means.tours(wave, [order.id for order in wave.orders])
    return _plan(wave, _taken_in_turn(wave, _driven(routes)), routes)


async def chosen(wave: Wave, means: Means) -> tuple[Plan, WavePlan]:
    """What the chooser makes of it, as a plan for the ledger and as it told it."""
    chooser = WaveChooser(means.planner)
    told = await chooser.choose(wave, means.roads, budget_s=means.seconds, seed=means.seed)
    options = {(order.id, option.id): option for order in wave.orders for option in order.options}
    taken = {
        choice.order_id: options[choice.order_id, choice.option_id]
        for choice in told.choices
        if choice.option_id
    }
    return Plan(taken, told.routes), told


def _taken_in_turn(wave: Wave, driven: frozenset[str]) -> dict[str, WaveOption]:
    room, taken = Room(wave), {}
    for order in wave.orders:
        if order.id not in driven and (option := room.cheapest(order)):
            room.take(order, option)
            taken[order.id] = option
    return taken


def _driven(routes: RouteSolution | None) -> frozenset[str]:
    return frozenset(name for route in (routes.routes if routes else ()) for name in route.visit_ids)


def _plan(wave: Wave, taken: dict[str, WaveOption], routes: RouteSolution | None) -> Plan:
    """A plan whose tours know of every order of the wave: whom a carrier takes the vans leave."""
    if routes is None or wave.fleet is None:
        return Plan(taken)
    known = _driven(routes) | {visit.visit_id for visit in routes.unassigned}
    left = tuple(
        UnassignedVisit(name, (UnassignedReason(UnassignedCode.OTHER, "A carrier takes it."),))
        for name in taken
        if name not in known
    )
    return Plan(taken, replace(routes, unassigned=(*routes.unassigned, *left)))


def _unseen(progress: PlanProgress) -> None:
    """Nobody looks at the progress of a day."""
