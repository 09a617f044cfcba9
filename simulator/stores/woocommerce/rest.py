"""The endpoints of a simulated WooCommerce below /wp-json, after the caller was let in."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlencode

from simulator.stores.woocommerce import backoffice, batch, shipments, writing
from simulator.stores.woocommerce.answers import (
    Asked,
    Counter,
    Handler,
    Result,
    Routes,
    bad_parameter,
    no_order,
    no_route,
    refusal,
    rows,
)
from simulator.stores.woocommerce.documents import shown_order, shown_refund
from simulator.stores.woocommerce.figures import only_fields
from simulator.stores.woocommerce.listing import BadParameter, list_orders

_MANAGED = ("settings/", "webhooks", "system_status")
_PLUGIN = "wc-doorstep/"


class Rest:
    """Answers calls from the shelf.

    Parameters
    ----------
    more
        Routes of plugins.

    Attributes
    ----------
    may_manage
        Whether the key's user may see settings, webhooks and the system report.
    counter
        What the endpoints work with, and the mails that they sent to shoppers.
    """

    def __init__(self, counter: Counter, more: Routes = ()) -> None:
        self.may_manage = True
        self.counter = counter
        self._routes: Routes = (
            *_READS,
            *writing.ROUTES,
            *shipments.routes_of(counter),
            *backoffice.ROUTES,
            *batch.ROUTES,
            *more,
        )

    def answer(self, asked: Asked) -> Result:
        """Route a call and cut the answer down to `_fields`."""
        found = self._handler(asked)
        if found is None:
            return no_route()
        handler, groups = found
        if asked.endpoint.startswith(_MANAGED) and not self.may_manage:
            return refusal(403, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        if asked.endpoint.startswith(_PLUGIN) and not self.may_manage:
            # WordPress' own words for a permission_callback that says no.
            return refusal(403, "rest_forbidden", "Sorry, you are not allowed to do that.")
        try:
            result = handler(self.counter, asked, *groups)
        except BadParameter as error:
            return bad_parameter(str(error))
        return _cut(result, asked.query.get("_fields", ""))

    def _handler(self, asked: Asked) -> tuple[Handler, tuple[str, ...]] | None:
        for method, pattern, handler in self._routes:
            if method != asked.method:
                continue
            match = _compiled(pattern).fullmatch(asked.endpoint)
            if match is not None:
                return handler, match.groups()
        return None


def get_orders(counter: Counter, asked: Asked) -> Result:
    """A page of orders."""
    found = list_orders(counter.shelf, asked.query)
    shown = [shown_order(counter.shelf, order, asked.home) for order in found.orders]
    headers = {"X-WP-Total": str(found.total), "X-WP-TotalPages": str(found.pages)}
    number = int(asked.query.get("page") or 1)
    turns = {"prev": number - 1, "next": number + 1}
    # The whole query is echoed, over plain http with its used OAuth signature (measured).
    links = [
        f'<{asked.home}/wp-json/wc/v3/orders?{urlencode({**asked.query, "page": page})}>; rel="{rel}"'
        for rel, page in turns.items()
        if 0 < page <= found.pages
    ]
    return Result(200, shown, headers | ({"Link": ", ".join(links)} if links else {}))


def get_order(counter: Counter, asked: Asked, order_id: str) -> Result:
    """One order, also out of the trash."""
    order = counter.order(order_id)
    return no_order() if order is None else Result(200, shown_order(counter.shelf, order, asked.home))


def get_refunds(counter: Counter, asked: Asked, order_id: str) -> Result:
    """The refunds of one order, newest first."""
    order = counter.order(order_id)
    if order is None:
        return no_order()
    settings = counter.shelf.settings
    shown = [shown_refund(settings, order.id, refund, asked.home) for refund in order.refunds]
    return rows(shown[::-1], asked.query)


def get_refund(counter: Counter, asked: Asked, order_id: str, refund_id: str) -> Result:
    """One refund."""
    order = counter.order(order_id)
    found = order and next((one for one in order.refunds if one["id"] == int(refund_id)), None)
    if order is None or not found:
        return refusal(404, "woocommerce_rest_shop_order_refund_invalid_id", "Invalid ID.")
    return Result(200, shown_refund(counter.shelf.settings, order.id, found, asked.home))


@lru_cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


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


_READS: Routes = (
    ("GET", r"orders", get_orders),
    ("GET", r"orders/(\d+)", get_order),
    ("GET", r"orders/(\d+)/refunds", get_refunds),
    ("GET", r"orders/(\d+)/refunds/(\d+)", get_refund),
)
