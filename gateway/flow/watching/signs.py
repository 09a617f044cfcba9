"""Signs: which deliveries deserve a look, and what every rule finds in one. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from doorstep.delivery import DeliveryFlag
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.incident import IncidentKind
from gateway.flow.watching import at_pickup, at_promise, of_vans, on_the_way
from gateway.flow.watching.incidents import Alarm
from gateway.flow.watching.sight import DeliveryRule, DeliverySight, VanRule, VanSight, Well

DELIVERY_RULES: dict[IncidentKind, DeliveryRule] = {
    IncidentKind.ETA_PAST_PROMISE: at_promise.eta_past_promise,
    IncidentKind.LATE_RISK: at_promise.late_risk,
    IncidentKind.NO_COURIER: at_pickup.no_courier,
    IncidentKind.MISSED_PICKUP: at_pickup.missed_pickup,
    IncidentKind.MERCHANT_NOT_READY: at_pickup.merchant_not_ready,
    IncidentKind.LOST: on_the_way.lost,
    IncidentKind.ADDRESS_PROBLEM: on_the_way.no_place,
}

VAN_RULES: dict[IncidentKind, VanRule] = {
    IncidentKind.GPS_SILENT: of_vans.gps_silent,
    IncidentKind.STALLED: of_vans.stalled,
    IncidentKind.GPS_IMPLAUSIBLE: of_vans.gps_implausible,
    IncidentKind.TEMPERATURE: of_vans.temperature,
}

_UNBOOKED = (DeliveryStatus.DRAFT, DeliveryStatus.SEARCHING)


def deserves_a_look(sight: DeliverySight) -> bool:
    """Whether something is wrong with it, or was: most deliveries are fine and cost no transaction.

    Its last scan must be known where that matters; without one it is not lost.
    """
    delivery = sight.delivery
    leg = delivery.active_leg
    is_unbooked = delivery.status in _UNBOOKED or at_pickup.is_unheard(leg)
    is_being_left = any(one.giving_up and one.is_live for one in delivery.legs)
    is_late = at_promise.misses(sight) or at_promise.is_at_risk(sight) or bool(delivery.flags)
    is_unfetched = (
        at_pickup.lacks_courier(sight) or at_pickup.will_be_late(sight) or at_pickup.is_missed(sight)
    )
    is_unbrought = on_the_way.lacks_place(delivery) or on_the_way.is_unseen(sight)
    return is_unbooked or is_being_left or is_late or is_unfetched or wants_arrival(sight) or is_unbrought


def is_as_known(sight: DeliverySight) -> bool:
    """Whether all that is wrong with it is known and nobody can do anything about it now.

    Such a one costs no transaction, however long it waits for people: goods that are lost or on their way
    back are looked at for days. What is still to be booked, fetched or called off always deserves one.
    """
    delivery, leg = sight.delivery, sight.leg
    is_with_carrier = leg is not None and RANK.get(leg.status, 0) >= RANK[DeliveryStatus.PICKED_UP]
    is_being_left = any(one.giving_up and one.is_live for one in delivery.legs)
    if not is_with_carrier or delivery.status in _UNBOOKED or is_being_left:
        return False
    is_flagged_so = (
        at_promise.misses(sight) is (DeliveryFlag.DELAYED in delivery.flags)
        and at_promise.is_at_risk(sight) is (DeliveryFlag.AT_RISK in delivery.flags)
        and bool(sight.live) is (DeliveryFlag.EXCEPTION_OPEN in delivery.flags)
    )
    has_news = any(one.kind not in sight.live for one in alarms(sight))
    return is_flagged_so and not has_news and not any(one.kind in sight.live for one in mended(sight))


def wants_arrival(sight: DeliverySight) -> bool:
    """Whether it matters when its courier came to the shop."""
    return sight.leg is not None and sight.leg.status is DeliveryStatus.AT_PICKUP


def wants_scans(sight: DeliverySight) -> bool:
    """Whether it matters when its carrier last said something: it has had the goods for long."""
    leg = sight.leg
    if leg is None or leg.picked_up_at is None or not on_the_way.may_be_lost(sight.delivery):
        return False
    return leg.picked_up_at + on_the_way.least_silence(sight.rules) <= sight.now


def alarms(sight: DeliverySight) -> Iterator[Alarm]:
    """What somebody has to see."""
    for rule in DELIVERY_RULES.values():
        found = rule(sight)
        if isinstance(found, Alarm):
            yield found


def mended(sight: DeliverySight) -> Iterator[Well]:
    """What is well, with the words for it."""
    for rule in DELIVERY_RULES.values():
        found = rule(sight)
        if isinstance(found, Well):
            yield found


def van_findings(sight: VanSight) -> Iterator[Alarm | Well]:
    """What is wrong with a van, and what is well."""
    for rule in VAN_RULES.values():
        found = rule(sight)
        if found is not None:
            yield found
