"""Instances are read by format, measured by the convention of their set, and scored by rules of their own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bench.routes.day import PlaneRoads, day_of
from bench.routes.instance import ROUNDED
from bench.routes.instances import instances_in, read_instance
from bench.routes.peers import with_ortools, with_pyvrp
from bench.routes.scoring import Outcome, cost_of
from doorstep.window import Window

SOLOMON = """tiny

VEHICLE
NUMBER     CAPACITY
  2          10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE TIME

    0      0         0          0          0       100          0
    1      3         4          6          0        50          10
    2      1         1          6         20        30          10
"""

VRPLIB = """NAME : 	tiny
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : 	EUC_2D
CAPACITY : 	3
NODE_COORD_SECTION
1	0	0
2	3	4
3	1	1
4	-3	-4
DEMAND_SECTION
1	0
2	1
3	2
4	3
DEPOT_SECTION
	1
	-1
EOF
"""

PRIZES = """NAME : tiny
EDGE_WEIGHT_TYPE : EUC_2D
VEHICLES : 2
CAPACITY : 10
SERVICE_TIME : 10
NODE_COORD_SECTION
1 0 0
2 3 4
DEMAND_SECTION
1 0
2 1
TIME_WINDOW_SECTION
1 0 100
2 5 50
PRIZE_SECTION
1 0
2 7
DEPOT_SECTION
1
-1
EOF
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "solomon.TXT").write_text(SOLOMON)
    (tmp_path / "vrplib.vrp").write_text(VRPLIB)
    (tmp_path / "vrplib.sol").write_text("Route #1: 1 2\nRoute #2: 3\nCost 21\n")
    (tmp_path / "prizes.vrp").write_text(PRIZES)
    (tmp_path / "prizes.sol").write_text("Route #1:\nCost: 70\n")
    (tmp_path / "bks.json").write_text(json.dumps({"SOLOMON": 12.8}))
    return tmp_path


def test_a_folder_is_read_by_the_format_of_each_file(folder: Path) -> None:
    found = {instance.name: instance for instance in instances_in(folder)}
    assert {name: (i.stops, i.capacity, i.vans, i.best_known) for name, i in found.items()} == {
        "solomon": (2, 10, 2, 12.8),
        "vrplib": (3, 3, None, 21.0),
        # Costs of prize-collecting instances are in tenths.
        "prizes": (1, 10, 2, 7.0),
    }


def test_lengths_are_truncated_to_tenths_with_windows_and_rounded_without(folder: Path) -> None:
    # From (0, 0) to (1, 1): 1.414; to (3, 4): 5; from (3, 4) to (1, 1): 3.606.
    assert read_instance(folder / "solomon.TXT").lengths().tolist() == [[0, 50, 14], [50, 0, 36], [14, 36, 0]]
    assert read_instance(folder / "vrplib.vrp").lengths()[:3, :3].tolist() == [
        [0, 5, 1],
        [5, 0, 4],
        [1, 4, 0],
    ]


def test_routes_are_scored_by_the_rules_of_the_instance(folder: Path) -> None:
    windows = read_instance(folder / "solomon.TXT")
    assert cost_of(windows, [[1], [2]]) == pytest.approx(10 + 2.8)
    assert cost_of(windows, [[1, 2]]) is None, "12 of 10 on board"
    assert cost_of(windows, [[1]]) is None, "2 is left out"
    assert cost_of(windows, [[1], [2], []]) == pytest.approx(12.8), "a van that stays counts for nothing"
    prizes = read_instance(folder / "prizes.vrp")
    assert cost_of(prizes, []) == 7
    assert cost_of(prizes, [[1]]) == 10
    assert cost_of(read_instance(folder / "vrplib.vrp"), [[1, 2], [3]]) == 5 + 4 + 1 + 10


def test_who_comes_after_the_due_date_is_infeasible(tmp_path: Path) -> None:
    file = tmp_path / "late.txt"
    file.write_text(SOLOMON.replace("0        50          10", "0         4          10"))
    assert cost_of(read_instance(file), [[1], [2]]) is None


def test_a_gap_is_in_per_cent_of_the_best_known(folder: Path) -> None:
    instance = read_instance(folder / "vrplib.vrp")
    assert Outcome(23.1, 1.0).gap(instance) == 10
    assert Outcome(None, 1.0).gap(instance) is None


async def test_a_day_has_the_instances_tables_windows_and_vans(folder: Path) -> None:
    instance = read_instance(folder / "solomon.TXT")
    problem = day_of(instance)
    assert len(problem.vans) == 2
    first = problem.visits[0]
    assert first.service_s == 100
    assert isinstance(first.windows[0], Window)
    # The due date is the last second in which service may begin; a window's end is the second after.
    assert (first.windows[0].end - first.windows[0].start).total_seconds() == 501
    table = await PlaneRoads(instance).table([problem.visits[0].location], [problem.visits[1].location])
    assert table.metres[0][0] == table.seconds[0][0] == 36
    assert day_of(read_instance(folder / "prizes.vrp")).visits[0].skip_cost_minor == 70


@pytest.mark.parametrize("peer", [with_pyvrp, with_ortools])
def test_peers_answer_with_routes_that_keep_the_rules(folder: Path, peer: object) -> None:
    assert callable(peer)
    for name, cost in (("solomon.TXT", 12.8), ("vrplib.vrp", 20.0)):
        instance = read_instance(folder / name)
        assert cost_of(instance, peer(instance, 0.2, 1)) == pytest.approx(cost)


NO_EDGES = VRPLIB.replace("EUC_2D", "EXPLICIT")
TRIANGLE = NO_EDGES.replace(
    "NODE_COORD_SECTION\n1	0	0\n2	3	4\n3	1	1\n4	-3	-4\n",
    "EDGE_WEIGHT_FORMAT : LOWER_ROW\nEDGE_WEIGHT_SECTION\n5\n1 4\n6 10 7\n",
)

REFUSED = {
    "": "neither Solomon's format nor VRPLIB's",
    SOLOMON.replace("CUSTOMER\n", "\n"): "neither",
    SOLOMON.replace("       30          10\n", "       30\n"): "CUSTOMER: not a depot",
    SOLOMON.replace("  2          10\n", ""): "VEHICLE: no line",
    SOLOMON.replace("         6 ", "         6.5 "): "a demand of 6.5",
    VRPLIB.replace("EUC_2D", "XRAY1"): "EDGE_WEIGHT_TYPE XRAY1 is not read",
    VRPLIB.replace("CAPACITY : 	3\n", ""): "no CAPACITY",
    VRPLIB.replace("DIMENSION : 4", "DIMENSION : 5"): "DIMENSION says 5, DEMAND_SECTION has 4",
    VRPLIB.replace("4	-3	-4\n", ""): "NODE_COORD_SECTION: no node 4",
    VRPLIB.replace("	1\n	-1", "	1\n	2\n	-1"): "one depot is read, found 2",
    VRPLIB.replace("DEPOT_SECTION", "BACKHAUL_SECTION\n2 1\nDEPOT_SECTION"): "BACKHAUL is not read",
    NO_EDGES: "EDGE_WEIGHT_SECTION: 16 numbers are due, found 0",
    TRIANGLE.replace("LOWER_ROW", "SPIRAL"): "EDGE_WEIGHT_FORMAT SPIRAL is not read",
}


@pytest.mark.parametrize("text", REFUSED)
def test_another_format_is_refused_with_the_name_of_the_file_and_what_is_wrong(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / "odd.vrp"
    file.write_text(text)
    with pytest.raises(ValueError, match=re.escape(REFUSED[text])) as refused:
        read_instance(file)
    assert str(refused.value).startswith("odd.vrp: ")


def test_files_of_a_folder_that_are_no_instances_are_left_out_and_named(folder: Path) -> None:
    (folder / "README.txt").write_text("Solomon's instances: VEHICLE, CUSTOMER, and how they are read.")
    (folder / "half.vrp").write_text(VRPLIB.replace("EUC_2D", "XRAY1"))
    (folder / ".hidden.txt").write_text("")
    skipped: list[str] = []
    assert len(instances_in(folder, skipped.append)) == 3
    assert skipped == [
        "skipped README.txt: neither Solomon's format nor VRPLIB's",
        "skipped half.vrp: EDGE_WEIGHT_TYPE XRAY1 is not read",
    ]


def test_instances_in_folders_of_a_folder_are_found_and_told_apart(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "tiny.txt").write_text(SOLOMON)
    (tmp_path / "BKS.json").write_text('{"tiny": 13}')
    found = instances_in(tmp_path)
    assert [(instance.name, instance.best_known) for instance in found] == [
        ("a/tiny.txt", 13),
        ("b/tiny.txt", 13),
    ]


def test_a_folder_without_instances_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no instance; --instances takes"):
        instances_in(tmp_path)


@pytest.mark.parametrize(
    ("metric", "away"),
    # From (0, 0) to (1, 1): 1.414 as the crow flies, 1 for the wider side, 2 round the corner, 0.447 for ATT.
    [
        ("EUC_2D", 1),
        ("CEIL_2D", 2),
        ("FLOOR_2D", 1),
        ("EXACT_2D", 1414),
        ("MAN_2D", 2),
        ("MAX_2D", 1),
        ("ATT", 1),
    ],
)
def test_lengths_are_measured_by_the_metric_of_the_file(tmp_path: Path, metric: str, away: int) -> None:
    file = tmp_path / "metric.vrp"
    file.write_text(VRPLIB.replace("EUC_2D", metric))
    assert read_instance(file).lengths()[0, 2] == away


def test_geographical_lengths_are_kilometres_of_tsplibs_sphere(tmp_path: Path) -> None:
    file = tmp_path / "geo.vrp"
    file.write_text(VRPLIB.replace("EUC_2D", "GEO").replace("3	1	1", "3	0	90"))
    # A quarter of a circle with a radius of 6378.388 km, rounded up.
    assert read_instance(file).lengths()[0, 2] == 10_020


@pytest.mark.parametrize(
    ("form", "numbers"),
    [
        ("LOWER_ROW", "5\n1 4\n6 10 7"),
        ("LOWER_DIAG_ROW", "0 5 0 1 4 0 6 10 7 0"),
        ("UPPER_ROW", "5 1 6 4 10 7"),
        ("UPPER_DIAG_ROW", "0 5 1 6 0 4 10 0 7 0"),
        ("FULL_MATRIX", "0 5 1 6 5 0 4 10 1 4 0 7 6 10 7 0"),
    ],
)
async def test_lengths_may_be_written_out(tmp_path: Path, form: str, numbers: str) -> None:
    file = tmp_path / "triangle.vrp"
    file.write_text(TRIANGLE.replace("LOWER_ROW", form).replace("5\n1 4\n6 10 7", numbers))
    instance = read_instance(file)
    assert instance.lengths().tolist() == [[0, 5, 1, 6], [5, 0, 4, 10], [1, 4, 0, 7], [6, 10, 7, 0]]
    # There are no coordinates, and still every row is at a place of its own.
    visits = day_of(instance).visits
    table = await PlaneRoads(instance).table([visits[0].location], [visits[2].location])
    assert table.metres[0][0] == 10


def test_a_limit_of_length_counts_services_where_there_are_no_windows(tmp_path: Path) -> None:
    file = tmp_path / "limited.vrp"
    file.write_text(VRPLIB.replace("CAPACITY", "DISTANCE : 14\nSERVICE_TIME : 2\nCAPACITY"))
    instance = read_instance(file)
    assert not instance.has_windows
    # There and back is 10, its service 2; two stops are 5 + 4 + 1 and twice 2: just in time.
    assert cost_of(instance, [[1, 2], [3]]) == 20
    assert cost_of(instance, [[2, 1], [3]]) == 20
    file.write_text(VRPLIB.replace("CAPACITY", "DISTANCE : 13\nSERVICE_TIME : 2\nCAPACITY"))
    assert cost_of(read_instance(file), [[1, 2], [3]]) is None
    assert (day_of(read_instance(file)).vans[0].shift.seconds, day_of(instance).visits[0].service_s) == (
        13,
        2,
    )


def test_a_limit_of_length_beside_windows_is_one_of_the_way(tmp_path: Path) -> None:
    file = tmp_path / "limited.vrp"
    file.write_text(PRIZES.replace("CAPACITY", "DISTANCE : 9.9\nCAPACITY"))
    instance = read_instance(file)
    assert cost_of(instance, [[1]]) is None
    assert day_of(instance).vans[0].max_distance_m == 99


def test_services_may_be_told_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "services.vrp"
    file.write_text(VRPLIB.replace("DEPOT_S", "SERVICE_TIME_SECTION\n1 0\n2 7\n3 8\n4 9\nDEPOT_S"))
    assert [row.service for row in read_instance(file).rows] == [0, 7, 8, 9]


def test_prizes_need_no_windows(tmp_path: Path) -> None:
    file = tmp_path / "prizes.vrp"
    file.write_text(VRPLIB.replace("DEPOT_S", "PRIZE_SECTION\n1 0\n2 7\n3 8\n4 9\nDEPOT_S"))
    file.with_suffix(".sol").write_text("Route #1: 2\nCost: 18\n")
    instance = read_instance(file)
    # There and back to the second customer is 2; 7 and 9 are not collected.
    assert (instance.best_known, instance.convention) == (18, ROUNDED)
    assert cost_of(instance, [[2]]) == 18


async def test_coordinates_may_be_larger_than_the_map(tmp_path: Path) -> None:
    file = tmp_path / "far.vrp"
    file.write_text(
        VRPLIB.replace("3	4\n", "300000	400000\n").replace("-3	-4", "-3000000	-4000000")
    )
    instance = read_instance(file)
    visits = day_of(instance).visits
    table = await PlaneRoads(instance).table([visits[0].location], [visits[2].location])
    assert table.metres[0][0] == 5_500_000
    # A van has the time to come by all of them.
    assert day_of(instance).vans[0].shift.seconds > 10_000_000
