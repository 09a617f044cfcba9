"""What the gateway does again and again for every merchant."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime

import structlog

from doorstep.errors import DoorstepError
from doorstep.events import StoreNotified
from doorstep.order import LinkStatus, Store
from gateway.bootstrap.house import House
from gateway.bootstrap.linking import heal_webhooks
from gateway.flow.compare import count_due
from gateway.flow.plan import plan_due
from gateway.flow.privacy import redact_due
from gateway.flow.sync import rescan_due, sync_store
from gateway.flow.tell import tell_due
from gateway.flow.watch import sweep
from gateway.store.accounts import all_merchants
from gateway.store.tidy import tidy
from gateway.workers.periodic import Chore
from gateway.workers.rescue import rescue_stalled

log = structlog.get_logger(__name__)

SWEEP_EVERY_S, PLAN_EVERY_S, RESCUE_EVERY_S = 30.0, 300.0, 30.0
CATCH_UP_EVERY_S, TELL_EVERY_S = 15.0, 15.0
HEAL_EVERY_S = TIDY_EVERY_S = LOOK_AGAIN_EVERY_S = 3600.0

STORES_AT_ONCE = 8
"""Stores that are read side by side: one that answers slowly holds up few others."""

LINKED = frozenset({LinkStatus.CONNECTED, LinkStatus.DEGRADED})

Act = Callable[[House, str], Awaitable[None]]
OfStore = Callable[[House, Store], Awaitable[object]]


def chores(house: House) -> Sequence[Chore]:
    """All of them; their times are those of the house's clock."""

    def each(name: str, every_s: float, act: Act) -> Chore:
        return Chore(name, every_s, lambda: _each_merchant(house, act))

    def each_store(name: str, every_s: float, act: OfStore, among: Collection[LinkStatus] = LINKED) -> Chore:
        return Chore(name, every_s, lambda: _each_store(house, name, act, among))

    return (
        Chore("rescue", RESCUE_EVERY_S, lambda: _rescue(house)),
        each_store("sync", float(house.settings.sync_every_s), _sync),
        each_store("catch up", CATCH_UP_EVERY_S, _catch_up, among=LinkStatus),
        each_store("look again", LOOK_AGAIN_EVERY_S, _look_again),
        each_store("heal", HEAL_EVERY_S, _heal),
        each("tell", TELL_EVERY_S, _tell),
        each("watch", SWEEP_EVERY_S, _sweep),
        each("tidy", TIDY_EVERY_S, _tidy),
        each("plan", PLAN_EVERY_S, _plan),
    )


async def _rescue(house: House) -> None:
    await rescue_stalled(house.queue)


async def _sync(house: House, store: Store) -> None:
    await sync_store(house.means, store.merchant_id, store.id)


async def _catch_up(house: House, store: Store) -> None:
    """Take up webhooks that nobody worked on, because the store did not answer or a worker died."""
    async with house.means.begin(store.merchant_id) as work:
        waiting = await work.inbox.waiting(store.id, 1)
        if waiting and _waited(house, waiting[0].received_at):
            await work.emit(StoreNotified(store.merchant_id, store.id))


def _waited(house: House, since: datetime) -> bool:
    return (house.clock.now() - since).total_seconds() >= CATCH_UP_EVERY_S


async def _look_again(house: House, store: Store) -> None:
    """A second look at two days each night, and a count of every day each week."""
    await rescan_due(house.means, store)
    await count_due(house.means, store)


async def _heal(house: House, store: Store) -> None:
    """Stores switch webhooks off by themselves after a few failures: look after them."""
    await heal_webhooks(house, store.merchant_id, store)


async def _tell(house: House, merchant_id: str) -> None:
    await tell_due(house.means, merchant_id)


async def _sweep(house: House, merchant_id: str) -> None:
    await sweep(house.means, merchant_id)


async def _tidy(house: House, merchant_id: str) -> None:
    await redact_due(house.means, merchant_id)
    await tidy(house.database, merchant_id, house.clock.now())


async def _plan(house: House, merchant_id: str) -> None:
    await plan_due(house.means, merchant_id)


async def _each_merchant(house: House, act: Act) -> None:
    for merchant_id in await _merchants(house):
        try:
            await act(house, merchant_id)
        except Exception as error:
            log.warning("chore failed", merchant_id=merchant_id, error=type(error).__name__)


async def _each_store(house: House, chore: str, act: OfStore, among: Collection[LinkStatus]) -> None:
    """Do it for every store of these; one that is down keeps no other from its turn."""
    turns = asyncio.Semaphore(STORES_AT_ONCE)

    async def one(store: Store) -> None:
        async with turns:
            try:
                await act(house, store)
            except DoorstepError as error:
                log.warning("store could not be served", chore=chore, store_id=store.id, code=error.code)
            except Exception as error:
                log.warning("chore failed", chore=chore, store_id=store.id, error=type(error).__name__)

    async with asyncio.TaskGroup() as tasks:
        for merchant_id in await _merchants(house):
            async with house.means.begin(merchant_id) as work:
                stores = await work.accounts.stores()
            for store in stores:
                if store.status in among:
                    tasks.create_task(one(store))


async def _merchants(house: House) -> Sequence[str]:
    async with house.database.doors() as connection:
        return await all_merchants(connection)
