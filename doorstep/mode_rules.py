"""How a merchant lets own vans, couriers and parcel carriers compete for orders."""

from __future__ import annotations

from dataclasses import dataclass, replace

from doorstep.money import Money
from doorstep.quote import DeliveryMode
from doorstep.wave import Pool, Tier, TierKind


@dataclass(frozen=True, slots=True)
class DayUse:
    """What carriers were given on a day already: bookings that stand."""

    carrier: str
    mode: DeliveryMode
    parcels: int
    spent: Money


@dataclass(frozen=True, slots=True)
class CarrierPool:
    """A cap, a commitment or a volume price of carriers, counted by the merchant's day.

    Attributes
    ----------
    name
        As sentences call it.
    carriers, modes
        Codes of carriers, and modes, whose bookings count; () for all.
    most, most_spent
        Parcels, and the sum of their prices, at most.
    least, shortfall
        Parcels that were committed to, and what each missing one costs.
    tiers
        From the n-th parcel of the day on each costs so much less.

    Raises
    ------
    ValueError
        If a number contradicts another; the message begins with the field.
    """

    name: str
    carriers: tuple[str, ...] = ()
    modes: tuple[DeliveryMode, ...] = ()
    most: int | None = None
    least: int = 0
    shortfall: Money | None = None
    most_spent: Money | None = None
    tiers: tuple[Tier, ...] = ()
    tier_kind: TierKind = TierKind.INCREMENTAL

    def __post_init__(self) -> None:
        self._fresh()

    @property
    def amounts(self) -> tuple[tuple[tuple[str, ...], Money | None], ...]:
        """Every amount of money in it, by its path as the API has it."""
        return (
            (("shortfall",), self.shortfall),
            (("mostSpent",), self.most_spent),
            *((("tiers", str(place), "off"), tier.off) for place, tier in enumerate(self.tiers)),
        )

    def left(self, uses: tuple[DayUse, ...] = ()) -> Pool:
        """What is left of it for a wave, after what the day has used.

        A discount that the day has reached holds from the first parcel of the wave on. One for all units
        that the wave would reach is counted for the wave's parcels alone, so that its worth is never
        overstated.
        """
        pool = self._fresh()
        counted = [use for use in uses if pool.counts((use.carrier, use.mode, None))]
        parcels = sum(use.parcels for use in counted)
        if not counted:
            return pool
        reached = [tier for tier in self.tiers if tier.from_parcel <= parcels + 1]
        ahead = [Tier(tier.from_parcel - parcels, tier.off) for tier in self.tiers if tier not in reached]
        most = None if self.most is None else max(0, self.most - parcels)
        least = max(0, self.least - parcels)
        return replace(
            pool,
            most=most,
            least=least if most is None else min(least, most),
            most_spent=self._money_left(counted),
            tiers=(*(Tier(1, tier.off) for tier in reached[-1:]), *ahead),
        )

    def holds_for(self, use: DayUse) -> bool:
        """Whether it limits such a booking; what the merchant's own vans bring is no carrier's."""
        is_limit = self.most is not None or self.most_spent is not None
        is_carriers = use.mode is not DeliveryMode.OWN_FLEET
        return is_limit and is_carriers and self._fresh().counts((use.carrier, use.mode, None))

    def refusal(self, use: DayUse, uses: tuple[DayUse, ...]) -> str:
        """Why a booking has no room in it after what the day has used; "" where it has."""
        if not self.holds_for(use):
            return ""
        left = self.left(uses)
        if left.most is not None and use.parcels > left.most:
            room = {0: "nothing", 1: "1 parcel"}.get(left.most, f"{left.most} parcels")
            return f"{self.name} has {room} left today."
        spent, most = use.spent, left.most_spent
        if most is not None and most.currency == spent.currency and spent.minor > most.minor:
            return f"{self.name} has {most} left to spend today."
        return ""

    def _money_left(self, counted: list[DayUse]) -> Money | None:
        if self.most_spent is None:
            return None
        currency = self.most_spent.currency
        spent = sum(use.spent.minor for use in counted if use.spent.currency == currency)
        return Money(max(0, self.most_spent.minor - spent), currency)

    def _fresh(self) -> Pool:
        return Pool(
            self.name,
            frozenset(self.carriers),
            frozenset(self.modes),
            frozenset(),
            self.most,
            self.least,
            self.shortfall,
            self.most_spent,
            self.tiers,
            self.tier_kind,
        )


@dataclass(frozen=True, slots=True)
class ModeRules:
    """When orders wait to be chosen for together, and by which limits.

    Off as long as nobody says otherwise: where it is on, orders wait for one another before anybody is
    booked, and a booking with the own vans may be given to a carrier.

    Attributes
    ----------
    is_on
        Orders whose carrier nobody chose wait, and go as is cheapest for all of them together.
    longest_wait_s
        Nobody waits longer than this before the merchant's planning is due, seconds.
    spare_s
        So long before the last moment at which the first in line would still be in time nobody waits any
        more, seconds.
    search_s
        How long is searched for the cheapest way, seconds.
    gives_on
        What waits for a van may be given to a carrier that does it cheaper.
    pools
        Limits and volume prices of carriers.

    Raises
    ------
    ValueError
        If a number is out of its range, or two pools have one name.
    """

    is_on: bool = False
    longest_wait_s: int = 900
    spare_s: int = 600
    search_s: float = 5.0
    gives_on: bool = True
    pools: tuple[CarrierPool, ...] = ()

    def __post_init__(self) -> None:
        if min(self.longest_wait_s, self.spare_s) < 0:
            raise ValueError("longest_wait_s and spare_s must not be negative")
        if not 0.1 <= self.search_s <= 600:
            raise ValueError(f"search_s must lie in [0.1, 600], got {self.search_s}")
        names = [pool.name for pool in self.pools]
        if len(set(names)) < len(names):
            raise ValueError("pools: each needs a name of its own")
