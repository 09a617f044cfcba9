"""Jobs that failed for good: people see them and may start them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from procrastinate import App
from procrastinate.jobs import Job, Status


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that was given up. `data` holds ids only."""

    job_id: int
    merchant_id: str
    event: str
    handler: str
    data: dict[str, Any]
    attempts: int


async def dead_letters(queue: App) -> Sequence[DeadLetter]:
    """All of them, oldest first."""
    jobs = await queue.job_manager.list_jobs_async(status=Status.FAILED.value)
    return [_letter(job) for job in sorted(jobs, key=lambda job: job.id or 0)]


async def replay_dead_letter(queue: App, job_id: int) -> None:
    """Start one again.

    Raises
    ------
    procrastinate.exceptions.ConnectorException
        If there is no such job.
    """
    await queue.job_manager.retry_job_by_id_async(job_id=job_id, retry_at=datetime.now(UTC))


def _letter(job: Job) -> DeadLetter:
    data = job.task_kwargs.get("data")
    return DeadLetter(
        job_id=job.id or 0,
        merchant_id=str(job.task_kwargs.get("merchant_id", "")),
        event=str(job.task_kwargs.get("event", "")),
        handler=str(job.task_kwargs.get("handler", "")),
        data=data if isinstance(data, dict) else {},
        attempts=job.attempts,
    )
