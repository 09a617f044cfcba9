"""Ways in which a shop's API goes wrong, on order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import StrEnum

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response


class Fault(StrEnum):
    """What happens to a request instead of an answer."""

    NONE = "none"
    """Nothing: lets one request pass before the next fault."""
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502"
    TOO_MANY_REQUESTS = "429"
    THROTTLED = "throttled"
    INTERNAL_ERROR = "internal_server_error"
    """INTERNAL_SERVER_ERROR inside HTTP 200."""
    LOST_ANSWER = "lost_answer"
    """The request is carried out, and nobody ever answers."""
    HTML = "html"
    REDIRECT = "redirect"
    EMPTY_OBJECT = "empty_object"
    """HTTP 200 with neither data nor errors."""


class FaultPlan:
    """The faults that the next requests will meet, in order."""

    def __init__(self) -> None:
        self._waiting: deque[Fault] = deque()

    def fail_next(self, kind: Fault | str, count: int = 1) -> None:
        """Let the next `count` requests fail in this way."""
        self._waiting.extend([Fault(kind)] * count)

    def take(self) -> Fault | None:
        """What happens to the request that came now."""
        return self._waiting.popleft() if self._waiting else None


def response_of(fault: Fault) -> Response | None:
    """What is answered; None for faults that need the request's own answer."""
    make = _RESPONSES.get(fault)
    return make() if make else None


_INTERNAL = {
    "message": "Internal error. Looks like something went wrong on our end.\nRequest ID: 0",
    "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "0"},
}
_RESPONSES: dict[Fault, Callable[[], Response]] = {
    Fault.SERVER_ERROR: lambda: JSONResponse({"errors": "Internal Server Error"}, 500),
    Fault.BAD_GATEWAY: lambda: HTMLResponse("<html><body>Bad gateway</body></html>", 502),
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
