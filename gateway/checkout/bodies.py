"""Bodies: read whole, and no longer than a cart can be."""

from __future__ import annotations

from starlette.requests import Request

from webhooks.inbound.receiver import read_bounded

MOST_BYTES = 1_000_000


async def read_body(request: Request) -> bytes | None:
    """The raw body; None where it is longer than `MOST_BYTES`."""
    return await read_bounded(request.stream(), MOST_BYTES)
