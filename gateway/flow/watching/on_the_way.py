"""Rules about where goods are and go: no place on the map, not seen for long, handed over elsewhere."""

from __future__ import annotations

from datetime import timedelta

from doorstep.delivery import Delivery, DeliveryEvent
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.geo import distance_m
from doorstep.incident import IncidentKind
from doorstep.quote import DeliveryMode
from doorstep.watch_rules import WatchRules
from gateway.flow.watching.incidents import Alarm
from gateway.flow.watching.sight import DeliverySight, Finding, Well

_HOURS_S = 3600


def no_place(sight: DeliverySight) -> Finding:
    """An own van is booked to where no map shows: no tour can bring it, and one that was to has dropped it.

    It is over once somebody shows where the door is; what else may be wrong with an address is not.
    """
    if not lacks_place(sight.delivery):
        return None
    evidence = "No tour can go there until the door is shown on the map."
    return sight.alarm(IncidentKind.ADDRESS_PROBLEM, ": its address has no place on the map", evidence)


def lacks_place(delivery: Delivery) -> bool:
    """Whether an own van is to bring it, or to fetch it, and nobody knows where from a map."""
    leg = delivery.active_leg
    is_vans = leg is not None and leg.is_live and leg.mode is DeliveryMode.OWN_FLEET
    return is_vans and not delivery.is_over and delivery.destination.location is None


def lost(sight: DeliverySight) -> Finding:
    """Its carrier has said nothing of it for much longer than it ever does between two scans."""
    leg, seen = sight.leg, sight.last_scan
    if leg is None or seen is None or not may_be_lost(sight.delivery):
        return None
    if not is_unseen(sight):
        return Well(IncidentKind.LOST, "Its carrier has scanned it again.")
    hours = int((sight.now - seen).total_seconds()) // _HOURS_S
    usual = "" if sight.scan_gap_s is None else f"; 19 of 20 come within {sight.scan_gap_s / _HOURS_S:.0f} h"
    evidence = f"{leg.carrier} has not scanned it for {hours} h{usual}."
    return sight.alarm(IncidentKind.LOST, ": not seen any more", evidence)


def is_unseen(sight: DeliverySight) -> bool:
    """Whether its last scan, as far as that is known, is longer ago than two of its carrier's ever are."""
    seen = sight.last_scan
    return seen is not None and may_be_lost(sight.delivery) and sight.now >= seen + _silence(sight)


def may_be_lost(delivery: Delivery) -> bool:
    """Whether somebody else than an own van has the goods and should say where they are."""
    leg = delivery.active_leg
    if leg is None or not leg.is_live or leg.mode is DeliveryMode.OWN_FLEET:
        return False
    # At a counter and after a failed attempt goods wait for people, and nobody scans them.
    return RANK[DeliveryStatus.PICKED_UP] <= RANK.get(leg.status, 0) <= RANK[DeliveryStatus.AT_DROPOFF]


def least_silence(rules: WatchRules) -> timedelta:
    """Nothing is lost sooner."""
    return timedelta(seconds=rules.lost_least_s)


def proof_mismatch(delivery: Delivery, event: DeliveryEvent, rules: WatchRules) -> Alarm | None:
    """It was handed over, by the word of whoever did, farther from its door than it should be."""
    door, place = delivery.destination.location, event.position
    if event.status is not DeliveryStatus.DELIVERED or door is None or place is None:
        return None
    away_m = distance_m(door, place.location)
    unsure_m = place.accuracy_m or 0.0
    if away_m - unsure_m <= rules.proof_m:
        return None
    return Alarm(
        IncidentKind.PROOF_MISMATCH,
        title=f"{delivery.reference}: handed over far from its door",
        evidence=f"It was handed over {away_m:.0f} m from its door; {rules.proof_m} m are allowed.",
        delivery_id=delivery.id,
        leg_id=event.leg_id,
    )


def _silence(sight: DeliverySight) -> timedelta:
    rules, leg = sight.rules, sight.leg
    if sight.scan_gap_s is not None:
        return max(least_silence(rules), timedelta(seconds=rules.lost_times_p95 * sight.scan_gap_s))
    is_parcel = leg is not None and leg.mode is DeliveryMode.PARCEL
    return max(least_silence(rules), timedelta(seconds=rules.lost_unknown_s if is_parcel else 0))
