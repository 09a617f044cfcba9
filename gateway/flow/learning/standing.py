"""Standing: how each account of a merchant did lately, for whoever ranks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from doorstep.scorecard import Scorecard, score
from gateway.flow.ports import UnitOfWork

DAYS = 30


async def standings(work: UnitOfWork, now: datetime, days: int = DAYS) -> Mapping[str, Scorecard]:
    """A scorecard for each account that ended at least one booking in these days, by account."""
    today = now.astimezone(UTC).date()
    counts = await work.scores.counts(today - timedelta(days=days - 1))
    cards = {
        account_id: score(account_id, counts, days=days, today=today)
        for account_id in sorted({one.account_id for one in counts})
    }
    return {account_id: card for account_id, card in cards.items() if card.deliveries + card.cancelled}
