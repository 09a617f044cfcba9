"""The honest count of a day: what was lost, doubled or left unfinished. Pure.

It compares what stores, carriers and drivers wrote down themselves with what the gateway says it has. Orders
and bookings are brought together by the digits of the order's number, with which every reference begins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]

_ENDED_WELL = frozenset({"DELIVERED", "RETURNED", "CANCELLED"})
_ENDED_BADLY = frozenset({"FAILED"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One order and what is wrong with it."""

    store: str
    number: str
    external_id: str
    why: str


@dataclass(frozen=True, slots=True)
class DayReport:
    """The count.

    Attributes
    ----------
    orders, to_deliver
        All orders of the stores, and those that need shipping and were not cancelled.
    lost
        To be delivered, but unknown to the gateway, without a fulfillment order there, or carried by nobody.
    doubled
        Twice in the gateway, or carried by more than one at a time.
    unfinished
        Neither delivered, returned or cancelled, nor failed with every exception closed; lost ones are not
        counted again.
    """

    orders: int
    to_deliver: int
    lost: tuple[Finding, ...]
    doubled: tuple[Finding, ...]
    unfinished: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.doubled or self.unfinished)


def count_day(books: Mapping[str, Sequence[Row]], gateway_orders: Sequence[Row]) -> DayReport:
    """Count a day.

    Parameters
    ----------
    books
        As `GET /control/books` gives them: `orders`, `bookings`, `handovers`, `told`.
    gateway_orders
        The gateway's orders: `external_id`, `store`, `fulfillment_orders` (a list or their number),
        `deliveries` (rows of `reference` and `status`) and `open_exceptions` (a list or their number).
    """
    known: dict[tuple[str, str], list[Row]] = {}
    for row in gateway_orders:
        known.setdefault((row["store"].lower(), row["external_id"]), []).append(row)
    carried = _carried(books)
    lost, doubled, unfinished = [], [], []
    wanted = [order for order in books["orders"] if order["needs_shipping"] and not order["cancelled"]]
    for order in books["orders"]:
        rows = known.get((order["store"].lower(), order["external_id"]), [])
        carriers = carried.get(digits_of(order["number"]), [])
        if why := _why_doubled(rows, carriers):
            doubled.append(_finding(order, why))
        if not order["needs_shipping"] or order["cancelled"]:
            continue
        if why := _why_lost(rows, carriers):
            lost.append(_finding(order, why))
        elif why := _why_unfinished(rows):
            unfinished.append(_finding(order, why))
    return DayReport(len(books["orders"]), len(wanted), tuple(lost), tuple(doubled), tuple(unfinished))


def digits_of(number_or_reference: str) -> str:
    """The digits that tell orders apart: of "#1001" and of "1001-K3QX"."""
    return "".join(char for char in number_or_reference.partition("-")[0] if char.isdigit())


def _carried(books: Mapping[str, Sequence[Row]]) -> dict[str, list[str]]:
    """Order's digits -> who carries or has carried it; what was cancelled or given up carries nothing."""
    carried: dict[str, list[str]] = {}
    for booking in books["bookings"]:
        if booking["live"] or booking["delivered"]:
            carried.setdefault(digits_of(booking["reference"]), []).append(
                f"{booking['carrier']} {booking['external_id']}"
            )
    on_vans = {(row["device_id"], row["reference"]) for row in books["handovers"]}
    on_vans |= {(row["device_id"], row["reference"]) for row in books["told"] if row["live"]}
    names = {device: f"van {place}" for place, device in enumerate(sorted({d for d, _ in on_vans}), start=1)}
    for device_id, reference in sorted(on_vans):
        carried.setdefault(digits_of(reference), []).append(f"{names[device_id]} with {reference}")
    return carried


def _why_lost(rows: Sequence[Row], carriers: Sequence[str]) -> str:
    if not rows:
        return "the gateway does not know it"
    if not any(_size(row["fulfillment_orders"]) for row in rows):
        return "the gateway has nothing to dispatch of it"
    return "" if carriers else "no carrier and no van has it in its books"


def _why_doubled(rows: Sequence[Row], carriers: Sequence[str]) -> str:
    if len(rows) > 1:
        return f"the gateway has it {len(rows)} times"
    # Every order of this world leaves its store as one consignment.
    return f"carried by {', '.join(carriers)}" if len(carriers) > 1 else ""


def _why_unfinished(rows: Sequence[Row]) -> str:
    deliveries = [delivery for row in rows for delivery in row["deliveries"]]
    if not deliveries:
        return "it has no delivery"
    is_closed = not any(_size(row["open_exceptions"]) for row in rows)
    open_statuses = Counter(
        delivery["status"]
        for delivery in deliveries
        if delivery["status"] not in _ENDED_WELL and not (delivery["status"] in _ENDED_BADLY and is_closed)
    )
    return ", ".join(f"{count} {status}" for status, count in sorted(open_statuses.items()))


def _size(value: int | Sequence[object]) -> int:
    return value if isinstance(value, int) else len(value)


def _finding(order: Row, why: str) -> Finding:
    return Finding(order["store"], order["number"], order["external_id"], why)
