"""Turn an OpenStreetMap extract into what OSRM drives on, once per extract."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any

from doorstep.errors import InvalidInput
from optimizer.roads.errors import RoadsBuildFailed, RoadsUnavailable
from optimizer.roads.tools import osrm_package, run_tool

MANIFEST = "roads.json"
BASE_NAME = "roads.osrm"

_SUFFIXES = (".osm", ".osm.pbf", ".osm.bz2")
_FOLDER_MODE = 0o755
_FILE_MODE = 0o644

SMALL_EXTRACT_BYTES = 20_000_000
"""Up to this size `build_roads` contracts unless told otherwise."""

LARGE_PIECE_NODES = (1_000, 100, 10)
"""How many directed roads make a piece of the network large: the first of these by which the map has one.

A place beside a smaller piece, such as a courtyard that nothing leads into, is moved to the nearest large
one. That is looked for all over the map: where none is large, every place costs a walk over all roads, and
no road leads to those beside small pieces.
"""

_NO_LARGE_PIECE = "SCC (0 large"
"""What the extraction says of such a map: ``Found 72 SCC (0 large, 72 small)``."""


class Algorithm(StrEnum):
    """How OSRM prepares a map.

    CH (contraction hierarchies) answers large tables far faster: 1,000 x 1,000 in 0.3 s on Malta and 0.4 s
    on the simulator's city, where MLD (multi-level Dijkstra) takes 4 s and 10 s. Its build is longer and
    grows faster than the map: Malta takes 14 CPU seconds instead of 5. Other speeds are on
    MLD after 0.4 s and on CH after 17 s, which is why live speeds want MLD.
    """

    MLD = "MLD"
    CH = "CH"

    @property
    def steps(self) -> tuple[str, ...]:
        """The tools, in their order."""
        return ("extract", "contract") if self is Algorithm.CH else ("extract", "partition", "customize")

    @property
    def last_file(self) -> str:
        """What the last tool writes."""
        return f"{BASE_NAME}.hsgr" if self is Algorithm.CH else f"{BASE_NAME}.cell_metrics"


@dataclass(frozen=True, slots=True)
class BuildStep:
    """A tool is about to run: number `number` of `total`, counted from 1."""

    name: str
    number: int
    total: int


def build_roads(
    osm_file: Path,
    out_dir: Path,
    *,
    profile: str | Path = "car",
    algorithm: Algorithm | None = None,
    progress: Callable[[BuildStep], None] = lambda _: None,
) -> Path:
    """Build the roads of an extract, or find them already built.

    The folder is named after the contents of the extract and of the profile, the algorithm and the
    version of OSRM; it appears complete or not at all. Blocks; call it from a thread or a command.

    Parameters
    ----------
    osm_file
        OpenStreetMap data, ``.osm``, ``.osm.pbf`` or ``.osm.bz2``.
    out_dir
        Where built roads are kept; made if it does not exist.
    profile
        Name of a profile that comes with OSRM, or the path of a ``.lua`` file.
    algorithm
        CH where the extract has at most `SMALL_EXTRACT_BYTES`, else MLD, if not given.
    progress
        Called before each tool; not called where nothing has to be built.

    Returns
    -------
    Path
        The folder to hand to `OsrmRoads`.

    Raises
    ------
    InvalidInput
        If the extract or the profile does not exist, or the extract's name ends in something else.
    RoadsBuildFailed
        If a tool refuses the extract; with its last lines.
    RoadsUnavailable
        If `osrm-bindings` is not installed.
    """
    package = osrm_package()
    _require_extract(osm_file)
    lua = _profile_file(package, profile)
    if algorithm is None:
        is_small = osm_file.stat().st_size <= SMALL_EXTRACT_BYTES
        algorithm = Algorithm.CH if is_small else Algorithm.MLD
    manifest = {
        "osrm": version("osrm-bindings"),
        "algorithm": algorithm.value,
        "profile": sha256_of(lua),
        "extract": sha256_of(osm_file),
    }
    key = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()[:20]
    built = out_dir / f"{osm_file.name.partition('.')[0]}-{algorithm.value.lower()}-{key}"
    if (built / MANIFEST).is_file():
        return built
    out_dir.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=out_dir))
    try:
        for number, step in enumerate(algorithm.steps, start=1):
            progress(BuildStep(step, number, len(algorithm.steps)))
            _run(step, scratch, osm_file.resolve(), lua)
        _require_complete(scratch, algorithm)
        (scratch / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        return put_in_place(scratch, built)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def read_manifest(built: Path) -> dict[str, Any]:
    """What a folder of built roads says about itself.

    Raises
    ------
    RoadsUnavailable
        If the folder holds no built roads.
    """
    try:
        manifest = json.loads((built / MANIFEST).read_text(encoding="utf-8"))
        Algorithm(manifest["algorithm"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise RoadsUnavailable(f"{built} holds no built roads; `build_roads` makes them") from problem
    return dict(manifest)


def _require_extract(osm_file: Path) -> None:
    if not osm_file.name.endswith(_SUFFIXES):
        known = ", ".join(_SUFFIXES)
        raise InvalidInput(
            f"the extract's name must end in one of {known}: {osm_file.name}", path=("osm_file",)
        )
    if not osm_file.is_file():
        raise InvalidInput(f"there is no extract {osm_file}", path=("osm_file",))


def _profile_file(package: Path, profile: str | Path) -> Path:
    profiles = package / "share" / "profiles"
    lua = profile.resolve() if isinstance(profile, Path) else profiles / f"{profile}.lua"
    if not lua.is_file():
        known = ", ".join(sorted(path.stem for path in profiles.glob("*.lua")))
        raise InvalidInput(f"there is no profile {profile}; OSRM has {known}", path=("profile",))
    return lua


def sha256_of(file: Path) -> str:
    """Of a file's contents, in hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _run(step: str, folder: Path, osm_file: Path, lua: Path) -> None:
    if step != "extract":
        run_tool(step, [BASE_NAME], folder)
        return
    for nodes in LARGE_PIECE_NODES:
        heard: list[str] = []
        arguments = ["--profile", str(lua), "--output", BASE_NAME, "--small-component-size", str(nodes)]
        run_tool(step, [*arguments, str(osm_file)], folder, heard.append)
        if not any(_NO_LARGE_PIECE in line for line in heard):
            return


def _require_complete(folder: Path, algorithm: Algorithm) -> None:
    if not (folder / algorithm.last_file).is_file():
        raise RoadsBuildFailed(algorithm.steps[-1], 0, [f"{algorithm.last_file} was not written"])


def put_in_place(scratch: Path, built: Path) -> Path:
    """Give a finished folder its name, and let everybody read it."""
    # Some of the tools' files are their owner's alone; maps are public, and another user may run the engine.
    for file in scratch.iterdir():
        file.chmod(_FILE_MODE)
    scratch.chmod(_FOLDER_MODE)
    try:
        scratch.rename(built)
    except OSError:
        # Somebody else finished the same build in the meantime: theirs is as good as ours.
        if not (built / MANIFEST).is_file():
            raise
    return built
