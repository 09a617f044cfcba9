"""What Uber's API decides: quotes, bookings, cancellations. No HTTP here."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from doorstep.geo import LatLng, distance_m
from simulator.carriers.uber_direct.ledger import DeliveryRecord, Ledger, QuoteRecord
from simulator.carriers.uber_direct.places import DETOUR, Place, read_place, ride_s
from simulator.carriers.uber_direct.problems import Problem, magic_code
from simulator.carriers.uber_direct.rounds import Rounds
from simulator.carriers.uber_direct.windows import Windows, read_windows
from simulator.carriers.uber_direct.wire import quote_json

type Json = Mapping[str, object]

_QUOTE_LASTS = timedelta(minutes=15)
_BASE_CENTS = 499
_CENTS_A_KM = 120
_APPROACH_MIN = 8
_PHONE = re.compile(r"^\+[0-9]+$")
_NEEDED = ("pickup_name", "pickup_phone_number", "dropoff_name", "dropoff_phone_number")
_CANCELABLE = frozenset({"pending", "pickup"})


class Desk:
    """Takes orders for one customer.

    Parameters
    ----------
    centre, reach_m
        Where addresses without coordinates lie, and the longest way between pickup and dropoff in metres.
    """

    def __init__(
        self, ledger: Ledger, rounds: Rounds, rng: random.Random, centre: LatLng, reach_m: float
    ) -> None:
        self._ledger = ledger
        self._rounds = rounds
        self._rng = rng
        self._centre = centre
        self._reach_m = reach_m
        self.price_factor = 1.0

    def quote(self, body: Json, now: datetime) -> dict[str, object]:
        """Price a delivery.

        Raises
        ------
        Problem
            If it cannot be done.
        """
        pickup, dropoff, windows = self._checked(body, now, "quote")
        if self._rounds.free_couriers == 0:
            raise Problem("couriers_busy")
        quote = QuoteRecord(f"dqt_{self._new_id()}", self._fee(pickup, dropoff), now + _QUOTE_LASTS)
        self._ledger.quotes[quote.id] = quote
        pace = self._rounds.pace
        ride = timedelta(seconds=ride_s(pickup.at, dropoff.at, pace.speed_mps) + pace.pickup_s)
        leaves = max(now + timedelta(minutes=_APPROACH_MIN), windows.pickup_ready)
        eta = max(leaves + ride, windows.dropoff_ready)
        minutes = round((leaves - now).total_seconds() / 60)
        return quote_json(quote, now, eta, windows.dropoff_deadline, minutes)

    def create(self, body: Json, now: datetime) -> DeliveryRecord:
        """Book a delivery; a repeat of an idempotency key within an hour gives the same one.

        Raises
        ------
        Problem
            If it cannot be done.
        """
        key = str(body.get("idempotency_key", ""))
        earlier = self._ledger.by_key(key, now) if key else None
        if earlier is not None:
            return earlier
        pickup, dropoff, windows = self._checked(body, now, "create")
        _require_contacts(body)
        twin = self._ledger.live_twin(
            str(body.get("external_id", "")), str(body.get("manifest_reference", ""))
        )
        if twin is not None:
            raise Problem("duplicate_delivery", {"delivery_id": twin.id})
        quote = self._usable_quote(str(body.get("quote_id", "")), now)
        delivery = DeliveryRecord(
            id=f"del_{self._new_id()}",
            uuid=self._new_id(),
            body=body,
            pickup=pickup,
            dropoff=dropoff,
            windows=windows,
            fee=quote.fee if quote else self._fee(pickup, dropoff),
            created_at=now,
            updated_at=now,
            dropoff_eta=now,
            pickup_eta=now,
            quote_id=quote.id if quote else "",
        )
        self._rounds.estimate(delivery, now)
        if quote is not None:
            quote.used_by = delivery.id
        self._ledger.deliveries[delivery.id] = delivery
        if key:
            self._ledger.remember_key(key, delivery)
        self._rounds.begin(delivery, now)
        return delivery

    def cancel(self, delivery_id: str, now: datetime) -> DeliveryRecord:
        """Call it off while the courier has no goods yet.

        Raises
        ------
        Problem
            If it is too late, or there is no such delivery.
        """
        delivery = self.get(delivery_id)
        code = magic_code(delivery.dropoff.street, delivery.dropoff.zip_code, "cancel")
        if code or delivery.status not in _CANCELABLE:
            raise Problem(code or "noncancelable_delivery")
        reasons = ("MERCHANT_CANCEL", "cancelled_by_merchant_api")
        self._rounds.end(delivery, now, "canceled", reasons=reasons)
        return delivery

    def get(self, delivery_id: str) -> DeliveryRecord:
        """One delivery.

        Raises
        ------
        Problem
            If there is none of this id.
        """
        if delivery_id not in self._ledger.deliveries:
            raise Problem("delivery_not_found")
        return self._ledger.deliveries[delivery_id]

    def listed(self, wanted: str) -> list[DeliveryRecord]:
        """Deliveries with a status, "ongoing" or any (""), newest first."""
        return [
            delivery
            for delivery in reversed(self._ledger.deliveries.values())
            if wanted in {"", delivery.status} or (wanted == "ongoing" and delivery.is_live)
        ]

    def _checked(self, body: Json, now: datetime, operation: str) -> tuple[Place, Place, Windows]:
        pickup = read_place(body, "pickup", self._centre)
        dropoff = read_place(body, "dropoff", self._centre)
        for place in (pickup, dropoff):
            code = magic_code(place.street, place.zip_code, operation)
            if code:
                raise Problem(code)
        if distance_m(pickup.at, dropoff.at) > self._reach_m:
            raise Problem("address_undeliverable")
        for side in ("pickup", "dropoff"):
            phone = body.get(f"{side}_phone_number")
            if phone is not None and not _PHONE.match(str(phone)):
                raise Problem("invalid_params", {"param_details": {f"{side}_phone_number": "is not E.164"}})
        return pickup, dropoff, read_windows(body, now)

    def _usable_quote(self, quote_id: str, now: datetime) -> QuoteRecord | None:
        if not quote_id:
            return None
        quote = self._ledger.quotes.get(quote_id)
        if quote is None:
            raise Problem("invalid_params", {"param_details": {"quote_id": "is unknown"}})
        if quote.used_by:
            raise Problem("used_quote")
        if now >= quote.expires_at:
            raise Problem("expired_quote")
        return quote

    def _fee(self, pickup: Place, dropoff: Place) -> int:
        kilometres = distance_m(pickup.at, dropoff.at) * DETOUR / 1000
        return round((_BASE_CENTS + _CENTS_A_KM * kilometres) * self.price_factor)

    def _new_id(self) -> str:
        return f"{self._rng.getrandbits(88):022x}"


def _require_contacts(body: Json) -> None:
    missing = {name: "is required" for name in _NEEDED if not body.get(name)}
    if not body.get("manifest_items"):
        missing["manifest_items"] = "is required"
    if missing:
        raise Problem("invalid_params", {"param_details": missing})
