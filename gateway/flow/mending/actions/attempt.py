"""Attempt: what nobody took in, as far as somebody may still say what follows."""

from __future__ import annotations

from doorstep.failed_attempt import AttemptChoice, FailedAttempt
from gateway.flow.mending.actions.seen import Seen
from gateway.flow.ports import UnitOfWork


async def undecided(work: UnitOfWork, seen: Seen) -> FailedAttempt | None:
    """The last attempt of the delivery where it is open what follows; None where there is none."""
    attempts = await work.returns.attempts_of(seen.about.id)
    last = attempts[-1] if attempts else None
    return last if last is not None and last.is_open and last.decision is None else None


async def open_to(work: UnitOfWork, seen: Seen, choice: AttemptChoice) -> FailedAttempt | None:
    """The same where this may follow."""
    attempt = await undecided(work, seen)
    return attempt if attempt is not None and choice in attempt.choices else None
