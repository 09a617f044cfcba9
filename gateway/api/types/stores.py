"""Stores: how each stands, and linking, reading and testing them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from doorstep import health
from doorstep.order import LinkStatus, StorePlatform
from doorstep.order import Store as GroundStore
from gateway.api.context import Info
from gateway.api.marks import entry, part, resolved, shape
from gateway.api.ports.records import LinkedStore
from gateway.api.problems import InvalidInput, NotFound, RemoteRefused, StateConflict
from gateway.api.scalars import Url
from gateway.api.types.node import Node
from gateway.flow.records import ReportStatus, StoreSync

MOST_CHECKS = 50


@shape()
class HealthCheck:
    """One thing that was tested, in words a merchant understands."""

    name: str
    passed: bool
    fault: str | None = part("Stable code of what is wrong; docs/doctor.md lists them.")
    text: str = part("What was found; where it failed, what to do.")

    @staticmethod
    def of(check: health.HealthCheck) -> HealthCheck:
        return HealthCheck(name=check.name, passed=check.passed, fault=check.fault or None, text=check.text)


@shape()
class Store(Node):
    """A shop or ERP that orders come from."""

    name: str
    platform: StorePlatform
    url: Url
    status: LinkStatus
    scopes: list[str] = part("What the store lets us do, in its own words.", most=100, usual=10)

    @staticmethod
    def of(kept: GroundStore) -> Store:
        return Store(
            id=strawberry.ID(kept.id),
            name=kept.name,
            platform=kept.platform,
            url=Url(kept.url),
            status=kept.status,
            scopes=list(kept.scopes[:100]),
        )

    @resolved()
    async def synced_until(self, info: Info) -> datetime | None:
        """Every change up to here, by the store's clock, has been read."""
        sync = await self._sync(info)
        return sync.orders_until if sync else None

    @resolved()
    async def last_synced_at(self, info: Info) -> datetime | None:
        """When the store last answered as it should."""
        sync = await self._sync(info)
        return sync.answered_at if sync else None

    @resolved()
    async def away_since(self, info: Info) -> datetime | None:
        """Since when it does not answer; null while it does."""
        sync = await self._sync(info)
        return sync.away_since if sync else None

    @resolved()
    async def problem(self, info: Info) -> str | None:
        """What it said or did instead of answering, for a person; null while it answers."""
        sync = await self._sync(info)
        return (sync.problem_text or None) if sync else None

    @resolved()
    async def reports_waiting(self, info: Info) -> int:
        """Deliveries of which it has yet to be told."""
        return await self._reports(info, ReportStatus.DUE)

    @resolved()
    async def reports_refused(self, info: Info) -> int:
        """Deliveries of which it will not be told."""
        return await self._reports(info, ReportStatus.REFUSED)

    async def _sync(self, info: Info) -> StoreSync | None:
        return await info.context.loaders.store_sync.load(str(self.id))

    async def _reports(self, info: Info, status: ReportStatus) -> int:
        counts = await info.context.loaders.report_counts.load(str(self.id))
        return counts.get(status, 0) if counts else 0


@entry
class CredentialInput:
    """One of what a store or carrier is opened with; write only."""

    name: str
    value: str


@entry
class ConnectStoreInput:
    """With credentials the store is linked at once; without them its merchant is asked to say yes."""

    platform: StorePlatform
    url: Url
    name: str | None = None
    credentials: list[CredentialInput] | None = part(most=10, default=None)
    location_id: strawberry.ID | None = part(
        "Where its orders leave from; may be left out while there is only one place.", default=None
    )


@shape()
class ConnectStoreSuccess:
    """The store."""

    store: Store
    authorize_url: Url | None = part("Send the merchant here to say yes.")
    checks: list[HealthCheck] = part("What linking found.", most=MOST_CHECKS, usual=5)

    @staticmethod
    def of(linked: LinkedStore) -> ConnectStoreSuccess:
        return ConnectStoreSuccess(
            store=Store.of(linked.store),
            authorize_url=Url(linked.authorize_url) if linked.authorize_url else None,
            checks=[HealthCheck.of(check) for check in linked.checks[:MOST_CHECKS]],
        )


@entry
class SyncStoreInput:
    """Read a store soon, not only at the next round."""

    store_id: strawberry.ID
    full: bool = part("Read everything again, not only what changed.", default=False)


@shape()
class SyncStoreSuccess:
    """It will be read."""

    store: Store


@entry
class TestLinkInput:
    """Try a link now."""

    id: strawberry.ID = part("A store or a carrier account.")


@shape()
class TestLinkSuccess:
    """What was found."""

    checks: list[HealthCheck] = part(most=MOST_CHECKS, usual=5)

    @staticmethod
    def of(checks: tuple[health.HealthCheck, ...]) -> TestLinkSuccess:
        return TestLinkSuccess(checks=[HealthCheck.of(check) for check in checks[:MOST_CHECKS]])


ConnectStoreResult = Annotated[
    ConnectStoreSuccess | InvalidInput | StateConflict | RemoteRefused,
    strawberry.union("ConnectStoreResult", description="What linking a store led to."),
]
SyncStoreResult = Annotated[
    SyncStoreSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("SyncStoreResult", description="What asking for a store to be read led to."),
]
TestLinkResult = Annotated[
    TestLinkSuccess | InvalidInput | NotFound,
    strawberry.union("TestLinkResult", description="What testing a link led to."),
]
