"""What is known of orders by booking key, since Lalamove's API has no way to look one up.

Everything here lies in the memory of one process and is gone with it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from connectors.couriers.lalamove.terms import Terms

MOST = 20_000
"""Entries of each kind that are kept."""

type _Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """An order that probably is the one of a booking key.

    Attributes
    ----------
    is_own
        Lalamove said so in answer to our own call; otherwise a webhook told, and the order itself must
        confirm it.
    """

    order_id: str
    is_own: bool


class Heard:
    """Orders, used quotations and calls whose answer is missing. The oldest are forgotten first.

    Everywhere `account` is the API key.
    """

    def __init__(self) -> None:
        self._placed: OrderedDict[_Place, str] = OrderedDict()
        self._told: OrderedDict[_Place, str] = OrderedDict()
        self._used: OrderedDict[_Place, str] = OrderedDict()
        self._doubts: OrderedDict[_Place, Terms] = OrderedDict()

    def place(self, account: str, booking_key: str, order_id: str, quotation_id: str) -> None:
        """Lalamove answered a booking of ours."""
        _keep(self._placed, (account, booking_key), order_id)
        _keep(self._used, (account, quotation_id), booking_key)
        self.settle(account, booking_key)

    def tell(self, account: str, booking_key: str, order_id: str) -> None:
        """A webhook named an order with this key in its metadata."""
        _keep(self._told, (account, booking_key), order_id)

    def replace(self, account: str, before: str, order_id: str) -> None:
        """Lalamove put another order in the place of one."""
        for table in (self._placed, self._told):
            for place, known in table.items():
                if place[0] == account and known == before:
                    table[place] = order_id

    def order_of(self, account: str, booking_key: str) -> Known | None:
        """The order of a key, our own answer before a webhook's word."""
        place = (account, booking_key)
        if place in self._placed:
            return Known(self._placed[place], is_own=True)
        return Known(self._told[place], is_own=False) if place in self._told else None

    def user_of(self, account: str, quotation_id: str) -> str:
        """The booking key that a quotation was used for, "" where we know of none."""
        return self._used.get((account, quotation_id), "")

    def doubt(self, account: str, booking_key: str, terms: Terms) -> None:
        """An order is being placed on these terms; `place` or `settle` ends the doubt."""
        _keep(self._doubts, (account, booking_key), terms)

    def doubt_of(self, account: str, booking_key: str) -> Terms | None:
        """The terms of a call whose answer is missing."""
        return self._doubts.get((account, booking_key))

    def settle(self, account: str, booking_key: str) -> None:
        """It is known what became of the call."""
        self._doubts.pop((account, booking_key), None)

    def clear(self) -> None:
        """Forget everything, as a process does that starts."""
        for table in (self._placed, self._told, self._used, self._doubts):
            table.clear()


def _keep[Value](table: OrderedDict[_Place, Value], place: _Place, value: Value) -> None:
    table[place] = value
    table.move_to_end(place)
    if len(table) > MOST:
        table.popitem(last=False)
