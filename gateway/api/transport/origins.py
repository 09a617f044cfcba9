"""Which web pages may use a credential, and the CORS headers that say so.

There are no cookies: a page can only send what it holds. A preflight cannot know the key, so it is answered
to everybody, without credentials; the real request is held against the origins of its key.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from gateway.api.ports.session import RequestInfo
from gateway.auth.caller import Caller

PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept, Accept-Language",
    "Access-Control-Max-Age": "7200",
}
EXPOSED = "Retry-After, RateLimit-Limit, RateLimit-Remaining"


def is_welcome(caller: Caller, request: RequestInfo) -> bool:
    """Whether this credential may be used from where the request comes from.

    Publishable keys are bound to their merchant's origins; our own pages come from our own host.
    """
    return caller.allows_origin(request.origin) or is_own(request)


def is_own(request: RequestInfo) -> bool:
    """Whether the page was served by the host that is asked."""
    return request.origin is not None and bool(request.host) and _host(request.origin) == request.host.lower()


def headers_for(request: RequestInfo) -> dict[str, str]:
    """For the answer to a welcome request."""
    if request.origin is None:
        return {}
    return {
        "Access-Control-Allow-Origin": request.origin,
        "Access-Control-Expose-Headers": EXPOSED,
        "Vary": "Origin",
    }


def _host(origin: str) -> str:
    return urlsplit(origin.lower()).netloc
