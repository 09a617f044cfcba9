"""Rules about the promise: will miss it, may miss it."""

from __future__ import annotations

from datetime import datetime, timedelta

from doorstep.delivery import Delivery
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.eta import Eta
from doorstep.eta import late_risk as late_risk_of
from doorstep.incident import IncidentKind
from doorstep.quote import DeliveryMode
from gateway.flow.watching.sight import DeliverySight, Finding, Well

RIDE, SAYS_NOTHING = 0.5, 0.1
"""Of the time between pickup and promise: the ride, and what is left when silence means lateness."""

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
    eta = sight.delivery.eta
    expected = f"expected at {eta.at:%H:%M} UTC" if eta else "no time of arrival is known"
    risk = how_likely(sight.delivery, eta, limit, sight.now) if eta else None
    chance = f", late with a probability of {risk:.0%}" if risk is not None else ""
    evidence = f"Promised by {limit:%H:%M} UTC, {expected}{chance}."
    return sight.alarm(IncidentKind.LATE_RISK, "may be late", evidence)


def misses(sight: DeliverySight) -> bool:
    """Whether it is late for sure: the time is over, or even the early end of its ETA is behind it.

    One word of a carrier that says so against all before is none: the next one may take it back.
    """
    limit, eta = promised_by(sight), sight.delivery.eta
    if limit is None or sight.now > limit:
        return limit is not None
    return eta is not None and eta.interval.start > limit and _is_likely(sight, eta, limit)


def is_at_risk(sight: DeliverySight) -> bool:
    """By the probability where an ETA is known, its own and that of the last few together.

    Without one it goes by the time between the first pickup and the promise: half of it is for the ride, and
    who has the goods and says nothing when a tenth is left is late. What nobody took in is at risk where the
    shopper may answer until after the promise.
    """
    limit, eta = promised_by(sight), sight.delivery.eta
    if limit is None or misses(sight):
        return False
    if sight.delivery.status is DeliveryStatus.ATTEMPT_FAILED:
        return sight.now + timedelta(seconds=sight.merchant.attempts.answer_s) > limit
    if eta is None:
        return _takes_too_long(sight, limit)
    return _is_likely(sight, eta, limit)


def _is_likely(sight: DeliverySight, eta: Eta, limit: datetime) -> bool:
    return 100 * how_likely(sight.delivery, eta, limit, sight.now) > sight.rules.late_risk_percent


def how_likely(delivery: Delivery, eta: Eta, limit: datetime, now: datetime) -> float:
    """Probability of coming after a limit, by its ETA and that it has not come until now.

    As long as it is not overdue, what carriers said before the last word counts as well.
    """
    by_last = round(late_risk_of(eta, limit, now), 4)
    by_all = delivery.lasting_risk
    return by_last if by_all is None or now > eta.at else min(by_all, by_last)


def _takes_too_long(sight: DeliverySight, limit: datetime) -> bool:
    leg = sight.leg
    pickups = [one.pickup_by for one in sight.delivery.legs if one.pickup_by is not None]
    if leg is None or leg.pickup_by is None or min(pickups) >= limit:
        return False
    whole = limit - min(pickups)
    if RANK.get(leg.status, 0) >= RANK[DeliveryStatus.PICKED_UP]:
        return leg.mode is DeliveryMode.COURIER and sight.now > limit - SAYS_NOTHING * whole
    # Whoever comes instead of another one comes later, and drives as long.
    return max(sight.now, leg.pickup_by) > limit - RIDE * whole


def promised_by(sight: DeliverySight) -> datetime | None:
    """When it is late; None where nothing was promised."""
    promise = sight.delivery.promise
    grace = timedelta(seconds=sight.rules.late_grace_s)
    return promise.window.end + grace if promise is not None else None


def _off_the_hook(sight: DeliverySight) -> str:
    return "It is not a risk any more: it is late." if misses(sight) else AGAIN
