"""Orders of a simulated WooCommerce as its database has them: small, so that 100,000 fit into memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from doorstep.address import Address
from simulator.stores.woocommerce.goods import Product

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of goods; a shop that sells by length or weight has parts of a piece."""

    id: int
    product: Product
    quantity: float


@dataclass(frozen=True, slots=True)
class Carriage:
    """The shopper's choice of shipping.

    Attributes
    ----------
    method
        "flat_rate", "local_pickup", ...
    cost
        Decimal text, without tax.
    meta
        (id, key, value) of what the rate brought along.
    """

    id: int
    method: str
    cost: str
    meta: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Purchase:
    """What was bought, and where it goes; from it the unchanging part of an order's document is made.

    Attributes
    ----------
    fee
        (id, decimal text) of an ad hoc fee.
    tax_line_id
        Id of the tax line, in stores that tax.
    in_blocks, by_rest
        Through the Blocks checkout, or made through REST; else through the classic checkout.
    """

    lines: tuple[Line, ...]
    carriage: Carriage | None
    destination: Address | None
    billing: Address | None
    note: str = ""
    payment_method: str = "cod"
    in_blocks: bool = False
    by_rest: bool = False
    fee: tuple[int, str] | None = None
    tax_line_id: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """An order note: a comment in WordPress, with ids of its own."""

    id: int
    text: str
    author: str
    for_customer: bool
    at: datetime


@dataclass(slots=True)
class StoredOrder:
    """An order: its purchase, and what changed since.

    Attributes
    ----------
    status
        "processing", without the wc- prefix. Change it through `Shelf.touch` alone, which keeps the indexes.
    changes
        Parts of the document that were written over: address blocks, the customer's note.
    meta
        {"id", "key", "value"} in the order in which they came.
    fulfillments
        Documents of WooCommerce's native fulfillments, deleted ones included.
    """

    id: int
    purchase: Purchase
    status: str
    created_at: datetime
    modified_at: datetime
    paid_at: datetime | None = None
    completed_at: datetime | None = None
    changes: Document = field(default_factory=dict)
    meta: list[Document] = field(default_factory=list)
    refunds: list[Document] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    fulfillments: list[Document] = field(default_factory=list)
    status_before_trash: str = ""

    def meta_value(self, key: str) -> Any:
        """What a piece of meta holds, None where there is none."""
        return next((entry["value"] for entry in self.meta if entry["key"] == key), None)
