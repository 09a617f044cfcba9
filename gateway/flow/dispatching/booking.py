"""Booking: one attempt with one carrier, put to it and its answer written down."""

from __future__ import annotations

from doorstep.delivery import Delivery
from doorstep.errors import RemoteError, RemoteRefused, UnknownOutcome
from doorstep.quote import Decline, DeclineReason
from gateway.flow.dispatching.answers import booking_request, write_error, write_refusals, write_yes
from gateway.flow.dispatching.attempts import Attempt
from gateway.flow.dispatching.stacked import ask_for_stack
from gateway.flow.ports import Means
from gateway.flow.quoting.question import Unit


async def ask_carrier(means: Means, unit: Unit, attempt: Attempt) -> Delivery | Decline:
    """Make the attempt; a delivery is a yes, a decline a clear no. What goes in a stack is asked for whole.

    Raises
    ------
    UnknownOutcome
        If the answer was lost, or a repeat could not find out what became of the first try; the attempt stays
        open.
    """
    if attempt.leg.external_id:
        return attempt.delivery
    if attempt.leg.stack_id:
        return await ask_for_stack(means, attempt)
    carrier = await means.links.carrier(unit.merchant.id, attempt.quote.account_id)
    if carrier is None:
        if attempt.is_repeat:
            text = "Its account is linked no longer, so nobody can be asked whether it is booked."
            raise UnknownOutcome(text, system=attempt.leg.carrier)
        gone = RemoteRefused("The account is not linked any more.", system=attempt.leg.carrier)
        await write_refusals(means, [attempt], gone)
        return Decline(attempt.leg.carrier, DeclineReason.ACCOUNT_PROBLEM, gone.message)
    request = booking_request(means, unit, attempt)
    try:
        booking = await carrier.connector.book(request, means.booking_budget_s)
    except RemoteError as error:
        return await write_error(means, [attempt], carrier, error)
    return await write_yes(means, unit, attempt, booking)
