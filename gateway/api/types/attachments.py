"""Files that belong to something: labels."""

from __future__ import annotations

import strawberry

from gateway.api.documents import LinkedDocument
from gateway.api.marks import part, shape
from gateway.api.scalars import Url
from gateway.flow.documents.document import DocumentKind


@shape()
class Attachment:
    """A file that we keep."""

    id: strawberry.ID
    kind: DocumentKind
    url: Url = part("Signed; ends after an hour or two, and the next query gives another.")
    content_type: str
    size: int = part("Bytes.")

    @staticmethod
    def of(linked: LinkedDocument) -> Attachment:
        card = linked.card
        return Attachment(
            id=strawberry.ID(card.id),
            kind=card.kind,
            url=Url(linked.url),
            content_type=card.content_type,
            size=card.size,
        )
