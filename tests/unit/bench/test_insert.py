"""The benchmark of insertion, small."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bench.insert import main
from bench.insert.city import CityRoads, city_day
from bench.insert.run import arrive
from bench.routes.day import day_of
from bench.routes.instances import read_instance
from optimizer.live import RunningDay
from optimizer.routes.travel import travel_of


def test_a_small_city_is_answered_polished_compared_and_checked() -> None:
    figures = main(["--no-desk", "--stops", "30", "--seconds", "0.8", "--every", "0.2"])
    assert figures["infeasible"] == 0
    assert figures["refused"] == 0
    assert isinstance(figures["online_points"], float)
    assert isinstance(figures["online_points_without"], float)
    assert isinstance(figures["improve_s"], float)
    assert figures["improve_s"] > 0
    assert isinstance(figures["answer_p95_ms"], float)
    assert isinstance(figures["polished_p95_ms"], float)


def test_where_the_way_of_the_product_fails_the_other_figures_are_told() -> None:
    async def desk(stops: int, late_share: float, seconds: float, seed: int) -> dict[str, object]:
        raise RuntimeError("the day could not be planned")

    figures = main(["--stops", "20", "--seconds", "0.3", "--days", "1"], desk)
    assert figures["desk_problem"] == "RuntimeError: the day could not be planned"
    assert isinstance(figures["answer_p95_ms"], float)


async def test_an_order_that_has_no_place_is_refused_and_in_no_time() -> None:
    whole = city_day(12, seed=1)
    known, (fits, heavy) = replace(whole, visits=whole.visits[:10]), whole.visits[10:]
    today = RunningDay(known, await travel_of(known, CityRoads()))
    arrivals = await arrive(today, [replace(heavy, weight_g=10**9), fits], CityRoads())
    assert (arrivals.refused, len(arrivals.answered_ms), len(arrivals.polished_ms)) == (1, 1, 1)


def test_a_city_is_the_same_for_the_same_seed() -> None:
    assert city_day(20, seed=3) == city_day(20, seed=3)
    assert city_day(20, seed=3) != city_day(20, seed=4)


def test_an_instance_is_read_with_its_last_moment_to_begin_inside_the_window(tmp_path: Path) -> None:
    file = tmp_path / "tiny.txt"
    file.write_text(
        "TINY\n\nVEHICLE\nNUMBER CAPACITY\n2 50\n\nCUSTOMER\nNO. X Y DEMAND READY DUE SERVICE\n\n"
        "0 40 50 0 0 1000 0\n1 45 68 10 900 960 90\n",
        encoding="ascii",
    )
    problem = day_of(read_instance(file))
    (visit,) = problem.visits
    assert (len(problem.vans), visit.weight_g, visit.service_s) == (2, 10, 900)
    assert (visit.windows[0].end - visit.windows[0].start).total_seconds() == 601
