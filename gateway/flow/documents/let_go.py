"""Let go: a label that nobody prints any more is only an address of somebody's home."""

from __future__ import annotations

from datetime import timedelta

from gateway.flow.ports import Means


async def let_go_of_old(means: Means, merchant_id: str) -> int:
    """Delete documents that are older than the merchant keeps them; gives how many."""
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        before = means.clock.now() - timedelta(days=merchant.documents.keep_days)
        return len(await work.documents.let_go(before))
