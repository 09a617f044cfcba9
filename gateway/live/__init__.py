"""Live updates: who watches what, within a process and between processes.

`open_live` makes the one object; topics and messages come from `gateway.live.message`. Nothing here is
durable: a watcher who missed something is told to read it anew.
"""

from gateway.live.live import Live, open_live
from gateway.live.message import LiveKind, LiveMessage
from gateway.live.positions import LastPositions
from gateway.live.subscription import Subscription

__all__ = ["LastPositions", "Live", "LiveKind", "LiveMessage", "Subscription", "open_live"]
