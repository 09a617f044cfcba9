"""One run from its past to its tally, in order."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from bench.sync.cast import open_run, say
from bench.sync.live import live, until_working
from bench.sync.outcome import result_of
from bench.sync.plan import Plan, read_plan
from bench.sync.settling import converge


def main(arguments: Sequence[str]) -> dict[str, object]:
    """Run it; see the package for what it does and `outcome` for the keys."""
    plan = read_plan(arguments)
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as name:
        folder = Path(name)
        # The embedded database works as another user than root, who must be able to enter.
        folder.chmod(0o755)
        try:
            return asyncio.run(_bench(plan, folder))
        finally:
            if plan.keep:
                Path(plan.keep).mkdir(parents=True, exist_ok=True)
                for log in folder.glob("*.log"):
                    shutil.copy(log, plan.keep)


async def _bench(plan: Plan, folder: Path) -> dict[str, object]:
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        run = await open_run(plan, folder, stack)
        run.bad_times.begin()
        await run.machines.start_workers()
        await until_working(run)
        reading_s = await live(run)
        run.bad_times.end()
        say("the faults have stopped")
        tally, converge_s, world_h = await converge(run)
        for line in tally.lines():
            say(f"  {line}")
        return await result_of(run, tally, converge_s, world_h, reading_s, time.monotonic() - began)
