"""Own van, courier or parcel: who was chosen for an order and why, and by which rules."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from doorstep import mode_rules as rules
from doorstep import mode_wave as ground
from doorstep import wave_plan as plans
from doorstep.quote import DeliveryMode
from doorstep.wave import Tier, TierKind
from doorstep.wave_plan import ModeReason
from gateway.api.context import Info
from gateway.api.marks import entry, part, resolved, shape
from gateway.api.problems import InvalidInput, StateConflict
from gateway.api.types.money import Money, MoneyInput
from gateway.api.types.versions import EXPECTED, VERSION
from gateway.flow.settings_version import version_of

MOST_POOLS, MOST_NAMES, MOST_TIERS = 50, 50, 10

_ENABLED = "Orders whose carrier nobody chose wait, and go as is cheapest for all of them together."
_LONGEST = "Nobody waits longer than this before planning of the order's window is due."
_SPARE = "So long before the last moment at which the first in line would still be in time nobody waits."
_SEARCH = "How long is searched for the cheapest way; large waves are searched for longer."
_GIVES_ON = "What waits for a van may be given to a carrier that does it for less."
_POOLS = "Limits and volume prices of carriers, counted by the merchant's day."
_CARRIERS = "Codes of carriers; empty for all."
_MODES = "Empty for all."
_MOST = "Parcels at most; null for no limit."
_MOST_SPENT = "The sum of prices at most, before discounts; null for no limit."
_LEAST = "Parcels that were committed to."
_SHORTFALL = "What each missing one costs; null where as many as possible are to be given."
_TIERS = "With growing numbers and growing discounts."
_FROM = "From this parcel of the day on."


@shape()
class PoolUse:
    """What a cap, a commitment or a volume price came to in one wave."""

    name: str = part("As sentences call it.")
    parcels: int
    spent: Money = part("Prices before discounts.")
    discount: Money
    shortfall: Money = part("What missing parcels cost.")

    @staticmethod
    def of(use: plans.PoolUse) -> PoolUse:
        return PoolUse(
            name=use.pool_id,
            parcels=use.parcels,
            spent=Money.of(use.spent),
            discount=Money.of(use.discount),
            shortfall=Money.of(use.shortfall),
        )


@shape()
class ModeWave:
    """Orders for which own vans, couriers and parcel carriers were compared together."""

    status: ground.WaveStatus
    problem: str | None = part("Why it failed: then everybody went as the strategy says.")
    method: str | None = part("How it was chosen.")
    orders: int = part("So many had a choice.")
    cost: Money | None = part("Of everything as it was chosen; null before.")
    pools: list[PoolUse] = part(most=MOST_POOLS, usual=2)
    created_at: datetime
    ended_at: datetime | None

    @staticmethod
    def maybe(kept: ground.ModeWave | None) -> ModeWave | None:
        if kept is None:
            return None
        return ModeWave(
            status=kept.status,
            problem=kept.problem or None,
            method=kept.method or None,
            orders=kept.orders,
            cost=Money.maybe(kept.cost),
            pools=[PoolUse.of(use) for use in kept.pools[:MOST_POOLS]],
            created_at=kept.created_at,
            ended_at=kept.ended_at,
        )


@shape()
class ModeChoice:
    """Who shall take an order, and why; chosen together with the other orders of its wave."""

    mode: DeliveryMode | None = part("Null where nobody takes it.")
    reason: ModeReason
    text: str = part("A sentence for a dispatcher.")
    cost: Money | None = part(
        "What it costs here, with the chance of coming late; a van's is what its tour would save without it."
    )
    next_best: Money | None = part("Of the cheapest other offer that may take it, room or not.")
    next_best_name: str | None
    chosen_at: datetime
    done_at: datetime | None = part("When it was booked so, or could not be any more; null before.")
    wave_id: strawberry.Private[str]
    fulfillment_order_id: strawberry.ID

    @staticmethod
    def of(kept: ground.KeptChoice) -> ModeChoice:
        choice = kept.choice
        return ModeChoice(
            mode=choice.mode,
            reason=choice.reason,
            text=choice.text,
            cost=Money.maybe(choice.cost),
            next_best=Money.maybe(choice.next_best),
            next_best_name=choice.next_best_name or None,
            chosen_at=kept.chosen_at,
            done_at=kept.done_at,
            wave_id=kept.wave_id,
            fulfillment_order_id=strawberry.ID(kept.fulfillment_order_id),
        )

    @resolved()
    async def wave(self, info: Info) -> ModeWave | None:
        """All that it was compared with."""
        return ModeWave.maybe(await info.context.loaders.mode_wave.load(self.wave_id))


@shape()
class VolumeTier:
    """From the n-th parcel of the day on each costs so much less."""

    from_parcel: int = part(_FROM)
    off: Money

    @staticmethod
    def of(tier: Tier) -> VolumeTier:
        return VolumeTier(from_parcel=tier.from_parcel, off=Money.of(tier.off))


@shape()
class CarrierPool:
    """A cap, a commitment or a volume price of carriers."""

    name: str = part("As sentences call it.")
    carriers: list[str] = part(_CARRIERS, most=MOST_NAMES, usual=1)
    modes: list[DeliveryMode] = part(_MODES, most=4, usual=1)
    most: int | None = part(_MOST)
    most_spent: Money | None = part(_MOST_SPENT)
    least: int = part(_LEAST)
    shortfall: Money | None = part(_SHORTFALL)
    tiers: list[VolumeTier] = part(_TIERS, most=MOST_TIERS, usual=2)
    tier_kind: TierKind

    @staticmethod
    def of(pool: rules.CarrierPool) -> CarrierPool:
        return CarrierPool(
            name=pool.name,
            carriers=list(pool.carriers[:MOST_NAMES]),
            modes=list(pool.modes[:4]),
            most=pool.most,
            most_spent=Money.maybe(pool.most_spent),
            least=pool.least,
            shortfall=Money.maybe(pool.shortfall),
            tiers=[VolumeTier.of(tier) for tier in pool.tiers[:MOST_TIERS]],
            tier_kind=pool.tier_kind,
        )


@shape()
class ModeRules:
    """When own vans, couriers and parcel carriers compete for orders, and by which limits."""

    enabled: bool = part(_ENABLED)
    longest_wait_seconds: int = part(_LONGEST)
    spare_seconds: int = part(_SPARE)
    search_seconds: float = part(_SEARCH)
    gives_on: bool = part(_GIVES_ON)
    pools: list[CarrierPool] = part(_POOLS, most=MOST_POOLS, usual=2)
    version: int = part(VERSION)

    @staticmethod
    def of(kept: rules.ModeRules) -> ModeRules:
        return ModeRules(
            enabled=kept.is_on,
            longest_wait_seconds=kept.longest_wait_s,
            spare_seconds=kept.spare_s,
            search_seconds=kept.search_s,
            gives_on=kept.gives_on,
            pools=[CarrierPool.of(pool) for pool in kept.pools[:MOST_POOLS]],
            version=version_of(kept),
        )


@entry
class VolumeTierInput:
    """From the n-th parcel of the day on each costs so much less."""

    from_parcel: int = part(_FROM)
    off: MoneyInput


@entry
class CarrierPoolInput:
    """A cap, a commitment or a volume price of carriers."""

    name: str
    carriers: list[str] | None = part(_CARRIERS, most=MOST_NAMES, default=None)
    modes: list[DeliveryMode] | None = part(_MODES, most=4, default=None)
    most: int | None = part(_MOST, default=None)
    most_spent: MoneyInput | None = part(_MOST_SPENT, default=None)
    least: int = part(_LEAST, default=0)
    shortfall: MoneyInput | None = part(_SHORTFALL, default=None)
    tiers: list[VolumeTierInput] | None = part(_TIERS, most=MOST_TIERS, default=None)
    tier_kind: TierKind = TierKind.INCREMENTAL


@entry
class SaveModeRulesInput:
    """The rules whole: what is left out is as it usually is."""

    enabled: bool = part(_ENABLED)
    longest_wait_seconds: int = part(_LONGEST, default=900)
    spare_seconds: int = part(_SPARE, default=600)
    search_seconds: float = part(_SEARCH, default=5.0)
    gives_on: bool = part(_GIVES_ON, default=True)
    pools: list[CarrierPoolInput] | None = part(_POOLS, most=MOST_POOLS, default=None)
    expected_version: int | None = part(EXPECTED, default=None)


@shape()
class SaveModeRulesSuccess:
    """They are kept; orders that come from now on go by them."""

    mode_rules: ModeRules


SaveModeRulesResult = Annotated[
    SaveModeRulesSuccess | InvalidInput | StateConflict,
    strawberry.union("SaveModeRulesResult", description="What saving the rules of waves led to."),
]
