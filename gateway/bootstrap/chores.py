"""What the gateway does again and again for every merchant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import structlog

from doorstep.errors import DoorstepError
from gateway.bootstrap.accounts import heal_webhooks
from gateway.bootstrap.house import House
from gateway.flow.intake import sync_store
from gateway.flow.plan import plan_due
from gateway.flow.watch import sweep
from gateway.store.accounts import all_merchants
from gateway.store.tidy import tidy
from gateway.workers.periodic import Chore
from gateway.workers.rescue import rescue_stalled

log = structlog.get_logger(__name__)

SWEEP_EVERY_S, PLAN_EVERY_S, RESCUE_EVERY_S = 30.0, 300.0, 30.0
HEAL_EVERY_S = TIDY_EVERY_S = 3600.0


def chores(house: House) -> Sequence[Chore]:
    """All of them; their times are those of the house's clock."""
    return (
        Chore("rescue", RESCUE_EVERY_S, lambda: _rescue(house)),
        Chore("sync", float(house.settings.sync_every_s), lambda: _each_merchant(house, _sync_all)),
        Chore("heal", HEAL_EVERY_S, lambda: _each_merchant(house, _heal)),
        Chore("watch", SWEEP_EVERY_S, lambda: _each_merchant(house, _sweep)),
        Chore("tidy", TIDY_EVERY_S, lambda: _each_merchant(house, _tidy)),
        Chore("plan", PLAN_EVERY_S, lambda: _each_merchant(house, _plan)),
    )


async def _rescue(house: House) -> None:
    await rescue_stalled(house.queue)


async def _sync_all(house: House, merchant_id: str) -> None:
    async with house.means.begin(merchant_id) as work:
        stores = await work.accounts.stores()
    for store in stores:
        try:
            await sync_store(house.means, merchant_id, store.id)
        except DoorstepError as error:
            # One store that is down does not keep the others from being read.
            log.warning("store could not be read", store_id=store.id, code=error.code)


async def _heal(house: House, merchant_id: str) -> None:
    """Stores switch webhooks off by themselves after a few failures: look after them."""
    async with house.means.begin(merchant_id) as work:
        stores = await work.accounts.stores()
    for store in stores:
        try:
            await heal_webhooks(house, merchant_id, store)
        except DoorstepError as error:
            log.warning("webhooks could not be looked after", store_id=store.id, code=error.code)


async def _sweep(house: House, merchant_id: str) -> None:
    await sweep(house.means, merchant_id)


async def _tidy(house: House, merchant_id: str) -> None:
    await tidy(house.database, merchant_id, house.clock.now())


async def _plan(house: House, merchant_id: str) -> None:
    await plan_due(house.means, merchant_id)


async def _each_merchant(house: House, act: Callable[[House, str], Awaitable[None]]) -> None:
    async with house.database.doors() as connection:
        merchants = await all_merchants(connection)
    for merchant_id in merchants:
        try:
            await act(house, merchant_id)
        except Exception as error:
            log.warning("chore failed", merchant_id=merchant_id, error=type(error).__name__)
