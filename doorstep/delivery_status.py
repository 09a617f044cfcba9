"""The canonical life of a delivery: its statuses, and which may follow which. Pure."""

from __future__ import annotations

from enum import StrEnum


class DeliveryStatus(StrEnum):
    """Canonical status; ranks below say which follows which."""

    DRAFT = "DRAFT"
    QUOTED = "QUOTED"
    BOOKED = "BOOKED"
    SEARCHING = "SEARCHING"
    LABEL_READY = "LABEL_READY"
    COURIER_ASSIGNED = "COURIER_ASSIGNED"
    TO_PICKUP = "TO_PICKUP"
    AT_PICKUP = "AT_PICKUP"
    PICKED_UP = "PICKED_UP"
    IN_TRANSIT = "IN_TRANSIT"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    AT_DROPOFF = "AT_DROPOFF"
    READY_FOR_COLLECTION = "READY_FOR_COLLECTION"
    ATTEMPT_FAILED = "ATTEMPT_FAILED"
    DELIVERED = "DELIVERED"
    RETURNING = "RETURNING"
    RETURNED = "RETURNED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"


RANK: dict[DeliveryStatus, int] = {
    DeliveryStatus.DRAFT: 0,
    DeliveryStatus.QUOTED: 5,
    DeliveryStatus.BOOKED: 10,
    DeliveryStatus.SEARCHING: 10,
    DeliveryStatus.LABEL_READY: 12,
    DeliveryStatus.COURIER_ASSIGNED: 20,
    DeliveryStatus.TO_PICKUP: 25,
    DeliveryStatus.AT_PICKUP: 30,
    DeliveryStatus.PICKED_UP: 40,
    DeliveryStatus.IN_TRANSIT: 50,
    DeliveryStatus.OUT_FOR_DELIVERY: 60,
    DeliveryStatus.AT_DROPOFF: 70,
    DeliveryStatus.READY_FOR_COLLECTION: 72,
    DeliveryStatus.ATTEMPT_FAILED: 75,
    DeliveryStatus.RETURNING: 80,
    DeliveryStatus.DELIVERED: 100,
    DeliveryStatus.RETURNED: 100,
    DeliveryStatus.CANCELLED: 100,
    DeliveryStatus.FAILED: 100,
}
"""Events never take a leg to a lower rank, but for `LEGAL_LOOPS`."""

TERMINAL = frozenset(status for status, rank in RANK.items() if rank == 100)

LEGAL_LOOPS = frozenset(
    {
        (DeliveryStatus.COURIER_ASSIGNED, DeliveryStatus.SEARCHING),
        (DeliveryStatus.TO_PICKUP, DeliveryStatus.SEARCHING),
        (DeliveryStatus.AT_PICKUP, DeliveryStatus.SEARCHING),
        (DeliveryStatus.ATTEMPT_FAILED, DeliveryStatus.OUT_FOR_DELIVERY),
    }
)
"""The courier was lost before the pickup; a failed attempt is tried again."""


_S = DeliveryStatus
_ON_THE_ROAD = frozenset(
    {_S.AT_PICKUP, _S.PICKED_UP, _S.IN_TRANSIT, _S.OUT_FOR_DELIVERY, _S.AT_DROPOFF, _S.READY_FOR_COLLECTION}
)
_CARRIED = _ON_THE_ROAD | {_S.ATTEMPT_FAILED, _S.RETURNING}
_FOUND_OUT = _CARRIED | {_S.DELIVERED, _S.RETURNED, _S.FAILED}

CORRECTIONS: dict[DeliveryStatus, frozenset[DeliveryStatus]] = {
    **{status: _FOUND_OUT - {status} for status in _FOUND_OUT | {_S.UNKNOWN}},
    # The goods are somewhere else by now: of a booking that was called off only its end can be found out.
    _S.CANCELLED: frozenset({_S.DELIVERED, _S.RETURNED, _S.FAILED}),
}
"""What a person may say that a booking really is, by what was reported. What comes before the pickup is not
corrected: that is done by booking anew, and calling off by calling off."""


def may_correct(reported: DeliveryStatus, really: DeliveryStatus) -> bool:
    """Whether a person may put a booking that was reported as one status to another."""
    return really in CORRECTIONS.get(reported, frozenset())


def advance(current: DeliveryStatus, reported: DeliveryStatus) -> DeliveryStatus:
    """The status after a report: the reported one if it leads on, else the current one.

    UNKNOWN never moves anything; a terminal status is left only by an explicit correction.
    """
    if reported is DeliveryStatus.UNKNOWN or current in TERMINAL:
        return current
    if current is DeliveryStatus.UNKNOWN or (current, reported) in LEGAL_LOOPS:
        return reported
    return reported if RANK[reported] > RANK[current] else current


class DeliveryStage(StrEnum):
    """Six steps that never grow, for icons and progress bars."""

    PREPARING = "PREPARING"
    ON_THE_WAY = "ON_THE_WAY"
    NEARBY = "NEARBY"
    DELIVERED = "DELIVERED"
    NOT_DELIVERED = "NOT_DELIVERED"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"


def stage_of(status: DeliveryStatus) -> DeliveryStage:
    """The step that a shopper sees for a status."""
    match status:
        case DeliveryStatus.DELIVERED:
            return DeliveryStage.DELIVERED
        case (
            DeliveryStatus.RETURNED
            | DeliveryStatus.CANCELLED
            | DeliveryStatus.FAILED
            | DeliveryStatus.RETURNING
        ):
            return DeliveryStage.NOT_DELIVERED
        case DeliveryStatus.ATTEMPT_FAILED | DeliveryStatus.READY_FOR_COLLECTION | DeliveryStatus.UNKNOWN:
            return DeliveryStage.NEEDS_ATTENTION
        case DeliveryStatus.AT_DROPOFF:
            return DeliveryStage.NEARBY
        case DeliveryStatus.PICKED_UP | DeliveryStatus.IN_TRANSIT | DeliveryStatus.OUT_FOR_DELIVERY:
            return DeliveryStage.ON_THE_WAY
        case _:
            return DeliveryStage.PREPARING
