"""Rules about the promise: will miss it, may miss it."""

from __future__ import annotations

from datetime import datetime, timedelta

from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.incident import IncidentKind
from gateway.flow.watching.sight import DeliverySight, Finding, Well

AGAIN = "It is expected in time again."


def eta_past_promise(sight: DeliverySight) -> Finding:
    """It will miss its promise: the time is over, or even the early end of the ETA is late."""
    limit = promised_by(sight)
    if limit is None:
        return None
    if not misses(sight):
        return Well(IncidentKind.ETA_PAST_PROMISE, AGAIN)
    eta = sight.delivery.eta
    expected = f"expected at {eta.at:%H:%M} UTC." if eta else "not there yet."
    evidence = f"Promised by {limit:%H:%M} UTC; {expected}"
    return sight.alarm(IncidentKind.ETA_PAST_PROMISE, "will miss its promise", evidence)


def late_risk(sight: DeliverySight) -> Finding:
    """It is more likely late than not, and not yet certainly."""
    limit = promised_by(sight)
    if limit is None:
        return None
    if not is_at_risk(sight):
        return Well(IncidentKind.LATE_RISK, _off_the_hook(sight))
    eta, risk = sight.delivery.eta, sight.delivery.late_risk
    expected = f"expected at {eta.at:%H:%M} UTC" if eta else "no time of arrival is known"
    chance = f", late with a probability of {risk:.0%}" if risk is not None else ""
    evidence = f"Promised by {limit:%H:%M} UTC, {expected}{chance}."
    return sight.alarm(IncidentKind.LATE_RISK, "may be late", evidence)


def misses(sight: DeliverySight) -> bool:
    """Whether it is late for sure."""
    limit, eta = promised_by(sight), sight.delivery.eta
    return limit is not None and (sight.now > limit or (eta is not None and eta.interval.start > limit))


def is_at_risk(sight: DeliverySight) -> bool:
    """By the probability where one is known, else by whether the middle of the ETA is late.

    Without either, goods that lie in the shop when half of the time between pickup and promise is gone are
    more likely late than not; and so is what nobody took in, where the shopper may answer until after it.
    """
    limit, eta, risk = promised_by(sight), sight.delivery.eta, sight.delivery.late_risk
    if limit is None or misses(sight):
        return False
    if sight.delivery.status is DeliveryStatus.ATTEMPT_FAILED:
        return sight.now + timedelta(seconds=sight.merchant.attempts.answer_s) > limit
    if eta is None:
        # A probability without an ETA is that of a courier who was replaced.
        return _lies_too_long(sight, limit)
    return 100 * risk > sight.rules.late_risk_percent if risk is not None else eta.at > limit


def _lies_too_long(sight: DeliverySight, limit: datetime) -> bool:
    leg = sight.leg
    if leg is None or leg.pickup_by is None or leg.pickup_by >= limit:
        return False
    is_fetched = RANK.get(leg.status, 0) >= RANK[DeliveryStatus.PICKED_UP]
    return not is_fetched and sight.now > leg.pickup_by + (limit - leg.pickup_by) / 2


def promised_by(sight: DeliverySight) -> datetime | None:
    """When it is late; None where nothing was promised."""
    promise = sight.delivery.promise
    grace = timedelta(seconds=sight.rules.late_grace_s)
    return promise.window.end + grace if promise is not None else None


def _off_the_hook(sight: DeliverySight) -> str:
    return "It is not a risk any more: it is late." if misses(sight) else AGAIN
