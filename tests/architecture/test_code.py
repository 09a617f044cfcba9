"""Rules about the repository that no linter knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gateway.cli import main
from tests.architecture.repository import ROOT, files

MOST_LINES = 400
PACKAGES = ("bench", "connectors", "doorstep", "gateway", "optimizer", "simulator", "webhooks")

# Written in parts, so that this file does not hold what it forbids.
REGISTRIES = [
    "py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.(org|com)", "yarn" + r"pkg\.com",
    "pack" + r"agist\.org", "deb" + r"\.debian\.org",
]  # fmt: skip
PLACES = [r"/ho" + r"me/\w", r"/Us" + r"ers/\w", r"/ro" + r"ot/\w", r"/wo" + r"rk/\w", r"C:\\Us" + "ers"]


def test_no_file_outside_the_tests_has_more_than_400_lines() -> None:
    code = [path for path in files() if path.suffix == ".py" and path.parts[0] != "tests"]
    lengths = {path.as_posix(): len((ROOT / path).read_text().splitlines()) for path in code}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_every_folder_of_code_is_a_package() -> None:
    """The import contracts see only packages with an `__init__.py`."""
    folders = {path.parent for path in files() if path.suffix == ".py" and path.parts[0] in PACKAGES}
    above = {parent for folder in folders for parent in folder.parents if parent.parts}
    assert sorted(str(f) for f in folders | above if not (ROOT / f / "__init__.py").exists()) == []


def test_no_file_names_a_package_registry() -> None:
    assert list(_lines_with("|".join(REGISTRIES))) == []


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    assert list(_lines_with("|".join(rf"(?<![\w.*:/]){place}" for place in PLACES))) == []


COMMANDS = sorted(main.list_commands(click.Context(main)))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert [path for path, part in _below(name, command) if not part.help] == []


def _below(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _below(f"{path} {name}", inner)


def _lines_with(pattern: str) -> Iterator[str]:
    wanted = re.compile(pattern, re.IGNORECASE)
    for path in files():
        text = _text(path)
        for number, line in enumerate(text.splitlines(), start=1):
            if wanted.search(line):
                yield f"{path}:{number}: {line.strip()[:120]}"


def _text(path: Path) -> str:
    try:
        return (ROOT / path).read_text()
    except UnicodeDecodeError:
        return ""  # a picture or an archive
