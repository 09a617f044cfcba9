"""What a choice costs, added up from the wave itself in whole minor units, and whether it keeps every limit.

Shares nothing with the search, so that a mistake there shows here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from doorstep.money import Money
from doorstep.wave import Pool, Wave, WaveOption, WaveOrder
from doorstep.wave_plan import PoolUse

type Taken = Mapping[str, WaveOption]
"""By order id, the offer that it takes; orders of vans and of nobody are not in it."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What carriers get and what is lost with them, in minor units.

    Attributes
    ----------
    offers_minor
        Prices, and broken promises times their chance.
    undelivered_minor
        Of orders that nobody takes, where they have a price.
    pools
        In the wave's order.
    """

    offers_minor: int
    undelivered_minor: int
    pools: tuple[PoolUse, ...]

    @property
    def total_minor(self) -> int:
        """With discounts and missed commitments."""
        pools = sum(use.shortfall.minor - use.discount.minor for use in self.pools)
        return self.offers_minor + self.undelivered_minor + pools


def bill(wave: Wave, taken: Taken, on_vans: frozenset[str]) -> Bill:
    """Add up a choice."""
    offers = sum(order.expected_minor(taken[order.id]) for order in wave.orders if order.id in taken)
    nobody = [order for order in wave.orders if order.id not in taken and order.id not in on_vans]
    undelivered = sum(order.undelivered.minor for order in nobody if order.undelivered)
    return Bill(offers, undelivered, tuple(_use(wave, pool, taken) for pool in wave.pools))


def broken_limits(wave: Wave, taken: Taken, on_vans: frozenset[str]) -> Iterator[str]:
    """Everything that a choice must not do, in words; nothing where it may be taken."""
    by_id = {order.id: order for order in wave.orders}
    for order_id, option in taken.items():
        order = by_id[order_id]
        if order_id in on_vans:
            yield f"{order_id} is taken twice"
        if option not in order.options:
            yield f"{order_id} has no offer {option.id}"
        if not order.may_take(option):
            yield f"{order_id} comes too late with {option.id}"
    for pool, use in zip(wave.pools, bill(wave, taken, on_vans).pools, strict=True):
        if pool.most is not None and use.parcels > pool.most:
            yield f"{pool.id} gets {use.parcels} parcels of {pool.most}"
        if pool.most_spent is not None and use.spent > pool.most_spent:
            yield f"{pool.id} gets {use.spent} of {pool.most_spent}"


def _use(wave: Wave, pool: Pool, taken: Taken) -> PoolUse:
    counted = [(order, taken[order.id]) for order in wave.orders if _counts(pool, order, taken)]
    parcels = sum(order.parcels for order, _ in counted)
    missing = max(0, pool.least - parcels)
    return PoolUse(
        pool.id,
        parcels,
        spent=Money(sum(option.price.minor for _, option in counted), wave.currency),
        discount=Money(pool.discount_minor(parcels), wave.currency),
        shortfall=Money(missing * (pool.shortfall.minor if pool.shortfall else 0), wave.currency),
    )


def _counts(pool: Pool, order: WaveOrder, taken: Taken) -> bool:
    return order.id in taken and pool.counts(taken[order.id].key)
