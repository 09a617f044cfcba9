"""Endpoints of a simulated WooCommerce about the shop itself: products, settings, webhooks, its report."""

from __future__ import annotations

import re
from typing import Any

from simulator.stores.woocommerce.answers import Asked, Counter, Query, Result, Routes, refusal, rows
from simulator.stores.woocommerce.goods import shown_product
from simulator.stores.woocommerce.listing import ids_of

_CURRENCY = "woocommerce_currency"


def list_products(counter: Counter, asked: Asked) -> Result:
    """Products, without variations."""
    return _products(counter, asked, parent_id=0)


def list_variations(counter: Counter, asked: Asked, product_id: str) -> Result:
    """The variations of one product."""
    if int(product_id) not in counter.shelf.products:
        return _no_product()
    return _products(counter, asked, parent_id=int(product_id))


def get_product(counter: Counter, asked: Asked, product_id: str) -> Result:
    """One product, or one variation under its own id."""
    products = counter.shelf.products
    product = products.get(int(product_id))
    return _no_product() if product is None else Result(200, shown_product(product, products, asked.home))


def get_variation(counter: Counter, asked: Asked, product_id: str, variation_id: str) -> Result:
    """One variation of one product."""
    product = counter.shelf.products.get(int(variation_id))
    if product is None or product.parent_id != int(product_id):
        return _no_product()
    return get_product(counter, asked, variation_id)


def list_settings(counter: Counter, asked: Asked, group: str) -> Result:
    """The settings of one group."""
    values = _settings(counter).get(group)
    if values is None:
        return refusal(404, "rest_setting_setting_group_invalid", "Invalid setting group.")
    return Result(200, [_shown_setting(asked, group, name, value) for name, value in values.items()])


def get_setting(counter: Counter, asked: Asked, group: str, name: str) -> Result:
    """One setting."""
    values = _settings(counter).get(group)
    if values is None:
        return refusal(404, "rest_setting_setting_group_invalid", "Invalid setting group.")
    if name not in values:
        return refusal(404, "rest_setting_setting_invalid", "Invalid setting.")
    return Result(200, _shown_setting(asked, group, name, values[name]))


def list_webhooks(counter: Counter, asked: Asked) -> Result:
    """All webhooks, newest first; `status` filters."""
    status = asked.query.get("status", "all")
    found = [
        webhook.shown(counter.shelf.settings, asked.home)
        for webhook in counter.hooks.webhooks.values()
        if status in {"all", webhook.status}
    ]
    return rows(found[::-1], asked.query)


def get_webhook(counter: Counter, asked: Asked, webhook_id: str) -> Result:
    """One webhook."""
    webhook = counter.hooks.webhooks.get(int(webhook_id))
    if webhook is None:
        return refusal(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")
    return Result(200, webhook.shown(counter.shelf.settings, asked.home))


def post_webhook(counter: Counter, asked: Asked) -> Result:
    """Another webhook, "active" even where WordPress will never deliver to its address (measured)."""
    given = asked.payload
    if not re.fullmatch(r"order\.(created|updated|deleted|restored)", str(given.get("topic"))):
        return refusal(400, "woocommerce_rest_shop_webhook_invalid_topic", "Invalid topic.")
    if not str(given.get("delivery_url", "")).startswith(("http://", "https://")):
        return refusal(400, "woocommerce_rest_shop_webhook_invalid_delivery_url", "Invalid URL.")
    webhook = counter.hooks.create(
        str(given.get("name") or "Webhook"),
        given["topic"],
        given["delivery_url"],
        given.get("secret") or "made by the store",
    )
    return Result(201, webhook.shown(counter.shelf.settings, asked.home))


def put_webhook(counter: Counter, asked: Asked, webhook_id: str) -> Result:
    """Change a webhook; switching it on keeps its count of failures (measured)."""
    webhook = counter.hooks.webhooks.get(int(webhook_id))
    if webhook is None:
        return refusal(400, "woocommerce_rest_shop_webhook_invalid_id", "ID is invalid.")
    counter.hooks.update(webhook, asked.payload)
    return Result(200, webhook.shown(counter.shelf.settings, asked.home))


def delete_webhook(counter: Counter, asked: Asked, webhook_id: str) -> Result:
    """Delete a webhook, for good only."""
    if asked.query.get("force") != "true" and asked.payload.get("force") is not True:
        return refusal(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
    webhook = counter.hooks.webhooks.pop(int(webhook_id), None)
    if webhook is None:
        return refusal(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")
    return Result(200, webhook.shown(counter.shelf.settings, asked.home))


def system_status(counter: Counter, asked: Asked) -> Result:
    """The little of the system report that says what is there."""
    settings = counter.shelf.settings
    plugins = [{"plugin": "woocommerce/woocommerce.php", "version": f"{settings.version}.0"}]
    if settings.has_shipment_tracking:
        plugin = "woo-advanced-shipment-tracking/woocommerce-advanced-shipment-tracking.php"
        plugins.append({"plugin": plugin, "version": "3.8"})
    return Result(
        200,
        {
            "environment": {"version": f"{settings.version}.0", "home_url": asked.home},
            "active_plugins": plugins,
            "settings": {
                "api_enabled": True,
                "currency": settings.currency,
                "number_of_decimals": settings.price_decimals,
                "HPOS_enabled": settings.is_hpos,
            },
        },
    )


def _no_product() -> Result:
    return refusal(404, "woocommerce_rest_product_invalid_id", "Invalid ID.")


def _products(counter: Counter, asked: Asked, parent_id: int) -> Result:
    wanted = ids_of(asked.query.get("include", ""))
    products = counter.shelf.products
    found = [
        shown_product(product, products, asked.home)
        for product in products.values()
        # Asked for by SKU, products and variations are found alike.
        if (product.parent_id == parent_id or (asked.query.get("sku") and not parent_id))
        and (not wanted or product.id in wanted)
        and _has_sku(product.sku, asked.query)
    ]
    return rows(found, asked.query)


def _has_sku(sku: str, query: Query) -> bool:
    return not query.get("sku") or sku in query["sku"].split(",")


def _settings(counter: Counter) -> dict[str, dict[str, str]]:
    settings = counter.shelf.settings
    return {
        "products": {
            "woocommerce_weight_unit": settings.weight_unit,
            "woocommerce_dimension_unit": settings.dimension_unit,
            "woocommerce_manage_stock": "yes",
        },
        "general": {
            "woocommerce_store_address": "1 Market Lane",
            "woocommerce_store_address_2": "",
            "woocommerce_store_city": "New York",
            "woocommerce_default_country": settings.country,
            "woocommerce_store_postcode": "10001",
            "doorstep_pickup_phone": settings.pickup_phone,
            "woocommerce_calc_taxes": "yes" if settings.tax_percent else "no",
            _CURRENCY: settings.currency,
            "woocommerce_price_num_decimals": str(settings.price_decimals),
        },
    }


def _shown_setting(asked: Asked, group: str, name: str, value: str) -> dict[str, Any]:
    collection = f"{asked.home}/wp-json/wc/v3/settings/{group}"
    return {
        "id": name,
        "label": name.removeprefix("woocommerce_").replace("_", " ").capitalize(),
        "description": "",
        "type": "text",
        "default": "",
        "value": value,
        "_links": {"self": [{"href": f"{collection}/{name}"}], "collection": [{"href": collection}]},
    }


ROUTES: Routes = (
    ("GET", r"products", list_products),
    ("GET", r"products/(\d+)", get_product),
    ("GET", r"products/(\d+)/variations", list_variations),
    ("GET", r"products/(\d+)/variations/(\d+)", get_variation),
    ("GET", r"settings/(\w+)", list_settings),
    ("GET", r"settings/(\w+)/(\w+)", get_setting),
    ("GET", r"webhooks", list_webhooks),
    ("POST", r"webhooks", post_webhook),
    ("GET", r"webhooks/(\d+)", get_webhook),
    *((method, r"webhooks/(\d+)", put_webhook) for method in ("PUT", "POST", "PATCH")),
    ("DELETE", r"webhooks/(\d+)", delete_webhook),
    ("GET", r"system_status", system_status),
)
