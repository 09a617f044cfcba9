"""The same key with the same input is the same call, for as long as the key is remembered."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable

from doorstep.errors import IdempotencyConflict
from gateway.flow.ports import Means
from gateway.flow.records import Remembered


async def once(
    means: Means,
    merchant_id: str,
    operation: str,
    key: str,
    question: object,
    act: Callable[[], Awaitable[str]],
) -> str:
    """Do something once for a key and answer the id of what came of it.

    Parameters
    ----------
    question
        The input; its `repr` is digested, so that a key that comes with another one is noticed.
    act
        Does it and gives the id. It must be harmless to repeat: two first calls may run side by side.

    Raises
    ------
    IdempotencyConflict
        If the key came with other input before.
    """
    digest = hashlib.sha256(repr(question).encode()).hexdigest()
    async with means.begin(merchant_id) as work:
        known = await work.memory.recall(operation, key)
    if known is None:
        answer = await act()
        fresh = Remembered(operation, key, digest, answer, means.clock.now())
        async with means.begin(merchant_id) as work:
            if await work.memory.remember(fresh):
                return answer
            known = await work.memory.recall(operation, key)
    if known is None or known.digest != digest:
        first = known.first_seen_at if known else means.clock.now()
        raise IdempotencyConflict("This idempotencyKey was used with other input.", first_seen_at=first)
    return known.answer
