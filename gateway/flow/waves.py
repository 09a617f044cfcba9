"""Waves: whose orders wait to be chosen for together, and the line in which a merchant's waves stand.

Below planning, which asks for a wave before a plan, and choosing, which plans when a wave is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from doorstep.dispatch_rules import DispatchStrategy
from doorstep.events import WaveDue
from doorstep.ids import new_id
from doorstep.merchant import Merchant
from doorstep.mode_wave import KeptChoice, ModeWave, WaveStatus
from doorstep.route import RoutePlan
from gateway.flow.ports import Means, UnitOfWork

OPEN_STRATEGIES = (DispatchStrategy.BEST_VALUE, DispatchStrategy.CHEAPEST)
"""Those that go by cost: whoever wants the fastest, or certain carriers, has chosen already."""


def chooses(means: Means, merchant: Merchant) -> bool:
    """Whether a machine compares vans and carriers for this merchant's orders."""
    is_open = merchant.dispatch.strategy in OPEN_STRATEGIES
    return means.modes is not None and merchant.modes.is_on and merchant.books_by_itself and is_open


async def ask_for_wave(work: UnitOfWork, now: datetime, plan_id: str = "") -> ModeWave:
    """Queue a wave; it begins when those before it are over.

    Two at once would compare the same orders, and give the same room of a carrier away twice.

    Parameters
    ----------
    plan_id
        Of a plan that somebody asked for, and that is to be solved once the wave is done.
    """
    await work.accounts.merchant(lock=True)  # of two who find the line empty one comes second
    is_first = not await work.modes.under_way(lock=True)
    wave = ModeWave(
        id=new_id("wav"),
        merchant_id=work.merchant_id,
        status=WaveStatus.CHOOSING,
        created_at=now,
        plan_id=plan_id,
        is_for_plan=bool(plan_id),
        alive_at=now if is_first else None,
    )
    await work.modes.put_wave(wave)
    if is_first:
        await work.emit(WaveDue(work.merchant_id, wave.id))
    return wave


async def open_choices(work: UnitOfWork, plan: RoutePlan) -> Sequence[KeptChoice]:
    """What is booked once a person publishes a plan; () where nothing waits for that."""
    wave = await work.modes.wave_of_plan(plan.id)
    if wave is None or wave.status is not WaveStatus.CHOSEN:
        return ()
    return [choice for choice in await work.modes.choices_of(wave.id) if choice.done_at is None]


async def refuse_wave(work: UnitOfWork, plan: RoutePlan, now: datetime) -> None:
    """Nobody is booked for a plan that is not to be: its orders go with the next wave."""
    wave = await work.modes.wave_of_plan(plan.id, lock=True)
    if wave is not None and wave.status is WaveStatus.CHOSEN:
        await work.modes.put_wave(replace(wave, status=WaveStatus.CANCELLED, ended_at=now))
