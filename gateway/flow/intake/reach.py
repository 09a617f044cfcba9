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

SCOPES_MISSING = "scope_missing"


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
    """The state of a store that has just answered: trouble with answers is over, missing scopes are not."""
    answered = replace(sync, answered_at=now, away_since=None, tried_at=None)
    return answered if lacks_scopes(sync) else replace(answered, problem_code="", problem_text="")


def turned_away(sync: StoreSync, error: RemoteError, now: datetime) -> StoreSync:
    """The state of a store that did not answer as it should."""
    away = replace(sync, away_since=sync.away_since or now, tried_at=now)
    if lacks_scopes(sync):
        return away  # most likely that is why, and it says more than one call that was refused
    return replace(away, problem_code=error.raw_code or error.code, problem_text=error.message)


def lacking_scopes(sync: StoreSync, text: str) -> StoreSync:
    """The state of a store that lets us do less than we need, until `granted`; `text` says what to do."""
    return replace(sync, problem_code=SCOPES_MISSING, problem_text=text)


def lacks_scopes(sync: StoreSync) -> bool:
    """Whether a store lets us do less than we need. What it does let us do it answers all the same."""
    return sync.problem_code == SCOPES_MISSING


def granted(sync: StoreSync) -> StoreSync:
    """The state of a store that lets us do all that we need."""
    return replace(sync, problem_code="", problem_text="") if lacks_scopes(sync) else sync


def may_try(sync: StoreSync, now: datetime) -> bool:
    """Whether a store that was away is worth another try."""
    if sync.away_since is None or sync.tried_at is None:
        return True
    pause = min(max((sync.tried_at - sync.away_since) / 4, FIRST_PAUSE), LONGEST_PAUSE)
    return now >= sync.tried_at + pause


async def _write_down(means: Means, store: Store, error: RemoteError | None) -> None:
    now = means.clock.now()
    async with means.begin(store.merchant_id) as work:
        if error is None and _is_well_known(store, await work.syncs.get(store.id), now):
            return
        sync = await work.syncs.get(store.id, lock=True)
        sync = reached(sync, now) if error is None else turned_away(sync, error, now)
        await work.syncs.put(sync)
        current = await work.accounts.store(store.id)
        if current is None or current.status in (LinkStatus.PENDING, LinkStatus.DISCONNECTED):
            return
        status = current.status
        if isinstance(error, AccountProblem) or lacks_scopes(sync):
            status = LinkStatus.DEGRADED
        elif error is None:
            status = LinkStatus.CONNECTED
        if status is not current.status:
            await work.accounts.put_store(replace(current, status=status))


def _is_well_known(store: Store, sync: StoreSync, now: datetime) -> bool:
    """Whether it is written already that the store answers."""
    is_fresh = sync.answered_at is not None and now - sync.answered_at < FIRST_PAUSE
    is_settled = store.status is LinkStatus.CONNECTED or lacks_scopes(sync)
    return sync.away_since is None and is_fresh and is_settled
