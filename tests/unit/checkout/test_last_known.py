"""Who asks, while the database does not say it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from gateway.app.last_known import BELIEVED_FOR_S, LastKnown


@dataclass
class Lookup:
    """A database that knows, knows nobody, fails or hangs."""

    says: str | None = "sto_1"
    fails: bool = False
    hangs: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.hangs.set()

    async def __call__(self) -> str | None:
        await self.hangs.wait()
        if self.fails:
            raise OSError("no database")
        return self.says


async def test_who_was_found_comes_in_while_the_database_fails_or_hangs_but_not_for_ever() -> None:
    now_s, lookup = [0.0], Lookup()
    known = LastKnown[str](lambda: now_s[0])
    assert await known.find("shop", lookup) == "sto_1"
    lookup.fails = True
    assert await known.find("shop", lookup) == "sto_1"
    lookup.hangs.clear()
    now_s[0] = BELIEVED_FOR_S - 1
    assert await known.find("shop", lookup) == "sto_1"
    lookup.hangs.set()
    now_s[0] = BELIEVED_FOR_S
    with pytest.raises(OSError, match="no database"):
        await known.find("shop", lookup)


async def test_who_was_sent_away_is_not_let_in_from_memory() -> None:
    known, lookup = LastKnown[str](), Lookup()
    await known.find("shop", lookup)
    lookup.says = None
    assert await known.find("shop", lookup) is None
    lookup.fails = True
    with pytest.raises(OSError, match="no database"):
        await known.find("shop", lookup)
    with pytest.raises(OSError, match="no database"):
        await known.find("another shop", lookup)
