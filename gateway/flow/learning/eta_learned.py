"""Learned: a merchant's arrivals become a new version, which answers if it is better on the newest."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

import structlog

from doorstep.errors import NotFound
from doorstep.eta_learning import EtaVersion
from gateway.flow.ports import Means
from gateway.flow.ports.eta import Learned

log = structlog.get_logger(__name__)

FEWEST = 20
"""Arrivals with which the table of carriers begins."""

NEW_SHARE = 0.1
"""So many more than there were must have turned out for it to be worth learning again; at least `FEWEST`."""

MOST = 20_000
"""The newest are learned from."""


async def learn_due(means: Means, merchant_id: str) -> EtaVersion | None:
    """Learn again where enough has turned out since the last time; gives the version that came of it."""
    if means.models is None:
        return None
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        newest = await work.etas.versions(1)
        since = newest[0].trained_at if newest else None
        learned_from = newest[0].trips if newest else 0
        if await work.etas.arrived_since(since) < max(FEWEST, NEW_SHARE * min(learned_from, MOST)):
            return None
        trips = await work.etas.finished(MOST)
        current = await work.etas.current()
        before = await work.etas.body(current.number) if current and current.has_model else None
    before_at = current.trained_at if current and before else None
    found = await asyncio.to_thread(means.models.learn, trips, before, before_at)
    version = _version(found, current, newest[0].number + 1 if newest else 1, len(trips), now)
    async with means.begin(merchant_id) as work:
        # Two processes may have learned the same; one of them keeps it.
        kept = await work.etas.add(version, found.body if version.has_model else None)
    log.info("arrivals were learned from", version=version.number, trips=version.trips, note=version.note)
    return version if kept else None


async def go_back(means: Means, merchant_id: str, number: int) -> EtaVersion:
    """Let an older version answer again.

    Raises
    ------
    NotFound
        If there is none of this number whose model is still there.
    """
    async with means.begin(merchant_id) as work:
        version = await work.etas.use(number)
    if version is None:
        raise NotFound(f"version {number} that could answer", path=("input", "number"))
    return version


def _version(
    found: Learned, current: EtaVersion | None, number: int, trips: int, now: datetime
) -> EtaVersion:
    verdict = _verdict(found, current)
    return EtaVersion(
        number=number,
        trained_at=now,
        is_current=verdict.answers,
        has_model=verdict.has_model,
        trips=trips,
        carriers=found.carriers,
        error_s=found.error_s,
        coverage=found.coverage,
        worst_coverage=found.worst_coverage,
        worst_slice=found.worst_slice,
        reckoned_error_s=found.reckoned_error_s,
        before_error_s=found.before_error_s,
        note=verdict.note,
    )


@dataclass(frozen=True, slots=True)
class _Verdict:
    answers: bool
    has_model: bool
    note: str


def _verdict(found: Learned, current: EtaVersion | None) -> _Verdict:
    """Who answers from now on; errors are of the newest trips, which none of them had seen."""
    has_answer = current is not None and current.has_model
    if found.body is None or found.error_s is None or found.reckoned_error_s is None:
        return _Verdict(not has_answer, False, "There are too few arrivals for a model; the table answers.")
    if found.error_s >= found.reckoned_error_s:
        note = "The model is no better than what roads and carriers say; the table answers."
        return _Verdict(not has_answer, False, note if not has_answer else _STAYS)
    if has_answer and found.before_error_s is not None and found.error_s > found.before_error_s:
        return _Verdict(False, True, _STAYS)
    return _Verdict(True, True, "It is better on the newest arrivals and answers.")


_STAYS = "It is no better than the version that answers, which stays."
