from __future__ import annotations

import threading

import pytest

from connectors.stores.woocommerce.worker import Workers


async def test_a_call_runs_outside_the_loops_thread() -> None:
    assert await Workers(1).run(threading.get_ident, 5.0) != threading.get_ident()


async def test_an_error_of_the_call_comes_back_as_it_was() -> None:
    def fail() -> int:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await Workers(1).run(fail, 5.0)


async def test_a_call_that_hangs_is_given_up_and_keeps_its_place_until_it_ends() -> None:
    workers, release = Workers(1), threading.Event()
    with pytest.raises(TimeoutError):
        await workers.run(release.wait, 0.01)
    with pytest.raises(TimeoutError):
        await workers.run(lambda: 1, 0.01)
    release.set()
    assert await workers.run(lambda: 1, 5.0) == 1
