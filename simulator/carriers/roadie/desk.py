"""What Roadie's API decides: estimates, shipments, tips, cancellations. No HTTP here."""

from __future__ import annotations

import random
from datetime import datetime

from simulator.carriers.roadie.ledger import Ask, Json, Ledger, ShipmentRecord
from simulator.carriers.roadie.problems import Problem
from simulator.carriers.roadie.reading import read_ask
from simulator.carriers.roadie.rounds import Rounds
from simulator.carriers.roadie.wire import estimate_json

_FIRST_ID = 152_040
_BASE = 8.0
_A_MILE = 1.15
_A_POUND = 0.05


class Desk:
    """Takes shipments for one account."""

    def __init__(self, ledger: Ledger, rounds: Rounds, rng: random.Random) -> None:
        self._ledger = ledger
        self._rounds = rounds
        self._rng = rng
        self.booking_factor = 1.0

    def estimate(self, body: Json, now: datetime) -> dict[str, object]:
        """Price a shipment; raises `Problem` where it cannot be done."""
        ask = read_ask(body, now, is_booking=False)
        return estimate_json(ask, _price(ask))

    def create(self, body: Json, now: datetime) -> ShipmentRecord:
        """Take a shipment on; a known idempotency key gives the one that it made, whatever else is sent.

        Raises
        ------
        Problem
            If it cannot be done.
        """
        key = str(body.get("idempotency_key", ""))
        if key and key in self._ledger.by_key:
            return self._ledger.by_key[key]
        ask = read_ask(body, now, is_booking=True)
        if not body.get("reference_id"):
            raise Problem("reference_id")
        shipment = ShipmentRecord(
            id=_FIRST_ID + 13 * len(self._ledger.shipments),
            ask=ask,
            price=round(_price(ask) * self.booking_factor, 2),
            tracking_number=f"RE{self._rng.getrandbits(64):016X}",
            created_at=now,
            updated_at=now,
        )
        self._ledger.shipments[shipment.id] = shipment
        if key:
            self._ledger.by_key[key] = shipment
        self._rounds.begin(shipment, now)
        return shipment

    def cancel(self, number: str, body: Json, now: datetime) -> ShipmentRecord:
        """Call it off while the driver has no goods yet; raises `Problem` where that is too late."""
        shipment = self.get(number)
        if not shipment.is_cancelable:
            raise Problem("state")
        code = str(body.get("code", "")) or "other"
        self._rounds.call_off(shipment, now, code, str(body.get("comment", "")))
        return shipment

    def tip(self, number: str, body: Json) -> ShipmentRecord:
        """Add to what the driver gets; raises `Problem` for no amount."""
        shipment = self.get(number)
        amount = body.get("amount")
        if not isinstance(amount, int | float) or amount <= 0:
            raise Problem("amount")
        shipment.tip = round(shipment.tip + amount, 2)
        return shipment

    def get(self, number: str) -> ShipmentRecord:
        """One shipment; raises `Problem` if there is none of this id."""
        shipment = self._ledger.shipments.get(int(number)) if number.isdecimal() else None
        if shipment is None:
            raise Problem("not_found")
        return shipment

    def listed(self, ids: str) -> list[ShipmentRecord]:
        """The shipments with these ids; unknown ones are left out."""
        wanted = [int(number) for number in ids.split(",") if number.isdecimal()]
        return [self._ledger.shipments[number] for number in wanted if number in self._ledger.shipments]


def _price(ask: Ask) -> float:
    return round(_BASE + _A_MILE * ask.distance_miles + _A_POUND * ask.pounds, 2)
