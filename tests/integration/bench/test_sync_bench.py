"""The short form of `python -m bench sync`."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_no_order_of_two_stores_is_lost_doubled_or_stale_whatever_goes_wrong() -> None:
    words = "sync --orders 100 --seed 4 --carried 0.06 --rate 60 --patience 240".split()
    run = subprocess.run(
        [sys.executable, "-m", "bench", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout.splitlines()[-1])
    assert found["was_put_to_the_test"], run.stderr
    assert found["orders"] > 90
    names = ("lost", "doubled", "stale", "echoed", "wrong_fulfilments")
    assert {name: found[name] for name in names} == dict.fromkeys(names, 0), run.stderr
