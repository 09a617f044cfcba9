"""Ways in which a shop's API goes wrong: on order, by chance, or for a while."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response


class Fault(StrEnum):
    """What happens to a request instead of an answer, or to its answer."""

    NONE = "none"
    """Nothing: lets one request pass before the next fault."""
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502"
    UNAVAILABLE = "503"
    TOO_MANY_REQUESTS = "429"
    THROTTLED = "throttled"
    INTERNAL_ERROR = "internal_server_error"
    """INTERNAL_SERVER_ERROR inside HTTP 200; nothing is carried out."""
    LOST_ANSWER = "lost_answer"
    """The request is carried out, and nobody ever answers."""
    CUT_AFTER = "cut_after"
    """The request is carried out, and the connection is cut instead of an answer."""
    CUT_BEFORE = "cut_before"
    """The connection is cut, and nothing is carried out."""
    NO_ANSWER = "no_answer"
    """Nothing is carried out, and nobody ever answers."""
    HALF_BODY = "half_body"
    """The request is carried out, and half of the answer arrives."""
    PARTIAL_DATA = "partial_data"
    """Personal fields are null for once, each with ACCESS_DENIED."""
    HTML = "html"
    REDIRECT = "redirect"
    EMPTY_OBJECT = "empty_object"
    """HTTP 200 with neither data nor errors."""


class FaultPlan:
    """The faults that the next requests will meet: first those on order, then by chance, seeded.

    Attributes
    ----------
    chances
        Probability of each fault for any request; they sum up to one at most.
    chances_of_writes
        The same for mutations alone, in place of `chances`.
    met
        How many requests met each.
    outage_until, outage_refuses
        The shop is gone until that instant: it cuts every connection, or answers 503.
    """

    def __init__(self, rng: random.Random) -> None:
        self.chances: Mapping[Fault, float] = {}
        self.chances_of_writes: Mapping[Fault, float] = {}
        self.met: Counter[Fault] = Counter()
        self.outage_until: datetime | None = None
        self.outage_refuses = True
        self._rng = rng
        self._waiting: deque[Fault] = deque()

    def fail_next(self, kind: Fault | str, count: int = 1) -> None:
        """Let the next `count` requests fail in this way."""
        self._waiting.extend([Fault(kind)] * count)

    def take(self, now: datetime, *, is_write: bool) -> Fault:
        """What happens to the request that came now."""
        fault = self._next(now, is_write)
        if fault is not Fault.NONE:
            self.met[fault] += 1
        return fault

    def _next(self, now: datetime, is_write: bool) -> Fault:
        if self.outage_until is not None and now < self.outage_until:
            return Fault.CUT_BEFORE if self.outage_refuses else Fault.UNAVAILABLE
        if self._waiting:
            return self._waiting.popleft()
        chances = self.chances_of_writes if is_write and self.chances_of_writes else self.chances
        if not chances:
            return Fault.NONE
        drawn = self._rng.random()
        for fault, chance in chances.items():
            drawn -= chance
            if drawn < 0:
                return fault
        return Fault.NONE


def response_of(fault: Fault) -> Response | None:
    """What is answered; None for faults that need the request's own answer, or none."""
    make = _RESPONSES.get(fault)
    return make() if make else None


_INTERNAL = {
    "message": "Internal error. Looks like something went wrong on our end.\nRequest ID: 0",
    "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "0"},
}
_RESPONSES: dict[Fault, Callable[[], Response]] = {
    Fault.SERVER_ERROR: lambda: JSONResponse({"errors": "Internal Server Error"}, 500),
    Fault.BAD_GATEWAY: lambda: HTMLResponse("<html><body>Bad gateway</body></html>", 502),
    Fault.UNAVAILABLE: lambda: HTMLResponse("<html><body>Service unavailable</body></html>", 503),
    Fault.TOO_MANY_REQUESTS: lambda: JSONResponse({"errors": "Too many"}, 429, {"Retry-After": "2.0"}),
    Fault.INTERNAL_ERROR: lambda: JSONResponse({"errors": [_INTERNAL]}),
    Fault.HTML: lambda: HTMLResponse("<html><body>Please sign in to this network</body></html>"),
    Fault.REDIRECT: lambda: RedirectResponse("/elsewhere", 302),
    Fault.EMPTY_OBJECT: lambda: JSONResponse({}),
}

SHOP_STATES = {
    "frozen": (402, "Unavailable Shop"),
    "forbidden": (403, "Forbidden"),
    "unknown": (404, "Not Found"),
    "locked": (423, "Locked"),
}
"""Statuses of a shop that is not served, by our word for it."""
