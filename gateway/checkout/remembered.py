"""Remembered: what a process knows of its shops without looking it up, for when there is no time to."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from doorstep.quote import QuoteSet
from gateway.flow.quoting.premises import Premises

SHOWN_FOR_S = 900.0
"""An answer is given again when none can be had: as long as Shopify keeps it itself."""

MOST = 2_000
"""Answers, and shops; the oldest are forgotten first."""


class Remembered:
    """One for each process; what is forgotten is looked up again.

    Parameters
    ----------
    now_s
        Machine seconds.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._shown: OrderedDict[str, tuple[float, QuoteSet]] = OrderedDict()
        self._premises: OrderedDict[str, Premises] = OrderedDict()

    def note_shown(self, cart_key: str, quote_set: QuoteSet) -> None:
        """A cart was shown these options."""
        _note(self._shown, cart_key, (self._now_s() + SHOWN_FOR_S, quote_set))

    def shown(self, cart_key: str) -> QuoteSet | None:
        """What the same cart was shown in the last quarter of an hour."""
        ends_s, quote_set = self._shown.get(cart_key, (0.0, None))
        return quote_set if ends_s > self._now_s() else None

    def note_premises(self, store_id: str, premises: Premises) -> None:
        """A shop was looked up."""
        _note(self._premises, store_id, premises)

    def premises(self, store_id: str) -> Premises | None:
        """What a shop was when it was last looked up, however long ago: an old table beats none."""
        return self._premises.get(store_id)


def _note[Value](kept: OrderedDict[str, Value], key: str, value: Value) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > MOST:
        kept.popitem(last=False)
