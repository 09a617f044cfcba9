"""Take: fixes of devices are kept, many in one commit, before anybody says that they were taken.

Most of what a fix costs is its transaction: a hundred vans' fixes in one take little longer than one van's.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from doorstep.errors import TokenRejected
from doorstep.position import Position
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.tracking.drive import follow_up
from gateway.flow.tracking.heard import Heard, Judged, counted, judge, known_again
from gateway.flow.tracking.motion import FixFault

log = structlog.get_logger(__name__)

GATHER_S = 0.05
"""So long what fixes mean is gathered before it is worked out: no watcher waits for it, and the fixes of many
vans cost little more than one's.
"""

MOST_FIXES = 1000
"""In one commit."""

MOST_FOLLOWED = 500
"""Drivers whose fixes are looked at in one go."""

COMMITS_AT_ONCE = 4
"""Of different merchants; each takes a connection of the pool."""


@dataclass(frozen=True, slots=True)
class Device:
    """Who sends: a driver, by a device key.

    Attributes
    ----------
    key_hash
        SHA-256 of the key, hexadecimal; "" for whoever has shown otherwise who they are.
    """

    merchant_id: str
    driver_id: str
    key_hash: str = ""


Parcel = tuple[Device, Sequence[Position]]
"""A device and what it sent at one time."""

Faults = tuple[FixFault | None, ...]
"""For each fix in the order in which it was sent, what speaks against it."""


async def keep_fixes(means: Means, merchant_id: str, parcels: Sequence[Parcel]) -> Sequence[Faults | None]:
    """Keep what devices of one merchant sent, in one transaction; then tell where the vans are.

    Gives the faults of each parcel's fixes; None for a parcel whose device key is good no longer.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        good = await _good(work, parcels, now)
        before = await work.positions.lock_heard({device.driver_id for device, _ in good})
        judged = _judged(good, before, now)
        late = await work.positions.log([fix for one in judged.values() for fix in one.logged])
        faults = {driver_id: known_again(one, late) for driver_id, one in judged.items()}
        after = [
            replace(one.heard, rejected=counted(one.heard.rejected, faults[id_]))
            for id_, one in judged.items()
        ]
        await work.positions.put_heard([one for one in after if one != before.get(one.driver_id)])
    await means.positions.moved(merchant_id, _moved(before, after))
    return _by_parcel(parcels, good, faults)


async def _good(work: UnitOfWork, parcels: Sequence[Parcel], now: datetime) -> Sequence[Parcel]:
    """Those whose key is good now: whoever revokes one need tell no process of it."""
    hashes = {device.key_hash for device, _ in parcels if device.key_hash}
    owners = await work.positions.owners(hashes, now) if hashes else {}
    return [
        parcel
        for parcel in parcels
        if not parcel[0].key_hash or owners.get(parcel[0].key_hash) == parcel[0].driver_id
    ]


def _judged(parcels: Sequence[Parcel], before: Mapping[str, Heard], now: datetime) -> Mapping[str, Judged]:
    """By driver, all that came of them."""
    fixes: dict[str, list[Position]] = {}
    for device, some in parcels:
        fixes.setdefault(device.driver_id, []).extend(some)
    return {id_: judge(before.get(id_, Heard(id_)), sent, now) for id_, sent in sorted(fixes.items())}


def _moved(before: Mapping[str, Heard], after: Sequence[Heard]) -> Mapping[str, Position]:
    """Where those are now of whom something new is believed."""
    known = {id_: heard.position for id_, heard in before.items()}
    return {
        one.driver_id: one.position
        for one in after
        if one.position is not None and one.position != known.get(one.driver_id)
    }


def _by_parcel(
    parcels: Sequence[Parcel], good: Sequence[Parcel], faults: Mapping[str, Faults]
) -> Sequence[Faults | None]:
    taken = {id(parcel) for parcel in good}
    begun: dict[str, int] = {}
    answers: list[Faults | None] = []
    for parcel in parcels:
        if id(parcel) not in taken:
            answers.append(None)
            continue
        device, fixes = parcel
        start = begun.get(device.driver_id, 0)
        begun[device.driver_id] = start + len(fixes)
        answers.append(faults[device.driver_id][start : start + len(fixes)])
    return answers


async def look_after_fixes(means: Means, merchant_id: str) -> None:
    """Take up fixes that were kept and that nobody has looked at, because a process died in between."""
    async with means.begin(merchant_id) as work:
        behind = await work.positions.behind(MOST_FOLLOWED)
    if behind:
        await follow_up(means, merchant_id, behind)


@dataclass(slots=True)
class _Waiting:
    parcel: Parcel
    done: asyncio.Future[Faults | None] = field(repr=False)


class FixTaker:
    """Collects fixes for a moment and commits those of a merchant together; then works out what they mean.

    One commit of a merchant runs at a time, and what arrives meanwhile goes into the next one, so that the
    batches grow with the load by themselves and the first fix waits for nobody. What fixes mean is worked out
    beside that, in rounds.
    """

    def __init__(self, means: Means, *, gather_s: float = GATHER_S, most_fixes: int = MOST_FIXES) -> None:
        self._means = means
        self._gather_s = gather_s
        self._most_fixes = most_fixes
        self._queues: dict[str, deque[_Waiting]] = {}
        self._unread: dict[str, set[str]] = {}
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(COMMITS_AT_ONCE)
        self._is_closed = False

    async def take(self, device: Device, fixes: Sequence[Position]) -> Faults:
        """Keep fixes; returns when they are durable, with what speaks against each.

        Raises
        ------
        TokenRejected
            If the device key is good no longer.
        OSError
            If the process is shutting down: send it again.
        """
        if self._is_closed:
            raise OSError("this process is shutting down")
        waiting = _Waiting((device, fixes), asyncio.get_running_loop().create_future())
        self._queues.setdefault(device.merchant_id, deque()).append(waiting)
        self._start("keep", device.merchant_id, self._keep)
        faults = await waiting.done
        if faults is None:
            raise TokenRejected("This device key is good no longer.")
        return faults

    async def settle(self) -> None:
        """Wait until everything that was taken is looked at."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def close(self, budget_s: float = 10.0) -> None:
        """Take nothing more and finish what was taken; what its time is too short for, a chore takes up."""
        self._is_closed = True
        if self._tasks:
            _, unfinished = await asyncio.wait(self._tasks.values(), timeout=budget_s)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    def _start(self, what: str, merchant_id: str, act: Callable[[str], Awaitable[None]]) -> None:
        """Let one task do this for a merchant, if none does."""
        key = (what, merchant_id)
        if key in self._tasks:
            return

        async def run() -> None:
            try:
                await act(merchant_id)
            finally:
                # No await since the last look at what there is to do: nothing is left without a task.
                del self._tasks[key]

        self._tasks[key] = asyncio.create_task(run(), name=f"{what} fixes")

    async def _keep(self, merchant_id: str) -> None:
        queue = self._queues[merchant_id]
        try:
            while queue:
                async with self._places:
                    await self._commit(merchant_id, self._batch(queue))
        finally:
            # Empty, unless this was cancelled.
            for waiting in self._queues.pop(merchant_id):
                _fail(waiting, OSError("this process shut down before it was kept"))

    def _batch(self, queue: deque[_Waiting]) -> Sequence[_Waiting]:
        batch: list[_Waiting] = []
        count = 0
        while queue and count < self._most_fixes:
            count += len(queue[0].parcel[1])
            batch.append(queue.popleft())
        return batch

    async def _commit(self, merchant_id: str, batch: Sequence[_Waiting]) -> None:
        try:
            answers = await keep_fixes(self._means, merchant_id, [waiting.parcel for waiting in batch])
        except asyncio.CancelledError:
            for waiting in batch:
                _fail(waiting, OSError("this process shut down before it was kept"))
            raise
        except Exception as error:
            if len(batch) == 1 or self._means.passes_by_itself(error):
                for waiting in batch:
                    _fail(waiting, error)
                return
            # One that cannot be kept must not sink its neighbours.
            for waiting in batch:
                await self._commit(merchant_id, [waiting])
            return
        for waiting, faults in zip(batch, answers, strict=True):
            if not waiting.done.done():
                waiting.done.set_result(faults)
        drivers = {
            waiting.parcel[0].driver_id
            for waiting, faults in zip(batch, answers, strict=True)
            if faults is not None and None in faults
        }
        if drivers:
            self._unread.setdefault(merchant_id, set()).update(drivers)
            self._start("follow", merchant_id, self._follow)

    async def _follow(self, merchant_id: str) -> None:
        unread = self._unread[merchant_id]
        while unread:
            if not self._is_closed:
                await asyncio.sleep(self._gather_s)
            drivers = [unread.pop() for _ in range(min(len(unread), MOST_FOLLOWED))]
            try:
                await follow_up(self._means, merchant_id, drivers)
            except Exception as error:
                # The type only: messages of databases quote rows. A chore takes these drivers up.
                log.warning("fixes were not looked at", merchant_id=merchant_id, error=type(error).__name__)
        del self._unread[merchant_id]


def _fail(waiting: _Waiting, error: Exception) -> None:
    # A waiter that hung up has a cancelled future, which takes no answer.
    if not waiting.done.done():
        waiting.done.set_exception(error)
