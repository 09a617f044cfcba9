"""Writes about files for threads; part of the root."""

from __future__ import annotations

from typing import Annotated

from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.ports.records import Scope
from gateway.api.reading import wrong
from gateway.api.roots.given import INPUT
from gateway.api.types.threads import WRITERS, side_of
from gateway.api.types.uploads import (
    CreateUploadInput,
    CreateUploadResult,
    CreateUploadSuccess,
    UploadTarget,
)
from gateway.flow.documents.document import DocumentKind


@shape()
class UploadMutations:
    """Writes about files."""

    @root(to=WRITERS, scope=Scope.OPERATE)
    async def create_upload(
        self, info: Info, given: Annotated[CreateUploadInput, INPUT]
    ) -> CreateUploadResult:
        """Makes room for a photo that a message of this side will take along."""
        if given.purpose is not DocumentKind.PHOTO:
            raise wrong(("input", "purpose"), "purpose must be PHOTO.")
        caller = info.context.caller
        place = await info.context.commands.create_upload(
            sender=side_of(caller.audience),
            whose=caller.delivery_id or caller.driver_id or "",
            delivery_id=caller.delivery_id or "",
            content_type=given.content_type,
            size=given.size_bytes,
            sha256=given.sha256,
        )
        return CreateUploadSuccess(upload=UploadTarget.of(place))
