"""What a merchant paid, and for what."""

from __future__ import annotations

from dataclasses import astuple, dataclass


@dataclass(slots=True)
class Ledger:
    """What a run came to; amounts in minor units.

    Attributes
    ----------
    bookings, dropped, called_off, failed
        Each door of a tour counts.
    stacked
        Orders that were driven with others on one tour.
    tours
        That were driven.
    """

    orders: int = 0
    on_time: int = 0
    fares: int = 0
    returns: int = 0
    support: int = 0
    late: int = 0
    given_up: int = 0
    bookings: int = 0
    dropped: int = 0
    called_off: int = 0
    failed: int = 0
    stacked: int = 0
    tours: int = 0

    def __add__(self, other: Ledger) -> Ledger:
        """Both together."""
        return Ledger(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def cost(self) -> int:
        """Everything that the merchant paid."""
        return self.fares + self.returns + self.support + self.late + self.given_up

    @property
    def on_time_share(self) -> float:
        """Of all orders, within the shopper's window."""
        return self.on_time / self.orders

    def per_order(self) -> dict[str, float]:
        """Shares of all orders, and minor units for each of them."""
        count = self.orders
        return {
            "cost": round(self.cost / count, 2),
            "fares": round(self.fares / count, 2),
            "returns_and_support": round((self.returns + self.support) / count, 2),
            "late_cost": round(self.late / count, 2),
            "given_up_cost": round(self.given_up / count, 2),
            "on_time": round(self.on_time_share, 5),
            "bookings": round(self.bookings / count, 4),
            "dropped": round(self.dropped / count, 4),
            "called_off": round(self.called_off / count, 4),
            "failed": round(self.failed / count, 4),
            "stacked": round(self.stacked / count, 4),
        }
