"""Where files of threads are put and looked at, each by a link that was signed for that file and purpose."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from doorstep.errors import InvalidInput, NotFound, TokenRejected
from gateway.app.database_away import or_come_again
from gateway.auth.file_links import FilePurpose
from gateway.bootstrap.house import House
from gateway.flow.messaging.files.upload import LARGEST, take_bytes
from webhooks.inbound.receiver import read_bounded

_NEVER_A_PAGE = {
    # Whatever somebody sent runs nowhere: browsers show it as a picture, or not at all.
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
}

_FROM_ANYWHERE = {
    # Shops show the shopper's panel on pages of their own; who may put says the link, and no cookie.
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "PUT",
    "Access-Control-Allow-Headers": "Content-Type",
}


def file_routes(house: House) -> list[Route]:
    """`PUT /uploads/<link>` and `GET /files/<link>`."""

    async def put(request: Request) -> Response:
        try:
            grant = house.file_links.read(FilePurpose.PUT, request.path_params["token"])
        except TokenRejected as rejection:
            return _no(401, rejection.message)
        body = await read_bounded(request.stream(), LARGEST)
        if body is None:
            return _no(413, f"At most {LARGEST} bytes are taken.")
        try:
            await take_bytes(house.means, grant.merchant_id, grant.upload_id, body)
        except NotFound:
            return _no(404, "Nobody announced this file, or it was let go.")
        except InvalidInput as refusal:
            return _no(422, refusal.message)
        return Response(status_code=204, headers={**_NEVER_A_PAGE, **_FROM_ANYWHERE})

    async def look(request: Request) -> Response:
        try:
            grant = house.file_links.read(FilePurpose.LOOK, request.path_params["token"])
        except TokenRejected as rejection:
            return _no(401, rejection.message)
        async with house.means.begin(grant.merchant_id) as work:
            upload = await work.uploads.get(grant.upload_id)
        if upload is None or upload.body is None:
            return _no(404, "There is no such file, or no longer.")
        ending = upload.content_type.removeprefix("image/")
        headers = {**_NEVER_A_PAGE, "Content-Disposition": f'inline; filename="photo.{ending}"'}
        return Response(upload.body, 200, headers, upload.content_type)

    async def may_put(_request: Request) -> Response:
        return Response(status_code=204, headers=_FROM_ANYWHERE)

    return [
        Route("/uploads/{token}", or_come_again(put), methods=["PUT"]),
        Route("/uploads/{token}", may_put, methods=["OPTIONS"]),
        Route("/files/{token}", or_come_again(look), methods=["GET"]),
    ]


def _no(status: int, text: str) -> Response:
    return JSONResponse({"error": text}, status, {**_NEVER_A_PAGE, **_FROM_ANYWHERE})
