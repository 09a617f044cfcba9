"""The way in: a wave to who takes each of its orders, and why."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from importlib import import_module

from doorstep.money import Money
from doorstep.ports.planning import RoadEngine, RoutePlanner
from doorstep.route_solution import RouteSolution
from doorstep.wave import Wave
from doorstep.wave_plan import WavePlan
from optimizer.modes.billing import Taken, bill, broken_limits
from optimizer.modes.book import Book
from optimizer.modes.plain import first_come
from optimizer.modes.vans import Split, VanRounds
from optimizer.modes.wording import Wording
from optimizer.modes.zones import MOST_VISITS, ZonedPlanner


class WaveChooser:
    """Chooses own van, courier or parcel for each order (`doorstep.ports.planning.ModeChooser`).

    Parameters
    ----------
    planner
        Of the tours; not asked where a wave has no vans.
    most_in_zone
        Visits that are planned together; larger waves are divided.
    """

    def __init__(self, planner: RoutePlanner, most_in_zone: int = MOST_VISITS) -> None:
        self._planner = ZonedPlanner(planner, most_in_zone)

    async def choose(self, wave: Wave, roads: RoadEngine, *, budget_s: float, seed: int) -> WavePlan:
        """The cheapest way that was found within `budget_s` seconds, checked against every limit.

        Raises
        ------
        DoorstepError
            What the planner and the road engine raise.
        """
        await asyncio.to_thread(_load_solver)
        book = await asyncio.to_thread(Book.of, wave)
        rounds = VanRounds(wave, book, self._planner, roads, budget_s, seed)
        split = await rounds.best()
        plan = await asyncio.to_thread(_plan_of, wave, split)
        return replace(plan, steps=tuple(rounds.steps))


def _load_solver() -> None:
    """Before the clock starts: CP-SAT takes up to seconds to load, and most processes never need it."""
    import_module("ortools.sat.python.cp_model")


def _plan_of(wave: Wave, split: Split) -> WavePlan:
    """The split as it is told, or the floor among carriers should it break a limit."""
    taken: Taken = {
        wave.orders[number].id: wave.orders[number].options[column]
        for number, column in zip(split.rest.tolist(), split.carriers.pick.tolist(), strict=True)
        if column < len(wave.orders[number].options)
    }
    on_vans = frozenset(order.id for order in wave.orders) - {wave.orders[number].id for number in split.rest}
    method = split.carriers.method
    broken = next(broken_limits(wave, taken, on_vans), None)
    if broken is not None:
        taken = first_come(wave, on_vans)
        method = f"Each the cheapest with room, since the choice of {method} was wrong: {broken}"
    billed = bill(wave, taken, on_vans)
    carriers_minor = billed.total_minor
    # Fines for what has no price are in the bound as well: without them both are money.
    fines = split.carriers.cost - carriers_minor
    bound_minor = min(carriers_minor, int(split.carriers.bound - fines))
    return WavePlan(
        choices=Wording(wave, taken, billed.pools, split.routes).choices(),
        cost=Money(carriers_minor + _vans_minor(wave, split.routes, on_vans), wave.currency),
        carriers_cost=Money(carriers_minor, wave.currency),
        carriers_bound=Money(bound_minor, wave.currency),
        pools=billed.pools,
        method=method if split.routes is None else f"Vans: {split.routes.method}. Carriers: {method}",
        routes=split.routes,
    )


def _vans_minor(wave: Wave, routes: RouteSolution | None, on_vans: frozenset[str]) -> int:
    """Tours, and promises that they may break times the chance."""
    late = sum(
        order.broken_promise.minor for order in wave.orders if order.id in on_vans and order.broken_promise
    )
    return (routes.cost_minor if routes else 0) + round(late * wave.van_late_chance)
