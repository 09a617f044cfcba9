"""What `python -m bench routes` says: figures for machines, means for people, peers that are not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.routes.instance import Customer, Instance
from bench.routes.peers import absence, knows
from bench.routes.report import figures, summary
from bench.routes.run import main
from bench.routes.scoring import Outcome
from tests.unit.bench.test_routes_instances import PRIZES, SOLOMON, VRPLIB


def instance(name: str, best_known: float | None = 100, *, due: float | None = 9) -> Instance:
    return Instance(name, (Customer(0, 0), Customer(1, 1, due=due)), 1, 1, best_known)


INSTANCES = [instance("a"), instance("b"), instance("new", None), instance("plain", due=None)]
OURS = {"a": Outcome(101, 1), "b": Outcome(103, 1), "new": Outcome(5, 1), "plain": Outcome(None, 1)}
PEER = {"a": Outcome(110, 1), "b": Outcome(None, 1), "new": Outcome(6, 1)}


def test_what_has_no_best_known_cost_is_reported_without_a_gap() -> None:
    assert figures(INSTANCES, OURS) == {
        "instances": {
            "a": {"gap": 1.0, "seconds": 1},
            "b": {"gap": 3.0, "seconds": 1},
            "new": {"gap": None, "seconds": 1},
            "plain": {"gap": None, "seconds": 1},
        },
        "mean_gap": 2.0,
        "mean_gap_by_class": {"100": 2.0, "without windows": None},
        "infeasible": 1,
    }


def test_people_read_means_by_class_and_a_comparison_over_what_both_solved() -> None:
    lines = list(summary(INSTANCES, {"doorstep": OURS, "peer": PEER, "idle": {}}, ["peer", "idle"]))
    assert [line.split() for line in lines[:2]] == [
        ["100", "3", "2.00", "%", "10.00", "%", "no", "gap"],
        ["without", "windows", "1", "no", "gap", "no", "gap", "no", "gap"],
    ]
    assert lines[2:] == [
        "peer: 10.00 % over 1 instances, ours 1.00 %, 1/10.0 of it",
        "idle: no instance to compare",
    ]


def test_vroom_has_no_price_of_leaving_a_customer_out() -> None:
    prizes = Instance("p", (Customer(0, 0), Customer(1, 1, prize=5)), 1, 1)
    assert not knows("vroom", prizes)
    assert knows("pyvrp", prizes)
    assert knows("vroom", INSTANCES[0])


def test_a_run_plans_what_it_finds_and_says_which_peer_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert absence("vroom") == "not installed"
    (tmp_path / "solomon.txt").write_text(SOLOMON)
    (tmp_path / "vrplib.vrp").write_text(VRPLIB)
    (tmp_path / "prizes.vrp").write_text(PRIZES)
    (tmp_path / "README.txt").write_text("What this is.")
    (tmp_path / "bks.json").write_text(json.dumps({"vrplib": 20, "SOLOMON": {"cost": 12.8}}))
    result = main(["--instances", str(tmp_path), "--seconds", "0.3", "--peer", "pyvrp", "--peer", "vroom"])
    assert result["mean_gap"] == 0
    assert result["infeasible"] == 0
    assert result["peers"] == {"pyvrp": 0, "vroom": "not installed"}
    instances = result["instances"]
    assert isinstance(instances, dict)
    assert {name: told["gap"] for name, told in instances.items()} == {
        "solomon": 0,
        "vrplib": 0,
        "prizes": None,
    }
    told = capsys.readouterr()
    assert "vroom: not installed, so it is not compared with" in told.out
    assert "skipped README.txt: neither" in told.err
