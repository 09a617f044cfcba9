"""Who asks more than can be answered in time."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from gateway.checkout.pressure import BURST, MOST_AT_ONCE, PER_SECOND, Pressure


class Machine:
    """Its clock, moved by hand."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def now_s(self) -> float:
        return self.at_s


def _asks(pressure: Pressure, store_id: str, times: int) -> int:
    """How many of so many questions, one after another, may be put to carriers."""
    granted = 0
    for _ in range(times):
        with pressure.question(store_id) as may_ask:
            granted += may_ask
    return granted


def test_one_shop_does_not_take_the_time_of_another() -> None:
    machine = Machine()
    pressure = Pressure(machine.now_s)
    assert _asks(pressure, "sto_busy", 500) == BURST
    assert _asks(pressure, "sto_calm", 10) == 10
    machine.at_s += 2
    assert _asks(pressure, "sto_busy", 500) == 2 * PER_SECOND


def test_who_asks_without_a_pause_has_as_many_turns_as_there_are() -> None:
    machine = Machine()
    pressure = Pressure(machine.now_s)
    assert _asks(pressure, "sto_busy", 500) == BURST
    granted = 0
    for _ in range(1_000):
        machine.at_s += 0.01
        granted += _asks(pressure, "sto_busy", 1)
    assert granted == pytest.approx(10 * PER_SECOND, abs=1)


def test_no_more_than_so_many_wait_for_carriers_at_once() -> None:
    pressure = Pressure(Machine().now_s)
    with ExitStack() as stack:
        granted = [stack.enter_context(pressure.question(f"sto_{n}")) for n in range(MOST_AT_ONCE + 8)]
        assert granted == [True] * MOST_AT_ONCE + [False] * 8
    assert _asks(pressure, "sto_0", 1) == 1
