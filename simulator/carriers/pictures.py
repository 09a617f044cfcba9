"""Small pictures made of stripes: labels, and proofs of delivery."""

from __future__ import annotations

import struct
import zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY_8_BIT = (8, 0, 0, 0, 0)
_QUIET_ZONE = 20
_MODULE_WIDTH = 3


def striped_png(text: str, width: int = 400, height: int = 600) -> bytes:
    """A grey PNG whose stripes are the bits of `text`, with white borders; the same text looks the same."""
    row = bytearray(b"\xff" * width)
    x = _QUIET_ZONE
    for bit in "".join(f"{byte:08b}" for byte in text.encode()):
        if x + _MODULE_WIDTH > width - _QUIET_ZONE:
            break
        if bit == "1":
            row[x : x + _MODULE_WIDTH] = b"\x00" * _MODULE_WIDTH
        x += _MODULE_WIDTH
    blank = b"\xff" * width
    lines = (b"\x00" + (bytes(row) if height // 3 < y < 2 * height // 3 else blank) for y in range(height))
    header = struct.pack(">II5B", width, height, *_GREY_8_BIT)
    return (
        _SIGNATURE
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(b"".join(lines)))
        + _chunk(b"IEND", b"")
    )


def one_page_pdf(text: str) -> bytes:
    """A PDF of one page, 4 by 6 inches, that shows `text` (ASCII without parentheses)."""
    content = f"BT /F1 18 Tf 24 216 Td ({text}) Tj ET".encode("ascii", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 288 432] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    body, offsets = b"%PDF-1.4\n", []
    for number, entry in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, entry)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, len(body))
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
