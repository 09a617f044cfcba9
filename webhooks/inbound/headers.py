"""Which headers of a webhook are kept with it: what it is, never what proves it."""

from __future__ import annotations

from collections.abc import Mapping

KEPT = frozenset(
    """
    content-type
    x-shopify-topic x-shopify-sub-topic x-shopify-shop-domain x-shopify-api-version x-shopify-webhook-id
    x-shopify-event-id x-shopify-triggered-at x-shopify-name
    shopify-topic shopify-shop-domain shopify-api-version shopify-webhook-id shopify-handle shopify-action
    shopify-triggered-at
    x-wc-webhook-source x-wc-webhook-topic x-wc-webhook-resource x-wc-webhook-event x-wc-webhook-id
    x-wc-webhook-delivery-id
    x-timestamp x-path
    webhook-id webhook-timestamp
    """.split()
)
"""Shopify's webhooks and events of 2026-10, WooCommerce 10.5, EasyPost, Standard Webhooks."""

_MAX_VALUE_LENGTH = 512


def lower_names(headers: Mapping[str, str]) -> dict[str, str]:
    """All headers with their names in lower case, as the readers expect them."""
    return {name.lower(): value for name, value in headers.items()}


def keep(headers: Mapping[str, str]) -> dict[str, str]:
    """Those to be stored; names must be in lower case. A stranger's value is cut at 512 characters."""
    return {name: value[:_MAX_VALUE_LENGTH] for name, value in headers.items() if name in KEPT}
