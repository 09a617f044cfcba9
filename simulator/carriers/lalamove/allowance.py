"""How often each call may be made in a minute, and the headers that say so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from simulator.carriers.lalamove.problems import Problem

PRODUCTION: Mapping[str, int] = {
    "PostQuotations": 100,
    "GetQuotation": 300,
    "PostOrders": 100,
    "GetOrder": 300,
    "GetDriver": 300,
    "DeleteDriver": 100,
    "DeleteOrder": 100,
    "PostPriorityFee": 100,
    "PatchOrder": 100,
    "GetCities": 300,
    "PatchWebhook": 100,
}
"""Calls a minute of the world (API guide v3, 2026; for the last three but one assumed)."""

SANDBOX: Mapping[str, int] = {name: 50 if most == 300 else 30 for name, most in PRODUCTION.items()}

_MINUTE_S = 60


class Allowance:
    """Counts the calls of one account.

    Parameters
    ----------
    orders_a_second
        Most orders in one second; 0 counts none, for worlds whose clock stands still.
    """

    def __init__(self, most: Mapping[str, int], orders_a_second: int) -> None:
        self._most = most
        self._orders_a_second = orders_a_second
        self._minutes: dict[str, tuple[int, int]] = {}
        self._second = (0, 0)

    def take(self, name: str, now: datetime) -> None:
        """Count a call.

        Raises
        ------
        Problem
            If it is one too many.
        """
        minute = int(now.timestamp()) // _MINUTE_S
        used = self._used(name, minute)
        if used >= self._most[name] or not self._is_slow_enough(name, int(now.timestamp())):
            raise Problem("ERR_RATE_LIMIT_EXCEEDED")
        self._minutes[name] = (minute, used + 1)

    def headers(self, name: str, now: datetime) -> dict[str, str]:
        """What every answer tells; the reset is in Unix seconds."""
        minute = int(now.timestamp()) // _MINUTE_S
        most = self._most[name]
        return {
            f"RateLimit-Limit-{name}": str(most),
            f"RateLimit-Remaining-{name}": str(max(0, most - self._used(name, minute))),
            f"RateLimit-Reset-{name}": str((minute + 1) * _MINUTE_S),
        }

    def _used(self, name: str, minute: int) -> int:
        counted_in, used = self._minutes.get(name, (minute, 0))
        return used if counted_in == minute else 0

    def _is_slow_enough(self, name: str, second: int) -> bool:
        if name != "PostOrders" or not self._orders_a_second:
            return True
        counted_in, used = self._second
        used = used if counted_in == second else 0
        if used >= self._orders_a_second:
            return False
        self._second = (second, used + 1)
        return True
