"""Commands that need no database: plans from files, and hours of speeds."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from click.testing import CliRunner

from doorstep.errors import InvalidInput
from gateway.cli import main
from gateway.cli.roads import hours_of
from gateway.flow.showing.of_solution import write_solved
from tests.unit.flow.showing.day import solved_day


@pytest.fixture
def solved(tmp_path: Path) -> Path:
    file = tmp_path / "monday.json"
    file.write_bytes(write_solved(solved_day()))
    return file


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def test_a_solved_day_is_drawn_as_svg_and_as_png_of_the_same_shape(solved: Path, tmp_path: Path) -> None:
    svg, png = tmp_path / "day.svg", tmp_path / "day.png"
    assert run("routes", "show", "--file", solved, "--out", svg) == (0, f"{svg}\n")
    assert run("routes", "show", "--file", solved, "--out", png) == (0, f"{png}\n")
    assert "Routes of monday.json" in svg.read_text()
    picture = png.read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    # The size of a PNG stands in its first chunk; it is drawn at twice the drawing's pixels.
    width, height = struct.unpack(">II", picture[16:24])
    assert f'width="{width // 2}" height="{height // 2}"' in svg.read_text()


def test_a_solved_day_is_written_for_navigators_and_spreadsheets(solved: Path) -> None:
    assert run("routes", "export", "--file", solved, "--format", "gpx")[1].startswith("<?xml")
    assert run("routes", "export", "--file", solved)[1].startswith("tour,driver,vehicle,sequence")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show"], "Name a plan, or a JSON file with --file"),
        (["show", "pla_1", "--out", "plan.pdf"], "--out ends in .svg or .png"),
        (["export", "pla_1", "--file", __file__], "and not both"),
        (["export", "--file", __file__], "no plan can be read"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(arguments: list[str], message: str) -> None:
    code, said = run("routes", *arguments)
    assert code == 1
    assert message in said


def test_hours_are_written_as_spans_and_go_over_midnight() -> None:
    assert hours_of("7-9, 16-18") == {7, 8, 16, 17}
    assert hours_of("22-2") == {22, 23, 0, 1}
    assert hours_of("0-24") == set(range(24))
    for text in ("7", "7-7", "9-25", "seven-nine", ""):
        with pytest.raises(InvalidInput, match="written as 7-9,16-19"):
            hours_of(text)
