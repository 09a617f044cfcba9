"""How carriers did, from what was counted of their accounts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from doorstep.scorecard import Scorecard, score
from gateway.api.context import Context
from gateway.api.reading import read_span

MOST_DAYS = 365


async def load_scorecard(context: Context, account_ids: Collection[str], days: int) -> Scorecard | None:
    """All of these accounts together, over the last days in UTC, today among them; None without any.

    Raises
    ------
    InvalidInput
        If `days` is not 1 to 365.
    """
    read_span(days, ("days",), 1, MOST_DAYS)
    if not account_ids:
        return None
    today = context.clock.now().astimezone(UTC).date()
    since = today - timedelta(days=days - 1)
    counts = await context.loaders.carrier_counts.load(since)
    raised = await context.loaders.incidents_by_account.load(datetime.combine(since, time(), UTC))
    together = [replace(one, account_id="") for one in counts if one.account_id in account_ids]
    card = score("", together, days=days, today=today)
    return replace(card, incidents=sum(raised.get(account_id, 0) for account_id in account_ids))
