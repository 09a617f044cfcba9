"""Fail: what follows where a notice could not be sent, or did not arrive."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.incident import IncidentKind
from doorstep.notice import (
    FINAL_FAULTS,
    Notice,
    NoticeFault,
    NoticeRefused,
    NoticeStatus,
    Suppression,
)
from gateway.flow.messaging.people.occasions import is_stale
from gateway.flow.messaging.people.tell import note
from gateway.flow.messaging.people.unreachable import mark
from gateway.flow.ports import UnitOfWork
from gateway.flow.watching.incidents import Alarm, raise_incident

WAITS_S = (30, 120, 600, 1_800, 7_200, 14_400)
"""Seconds between tries where a provider is busy; after the last it is given up."""

LATER = timedelta(hours=1)
"""Until a telephone that was off is tried once more."""


async def fail(work: UnitOfWork, notice: Notice, refused: NoticeRefused, now: datetime) -> None:
    """Write down a no, and do what follows from it; the delivery is locked, then the notice."""
    wait = _wait(notice, refused.fault)
    failed = replace(notice, fault=refused.fault, why=refused.why, raw_code=refused.raw_code)
    if wait is not None:
        await work.notices.put(replace(failed, status=NoticeStatus.WAITING, due_at=now + wait))
        return
    await work.notices.put(replace(failed, status=NoticeStatus.FAILED, due_at=None))
    match refused.fault:
        case NoticeFault.BAD_RECIPIENT:
            await mark(work, notice, now)
        case NoticeFault.SUPPRESSED:
            theirs = (notice.merchant_id, notice.channel, notice.recipient_key)
            await work.notices.suppress(Suppression(*theirs, "STOP", now))
        case NoticeFault.ACCOUNT:
            text = (
                f"{refused.why} Its code is {refused.raw_code}; `doorstep messages check` tries the account."
            )
            title, about = "Shoppers cannot be written to", f"messages by {notice.channel}"
            await raise_incident(work, Alarm(IncidentKind.OTHER, title, text, about=about), now)
        case _:
            pass
    await by_another_way(work, failed, now)


async def drop(work: UnitOfWork, notice: Notice, why: str) -> None:
    """Decide that it is not sent."""
    await work.notices.put(replace(notice, status=NoticeStatus.DROPPED, due_at=None, why=why))


async def by_another_way(work: UnitOfWork, notice: Notice, now: datetime) -> None:
    """Say the same by the next channel that is open, if it is still so."""
    delivery = await work.deliveries.get(notice.delivery_id)
    if delivery is None or is_stale(notice, delivery, now):
        return
    merchant = await work.accounts.merchant()
    tried = {
        one.channel
        for one in await work.notices.of_delivery(notice.delivery_id)
        if (one.event, one.occasion) == (notice.event, notice.occasion)
    }
    await note(work, merchant, delivery, notice.event, notice.occasion, now, without=tried)


def _wait(notice: Notice, fault: NoticeFault) -> timedelta | None:
    """How long until it is tried again; None gives it up."""
    if fault in FINAL_FAULTS:
        return None
    if fault is NoticeFault.TRY_LATER:
        return LATER if notice.attempts <= 1 else None
    return timedelta(seconds=WAITS_S[notice.attempts - 1]) if 0 < notice.attempts <= len(WAITS_S) else None
