"""The short form of `python -m bench rules`."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_all_rules_are_applied_to_all_options_and_explained() -> None:
    words = ["rules", "--rules", "400", "--options", "12", "--runs", "30", "--seed", "5"]
    run = subprocess.run(
        [sys.executable, "-m", "bench", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    (line,) = run.stdout.splitlines()
    found = json.loads(line)
    assert (found["rules"], found["options"], found["runs"], found["seed"]) == (400, 12, 30, 5)
    assert found["matched"] > 0
    assert found["traces"] > found["matched"]
    # One verdict for each rule and option, and a single one for a rule about the whole list.
    assert 400 < found["verdicts"] <= 400 * 12
    assert min(found[name] for name in ("p50_ms", "p99_ms", "apply_p99_ms", "compile_ms")) > 0
    assert "rules compiled in" in run.stderr
