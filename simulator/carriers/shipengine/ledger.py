"""Shipments, rates, labels and webhooks as the simulated ShipEngine keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from simulator.carriers.books import BookState
from simulator.carriers.shipengine.journey import Scan
from simulator.carriers.shipengine.tariff import Offer

type Json = Mapping[str, object]

_LOST_FOR_GOOD = frozenset({"PARCEL_LOST", "RETURN_TO_SENDER"})


@dataclass(frozen=True, slots=True)
class ShipmentRecord:
    """What was asked to be rated or bought."""

    id: str
    external_id: str
    body: Json
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RateRecord:
    """One offer under an id of its own."""

    id: str
    offer: Offer
    shipment: ShipmentRecord
    rated_at: datetime


@dataclass(slots=True)
class LabelRecord:
    """One label that was sold, and its parcel's way.

    Attributes
    ----------
    tracking_numbers
        One for each package; the first is the master.
    """

    id: str
    shipment: ShipmentRecord
    offer: Offer
    bought_at: datetime
    tracking_numbers: tuple[str, ...]
    is_return: bool
    expected_on: date
    rate_id: str = ""
    rma_number: str = ""
    charge_event: str = "carrier_default"
    voided_at: datetime | None = None
    scans: list[Scan] = field(default_factory=list)

    @property
    def tracking_number(self) -> str:
        """The master's."""
        return self.tracking_numbers[0]

    @property
    def latest(self) -> Scan | None:
        """The newest scan."""
        return self.scans[-1] if self.scans else None

    @property
    def is_scanned(self) -> bool:
        """Whether the carrier has the parcel."""
        return any(scan.status_code != "NY" for scan in self.scans)

    @property
    def book_state(self) -> BookState:
        """How it stands in the books."""
        if self.voided_at is not None:
            return BookState.CANCELLED
        latest = self.latest
        if latest is None or not latest.is_final:
            return BookState.LIVE
        return BookState.FAILED if latest.detail_code in _LOST_FOR_GOOD else BookState.DELIVERED


@dataclass(frozen=True, slots=True)
class WebhookRecord:
    """An address that events go to, and the headers they carry."""

    id: str
    event: str
    url: str
    name: str
    headers: tuple[tuple[str, str], ...]


class Ledger:
    """Everything, by id and in the order it was made."""

    def __init__(self) -> None:
        self.shipments: dict[str, ShipmentRecord] = {}
        self.rates: dict[str, RateRecord] = {}
        self.labels: dict[str, LabelRecord] = {}
        self.webhooks: dict[str, WebhookRecord] = {}

    def is_taken(self, external_id: str) -> bool:
        """Whether a shipment has this external id."""
        return any(entry.external_id == external_id for entry in self.shipments.values())

    def label_of(self, external_id: str) -> LabelRecord | None:
        """The label of the shipment with this external id."""
        labels = self.labels.values()
        return next((entry for entry in labels if entry.shipment.external_id == external_id), None)

    def tracked(self, tracking_number: str) -> LabelRecord | None:
        """The newest label one of whose packages has this number."""
        newest = reversed(self.labels.values())
        return next((entry for entry in newest if tracking_number in entry.tracking_numbers), None)
