"""The endpoints of a simulated WooCommerce under /wp-json/wc/v3, after the caller was let in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.stores.woocommerce.documents import only_fields, shown_order, shown_product
from simulator.stores.woocommerce.hooks import Hooks
from simulator.stores.woocommerce.listing import BadParameter, ids_of, list_orders, per_page_of
from simulator.stores.woocommerce.shelf import STATUSES, Shelf, StoredOrder
from simulator.stores.woocommerce.trade import Trade

Query = Mapping[str, str]
_MANAGED = ("settings/", "webhooks", "system_status")


@dataclass(frozen=True, slots=True)
class Result:
    """Status, JSON and headers to answer with."""

    status: int
    payload: Any
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """One call that was let in."""

    method: str
    endpoint: str
    query: Query
    payload: dict[str, Any]
    home: str


def refusal(status: int, code: str, message: str = "No.") -> Result:
    """A WordPress error object."""
    return Result(status, {"code": code, "message": message, "data": {"status": status}})


class Rest:
    """Answers calls from the shelf.

    Attributes
    ----------
    may_manage
        Whether the key's user may see settings, webhooks and the system report.
    """

    def __init__(self, shelf: Shelf, hooks: Hooks, trade: Trade) -> None:
        self.may_manage = True
        self._shelf = shelf
        self._hooks = hooks
        self._trade = trade

    def answer(self, asked: Asked) -> Result:
        """Route a call and cut the answer down to `_fields`."""
        for method, pattern, handler in _ROUTES:
            match = re.fullmatch(pattern, asked.endpoint)
            if match is None or method != asked.method:
                continue
            if asked.endpoint.startswith(_MANAGED) and not self.may_manage:
                return refusal(403, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
            try:
                result = handler(self, asked, *match.groups())
            except BadParameter as error:
                return refusal(400, "rest_invalid_param", f"Invalid parameter(s): {error}")
            return _cut(result, asked.query.get("_fields", ""))
        return refusal(404, "rest_no_route", "No route was found matching the URL and request method.")

    def shown(self, order: StoredOrder, home: str) -> dict[str, Any]:
        """An order as the caller sees it."""
        return shown_order(self._shelf, order, home)

    def _list_orders(self, asked: Asked) -> Result:
        found = list_orders(self._shelf, asked.query)
        return Result(
            200,
            [self.shown(order, asked.home) for order in found.orders],
            {"X-WP-Total": str(found.total), "X-WP-TotalPages": str(found.pages)},
        )

    def _get_order(self, asked: Asked, order_id: str) -> Result:
        order = self._shelf.orders.get(int(order_id))
        return _no_order() if order is None else Result(200, self.shown(order, asked.home))

    def _put_order(self, asked: Asked, order_id: str) -> Result:
        order = self._shelf.orders.get(int(order_id))
        if order is None:
            return refusal(400, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        if asked.payload.get("status", "processing") not in STATUSES:
            return refusal(400, "rest_invalid_param", "Invalid parameter(s): status")
        for meta in asked.payload.get("meta_data") or ():
            self._trade.write_meta(order_id, meta["key"], meta.get("value"))
        # Even a PUT that changes nothing stamps the order and tells the webhooks (measured).
        self._trade.set_status(order_id, asked.payload.get("status") or order.status)
        return Result(200, self.shown(order, asked.home))

    def _delete_order(self, asked: Asked, order_id: str) -> Result:
        order = self._shelf.orders.get(int(order_id))
        if order is None:
            return _no_order()
        if order.status == "trash" and asked.query.get("force") != "true":
            return refusal(410, "woocommerce_rest_already_trashed", "The order has already been deleted.")
        shown = self.shown(order, asked.home)
        if asked.query.get("force") == "true":
            self._trade.delete_forever(order_id)
        else:
            self._trade.trash(order_id)
        return Result(200, shown)

    def _list_refunds(self, asked: Asked, order_id: str) -> Result:
        order = self._shelf.orders.get(int(order_id))
        return _no_order() if order is None else _rows(order.refunds, asked.query)

    def _list_products(self, asked: Asked) -> Result:
        return self._products(asked.query, parent_id=0)

    def _list_variations(self, asked: Asked, product_id: str) -> Result:
        if int(product_id) not in self._shelf.products:
            return refusal(404, "woocommerce_rest_product_invalid_id", "Invalid ID.")
        return self._products(asked.query, parent_id=int(product_id))

    def _products(self, query: Query, parent_id: int) -> Result:
        wanted = ids_of(query.get("include", ""))
        found = [
            shown_product(product)
            for product in self._shelf.products.values()
            if product.parent_id == parent_id and (not wanted or product.id in wanted)
        ]
        return _rows(found, query)

    def _list_settings(self, _asked: Asked, group: str) -> Result:
        settings = self._shelf.settings
        values = {
            "products": {
                "woocommerce_weight_unit": settings.weight_unit,
                "woocommerce_dimension_unit": settings.dimension_unit,
            },
            "general": {
                "woocommerce_store_address": "1 Market Lane",
                "woocommerce_store_address_2": "",
                "woocommerce_store_city": "New York",
                "woocommerce_default_country": settings.country,
                "woocommerce_store_postcode": "10001",
                "woocommerce_currency": settings.currency,
            },
        }
        if group not in values:
            return refusal(404, "rest_setting_setting_group_invalid", "Invalid setting group.")
        return Result(200, [{"id": name, "value": value} for name, value in values[group].items()])

    def _list_webhooks(self, asked: Asked) -> Result:
        return _rows([webhook.shown() for webhook in self._hooks.webhooks.values()][::-1], asked.query)

    def _post_webhook(self, asked: Asked) -> Result:
        given = asked.payload
        if not re.fullmatch(r"order\.(created|updated|deleted|restored)", str(given.get("topic"))):
            return refusal(400, "woocommerce_rest_shop_webhook_invalid_topic", "Invalid topic.")
        if not str(given.get("delivery_url", "")).startswith(("http://", "https://")):
            return refusal(400, "woocommerce_rest_shop_webhook_invalid_delivery_url", "Invalid URL.")
        webhook = self._hooks.create(
            str(given.get("name") or "Webhook"),
            given["topic"],
            given["delivery_url"],
            given.get("secret") or "made by the store",
        )
        # "active" even where WordPress will never deliver to that address (measured).
        return Result(201, webhook.shown())

    def _put_webhook(self, asked: Asked, webhook_id: str) -> Result:
        webhook = self._hooks.webhooks.get(int(webhook_id))
        if webhook is None:
            return refusal(400, "woocommerce_rest_shop_webhook_invalid_id", "ID is invalid.")
        self._hooks.update(webhook, asked.payload)
        return Result(200, webhook.shown())

    def _delete_webhook(self, asked: Asked, webhook_id: str) -> Result:
        if asked.query.get("force") != "true":
            return refusal(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
        webhook = self._hooks.webhooks.pop(int(webhook_id), None)
        if webhook is None:
            return refusal(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")
        return Result(200, webhook.shown())

    def _system_status(self, asked: Asked) -> Result:
        environment = {"version": f"{self._shelf.settings.version}.0", "home_url": asked.home}
        return Result(200, {"environment": environment, "settings": {"api_enabled": True}})


def _no_order() -> Result:
    return refusal(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")


def _rows(rows: list[dict[str, Any]], query: Query) -> Result:
    per_page, number = per_page_of(query), int(query.get("page") or 1)
    shown = rows[(number - 1) * per_page : number * per_page]
    return Result(200, shown, {"X-WP-Total": str(len(rows))})


def _cut(result: Result, fields: str) -> Result:
    if not fields or result.status >= 300:
        return result
    names = fields.split(",")
    payload = (
        [only_fields(row, names) for row in result.payload]
        if isinstance(result.payload, list)
        else only_fields(result.payload, names)
    )
    return Result(result.status, payload, result.headers)


_ROUTES: tuple[tuple[str, str, Callable[..., Result]], ...] = (
    ("GET", r"orders", Rest._list_orders),
    ("GET", r"orders/(\d+)", Rest._get_order),
    ("PUT", r"orders/(\d+)", Rest._put_order),
    ("DELETE", r"orders/(\d+)", Rest._delete_order),
    ("GET", r"orders/(\d+)/refunds", Rest._list_refunds),
    ("GET", r"products", Rest._list_products),
    ("GET", r"products/(\d+)/variations", Rest._list_variations),
    ("GET", r"settings/(\w+)", Rest._list_settings),
    ("GET", r"webhooks", Rest._list_webhooks),
    ("POST", r"webhooks", Rest._post_webhook),
    ("PUT", r"webhooks/(\d+)", Rest._put_webhook),
    ("DELETE", r"webhooks/(\d+)", Rest._delete_webhook),
    ("GET", r"system_status", Rest._system_status),
)
