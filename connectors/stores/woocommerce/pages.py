"""Pages of a walk, as large as the store can bear them."""

from __future__ import annotations

from connectors.stores.woocommerce.diagnosis import Fault, fault_of
from connectors.stores.woocommerce.store_api import StoreApi
from connectors.stores.woocommerce.walk import Ask, Page, parameters_of
from doorstep.clock import Clock
from doorstep.errors import RemoteUnavailable

LARGEST_PAGE = 100
"""WooCommerce answers 400 to 101 (measured)."""
SMALLEST_PAGE = 5

_TOO_MUCH = {Fault.TOO_SLOW, Fault.STORE_UNWELL, Fault.ANSWER_TOO_LARGE, Fault.UNREADABLE_ANSWER}


class OrderPages:
    """Pages of one walk; they shrink where a weak host cannot build a hundred orders in one go.

    Parameters
    ----------
    fields
        What is wanted of each order, comma-separated; "" for all.
    """

    def __init__(self, api: StoreApi, clock: Clock, fields: str = "") -> None:
        self._api = api
        self._clock = clock
        self._extra = {"_fields": fields} if fields else {}
        self.size = LARGEST_PAGE

    async def page(self, ask: Ask) -> Page:
        """One page of at most `size` orders."""
        while True:
            asked_at = self._clock.now()
            try:
                answer = await self._api.read("orders", parameters_of(ask, self.size) | self._extra)
                return Page(answer.rows(), answer.total, asked_at)
            except RemoteUnavailable as error:
                if not is_too_much(error) or self.size <= SMALLEST_PAGE or ask.number > 1:
                    raise
                self.size = max(SMALLEST_PAGE, self.size // 4)


def is_too_much(error: RemoteUnavailable) -> bool:
    """Whether fewer orders at a time might help."""
    return fault_of(error) in _TOO_MUCH
