"""A file that belongs to a leg, and what its bytes say it is."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import unquote_to_bytes

LARGEST = 5 * 1024 * 1024
"""Bytes; a label of many parcels has a few hundred thousand."""

_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"GIF8", "image/gif", "gif"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"II*\x00", "image/tiff", "tif"),
    (b"MM\x00*", "image/tiff", "tif"),
    (b"^XA", "application/zpl", "zpl"),
)
"""First bytes -> content type and ending: what label printers and offices take."""

_SPACE = b" \t\r\n"


class DocumentKind(StrEnum):
    """What a document is for."""

    LABEL = "LABEL"
    PHOTO = "PHOTO"
    OTHER = "OTHER"


class NotADocument(ValueError):
    """The bytes are none of the kinds that we keep; says what they are not, never what they are."""


@dataclass(frozen=True, slots=True)
class DocumentCard:
    """A document without its bytes."""

    id: str
    merchant_id: str
    delivery_id: str
    leg_id: str
    kind: DocumentKind
    content_type: str
    size: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """A document whole. Personal data: a label shows who lives where."""

    card: DocumentCard
    body: bytes

    @property
    def ending(self) -> str:
        """For a file's name, "pdf"."""
        endings = {content_type: ending for _, content_type, ending in _KINDS}
        return endings.get(self.card.content_type, "bin")


def content_type_of(body: bytes) -> str:
    """What the bytes are, by how they begin; what anybody says of them counts for nothing.

    Raises
    ------
    NotADocument
        If they are empty, too many, or none of the kinds that are printed.
    """
    if not body:
        raise NotADocument("it is empty")
    if len(body) > LARGEST:
        raise NotADocument(f"it is longer than {LARGEST} bytes")
    begins = body.lstrip(_SPACE)
    for start, content_type, _ in _KINDS:
        if begins.startswith(start):
            return content_type
    raise NotADocument("it is neither PDF nor ZPL nor a picture")


def bytes_in(data_url: str) -> bytes:
    """The bytes of a `data:` address (RFC 2397).

    Raises
    ------
    NotADocument
        If it is none.
    """
    scheme, _, rest = data_url.partition(":")
    head, comma, content = rest.partition(",")
    if scheme.lower() != "data" or not comma:
        raise NotADocument("its address holds no data")
    raw = unquote_to_bytes(content)
    if not head.lower().endswith(";base64"):
        return raw
    try:
        return base64.b64decode(raw, validate=True)
    except binascii.Error:
        raise NotADocument("its address holds no base64") from None


def is_data(url: str) -> bool:
    """Whether an address holds the document itself."""
    return url[:5].lower() == "data:"
