"""How soon the first plan stands, small."""

from __future__ import annotations

from bench.routes.first import first_plans


def test_a_first_plan_is_timed_from_the_problem_on_and_checked() -> None:
    figures = first_plans(1, stops=40, large_stops=50, large_s=0.3)
    total_s, read_s, faults = figures["first_plan_s"], figures["first_read_s"], figures["first_faults"]
    assert isinstance(total_s, float)
    assert isinstance(read_s, float)
    assert 0 <= read_s <= total_s
    assert faults == 0
    unassigned = figures["first_unassigned"]
    assert isinstance(unassigned, dict)
    assert unassigned["plain"] == 0
    assert unassigned.keys() == {"plain", "breaks", "traffic by the hour", "several windows", "soft windows"}
    # With slow traffic in the morning far doors that close soon are out of reach; nothing else is left out.
    assert figures["first_out_of_reach"] == unassigned
    assert figures["large_faults"] == 0
