"""Pictures: what bytes are, and the same picture without what a camera wrote beside it. Pure.

A photo of a door says where it was taken, when and by which telephone. Segments and chunks that do not show
anything are cut; the pixels are not touched, so nothing is decoded. Formats: JPEG (ITU-T T.81, Exif 2.32),
PNG (W3C, third edition), WebP (RFC 9649).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Mapping

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_ORIENTATION = 0x0112

# Of the sixteen kinds of remarks of a JPEG those stay that say how colours are meant: JFIF's own, Adobe's and
# profiles of colours. Each by its name: cameras use the same kinds for previews and words of their own.
_APP, _COMMENT = range(0xE0, 0xF0), 0xFE
_JFIF, _EXIF, _PROFILE, _ADOBE = 0xE0, 0xE1, 0xE2, 0xEE
_KEPT_APPS = {_JFIF: b"JFIF\x00", _PROFILE: b"ICC_PROFILE\x00", _ADOBE: b"Adobe"}
_START_OF_SCAN, _END = 0xDA, 0xD9

_JFIF_BYTES = 18
"""With its marker, without a preview; the last two are how wide and high that is."""

# Pixels hold FF only before 00, or before one of eight restarts; more of it before a marker is padding.
_AFTER_PIXELS = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")

# What a PNG needs to be shown; all else is remarks.
_PNG_SHOWN = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT"}
)
_WEBP_REMARKS = frozenset({b"EXIF", b"XMP "})
_WEBP_HAS_REMARKS = 0b0000_1100
"""Of the flags of an extended WebP: it has Exif, it has XMP."""


class NotAPicture(ValueError):
    """The bytes are none of the kinds that we take, or end before the picture does."""


def content_type_of(body: bytes) -> str:
    """What the bytes are, by how they begin; what anybody says of them counts for nothing.

    Raises
    ------
    NotAPicture
        If they are neither JPEG nor PNG nor WebP.
    """
    if body.startswith(_JPEG):
        return "image/jpeg"
    if body.startswith(_PNG):
        return "image/png"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    raise NotAPicture("It is neither JPEG nor PNG nor WebP.")


def without_remarks(body: bytes) -> bytes:
    """The same picture without place, time, camera, comments, previews and whatever hangs behind its end.

    A JPEG stays the way up it was held; PNG and WebP are shown as their pixels lie.

    Raises
    ------
    NotAPicture
        If it is none, or not whole.
    """
    cut = _CUTS[content_type_of(body)]
    try:
        return cut(body)
    except (IndexError, struct.error):
        raise NotAPicture("The picture is not whole.") from None


def _jpeg(body: bytes) -> bytes:
    kept, orientation = [body[:2]], 1
    for marker, segment in _segments(body):
        if marker == _EXIF and segment[4:10] == b"Exif\x00\x00":
            orientation = _orientation_in(segment[10:]) or orientation
        if _is_shown(marker, segment):
            kept.append(_without_preview(segment) if marker == _JFIF else segment)
    if orientation != 1:
        kept.insert(1, _exif_with(orientation))
    return b"".join(kept)


def _is_shown(marker: int, segment: bytes) -> bool:
    """Whether a picture looks different without a segment."""
    if marker in _APP:
        return marker in _KEPT_APPS and segment.startswith(_KEPT_APPS[marker], 4)
    return marker != _COMMENT


def _without_preview(jfif: bytes) -> bytes:
    """JFIF's own segment; the small picture that may lie in it shows what was cut from the large one."""
    if len(jfif) < _JFIF_BYTES:
        return b""  # it says nothing
    return jfif[:2] + struct.pack(">H", _JFIF_BYTES - 2) + jfif[4 : _JFIF_BYTES - 2] + b"\x00\x00"


def _segments(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and bytes of each segment up to the end of the picture; a scan's with the pixels behind it."""
    at = 2
    while True:
        while body[at] == 0xFF and body[at + 1] == 0xFF:
            at += 1  # padding
        if body[at] != 0xFF:
            raise NotAPicture("The picture is not whole.")
        marker = body[at + 1]
        if marker == _END:
            yield marker, body[at : at + 2]
            return
        (length,) = struct.unpack_from(">H", body, at + 2)
        end = at + 2 + length
        if marker == _START_OF_SCAN:
            end = _end_of_pixels(body, end)
        if length < 2 or end > len(body):
            raise NotAPicture("The picture is not whole.")
        yield marker, body[at:end]
        at = end


def _end_of_pixels(body: bytes, at: int) -> int:
    """Where the next segment begins."""
    found = _AFTER_PIXELS.search(body, at)
    if found is None:
        raise NotAPicture("The picture is not whole.")
    return found.start()


def _orientation_in(tiff: bytes) -> int | None:
    """Which way up a camera was held, 1 to 8; None where nothing that can be read says so."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return None
    try:
        (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, directory)
        for entry in range(count):
            tag, kind, number, value = struct.unpack_from(f"{order}HHIH", tiff, directory + 2 + 12 * entry)
            if (tag, kind, number) == (_ORIENTATION, 3, 1) and 1 <= value <= 8:
                return int(value)
    except struct.error:
        return None
    return None


def _exif_with(orientation: int) -> bytes:
    """A segment that says which way up a picture is, and nothing else."""
    directory = struct.pack(">HHHIHHI", 1, _ORIENTATION, 3, 1, orientation, 0, 0)
    content = b"Exif\x00\x00" + b"MM\x00*" + struct.pack(">I", 8) + directory
    return struct.pack(">BBH", 0xFF, _EXIF, 2 + len(content)) + content


def _png(body: bytes) -> bytes:
    kept, at, kind = [body[:8]], 8, b""
    while kind != b"IEND":
        (length,) = struct.unpack_from(">I", body, at)
        kind, end = body[at + 4 : at + 8], at + 12 + length
        if end > len(body):
            raise NotAPicture("The picture is not whole.")
        if kind in _PNG_SHOWN:
            kept.append(body[at:end])
        at = end
    return b"".join(kept)


def _webp(body: bytes) -> bytes:
    (length,) = struct.unpack_from("<I", body, 4)
    end = 8 + length
    if end > len(body):
        raise NotAPicture("The picture is not whole.")
    kept, at = [], 12
    while at + 8 <= end:
        kind = body[at : at + 4]
        (size,) = struct.unpack_from("<I", body, at + 4)
        after = at + 8 + size + size % 2
        chunk = body[at:after]
        if after > end:
            raise NotAPicture("The picture is not whole.")
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_WEBP_HAS_REMARKS]) + chunk[9:]
        if kind not in _WEBP_REMARKS:
            kept.append(chunk)
        at = after
    content = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(content)) + content


_CUTS: Mapping[str, Callable[[bytes], bytes]] = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}
