"""The offers of a wave in arrays, as the searching parts read them.

Costs are minor units of the wave's currency with the chance of coming late in them. Limits are rows: one for
the parcels of each pool, and one for what is spent where that is limited.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from doorstep.wave import OfferKey, Pool, Wave
from optimizer.modes.curve import Curve, ceiling, curve_of

_NOBODY_TIMES = 20
"""An order that nobody takes counts as so many times the dearest offer, where it has no price."""

type Pick = NDArray[np.intp]
"""The column that each order takes."""


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """Orders by columns; the last column is nobody.

    Attributes
    ----------
    cost
        Of shape (orders, columns); infinite where an order has no such offer, or may not take it.
    kinds
        Of the same shape: what pools know an offer by, as a row of `kind_rows`; the last one for none.
    parcels
        By order.
    prices
        Of shape (orders, columns), before discounts.
    kind_rows
        Of shape (kinds, depth): the rows that offers of a kind count for, ``len(curves)`` for none.
    by_parcel, by_price
        Of shape (kinds, rows): what each parcel of an offer, and each minor unit of its price, uses of a row.
    curves
        By row.
    scales
        By row, and one more for none: 0 where parcels are counted; else what one unit of the curve stands
        for. Spendings are counted in mean prices, so that all rows have weights of about 1.
    fines
        By order, what of `cost` of its last column is no money but makes it a last resort.
    last_resort
        What such a fine is: more than any offer costs.
    """

    cost: NDArray[np.float64]
    kinds: NDArray[np.intp]
    parcels: NDArray[np.float64]
    prices: NDArray[np.float64]
    kind_rows: NDArray[np.intp]
    by_parcel: NDArray[np.float64]
    by_price: NDArray[np.float64]
    curves: tuple[Curve, ...]
    scales: NDArray[np.float64]
    fines: NDArray[np.float64]
    last_resort: float

    @classmethod
    def of(cls, wave: Wave) -> Book:
        """The offers of a wave; columns are the places in an order's options."""
        shape = len(wave.orders), 1 + max((len(order.options) for order in wave.orders), default=0)
        cost, prices = np.full(shape, np.inf), np.zeros(shape)
        keys: dict[OfferKey, int] = {}
        kinds = np.full(shape, -1, np.intp)
        for number, order in enumerate(wave.orders):
            for column, option in enumerate(order.options):
                if order.may_take(option):
                    cost[number, column] = order.expected_minor(option)
                    prices[number, column] = option.price.minor
                    kinds[number, column] = keys.setdefault(option.key, len(keys))
        last_resort = _NOBODY_TIMES * float(cost[np.isfinite(cost)].max(initial=100.0))
        fines = np.array([0.0 if order.undelivered else last_resort for order in wave.orders])
        cost[:, -1] = [order.undelivered.minor if order.undelivered else last_resort for order in wave.orders]
        parcels = np.array([order.parcels for order in wave.orders], np.float64)
        rows = _Rows(tuple(keys), kinds, parcels, prices)
        for pool in wave.pools:
            rows.add(pool, last_resort)
        kinds[kinds < 0] = len(keys)
        return cls(cost, kinds, parcels, prices, *rows.finished(), fines, last_resort)

    def reduced(self, prices: NDArray[np.float64]) -> NDArray[np.float64]:
        """Costs with what the room is worth that they take, of shape (orders, columns).

        Parameters
        ----------
        prices
            By row, for one unit of its curve.
        """
        costs: NDArray[np.float64] = (self.by_parcel @ prices)[self.kinds]
        costs *= self.parcels[:, None]
        costs += self.cost
        if self.by_price.any():
            costs += (self.by_price @ prices)[self.kinds] * self.prices
        return costs

    def members(
        self, orders: NDArray[np.intp], columns: NDArray[np.intp] | None = None
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """(rows, weights) of one column of each order, (orders, depth); of all, (orders, columns, depth)."""
        places = (orders,) if columns is None else (orders, columns)
        rows = self.kind_rows[self.kinds[places]]
        parcels = self.parcels[orders].reshape(-1, *([1] * (rows.ndim - 1)))
        scales = self.scales[rows]
        spent = self.prices[places][..., None] / np.where(scales > 0, scales, 1.0)
        weights = np.where(scales > 0, spent, parcels)
        return rows, np.where(rows < len(self.curves), weights, 0.0)

    def used(self, pick: Pick) -> NDArray[np.float64]:
        """How much of each row a choice uses, of shape (rows,)."""
        orders, kinds = np.arange(len(pick)), len(self.kind_rows)
        taken = self.kinds[orders, pick]
        parcels = np.bincount(taken, self.parcels, minlength=kinds)
        spent = np.bincount(taken, self.prices[orders, pick], minlength=kinds)
        used: NDArray[np.float64] = parcels @ self.by_parcel + spent @ self.by_price
        return used

    def cost_of(self, pick: Pick) -> float:
        """Of a choice with discounts and missed commitments; infinite where a limit is broken."""
        used = self.used(pick)
        if any(use > curve.last + 1e-6 for use, curve in zip(used, self.curves, strict=True)):
            return float("inf")
        extra = sum(curve.cost(use) for use, curve in zip(used, self.curves, strict=True))
        return float(self.cost[np.arange(len(pick)), pick].sum() + extra)

    def of_orders(self, orders: NDArray[np.intp]) -> Book:
        """The same rows with these orders only."""
        return replace(
            self,
            cost=self.cost[orders],
            kinds=self.kinds[orders],
            parcels=self.parcels[orders],
            prices=self.prices[orders],
            fines=self.fines[orders],
        )

    def nearest(self, costs: NDArray[np.float64], columns: int) -> Book:
        """The same orders with the columns that are cheapest by `costs`, and nobody."""
        if columns >= costs.shape[1] - 1:
            return self
        places = np.argpartition(costs[:, :-1], columns, axis=1)[:, :columns]
        places = np.append(places, np.full((len(places), 1), costs.shape[1] - 1), axis=1)
        return replace(
            self,
            cost=np.take_along_axis(self.cost, places, axis=1),
            kinds=np.take_along_axis(self.kinds, places, axis=1),
            prices=np.take_along_axis(self.prices, places, axis=1),
        )


class _Rows:
    """Rows as they are collected."""

    def __init__(
        self,
        keys: tuple[OfferKey, ...],
        kinds: NDArray[np.intp],
        parcels: NDArray[np.float64],
        prices: NDArray[np.float64],
    ) -> None:
        self._keys, self._kinds, self._parcels, self._prices = keys, kinds, parcels, prices
        self._by_kind: list[list[int]] = [[] for _ in range(len(keys) + 1)]
        self._curves: list[Curve] = []
        self._scales: list[float] = []

    def add(self, pool: Pool, fine_minor: float) -> None:
        """A row for a pool's parcels, and one for what is spent in it if that is limited."""
        kinds = [number for number, key in enumerate(self._keys) if pool.counts(key)]
        members = np.isin(self._kinds, kinds)
        missing = int(fine_minor) if pool.shortfall is None else pool.shortfall.minor
        possible = int(self._parcels[members.any(axis=1)].sum())
        self._take(kinds, curve_of(pool, possible, missing), 0.0)
        if pool.most_spent is not None and kinds:
            scale = max(1.0, float(self._prices[members].mean()))
            self._take(kinds, ceiling(pool.most_spent.minor / scale), scale)

    def finished(
        self,
    ) -> tuple[
        NDArray[np.intp],
        NDArray[np.float64],
        NDArray[np.float64],
        tuple[Curve, ...],
        NDArray[np.float64],
    ]:
        """(kind_rows, by_parcel, by_price, curves, scales)."""
        depth = max(len(rows) for rows in self._by_kind)
        none = len(self._curves)
        kind_rows = np.full((len(self._by_kind), depth), none, np.intp)
        by_parcel = np.zeros((len(self._by_kind), none))
        by_price = np.zeros((len(self._by_kind), none))
        for kind, rows in enumerate(self._by_kind):
            kind_rows[kind, : len(rows)] = rows
            for row in rows:
                scale = self._scales[row]
                by_parcel[kind, row], by_price[kind, row] = (0.0, 1 / scale) if scale else (1.0, 0.0)
        return kind_rows, by_parcel, by_price, tuple(self._curves), np.array([*self._scales, 0.0])

    def _take(self, kinds: list[int], curve: Curve, scale: float) -> None:
        for kind in kinds:
            self._by_kind[kind].append(len(self._curves))
        self._curves.append(curve)
        self._scales.append(scale)
