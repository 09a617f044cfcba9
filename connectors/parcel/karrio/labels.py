"""Labels as addresses: these carriers send the document itself, so the address holds it."""

from __future__ import annotations

import base64
import binascii

_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "application/pdf"),
    (b"\x89PNG", "image/png"),
    (b"GIF8", "image/gif"),
    (b"\xff\xd8", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"^XA", "application/zpl"),
)


def label_url(document: str) -> str:
    """A document in base64 as a `data:` address (RFC 2397); "" for none, or for what is no base64."""
    compact = "".join(document.split())
    try:
        content = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        return ""
    if not content:
        return ""
    kind = next((kind for start, kind in _KINDS if content.startswith(start)), "application/octet-stream")
    return f"data:{kind};base64,{compact}"
