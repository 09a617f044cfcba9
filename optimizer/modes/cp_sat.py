"""The whole choice by CP-SAT: exact where orders are few, or limits are of money and of several parcels.

Without a choice to start from CP-SAT finds nothing from about 500 orders on; with one, and with each offer
implying the piece that it needs, it proves or betters it.
"""

from __future__ import annotations

import numpy as np
from ortools.sat.python import cp_model

from optimizer.modes.book import Book, Pick
from optimizer.modes.curve import Curve


def prove(book: Book, pick: Pick, seconds: float, seed: int) -> tuple[Pick, float] | None:
    """A choice at least as good as `pick`, and what any other costs at least; None for no answer in time.

    Works on whole minor units of money and whole parcels, whatever the scales of rows are.
    """
    if seconds <= 0:
        return None
    model = cp_model.CpModel()
    taken = _take_one_each(model, book, pick)
    objective: list[cp_model.LinearExprT] = [round(cost) * taken[place] for place, cost in _costs(book)]
    for row, curve in enumerate(book.curves):
        unit = float(book.scales[row]) or 1.0
        objective += _add_curve(model, taken, _members(book, row, unit), curve, unit, book.used(pick)[row])
    model.minimize(sum(objective))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    solver.parameters.random_seed = seed
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    better = np.array(pick)
    for (order, column), variable in taken.items():
        if solver.boolean_value(variable):
            better[order] = column
    return better, solver.best_objective_bound


type _Place = tuple[int, int]


def _costs(book: Book) -> list[tuple[_Place, float]]:
    orders, columns = np.nonzero(np.isfinite(book.cost))
    places = zip(orders.tolist(), columns.tolist(), strict=True)
    return list(zip(places, book.cost[orders, columns].tolist(), strict=True))


def _take_one_each(model: cp_model.CpModel, book: Book, pick: Pick) -> dict[_Place, cp_model.IntVar]:
    taken: dict[_Place, cp_model.IntVar] = {}
    by_order: list[list[cp_model.IntVar]] = [[] for _ in pick]
    for place, _ in _costs(book):
        taken[place] = model.new_bool_var("")
        by_order[place[0]].append(taken[place])
        model.add_hint(taken[place], int(pick[place[0]] == place[1]))
    for variables in by_order:
        model.add_exactly_one(variables)
    return taken


def _members(book: Book, row: int, unit: float) -> list[tuple[_Place, float]]:
    """The offers that count for a row, and by how much in parcels or minor units of money."""
    orders = np.arange(len(book.cost))
    rows, weights = book.members(orders)
    places = np.nonzero((rows == row) & np.isfinite(book.cost)[..., None])
    named = zip(places[0].tolist(), places[1].tolist(), strict=True)
    return list(zip(named, (weights[places] * unit).tolist(), strict=True))


def _add_curve(
    model: cp_model.CpModel,
    taken: dict[_Place, cp_model.IntVar],
    members: list[tuple[_Place, float]],
    curve: Curve,
    unit: float,
    hinted: float,
) -> list[cp_model.LinearExprT]:
    """Bind the use of a row to one piece of its curve; what the pieces cost."""
    use = sum(round(weight) * taken[place] for place, weight in members)
    if len(curve.pieces) == 1:
        model.add(use <= int(curve.last * unit + 1e-6))
        only = curve.pieces[0]
        # A curve of one piece costs something only where a commitment is above all that is possible.
        return [round(only.slope) * use + round(only.at_first)] if only.slope or only.at_first else []
    costs: list[cp_model.LinearExprT] = []
    on_piece, amounts = [], []
    for number, piece in enumerate(curve.pieces):
        chosen = model.new_bool_var("")
        amount = model.new_int_var(0, int(piece.last), "")
        model.add(amount <= int(piece.last) * chosen)
        model.add(amount >= int(piece.first) * chosen)
        is_hinted = curve.piece_of(hinted) == number
        model.add_hint(chosen, int(is_hinted))
        model.add_hint(amount, round(hinted) if is_hinted else 0)
        # Each line is written from a use of nothing on, and counts where its piece is chosen.
        costs.append(round(piece.slope) * amount + round(piece.cost(0)) * chosen)
        on_piece.append(chosen)
        amounts.append(amount)
    model.add_exactly_one(on_piece)
    model.add(use == sum(amounts))
    for place, weight in members:
        able = [chosen for chosen, piece in zip(on_piece, curve.pieces, strict=True) if piece.last >= weight]
        if len(able) < len(on_piece):
            model.add_bool_or(able).only_enforce_if(taken[place])
    return costs
