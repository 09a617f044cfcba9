"""Upload: a file is announced, its bytes come, and a message takes it along."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.errors import InvalidInput, NotFound, StateConflict
from doorstep.ids import new_id
from doorstep.thread import Participant
from gateway.flow.messaging.files.picture import NotAPicture, content_type_of, without_remarks
from gateway.flow.messaging.files.record import Upload
from gateway.flow.ports import Means, UnitOfWork

LARGEST = 8 * 1024 * 1024
"""Bytes; a telephone's photo has two to six million."""

MOST_WAITING = 10
"""Files of one owner that no message has taken along."""

CONTENT_TYPES = ("image/jpeg", "image/png", "image/webp")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Announcement:
    """A file as its owner describes it; `size` in bytes, `sha256` in hex."""

    content_type: str
    size: int
    sha256: str


def owner_of(sender: Participant, whose: str) -> str:
    """Who alone may send a file: a side, and which driver or delivery on it ("" for the desk)."""
    return f"{sender} {whose}".rstrip()


async def announce_upload(
    means: Means, merchant_id: str, owner: str, announced: Announcement, delivery_id: str = ""
) -> Upload:
    """Make room for a file; the same file again, before it was sent, is the first one.

    Raises
    ------
    InvalidInput
        If it is of another kind than we take, empty, too long, or its digest is none.
    StateConflict
        If too many of the owner's wait to be sent.
    """
    _require_fitting(announced)
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        waiting = await work.uploads.waiting_of(owner)
        same = (one for one in waiting if one.sha256 == announced.sha256)
        known = next((one for one in same if one.delivery_id == delivery_id), None)
        if known is not None:
            return known
        if len(waiting) >= MOST_WAITING:
            raise StateConflict("Too many files wait to be sent; send some first.")
        upload = Upload(
            id=new_id("upl"),
            merchant_id=merchant_id,
            owner=owner,
            content_type=announced.content_type,
            size=announced.size,
            sha256=announced.sha256,
            created_at=now,
            delivery_id=delivery_id,
        )
        await work.uploads.add(upload)
        return upload


async def take_bytes(means: Means, merchant_id: str, upload_id: str, body: bytes) -> None:
    """Keep the bytes of a file; the same again changes nothing.

    Raises
    ------
    NotFound
        If nobody announced it, or it was let go.
    InvalidInput
        If they are not what was announced, or no picture.
    """
    async with means.begin(merchant_id) as work:
        upload = await work.uploads.get(upload_id, lock=True)
        if upload is None:
            raise NotFound(upload_id)
        if hashlib.sha256(body).hexdigest() != upload.sha256 or len(body) != upload.size:
            raise InvalidInput("These bytes are not what was announced.")
        try:
            if content_type_of(body) != upload.content_type:
                raise InvalidInput(f"It is no {upload.content_type}, whatever its name says.")
            clean = without_remarks(body)
        except NotAPicture as reason:
            raise InvalidInput(str(reason)) from None
        if upload.body is None:
            await work.uploads.put(replace(upload, body=clean))


async def send_along(
    work: UnitOfWork, owner: str, delivery_id: str, upload_ids: Sequence[str], now: datetime
) -> None:
    """Let a message of a delivery's thread take files along, in its transaction.

    Raises
    ------
    InvalidInput
        If one is not the owner's, its bytes have not come, or another message took it.
    """
    for place, upload_id in enumerate(upload_ids):
        upload = await work.uploads.get(upload_id, lock=True)
        path = ("input", "uploadIds", str(place))
        if upload is None or upload.owner != owner or upload.delivery_id not in ("", delivery_id):
            raise InvalidInput("There is no such file, or no longer.", path=path)
        if upload.body is None:
            raise InvalidInput("Its bytes have not come yet; PUT them first.", path=path)
        if upload.sent_at is not None:
            raise InvalidInput("Another message took it along.", path=path)
        await work.uploads.put(replace(upload, delivery_id=delivery_id, sent_at=now))


def _require_fitting(announced: Announcement) -> None:
    if announced.content_type not in CONTENT_TYPES:
        text = f"contentType must be one of {_listed(CONTENT_TYPES)}."
        raise InvalidInput(text, path=("input", "contentType"))
    if not 0 < announced.size <= LARGEST:
        raise InvalidInput(f"sizeBytes must be 1 to {LARGEST}.", path=("input", "sizeBytes"))
    if not _SHA256.fullmatch(announced.sha256):
        raise InvalidInput("sha256 must be 64 hex digits in lower case.", path=("input", "sha256"))


def _listed(words: Collection[str]) -> str:
    return ", ".join(words)
