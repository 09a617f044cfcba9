"""The deliveries of a job, one for each drop-off, and what a job says of each of them.

A job that is read through `alone` looks as if it had that delivery only, so that whatever reads a job reads
it right. A job with several is one that we booked so, or one that Stuart made of several of ours by hand.
"""

from __future__ import annotations

from connectors.couriers.stuart.statuses import DELIVERY_STATUSES, STACKED_BY_HAND
from doorstep.delivery_status import RANK, TERMINAL, DeliveryStatus
from doorstep.json_reading import Json, child, children, text

_TRUE_OF_ALL = frozenset({"new", "scheduled", "searching", "canceled", "expired"})
"""Words about a job that hold for each of its deliveries, whatever it has come to."""


def deliveries_of(job: Json) -> tuple[Json, ...]:
    """All that a job names, each once; the current one with everything that is said of it."""
    current, listed = child(job, "current_delivery"), children(job, "deliveries")
    if not current:
        return listed
    twin = next((one for one in listed if _is_same(one, current)), {})
    return ({**twin, **current}, *(one for one in listed if one is not twin))


def delivery_in(job: Json, reference: str) -> Json | None:
    """The delivery with a reference, None where the job has none."""
    return next((one for one in deliveries_of(job) if text(one, "client_reference") == reference), None)


def of_reference(job: Json, reference: str) -> Json | None:
    """The job as if it had the delivery with this reference alone; None where it has no such delivery."""
    delivery = delivery_in(job, reference)
    return alone(job, delivery) if delivery is not None else None


def alone(job: Json, delivery: Json) -> Json:
    """The job as if it had this delivery alone.

    Of a job with several deliveries the price is that of all, "finished" does not say whether this one was
    delivered, and once this one is over its courier is on the way to somebody else: all three are left out.
    """
    view = {**job, "current_delivery": delivery, "deliveries": [delivery]}
    if len(deliveries_of(job)) <= 1:
        return view
    view.pop("pricing", None)
    if text(job, "status") == "finished":
        view["status"] = ""
    if is_over(delivery):
        view |= {"driver": None, "current_delivery": {**delivery, "driver": None}}
    return view


def told_by(job: Json) -> tuple[Json, ...]:
    """Each delivery that a message about a job says something of, `alone`.

    Stuart's messages about a job name all of its deliveries and tell the status of the current one. Of the
    others only that holds which is true of all: nobody is on the way yet, a courier is on the way to the
    pickup, the whole job is called off. After the pickup some may be over, and messages of their own tell.
    """
    deliveries = deliveries_of(job)
    if len(deliveries) <= 1:
        return (job,)
    current = child(job, "current_delivery")
    shared = {
        "driver": current.get("driver"),
        "cancellation": child(job, "cancellation") or child(current, "cancellation"),
    }
    is_for_all = _is_for_all(text(job, "status"), current)
    return tuple(
        alone(job, one if text(one, "status") else {**shared, **one})
        for one in deliveries
        if text(one, "client_reference") and (is_for_all or text(one, "status"))
    )


def is_over(delivery: Json) -> bool:
    """Whether nothing more happens to a delivery, by its own status."""
    return DELIVERY_STATUSES.get(text(delivery, "status")) in TERMINAL


def has_others_live(job: Json, delivery: Json) -> bool:
    """Whether other deliveries of the job are under way, so that it may not be called off as a whole."""
    others = (one for one in deliveries_of(job) if not _is_same(one, delivery))
    return any(not is_over(one) for one in others)


def is_left_behind(delivery: Json) -> bool:
    """Whether Stuart goes on with a delivery in another job, under the same reference.

    Stuart's community pages: its people may cancel jobs and make one of them, with the same references.
    """
    return text(child(delivery, "cancellation"), "reason_key") == STACKED_BY_HAND


def _is_for_all(status: str, current: Json) -> bool:
    if status != "in_progress":
        return status in _TRUE_OF_ALL
    stage = DELIVERY_STATUSES.get(text(current, "status"))
    return stage is not None and RANK[stage] < RANK[DeliveryStatus.PICKED_UP]


def _is_same(one: Json, other: Json) -> bool:
    if one.get("id") is not None and other.get("id") is not None:
        return one["id"] == other["id"]
    return bool(text(one, "client_reference")) and text(one, "client_reference") == text(
        other, "client_reference"
    )
