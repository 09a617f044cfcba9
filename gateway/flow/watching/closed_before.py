"""Closed before: what a person has closed is not raised again at the next look. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from doorstep.audit import Actor
from doorstep.incident import Incident, Resolution
from doorstep.watch_rules import WatchRules

_FOR_GOOD = frozenset(
    {Resolution.FALSE_ALARM, Resolution.ACCEPTED_LOSS, Resolution.REFUNDED, Resolution.DUPLICATE}
)
"""Said of something that may well go on: it is known, and nobody wants to hear of it again."""


def is_quiet(last: Incident | None, rules: WatchRules, now: datetime) -> bool:
    """Whether what a machine measures is what a person has closed already.

    A false alarm about a delivery or an order is remembered for good; about a van, an account or the whole
    shop, which live long, for `quiet_s`. What somebody called mended and is still wrong comes back after
    `reopen_s`.

    Parameters
    ----------
    last
        The newest incident of this kind about this subject; None where there was none.
    """
    if last is None or last.is_live or last.resolved_by is not Actor.PERSON or last.resolved_at is None:
        return False
    if last.resolution in _FOR_GOOD:
        is_short_lived = last.delivery_id is not None or last.fulfillment_order_id is not None
        return is_short_lived or now < last.resolved_at + timedelta(seconds=rules.quiet_s)
    return now < last.resolved_at + timedelta(seconds=rules.reopen_s)
