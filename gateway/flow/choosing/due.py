"""Due: whoever has waited long enough is chosen for, together with all that waits."""

from __future__ import annotations

from gateway.flow.choosing.asking import WAVE_LASTS, ask_for_wave, chooses
from gateway.flow.planning.request import due_wish
from gateway.flow.ports import Means


async def wave_due(means: Means, merchant_id: str, *, before_plan: bool = False) -> bool:
    """Ask for a wave where somebody has waited long enough; says whether one is under way.

    Parameters
    ----------
    before_plan
        Also where a plan of tours is due, which follows the wave then.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        # The lock keeps other processes, which look at the same time, from asking for another.
        merchant = await work.accounts.merchant(lock=True)
        if not chooses(means, merchant):
            return False
        latest = await work.modes.latest_wave()
        if latest is not None and latest.is_under_way and now - latest.created_at < WAVE_LASTS:
            return True
        first = await work.modes.waiting(1)
        is_due = bool(first) and first[0].until <= now
        if not is_due and not (before_plan and await due_wish(work, now) is not None):
            return False
        await ask_for_wave(work, now)
        return True
