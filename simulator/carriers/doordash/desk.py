"""What DoorDash's API decides: quotes, acceptance, deliveries, changes, cancellations. No HTTP here."""

from __future__ import annotations

import random
from datetime import datetime

from doorstep.geo import LatLng, distance_m
from simulator.carriers.doordash.ledger import BEFORE_PICKUP, DeliveryRecord, Ledger
from simulator.carriers.doordash.orders import Json, check_change, check_whole, read_times
from simulator.carriers.doordash.places import (
    CURRENCIES,
    DETOUR,
    Geocode,
    Place,
    country_of,
    somewhere,
)
from simulator.carriers.doordash.problems import Problem, magic_code
from simulator.carriers.doordash.rounds import Rounds

_BASE_CENTS = 599
_CENTS_A_KM = 110


class Desk:
    """Takes orders for one access key.

    Parameters
    ----------
    centre, coverage_m
        The middle of the area that is served and how far it goes, metres.
    reach_m
        The longest way between pickup and dropoff, metres.
    geocode
        Where an address lies; what it does not know lies somewhere near the centre.
    """

    def __init__(
        self,
        ledger: Ledger,
        rounds: Rounds,
        rng: random.Random,
        centre: LatLng,
        coverage_m: float,
        reach_m: float,
        geocode: Geocode,
    ) -> None:
        self._ledger = ledger
        self._rounds = rounds
        self._rng = rng
        self._centre = centre
        self._coverage_m = coverage_m
        self._reach_m = reach_m
        self._geocode = geocode
        self.price_factor = 1.0

    def quote(self, body: Json, now: datetime) -> DeliveryRecord:
        """Price a delivery under an id that is used up by this.

        Raises
        ------
        Problem
            If it cannot be done.
        """
        return self._entered(body, now, "quote")

    def accept(self, external_id: str, body: Json, now: datetime) -> DeliveryRecord:
        """Make a delivery of a quote, once and within five minutes.

        Raises
        ------
        Problem
            If it is no quote any more.
        """
        check_change(body)
        record = self.get(external_id)
        if record.status != "quote":
            raise Problem("duplicate_delivery_id", external_delivery_id=external_id)
        if record.is_expired(now):
            raise Problem("validation_error", [("external_delivery_id", "the quote has expired")])
        record.body = {**record.body, **body}
        self._rounds.begin(record, now)
        return record

    def create(self, body: Json, now: datetime) -> DeliveryRecord:
        """Make a delivery without a quote; raises as `quote`."""
        record = self._entered(body, now, "create")
        self._rounds.begin(record, now)
        return record

    def update(self, external_id: str, body: Json, now: datetime) -> DeliveryRecord:
        """Change fields while the Dasher has no goods yet.

        Raises
        ------
        Problem
            If it is too late, or a field is wrong.
        """
        record = self._open_record(external_id, "update")
        check_change(body)
        changed = {**record.body, **body}
        if "dropoff_address" in body or "dropoff_location" in body:
            # A new address without a location lies where the address says.
            dropoff = self._place({**record.body, "dropoff_location": None, **body}, "dropoff")
            self._require_reach(record.pickup, dropoff)
            record.dropoff = dropoff
            record.fee = self._fee(record.pickup, dropoff)
        if {"pickup_time", "dropoff_time", "pickup_window", "dropoff_window"} & body.keys():
            record.times = read_times(changed, now)
        record.body = changed
        record.updated_at = now
        self._rounds.estimate(record, now)
        return record

    def cancel(self, external_id: str, now: datetime) -> DeliveryRecord:
        """Call it off while the Dasher has no goods yet; raises as `update`."""
        record = self._open_record(external_id, "cancel")
        self._rounds.call_off(record, now, "cancelled_by_creator")
        return record

    def get(self, external_id: str) -> DeliveryRecord:
        """One delivery or quote.

        Raises
        ------
        Problem
            If there is none of this id.
        """
        if external_id not in self._ledger.records:
            raise Problem("unknown_delivery_id")
        return self._ledger.records[external_id]

    def _open_record(self, external_id: str, operation: str) -> DeliveryRecord:
        record = self.get(external_id)
        code = magic_code(record.body, operation)
        if code:
            raise Problem(code)
        if record.status in BEFORE_PICKUP:
            return record
        state = {
            "cancelled": "delivery_cancelled",
            "delivered": "delivery_completed",
            "returned": "delivery_completed",
            "quote": "delivery_creation_in_progress",
        }.get(record.status, "delivery_picked_up")
        raise Problem(f"{operation}_not_allowed/{state}")

    def _entered(self, body: Json, now: datetime, operation: str) -> DeliveryRecord:
        check_whole(body)
        external_id = str(body["external_delivery_id"])
        if external_id in self._ledger.records:
            raise Problem("duplicate_delivery_id", external_delivery_id=external_id)
        code = magic_code(body, operation)
        if code:
            fields = [("dropoff_address", "was asked to be wrong")] if code == "validation_error" else []
            raise Problem(code, fields)
        pickup, dropoff = self._place(body, "pickup"), self._place(body, "dropoff")
        self._require_reach(pickup, dropoff)
        record = DeliveryRecord(
            external_id=external_id,
            uuid=f"{self._rng.getrandbits(128):032x}",
            body=body,
            pickup=pickup,
            dropoff=dropoff,
            times=read_times(body, now),
            fee=self._fee(pickup, dropoff),
            created_at=now,
            updated_at=now,
            pickup_eta=now,
            dropoff_eta=now,
        )
        self._rounds.estimate(record, now)
        self._ledger.records[external_id] = record
        return record

    def _place(self, body: Json, side: str) -> Place:
        address = str(body.get(f"{side}_address", ""))
        told = _location(body.get(f"{side}_location"))
        at = told or self._geocode(address) or somewhere(address, self._centre)
        return Place(address, country_of(address), at)

    def _require_reach(self, pickup: Place, dropoff: Place) -> None:
        for place, reason in ((pickup, "pickup_address"), (dropoff, "delivery_address")):
            is_abroad = place.country not in CURRENCIES
            if is_abroad or distance_m(self._centre, place.at) > self._coverage_m:
                raise Problem(f"invalid_delivery_parameters/{reason}_not_in_coverage")
        if distance_m(pickup.at, dropoff.at) > self._reach_m:
            raise Problem("invalid_delivery_parameters/distance_too_long")

    def _fee(self, pickup: Place, dropoff: Place) -> int:
        kilometres = distance_m(pickup.at, dropoff.at) * DETOUR / 1000
        return round((_BASE_CENTS + _CENTS_A_KM * kilometres) * self.price_factor)


def _location(given: object) -> LatLng | None:
    if not isinstance(given, dict):
        return None
    lat, lng = given.get("lat"), given.get("lng")
    if not isinstance(lat, int | float) or not isinstance(lng, int | float):
        raise Problem("validation_error", [("dropoff_location", "needs lat and lng")])
    try:
        return LatLng(float(lat), float(lng))
    except ValueError:
        raise Problem("validation_error", [("dropoff_location", "is no place on earth")]) from None
