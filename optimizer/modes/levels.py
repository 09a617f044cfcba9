"""Which discounts to reach: branch and bound over the pieces of the pools' curves.

Discounts that grow with volume are what makes the choice hard: the relaxation reaches a high one with a few
parcels. Once it is settled which piece of each curve is used, what is left is close to a transport problem,
whose relaxation is all but exact. So only pieces are branched on, best bound first, and what is settled is
closed by the simplex.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.modes.book import Book, Pick
from optimizer.modes.closing import close
from optimizer.modes.filling import fill
from optimizer.modes.prices import Levels, Priced, all_levels, ascend, bound_at

_ROOT_STEPS = 300
_NODE_STEPS = 40
_LEAF_STEPS = 80

_NODES_A_CLOSING = 3
"""So many nodes are branched on before the next leaf is closed, which takes about as long."""

_DIVE = 6
"""So many nodes lead straight down at the start."""

_RESERVE = 0.1
"""Of the time, for closing what is left when there is none for more nodes."""

_NEAR_COLUMNS = 12
"""Columns of each order by which prices are raised below the root; what they prove is worked out with all."""

PROVEN = 1e-4
"""A choice that is dearer than the bound by no more than this share counts as the best."""


@dataclass(slots=True)
class Found:
    """What is known of a book so far.

    Attributes
    ----------
    bound, relaxed_bound
        What any choice costs at least, and what was known of it before branching.
    prices
        Of the room in each row, on the pieces that the choice is on.
    nodes, closings
        How often was branched, and how often the simplex was asked.
    """

    pick: Pick
    cost: float
    bound: float
    relaxed_bound: float
    prices: NDArray[np.float64]
    nodes: int = 0
    closings: int = 0

    @property
    def is_proven(self) -> bool:
        """Whether nothing better is worth looking for."""
        return self.cost <= self.bound + max(0.5, PROVEN * abs(self.bound))

    def keep(self, book: Book, pick: Pick, prices: NDArray[np.float64]) -> None:
        """Take a choice if it is the best so far."""
        cost = book.cost_of(pick)
        if cost <= self.cost:
            self.pick, self.cost, self.prices = pick, cost, prices


@dataclass(frozen=True, slots=True, eq=False)
class _Node:
    """A part of the levels that is to be branched on."""

    depth: int
    levels: Levels
    priced: Priced


class LevelSearch:
    """A search over one book.

    Parameters
    ----------
    seconds_left
        The search is over when it says nothing is left.
    """

    def __init__(self, book: Book, seconds_left: Callable[[], float]) -> None:
        self._book, self._seconds_left = book, seconds_left
        self._near = book
        self._reserve_s = _RESERVE * seconds_left()
        self._leaves: dict[Levels, Priced] = {}
        self._closed: set[Levels] = set()
        levels = all_levels(book)
        pick = fill(book, levels, book.cost)
        nothing = np.zeros(len(book.curves))
        self.found = Found(pick, book.cost_of(pick), -np.inf, -np.inf, nothing)

    def run(self) -> Found:
        """From the greedy choice to one that is proven, or to the end of the time."""
        book, found = self._book, self.found
        levels = all_levels(book)
        root = ascend(book, levels, found.prices, target=found.cost, steps=_ROOT_STEPS)
        self._look_at_leaf(levels, root)
        self._close_best()
        # With a good choice at hand steps have the right length.
        self._near = book.nearest(book.reduced(root.prices), _NEAR_COLUMNS)
        root = self._ascend(levels, root, _ROOT_STEPS)
        found.bound = found.relaxed_bound = min(root.bound, found.cost)
        self._branch(levels, root)
        return found

    def _branch(self, levels: Levels, root: Priced) -> None:
        book, found = self._book, self.found
        open_nodes = [_Node(0, levels, root)]
        settled_bound = np.inf
        while open_nodes and not found.is_proven and self._seconds_left() > self._reserve_s:
            # Straight down at first, to a good choice that cuts others off; then where the bound is least.
            deepest = max(one.depth for one in open_nodes) if found.nodes < _DIVE else 0
            node = min((one for one in open_nodes if one.depth >= deepest), key=lambda one: one.priced.bound)
            open_nodes.remove(node)
            halves = _halves(book, node.levels, node.priced)
            if not halves:
                self._close(node.levels)
                settled_bound = min(settled_bound, max(node.priced.bound, self._leaves[node.levels].bound))
            found.nodes += 1
            for part in halves:
                child = self._ascend(part, node.priced, _NODE_STEPS)
                if child.bound < found.cost - 0.5:
                    self._look_at_leaf(part, child)
                    open_nodes.append(_Node(node.depth + 1, part, child))
            if found.nodes % _NODES_A_CLOSING == 0:
                self._close_best()
            found.bound = min(found.cost, settled_bound, *(one.priced.bound for one in open_nodes))
        while not found.is_proven and self._seconds_left() > 0 and self._close_best():
            found.bound = min(found.bound, found.cost)

    def _ascend(self, levels: Levels, node: Priced, steps: int) -> Priced:
        """Raise the bound of a part of a node, which is at least the node's."""
        priced = ascend(self._near, levels, node.prices, target=self.found.cost, steps=steps)
        proven = bound_at(self._book, levels, priced.prices)
        return Priced(max(proven, node.bound), priced.prices, priced.used)

    def _look_at_leaf(self, levels: Levels, node: Priced) -> None:
        """Settle each row on the piece that the relaxation is on, and fill that."""
        book, found = self._book, self.found
        leaf = tuple(
            (piece, piece)
            for curve, (first, last), used in zip(book.curves, levels, node.used, strict=True)
            for piece in [min(max(curve.piece_of(used), first), last)]
        )
        if leaf in self._leaves:
            return
        priced = self._leaves[leaf] = self._ascend(leaf, node, _LEAF_STEPS)
        if priced.bound < found.cost:
            found.keep(book, fill(book, leaf, book.reduced(priced.prices)), priced.prices)

    def _close_best(self) -> bool:
        """Close the leaf with the least bound, if one may be better than what was found."""
        limit = self.found.cost - max(0.5, PROVEN * abs(self.found.cost))
        able = [
            leaf for leaf, priced in self._leaves.items() if priced.bound < limit and leaf not in self._closed
        ]
        if able:
            self._close(min(able, key=lambda leaf: self._leaves[leaf].bound))
        return bool(able)

    def _close(self, leaf: Levels) -> None:
        """Solve a leaf by the simplex, once: for its best choice, and for its exact bound."""
        book, found, priced = self._book, self.found, self._leaves[leaf]
        if leaf in self._closed or priced.bound >= found.cost:
            return
        self._closed.add(leaf)
        closed = close(book, leaf, priced, found.pick, self._seconds_left())
        found.closings += 1
        prices = priced.prices if closed.prices is None else closed.prices
        if closed.pick is not None:
            found.keep(book, closed.pick, prices)
        bound = max(priced.bound, bound_at(book, leaf, prices))
        self._leaves[leaf] = Priced(bound, prices, priced.used)


def _halves(book: Book, levels: Levels, node: Priced) -> list[Levels]:
    """Two parts of the levels, apart where the relaxation flatters itself most; none where all is settled."""
    flattery = [
        curve.cost(used) - curve.hull_cost(used, first, last) if first < last else -np.inf
        for curve, (first, last), used in zip(book.curves, levels, node.used, strict=True)
    ]
    if not flattery or max(flattery) == -np.inf:
        return []
    row = int(np.argmax(flattery))
    first, last = levels[row]
    middle = min(max(book.curves[row].piece_of(node.used[row]), first), last - 1)
    return [(*levels[:row], part, *levels[row + 1 :]) for part in ((first, middle), (middle + 1, last))]
