"""What EasyPost's API decides: rates, purchases, refunds, trackers. No HTTP here."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from simulator.carriers.agenda import Agenda
from simulator.carriers.easypost import tariff
from simulator.carriers.easypost.journey import Scan, plan_scans
from simulator.carriers.easypost.ledger import (
    VOID,
    Json,
    Ledger,
    RateRecord,
    ShipmentRecord,
    TrackerRecord,
)
from simulator.carriers.easypost.problems import Problem, fate_of, magic_code

Announce = Callable[[str, TrackerRecord | ShipmentRecord, Json, datetime], None]

_REFUND_SETTLES_AFTER = timedelta(days=15)
_TEST_CODES = {
    "EZ1000000001": "pre_transit",
    "EZ2000000002": "in_transit",
    "EZ3000000003": "out_for_delivery",
    "EZ4000000004": "delivered",
    "EZ5000000005": "return_to_sender",
    "EZ6000000006": "failure",
    "EZ7000000007": "unknown",
}
_NEEDED = ("to_address", "from_address", "parcel")


class Desk:
    """Works for one key.

    Parameters
    ----------
    announce
        Called with a description, what it is about, what it was before and the instant.
    transit_scale
        Shortens the way of every parcel bought from now on.
    """

    def __init__(
        self,
        ledger: Ledger,
        agenda: Agenda,
        rng: random.Random,
        announce: Announce,
        *,
        time_zone: str,
        transit_scale: float,
    ) -> None:
        self._ledger = ledger
        self._agenda = agenda
        self._rng = rng
        self._announce = announce
        self._zone = ZoneInfo(time_zone)
        self.transit_scale = transit_scale
        self.price_factor = Decimal(1)
        self.silent_carriers: set[str] = set()
        self.swallow_answers = 0

    def rate(self, body: Json, now: datetime) -> tuple[list[RateRecord], list[dict[str, str]]]:
        """Price a parcel without keeping anything.

        Raises
        ------
        Problem
            If something is missing.
        """
        missing = [{"field": name, "message": "cannot be blank"} for name in _NEEDED if not body.get(name)]
        if missing:
            raise Problem("SHIPMENT.INVALID_PARAMS", missing)
        origin, destination = way_of(body)
        parcel = _object(body, "parcel")
        code = magic_code(str(destination.get("street1", "")), str(destination.get("zip", "")), "rate")
        if code:
            raise Problem(code)
        consignment = tariff.Consignment(
            from_zip=str(origin.get("zip", "")),
            to_zip=str(destination.get("zip", "")),
            weight_oz=_positive(parcel, "weight"),
            longest_in=_longest(parcel),
            local_now=now.astimezone(self._zone),
        )
        offers, messages = tariff.rate(consignment, self.price_factor, self.silent_carriers)
        return [RateRecord(self.new_id("rate"), offer.service, offer.cents) for offer in offers], messages

    def create(self, body: Json, now: datetime) -> ShipmentRecord:
        """Make and rate a shipment."""
        rates, messages = self.rate(body, now)
        shipment = ShipmentRecord(self.new_id("shp"), body, now, now, rates, messages)
        self._ledger.shipments[shipment.id] = shipment
        return shipment

    def get(self, id_or_reference: str) -> ShipmentRecord:
        """One shipment.

        Raises
        ------
        Problem
            If there is none of this id or reference.
        """
        shipment = self._ledger.shipment(id_or_reference)
        if shipment is None:
            raise Problem("NOT_FOUND")
        return shipment

    def rerate(self, shipment: ShipmentRecord, now: datetime) -> None:
        """Price a shipment again; its rates get new ids."""
        shipment.rates, shipment.messages = self.rate(shipment.body, now)
        shipment.updated_at = now

    def buy(self, shipment: ShipmentRecord, rate_id: str, now: datetime) -> None:
        """Sell the label, once.

        Raises
        ------
        Problem
            If it was sold already, the rate is another shipment's, or the carrier does not answer:
            then it may have been sold all the same.
        """
        _, destination = way_of(shipment.body)
        code = magic_code(str(destination.get("street1", "")), str(destination.get("zip", "")), "buy")
        if code:
            raise Problem(code)
        if shipment.tracking_code is not None:
            raise Problem("SHIPMENT.POSTAGE.EXISTS")
        if not destination.get("street1"):
            raise Problem("SHIPMENT.MISSING_INFORMATION", [{"field": "street1", "message": "is missing"}])
        selected = next((rate for rate in shipment.rates if rate.id == rate_id), None)
        if selected is None:
            raise Problem("SHIPMENT.MISSING_RATE")
        self._sell(shipment, selected, now)
        if self.swallow_answers > 0:
            self.swallow_answers -= 1
            raise Problem("SHIPMENT.POSTAGE.NO_RESPONSE")

    def refund(self, shipment: ShipmentRecord, now: datetime) -> None:
        """Take the label back unless it was scanned; settled fifteen days later.

        Raises
        ------
        Problem
            If there is none, it is on its way, or it was given back before.
        """
        tracker = shipment.tracker
        if tracker is None:
            raise Problem("SHIPMENT.POSTAGE.REQUIRED")
        if shipment.refund_status in VOID or tracker.status not in {"unknown", "pre_transit"}:
            raise Problem("SHIPMENT.REFUND.UNAVAILABLE")
        shipment.refund_status, shipment.updated_at = "submitted", now

        def settle(at: datetime) -> None:
            shipment.refund_status, shipment.updated_at = "refunded", at
            self._announce("refund.successful", shipment, {}, at)

        self._agenda.enter(now + _REFUND_SETTLES_AFTER * self.transit_scale, settle)

    def track(self, tracking_code: str, carrier: str, now: datetime) -> tuple[TrackerRecord, bool]:
        """The tracker of a code, and whether it is a new one; of the codes for tests and our own labels only.

        Raises
        ------
        Problem
            If no carrier knows the code.
        """
        for tracker in self._ledger.trackers.values():
            if tracker.tracking_code == tracking_code and carrier in {"", tracker.carrier}:
                return tracker, False
        if tracking_code not in _TEST_CODES:
            raise Problem("TRACKER.CREATE.ERROR", [{"field": "tracking_code", "message": "is unknown"}])
        tracker = TrackerRecord(self.new_id("trk"), tracking_code, carrier or "USPS", now, now)
        tracker.status = _TEST_CODES[tracking_code]
        tracker.is_final = tracker.status == "delivered"
        tracker.signed_by = "John Tester" if tracker.is_final else None
        self._ledger.trackers[tracker.id] = tracker
        self._announce("tracker.created", tracker, {}, now)
        return tracker, True

    def new_id(self, prefix: str) -> str:
        """A prefix and 32 hexadecimal digits."""
        return f"{prefix}_{self._rng.getrandbits(128):032x}"

    def _sell(self, shipment: ShipmentRecord, selected: RateRecord, now: datetime) -> None:
        service = selected.service
        digits = f"{self._rng.randrange(10**18):018d}"
        code = f"9400{digits}" if service.carrier == "USPS" else f"CX{digits[:12]}"
        street = str(way_of(shipment.body)[1].get("street1", ""))
        scans, expected_at = plan_scans(
            now, service, self._zone, self._rng, fate_of(street), self.transit_scale
        )
        tracker = TrackerRecord(self.new_id("trk"), code, service.carrier, now, now, shipment.id, expected_at)
        tracker.is_return = shipment.body.get("is_return") is True
        tracker.weight_oz = _positive(_object(shipment.body, "parcel"), "weight")
        shipment.selected, shipment.tracking_code = selected, code
        shipment.bought_at, shipment.updated_at, shipment.tracker = now, now, tracker
        self._ledger.trackers[tracker.id] = tracker
        self._announce("tracker.created", tracker, {}, now)
        for scan in scans:
            self._agenda.enter(scan.at, self._scanning(shipment, tracker, scan))

    def _scanning(
        self, shipment: ShipmentRecord, tracker: TrackerRecord, scan: Scan
    ) -> Callable[[datetime], None]:
        def happen(at: datetime) -> None:
            if shipment.refund_status in VOID:
                return
            before = {"status": tracker.status}
            tracker.status, tracker.status_detail = scan.status, scan.status_detail
            tracker.scans.append(scan)
            tracker.updated_at, tracker.is_final = at, scan.is_final
            self._announce("tracker.updated", tracker, before, at)

        return happen


def way_of(body: Json) -> tuple[Json, Json]:
    """Where a parcel leaves from and where it goes: the addresses of a return are turned round.

    Raises
    ------
    Problem
        If one is missing.
    """
    origin, destination = _object(body, "from_address"), _object(body, "to_address")
    return (destination, origin) if body.get("is_return") is True else (origin, destination)


def _object(body: Json, name: str) -> Json:
    value = body.get(name)
    if not isinstance(value, Mapping):
        raise Problem("SHIPMENT.INVALID_PARAMS", [{"field": name, "message": "must be an object"}])
    return value


def _positive(parcel: Json, name: str) -> float:
    value = parcel.get(name)
    if not isinstance(value, int | float) or value <= 0:
        raise Problem("PARCEL.PARAMETERS.INVALID", [{"field": name, "message": "must be greater than 0"}])
    return float(value)


def _longest(parcel: Json) -> float | None:
    sides = [name for name in ("length", "width", "height") if name in parcel]
    if not sides:
        return None
    if len(sides) < 3:
        raise Problem("PARCEL.PARAMETERS.INVALID", [{"field": sides[0], "message": "needs all three sides"}])
    return max(_positive(parcel, name) for name in sides)
