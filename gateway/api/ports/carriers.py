"""What the API must be handed for carrier accounts and how they do; see `gateway.api.ports.session`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from doorstep.merchant import CarrierAccount
from doorstep.scorecard import CarrierCounts
from doorstep.window import Window
from gateway.api.ports import records as r
from gateway.flow.learning.health import AccountHealth
from gateway.flow.ports.checks import LinkChecks
from gateway.flow.ports.unknowns import UnknownCode
from gateway.flow.quoting.price_lock import LockedDay

__all__ = ["AccountHealth", "CarrierCommands", "LinkChecks", "LockedDay", "ReadsCarriers", "UnknownCode"]


class ReadsCarriers(Protocol):
    """Part of what one merchant's callers can read."""

    async def carrier_accounts(self, ids: Sequence[str]) -> Mapping[str, CarrierAccount]: ...
    async def find_carrier_accounts(self, page: r.PageRequest) -> r.Page[CarrierAccount]: ...
    async def count_carrier_accounts(self, up_to: int) -> int: ...
    async def account_ids_of(self, carriers: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Ids of the accounts with each carrier, by its code."""
        ...

    async def carrier_counts(self, since: date) -> Sequence[CarrierCounts]:
        """What was counted of all accounts from a day (UTC) on."""
        ...

    async def incidents_by_account(self, since: datetime) -> Mapping[str, int]:
        """How often something went wrong with a delivery that an account had in hand."""
        ...

    async def link_checks(self, ids: Sequence[str]) -> Mapping[str, LinkChecks]:
        """The last test of each store or account that was tested."""
        ...

    async def unknown_codes(self) -> Sequence[UnknownCode]: ...
    async def locked_days(
        self, within: Window, account_ids: Sequence[str], limit: int, *, by_day: bool
    ) -> Sequence[LockedDay]:
        """What prices that were held cost, by account and, if wanted, by day; () for all accounts."""
        ...


class CarrierCommands(Protocol):
    """What only the running process knows of carriers."""

    async def account_health(self, *, account_ids: Sequence[str]) -> Mapping[str, AccountHealth]:
        """How each does; those that are not the merchant's are left out."""
        ...
