"""Documents as the API shows them: what they are, and a link that opens them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.flow.documents.document import DocumentCard


@dataclass(frozen=True, slots=True)
class LinkedDocument:
    """A document and where it can be read for an hour or two."""

    card: DocumentCard
    url: str


class ReadsDocuments(Protocol):
    """Part of what one merchant's callers can read."""

    async def documents_of(self, leg_ids: Sequence[str]) -> Mapping[str, Sequence[LinkedDocument]]:
        """Of each leg, at most 20 each."""
        ...
