"""A claim lasts as long as its holder shows that it lives, and its holder knows when it does not."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from gateway.flow.claim import LASTS, QUIET, ClaimLost, is_held, kept_alive, until

SHORT = timedelta(milliseconds=200)


def _nearly_over() -> datetime:
    """The end of a claim whose holder has to stop in a moment."""
    return until() - LASTS + QUIET + SHORT


async def test_whoever_can_give_no_sign_is_stopped_before_the_claim_ends() -> None:
    async def renew(claimed_until: datetime) -> None:
        raise ConnectionError("the database is away")

    ends_at = _nearly_over()
    with pytest.raises(ClaimLost):
        async with kept_alive(renew, every_s=0.01, claimed_until=ends_at):
            await asyncio.Event().wait()
    assert is_held(ends_at), "nobody else has begun yet"


async def test_signs_of_life_keep_it_going() -> None:
    signs: list[datetime] = []

    async def renew(claimed_until: datetime) -> None:
        signs.append(claimed_until)

    async with kept_alive(renew, every_s=0.0, claimed_until=_nearly_over()):
        await asyncio.sleep(2 * SHORT.total_seconds())
    assert all(is_held(sign) for sign in signs)
    assert signs


async def test_whoever_was_taken_over_from_is_stopped_at_once() -> None:
    async def renew(claimed_until: datetime) -> None:
        raise ClaimLost

    with pytest.raises(ClaimLost):
        async with kept_alive(renew, every_s=0.0):
            await asyncio.Event().wait()


async def test_what_fails_inside_goes_on_as_it_is() -> None:
    async def renew(claimed_until: datetime) -> None:
        return

    with pytest.raises(TimeoutError, match="its own"):
        async with kept_alive(renew):
            raise TimeoutError("its own")
