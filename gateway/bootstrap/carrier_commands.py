"""What the running process knows of carriers, for the API, bound to one merchant."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from doorstep.scorecard import CarrierCounts, score
from gateway.bootstrap.slot_commands import SlotCommands
from gateway.flow.learning.health import AccountHealth, health_of


@dataclass(frozen=True, slots=True)
class CarrierCommands(SlotCommands):
    """See `gateway.api.ports.session.Commands`."""

    async def account_health(self, *, account_ids: Sequence[str]) -> Mapping[str, AccountHealth]:
        today = self.means.clock.now().astimezone(UTC).date()
        async with self.means.begin(self.merchant_id) as work:
            # An id of another merchant must not tell how that one's account does.
            own = [account.id for account in await work.accounts.carriers() if account.id in account_ids]
            counts = await work.scores.counts(today, own)
        of_account: dict[str, list[CarrierCounts]] = {account_id: [] for account_id in own}
        for one in counts:
            of_account[one.account_id].append(one)
        now_s = time.monotonic()
        return {
            account_id: health_of(
                self.means.breaker_of(account_id), now_s, score(account_id, mine, days=1, today=today)
            )
            for account_id, mine in of_account.items()
        }
