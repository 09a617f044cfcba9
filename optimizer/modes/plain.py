"""The floor: orders choose one after the other, and nobody looks ahead."""

from __future__ import annotations

from collections import Counter

from doorstep.wave import Wave, WaveOption
from optimizer.modes.billing import Taken


def first_come(wave: Wave, on_vans: frozenset[str]) -> Taken:
    """Every order takes the cheapest offer that still has room, one after the other."""
    taken: dict[str, WaveOption] = {}
    parcels: Counter[str] = Counter()
    spent: Counter[str] = Counter()
    for order in (order for order in wave.orders if order.id not in on_vans):
        able = (option for option in order.options if order.may_take(option))
        for option in sorted(able, key=order.expected_minor):
            pools = [pool for pool in wave.pools if pool.counts(option.key)]
            if all(
                (pool.most is None or parcels[pool.id] + order.parcels <= pool.most)
                and (pool.most_spent is None or spent[pool.id] + option.price.minor <= pool.most_spent.minor)
                for pool in pools
            ):
                taken[order.id] = option
                parcels.update({pool.id: order.parcels for pool in pools})
                spent.update({pool.id: option.price.minor for pool in pools})
                break
    return taken
