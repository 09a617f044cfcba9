"""What every way of linking a store needs: its plug-in, credentials that it takes, and its webhooks."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from doorstep.errors import InvalidInput
from doorstep.health import HealthCheck
from doorstep.order import Store, StorePlatform
from doorstep.ports import StoreConnector, StoreLink, StorePlugin
from doorstep.secret import Secret
from gateway.bootstrap.house import House
from gateway.bootstrap.links import API_ENDPOINT

_UNSIGNED = (
    "No secret is kept for this store's webhooks, so none can be trusted. Link the store again with one."
)


def plugin_of(house: House, platform: StorePlatform) -> StorePlugin:
    """What speaks a platform; raises `InvalidInput` where nothing does."""
    plugin = house.plugins.stores.get(platform)
    if plugin is None:
        raise InvalidInput(f"No plug-in speaks {platform}.", path=("platform",))
    return plugin


def as_secrets(credentials: Mapping[str, str]) -> dict[str, Secret]:
    """Credentials as connectors take them: they do not print."""
    return {name: Secret(value) for name, value in credentials.items()}


@asynccontextmanager
async def tried(
    house: House, platform: StorePlatform, url: str, credentials: Mapping[str, str], ca_file: str = ""
) -> AsyncIterator[StoreConnector]:
    """A connector for one look into a store that is not linked yet, or not like that.

    Raises
    ------
    InvalidInput
        If the address or a credential cannot be right, or the address may not be called.
    """
    link = StoreLink(url, as_secrets(credentials), ca_file, clock=house.clock)
    trial = plugin_of(house, platform).connect(link)
    try:
        await house.links.require_callable(credentials.get(API_ENDPOINT) or url)
        yield trial
    finally:
        await trial.close()


def taken_credentials(plugin: StorePlugin, given: Mapping[str, str]) -> dict[str, str]:
    """What was entered, if the platform takes it; a webhook secret is made where none was entered.

    Beside a store's credentials lie marks of ours, such as whose a shop has said to be: nobody may enter one.

    Raises
    ------
    InvalidInput
        Naming a credential that the platform does not take.
    """
    names = [field.name for field in plugin.credentials]
    for name in given:
        if name not in names:
            text = f"{plugin.name} takes no credential {name!r}; it takes {', '.join(names)}."
            raise InvalidInput(text, path=("credentials", name))
    credentials = dict(given)
    if "webhook_secret" in names and not credentials.get("webhook_secret"):
        credentials["webhook_secret"] = secrets.token_urlsafe(32)
    return credentials


async def heal_webhooks(house: House, merchant_id: str, store: Store) -> Sequence[HealthCheck]:
    """Register what is missing of a store's webhooks and switch on what was switched off."""
    secret = await _signing_secret(house, merchant_id, store)
    if not secret:
        return (HealthCheck("webhooks", False, _UNSIGNED, "webhook_secret_missing"),)
    connector = await house.links.store(merchant_id, store.id)
    return await connector.ensure_webhooks(webhook_url(house, store), secret)


def webhook_url(house: House, store: Store) -> str:
    """Where a store's webhooks go: one address for all Shopify shops, one for each WooCommerce store."""
    if store.platform is StorePlatform.SHOPIFY:
        return f"{house.settings.base_url}/webhooks/shopify"
    return f"{house.settings.base_url}/webhooks/stores/{store.id}"


async def _signing_secret(house: House, merchant_id: str, store: Store) -> Secret:
    """What a store's webhooks are signed with; empty where there is none.

    A shop that installed our app has no secret of its own: Shopify signs with the app's. That one is told to
    nobody, least of all to a store that a merchant names.
    """
    async with house.transactions.begin_sql(merchant_id) as work:
        credentials = await work.accounts.store_credentials(store.id)
    if store.platform is StorePlatform.SHOPIFY:
        return credentials.get("client_secret") or house.settings.shopify_client_secret
    return credentials.get("webhook_secret") or Secret("")
