"""The API's use cases about arrivals, bound to one merchant."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.eta_learning import EtaVersion
from gateway.bootstrap.slot_commands import SlotCommands
from gateway.flow.learning.eta_learned import go_back


@dataclass(frozen=True, slots=True)
class EtaCommands(SlotCommands):
    """See `gateway.api.ports.session.Commands`."""

    async def use_eta_version(self, *, number: int) -> EtaVersion:
        return await go_back(self.means, self.merchant_id, number)
