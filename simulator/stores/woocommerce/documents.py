"""How a simulated WooCommerce writes orders, refunds and products: shapes as captured from 10.5."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from doorstep.address import Address
from simulator.stores.woocommerce.shelf import Product, Shelf, StoredOrder

Document = dict[str, Any]

_EMPTY_ADDRESS = dict.fromkeys(
    "first_name last_name company address_1 address_2 city state postcode country phone".split(), ""
)


def address_block(address: Address | None, *, with_email: bool = False) -> Document:
    """A billing or shipping block; all empty where there is none."""
    block: Document = dict(_EMPTY_ADDRESS)
    if address is not None:
        first, _, last = address.name.partition(" ")
        block |= {
            "first_name": first,
            "last_name": last,
            "company": address.company,
            "address_1": address.line1,
            "address_2": address.line2,
            "city": address.city,
            "state": address.province,
            "postcode": address.postal_code,
            "country": address.country,
            "phone": address.phone or address.phone_raw,
        }
    if with_email:
        block["email"] = address.email if address else ""
    return block


def amount(value: Decimal, shelf: Shelf) -> str:
    """Money as text, with as many decimals as the store is set to, whatever its currency."""
    return f"{value:.{shelf.settings.price_decimals}f}"


def line_item(shelf: Shelf, product: Product, quantity: float) -> Document:
    """One line of an order; a shop that sells by length or weight has parts of a piece."""
    total = amount(Decimal(product.price) * Decimal(str(quantity)), shelf)
    parent = product.parent_id
    return {
        "id": shelf.next_id(),
        "name": product.name,
        "product_id": parent or product.id,
        "variation_id": product.id if parent else 0,
        "quantity": quantity,
        "tax_class": "",
        "subtotal": total,
        "subtotal_tax": "0.00",
        "total": total,
        "total_tax": "0.00",
        "taxes": [],
        "meta_data": [],
        "sku": product.sku,
        "global_unique_id": "",
        "price": float(product.price),
        "image": {"id": "", "src": ""},
        "parent_name": shelf.products[parent].name if parent else None,
    }


def shipping_line(shelf: Shelf, method: str, cost: str, meta: Mapping[str, str]) -> Document:
    """The shopper's choice of shipping, with the meta that a rate brought along."""
    return {
        "id": shelf.next_id(),
        "method_title": "Local pickup" if method == "local_pickup" else "Local courier",
        "method_id": method,
        "instance_id": "1",
        "total": cost,
        "total_tax": "0.00",
        "taxes": [],
        "tax_status": "taxable",
        "meta_data": [meta_entry(shelf, key, value) for key, value in meta.items()],
    }


def meta_entry(shelf: Shelf, key: str, value: object) -> Document:
    """One piece of meta data."""
    return {"id": shelf.next_id(), "key": key, "value": value, "display_key": key, "display_value": value}


def order_document(
    shelf: Shelf, order_id: int, items: Sequence[Document], shipping: Sequence[Document], status: str
) -> Document:
    """The unchanging part of an order's document."""
    goods = sum((Decimal(item["total"]) for item in items), Decimal(0))
    carriage = sum((Decimal(line["total"]) for line in shipping), Decimal(0))
    nothing = amount(Decimal(0), shelf)
    return {
        "id": order_id,
        "parent_id": 0,
        "status": status,
        "currency": shelf.settings.currency,
        "version": f"{shelf.settings.version}.0",
        "prices_include_tax": False,
        "discount_total": nothing,
        "discount_tax": nothing,
        "shipping_total": amount(carriage, shelf),
        "shipping_tax": nothing,
        "cart_tax": nothing,
        "total": amount(goods + carriage, shelf),
        "total_tax": nothing,
        "customer_id": 0,
        "order_key": f"wc_order_{order_id}",
        "billing": address_block(None, with_email=True),
        "shipping": address_block(None),
        "payment_method": "cod",
        "payment_method_title": "Cash on delivery",
        "created_via": "checkout",
        "customer_note": "",
        "number": str(order_id),
        "meta_data": [],
        "line_items": list(items),
        "tax_lines": [],
        "shipping_lines": list(shipping),
        "fee_lines": [],
        "coupon_lines": [],
    }


def shown_order(shelf: Shelf, order: StoredOrder, home: str) -> Document:
    """An order as REST and webhooks show it. A partial refund changes no total and no quantity."""
    return (
        order.document
        | dates(shelf, "date_created", order.created_at)
        | dates(shelf, "date_modified", order.modified_at)
        | dates(shelf, "date_paid", None)
        | {
            "refunds": [
                {"id": refund["id"], "reason": refund["reason"], "total": f"-{refund['amount']}"}
                for refund in order.refunds
            ],
            "_links": {"self": [{"href": f"{home}/wp-json/wc/v3/orders/{order.id}"}]},
        }
    )


def dates(shelf: Shelf, name: str, instant: datetime | None) -> Document:
    """The pair of fields of one instant: store-local, and GMT without a Z."""
    if instant is None:
        return {name: None, f"{name}_gmt": None}
    local, gmt = instant.astimezone(shelf.settings.zone), instant.astimezone(UTC)
    pattern = "%Y-%m-%dT%H:%M:%S"
    return {name: local.strftime(pattern), f"{name}_gmt": gmt.strftime(pattern)}


def refund_document(shelf: Shelf, order: StoredOrder, pieces: Mapping[int, float], reason: str) -> Document:
    """A refund of some pieces, by line id; quantities and totals are negative in its lines."""
    items = {item["id"]: item for item in order.document["line_items"]}
    lines = [
        items[line_id]
        | {
            "id": shelf.next_id(),
            "quantity": -quantity,
            "total": f"-{items[line_id]['price'] * quantity:.2f}",
            "meta_data": [meta_entry(shelf, "_refunded_item_id", str(line_id))],
        }
        for line_id, quantity in pieces.items()
    ]
    value = sum(
        (Decimal(str(items[line]["price"])) * Decimal(str(count)) for line, count in pieces.items()),
        Decimal(0),
    )
    return dates(shelf, "date_created", shelf.now()) | {
        "id": shelf.next_id(),
        "amount": amount(value, shelf),
        "reason": reason,
        "refunded_by": 1,
        "refunded_payment": False,
        "meta_data": [],
        "line_items": lines,
        "shipping_lines": [],
        "tax_lines": [],
        "fee_lines": [],
    }


def shown_product(product: Product) -> Document:
    """A product or variation as REST shows it."""
    length, width, height = product.sides
    return {
        "id": product.id,
        "name": product.name,
        "sku": product.sku,
        "price": product.price,
        "virtual": product.is_virtual,
        "downloadable": False,
        "weight": product.weight,
        "dimensions": {"length": length, "width": width, "height": height},
        "parent_id": product.parent_id,
    }


def only_fields(document: Document, fields: Iterable[str]) -> Document:
    """What WordPress' `_fields` leaves of a document; "environment.version" reaches one level down."""
    kept: Document = {}
    for name in fields:
        outer, _, inner = name.strip().partition(".")
        if outer not in document:
            continue
        if inner and isinstance(document[outer], dict):
            kept.setdefault(outer, {})
            if inner in document[outer]:
                kept[outer][inner] = document[outer][inner]
        else:
            kept[outer] = document[outer]
    return kept
