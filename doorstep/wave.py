"""A wave: orders that leave together, and every way of delivering each.

Own vans, couriers and parcel carriers compete for every order. What a carrier asks is known beforehand,
except for discounts that hang on how many parcels it gets; what a van costs hangs on what else is on its
tour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorstep.money import Money
from doorstep.quote import DeliveryMode
from doorstep.route_problem import RouteProblem

type OfferKey = tuple[str, DeliveryMode, datetime | None]
"""What pools tell offers apart by: carrier, mode and when it is fetched."""


class InvalidWave(ValueError):
    """A wave that makes no sense; the message begins with the field, as "pools[Uber].least: …"."""


@dataclass(frozen=True, slots=True)
class WaveOption:
    """A carrier's offer for one order.

    Attributes
    ----------
    id
        The quote's, unique within its order.
    carrier
        Its name, as sentences and pools call it.
    price
        Before volume discounts.
    arrives_by
        The end of what the carrier promises; None where it promises nothing.
    late_chance
        That it is not kept, 0 to 1; None where nobody has counted.
    pickup_at
        When it is fetched, for pools that count by that.
    """

    id: str
    carrier: str
    mode: DeliveryMode
    price: Money
    arrives_by: datetime | None = None
    late_chance: float | None = None
    pickup_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.price.minor < 0:
            raise InvalidWave(f"options[{self.id}].price: must not be negative, got {self.price}")
        if self.late_chance is not None and not 0 <= self.late_chance <= 1:
            raise InvalidWave(f"options[{self.id}].late_chance: must lie in [0, 1], got {self.late_chance}")

    @property
    def key(self) -> OfferKey:
        """What pools know it by."""
        return self.carrier, self.mode, self.pickup_at


@dataclass(frozen=True, slots=True)
class WaveOrder:
    """An order with its offers.

    Attributes
    ----------
    id
        Also that of the visit of `Wave.fleet` by which a van would make it, if one may.
    options
        Of carriers that may have it: who may not is not among them.
    due
        The shopper was promised to have it before.
    broken_promise
        What coming later costs; None where an offer that arrives later may not be taken.
    undelivered
        What leaving it to nobody costs; None where that happens only if nothing else is possible.
    parcels
        What it counts for in pools.
    """

    id: str
    options: tuple[WaveOption, ...] = ()
    due: datetime | None = None
    broken_promise: Money | None = None
    undelivered: Money | None = None
    parcels: int = 1

    def __post_init__(self) -> None:
        for name, money in (("broken_promise", self.broken_promise), ("undelivered", self.undelivered)):
            if money is not None and money.minor < 0:
                raise InvalidWave(f"orders[{self.id}].{name}: must not be negative, got {money}")
        if self.parcels < 1:
            raise InvalidWave(f"orders[{self.id}].parcels: at least one, got {self.parcels}")
        for twice in _repeated([option.id for option in self.options]):
            raise InvalidWave(f"orders[{self.id}].options: {twice!r} is there twice")

    def late_chance(self, option: WaveOption) -> float:
        """Chance that the promise is broken with an offer; 1 where it arrives later anyway."""
        if self.due is not None and option.arrives_by is not None and option.arrives_by > self.due:
            return 1.0
        return option.late_chance or 0.0

    def may_take(self, option: WaveOption) -> bool:
        """Whether an offer keeps the promise, or breaking it has a price."""
        return self.broken_promise is not None or self.late_chance(option) < 1

    def expected_minor(self, option: WaveOption) -> int:
        """Price and what a broken promise costs times its chance, in minor units, rounded half up."""
        broken = self.broken_promise.minor if self.broken_promise else 0
        return option.price.minor + int(broken * self.late_chance(option) + 0.5)


class TierKind(StrEnum):
    """Which parcels a discount is for, once there are enough.

    ALL_UNITS gives it for every one, INCREMENTAL for those from `Tier.from_parcel` on.
    """

    ALL_UNITS = "ALL_UNITS"
    INCREMENTAL = "INCREMENTAL"


@dataclass(frozen=True, slots=True)
class Tier:
    """From the n-th parcel of a pool on each costs so much less; 1 for a discount that holds already."""

    from_parcel: int
    off: Money


@dataclass(frozen=True, slots=True)
class Pool:
    """What a rule counts together, and the rule.

    An offer counts for it if it fits each of `carriers`, `modes` and `pickups` that is not empty.

    Attributes
    ----------
    id
        Also its name in sentences.
    most
        Parcels that it takes.
    least, shortfall
        Parcels that were committed to, and what each missing one costs; without a price as many as possible
        are given.
    most_spent
        Prices before discounts.
    tiers
        With growing numbers and growing discounts.
    """

    id: str
    carriers: frozenset[str] = frozenset()
    modes: frozenset[DeliveryMode] = frozenset()
    pickups: frozenset[datetime] = frozenset()
    most: int | None = None
    least: int = 0
    shortfall: Money | None = None
    most_spent: Money | None = None
    tiers: tuple[Tier, ...] = ()
    tier_kind: TierKind = TierKind.INCREMENTAL

    def __post_init__(self) -> None:
        where = f"pools[{self.id}]"
        if self.least < 0 or (self.most is not None and self.most < self.least):
            raise InvalidWave(f"{where}.least: must lie in [0, most], got {self.least} of {self.most}")
        for name, money in (("shortfall", self.shortfall), ("most_spent", self.most_spent)):
            if money is not None and money.minor < 0:
                raise InvalidWave(f"{where}.{name}: must not be negative, got {money}")
        below, off_minor = 0, 0
        for tier in self.tiers:
            if tier.from_parcel <= below or tier.off.minor <= off_minor:
                raise InvalidWave(f"{where}.tiers: numbers grow from 1 on, and discounts grow with them")
            below, off_minor = tier.from_parcel, tier.off.minor

    def counts(self, key: OfferKey) -> bool:
        """Whether an offer counts for it."""
        carrier, mode, pickup_at = key
        return (
            (not self.carriers or carrier in self.carriers)
            and (not self.modes or mode in self.modes)
            and (not self.pickups or pickup_at in self.pickups)
        )

    def discount_minor(self, parcels: int) -> int:
        """What so many parcels save together, in minor units."""
        reached = [tier for tier in self.tiers if tier.from_parcel <= parcels]
        if self.tier_kind is TierKind.ALL_UNITS:
            return parcels * reached[-1].off.minor if reached else 0
        saved, before = 0, 0
        for tier in reached:
            saved += (tier.off.minor - before) * (parcels - tier.from_parcel + 1)
            before = tier.off.minor
        return saved


@dataclass(frozen=True, slots=True)
class Wave:
    """Everything that a `doorstep.ports.planning.ModeChooser` needs to know.

    Attributes
    ----------
    fleet
        The vans, and a visit for each order that they may take, with the order's id; None without vans.
        Visits of no order are made as they ask to be. What leaving out an order's visit costs is worked
        out from its offers.
    van_late_chance
        That a van comes late although its plan is in time.

    Raises
    ------
    InvalidWave
        If something contradicts itself.
    """

    currency: str
    orders: tuple[WaveOrder, ...]
    pools: tuple[Pool, ...] = ()
    fleet: RouteProblem | None = None
    van_late_chance: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.van_late_chance <= 1:
            raise InvalidWave(f"van_late_chance: must lie in [0, 1], got {self.van_late_chance}")
        for message in _contradictions(self):
            raise InvalidWave(message)


def _contradictions(wave: Wave) -> Iterator[str]:
    named = {"orders": [order.id for order in wave.orders], "pools": [pool.id for pool in wave.pools]}
    for name, ids in named.items():
        for twice in _repeated(ids):
            yield f"{name}: ids must be unique, {twice!r} is there twice"
    for where, money in _amounts(wave):
        if money is not None and money.currency != wave.currency:
            yield f"{where}: must be in {wave.currency}, got {money}"
    yield from _too_much_off(wave)


def _too_much_off(wave: Wave) -> Iterator[str]:
    """Pools overlap, and their discounts add up."""
    cheapest: dict[OfferKey, tuple[Money, str]] = {}
    for order in wave.orders:
        for option in order.options:
            if option.key not in cheapest or option.price < cheapest[option.key][0]:
                cheapest[option.key] = (option.price, order.id)
    for key, (price, order_id) in cheapest.items():
        counted = [pool for pool in wave.pools if pool.tiers and pool.counts(key)]
        if sum(pool.tiers[-1].off.minor for pool in counted) > price.minor:
            yield f"pools[{counted[0].id}].tiers: take off more than {price} of orders[{order_id}]"


def _amounts(wave: Wave) -> Iterator[tuple[str, Money | None]]:
    for order in wave.orders:
        yield f"orders[{order.id}].broken_promise", order.broken_promise
        yield f"orders[{order.id}].undelivered", order.undelivered
        for option in order.options:
            yield f"orders[{order.id}].options[{option.id}].price", option.price
    for pool in wave.pools:
        yield f"pools[{pool.id}].shortfall", pool.shortfall
        yield f"pools[{pool.id}].most_spent", pool.most_spent
        for tier in pool.tiers:
            yield f"pools[{pool.id}].tiers", tier.off


def _repeated(ids: list[str]) -> Iterator[str]:
    return (name for name, count in Counter(ids).items() if count > 1)
