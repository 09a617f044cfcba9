"""Carriers that say nothing are asked side by side, and one that is down holds nobody up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from doorstep.booking import CarrierUpdate
from doorstep.delivery import Delivery
from doorstep.errors import RemoteRefused, RemoteUnavailable
from doorstep.ports import PollPolicy
from gateway.flow.ports import Means
from gateway.flow.watching.ask_carriers import ASKED_AT_ONCE, ask_silent_carriers
from tests.unit.flow.test_watching_deliveries import NOON, minutes, sight


@dataclass
class _Carrier:
    """Refuses to say anything, once it has been waited for."""

    wait: Callable[[], Awaitable[None]]
    is_down: bool = False
    asked: list[str] = field(default_factory=list)
    polling: PollPolicy = field(default_factory=PollPolicy)

    @property
    def connector(self) -> _Carrier:
        return self

    async def fetch(self, external_id: str, budget_s: float) -> CarrierUpdate:
        self.asked.append(external_id)
        await self.wait()
        if self.is_down:
            raise RemoteUnavailable("down", system="cheap")
        raise RemoteRefused("no", system="cheap")


def _silent(account_id: str, count: int) -> list[Delivery]:
    seen = sight(delivery={"updated_at": NOON - minutes(60)}).delivery
    return [
        replace(
            seen,
            id=f"del_{account_id}_{number}",
            legs=(replace(seen.legs[0], account_id=account_id, external_id=f"{account_id}-{number}"),),
        )
        for number in range(count)
    ]


async def _ask(
    deliveries: list[Delivery], carriers: Mapping[str, _Carrier], now_s: Callable[[], float] = lambda: 0.0
) -> None:
    async def carrier(merchant_id: str, account_id: str) -> _Carrier | None:
        return carriers.get(account_id)

    means: Any = SimpleNamespace(
        links=SimpleNamespace(carrier=carrier),
        clock=SimpleNamespace(now=lambda: NOON),
        now_s=now_s,
        booking_budget_s=1.0,
    )
    await ask_silent_carriers(cast(Means, means), "mer_1", deliveries, NOON)


async def _at_once() -> None:
    return


async def test_a_carrier_that_is_down_is_asked_once_and_the_others_all_the_same() -> None:
    down, well = _Carrier(_at_once, is_down=True), _Carrier(_at_once)
    await _ask([*_silent("acc_1", 20), *_silent("acc_2", 20)], {"acc_1": down, "acc_2": well})
    assert len(down.asked) == 1
    assert len(well.asked) == 20


async def test_carriers_are_asked_side_by_side_but_no_more_than_there_is_room_for() -> None:
    under_way, most = 0, 0

    async def wait() -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(5):
            await asyncio.sleep(0)
        under_way -= 1

    carrier = _Carrier(wait)
    await _ask(_silent("acc_1", 40), {"acc_1": carrier})
    assert (len(carrier.asked), most) == (40, ASKED_AT_ONCE)


async def test_what_is_not_asked_in_time_is_left_for_the_next_look() -> None:
    clock = [0.0]

    async def wait() -> None:
        clock[0] += 10.0

    carrier = _Carrier(wait)
    # The first takes ten seconds, and of those that may begin then none does after fifteen.
    await _ask(_silent("acc_1", 40), {"acc_1": carrier}, lambda: clock[0])
    assert len(carrier.asked) == 2


async def test_who_has_spoken_lately_is_not_asked() -> None:
    carrier = _Carrier(_at_once)
    lately = [replace(one, updated_at=NOON - minutes(4)) for one in _silent("acc_1", 3)]
    await _ask(lately, {"acc_1": carrier})
    assert carrier.asked == []


async def test_a_fault_is_told_by_its_own_type() -> None:
    async def database_is_gone() -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await _ask(_silent("acc_1", 3), {"acc_1": _Carrier(database_is_gone)})
