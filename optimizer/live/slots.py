"""What each window of a checkout would cost the routes of its day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from doorstep.visit import Visit
from doorstep.window import Window
from optimizer.live.day import RunningDay
from optimizer.live.ways import NewPlaces


@dataclass(frozen=True, slots=True)
class SlotPrice:
    """A window, and what a visit in it would cost the routes.

    Attributes
    ----------
    cost_minor
        None where no van can take it: the window must not be offered.
    van_id
        Whose route it would be on; "" for none.
    """

    window: Window
    cost_minor: int | None
    van_id: str = ""


def slot_prices(
    day: RunningDay,
    visit: Visit,
    windows: Sequence[Window],
    roads: NewPlaces | None = None,
    *,
    scarcity: float = 0.0,
) -> tuple[SlotPrice, ...]:
    """Each window with the least that the visit would cost in it, as the routes stand; changes nothing.

    Parameters
    ----------
    visit
        Where it is, and what is carried; its own windows are not looked at.
    roads
        To its place: see `RunningDay.insert`. The day keeps them.
    scarcity
        How much a full van asks on top, for orders that are yet to come: the cost is raised by this share of
        it times the fullest of the van's loads with the visit on it, squared, from 0 (empty) to 1 (full).
        A rule of thumb: an empty van asks nothing more, one half full a quarter of the share. 0 for nothing.
    """
    asked = [replace(visit, id=f"{visit.id}/{number}", windows=(w,)) for number, w in enumerate(windows)]
    quotes = day.quote(asked, roads)
    return tuple(
        SlotPrice(window, None)
        if quote is None
        else SlotPrice(window, round(quote.cost_minor * (1 + scarcity * quote.fullness**2)), quote.van_id)
        for window, quote in zip(windows, quotes, strict=True)
    )
