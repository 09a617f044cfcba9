"""Rides: thousands of couriers' rides by the rules and the ETA of the gateway, without its tables.

For how well lateness is foreseen: a week has too few late deliveries to say. Only orders that nobody else is
booked for; what a machine does about the others is for the weeks to show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bench.exceptions.couriers import PICKUP_MIN, ScriptedCarrier
from bench.exceptions.fates import SHOP, Fate, fates
from bench.exceptions.tally import Lateness
from bench.exceptions.turns import START, Agenda, Deed
from doorstep.address import Address
from doorstep.booking import CarrierUpdate
from doorstep.delivery import Delivery, Leg
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.incident import IncidentKind as Kind
from doorstep.merchant import Merchant
from doorstep.money import Money
from doorstep.quote import DeliveryMode
from doorstep.watch_rules import WatchRules
from doorstep.window import Promise, PromiseBasis, Window
from gateway.flow.learning.eta_asked import with_next_eta
from gateway.flow.tracking.eta import told_eta
from gateway.flow.watching.at_promise import is_at_risk, misses
from gateway.flow.watching.sight import DeliverySight

ORDERS_A_DAY, WATCHED_MIN = 100, 180
MENDED = frozenset({Kind.NO_COURIER, Kind.COURIER_CANCELLED, Kind.MISSED_PICKUP, Kind.ADDRESS_PROBLEM})
"""Somebody else comes, or nobody is booked."""

UNJUDGED = frozenset({Kind.REFUSED, Kind.RETURN_OVERDUE})
"""They do not arrive, and no shopper waits."""

_HERE = Address("US", location=SHOP)


@dataclass(slots=True)
class _Ride:
    """One order on its way.

    Attributes
    ----------
    flagged_at
        When a rule said first that it is or will be late.
    """

    fate: Fate
    delivery: Delivery
    ends: datetime
    flagged_at: datetime | None = None


async def ride(seed: int, rides: int, sweep_s: int, rules: WatchRules | None = None) -> Lateness:
    """How many late ones of so many rides were flagged before the promise was over, and how many in vain."""
    orders = [
        one for one in _orders(seed, rides) if one.trouble not in MENDED | UNJUDGED and not one.is_parcel
    ]
    agenda = Agenda()
    under_way: dict[str, _Ride] = {}
    merchant = Merchant("mer_1", "Shop", "USD", "UTC", watch=rules or WatchRules())

    async def tell(_: str, update: CarrierUpdate) -> None:
        one = under_way[update.booking_key]
        one.delivery = _told(one.delivery, update)

    arrived: dict[int, float] = {}
    streets = {order.street: order for order in orders}
    courier = ScriptedCarrier("amber", 500, agenda, streets, tell, set(), arrived)

    def begin(fate: Fate) -> Deed:
        async def book() -> None:
            key = str(fate.number)
            under_way[key] = _booked(fate, agenda.clock.now())
            courier.take_on(fate, key)
            for second in range(sweep_s, int(WATCHED_MIN * 60), sweep_s):
                agenda.after(second / 60, _look(under_way[key], merchant, agenda))

        return book

    for order in orders:
        agenda.at(order.placed_at, begin(order))
    async for _ in agenda.deeds(orders[-1].placed_at + timedelta(days=1)):
        pass
    return _judge(list(under_way.values()), arrived)


def _orders(seed: int, rides: int) -> Sequence[Fate]:
    return fates(seed, max(1, rides // ORDERS_A_DAY), min(rides, ORDERS_A_DAY))


def _booked(fate: Fate, now: datetime) -> _Ride:
    ends = now + timedelta(minutes=PICKUP_MIN + fate.ride_min + fate.slack_min)
    key, status = str(fate.number), DeliveryStatus.BOOKED
    leg = Leg(
        key, "acc_1", "amber", "now", DeliveryMode.COURIER, status, Money(500, "USD"), key,
        external_id=key, booked_at=now, pickup_by=now + timedelta(minutes=PICKUP_MIN),
    )  # fmt: skip
    promise = Promise(Window(now, ends), "UTC", PromiseBasis.CARRIER_COMMITMENT)
    delivery = Delivery(
        key, "mer_1", key, key, key, status, "", _HERE.at(fate.door), (), now, now, legs=(leg,),
        promise=promise,
    )  # fmt: skip
    return _Ride(fate, delivery, ends)


def _told(delivery: Delivery, update: CarrierUpdate) -> Delivery:
    """What a carrier says, as the tracking takes it in."""
    (leg,) = delivery.legs
    changed = replace(delivery.with_leg(replace(leg, status=update.status)), status=update.status)
    is_over = RANK.get(update.status, 0) >= RANK[DeliveryStatus.DELIVERED]
    if update.dropoff_eta is None or is_over:
        return changed
    return with_next_eta(changed, told_eta(update.dropoff_eta, update.occurred_at))


def _look(one: _Ride, merchant: Merchant, agenda: Agenda) -> Deed:
    async def look() -> None:
        if one.flagged_at is not None or one.delivery.is_over:
            return
        sight = DeliverySight(merchant, one.delivery, agenda.clock.now())
        if misses(sight) or is_at_risk(sight):
            one.flagged_at = sight.now

    return look


def _judge(rides: Sequence[_Ride], arrived: dict[int, float]) -> Lateness:
    found = Lateness()
    for one in rides:
        came_s = arrived.get(one.fate.number)
        is_late = came_s is None or came_s > (one.ends - START).total_seconds()
        is_early = one.flagged_at is not None and one.flagged_at <= one.ends
        found.note(is_late=is_late, warned_min=_warned_min(one) if is_early else None)
    return found


def _warned_min(one: _Ride) -> float:
    return (one.ends - (one.flagged_at or one.ends)).total_seconds() / 60
