"""The operator's secret key, where it is made up."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

from doorstep.secret import Secret
from gateway.bootstrap.secrets import secret_keys
from gateway.config import Settings


def test_processes_that_start_together_make_up_one_key(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    start, found = threading.Barrier(8), []

    def read() -> None:
        start.wait()
        found.append(secret_keys(settings)[0].reveal())

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(found[0]) >= 32
    assert [path.name for path in settings.home.iterdir()] == ["secret-key"]
    assert stat.S_IMODE((settings.home / "secret-key").stat().st_mode) == 0o600


def test_given_keys_are_taken_and_none_is_made_up(tmp_path: Path) -> None:
    given = (Secret("n" * 40), Secret("o" * 40))
    assert secret_keys(Settings(home=tmp_path, secret_keys=given)) == given
    assert list(tmp_path.iterdir()) == []
