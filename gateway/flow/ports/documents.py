"""Documents of deliveries, as the flow fetches and keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.flow.documents.document import Document, DocumentKind


class Documents(Protocol):
    """Labels and other papers, with their bytes."""

    async def get(self, document_id: str) -> Document | None: ...
    async def has(self, leg_id: str, kind: DocumentKind) -> bool: ...
    async def put(self, document: Document) -> bool:
        """False if the leg has one of this kind already: that one stays."""
        ...

    async def let_go(self, before: datetime) -> Sequence[str]:
        """Delete those that were made earlier; gives their ids."""
        ...


class Files(Protocol):
    """Fetches what a carrier keeps for us at an address that it named."""

    async def fetch(self, url: str, largest: int, budget_s: float) -> bytes:
        """The bytes behind an address.

        Parameters
        ----------
        largest
            Bytes; what is longer is refused.

        Raises
        ------
        RemoteUnavailable
            If it could not be read at the moment.
        RemoteRefused
            If it is gone, too long, leads elsewhere, or lies where we do not go.
        """
        ...
