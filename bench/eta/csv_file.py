"""Any CSV file as columns of text."""

from __future__ import annotations

import csv
import gzip
import io
import re
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doorstep.errors import InvalidInput

MARKS = ",;\t| "
"""What may part fields; the earlier is taken of two that part a line in as many."""

LINES_BEFORE = 20
"""So many lines may stand above the names of the columns: titles, comments, `sep=;`."""

ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"
STRANGERS = {
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "a database",
    b"\xd0\xcf\x11\xe0": "a workbook",
    b"%PDF": "a PDF",
}


@dataclass(frozen=True, slots=True)
class Read:
    """A file that was read.

    Attributes
    ----------
    frame
        A pandas DataFrame of text.
    skipped
        Lines with more fields than there are columns.
    """

    frame: Any
    skipped: int


def read_csv(path: Path, wanted: Sequence[str] = ()) -> Read:
    """Whatever parts the fields, however it is encoded, plain or packed by gzip or zip.

    Parameters
    ----------
    wanted
        Columns that must be there: the first line that names them all, without regard to case, is the header;
        the first line that is not empty where none does.

    Raises
    ------
    InvalidInput
        If there is no such file, or it has no table in it.
    """
    text = _text(_unpacked(path), path)
    mark, above = _header(text, wanted)
    try:
        return _parsed(text, mark, above, csv.QUOTE_MINIMAL)
    except ValueError as error:
        if "EOF inside string" not in str(error):
            raise _unreadable(path, str(error)) from error
    # A quote was opened and never closed: then quotes are letters like any other.
    try:
        return _parsed(text, mark, above, csv.QUOTE_NONE)
    except ValueError as error:
        raise _unreadable(path, str(error)) from error


def _parsed(text: str, mark: str, above: int, quoting: int) -> Read:
    import pandas as pd

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        frame = pd.read_csv(
            io.StringIO(text),
            sep=mark,
            dtype="str",
            keep_default_na=False,
            skipinitialspace=True,
            skiprows=above,
            # Lines that end in a mark have a field more than there are names.
            index_col=False,
            quoting=quoting,
            on_bad_lines="warn",
        )
    if quoting == csv.QUOTE_NONE:
        frame = frame.rename(columns={name: name.strip('" ') for name in frame.columns})
        frame = frame.apply(lambda column: column.str.strip('" '))
    return Read(frame, sum(len(re.findall("Skipping line", str(each.message))) for each in told))


def _unpacked(path: Path) -> bytes:
    if path.is_dir():
        raise InvalidInput(f"--data: {path} is a folder; name one CSV file", path=("data",))
    if not path.is_file():
        raise InvalidInput(f"--data: there is no file {path}", path=("data",))
    data = path.read_bytes()
    if data.startswith(GZIP):
        return gzip.decompress(data)
    if data.startswith(ZIP):
        return _only_member(path)
    for start, what in STRANGERS.items():
        if data.startswith(start):
            raise InvalidInput(f"--data: {path} is {what}; save the table as CSV", path=("data",))
    return data


def _only_member(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as packed:
            names = [name for name in packed.namelist() if not name.endswith("/")]
            if len(names) == 1:
                return packed.read(names[0])
    except zipfile.BadZipFile as error:
        raise _unreadable(path, str(error)) from error
    if "[Content_Types].xml" in names:
        raise InvalidInput(f"--data: {path} is a workbook; save its sheet as CSV", path=("data",))
    message = f"--data: {path} packs {len(names)} files; unpack it and name one of them"
    raise InvalidInput(message, path=("data",))


def _text(data: bytes, path: Path) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", errors="replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    if not text.strip():
        raise InvalidInput(f"--data: {path} is empty", path=("data",))
    return text


def _header(text: str, wanted: Sequence[str]) -> tuple[str, int]:
    """What parts the fields, and how many lines stand above the names of the columns."""
    lines = text[:64_000].splitlines()[:LINES_BEFORE]
    names = {name.strip().casefold() for name in wanted}
    for place, line in enumerate(lines):
        for mark in MARKS:
            if names and names <= {field.strip(' "').casefold() for field in _fields(line, mark)}:
                return mark, place
    place, first = next((place, line) for place, line in enumerate(lines) if line.strip())
    return max(MARKS[:-1], key=lambda mark: len(_fields(first, mark))), place


def _fields(line: str, mark: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=mark, skipinitialspace=True), [])
    except csv.Error:
        return []


def _unreadable(path: Path, why: str) -> InvalidInput:
    return InvalidInput(f"--data: {path} cannot be read as a table: {why}", path=("data",))
