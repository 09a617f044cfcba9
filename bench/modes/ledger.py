"""What a plan costs and whether it may be done, counted from the wave without the chooser's code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from doorstep.ports.planning import RoadEngine
from doorstep.route_solution import RouteSolution
from doorstep.wave import Pool, TierKind, Wave, WaveOption, WaveOrder
from optimizer.routes.checker import check
from optimizer.routes.travel import travel_of


class WrongPlan(Exception):
    """A plan that breaks a rule: whatever it costs, it does not count."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who takes what: offers by order id, and tours."""

    taken: Mapping[str, WaveOption]
    routes: RouteSolution | None = None

    @property
    def on_vans(self) -> list[str]:
        """Ids of orders on tours, as often as they are there."""
        return [name for route in (self.routes.routes if self.routes else ()) for name in route.visit_ids]


@dataclass(frozen=True, slots=True)
class Account:
    """Parts of the cost in minor units, and how many orders go which way."""

    vans_minor: int
    prices_minor: int
    discounts_minor: int
    shortfalls_minor: int
    broken_minor: float
    undelivered_minor: int
    by_van: int
    by_carrier: int
    by_nobody: int

    @property
    def total_minor(self) -> float:
        """What the day costs."""
        paid = self.vans_minor + self.prices_minor - self.discounts_minor + self.shortfalls_minor
        return paid + self.broken_minor + self.undelivered_minor


async def account(wave: Wave, plan: Plan, roads: RoadEngine) -> Account:
    """Check a plan and add it up.

    Raises
    ------
    WrongPlan
        If it breaks a rule.
    """
    orders = {order.id: order for order in wave.orders}
    _each_once(orders, plan)
    await _tours_hold(wave, plan, roads)
    broken = sum(12_00 * wave.van_late_chance for name in plan.on_vans if name in orders)
    for name, option in plan.taken.items():
        order = orders[name]
        is_too_late = order.due and option.arrives_by and option.arrives_by > order.due
        broken += 12_00 * (1.0 if is_too_late else option.late_chance or 0.0)
    nobody = orders.keys() - plan.taken.keys() - set(plan.on_vans)
    discounts, shortfalls = zip((0, 0), *(_pool(wave, pool, plan) for pool in wave.pools), strict=True)
    return Account(
        vans_minor=plan.routes.cost_minor if plan.routes else 0,
        prices_minor=sum(option.price.minor for option in plan.taken.values()),
        discounts_minor=sum(discounts),
        shortfalls_minor=sum(shortfalls),
        broken_minor=broken,
        undelivered_minor=60_00 * len(nobody),
        by_van=len(plan.on_vans),
        by_carrier=len(plan.taken),
        by_nobody=len(nobody),
    )


def _each_once(orders: Mapping[str, WaveOrder], plan: Plan) -> None:
    times = Counter([*plan.taken, *plan.on_vans])
    if twice := [name for name, count in times.items() if count > 1]:
        raise WrongPlan(f"{twice[0]} is taken twice")
    if unknown := times.keys() - orders.keys():
        raise WrongPlan(f"{unknown} are no orders")
    for name, option in plan.taken.items():
        if not any(option is offered for offered in orders[name].options):
            raise WrongPlan(f"{name} was not offered {option.id}")


async def _tours_hold(wave: Wave, plan: Plan, roads: RoadEngine) -> None:
    if plan.routes is None or wave.fleet is None:
        return
    violations = check(wave.fleet, await travel_of(wave.fleet, roads), plan.routes)
    if violations:
        raise WrongPlan(f"tours: {violations[0]}")


def _pool(wave: Wave, pool: Pool, plan: Plan) -> tuple[int, int]:
    """(discount, shortfall) of a pool whose limits hold."""
    parcels = spent = 0
    for order in wave.orders:
        option = plan.taken.get(order.id)
        if option is not None and _is_of(pool, option):
            parcels += order.parcels
            spent += option.price.minor
    if pool.most is not None and parcels > pool.most:
        raise WrongPlan(f"{pool.id} gets {parcels} of {pool.most}")
    if pool.most_spent is not None and spent > pool.most_spent.minor:
        raise WrongPlan(f"{pool.id} gets {spent} of {pool.most_spent}")
    discount = 0
    # Parcel by parcel: slow, and hard to get wrong.
    for number in range(1, parcels + 1):
        deciding = parcels if pool.tier_kind is TierKind.ALL_UNITS else number
        discount += max((tier.off.minor for tier in pool.tiers if tier.from_parcel <= deciding), default=0)
    each = pool.shortfall.minor if pool.shortfall else 0
    return discount, each * max(0, pool.least - parcels)


def _is_of(pool: Pool, option: WaveOption) -> bool:
    wanted = ((pool.carriers, option.carrier), (pool.modes, option.mode), (pool.pickups, option.pickup_at))
    return all(not names or value in names for names, value in wanted)
