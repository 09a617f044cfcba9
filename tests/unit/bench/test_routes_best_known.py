"""The best known cost is found in whatever shape it is told, with the convention that it was counted by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.routes.day import day_of
from bench.routes.instance import EXACT, ROUNDED, TENTHS, TRUNCATED, Convention, Instance
from bench.routes.instances import read_instance
from bench.routes.scoring import cost_of
from tests.unit.bench.test_routes_instances import SOLOMON, VRPLIB

TOLD = [
    # Solomon's customers, each alone: 10 and 2.8 by tenths, 12.828 exactly.
    (SOLOMON, "12.8", TENTHS, 12.8),
    (SOLOMON, "12.83", EXACT, 12.83),
    (SOLOMON, "128", TENTHS, 12.8),
    (VRPLIB, "21", ROUNDED, 21),
    (VRPLIB, "20.02", EXACT, 20.02),
    (VRPLIB.replace("tiny", "tiny\nCOMMENT : (Optimal value: 19)"), "", ROUNDED, 19),
]


@pytest.mark.parametrize(("text", "told", "convention", "best"), TOLD)
def test_decimals_of_a_cost_tell_its_convention(
    tmp_path: Path, text: str, told: str, convention: Convention, best: float
) -> None:
    file = tmp_path / "x.txt"
    file.write_text(text)
    (tmp_path / "bks.json").write_text(f'{{"X": {told or "null"}}}')
    found = read_instance(file)
    assert found.convention is convention
    assert found.best_known == pytest.approx(best)


SOLVED = [
    # 5 + 3.606 + 1.414 one way round: 10.0 by truncated tenths, 10.02 exactly, 10 rounded.
    (SOLOMON, "Route #1: 1 2\nCost 10.0", TENTHS, 10.0),
    (SOLOMON, "Route #1: 1 2\nCost 100", TENTHS, 10.0),
    (SOLOMON, "Route #1: 1 2\nCost 10.02", EXACT, 10.02),
    (VRPLIB, "Route #1: 1 2\nRoute #2: 3\nCost 20", ROUNDED, 20),
    (VRPLIB, "Route #1: 1 2\nRoute #2: 3\nCost 20.02051", EXACT, 20.02051),
    (VRPLIB, "Route #1: 1 2\nRoute #2: 3\nCost 200", TENTHS, 20.0),
    (VRPLIB, "Route #1: 1 2\nRoute #2: 3\nCost 19", TRUNCATED, 19),
    (VRPLIB, "Route #1: 1 2\nRoute #2: 3\nCost 17", ROUNDED, 17),
]


@pytest.mark.parametrize(("text", "solution", "convention", "best"), SOLVED)
def test_routes_of_a_solution_tell_by_which_convention_it_was_counted(
    tmp_path: Path, text: str, solution: str, convention: Convention, best: float
) -> None:
    (tmp_path / "x.txt").write_text(text)
    (tmp_path / "X.SOL").write_text(solution)
    found = read_instance(tmp_path / "x.txt")
    assert found.convention is convention
    assert found.best_known == pytest.approx(best)


@pytest.mark.parametrize(
    "shape",
    [
        {"r1_x": 5},
        {"R1_X.txt": "5.0"},
        {"R1-X": {"vehicles": 2, "cost": 5}},
        {"bks": {"solomon": {"R1_X": {"Distance": 5, "Vehicles": 2}}}},
        {"instances": [{"name": "other", "bks": 7}, {"name": "R1_X", "best-known": 5, "vehicles": 2}]},
        [{"Instance": "R1_X.vrp", "BKS": 5}],
        [["other", 3], ["R1_X", 5, 2]],
    ],
)
def test_best_known_costs_come_in_many_shapes(tmp_path: Path, shape: object) -> None:
    (tmp_path / "r1_x.txt").write_text(SOLOMON)
    (tmp_path / "bks.json").write_text(json.dumps(shape))
    assert read_instance(tmp_path / "r1_x.txt").best_known == 5


@pytest.mark.parametrize("shape", [{"R101": True}, {"r101": "n/a"}, {"r101": {"vehicles": 19}}, [], 7])
def test_an_unknown_best_is_none(tmp_path: Path, shape: object) -> None:
    (tmp_path / "r101.txt").write_text(SOLOMON)
    (tmp_path / "bks.json").write_text(json.dumps(shape))
    # What is published of R101 is of a hundred customers.
    assert read_instance(tmp_path / "r101.txt").best_known is None


def test_a_list_of_best_known_costs_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(SOLOMON)
    (tmp_path / "bks.json").write_text("{")
    with pytest.raises(ValueError, match=r"bks\.json: no JSON"):
        read_instance(tmp_path / "x.txt")


def test_exact_lengths_never_make_a_route_late(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(SOLOMON)
    (tmp_path / "bks.json").write_text('{"x": 12.83}')
    instance = read_instance(tmp_path / "x.txt")
    # The way to (1, 1) is 1.41421...: it costs 1414 thousandths and takes 1415.
    assert (instance.lengths()[0, 2], instance.durations()[0, 2]) == (1414, 1415)
    assert day_of(instance).visits[0].service_s == 10_000
    assert cost_of(instance, [[1], [2]]) == pytest.approx(12.828)


def test_names_of_best_known_costs_may_have_endings(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(SOLOMON)
    (tmp_path / "bks.json").write_text(json.dumps({"X.txt": 5}))
    found: Instance = read_instance(tmp_path / "x.txt")
    assert found.best_known == 5


SETS = [
    # SINTEF's costs have hundredths: one that ends like a tenth is exact all the same.
    (SOLOMON, {"C101": "12.8", "RC201": "1406.94"}, EXACT),
    (SOLOMON, {"C101": "12.8", "R101": "1637.7"}, TENTHS),
    # Another set beside it was counted as it was counted.
    (SOLOMON, {"C101": "12.8", "C1_2_1": "2704.57", "CMT1": "524.61"}, TENTHS),
    (VRPLIB, {"C101": "21", "R102": "20.02"}, EXACT),
]


@pytest.mark.parametrize(("text", "costs", "convention"), SETS)
def test_the_costs_of_a_set_are_of_one_convention(
    tmp_path: Path, text: str, costs: dict[str, str], convention: Convention
) -> None:
    (tmp_path / "c101.txt").write_text(text)
    (tmp_path / "bks.json").write_text(json.dumps(costs))
    assert read_instance(tmp_path / "c101.txt").convention is convention


def test_a_cost_that_is_known_by_its_convention_is_read_the_same_whatever_stands_beside_it(
    tmp_path: Path,
) -> None:
    more = (f"{row:5}{row:7}{row:9}          1          0       100          0\n" for row in range(3, 101))
    (tmp_path / "rc105.txt").write_text(SOLOMON + "".join(more))
    alone = read_instance(tmp_path / "rc105.txt")
    assert (alone.best_known, alone.convention) == (1513.7, TENTHS)
    (tmp_path / "bks.json").write_text(json.dumps({"RC105": 1513.7, "R101": 1650.8, "C104": 824.78}))
    beside = read_instance(tmp_path / "rc105.txt")
    assert (beside.best_known, beside.convention) == (1513.7, TENTHS)
    assert (beside.lengths() == alone.lengths()).all()
