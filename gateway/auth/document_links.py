"""Signed links to documents: whoever has one may read that document until it ends, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from doorstep.clock import Clock
from doorstep.secret import Secret
from gateway.auth.ending_links import LASTS, EndingLinks

__all__ = ["LASTS", "DocumentGrant", "DocumentLinks"]


@dataclass(frozen=True, slots=True)
class DocumentGrant:
    """What a good link opens."""

    merchant_id: str
    document_id: str


class DocumentLinks:
    """Signs and reads the last part of a document's address; see `EndingLinks`."""

    def __init__(self, secrets: Sequence[Secret], clock: Clock) -> None:
        self._links = EndingLinks(
            secrets, clock, named="document", label="doorstep/documents/1", prefix="doc"
        )

    def issue(self, merchant_id: str, document_id: str) -> str:
        """A link that lasts from one to two hours."""
        return self._links.issue(merchant_id, document_id)

    def read(self, token: str) -> DocumentGrant:
        """Understand a link of ours that has not ended.

        Raises
        ------
        TokenRejected
            If it is not ours, or has ended; then with `expired_at`.
        """
        merchant_id, document_id, _ = self._links.read(token)
        return DocumentGrant(merchant_id, document_id)
