"""Shipments, trackers and webhooks as the simulated EasyPost keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from simulator.carriers.books import BookState
from simulator.carriers.easypost.journey import Scan
from simulator.carriers.easypost.tariff import Service

type Json = Mapping[str, object]

VOID = frozenset({"submitted", "refunded"})
_LOST_FOR_GOOD = frozenset({"failure", "return_to_sender"})


@dataclass(frozen=True, slots=True)
class RateRecord:
    """One offer under an id of its own."""

    id: str
    service: Service
    cents: int


@dataclass(slots=True)
class TrackerRecord:
    """What is known of one parcel on its way."""

    id: str
    tracking_code: str
    carrier: str
    created_at: datetime
    updated_at: datetime
    shipment_id: str | None = None
    expected_at: datetime | None = None
    status: str = "unknown"
    status_detail: str = "unknown"
    scans: list[Scan] = field(default_factory=list)
    is_final: bool = False
    signed_by: str | None = None
    weight_oz: float | None = None
    is_return: bool = False


@dataclass(slots=True)
class ShipmentRecord:
    """One shipment, rated and perhaps bought."""

    id: str
    body: Json
    created_at: datetime
    updated_at: datetime
    rates: list[RateRecord]
    messages: list[dict[str, str]]
    selected: RateRecord | None = None
    tracking_code: str | None = None
    bought_at: datetime | None = None
    refund_status: str | None = None
    tracker: TrackerRecord | None = None

    @property
    def reference(self) -> str:
        """The customer's own."""
        return str(self.body.get("reference") or "")

    @property
    def book_state(self) -> BookState:
        """How it stands in the books."""
        if self.refund_status in VOID:
            return BookState.CANCELLED
        tracker = self.tracker
        if tracker is None or not tracker.is_final:
            return BookState.LIVE
        return BookState.FAILED if tracker.status in _LOST_FOR_GOOD else BookState.DELIVERED


@dataclass(slots=True)
class WebhookRecord:
    """An address that events go to."""

    id: str
    url: str
    secret: str
    created_at: datetime
    disabled_at: datetime | None = None


class Ledger:
    """Everything, by id and in the order it was made."""

    def __init__(self) -> None:
        self.shipments: dict[str, ShipmentRecord] = {}
        self.trackers: dict[str, TrackerRecord] = {}
        self.webhooks: dict[str, WebhookRecord] = {}

    def shipment(self, id_or_reference: str) -> ShipmentRecord | None:
        """By id, else the newest with this reference."""
        if id_or_reference in self.shipments:
            return self.shipments[id_or_reference]
        named = [entry for entry in self.shipments.values() if entry.reference == id_or_reference]
        return named[-1] if named else None
