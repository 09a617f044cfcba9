"""What the two stores show of deliveries, as they wrote it down themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shipment:
    """What a shopper can follow: a fulfillment of Shopify's, a tracking item of WooCommerce's.

    Attributes
    ----------
    steps
        Each as the platform words it, oldest first; () where it keeps them elsewhere.
    """

    carrier: str
    number: str
    url: str
    steps: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One order as its store shows it.

    Attributes
    ----------
    status
        Of the delivery at Shopify (FulfillmentDisplayStatus, "" before anything was sent), of the order at
        WooCommerce.
    held_for
        Why a person is waited for, a word each.
    notes
        Order notes, oldest first; Shopify has none.
    """

    store: str
    external_id: str
    number: str
    status: str
    shipments: Sequence[Shipment]
    held_for: Sequence[str]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class WriteRow:
    """How often a store's app did a thing to one of its records."""

    store: str
    deed: str
    target: str
    times: int
