"""From which places an order ships.

`sourcer.PlaceSourcer` is the way in. `check.check` has the last word on every answer; it shares no arithmetic
with the parts that decide (`standing`, `search`, `sharing`).
"""

from optimizer.sourcing.sourcer import PlaceSourcer

__all__ = ["PlaceSourcer"]
