from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gateway.live.message import LiveMessage, changed, deliveries
from gateway.live.witness import Witness

NEWS = [changed(deliveries("mer_a"), "del_1")]
NEVER_S = 3600.0


class Told(list[str]):
    """Tokens of what was told for another."""

    def __call__(self, _messages: Sequence[LiveMessage], token: str) -> None:
        self.append(token)


async def test_what_nobody_tells_is_told() -> None:
    told = Told()
    witness = Witness(told, patience_s=0.0)
    witness.committed("a-1", NEWS)
    await asyncio.sleep(0.001)
    assert told == ["a-1"]
    assert witness.untold_count == 0


async def test_what_is_told_before_or_after_it_was_heard_of_is_left_alone() -> None:
    told = Told()
    witness = Witness(told, patience_s=NEVER_S)
    witness.committed("a-1", NEWS)
    witness.told("a-1")
    witness.told("a-2")
    witness.committed("a-2", NEWS)
    assert witness.untold_count == 0


async def test_nothing_is_waited_for_after_the_end() -> None:
    told = Told()
    witness = Witness(told, patience_s=NEVER_S)
    witness.committed("a-1", NEWS)
    witness.close()
    assert (witness.untold_count, told) == (0, [])


async def test_who_is_behind_looks_again_before_telling() -> None:
    told = Told()
    witness = Witness(told, patience_s=0.0)
    witness.committed("a-1", NEWS)
    (timer,) = witness._untold.values()
    # Half a second late, as when the process was busy: what it has not read yet may hold the news.
    witness._overdue("a-1", NEWS, timer.when() - 0.5)
    timer.cancel()
    witness.told("a-1")
    await asyncio.sleep(0.001)
    assert (witness.untold_count, told) == (0, [])
