"""Plans and tours as files, for whoever holds a secret key of their merchant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from doorstep.errors import InvalidInput, NotFound, TokenRejected
from doorstep.ids import prefix_of
from gateway.api.ports.session import CredentialRejected
from gateway.app import png
from gateway.app.database_away import or_come_again
from gateway.app.secret_keys import merchant_with_key
from gateway.bootstrap.house import House
from gateway.bootstrap.plan_sheets import sheet_of
from gateway.flow.showing import gpx, spreadsheet, svg
from gateway.flow.showing.picture import picture_of
from gateway.flow.showing.sheet import PlanSheet

_PRIVATE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of file: how it is written, with names or without."""

    write: Callable[[PlanSheet, bool], bytes]
    content_type: str


_KINDS: Mapping[str, _Kind] = {
    "gpx": _Kind(lambda sheet, names: gpx.gpx_of(sheet, with_names=names), gpx.CONTENT_TYPE),
    "csv": _Kind(lambda sheet, names: spreadsheet.csv_of(sheet, with_names=names), spreadsheet.CONTENT_TYPE),
    "svg": _Kind(lambda sheet, _: svg.svg_of(picture_of(sheet)), svg.CONTENT_TYPE),
    "png": _Kind(lambda sheet, _: png.png_of(picture_of(sheet)), png.CONTENT_TYPE),
}


def route_file_routes(house: House) -> list[Route]:
    """`/routes/<plan or tour>.gpx`, `.csv`, `.svg` and `.png` with `Authorization: Bearer sk_…`.

    Recipients are told where `?names=1` asks for them.
    """

    async def show(request: Request) -> Response:
        id_, _, ending = request.path_params["name"].rpartition(".")
        try:
            merchant_id = await merchant_with_key(
                house, request, refusal="Send a secret key as `Authorization: Bearer …`."
            )
        except (CredentialRejected, TokenRejected) as rejection:
            headers = {**_PRIVATE, "WWW-Authenticate": 'Bearer realm="doorstep"'}
            return JSONResponse({"error": str(rejection)}, 401, headers)
        kind = _KINDS.get(ending)
        if kind is None or prefix_of(id_) not in {"pla", "rte"}:
            known = ", ".join(f".{name}" for name in _KINDS)
            return JSONResponse({"error": f"Ask for a plan or a route with {known}."}, 404, _PRIVATE)
        try:
            sheet = await sheet_of(house.database, merchant_id, id_)
        except NotFound:
            return JSONResponse({"error": "There is no such plan or route."}, 404, _PRIVATE)
        names = request.query_params.get("names") == "1"
        # A thousand stops take a quarter of a second to draw: not on the event loop.
        try:
            body = await asyncio.to_thread(kind.write, sheet, names)
        except InvalidInput as refusal:
            return JSONResponse({"error": refusal.message}, 501, _PRIVATE)
        headers = {**_PRIVATE, "Content-Disposition": f'attachment; filename="{id_}.{ending}"'}
        return Response(body, 200, headers, kind.content_type)

    return [Route("/routes/{name}", or_come_again(show), methods=["GET"])]
