"""Rules about the pickup: nobody is coming, nobody came, or somebody stands there and waits."""

from __future__ import annotations

from datetime import datetime, timedelta

from doorstep.delivery import Leg
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.quote import DeliveryMode
from gateway.flow.dispatching.remedies import FRESH
from gateway.flow.watching.late import IN_DOUBT
from gateway.flow.watching.sight import DeliverySight, Finding, Well


def no_courier(sight: DeliverySight) -> Finding:
    """Nobody is assigned though the pickup is due, or whoever is will be too late."""
    leg = sight.leg
    if leg is None:
        return None
    if is_unheard(leg) and sight.delivery.created_at + IN_DOUBT <= sight.now:
        return sight.alarm(
            IncidentKind.NO_COURIER,
            ": not known whether it is booked",
            f"{leg.carrier} was asked and did not say, and nobody else may be asked before it has. Look "
            "there; calling the delivery off frees it.",
        )
    if lacks_courier(sight):
        evidence = f"Pickup is due by {leg.pickup_by:%H:%M} UTC and nobody is assigned."
        return sight.alarm(IncidentKind.NO_COURIER, ": no courier yet", evidence)
    if will_be_late(sight):
        due, told = f"{leg.pickup_by:%H:%M}", f"{leg.pickup_eta:%H:%M}"
        evidence = f"Pickup is due by {due} UTC, and the carrier says {told} UTC."
        is_settled = is_fresh(leg, sight.now) or is_missed(sight)
        return None if is_settled else sight.alarm(IncidentKind.NO_COURIER, ": no courier in time", evidence)
    is_due = _is_couriers(leg) and leg.pickup_by is not None and not is_missed(sight)
    return Well(IncidentKind.NO_COURIER, "A courier is on it.") if is_due and _is_assigned(leg) else None


def missed_pickup(sight: DeliverySight) -> Finding:
    """Somebody was to fetch it, the time for that is over, and nobody has said that they were there."""
    leg = sight.leg
    if leg is None or leg.pickup_by is None:
        return None
    if not is_missed(sight):
        is_there = _reached(leg, DeliveryStatus.AT_PICKUP)
        return Well(IncidentKind.MISSED_PICKUP, "It is being fetched.") if is_there else None
    # Who is being looked for already needs no second incident for it.
    if IncidentKind.NO_COURIER in sight.live:
        return None
    waited = int((sight.now - leg.pickup_by).total_seconds()) // 60
    evidence = (
        f"Pickup was due by {leg.pickup_by:%H:%M} UTC, {waited} min ago, and {leg.carrier} has not come."
    )
    return sight.alarm(IncidentKind.MISSED_PICKUP, ": not fetched", evidence)


def merchant_not_ready(sight: DeliverySight) -> Finding:
    """A courier stands in the shop and waits for the goods."""
    leg = sight.leg
    if leg is None or leg.status is not DeliveryStatus.AT_PICKUP:
        has_left = leg is not None and _reached(leg, DeliveryStatus.PICKED_UP)
        is_gone = leg is not None and not _reached(leg, DeliveryStatus.AT_PICKUP)
        words = "The goods are on their way." if has_left else "The courier has left."
        return Well(IncidentKind.MERCHANT_NOT_READY, words) if has_left or is_gone else None
    since = sight.at_pickup_since
    if since is None or sight.now < since + timedelta(seconds=sight.rules.merchant_dwell_s):
        return None
    minutes = int((sight.now - since).total_seconds()) // 60
    evidence = f"{leg.carrier}'s courier has been in the shop for {minutes} min and has not got the goods."
    return sight.alarm(IncidentKind.MERCHANT_NOT_READY, ": a courier waits", evidence)


def is_unheard(leg: Leg | None) -> bool:
    """Whether its carrier was asked for it and has not said what became of that."""
    return leg is not None and leg.is_live and not leg.external_id


def lacks_courier(sight: DeliverySight) -> bool:
    """Whether nobody is assigned though the pickup is due."""
    leg = sight.leg
    if leg is None or not _is_couriers(leg) or leg.pickup_by is None or _is_assigned(leg):
        return False
    due = leg.pickup_by - timedelta(seconds=sight.rules.no_courier_before_pickup_s)
    return sight.now > due and not is_fresh(leg, sight.now)


def will_be_late(sight: DeliverySight) -> bool:
    """Whether a courier reaches the shop, by its own word, later than the goods may wait there."""
    leg = sight.leg
    if leg is None or not _is_couriers(leg) or leg.pickup_by is None or leg.pickup_eta is None:
        return False
    return not _reached(leg, DeliveryStatus.AT_PICKUP) and leg.pickup_eta > _waits_until(sight, leg.pickup_by)


def is_missed(sight: DeliverySight) -> bool:
    """Whether somebody who had taken the job should have been there by now."""
    leg = sight.leg
    if leg is None or leg.pickup_by is None or leg.mode is DeliveryMode.OWN_FLEET:
        return False
    is_awaited = not _is_couriers(leg) or _is_assigned(leg)
    is_over = sight.now > _waits_until(sight, leg.pickup_by)
    return is_over and is_awaited and not is_unheard(leg) and not _reached(leg, DeliveryStatus.AT_PICKUP)


def is_fresh(leg: Leg, now: datetime) -> bool:
    """Whether the booking is too young to have found its courier."""
    return leg.booked_at is not None and now < leg.booked_at + FRESH


def _waits_until(sight: DeliverySight, due: datetime) -> datetime:
    return due + timedelta(seconds=sight.rules.missed_pickup_s)


def _is_assigned(leg: Leg) -> bool:
    return _reached(leg, DeliveryStatus.COURIER_ASSIGNED)


def _reached(leg: Leg, status: DeliveryStatus) -> bool:
    return RANK.get(leg.status, 0) >= RANK[status]


def _is_couriers(leg: Leg) -> bool:
    return leg.mode is DeliveryMode.COURIER
