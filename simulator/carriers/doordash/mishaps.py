"""A mishap that only DoorDash needs: a booking comes by either of two ways."""

from __future__ import annotations

from simulator.carriers.mishaps import Mishaps

_LOST_S = 60.0
_BOOKING_ENDS = ("/accept", "/deliveries")


class BookingMishaps(Mishaps):
    """Loses the answer to the next booking, whichever way it comes."""

    def __init__(self) -> None:
        super().__init__()
        self._bookings_to_lose = 0

    def lose_next_booking(self) -> None:
        """Do the next booking and keep its answer back for a minute; `slow(0)` lets it go earlier."""
        self._bookings_to_lose += 1

    def take_delay(self, method: str, path: str) -> float:
        """Machine seconds that this call's answer is kept back."""
        if self._bookings_to_lose and method == "POST" and path.endswith(_BOOKING_ENDS):
            self._bookings_to_lose -= 1
            return _LOST_S
        return super().take_delay(method, path)
