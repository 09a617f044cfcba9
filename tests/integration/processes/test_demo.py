"""The demo's first quarter of an hour, as a newcomer's machine lives through it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.processes.commands import Doorstep

KEYS = [
    "orders", "lost", "doubled", "unfinished",
    "delivered", "on_time", "exceptions_opened", "exceptions_closed", "booked_by_carrier",
    "chosen_by_wave",
]  # fmt: skip


async def test_the_demo_ends_with_an_honest_count(home: Path, tmp_path: Path) -> None:
    quarter = ("--until", "08:45", "--orders-per-hour", "30")
    said = await Doorstep({"DOORSTEP_HOME": str(home)}, tmp_path)("demo", "--headless", *quarter)
    counts = json.loads(said.out.splitlines()[-1])
    assert list(counts) == KEYS, said.err
    assert counts["orders"] > 0
    assert counts["doubled"] == 0, said.err
    assert sum(counts["booked_by_carrier"].values()) > 0
    # What is still on its way by then is unfinished, and then the demo must not claim success.
    assert said.code == (1 if counts["lost"] or counts["unfinished"] else 0)
    assert "Traceback" not in said.err
    # The run's own database is gone; the city's roads stay for the next one.
    assert [path.name for path in (home / "demo").iterdir()] == ["roads"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--away", "pigeon"), "'pigeon' is not one of 'uber_direct', 'doordash'"),
        (("--slow", "roadie", "--away", "roadie"), "roadie cannot be both slow and away"),
    ],
    ids=["unknown", "twice"],
)
async def test_a_mood_that_cannot_be_is_refused_before_anything_starts(
    home: Path, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    said = await Doorstep({"DOORSTEP_HOME": str(home)}, tmp_path)("demo", "--headless", *options)
    assert (said.code, said.out) == (2, "")
    assert words in said.err
    assert not (home / "demo").exists()
