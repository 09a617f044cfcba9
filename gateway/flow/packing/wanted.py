"""Articles in carts that nobody has read yet: asked for once a day each, however often a cart is drawn."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta

ASKED_FOR = timedelta(days=1)
REMEMBERED = 20_000


class WantedArticles:
    """What this process has asked for. One for a process; another asks once more."""

    def __init__(self) -> None:
        self._asked: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    def due(self, store_id: str, skus: Iterable[str], now: datetime) -> tuple[str, ...]:
        """Those of the SKUs of a store that are to be asked for now; they count as asked for."""
        wanted = []
        for sku in skus:
            asked_at = self._asked.get((store_id, sku))
            if asked_at is None or now - asked_at >= ASKED_FOR:
                wanted.append(sku)
                self._asked[store_id, sku] = now
                self._asked.move_to_end((store_id, sku))
        while len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)
        return tuple(wanted)
