"""Routes while they are driven: new orders in milliseconds, and changes that keep what drivers were told.

`day.RunningDay` is the way in; `slots` tells what a window would cost at checkout.
"""

from optimizer.live.changes import Change, ForbiddenMove, LatePreview, Placement, Preview
from optimizer.live.day import RunningDay
from optimizer.live.slots import SlotPrice, slot_prices
from optimizer.live.ways import NewPlaces, ways_to

__all__ = [
    "Change",
    "ForbiddenMove",
    "LatePreview",
    "NewPlaces",
    "Placement",
    "Preview",
    "RunningDay",
    "SlotPrice",
    "slot_prices",
    "ways_to",
]
