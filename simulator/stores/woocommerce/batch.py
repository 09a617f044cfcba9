"""Batch endpoints of a simulated WooCommerce: 200 with an error in each item that failed, 413 above 100.

After WC_REST_Controller::batch_items: what is in a batch is not looked at by the endpoint's schema, so that
an unknown status is not refused there but makes the order "pending", and deletions are always for good.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from simulator.stores.woocommerce.answers import Asked, Counter, Result, Routes, refusal
from simulator.stores.woocommerce.backoffice import delete_webhook, post_webhook, put_webhook
from simulator.stores.woocommerce.writing import delete_order, update_order

MOST_ITEMS = 100
_FORCED = {"force": "true"}

One = Callable[[Counter, Asked, str], Result]


def batch_orders(counter: Counter, asked: Asked) -> Result:
    """Change and delete many orders; making them is not simulated."""
    return _batch(counter, asked, {"create": _cannot_create, "update": _update_order, "delete": delete_order})


def batch_webhooks(counter: Counter, asked: Asked) -> Result:
    """Make, change and delete many webhooks."""

    def create(counter: Counter, item: Asked, _nothing: str) -> Result:
        return post_webhook(counter, item)

    return _batch(counter, asked, {"create": create, "update": put_webhook, "delete": delete_webhook})


def _batch(counter: Counter, asked: Asked, doers: Mapping[str, One]) -> Result:
    items = {name: asked.payload[name] for name in doers if isinstance(asked.payload.get(name), list)}
    if sum(len(given) for given in items.values()) > MOST_ITEMS:
        message = f"Unable to accept more than {MOST_ITEMS} items for this request."
        return refusal(413, "woocommerce_rest_request_entity_too_large", message)
    answers: dict[str, list[Any]] = {}
    for name, given in items.items():
        for item in given:
            payload = item if isinstance(item, dict) else {"id": item}
            one = replace(asked, payload=payload, query=_FORCED if name == "delete" else asked.query)
            item_id = 0 if name == "create" else payload.get("id", 0)
            result = doers[name](counter, one, str(int(item_id)))
            shown = result.payload if result.status < 300 else {"id": item_id, "error": result.payload}
            answers.setdefault(name, []).append(shown)
    # PHP writes an array of nothing as a list.
    return Result(200, answers or [])


def _update_order(counter: Counter, asked: Asked, order_id: str) -> Result:
    return update_order(counter, asked.payload, order_id, asked.home)


def _cannot_create(_counter: Counter, _asked: Asked, _nothing: str) -> Result:
    code = "woocommerce_rest_cannot_create"
    return refusal(401, code, "Sorry, you are not allowed to create resources.")


ROUTES: Routes = tuple(
    (method, pattern, handler)
    for method in ("POST", "PUT", "PATCH")
    for pattern, handler in ((r"orders/batch", batch_orders), (r"webhooks/batch", batch_webhooks))
)
