"""What the running process knows of carriers, for the API, bound to one merchant."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC

from doorstep.errors import NotFound
from doorstep.scorecard import score
from gateway.bootstrap.slot_commands import SlotCommands
from gateway.flow.learning.health import AccountHealth, health_of


@dataclass(frozen=True, slots=True)
class CarrierCommands(SlotCommands):
    """See `gateway.api.ports.Commands`."""

    async def account_health(self, *, account_id: str) -> AccountHealth:
        today = self.means.clock.now().astimezone(UTC).date()
        async with self.means.begin(self.merchant_id) as work:
            # An id of another merchant must not tell how that one's account does.
            if all(account.id != account_id for account in await work.accounts.carriers()):
                raise NotFound(account_id)
            counts = await work.scores.counts(today, [account_id])
        card = score(account_id, counts, days=1, today=today)
        return health_of(self.means.breaker_of(account_id), time.monotonic(), card)
