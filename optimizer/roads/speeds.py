"""Other speeds on built roads: measured ones that hold for a while, and usual ones by the hour.

A file of speeds is what OSRM reads (its wiki, "Traffic updates"; tried with 26.10): CSV without a heading, a
line ``from,to,km/h`` for each direction of each stretch of road, by the ids of two nodes of OpenStreetMap
that follow each other on a way. 0 closes the stretch. A fourth column is the rate that OSRM chooses ways
by, in metres per second; left out, ways are chosen by the speed, and empty, as they were.

Each file becomes a folder of built roads of its own, beside the map that it changes; what nobody needs any
longer is removed with the next file. Which folder holds when is written in one small file that running
engines look at (`optimizer.roads.live`).
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from doorstep.errors import InvalidInput
from optimizer.roads.build import BASE_NAME, MANIFEST, Algorithm, put_in_place, read_manifest, sha256_of
from optimizer.roads.tools import run_tool

SPEEDS_FOLDER = "speeds"
"""In a folder of built roads, holds one folder for each file of speeds."""

_LINE = re.compile(r"\d{1,19},\d{1,19},\d+(\.\d+)?(,(\d+(\.\d+)?)?(,.*)?)?")
_HEADING = re.compile(r"[A-Za-z_ ]+,")
_USED = re.compile(r"Used (\d+) speeds from (?!LUA profile)")


@dataclass(frozen=True, slots=True)
class SpeedSet:
    """A file of speeds that was put on built roads.

    Attributes
    ----------
    name
        Of its folder in `SPEEDS_FOLDER`.
    lines
        Of the file.
    used
        How many of them are stretches of this map.
    """

    name: str
    lines: int
    used: int


def put_on_roads(built: Path, speeds_file: Path) -> SpeedSet:
    """Put the speeds of a file on built roads, or find that done already.

    MLD takes a moment (0.4 s on Malta), CH contracts anew (17 s). The folder appears complete or not at all.
    Blocks; call it from a thread or a command.

    Raises
    ------
    InvalidInput
        If a line is no speed, or no line is a stretch of this map; names the line.
    RoadsBuildFailed
        If OSRM refuses; with its last lines.
    RoadsUnavailable
        If `built` holds no built roads, or `osrm-bindings` is not installed.
    """
    manifest = read_manifest(built)
    sets = built / SPEEDS_FOLDER
    sets.mkdir(exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=sets))
    try:
        csv = scratch / "speeds.csv"
        lines = _copy_checked(speeds_file, csv)
        name = hashlib.sha256((sha256_of(csv) + json.dumps(manifest)).encode()).hexdigest()[:20]
        if (sets / name / MANIFEST).is_file():
            return SpeedSet(name, lines, read_manifest(sets / name)["used"])
        used = _customize(built, scratch, Algorithm(manifest["algorithm"]), csv)
        csv.unlink()
        (scratch / MANIFEST).write_text(json.dumps({**manifest, "used": used}, indent=2) + "\n", "utf-8")
        put_in_place(scratch, sets / name)
        return SpeedSet(name, lines, used)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def remove_unused(built: Path, used: frozenset[str]) -> None:
    """Remove the speeds that are not among `used`."""
    for folder in (built / SPEEDS_FOLDER).iterdir():
        if folder.is_dir() and folder.name not in used and not folder.name.startswith("."):
            shutil.rmtree(folder, ignore_errors=True)


def _copy_checked(source: Path, target: Path) -> int:
    """Copy the lines that are speeds, without a heading and empty lines; how many they are."""
    count = 0
    with source.open(encoding="utf-8", errors="replace") as given, target.open("w", encoding="utf-8") as kept:
        for number, line in enumerate(given, start=1):
            text = line.strip()
            if not text or (number == 1 and _HEADING.match(text)):
                continue
            if not _LINE.fullmatch(text):
                raise InvalidInput(
                    f"line {number} of {source.name} is no speed: write from,to,km/h with two node ids of "
                    f"OpenStreetMap, as 158342583,158340888,23.5",
                    path=("speeds_file", str(number)),
                )
            kept.write(text + "\n")
            count += 1
    return count


def _customize(built: Path, scratch: Path, algorithm: Algorithm, csv: Path) -> int:
    """Run the last tool again on a copy of the roads; how many speeds it used."""
    originals = sorted(built.glob(f"{BASE_NAME}.*"))
    for file in originals:
        # OSRM's tools write over what they read, which the roads below must not notice.
        shutil.copyfile(file, scratch / file.name)
    used = 0

    def listen(line: str) -> None:
        nonlocal used
        if match := _USED.search(line):
            used += int(match[1])

    run_tool(algorithm.steps[-1], ["--segment-speed-file", csv.name, BASE_NAME], scratch, listen)
    if not used:
        raise InvalidInput(
            "none of these speeds is on this map: ids are of nodes that follow each other on a way, in the "
            "same extract that the roads were built from",
            path=("speeds_file",),
        )
    for file in originals:
        _share(file, scratch / file.name)
    return used


def _share(original: Path, copy: Path) -> None:
    """Keep what did not change once; most of a map does not."""
    if filecmp.cmp(original, copy, shallow=False):
        copy.unlink()
        try:
            copy.hardlink_to(original)
        except OSError:  # a file system without links: it is there twice
            shutil.copyfile(original, copy)
