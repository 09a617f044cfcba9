"""Asking a shop whether the link to it is well."""

from __future__ import annotations

from connectors.stores.shopify import diagnosis, rates
from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import ADDRESS_SAMPLE, INSTALLATION
from connectors.stores.shopify.payload import Field
from connectors.stores.shopify.subscriptions import list_subscriptions, missing_topics
from doorstep.clock import Clock
from doorstep.errors import DoorstepError, RemoteError
from doorstep.health import HealthCheck


async def check(client: ShopifyClient, clock: Clock) -> tuple[HealthCheck, ...]:
    """What is wrong; never raises."""
    try:
        answer = await client.send(INSTALLATION, {})
        data = Field(answer.data)
        checks = [
            HealthCheck("credentials", True, "Shopify accepts the access token."),
            diagnosis.scopes(_scopes(data)),
            diagnosis.version(answer),
            diagnosis.clock(answer, clock.now()),
            diagnosis.plan(data["shop"]["plan"]),
        ]
    except DoorstepError as error:
        return (_failed(error),)
    # A plan without rates, or an app without scopes, says already why there are none.
    has_rates = all(check.passed for check in checks if check.name in {"scopes", "plan"})
    for look in (_personal_data, _webhooks, *((rates.look,) if has_rates else ())):
        try:
            checks.append(await look(client))
        except DoorstepError as error:
            checks.append(_failed(error))
    return tuple(checks)


async def granted_scopes(client: ShopifyClient) -> tuple[str, ...]:
    """What the shop lets the app do, in Shopify's words, sorted."""
    answer = await client.send(INSTALLATION, {})
    return tuple(sorted(_scopes(Field(answer.data))))


def _scopes(data: Field) -> set[str]:
    scopes = data["currentAppInstallation"]["accessScopes"].items()
    return {scope["handle"].text_or_empty() for scope in scopes}


async def _personal_data(client: ShopifyClient) -> HealthCheck:
    return diagnosis.personal_data(await client.send(ADDRESS_SAMPLE, {}))


async def _webhooks(client: ShopifyClient) -> HealthCheck:
    return diagnosis.webhooks(missing_topics(await list_subscriptions(client)))


def _failed(error: DoorstepError) -> HealthCheck:
    if isinstance(error, RemoteError):
        return diagnosis.of_error(error)
    text = "Shopify's answer is not what its documentation says. Please report this."
    return HealthCheck("reachable", False, text, "not_shopify")
