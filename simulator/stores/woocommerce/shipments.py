"""Where a simulated WooCommerce keeps trackings: native fulfillments and the AST plugin's route.

Native fulfillments lie behind a feature flag that is off by default, after
OrderFulfillmentsRestController and FulfillmentsDataStore of WooCommerce 10.x. Nothing there counts: two POSTs
of one parcel are two fulfillments. Each saves the order, so that the webhooks tell of an update.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from simulator.stores.woocommerce.answers import Asked, Counter, Result, Routes, refusal
from simulator.stores.woocommerce.meta import TRACKING_KEY, as_stored, write_meta
from simulator.stores.woocommerce.orders import StoredOrder

_STATUS_KEY = "_fulfillment_status"
_DATE_KEY = "_date_fulfilled"


def list_fulfillments(counter: Counter, _asked: Asked, order_id: str) -> Result:
    """All that are not deleted."""
    order = counter.order(order_id)
    if order is None:
        return _no_order()
    return Result(200, [_shown(one) for one in order.fulfillments if not one["date_deleted"]])


def get_fulfillment(counter: Counter, _asked: Asked, order_id: str, fulfillment_id: str) -> Result:
    """One of them."""
    order = counter.order(order_id)
    if order is None:
        return _no_order()
    found = _find(order, fulfillment_id)
    return refusal(400, 0, "Fulfillment not found.") if found is None else Result(200, _shown(found))


def post_fulfillment(counter: Counter, asked: Asked, order_id: str) -> Result:
    """Another one, whatever there is already; the customer is mailed where `notify_customer` says so."""
    order = counter.order(order_id)
    if order is None:
        return _no_order()
    problem = _problem(asked.payload.get("meta_data"))
    if problem:
        return refusal(400, 0, problem)
    made: dict[str, Any] = {
        "id": counter.shelf.next_id(),
        "entity_type": "WC_Order",
        "entity_id": str(order.id),
        "is_fulfilled": False,
        "status": "unfulfilled",
        "date_updated": "",
        "date_deleted": None,
        "meta_data": [],
    }
    order.fulfillments.append(made)
    _write(counter, order, made, asked.payload)
    return Result(201, _shown(made))


def put_fulfillment(counter: Counter, asked: Asked, order_id: str, fulfillment_id: str) -> Result:
    """Write over it: meta whose keys are not named is deleted."""
    order = counter.order(order_id)
    found = _find(order, fulfillment_id) if order else None
    if order is None or found is None:
        return _no_order() if order is None else refusal(400, 0, "Fulfillment not found.")
    if "meta_data" in asked.payload and (problem := _problem(asked.payload["meta_data"])):
        return refusal(400, 0, problem)
    _write(counter, order, found, asked.payload)
    return Result(200, _shown(found))


def delete_fulfillment(counter: Counter, _asked: Asked, order_id: str, fulfillment_id: str) -> Result:
    """Mark it as deleted."""
    order = counter.order(order_id)
    found = _find(order, fulfillment_id) if order else None
    if order is None or found is None:
        return _no_order() if order is None else refusal(400, 0, "Fulfillment not found.")
    found["date_deleted"] = _local_time(counter)
    _settle_order(counter, order)
    return Result(200, {"message": "Fulfillment deleted successfully."})


def list_trackings(counter: Counter, asked: Asked, order_id: str) -> Result:
    """What the AST plugin finds in the order's meta."""
    order = counter.order(order_id)
    if order is None:
        return _no_order()
    return Result(200, [_shown_tracking(order, item, asked.home) for item in _trackings(order)])


def post_tracking(counter: Counter, asked: Asked, order_id: str) -> Result:
    """One tracking more, or with `replace_tracking` the only one; `status_shipped` 1 completes the order."""
    order, given = counter.order(order_id), asked.payload
    if order is None:
        return _no_order()
    if not given.get("tracking_number"):
        return refusal(400, "rest_missing_callback_param", "Missing parameter(s): tracking_number")
    provider = str(given.get("custom_tracking_provider") or given.get("tracking_provider") or "")
    stamp = counter.shelf.now().timestamp()
    kept = [] if str(given.get("replace_tracking")) == "1" else _trackings(order)
    seed = f"{provider}-{given['tracking_number']}-{len(kept)}-{stamp}"
    item = {
        "tracking_provider": provider.lower().replace(" ", "-"),
        "custom_tracking_provider": "",
        "custom_tracking_link": str(given.get("custom_tracking_link") or ""),
        "tracking_number": str(given["tracking_number"]),
        "date_shipped": _date_shipped(given.get("date_shipped"), stamp),
        "status_shipped": str(given.get("status_shipped") or ""),
        "source": "REST_API",
        "tracking_id": hashlib.md5(seed.encode()).hexdigest(),  # noqa: S324 - as the plugin's
    }
    write_meta(counter.shelf, order, TRACKING_KEY, [*kept, item])
    counter.save(order, {"status": "completed"} if item["status_shipped"] == "1" else {})
    shown = _shown_tracking(order, item, asked.home)
    return Result(201, shown, {"Location": shown["_links"]["self"][0]["href"]})


def delete_tracking(counter: Counter, asked: Asked, order_id: str, tracking_id: str) -> Result:
    """Take one out."""
    order = counter.order(order_id)
    if order is None:
        return _no_order()
    items = _trackings(order)
    gone = next((item for item in items if item["tracking_id"] == tracking_id), None)
    if gone is None:
        code = "woocommerce_rest_order_shipment_tracking_invalid_id"
        return refusal(404, code, "Invalid shipment tracking ID.")
    write_meta(counter.shelf, order, TRACKING_KEY, [item for item in items if item is not gone])
    counter.save(order)
    return Result(200, _shown_tracking(order, gone, asked.home))


def routes_of(counter: Counter) -> Routes:
    """The routes that this store has registered."""
    settings = counter.shelf.settings
    native = _NATIVE if settings.has_fulfillments and settings.is_hpos else ()
    return (*native, *(_PLUGIN if settings.has_shipment_tracking else ()))


def _no_order() -> Result:
    return refusal(404, "woocommerce_rest_order_invalid_id", "Invalid order ID.")


def _find(order: StoredOrder, fulfillment_id: str) -> dict[str, Any] | None:
    alive = (one for one in order.fulfillments if not one["date_deleted"])
    return next((one for one in alive if one["id"] == int(fulfillment_id)), None)


def _shown(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "date_deleted"}


def _problem(meta: object) -> str:
    given = meta if isinstance(meta, list) else []
    items = next((entry.get("value") for entry in given if entry.get("key") == "_items"), None)
    if not items:
        return "The fulfillment should contain at least one item."
    if not isinstance(items, list):
        return "The fulfillment items should be an array."
    return "" if all(_is_item(item) for item in items) else "Invalid item."


def _is_item(item: object) -> bool:
    if not isinstance(item, dict) or type(item.get("item_id")) is not int:
        return False
    quantity = item.get("qty")
    return item["item_id"] > 0 and isinstance(quantity, int | float) and quantity > 0


def _write(counter: Counter, order: StoredOrder, document: dict[str, Any], given: dict[str, Any]) -> None:
    if "status" in given:
        document["status"] = given["status"]
        document["is_fulfilled"] = given["status"] == "fulfilled"
    elif "is_fulfilled" in given:
        document["is_fulfilled"] = given["is_fulfilled"] is True
        document["status"] = "fulfilled" if document["is_fulfilled"] else "unfulfilled"
    if "meta_data" in given:
        document["meta_data"] = _meta_after(counter, document["meta_data"], given["meta_data"])
    document["date_updated"] = _local_time(counter)
    has_date = any(entry["key"] == _DATE_KEY for entry in document["meta_data"])
    if document["is_fulfilled"] and not has_date:
        entry = {"id": counter.shelf.next_id(), "key": _DATE_KEY, "value": document["date_updated"]}
        document["meta_data"].append(entry)
    if document["is_fulfilled"] and given.get("notify_customer") is True:
        counter.mails.append((order.id, "fulfillment"))
    _settle_order(counter, order)


def _meta_after(
    counter: Counter, before: list[dict[str, Any]], given: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    ids = {entry["key"]: entry["id"] for entry in before}
    kept_date = [
        entry
        for entry in before
        if entry["key"] == _DATE_KEY and all(one["key"] != _DATE_KEY for one in given)
    ]
    written = [
        {
            "id": ids.get(entry["key"]) or counter.shelf.next_id(),
            "key": entry["key"],
            "value": as_stored(entry["value"]),
        }
        for entry in given
    ]
    return written + kept_date


def _settle_order(counter: Counter, order: StoredOrder) -> None:
    # FulfillmentsManager keeps the order's own meta up to date and saves it.
    alive = [one for one in order.fulfillments if not one["date_deleted"]]
    packed: dict[int, float] = {}
    for one in alive:
        if one["is_fulfilled"]:
            found = [entry["value"] for entry in one["meta_data"] if entry["key"] == "_items"]
            for item in found[0]:
                packed[item["item_id"]] = packed.get(item["item_id"], 0) + item["qty"]
    is_all = all(packed.get(line.id, 0) >= line.quantity for line in order.purchase.lines)
    status = "fulfilled" if is_all else "partially_fulfilled" if packed else "unfulfilled"
    write_meta(counter.shelf, order, _STATUS_KEY, status if alive else None)
    counter.save(order)


def _local_time(counter: Counter) -> str:
    shelf = counter.shelf
    return shelf.now().astimezone(shelf.settings.zone).strftime("%Y-%m-%d %H:%M:%S")


def _trackings(order: StoredOrder) -> list[dict[str, Any]]:
    items = order.meta_value(TRACKING_KEY)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _date_shipped(given: object, now_s: float) -> str:
    try:
        return str(int(datetime.fromisoformat(str(given)).replace(tzinfo=UTC).timestamp()))
    except ValueError:
        return str(given) if str(given).isdecimal() else str(int(now_s))


def _shown_tracking(order: StoredOrder, item: dict[str, Any], home: str) -> dict[str, Any]:
    place = f"{home}/wp-json/wc-ast/v3/orders/{order.id}/shipment-trackings"
    shipped = datetime.fromtimestamp(int(item.get("date_shipped") or 0), UTC)
    return {
        "tracking_id": item.get("tracking_id", ""),
        "tracking_provider": item.get("custom_tracking_provider") or item.get("tracking_provider", ""),
        "tracking_link": item.get("custom_tracking_link", ""),
        "tracking_number": item.get("tracking_number", ""),
        "date_shipped": shipped.strftime("%B %-d, %Y"),
        "_links": {
            "self": [{"href": f"{place}/{item.get('tracking_id', '')}"}],
            "collection": [{"href": place}],
            "up": [{"href": f"{home}/wp-json/wc-ast/v3/orders/{order.id}"}],
        },
    }


_NATIVE: Routes = (
    ("GET", r"orders/(\d+)/fulfillments", list_fulfillments),
    ("POST", r"orders/(\d+)/fulfillments", post_fulfillment),
    ("GET", r"orders/(\d+)/fulfillments/(\d+)", get_fulfillment),
    ("PUT", r"orders/(\d+)/fulfillments/(\d+)", put_fulfillment),
    ("DELETE", r"orders/(\d+)/fulfillments/(\d+)", delete_fulfillment),
)
_PLUGIN: Routes = (
    ("GET", r"wc-ast/v3/orders/(\d+)/shipment-trackings", list_trackings),
    ("POST", r"wc-ast/v3/orders/(\d+)/shipment-trackings", post_tracking),
    ("DELETE", r"wc-ast/v3/orders/(\d+)/shipment-trackings/(\w+)", delete_tracking),
)
