"""What stores and we know of each other, as the flow keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from doorstep.product import Product
from gateway.flow.records import (
    PrivacyRequest,
    ReportState,
    ReportStatus,
    StoreSync,
)


class Syncs(Protocol):
    """How far each store is read."""

    async def get(self, store_id: str, *, lock: bool = False) -> StoreSync:
        """A store that was never read has a state as well: an empty one."""
        ...

    async def put(self, sync: StoreSync) -> None: ...


class Reports(Protocol):
    """What stores were told of deliveries."""

    async def get(self, unit_id: str, *, lock: bool = False) -> ReportState | None: ...
    async def put(self, state: ReportState) -> None: ...
    async def due(self, now: datetime, limit: int) -> Sequence[ReportState]:
        """Those to be told to stores that are linked, the stores taking turns."""
        ...

    async def refused_among(self, unit_ids: Sequence[str]) -> Sequence[ReportState]: ...
    async def counts(self, store_id: str) -> Mapping[ReportStatus, int]: ...


class Products(Protocol):
    """Articles of stores."""

    async def by_external_ids(self, store_id: str, external_ids: Iterable[str]) -> Mapping[str, Product]: ...
    async def by_skus(self, store_id: str, skus: Iterable[str]) -> Mapping[str, Product]:
        """Of several with one SKU the one that we met last."""
        ...

    async def read_since(self, store_id: str, external_ids: Iterable[str], since: datetime) -> frozenset[str]:
        """Those of the given that were read at `since` or later."""
        ...

    async def put(self, product: Product, read_at: datetime) -> None: ...


class PrivacyRequests(Protocol):
    """Requests about people's data."""

    async def get(self, request_id: str, *, lock: bool = False) -> PrivacyRequest | None: ...
    async def put(self, request: PrivacyRequest) -> None: ...
    async def waiting(self) -> Sequence[PrivacyRequest]: ...
