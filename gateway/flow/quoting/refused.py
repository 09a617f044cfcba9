"""A carrier's failure in the words of a quote set."""

from __future__ import annotations

from doorstep.errors import AccountProblem, RateLimited, RemoteError, RemoteUnavailable
from doorstep.incident import IncidentKind
from doorstep.quote import Decline, DeclineReason
from gateway.flow.ports import LinkedCarrier


def decline_for(carrier: LinkedCarrier, error: RemoteError) -> Decline:
    """Why a carrier that could not be asked, or would not book, makes no offer."""
    reason = DeclineReason.OTHER
    retry_after_s = None
    match error:
        case RateLimited():
            reason, retry_after_s = DeclineReason.RATE_LIMITED, error.retry_after_s
        case RemoteUnavailable():
            reason = DeclineReason.CARRIER_DOWN
        case AccountProblem():
            reason = DeclineReason.ACCOUNT_PROBLEM
        case _ if error.kind is IncidentKind.NO_COURIER:
            reason = DeclineReason.NO_CAPACITY
        case _ if error.kind is IncidentKind.ADDRESS_PROBLEM:
            reason = DeclineReason.ADDRESS_PROBLEM
    return Decline(
        carrier=carrier.account.carrier,
        reason=reason,
        text=error.message,
        raw_code=error.raw_code,
        account_id=carrier.account.id,
        retry_after_s=retry_after_s,
        is_known_code=error.is_known_code,
    )


def timed_out(carrier: LinkedCarrier) -> Decline:
    """It did not answer while somebody waited."""
    text = f"{carrier.account.name} did not answer within the time allowed."
    return Decline(carrier.account.carrier, DeclineReason.TIMED_OUT, text, account_id=carrier.account.id)


def left_alone(carrier: LinkedCarrier) -> Decline:
    """There was no time to ask it."""
    text = f"{carrier.account.name} was not asked: there was no time to wait for it."
    return Decline(carrier.account.carrier, DeclineReason.TIMED_OUT, text, account_id=carrier.account.id)
