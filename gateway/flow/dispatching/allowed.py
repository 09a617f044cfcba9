"""Allowed: what a machine may book that goes on with what a person has dispatched within limits. Pure."""

from __future__ import annotations

from dataclasses import replace

from doorstep.dispatch_rules import DispatchLimits
from doorstep.money import Money
from doorstep.quote import Decline, DeclineReason, Quote
from gateway.flow.dispatching.strategy import Line


def within(line: Line, limits: DispatchLimits) -> Line:
    """Those in line that the limits allow; the others with the reason.

    Somebody has been asked already: where nobody else may be, nobody is left in line.
    """
    turns, left_out = [], list(line.left_out)
    for turn in line.turns:
        objection = _objection(turn.quote, limits)
        if objection is None:
            turns.append(turn)
        else:
            offer, account_id = turn.quote.offer, turn.quote.account_id
            left_out.append(Decline(offer.carrier, DeclineReason.RULE, objection, account_id=account_id))
    return replace(line, turns=tuple(turns), left_out=tuple(left_out))


def lower(cap: Money | None, limit: Money | None) -> Money | None:
    """The tighter of what a machine and what a person may spend; a person's where they cannot be compared."""
    if cap is None or limit is None:
        return limit or cap
    return cap if cap.currency == limit.currency and cap < limit else limit


def more_than(price: Money, before: Money | None) -> Money | None:
    """By how much it costs more than what was to be paid, in another currency all of it; None where not."""
    if before is None or before.currency != price.currency:
        return price if price.minor > 0 else None
    return price - before if price > before else None


def _objection(quote: Quote, limits: DispatchLimits) -> str | None:
    price, most = quote.offer.price, limits.max_price
    if not limits.allow_fallback:
        return "Whoever dispatched it wanted one carrier and nobody else."
    if most is not None and (price.currency != most.currency or price > most):
        return f"It costs {price}, and whoever dispatched it allowed {most} at most."
    return None
