"""Due: whoever has waited long enough is chosen for, together with all that waits."""

from __future__ import annotations

from datetime import timedelta

from doorstep.mode_wave import WaveStatus
from gateway.flow.choosing.end import end_wave, fail_wave
from gateway.flow.planning.plans.request import due_wish
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.waves import ask_for_wave, chooses

LOST_AFTER = timedelta(minutes=5)
"""A wave of which nothing was heard for so long has no worker: who chooses says so twice a minute."""


async def wave_due(means: Means, merchant_id: str, *, before_plan: bool = False) -> bool:
    """Ask for a wave where somebody has waited long enough; says whether one is under way.

    One that is lost has failed.

    Parameters
    ----------
    before_plan
        Also where a plan of tours is due, which follows the wave then.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        # The lock keeps other processes, which look at the same time, from asking for another.
        merchant = await work.accounts.merchant(lock=True)
        if await _goes_on(work, means):
            return True
        if not chooses(means, merchant):
            return False
        first = await work.modes.waiting(1)
        is_due = bool(first) and first[0].until <= now
        if not is_due and not (before_plan and await due_wish(work, now) is not None):
            return False
        await ask_for_wave(work, now)
        return True


async def _goes_on(work: UnitOfWork, means: Means) -> bool:
    """Whether a wave is under way, or its turn has come because the one before was lost."""
    line = await work.modes.under_way(lock=True)
    before = means.clock.now() - LOST_AFTER
    lost = [one for one in line if one.alive_at is not None and one.alive_at <= before]
    for wave in lost:
        if wave.status is WaveStatus.CHOOSING:
            await fail_wave(work, means, wave, "The search was cut off.")
        else:
            # Who is not booked yet goes with the next wave, unless the booking still comes.
            await end_wave(work, means, wave, WaveStatus.FAILED, problem="Not all were booked in time.")
    return len(lost) < len(line)
