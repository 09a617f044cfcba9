"""The repository as a set of files: what is committed, or would be by `git add --all`."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def files() -> Sequence[Path]:
    """Every file that is not ignored, relative to `ROOT`."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = (Path(name) for name in sorted(set(listed.split("\0"))) if name)
    return [path for path in paths if (ROOT / path).is_file()]


def table_rows(text: str) -> list[list[str]]:
    """The rows of every Markdown table in a text, without heads, cells stripped."""
    rows: list[list[str]] = []
    lines = text.splitlines()
    for above, line in itertools.pairwise(lines):
        if not line.startswith("|"):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        is_rule = all(set(cell) <= set("-: ") for cell in cells)
        if above.startswith("|") and not is_rule:
            rows.append(cells)
    return rows
