"""Watch carriers: accounts that are left alone because they fail again and again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from doorstep.incident import Incident, IncidentKind
from doorstep.merchant import CarrierAccount, Merchant
from gateway.flow.ports import Means
from gateway.flow.quoting.breaker import LONGEST_PAUSE_S, Breaker, BreakerState
from gateway.flow.watching.incidents import Alarm, raise_if_new, settle
from gateway.flow.watching.sight import Finding, Well

SETTLED_AFTER = timedelta(seconds=LONGEST_PAUSE_S)
"""What answers here may not answer in another process, which has seen so and is trying it again."""


async def look_at_carriers(means: Means, merchant_id: str) -> None:
    """Look at the accounts of a merchant for whom this process has asked carriers.

    Each process knows its own breakers, so each one looks; what they find is in one queue.
    """
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        live = await work.incidents.all_live((IncidentKind.CARRIER_DOWN,))
    await watch_carriers(means, merchant, live, means.clock.now())


async def watch_carriers(means: Means, merchant: Merchant, live: Sequence[Incident], now: datetime) -> None:
    """Look at every account, as far as this process has seen it asked; `live` has all of CARRIER_DOWN."""
    known = {one.account_id: one for one in live if one.kind is IncidentKind.CARRIER_DOWN}
    async with means.begin(merchant.id) as work:
        accounts = [account for account in await work.accounts.carriers() if account.enabled]
        for account in accounts:
            found = carrier_down(account, means.breaker_of(account.id), means.now_s())
            if isinstance(found, Alarm) and account.id not in known:
                await raise_if_new(work, found, merchant.watch, now)
            elif (
                isinstance(found, Well)
                and account.id in known
                and known[account.id].raised_at + SETTLED_AFTER <= now
            ):
                await settle(work, account.id, {found.kind}, found.note, now)


def carrier_down(account: CarrierAccount, breaker: Breaker, now_s: float) -> Finding:
    """A carrier's breaker is open: nobody asks it, and everything goes to others.

    Parameters
    ----------
    now_s
        Of the clock that breakers go by.
    """
    if breaker.state(now_s) is BreakerState.CLOSED:
        answers, _ = breaker.recent(now_s)
        # A process that has just begun has asked nobody, and knows nothing of how others did.
        return Well(IncidentKind.CARRIER_DOWN, "It answers again.") if answers else None
    return Alarm(
        IncidentKind.CARRIER_DOWN,
        title=f"{account.name} cannot be reached",
        evidence=f"It is left alone for the moment: {breaker.cause}. Orders go to the others.",
        account_id=account.id,
    )
