"""Endpoints of a simulated WooCommerce that change orders: PUT, DELETE and notes.

None but meta is idempotent: a note that is sent twice is two notes.
"""

from __future__ import annotations

from typing import Any

from simulator.stores.woocommerce.answers import (
    Asked,
    Counter,
    Result,
    Routes,
    bad_parameter,
    no_order,
    refusal,
)
from simulator.stores.woocommerce.documents import shown_order
from simulator.stores.woocommerce.figures import dates
from simulator.stores.woocommerce.meta import write_all_meta
from simulator.stores.woocommerce.orders import Note, StoredOrder
from simulator.stores.woocommerce.shelf import STATUSES

_LABELS = {
    "pending": "Pending payment",
    "on-hold": "On hold",
    "checkout-draft": "Draft",
}
_WRITABLE = ("customer_note", "transaction_id", "payment_method_title")
_AUTHOR = "shop-manager"


def put_order(counter: Counter, asked: Asked, order_id: str) -> Result:
    """Change an order; an unknown status and one with the wc- prefix are refused (measured)."""
    status = asked.payload.get("status")
    if status is not None and status not in STATUSES:
        return bad_parameter("status")
    meta = asked.payload.get("meta_data")
    if meta is not None and not _is_meta(meta):
        return bad_parameter("meta_data")
    return update_order(counter, asked.payload, order_id, asked.home)


def update_order(counter: Counter, given: dict[str, Any], order_id: str, home: str) -> Result:
    """Change an order as `WC_REST_Orders_Controller::update_item` does, after the schema was looked at."""
    order = counter.order(order_id)
    if order is None:
        return refusal(400, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
    write_all_meta(counter.shelf, order, given.get("meta_data") or ())
    before = order.status
    counter.save(order, _changes(counter, order, given))
    if order.status != before:
        text = f"Order status changed from {_label(before)} to {_label(order.status)}."
        counter.shelf.add_note(order, text)
    return Result(200, shown_order(counter.shelf, order, home))


def delete_order(counter: Counter, asked: Asked, order_id: str) -> Result:
    """Into the trash, or with `force` away for good."""
    order = counter.order(order_id)
    if order is None:
        return no_order()
    is_forced = asked.query.get("force") == "true" or asked.payload.get("force") is True
    if order.status == "trash" and not is_forced:
        return refusal(410, "woocommerce_rest_already_trashed", "The order has already been deleted.")
    shown = shown_order(counter.shelf, order, asked.home)
    if is_forced:
        counter.trade.delete_forever(order_id)
    else:
        counter.trade.trash(order_id)
    return Result(200, shown)


def list_notes(counter: Counter, asked: Asked, order_id: str) -> Result:
    """The order's notes, newest first and never in pages."""
    order = counter.order(order_id)
    if order is None:
        return refusal(404, "woocommerce_rest_shop_order_invalid_id", "Invalid order ID.")
    kind = asked.query.get("type", "any")
    if kind not in {"any", "customer", "internal"}:
        return bad_parameter("type")
    notes = [note for note in order.notes if kind == "any" or note.for_customer == (kind == "customer")]
    return Result(200, [_shown_note(counter, order, note, asked.home) for note in reversed(notes)])


def get_note(counter: Counter, asked: Asked, order_id: str, note_id: str) -> Result:
    """One note."""
    order = counter.order(order_id)
    note = next((one for one in (order.notes if order else ()) if one.id == int(note_id)), None)
    if order is None or note is None:
        return refusal(404, "woocommerce_rest_invalid_id", "Invalid resource ID.")
    return Result(200, _shown_note(counter, order, note, asked.home))


def post_note(counter: Counter, asked: Asked, order_id: str) -> Result:
    """Leave a note; one for the customer is mailed. The webhooks hear nothing (measured)."""
    order = counter.order(order_id)
    if order is None:
        return refusal(404, "woocommerce_rest_order_invalid_id", "Invalid order ID.")
    text = asked.payload.get("note")
    if not text:
        return refusal(400, "rest_missing_callback_param", "Missing parameter(s): note", params=["note"])
    for_customer = asked.payload.get("customer_note") is True
    author = _AUTHOR if asked.payload.get("added_by_user") is True else "system"
    note = counter.shelf.add_note(order, str(text), author=author, for_customer=for_customer)
    if for_customer:
        counter.mails.append((order.id, "note"))
    shown = _shown_note(counter, order, note, asked.home)
    return Result(201, shown, {"Location": shown["_links"]["self"][0]["href"]})


def delete_note(counter: Counter, asked: Asked, order_id: str, note_id: str) -> Result:
    """Delete a note, for good only."""
    if asked.query.get("force") != "true":
        return refusal(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
    found = get_note(counter, asked, order_id, note_id)
    order = counter.order(order_id)
    if found.status == 200 and order is not None:
        order.notes = [note for note in order.notes if note.id != int(note_id)]
    return found


def _changes(counter: Counter, order: StoredOrder, given: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {name: given[name] for name in _WRITABLE if given.get(name) is not None}
    blocks = {name: given[name] for name in ("billing", "shipping") if isinstance(given.get(name), dict)}
    if blocks:
        shown = shown_order(counter.shelf, order, "")
        changes |= {name: shown[name] | block for name, block in blocks.items()}
    if given.get("status"):
        changes["status"] = valid_status(str(given["status"]))
    return changes


def valid_status(status: str) -> str:
    """What WC_Abstract_Order::set_status makes of a status that no schema refused: "pending" of strangers."""
    plain = status.removeprefix("wc-")
    return plain if plain in {*STATUSES, "trash"} else "pending"


def _is_meta(given: object) -> bool:
    return isinstance(given, list) and all(isinstance(entry, dict) and entry.get("key") for entry in given)


def _label(status: str) -> str:
    return _LABELS.get(status, status.capitalize())


def _shown_note(counter: Counter, order: StoredOrder, note: Note, home: str) -> dict[str, Any]:
    place = f"{home}/wp-json/wc/v3/orders/{order.id}"
    return {
        "id": note.id,
        "author": note.author,
        **dates(counter.shelf.settings, "date_created", note.at),
        "note": note.text,
        "customer_note": note.for_customer,
        "_links": {
            "self": [{"href": f"{place}/notes/{note.id}"}],
            "collection": [{"href": f"{place}/notes"}],
            "up": [{"href": place}],
        },
    }


ROUTES: Routes = (
    *((method, r"orders/(\d+)", put_order) for method in ("PUT", "POST", "PATCH")),
    ("DELETE", r"orders/(\d+)", delete_order),
    ("GET", r"orders/(\d+)/notes", list_notes),
    ("POST", r"orders/(\d+)/notes", post_note),
    ("GET", r"orders/(\d+)/notes/(\d+)", get_note),
    ("DELETE", r"orders/(\d+)/notes/(\d+)", delete_note),
)
