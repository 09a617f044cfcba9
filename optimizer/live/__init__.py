"""Routes while they are driven: new orders in milliseconds, and changes that keep what drivers were told.

`day.RunningDay` is the way in; `slots` tells what a window would cost at checkout, and `overhauling` makes
better what nobody asks about just now.
"""

from optimizer.live.changes import Change, ForbiddenMove, LatePreview, Placement, Preview
from optimizer.live.day import RunningDay
from optimizer.live.improving import Region
from optimizer.live.overhauling import Overhaul, overhauled
from optimizer.live.slots import SlotPrice, slot_prices
from optimizer.live.ways import NewPlaces, ways_to

__all__ = [
    "Change",
    "ForbiddenMove",
    "LatePreview",
    "NewPlaces",
    "Overhaul",
    "Placement",
    "Preview",
    "Region",
    "RunningDay",
    "SlotPrice",
    "overhauled",
    "slot_prices",
    "ways_to",
]
