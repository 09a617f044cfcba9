"""Runs commands of `doorstep` one after another in one process, which pays for the imports once.

Reads a JSON list of words in each line, answers each with a line of {"code", "out", "err"}.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys

from gateway.cli import main


def run(words: list[str], settings: dict[str, str]) -> dict[str, object]:
    """One command, as if it were typed."""
    out, err = io.StringIO(), io.StringIO()
    before = dict(os.environ)
    os.environ.update(settings)
    code: object = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main.main(words, prog_name="doorstep")
        except SystemExit as end:
            code = end.code or 0
    os.environ.clear()
    os.environ.update(before)
    return {"code": code, "out": out.getvalue(), "err": err.getvalue()}


if __name__ == "__main__":
    answers = sys.stdout
    for line in sys.stdin:
        asked = json.loads(line)
        answers.write(json.dumps(run(asked["words"], asked["settings"])) + "\n")
        answers.flush()
