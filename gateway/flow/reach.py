"""Reach: whether a store answers, written down for people and for whoever would try next."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.errors import AccountProblem, RemoteError, RemoteRefused
from doorstep.order import LinkStatus, Store
from gateway.flow.ports import Means
from gateway.flow.records import StoreSync

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=2)
"""A store that is away is tried again after a quarter of the time that it has been away, within these."""


@asynccontextmanager
async def watched(means: Means, store: Store) -> AsyncIterator[None]:
    """Note whether the store answered what the block asked it; its errors go on.

    A store that turns our credentials away is DEGRADED until it takes them again.
    """
    try:
        yield
    except RemoteRefused:
        # It answers: what it will not do is about one thing that was asked, not about the store.
        await _write_down(means, store, None)
        raise
    except RemoteError as error:
        await _write_down(means, store, error)
        raise
    await _write_down(means, store, None)


def reached(sync: StoreSync, now: datetime) -> StoreSync:
    """The state of a store that has just answered."""
    return replace(sync, answered_at=now, away_since=None, tried_at=None, problem_code="", problem_text="")


def may_try(sync: StoreSync, now: datetime) -> bool:
    """Whether a store that was away is worth another try."""
    if sync.away_since is None or sync.tried_at is None:
        return True
    pause = min(max((sync.tried_at - sync.away_since) / 4, FIRST_PAUSE), LONGEST_PAUSE)
    return now >= sync.tried_at + pause


async def _write_down(means: Means, store: Store, error: RemoteError | None) -> None:
    now = means.clock.now()
    async with means.begin(store.merchant_id) as work:
        if error is None and _is_well_known(await work.syncs.get(store.id), now):
            return
        sync = await work.syncs.get(store.id, lock=True)
        await work.syncs.put(reached(sync, now) if error is None else _away(sync, error, now))
        current = await work.accounts.store(store.id)
        is_turned_away = isinstance(error, AccountProblem)
        is_back = error is None and sync.away_since is not None
        if current is None or current.status is LinkStatus.DISCONNECTED or not (is_turned_away or is_back):
            return
        status = LinkStatus.DEGRADED if is_turned_away else LinkStatus.CONNECTED
        await work.accounts.put_store(replace(current, status=status))


def _is_well_known(sync: StoreSync, now: datetime) -> bool:
    """Whether it is written already that the store answers."""
    is_fresh = sync.answered_at is not None and now - sync.answered_at < FIRST_PAUSE
    return sync.away_since is None and is_fresh


def _away(sync: StoreSync, error: RemoteError, now: datetime) -> StoreSync:
    return replace(
        sync,
        away_since=sync.away_since or now,
        tried_at=now,
        problem_code=error.raw_code or error.code,
        problem_text=error.message,
    )
