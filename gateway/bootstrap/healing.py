"""Healing: what a store needs of us and may lose by itself, its webhooks and what asks for rates."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from doorstep.errors import DoorstepError
from doorstep.health import HealthCheck
from doorstep.order import Store
from doorstep.ports import ShowsRates
from gateway.auth.rate_doors import RateDoors
from gateway.bootstrap.house import House
from gateway.bootstrap.linking import heal_webhooks
from gateway.bootstrap.secrets import secret_keys

log = structlog.get_logger(__name__)

LEAVING_S = 10.0
"""How long somebody who removes a store waits for it, seconds of the machine."""


async def heal_store(house: House, store: Store) -> Sequence[HealthCheck]:
    """Register what is missing and switch on what was switched off; raises as `KeptLinks.store`."""
    webhooks = await heal_webhooks(house, store.merchant_id, store)
    return [*webhooks, *await heal_rates(house, store)]


async def heal_rates(house: House, store: Store) -> Sequence[HealthCheck]:
    """Let the store's checkout ask us for rates, where it is one that asks at an address."""
    connector = await house.links.store(store.merchant_id, store.id)
    if not isinstance(connector, ShowsRates):
        return ()
    return (await connector.ensure_rates(rates_url(house, store)),)


async def stop_rates(house: House, store: Store) -> None:
    """Let a store that is let go of ask us for rates no more, as far as it still lets us in."""
    try:
        async with asyncio.timeout(LEAVING_S):
            connector = await house.links.store(store.merchant_id, store.id)
            if isinstance(connector, ShowsRates):
                await connector.drop_rates(rates_url(house, store))
    except (DoorstepError, TimeoutError) as error:
        # Its merchant wants to be rid of us: that is not to wait for their shop.
        log.warning("a store may go on asking for rates", store_id=store.id, error=type(error).__name__)


def rates_url(house: House, store: Store) -> str:
    """Where a shop asks for rates: an address of its own, which nobody can guess."""
    door = RateDoors(secret_keys(house.settings)).of(store.id)
    return f"{house.settings.base_url}/checkout/shopify/rates/{door}"


def after_healing(checks: Sequence[HealthCheck], healed: Sequence[HealthCheck]) -> list[HealthCheck]:
    """What was found, with what has been healed since in its place."""
    names = {check.name for check in healed}
    if "plan" in names:
        # The plan is why there are no rates: what else was found of them would send a merchant looking.
        names.add("rates")
    return [*(check for check in checks if check.name not in names), *healed]
