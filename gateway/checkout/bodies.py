"""Bodies: read whole, and no longer than a cart can be."""

from __future__ import annotations

from starlette.requests import Request

MOST_BYTES = 1_000_000


async def read_body(request: Request) -> bytes | None:
    """The raw body; None where it is longer than `MOST_BYTES`."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)
