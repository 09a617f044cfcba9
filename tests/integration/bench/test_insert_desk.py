"""The benchmark of insertion by the way of the product, small."""

from __future__ import annotations

from bench.insert.desk import run_desk


async def test_orders_slots_and_moves_of_a_small_city_are_answered() -> None:
    figures = await run_desk(stops=30, late_share=0.2, seconds=0.3, seed=1)
    assert figures["desk_stops"] == 30
    assert figures["desk_refused"] == 0
    for name in ("desk_answer_p95_ms", "desk_slots_p95_ms", "desk_slots_first_ms", "desk_move_p95_ms"):
        assert isinstance(figures[name], float), name
