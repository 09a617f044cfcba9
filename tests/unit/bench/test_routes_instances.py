"""Instances are read by format, measured by the convention of their set, and scored by rules of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.routes.day import PlaneRoads, day_of
from bench.routes.instances import Instance, instances_in, read_instance
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


@pytest.mark.parametrize("text", ["", "EDGE_WEIGHT_TYPE : EXPLICIT\nNODE_COORD_SECTION\n1 0 0\n"])
def test_another_format_is_refused_with_the_name_of_the_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "odd.vrp"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"odd\.vrp: neither"):
        read_instance(file)


def test_a_folder_without_instances_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no \.txt or \.vrp"):
        instances_in(tmp_path)


def test_names_of_best_known_costs_may_have_endings(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(SOLOMON)
    (tmp_path / "bks.json").write_text(json.dumps({"X.txt": 5}))
    found: Instance = read_instance(tmp_path / "x.txt")
    assert found.best_known == 5
