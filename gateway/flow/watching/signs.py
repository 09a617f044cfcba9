"""Signs: what can be seen of a delivery that something is wrong with it, or is so no longer. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from doorstep.delivery import Delivery, Leg
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.merchant import Merchant
from doorstep.quote import DeliveryMode
from gateway.flow.dispatching.remedies import FRESH
from gateway.flow.watching.incidents import Alarm
from gateway.flow.watching.late import IN_DOUBT

_UNBOOKED = (DeliveryStatus.DRAFT, DeliveryStatus.SEARCHING)


def deserves_a_look(merchant: Merchant, delivery: Delivery, now: datetime) -> bool:
    """Whether something is wrong with it, or was: most deliveries are fine and cost no transaction."""
    leg = delivery.active_leg
    is_under_way = delivery.status not in _UNBOOKED and not is_unheard(leg)
    is_staying = not any(one.giving_up and one.is_live for one in delivery.legs)
    is_well = not any(against_promise(merchant, delivery, now)) and not delivery.flags
    is_early = not _comes_too_late(merchant, leg, now) and not _lacks_courier(merchant, leg, now)
    return not (is_under_way and is_staying and is_well and is_early)


def is_unheard(leg: Leg | None) -> bool:
    """Whether its carrier was asked for it and has not said what became of that."""
    return leg is not None and leg.is_live and not leg.external_id


def against_promise(merchant: Merchant, delivery: Delivery, now: datetime) -> tuple[bool, bool]:
    """(will miss its promise, may miss it)."""
    if delivery.promise is None:
        return False, False
    limit = delivery.promise.window.end + timedelta(seconds=merchant.watch.late_grace_s)
    eta = delivery.eta
    misses = now > limit or (eta is not None and eta.interval.start > limit)
    return misses, not misses and eta is not None and eta.at > limit


def alarms(merchant: Merchant, delivery: Delivery, now: datetime) -> Iterator[Alarm]:
    """What somebody has to see."""
    yield from _about_promise(merchant, delivery, now)
    leg = delivery.active_leg
    if leg is None:
        return
    if is_unheard(leg) and delivery.created_at + IN_DOUBT <= now:
        yield _not_known(delivery, leg)
    elif _lacks_courier(merchant, leg, now):
        evidence = f"Pickup is due by {leg.pickup_by:%H:%M} UTC and nobody is assigned."
        yield _no_courier(delivery, leg, "no courier yet", evidence)
    elif _comes_too_late(merchant, leg, now) and not _is_fresh(leg, now):
        evidence = (
            f"Pickup is due by {leg.pickup_by:%H:%M} UTC, and the carrier says {leg.pickup_eta:%H:%M} UTC."
        )
        yield _no_courier(delivery, leg, "no courier in time", evidence)


def mended(merchant: Merchant, delivery: Delivery, now: datetime) -> Iterator[tuple[IncidentKind, str]]:
    """What is well, with the words for it."""
    misses, risky = against_promise(merchant, delivery, now)
    if delivery.promise is not None and not misses:
        yield IncidentKind.ETA_PAST_PROMISE, "It is expected in time again."
    if delivery.promise is not None and not risky:
        yield IncidentKind.LATE_RISK, "It is expected in time again."
    leg = delivery.active_leg
    is_due = leg is not None and _is_couriers(leg) and leg.pickup_by is not None
    if leg is not None and is_due and _is_assigned(leg) and not _comes_too_late(merchant, leg, now):
        yield IncidentKind.NO_COURIER, "A courier is on it."


def _about_promise(merchant: Merchant, delivery: Delivery, now: datetime) -> Iterator[Alarm]:
    misses, risky = against_promise(merchant, delivery, now)
    number, eta = delivery.reference, delivery.eta
    if delivery.promise is None or not (misses or risky):
        return
    limit = delivery.promise.window.end + timedelta(seconds=merchant.watch.late_grace_s)
    expected = f"expected at {eta.at:%H:%M} UTC." if eta else "not there yet."
    if misses:
        kind, title = IncidentKind.ETA_PAST_PROMISE, f"{number} will miss its promise"
        yield Alarm(kind, title, f"Promised by {limit:%H:%M} UTC; {expected}", delivery_id=delivery.id)
    else:
        kind, title = IncidentKind.LATE_RISK, f"{number} may be late"
        yield Alarm(kind, title, f"Promised by {limit:%H:%M} UTC, {expected}", delivery_id=delivery.id)


def _not_known(delivery: Delivery, leg: Leg) -> Alarm:
    """Settled when the booking is known, as if a courier had been missing."""
    evidence = (
        f"{leg.carrier} was asked and did not say, and nobody else may be asked before it has. Look "
        "there; calling the delivery off frees it."
    )
    return _no_courier(delivery, leg, "not known whether it is booked", evidence)


def _no_courier(delivery: Delivery, leg: Leg, title: str, evidence: str) -> Alarm:
    title = f"{delivery.reference}: {title}"
    return Alarm(IncidentKind.NO_COURIER, title, evidence, delivery_id=delivery.id, leg_id=leg.id)


def _lacks_courier(merchant: Merchant, leg: Leg | None, now: datetime) -> bool:
    """Whether nobody is assigned though the pickup is due."""
    if leg is None or not _is_couriers(leg) or leg.pickup_by is None or _is_assigned(leg):
        return False
    late = now > leg.pickup_by - timedelta(seconds=merchant.watch.no_courier_before_pickup_s)
    return late and not _is_fresh(leg, now)


def _comes_too_late(merchant: Merchant, leg: Leg | None, now: datetime) -> bool:
    """Whether a courier reaches the shop, by its own word, later than the goods may wait there."""
    if leg is None or not _is_couriers(leg) or leg.pickup_by is None or leg.pickup_eta is None:
        return False
    is_there = RANK.get(leg.status, 0) >= RANK[DeliveryStatus.AT_PICKUP]
    limit = leg.pickup_by + timedelta(seconds=merchant.watch.missed_pickup_s)
    # What was told before may be over by now.
    return not is_there and max(leg.pickup_eta, now) > limit


def _is_assigned(leg: Leg) -> bool:
    return RANK.get(leg.status, 0) >= RANK[DeliveryStatus.COURIER_ASSIGNED]


def _is_couriers(leg: Leg) -> bool:
    return leg.is_live and leg.mode is DeliveryMode.COURIER


def _is_fresh(leg: Leg, now: datetime) -> bool:
    return leg.booked_at is not None and now < leg.booked_at + FRESH
