"""Scene: what a wave is made of, read at its beginning."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.merchant import Merchant
from doorstep.mode_rules import DayUse
from doorstep.route import PlanProgress, RoutePlan, RoutePlanStatus
from doorstep.stack import Waiting
from gateway.flow.dispatching.pools import day_uses
from gateway.flow.planning.days.looked_at import held_back_by
from gateway.flow.planning.days.problem import Day, read_day
from gateway.flow.planning.parts.visits import Terms
from gateway.flow.ports import UnitOfWork
from gateway.flow.waves import open_choices

MOST_ORDERS = 10_000
"""In one wave; who is left over goes with the next."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The day with all that waits.

    Attributes
    ----------
    planned
        Deliveries of plans that are under way, or that a person looks at, and of what was chosen for these.
    uses
        What carriers were given today, or are to be given by what was chosen.
    """

    merchant: Merchant
    day: Day
    terms: Terms
    waiting: Sequence[Waiting]
    planned: Collection[str]
    uses: Sequence[DayUse]


async def read_scene(work: UnitOfWork, plan: RoutePlan | None, now: datetime) -> Scene:
    """What a wave is made of, as it stands now; what is chosen for other plans waits for these.

    Parameters
    ----------
    plan
        That somebody asked for; None for all that comes due today.
    """
    merchant = await work.accounts.merchant()
    is_whole = plan is None or not plan.delivery_ids
    held = [one for one in await held_back_by(work, now) if plan is None or one.id != plan.id]
    waiting = list(await work.modes.waiting(MOST_ORDERS)) if is_whole else []
    chosen = [choice for one in held for choice in await open_choices(work, one)]
    units = {choice.fulfillment_order_id for choice in chosen}
    planned = {delivery_id for one in held for delivery_id in one.delivery_ids}
    # Who has to go now goes, whoever may be looking.
    waiting = [one for one in waiting if one.fulfillment_order_id not in units or one.until <= now]
    day = await read_day(work, plan or _stand_in(merchant, now), now)
    again = {one.fulfillment_order_id for one in waiting}
    again |= {one.fulfillment_order_id for one in day.deliveries.values()}
    return Scene(
        merchant=merchant,
        day=day,
        terms=Terms.of(merchant, await work.fleet.drivers()),
        waiting=waiting,
        planned=planned | {choice.delivery_id for choice in chosen},
        uses=await day_uses(work, merchant, now, besides=again) if merchant.modes.pools else (),
    )


def loose(scene: Scene) -> Iterable[Delivery]:
    """Deliveries that wait for a van, are in no driver's hands, and in no plan that may soon be told."""
    for delivery in scene.day.deliveries.values():
        is_here = delivery.status is DeliveryStatus.BOOKED and delivery.driver_id is None
        is_free = delivery.id not in scene.planned and delivery.limits.allow_fallback
        leg = delivery.active_leg
        if is_here and is_free and leg is not None and leg.is_live:
            yield delivery


def _stand_in(merchant: Merchant, now: datetime) -> RoutePlan:
    """A plan that nobody asked for: all that comes due today, with all drivers on duty."""
    return RoutePlan(
        id="",
        merchant_id=merchant.id,
        date=now.astimezone(ZoneInfo(merchant.time_zone)).date().isoformat(),
        status=RoutePlanStatus.QUEUED,
        created_at=now,
        time_limit_s=merchant.modes.search_s,
        progress=PlanProgress(0.0, 0.0, 0, 0),
        currency=merchant.currency,
        is_published_at_once=True,
        stability=merchant.planning.stability,
    )
