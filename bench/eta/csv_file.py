"""Any CSV file as columns of text."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from doorstep.errors import InvalidInput

MARKS = ",;\t|"
ENCODINGS = ("utf-8-sig", "utf-16", "cp1252")


def read_csv(path: Path) -> Any:
    """A pandas DataFrame of text, whatever parts the fields and however it is encoded.

    Raises
    ------
    InvalidInput
        If there is no such file, or it has no table in it.
    """
    import pandas as pd

    if not path.is_file():
        raise InvalidInput(f"--data: there is no file {path}", path=("data",))
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        head = file.read(64_000)
    if not head.strip():
        raise InvalidInput(f"--data: {path} is empty", path=("data",))
    try:
        return pd.read_csv(
            path,
            sep=_mark(head),
            dtype="str",
            keep_default_na=False,
            skipinitialspace=True,
            encoding=encoding,
            encoding_errors="replace",
            on_bad_lines="skip",
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeError) as error:
        raise InvalidInput(f"--data: {path} cannot be read as a table: {error}", path=("data",)) from error


def _encoding(path: Path) -> str:
    start = path.read_bytes()[:64_000] if path.stat().st_size < 64_000 else _start(path)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    try:
        # The last bytes may be half a letter.
        start[:-4].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(64_000)


def _mark(head: str) -> str:
    first = next(line for line in head.splitlines() if line.strip())
    in_first = {mark: len(next(csv.reader([first], delimiter=mark))) for mark in MARKS}
    return max(MARKS, key=lambda mark: in_first[mark])
