"""How a simulated WooCommerce writes orders and refunds: keys and types as captured from 10.5."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal

from simulator.stores.woocommerce.figures import (
    SYMBOLS,
    Document,
    address_block,
    amount,
    dates,
    number,
    tax_on,
    worth,
)
from simulator.stores.woocommerce.orders import Carriage, Line, Purchase, StoredOrder
from simulator.stores.woocommerce.settings import Settings
from simulator.stores.woocommerce.shelf import Shelf

_PICKUPS = ("local_pickup", "pickup_location")
_PAYMENTS = {"cod": "Cash on delivery", "bacs": "Direct bank transfer", "": ""}
_ALL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def shown_order(shelf: Shelf, order: StoredOrder, home: str) -> Document:
    """An order as REST and webhooks show it. A partial refund changes no total and no quantity."""
    settings, purchase = shelf.settings, order.purchase
    key = _order_key(order.id)
    document: Document = {
        "id": order.id,
        "parent_id": 0,
        "status": order.status,
        "currency": settings.currency,
        "version": f"{settings.version}.0",
        "prices_include_tax": False,
        "date_created": None,
        "date_modified": None,
        **totals(settings, purchase),
        "customer_id": 0,
        "order_key": key,
        "billing": address_block(purchase.billing, with_email=True),
        "shipping": address_block(purchase.destination),
        "payment_method": purchase.payment_method,
        "payment_method_title": _PAYMENTS.get(purchase.payment_method, purchase.payment_method),
        "transaction_id": "",
        "customer_ip_address": "" if purchase.by_rest else "127.0.0.1",
        "customer_user_agent": "" if purchase.by_rest else "Mozilla/5.0",
        "created_via": _created_via(purchase),
        "customer_note": purchase.note,
        "date_completed": None,
        "date_paid": None,
        "cart_hash": "" if purchase.by_rest else hashlib.md5(key.encode()).hexdigest(),  # noqa: S324 - as PHP's
        "number": str(order.id),
        "meta_data": sorted(order.meta, key=lambda entry: entry["key"]) if settings.is_hpos else order.meta,
        "line_items": [line_item(shelf, line) for line in purchase.lines],
        "tax_lines": _tax_lines(settings, purchase),
        "shipping_lines": [_shipping_line(settings, purchase.carriage)] if purchase.carriage else [],
        "fee_lines": _fee_lines(settings, purchase),
        "coupon_lines": [],
        "refunds": [
            {"id": refund["id"], "reason": refund["reason"], "total": f"-{refund['amount']}"}
            for refund in order.refunds
        ],
        "payment_url": f"{home}/checkout/order-pay/{order.id}/?pay_for_order=true&key={key}",
        "is_editable": order.status in {"pending", "on-hold"},
        "needs_payment": order.status in {"pending", "failed", "checkout-draft"},
        "needs_processing": any(
            not (line.product.is_virtual and line.product.is_downloadable) for line in purchase.lines
        ),
    }
    for name, instant in (
        ("date_created", order.created_at),
        ("date_modified", order.modified_at),
        ("date_completed", order.completed_at),
        ("date_paid", order.paid_at),
    ):
        document |= dates(settings, name, instant)
    document["currency_symbol"] = SYMBOLS.get(settings.currency, settings.currency)
    document |= order.changes
    document["_links"] = _order_links(settings, order.id, home)
    return document


def line_item(shelf: Shelf, line: Line) -> Document:
    """One line of goods; one whose product was deleted keeps neither its id nor its SKU (measured)."""
    settings, product = shelf.settings, line.product
    total = worth(product.price, line.quantity)
    tax = tax_on(total, settings)
    kept = shelf.products.get(product.id)
    parent = shelf.products.get(product.parent_id)
    written = amount(total, settings)
    written_tax = amount(tax, settings)
    document: Document = {
        "id": line.id,
        "name": product.name,
        "product_id": (product.parent_id or product.id) if kept else 0,
        "variation_id": product.id if kept and product.parent_id else 0,
        "quantity": line.quantity,
        "tax_class": "",
        "subtotal": written,
        "subtotal_tax": written_tax,
        "total": written,
        "total_tax": written_tax,
        "taxes": [{"id": 1, "total": written_tax, "subtotal": written_tax}] if settings.tax_percent else [],
        "meta_data": [],
        "sku": kept.sku if kept else None,
        "global_unique_id": "" if kept else None,
        "price": number(Decimal(product.price)),
        "image": {"id": "", "src": ""} if kept else {"id": 0, "src": ""},
        "parent_name": parent.name if kept and parent else None,
    }
    if not settings.is_hpos:
        del document["global_unique_id"]
    return document


def needs_shipping(shelf: Shelf, order: StoredOrder) -> bool:
    """Whether somebody has to carry something."""
    carriage = order.purchase.carriage
    if carriage is None or carriage.method in _PICKUPS:
        return False
    products = (shelf.products.get(line.product.id) for line in order.purchase.lines)
    return any(product is None or not product.is_virtual for product in products)


def refund_document(shelf: Shelf, order: StoredOrder, pieces: Mapping[int, float], reason: str) -> Document:
    """A refund of some pieces, by line id; quantities and totals are negative in its lines."""
    settings = shelf.settings
    lines = {line.id: line for line in order.purchase.lines}
    value = Decimal(0)
    shown = []
    refund_id = shelf.next_id()
    for line_id, quantity in pieces.items():
        item = line_item(shelf, lines[line_id])
        piece = worth(lines[line_id].product.price, quantity)
        value += piece
        back = f"-{amount(piece, settings)}"
        nothing = amount(Decimal(0), settings)
        meta = {
            **meta_entry(shelf.next_id(), "_refunded_item_id", str(line_id)),
            "display_key": "_refunded_item_id",
            "display_value": str(line_id),
        }
        shown.append(
            item
            | {"id": shelf.next_id(), "quantity": -quantity, "taxes": [], "meta_data": [meta]}
            | {"subtotal": back, "subtotal_tax": nothing, "total": back, "total_tax": nothing}
        )
    return {
        "id": refund_id,
        **dates(settings, "date_created", shelf.now()),
        "amount": amount(value, settings),
        "reason": reason,
        "refunded_by": 1,
        "refunded_payment": False,
        "meta_data": [meta_entry(shelf.next_id(), "_refund_type", "partial")],
        "line_items": shown,
        "shipping_lines": [],
        "tax_lines": [],
        "fee_lines": [],
    }


def shown_refund(settings: Settings, order_id: int, refund: Document, home: str) -> Document:
    """A refund with its links."""
    place = f"{home}/wp-json/wc/v3/orders/{order_id}"
    own: Document = {"href": f"{place}/refunds/{refund['id']}"}
    if settings.is_hpos:
        own["targetHints"] = {"allow": ["GET", "DELETE"]}
    links = {"self": [own], "collection": [{"href": f"{place}/refunds"}], "up": [{"href": place}]}
    return refund | {"_links": links}


def meta_entry(entry_id: int, key: str, value: object) -> Document:
    """One piece of meta data, as an order or a refund has it."""
    return {"id": entry_id, "key": key, "value": value}


def totals(settings: Settings, purchase: Purchase) -> Document:
    """The sums of an order, as text."""
    worths = [worth(line.product.price, line.quantity) for line in purchase.lines]
    goods = sum(worths, Decimal(0))
    goods_tax = sum((tax_on(one, settings) for one in worths), Decimal(0))
    fee = Decimal(purchase.fee[1]) if purchase.fee else Decimal(0)
    carriage = Decimal(purchase.carriage.cost) if purchase.carriage else Decimal(0)
    carriage_tax = tax_on(carriage, settings)
    cart_tax = goods_tax + tax_on(fee, settings)
    nothing = amount(Decimal(0), settings)
    return {
        "discount_total": nothing,
        "discount_tax": nothing,
        "shipping_total": amount(carriage, settings),
        "shipping_tax": amount(carriage_tax, settings),
        "cart_tax": amount(cart_tax, settings),
        "total": amount(goods + fee + carriage + cart_tax + carriage_tax, settings),
        "total_tax": amount(cart_tax + carriage_tax, settings),
    }


def _created_via(purchase: Purchase) -> str:
    return "rest-api" if purchase.by_rest else "store-api" if purchase.in_blocks else "checkout"


def _order_key(order_id: int) -> str:
    return f"wc_order_{hashlib.sha256(str(order_id).encode()).hexdigest()[:13]}"


def _tax_lines(settings: Settings, purchase: Purchase) -> list[Document]:
    if not settings.tax_percent:
        return []
    sums = totals(settings, purchase)
    return [
        {
            "id": purchase.tax_line_id,
            "rate_code": "US-NY-NY SALES TAX-1",
            "rate_id": 1,
            "label": "NY Sales Tax",
            "compound": False,
            "tax_total": sums["cart_tax"],
            "shipping_tax_total": sums["shipping_tax"],
            "rate_percent": number(settings.tax_percent),
            "meta_data": [],
        }
    ]


def _shipping_line(settings: Settings, carriage: Carriage) -> Document:
    tax = amount(tax_on(Decimal(carriage.cost), settings), settings)
    return {
        "id": carriage.id,
        "method_title": "Local pickup" if carriage.method == "local_pickup" else "Local courier",
        "method_id": carriage.method,
        "instance_id": "1",
        "total": amount(Decimal(carriage.cost), settings),
        "total_tax": tax,
        "taxes": [{"id": 1, "total": tax, "subtotal": ""}] if settings.tax_percent else [],
        "tax_status": "taxable",
        "meta_data": [
            {**meta_entry(entry_id, key, value), "display_key": key, "display_value": value}
            for entry_id, key, value in carriage.meta
        ],
    }


def _fee_lines(settings: Settings, purchase: Purchase) -> list[Document]:
    if purchase.fee is None:
        return []
    fee_id, cost = purchase.fee
    tax = amount(tax_on(Decimal(cost), settings), settings)
    return [
        {
            "id": fee_id,
            "name": "Ad hoc fee",
            "tax_class": "",
            "tax_status": "taxable",
            "amount": "",
            "total": amount(Decimal(cost), settings),
            "total_tax": tax,
            "taxes": [{"id": 1, "total": tax, "subtotal": ""}] if settings.tax_percent else [],
            "meta_data": [],
        }
    ]


def _order_links(settings: Settings, order_id: int, home: str) -> Document:
    collection = f"{home}/wp-json/wc/v3/orders"
    own = f"{collection}/{order_id}"
    if not settings.is_hpos:
        return {"self": [{"href": own}], "collection": [{"href": collection}]}
    return {
        "self": [{"href": own, "targetHints": {"allow": list(_ALL_METHODS)}}],
        "collection": [{"href": collection}],
        "email_templates": [{"embeddable": True, "href": f"{own}/actions/email_templates"}],
    }
