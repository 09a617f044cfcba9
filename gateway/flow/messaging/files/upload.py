"""Upload: a file is announced, its bytes come, and a message takes it along."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from doorstep.errors import InvalidInput, NotFound, StateConflict
from doorstep.ids import new_id
from doorstep.thread import Participant
from gateway.flow.messaging.files.picture import NotAPicture, content_type_of, without_remarks
from gateway.flow.messaging.files.record import Upload
from gateway.flow.ports import Means, UnitOfWork

LARGEST = 8 * 1024 * 1024
"""Bytes; a telephone's photo has two to six million."""

MOST_BYTES = 200 * 1024 * 1024
"""Of one side in one delivery's thread: a link that leads to a delivery is no way to fill a disk."""

MOST_WAITING = 10
CROWDED_FOR = timedelta(hours=1)
"""So many files of one owner at most are announced within this time and not sent.

What was left lying does not keep a desk of many people from sending until it is let go.
"""

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
        If it is of another kind than we take, empty, too long, or its digest is none, or with it the
        delivery's thread would hold too much of this side.
    StateConflict
        If too many that the owner announced of late wait to be sent.
    """
    _require_fitting(announced)
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        waiting = await work.uploads.waiting_of(owner)
        same = (one for one in waiting if _described(one) == announced)
        known = next((one for one in same if one.delivery_id == delivery_id), None)
        if known is not None:
            return known
        if sum(now - one.created_at < CROWDED_FOR for one in waiting) >= MOST_WAITING:
            raise StateConflict("Too many files wait to be sent; send some first, or wait an hour.")
        if delivery_id:
            _require_room(await work.uploads.bytes_of(owner, delivery_id) + announced.size, "sizeBytes")
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
        announced = await work.uploads.get(upload_id)
    if announced is None:
        raise NotFound(upload_id)
    # Beside everybody else, and with nothing locked: bytes that are made to be slow take a second.
    clean = await asyncio.to_thread(_checked, announced, body)
    async with means.begin(merchant_id) as work:
        upload = await work.uploads.get(upload_id, lock=True)
        if upload is None:
            raise NotFound(upload_id)
        if upload.body is None:
            await work.uploads.put(replace(upload, body=clean))


async def send_along(
    work: UnitOfWork, owner: str, delivery_id: str, upload_ids: Sequence[str], now: datetime
) -> None:
    """Let a message of a delivery's thread take files along, in its transaction.

    Raises
    ------
    InvalidInput
        If one is not the owner's, its bytes have not come, or another message took it, or with them the
        delivery's thread would hold too much of this side.
    """
    held = await work.uploads.bytes_of(owner, delivery_id) if upload_ids else 0
    # In one order, so that no two messages wait for each other.
    for place, upload_id in sorted(enumerate(upload_ids), key=lambda one: one[1]):
        upload = await work.uploads.get(upload_id, lock=True)
        path = ("input", "uploadIds", str(place))
        if upload is None or upload.owner != owner or upload.delivery_id not in ("", delivery_id):
            raise InvalidInput("There is no such file, or no longer.", path=path)
        if upload.body is None:
            raise InvalidInput("Its bytes have not come yet; PUT them first.", path=path)
        if upload.sent_at is not None:
            raise InvalidInput("Another message took it along.", path=path)
        if not upload.delivery_id:  # else it was counted when it was announced
            held += upload.size
            _require_room(held, *path[1:])
        await work.uploads.put(replace(upload, delivery_id=delivery_id, sent_at=now))


def _described(upload: Upload) -> Announcement:
    return Announcement(upload.content_type, upload.size, upload.sha256)


def _checked(announced: Upload, body: bytes) -> bytes:
    """The picture as it is kept, where it is what was announced."""
    if hashlib.sha256(body).hexdigest() != announced.sha256 or len(body) != announced.size:
        raise InvalidInput("These bytes are not what was announced.")
    try:
        if content_type_of(body) != announced.content_type:
            raise InvalidInput(f"It is no {announced.content_type}, whatever its name says.")
        return without_remarks(body)
    except NotAPicture as reason:
        raise InvalidInput(str(reason)) from None


def _require_fitting(announced: Announcement) -> None:
    if announced.content_type not in CONTENT_TYPES:
        text = f"contentType must be one of {_listed(CONTENT_TYPES)}."
        raise InvalidInput(text, path=("input", "contentType"))
    if not 0 < announced.size <= LARGEST:
        raise InvalidInput(f"sizeBytes must be 1 to {LARGEST}.", path=("input", "sizeBytes"))
    if not _SHA256.fullmatch(announced.sha256):
        raise InvalidInput("sha256 must be 64 hex digits in lower case.", path=("input", "sha256"))


def _require_room(held: int, *field: str) -> None:
    """Raises `InvalidInput` where a side would have put more bytes than this into a thread."""
    if held > MOST_BYTES:
        most = f"Photos of one side in a thread may have {MOST_BYTES // 1024**2} MiB together; this is more."
        raise InvalidInput(f"{most} Send smaller photos, or words alone.", path=("input", *field))


def _listed(words: Collection[str]) -> str:
    return ", ".join(words)
