"""How far a search is: the best so far is never taken back."""

from __future__ import annotations

from optimizer.routes.numbered.task import COST_UNITS
from optimizer.routes.progress import PartsWatch, ProgressBoard


def test_the_best_cost_rises_only_with_what_is_assigned() -> None:
    board, unit = ProgressBoard(10, 60.0), COST_UNITS
    told = []
    for assigned, cost in ((8, 500), (8, 520), (8, 480), (10, 600), (9, 100), (10, 590)):
        board.whole(assigned, cost * unit)
        told.append((board.progress().assigned, board.progress().best_cost_minor))
    assert told == [(8, 500), (8, 500), (8, 480), (10, 600), (10, 600), (10, 590)]


def test_a_search_in_parts_that_begins_anew_takes_nothing_back() -> None:
    board, unit = ProgressBoard(10, 60.0), COST_UNITS
    board.whole(10, 600 * unit)
    watch = PartsWatch(board)
    watch("north", 4, 200 * unit)
    assert board.progress().best_cost_minor == 600
    watch("south", 6, 350 * unit)
    assert (board.progress().assigned, board.progress().best_cost_minor) == (10, 550)
