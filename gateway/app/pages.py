"""The plain pages that ship with the gateway, and the scripts that storefronts include."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).parent / "static"


def page_routes() -> list[BaseRoute]:
    """`/track/<token>` for shoppers; `/desk`, `/operator`, `/arrivals` for dispatchers; `/drive` for drivers;
    `/static`."""

    async def track(_request: Request) -> Response:
        # The token stays in the address: the page reads it there, and no log of ours has it.
        return _page("track.html")

    async def operator(_request: Request) -> Response:
        return _page("operator.html")

    async def desk(_request: Request) -> Response:
        return _page("desk.html")

    async def arrivals(_request: Request) -> Response:
        return _page("arrivals.html")

    async def drive(_request: Request) -> Response:
        return _page("drive.html")

    async def drive_worker(_request: Request) -> Response:
        # At the top: a worker may only serve pages at or below its own address.
        return _page("drive/worker.js")

    return [
        Route("/track/{token}", track),
        Route("/drive", drive),
        Route("/drive-worker.js", drive_worker),
        Route("/operator", operator),
        Route("/desk", desk),
        Route("/arrivals", arrivals),
        Mount("/static", _ForEverybody(directory=STATIC, check_dir=False)),
    ]


class _ForEverybody(StaticFiles):
    """Files that pages of any shop load: a browser takes a module of another host only with this header.

    It is there whoever asks, so that no cache on the way keeps an answer without it.
    """

    def file_response(self, *args: Any, **named: Any) -> Response:
        response = super().file_response(*args, **named)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response


def _page(name: str) -> Response:
    return FileResponse(
        STATIC / name, headers={"Referrer-Policy": "no-referrer", "Cache-Control": "no-cache"}
    )
