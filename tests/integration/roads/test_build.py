"""Building roads from an extract with OSRM's own tools."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import optimizer
from doorstep.errors import InvalidInput
from doorstep.geo import LatLng
from optimizer.roads import Algorithm, BuildStep, OsrmRoads, RoadsBuildFailed, RoadsUnavailable, build_roads
from simulator.city import City
from simulator.city.osm import osm_xml

NO_STREETS = '<osm version="0.6"><node id="1" version="1" lat="39.9" lon="-71.5"/></osm>'


@pytest.mark.parametrize(
    ("algorithm", "names"),
    [
        (Algorithm.CH, ["extract", "contract"]),
        (Algorithm.MLD, ["extract", "partition", "customize"]),
    ],
)
def test_a_first_build_tells_its_steps_and_a_second_finds_it_done(
    tmp_path: Path, algorithm: Algorithm, names: list[str]
) -> None:
    file = tmp_path / "quarter.osm"
    file.write_text(_quarter_with_a_courtyard())
    steps: list[BuildStep] = []
    first = build_roads(file, tmp_path, algorithm=algorithm, progress=steps.append)
    assert steps == [BuildStep(name, number, len(names)) for number, name in enumerate(names, start=1)]
    assert build_roads(file, tmp_path, algorithm=algorithm, progress=steps.append) == first
    assert len(steps) == len(names)


def test_the_same_contents_under_another_name_of_folder_are_the_same_build(
    city_file: Path, city: City, tmp_path: Path
) -> None:
    copy = tmp_path / "elsewhere" / city_file.name
    copy.parent.mkdir()
    copy.write_bytes(osm_xml(city))
    first = build_roads(city_file, tmp_path / "built", algorithm=Algorithm.MLD)
    assert build_roads(copy, tmp_path / "built", algorithm=Algorithm.MLD) == first


def test_changed_contents_are_another_build(city_file: Path, city: City, tmp_path: Path) -> None:
    changed = tmp_path / city_file.name
    changed.write_bytes(osm_xml(city).replace(b"Meridian Ring", b"Meridian Belt"))
    first = build_roads(city_file, tmp_path / "built", algorithm=Algorithm.MLD)
    assert build_roads(changed, tmp_path / "built", algorithm=Algorithm.MLD) != first


def test_a_small_extract_is_contracted_unless_told_otherwise(built: Path, city_file: Path) -> None:
    assert build_roads(city_file, built.parent) == built


async def test_where_no_piece_of_a_map_is_large_the_largest_counts_as_large(tmp_path: Path) -> None:
    file = tmp_path / "quarter.osm"
    file.write_text(_quarter_with_a_courtyard())
    beside_the_courtyard, elsewhere = LatLng(39.9011, -71.4997), LatLng(39.9055, -71.4941)
    async with OsrmRoads(build_roads(file, tmp_path / "built")) as roads:
        table = await roads.table([beside_the_courtyard], [elsewhere])
    assert table.seconds[0][0] is not None
    assert not table.is_approximate


def _quarter_with_a_courtyard() -> str:
    """Seven streets each way, a hundred metres apart, and one in a yard that none of them leads into."""
    node = '<node id="{}" version="1" lat="{:.4f}" lon="{:.4f}"/>'
    way = '<way id="{}" version="1">{}<tag k="highway" v="residential"/></way>'
    side = range(1, 8)
    lines = [
        node.format(10 * row + column, 39.9 + row / 1000, -71.5 + column / 1000)
        for row in side
        for column in side
    ]
    lines += [node.format(1, 39.9012, -71.4997), node.format(2, 39.9016, -71.4997)]
    streets = [[10 * row + column for column in side] for row in side]
    streets += [[10 * row + column for row in side] for column in side]
    for number, street in enumerate([*streets, [1, 2]], start=1):
        lines.append(way.format(number, "".join(f'<nd ref="{ref}"/>' for ref in street)))
    return '<osm version="0.6">' + "".join(lines) + "</osm>"


def test_a_refused_extract_shows_the_last_words_of_the_tool_and_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "empty.osm"
    file.write_text(NO_STREETS)
    with pytest.raises(RoadsBuildFailed, match="osrm-extract ended with exit code") as caught:
        build_roads(file, tmp_path / "built")
    assert caught.value.step == "extract"
    assert caught.value.last_lines
    assert caught.value.last_lines[-1] in str(caught.value)
    assert list((tmp_path / "built").iterdir()) == []


def test_an_unfinished_build_is_not_taken_for_roads(tmp_path: Path) -> None:
    with pytest.raises(RoadsUnavailable, match="holds no built roads"):
        OsrmRoads(tmp_path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("city.osm.gz", r"must end in one of \.osm, \.osm\.pbf, \.osm\.bz2"),
        ("nothing.osm.pbf", "there is no extract"),
    ],
)
def test_an_extract_that_cannot_be_read_is_refused_by_name(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        build_roads(tmp_path / name, tmp_path)


def test_an_unknown_profile_lists_the_known_ones(city_file: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no profile hovercraft; OSRM has .*\bcar\b"):
        build_roads(city_file, tmp_path, profile="hovercraft")


def test_building_does_not_load_the_engine_into_our_process(city_file: Path, tmp_path: Path) -> None:
    program = (
        "import pathlib, sys; from optimizer.roads import Algorithm, build_roads;"
        "build_roads(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), algorithm=Algorithm.MLD);"
        "sys.exit('osrm' in sys.modules)"
    )
    root = Path(optimizer.__file__).parents[1]
    subprocess.run([sys.executable, "-c", program, str(city_file), str(tmp_path)], check=True, cwd=root)
