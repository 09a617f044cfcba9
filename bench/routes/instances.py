"""Files of benchmark instances: which there are, in which format each is, and what is known of it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench.routes import solomon, vrplib_format
from bench.routes.best_known import with_best_known
from bench.routes.instance import Instance

_BESIDE = (".sol", ".json")
"""Endings of files that say something about instances."""

_LONGEST = 2**31 - 1
"""Of a way, in units of the plan: road tables have so much room."""


def instances_in(path: Path, skip: Callable[[str], None] | None = None) -> list[Instance]:
    """The instance of a file, or those of a folder and the folders in it, small ones first.

    Parameters
    ----------
    skip
        Told why a file of the folder is left out; stderr where there is nobody.

    Raises
    ------
    ValueError
        If there is none, or the one file is in another format.
    """
    if not path.is_dir():
        return [read_instance(path)]
    skip = skip or _complain
    found: list[tuple[Path, Instance]] = []
    files = [file for file in sorted(path.rglob("*")) if file.is_file() and not _is_hidden(file, path)]
    for file in files:
        if file.suffix.lower() in _BESIDE:
            continue
        try:
            found.append((file, read_instance(file, path)))
        except ValueError as error:
            skip(f"skipped {error}")
    if not found:
        raise ValueError(f"{path}: no instance; --instances takes a folder of .txt and .vrp files, or one")
    named = Counter(instance.name for _, instance in found)
    alone = [
        instance if named[instance.name] == 1 else replace(instance, name=str(file.relative_to(path)))
        for file, instance in found
    ]
    return sorted(alone, key=lambda instance: (instance.stops, instance.name))


def read_instance(path: Path, root: Path | None = None) -> Instance:
    """Read a file by its format, with its best known cost.

    Parameters
    ----------
    root
        The folder that was asked for; None where it was the file.

    Raises
    ------
    ValueError
        If it is in no format that is read, or asks for what is not; the message begins with its name.
    """
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    try:
        return _short_enough(with_best_known(_parsed(text, path.stem), path, root or path.parent))
    except (IndexError, ValueError) as error:
        raise ValueError(f"{path.name}: {error}") from error


def _parsed(text: str, name: str) -> Instance:
    if vrplib_format.is_vrplib(text):
        return vrplib_format.parsed(text, name)
    if solomon.is_solomon(text):
        return solomon.parsed(text, name)
    raise ValueError("neither Solomon's format nor VRPLIB's")


def _short_enough(instance: Instance) -> Instance:
    if instance.durations().max() > _LONGEST:
        raise ValueError(f"a way is longer than {_LONGEST} units of the plan")
    return instance


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _complain(text: str) -> None:
    print(text, file=sys.stderr)
