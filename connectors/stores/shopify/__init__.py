"""Shopify: orders, fulfillment orders, locations and webhooks through the Admin GraphQL API 2026-10."""

from __future__ import annotations

from connectors.stores.shopify.link import CREDENTIALS, read_client_secret, read_link
from connectors.stores.shopify.webhook import ShopifyWebhookReader
from doorstep.order import StorePlatform
from doorstep.ports import StoreConnector, StoreLink, StorePlugin


def connect(link: StoreLink) -> StoreConnector:
    """Link a shop; no input or output.

    Raises
    ------
    InvalidInput
        Naming what is missing or wrong: `url` or a credential.
    """
    checked = read_link(link)
    client_secret = read_client_secret(link.credentials)
    # The SDK takes a while to import, so it waits until a shop is linked.
    from connectors.stores.shopify.client import ShopifyClient
    from connectors.stores.shopify.connector import ShopifyConnector

    return ShopifyConnector(ShopifyClient(checked), client_secret, clock=link.clock)


CONNECTOR = StorePlugin(
    platform=StorePlatform.SHOPIFY,
    name="Shopify",
    credentials=CREDENTIALS,
    connect=connect,
    webhooks=ShopifyWebhookReader(),
)
