"""Asking for a wave: whose orders wait for one, and when the next one is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.dispatch_rules import DispatchStrategy
from doorstep.events import PlanRequested, WaveDue
from doorstep.ids import new_id
from doorstep.merchant import Merchant
from doorstep.mode_wave import ModeWave, WaveStatus
from gateway.flow.ports import Means, UnitOfWork

OPEN_STRATEGIES = (DispatchStrategy.BEST_VALUE, DispatchStrategy.CHEAPEST)
"""Those that go by cost: whoever wants the fastest, or certain carriers, has chosen already."""

WAVE_LASTS = timedelta(minutes=15)
"""After so long a wave is taken for lost, and what it left waits for the next one."""


def chooses(means: Means, merchant: Merchant) -> bool:
    """Whether a machine compares vans and carriers for this merchant's orders."""
    is_open = merchant.dispatch.strategy in OPEN_STRATEGIES
    return means.modes is not None and merchant.modes.is_on and merchant.books_by_itself and is_open


async def ask_for_wave(work: UnitOfWork, now: datetime, plan_id: str = "") -> ModeWave:
    """Queue a wave.

    Parameters
    ----------
    plan_id
        Of a plan that somebody asked for, and that is to be solved once the wave is done.
    """
    lost = await work.modes.latest_wave()
    if lost is not None and lost.is_under_way and now - lost.created_at >= WAVE_LASTS:
        await end_wave(work, lost, WaveStatus.FAILED, now, problem="It was not done in time.")
    wave = ModeWave(
        id=new_id("wav"),
        merchant_id=work.merchant_id,
        status=WaveStatus.CHOOSING,
        created_at=now,
        plan_id=plan_id,
        is_for_plan=bool(plan_id),
    )
    await work.modes.put_wave(wave)
    await work.emit(WaveDue(work.merchant_id, wave.id))
    return wave


async def end_wave(
    work: UnitOfWork, wave: ModeWave, status: WaveStatus, now: datetime, *, problem: str = ""
) -> None:
    """Write down that it is over; a plan that waits for it is solved now."""
    await work.modes.put_wave(replace(wave, status=status, ended_at=now, problem=problem))
    if wave.is_for_plan and status is not WaveStatus.CANCELLED:
        await work.emit(PlanRequested(wave.merchant_id, wave.plan_id))
