"""One transaction of one merchant, with everything that it can reach."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from doorstep.events import Event
from gateway.flow.ports.fleet import Accounts, Fleet, Routes
from gateway.flow.ports.messages import Inbox, Memory, Quarantine
from gateway.flow.ports.orders import Deliveries, Incidents, Orders, Quotes
from gateway.flow.ports.stores import PrivacyRequests, Products, Reports, Syncs
from gateway.flow.privacy.redaction import Redaction


class UnitOfWork(Protocol):
    """One transaction of one merchant."""

    @property
    def merchant_id(self) -> str: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def quotes(self) -> Quotes: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def routes(self) -> Routes: ...
    @property
    def fleet(self) -> Fleet: ...
    @property
    def incidents(self) -> Incidents: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def quarantine(self) -> Quarantine: ...
    @property
    def memory(self) -> Memory: ...
    @property
    def syncs(self) -> Syncs: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def products(self) -> Products: ...
    @property
    def privacy_requests(self) -> PrivacyRequests: ...
    @property
    def redaction(self) -> Redaction: ...

    async def emit(self, event: Event) -> None:
        """Queue every handler of the event, in this transaction."""
        ...

    def announce(self, topic: str, entity_id: str) -> None:
        """Tell live subscribers once the transaction is committed; topics are those of `gateway.live`."""
        ...


Begin = Callable[[str], AbstractAsyncContextManager[UnitOfWork]]
"""Merchant id -> a transaction that commits at the end of the block and rolls back on an error."""
