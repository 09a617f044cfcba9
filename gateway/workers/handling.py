"""The one task of the queue: run one handler of the flow for one event."""

from __future__ import annotations

import time
from typing import Any

import structlog
from procrastinate import App, BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

from doorstep.errors import DoorstepError
from gateway.flow import EVENTS, HANDLERS
from gateway.flow.ports import Means
from gateway.store.jobs import HANDLE

log = structlog.get_logger(__name__)

WAITS_S = (1, 1, 2, 4, 8, 30, 60, 300, 900, 3600)
"""Seconds before each further try; after the last one the job lies in the dead-letter list."""


class Patience(BaseRetryStrategy):
    """Try again, ever later, unless trying again cannot help."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to try again; None gives up."""
        hopeless = isinstance(exception, DoorstepError) and not exception.retryable
        if hopeless or job.attempts >= len(WAITS_S):
            return None
        return RetryDecision(retry_in={"seconds": WAITS_S[job.attempts]})


def teach(queue: App, means: Means) -> None:
    """Let workers of this queue run the flow with these means."""

    @queue.task(name=HANDLE, retry=Patience())
    async def handle(merchant_id: str, event: str, data: dict[str, Any], handler: str) -> None:
        kind = EVENTS[event]
        started = time.monotonic()
        act = next(candidate for candidate in HANDLERS[kind] if candidate.__name__ == handler)
        words = log.bind(event_kind=event, handler=handler, merchant_id=merchant_id, **data)
        try:
            await act(kind(merchant_id=merchant_id, **data), means)
        except Exception as error:
            # The type only: messages of outside systems may carry personal data.
            words.warning("handler failed", error=type(error).__name__)
            raise
        words.debug("handled", took_ms=round((time.monotonic() - started) * 1000))
