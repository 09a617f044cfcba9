"""Unknown codes: what a carrier says and no table here knows is counted, so that somebody adds it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog

from doorstep.booking import CarrierUpdate
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.quote import Decline
from gateway.flow.ports import UnitOfWork
from gateway.flow.ports.unknowns import CodeKind

log = structlog.get_logger(__name__)

WORDS = "(words)"
"""Stands for a text in place of a code: it may name people."""

_CODE = re.compile(r"[A-Za-z0-9_.:/#-]{1,80}")


def unknown_codes(update: CarrierUpdate) -> tuple[tuple[CodeKind, str], ...]:
    """What nobody here knows of an update."""
    found: list[tuple[CodeKind, str]] = []
    if update.status is DeliveryStatus.UNKNOWN and update.raw_status:
        found.append((CodeKind.STATUS, _as_code(update.raw_status)))
    if update.trouble is IncidentKind.OTHER and update.raw_reason:
        found.append((CodeKind.REASON, _as_code(update.raw_reason)))
    return tuple(found)


async def count_unknown(work: UnitOfWork, carrier: str, update: CarrierUpdate, now: datetime) -> None:
    """Count what is unknown of an update that is news; the last thing that its transaction does."""
    await _count(work, carrier, unknown_codes(update), now)


async def count_unknown_errors(work: UnitOfWork, declined: Iterable[Decline], now: datetime) -> None:
    """The same for the errors with which carriers refuse a quote or a booking."""
    unknown: dict[str, list[tuple[CodeKind, str]]] = {}
    for decline in declined:
        if decline.raw_code and not decline.is_known_code:
            unknown.setdefault(decline.carrier, []).append((CodeKind.ERROR, _as_code(decline.raw_code)))
    for carrier in sorted(unknown):
        await _count(work, carrier, unknown[carrier], now)


async def _count(
    work: UnitOfWork, carrier: str, codes: Sequence[tuple[CodeKind, str]], now: datetime
) -> None:
    if not codes:
        return
    for kind, code in codes:
        log.warning("a carrier's code is unknown here", carrier=carrier, kind=kind.value, raw_code=code)
    await work.unknowns.note(carrier, codes, now)


def _as_code(text: str) -> str:
    return text if _CODE.fullmatch(text) else WORDS
