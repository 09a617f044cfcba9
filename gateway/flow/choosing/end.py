"""End: a wave is over; tours are planned of what the vans have then, and the next wave begins."""

from __future__ import annotations

from dataclasses import replace

from doorstep.events import PlanRequested, WaitOver, WaveDue
from doorstep.mode_wave import ModeWave, WaveStatus
from gateway.flow.planning.plans.request import due_wish, queue_plan
from gateway.flow.ports import Means, UnitOfWork

_MOST_LEAVE = 10_000


async def end_wave(
    work: UnitOfWork, means: Means, wave: ModeWave, status: WaveStatus, *, problem: str = ""
) -> None:
    """Write down that a wave is over, or waits for whoever publishes its plan, with the plan that follows it.

    All of it or nothing, so that a plan leads to its wave's choices whoever dies meanwhile.

    Parameters
    ----------
    wave
        As it stands, locked.
    """
    now = means.clock.now()
    if status is not WaveStatus.CANCELLED:
        wave = await _planned(work, means, wave)
    is_over = status is not WaveStatus.CHOSEN
    await work.modes.put_wave(
        replace(wave, status=status, ended_at=now if is_over else None, problem=problem)
    )
    line = [one for one in await work.modes.under_way() if one.id != wave.id]
    if line and all(one.alive_at is None for one in line):
        await work.modes.put_wave(replace(line[0], alive_at=now))
        await work.emit(WaveDue(wave.merchant_id, line[0].id))


async def fail_wave(work: UnitOfWork, means: Means, wave: ModeWave, why: str) -> None:
    """Whoever has waited long enough goes as the strategy says; a plan is made without a wave."""
    now = means.clock.now()
    await end_wave(work, means, wave, WaveStatus.FAILED, problem=f"Nobody compared them: {why}")
    for waiting in await work.modes.waiting(_MOST_LEAVE):
        if waiting.until <= now:
            await work.emit(WaitOver(wave.merchant_id, waiting.fulfillment_order_id))


async def _planned(work: UnitOfWork, means: Means, wave: ModeWave) -> ModeWave:
    """Who waits for the wave is solved now; where nobody asked, a plan is queued if one is due."""
    if wave.is_for_plan:
        await work.emit(PlanRequested(wave.merchant_id, wave.plan_id))
        return wave
    wish = await due_wish(work, means.clock.now())
    if wish is None:
        return wave
    plan = await queue_plan(work, means, wish)
    return replace(wave, plan_id=plan.id)
