"""Where recipients of mails say that they want no more: with a click in their mail program, or on a page."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from doorstep.errors import TokenRejected
from doorstep.notice import NoticeChannel
from gateway.app.database_away import or_come_again
from gateway.auth.stop_links import StopLinks
from gateway.bootstrap.house import House
from gateway.bootstrap.secrets import secret_keys
from gateway.flow.messaging.people.hear import stop_key

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


def stop_mail_routes(house: House) -> list[Route]:
    """`/stop/<signed link>`: GET asks, since programs open links by themselves; POST stops (RFC 8058)."""
    links = StopLinks(secret_keys(house.settings))

    async def answer(request: Request) -> Response:
        try:
            merchant_id, recipient_key = links.read(request.path_params["token"])
        except TokenRejected as rejection:
            return _page(rejection.message, 404)
        if request.method == "GET":
            return _page("Do you want no more e-mails about your deliveries?", 200, asks=True)
        async with house.means.begin(merchant_id) as work:
            await stop_key(work, NoticeChannel.EMAIL, recipient_key, "link in a mail", house.clock.now())
        return _page("You get no more e-mails about your deliveries from this shop.", 200)

    return [Route("/stop/{token}", or_come_again(answer), methods=["GET", "POST"])]


def _page(text: str, status: int, *, asks: bool = False) -> HTMLResponse:
    button = '<form method="post"><button>No more e-mails</button></form>' if asks else ""
    html = f"<!doctype html><meta charset=utf-8><title>E-mails</title><p>{escape(text)}</p>{button}"
    return HTMLResponse(html, status, _HEADERS)
