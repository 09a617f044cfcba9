"""Bad days of a store: what comes back instead of an answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from starlette.responses import Response

from simulator.stores.woocommerce.cuts import CutOff, Silence

_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


class Trouble(StrEnum):
    """Kinds of bad answers, measured on real stores and hosts."""

    HTML_200 = "html-200"
    PHP_WARNING = "php-warning"
    HTML_500 = "html-500"
    HTML_503 = "html-503"
    MAINTENANCE = "maintenance"
    DATABASE_DOWN = "database-down"
    HTML_429 = "html-429"
    JSON_429 = "json-429"
    HTML_403 = "html-403"
    HTML_404 = "html-404"
    HTML_401 = "html-401"
    EMPTY_200 = "empty-200"
    CUT_OFF = "cut-off"
    ERROR_200 = "error-200"
    REDIRECT = "redirect"
    LOST_REPLY = "lost-reply"
    """The call is done, and the connection cut before a byte of the answer."""
    HALF_BODY = "half-body"
    """The call is done, and the connection cut in the middle of the answer."""
    SILENCE = "silence"
    """The call is done, and nobody ever answers."""


UNDONE = frozenset(
    {
        Trouble.HTML_200,
        Trouble.HTML_503,
        Trouble.MAINTENANCE,
        Trouble.DATABASE_DOWN,
        Trouble.HTML_429,
        Trouble.JSON_429,
        Trouble.HTML_403,
        Trouble.HTML_404,
        Trouble.HTML_401,
        Trouble.REDIRECT,
    }
)
"""What comes from before the shop: the call is not done. After all others it is, whatever comes back."""


@dataclass(slots=True)
class Planned:
    """A trouble for the next `count` calls whose endpoint begins with `where`; "" is every method."""

    kind: Trouble
    count: int
    where: str = ""
    method: str = ""

    def concerns(self, method: str, endpoint: str) -> bool:
        """Whether a call is to be spoiled."""
        return self.count > 0 and endpoint.startswith(self.where) and self.method in {"", method}


_HTML = {
    Trouble.HTML_200: (200, "Back soon: maintenance"),
    Trouble.HTML_500: (500, "There has been a critical error on this website."),
    Trouble.HTML_503: (503, "Briefly unavailable for scheduled maintenance."),
    Trouble.HTML_429: (429, "Too Many Requests"),
    Trouble.HTML_403: (403, "Request blocked by the firewall"),
    Trouble.HTML_404: (404, "Not Found"),
    Trouble.HTML_401: (401, "Authorization Required"),
}
_PHP_NOISE = (
    b"<br />\n<b>Warning</b>:  Undefined variable $x in <b>/var/www/plugin.php</b> on line <b>7</b><br />\n"
)
# WordPress says in JSON that it is unwell to whoever asks for JSON (wp_die; measured on 6.5 and 6.9).
_DYING = {
    Trouble.MAINTENANCE: (503, "Briefly unavailable for scheduled maintenance. Check back in a minute."),
    Trouble.DATABASE_DOWN: (500, "<h1>Error establishing a database connection</h1>"),
}
_ELSEWHERE = "https://www.shop.example/wp-json/wc/v3/orders?key=1"
_ERROR_OBJECT = b'{"code":"internal_server_error","message":"oops","data":{"status":500}}'


def spoiled(kind: Trouble, good: Response) -> Response:
    """The answer that comes instead of a good one."""
    if kind in _HTML:
        status, title = _HTML[kind]
        return Response(_PAGE.format(title), status, media_type="text/html")
    if kind in _DYING:
        return _dying(kind)
    body = bytes(good.body)
    made: dict[Trouble, Callable[[], Response]] = {
        Trouble.LOST_REPLY: lambda: CutOff(good, sends_half=False),
        Trouble.HALF_BODY: lambda: CutOff(good, sends_half=True),
        Trouble.SILENCE: Silence,
        Trouble.REDIRECT: lambda: Response(b"", 301, {"Location": _ELSEWHERE}),
        Trouble.JSON_429: lambda: Response(_ERROR_OBJECT, 429, {"Retry-After": "3"}, "application/json"),
        Trouble.PHP_WARNING: lambda: Response(_PHP_NOISE + body, media_type="application/json"),
        Trouble.EMPTY_200: lambda: Response(b"", media_type="application/json"),
        Trouble.CUT_OFF: lambda: Response(body[: len(body) // 2], media_type="application/json"),
        Trouble.ERROR_200: lambda: Response(_ERROR_OBJECT, media_type="application/json"),
    }
    return made[kind]()


def _dying(kind: Trouble) -> Response:
    status, message = _DYING[kind]
    dying = {"code": "wp_die", "message": message, "data": {"status": status}, "additional_errors": []}
    headers = {"Retry-After": "600"} if kind is Trouble.MAINTENANCE else {}
    return Response(json.dumps(dying), status, headers, "application/json")
