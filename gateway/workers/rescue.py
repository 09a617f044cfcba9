"""Takes up the jobs of workers that were killed; procrastinate does not do that by itself (3.10)."""

from __future__ import annotations

import structlog
from procrastinate import App
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status

log = structlog.get_logger(__name__)

STALLED_AFTER_S = 30.0
"""A worker that has not shown a heartbeat for so long is dead."""


async def rescue_stalled(queue: App, stalled_after_s: float = STALLED_AFTER_S) -> int:
    """Put the jobs of dead workers back; gives how many."""
    await queue.job_manager.prune_stalled_workers(stalled_after_s)
    rescued = 0
    for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=stalled_after_s):
        try:
            await queue.job_manager.retry_job(job)
        except UniqueViolation:
            # The same job waits a second time already: that one will do.
            if job.id is not None:
                await queue.job_manager.finish_job_by_id_async(
                    job_id=job.id, status=Status.ABORTED, delete_job=False
                )
            continue
        except ConnectorException as error:
            # Another process put it back at the same moment: the others are still to be rescued.
            log.info("a job could not be put back", error=type(error).__name__)
            continue
        rescued += 1
    if rescued:
        log.warning("jobs of a dead worker put back", count=rescued)
    return rescued
