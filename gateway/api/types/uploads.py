"""Files for threads: announced, put to a signed address, then named by a message."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from gateway.api.marks import entry, part, shape
from gateway.api.ports.uploads import UploadPlace
from gateway.api.problems import InvalidInput, StateConflict
from gateway.api.scalars import Url
from gateway.api.types.threads import WRITERS
from gateway.flow.documents.document import DocumentKind


@entry
class CreateUploadInput:
    """A file as it will be sent."""

    purpose: DocumentKind = part("PHOTO: no other kind is taken.")
    content_type: str = part("image/jpeg, image/png or image/webp; the bytes are looked at, not the name.")
    size_bytes: int = part("At most 8 MiB.")
    sha256: str = part("Of the bytes, in hex; makes a retry return the first upload.")


@shape(to=WRITERS)
class HttpHeader:
    """A header to send."""

    name: str
    value: str


@shape(to=WRITERS)
class UploadTarget:
    """PUT the bytes to `url` with `headers`, then name `uploadId` in a message, within a day."""

    upload_id: strawberry.ID
    url: Url
    headers: list[HttpHeader] = part(most=10, usual=1)
    expires_at: datetime

    @staticmethod
    def of(place: UploadPlace) -> UploadTarget:
        return UploadTarget(
            upload_id=strawberry.ID(place.upload_id),
            url=Url(place.url),
            headers=[HttpHeader(name="Content-Type", value=place.content_type)],
            expires_at=place.expires_at,
        )


@shape(to=WRITERS)
class CreateUploadSuccess:
    """There is room for it."""

    upload: UploadTarget


CreateUploadResult = Annotated[
    CreateUploadSuccess | InvalidInput | StateConflict,
    strawberry.union("CreateUploadResult", description="What announcing a file led to."),
]
