"""What Lalamove's API decides: quotations, orders, fees, edits and cancellations. No HTTP here."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.json_reading import child, text
from simulator.carriers.lalamove.ledger import Ledger, OrderRecord, QuotationRecord, Stop, road_m
from simulator.carriers.lalamove.markets import Market, Vehicle
from simulator.carriers.lalamove.problems import Problem, raise_magic
from simulator.carriers.lalamove.reading import Json, read_fee, read_people, read_schedule, read_stops
from simulator.carriers.lalamove.rounds import EXPIRES_AFTER, Rounds

QUOTATION_LASTS = timedelta(minutes=5)
CANCEL_UNTIL = timedelta(minutes=5)
_CHANGE_DRIVER_FROM = timedelta(minutes=15)
_SHOWN_FOR = timedelta(days=60)
_DRIVER_SHOWN_BEFORE = timedelta(hours=1)
_REASONS = frozenset({"DRIVER_LATE", "DRIVER_ASKED_CHANGE", "DRIVER_UNRESPONSIVE", "DRIVER_RUDE"})


class Desk:
    """Takes orders for one account.

    Parameters
    ----------
    tell
        Called with the kind of event, the order and the instant.

    Attributes
    ----------
    wallet_minor
        What is left to spend; None without end.
    """

    def __init__(
        self,
        ledger: Ledger,
        rounds: Rounds,
        rng: random.Random,
        market: Market,
        tell: Callable[[str, OrderRecord, datetime], None],
    ) -> None:
        self._ledger = ledger
        self._rounds = rounds
        self._rng = rng
        self._market = market
        self._tell = tell
        self.price_factor = 1.0
        self.wallet_minor: int | None = None

    def quote(self, data: Json, now: datetime) -> QuotationRecord:
        """Price a delivery.

        Raises
        ------
        Problem
            If it cannot be done.
        """
        stops = read_stops(data)
        for stop in stops:
            raise_magic(stop.address, "quote")
        city = self._market.city_of(stops[0].at)
        if city is None or not all(city.has(stop.at) for stop in stops):
            raise Problem("ERR_OUT_OF_SERVICE_AREA")
        vehicle = city.vehicle(text(data, "serviceType"))
        if vehicle is None:
            raise Problem("ERR_INVALID_SERVICE_TYPE", "/data/serviceType")
        if data.get("specialRequests"):
            raise Problem("ERR_INVALID_SPECIAL_REQUEST", "/data/specialRequests/0")
        if not text(data, "language"):
            raise Problem("ERR_MISSING_FIELD", "/data/language")
        schedule_at = read_schedule(data, now)
        numbered = tuple(replace(stop, id=self.new_id()) for stop in stops)
        price = self._price(vehicle, numbered)
        ends_at = now + QUOTATION_LASTS
        quotation = QuotationRecord(self.new_id(), city, vehicle, numbered, price, now, ends_at, schedule_at)
        self._ledger.quotations[quotation.id] = quotation
        return quotation

    def quotation(self, quotation_id: str) -> QuotationRecord:
        """One quotation; raises `Problem` where there is none."""
        quotation = self._ledger.quotations.get(quotation_id)
        if quotation is None:
            raise Problem("ERR_INVALID_QUOTATION_ID")
        return quotation

    def order(self, data: Json, now: datetime) -> OrderRecord:
        """Place an order on a quotation that holds and was not used.

        Raises
        ------
        Problem
            If it cannot be done; a used quotation and one that has ended are refused alike.
        """
        quotation = self.quotation(text(data, "quotationId"))
        raise_magic(quotation.stops[-1].address, "order")
        if quotation.used_by or now >= quotation.expires_at:
            raise Problem("ERR_INVALID_QUOTATION_ID")
        stops = read_people(data, quotation.stops)
        self._spend(quotation.price_minor)
        order = OrderRecord(
            id=self.new_id(),
            quotation=quotation,
            stops=stops,
            metadata=child(data, "metadata"),
            price_minor=quotation.price_minor,
            created_at=now,
            expires_at=max(now, quotation.schedule_at or now) + EXPIRES_AFTER,
            proof="PENDING" if data.get("isPODEnabled") is True else "",
        )
        quotation.used_by = order.id
        self._ledger.orders[order.id] = order
        self._rounds.begin(order, now)
        return order

    def get(self, order_id: str, now: datetime) -> OrderRecord:
        """One order of the last sixty days; raises `Problem` where there is none."""
        order = self._ledger.orders.get(order_id)
        if order is None:
            raise Problem("ERR_ORDER_NOT_FOUND")
        if now - order.created_at > _SHOWN_FOR:
            raise Problem("FORBIDDEN")
        return order

    def driven(self, order_id: str, driver_id: str, now: datetime) -> OrderRecord:
        """An order whose driver is shown: from an hour before the pickup until it is over.

        Raises
        ------
        Problem
            If he is not, or is another.
        """
        order = self.get(order_id, now)
        if order.driver is None or order.driver.id != driver_id:
            raise Problem("ERR_DRIVER_NOT_FOUND")
        if not order.is_live or now < order.starts_at - _DRIVER_SHOWN_BEFORE:
            raise Problem("FORBIDDEN")
        return order

    def add_fee(self, order_id: str, data: Json, now: datetime) -> OrderRecord:
        """Set the priority fee; raises `Problem` where it is not more than the last, or somebody is found."""
        order = self.get(order_id, now)
        raise_magic(order.stops[-1].address, "fee")
        fee = read_fee(data, self._market.currency)
        if order.status != "ASSIGNING_DRIVER":
            raise Problem("ERR_INVALID_ORDER_STATUS")
        if fee <= order.fee_minor:
            raise Problem("ERR_INVALID_TIPS")
        if fee < self._market.least_fee_minor:
            raise Problem("ERR_EXCEED_MIN_TIPS")
        if fee > self._market.most_fee_minor:
            raise Problem("ERR_EXCEED_MAX_TIPS")
        self._spend(fee - order.fee_minor)
        order.fee_minor = fee
        self._tell("ORDER_AMOUNT_CHANGED", order, now)
        return order

    def edit(self, order_id: str, data: Json, now: datetime) -> OrderRecord:
        """Change the drop-offs, once, between match and pickup; raises `Problem` otherwise."""
        order = self.get(order_id, now)
        raise_magic(order.stops[-1].address, "edit")
        stops = read_stops(data)
        pickup, before = stops[0], order.stops[0]
        is_same = (pickup.at, pickup.address, pickup.phone) == (before.at, before.address, before.phone)
        if order.is_edited or order.status != "ON_GOING" or not is_same:
            raise Problem("ERR_ORDER_EDIT")
        if not all(order.quotation.city.has(stop.at) for stop in stops):
            raise Problem("ERR_OUT_OF_SERVICE_AREA")
        order.is_edited = True
        order.stops = (before, *stops[1:])
        order.price_minor = self._price(order.quotation.vehicle, order.stops)
        self._tell("ORDER_EDITED", order, now)
        return order

    def cancel(self, order_id: str, now: datetime) -> None:
        """Call an order off while a driver is sought, or within five minutes after one was found.

        Raises
        ------
        Problem
            If it is too late.
        """
        order = self.get(order_id, now)
        raise_magic(order.stops[-1].address, "cancel")
        is_fresh = order.matched_at is not None and now - order.matched_at < CANCEL_UNTIL
        if order.status != "ASSIGNING_DRIVER" and not (order.status == "ON_GOING" and is_fresh):
            raise Problem("ERR_CANCELLATION_FORBIDDEN")
        order.driver, order.trip = None, None
        self._spend(-order.total_minor)
        self._rounds.end(order, now, "CANCELED")

    def change_driver(self, order_id: str, driver_id: str, data: Json, now: datetime) -> None:
        """Send a driver away, from fifteen minutes after the match until the pickup."""
        order = self.get(order_id, now)
        if order.driver is None or order.driver.id != driver_id:
            raise Problem("ERR_DRIVER_NOT_FOUND")
        if text(data, "reason") not in _REASONS:
            raise Problem("ERR_INVALID_FIELD", "/data/reason")
        is_long = order.matched_at is not None and now - order.matched_at >= _CHANGE_DRIVER_FROM
        if order.status != "ON_GOING" or not is_long:
            raise Problem("ERR_CHANGE_DRIVER")
        self._rounds.bail(order, now)

    def replace(self, order_id: str, now: datetime) -> OrderRecord:
        """Let customer service put another order in the place of one, as it does to correct something."""
        old = self.get(order_id, now)
        fresh = replace(
            old,
            id=self.new_id(),
            status="ASSIGNING_DRIVER",
            previous="",
            driver=None,
            matched_at=None,
            trip=None,
            created_at=now,
            expires_at=now + EXPIRES_AFTER,
            replaces=old.id,
        )
        old.driver, old.trip = None, None
        old.cancelled_by = "LALAMOVE_CUSTOMER_SUPPORT"
        self._ledger.orders[fresh.id] = fresh
        self._tell("ORDER_REPLACED", fresh, now)
        self._rounds.end(old, now, "CANCELED")
        self._rounds.begin(fresh, now)
        return fresh

    def new_id(self) -> str:
        """Nineteen digits."""
        return str(self._rng.randrange(10**18, 10**19))

    def _price(self, vehicle: Vehicle, stops: tuple[Stop, ...]) -> int:
        plain = vehicle.base_minor + vehicle.km_minor * road_m(stops) / 1000
        return round(plain * self.price_factor)

    def _spend(self, minor: int) -> None:
        if self.wallet_minor is None:
            return
        if minor > self.wallet_minor:
            raise Problem("ERR_INSUFFICIENT_CREDIT")
        self.wallet_minor -= minor
