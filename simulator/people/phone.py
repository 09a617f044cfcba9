"""The tracking app on a driver's phone: fixes in OsmAnd's protocol, kept while there is no network.

Fields and units are those of Traccar's OsmAnd protocol: `timestamp` in unix seconds, `speed` in knots,
`bearing` in degrees, `accuracy` in metres. Traccar Client keeps fixes and sends them in order later.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime
from random import Random

from doorstep.geo import EARTH_RADIUS_M, LatLng

NOISE_M = 8.0
"""Mean error of a fix; errors of neighbouring fixes are independent."""

_KNOT_MPS = 1852 / 3600
_KEPT = 2000
_METRES_PER_DEGREE = math.pi * EARTH_RADIUS_M / 180

SendFix = Callable[[dict[str, str]], Awaitable[int | None]]


class Phone:
    """Takes fixes and hands them in one after the other, oldest first.

    Parameters
    ----------
    send
        Gives the HTTP status, None where nobody answered.
    """

    def __init__(self, device_id: str, random: Random, send: SendFix) -> None:
        self.silent_until: datetime | None = None
        self.delivered = 0
        self.refused = 0
        self._device_id = device_id
        self._random = random
        self._send = send
        self._waiting: deque[dict[str, str]] = deque(maxlen=_KEPT)

    @property
    def waiting(self) -> int:
        """Fixes that were taken but not handed in."""
        return len(self._waiting)

    def is_silent(self, now: datetime) -> bool:
        """Whether it has no network."""
        return self.silent_until is not None and now < self.silent_until

    def take(self, at: datetime, location: LatLng, speed_mps: float, bearing_deg: float) -> None:
        """Take a fix with its noise."""
        # The length of a vector of two normal errors has a mean of sigma * sqrt(pi / 2).
        sigma_m = NOISE_M / math.sqrt(math.pi / 2)
        north_m, east_m = self._random.gauss(0, sigma_m), self._random.gauss(0, sigma_m)
        lat = location.lat + north_m / _METRES_PER_DEGREE
        lng = location.lng + east_m / (_METRES_PER_DEGREE * math.cos(math.radians(location.lat)))
        self._waiting.append(
            {
                "id": self._device_id,
                "lat": f"{lat:.6f}",
                "lon": f"{lng:.6f}",
                "timestamp": str(int(at.timestamp())),
                "speed": f"{speed_mps / _KNOT_MPS:.2f}",
                "bearing": f"{bearing_deg:.0f}",
                "accuracy": f"{NOISE_M:.0f}",
            }
        )

    async def hand_in(self, now: datetime) -> None:
        """Send what waits; stop at the first that nobody takes, and try again next time."""
        if self.is_silent(now):
            return
        while self._waiting:
            status = await self._send(self._waiting[0])
            if status is None or status == 429 or status >= 500:
                return
            self._waiting.popleft()
            if status < 300:
                self.delivered += 1
            else:
                self.refused += 1
