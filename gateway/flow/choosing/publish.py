"""Publish: what was chosen for a plan is booked when a person publishes it, and not before."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from doorstep.errors import DoorstepError
from doorstep.events import ModeChosen, RoutePlanned
from doorstep.mode_wave import KeptChoice, WaveStatus
from doorstep.route import RoutePlan, RoutePlanStatus, RouteStatus
from gateway.flow.choosing.carry_out import book_choice
from gateway.flow.choosing.end import end_wave
from gateway.flow.planning.plans.publish import publish_plan
from gateway.flow.planning.plans.still_fits import require_drivable
from gateway.flow.planning.telling.in_place import lock_standing, on_told_tours, require_unchanged
from gateway.flow.ports import Means
from gateway.flow.waves import open_choices

log = structlog.get_logger(__name__)

AT_ONCE = 8
"""Orders that own vans are booked for at the same time."""


async def publish_chosen(means: Means, merchant_id: str, plan_id: str, expected_version: int) -> RoutePlan:
    """Tell drivers a plan that is ready; what was chosen for it is booked.

    Own vans are booked before drivers are told, which needs nobody outside, and only for what is on tours
    that can be told as things stand; carriers follow. Where somebody changes a tour at that very moment, what
    vans were booked for waits for the next plan.

    Raises
    ------
    NotFound, StateConflict, PlanInfeasible, RemoteError
        As `publish_plan` does.
    """
    by_van = await _by_van(means, merchant_id, plan_id, expected_version)
    if by_van:
        await require_drivable(means, merchant_id, plan_id)
        turns = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(_book(means, choice, turns) for choice in by_van))
    return await publish_plan(means, merchant_id, plan_id, expected_version)


async def book_published(event: RoutePlanned, means: Means) -> None:
    """Let all be booked that was chosen for a plan, now that drivers know it."""
    async with means.begin(event.merchant_id) as work:
        wave = await work.modes.wave_of_plan(event.plan_id, lock=True)
        plan = await work.routes.plan(event.plan_id)
        if wave is None or plan is None or wave.status is not WaveStatus.CHOSEN:
            return
        choices = await open_choices(work, plan)
        if not choices:
            await end_wave(work, means, wave, WaveStatus.DONE)
            return
        await work.modes.put_wave(replace(wave, status=WaveStatus.BOOKING, alive_at=means.clock.now()))
        for choice in choices:
            await work.emit(ModeChosen(event.merchant_id, choice.fulfillment_order_id))


async def _by_van(
    means: Means, merchant_id: str, plan_id: str, expected_version: int
) -> Sequence[KeptChoice]:
    """Orders on its tours that own vans are to be booked for; () where it cannot be published as it stands.

    Raises
    ------
    StateConflict
        If the plan does not fit any more what drivers were told, or nothing of it could be told.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        plan = await work.routes.plan(plan_id)
        if plan is None or plan.status is not RoutePlanStatus.READY or plan.version != expected_version:
            return ()
        drafted = {one.draft.id: one for one in await open_choices(work, plan) if one.draft is not None}
        if not drafted:
            return ()
        tours = [one for one in await work.routes.of_plan(plan_id) if one.status is RouteStatus.PLANNED]
        standing = await lock_standing(work, plan, now)
        require_unchanged(plan, standing, tours, now)
        told = await on_told_tours(work, plan, standing, tours, drafted, now)
        return [choice for id_, choice in drafted.items() if id_ in told]


async def _book(means: Means, choice: KeptChoice, turns: asyncio.Semaphore) -> None:
    """One that cannot be booked now is tried again once the plan is published."""
    async with turns:
        try:
            await book_choice(means, choice)
        except DoorstepError as error:
            log.info(
                "cannot be booked yet", fulfillment_order_id=choice.fulfillment_order_id, code=error.code
            )
