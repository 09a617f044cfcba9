"""Where documents are read: by a link that was signed for one of them, or with a secret key."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from doorstep.errors import TokenRejected
from doorstep.ids import prefix_of
from gateway.api.ports.session import CredentialRejected
from gateway.app.database_away import or_come_again
from gateway.app.secret_keys import merchant_with_key
from gateway.auth.document_links import DocumentGrant
from gateway.bootstrap.house import House
from gateway.flow.documents.document import Document

_NEVER_A_PAGE = {
    # Whatever a carrier sent us runs nowhere: it is saved, never shown as a page of this host.
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
}


def document_routes(house: House) -> list[Route]:
    """`/documents/<signed link>`, and `/documents/<id>` with `Authorization: Bearer sk_…`."""

    async def show(request: Request) -> Response:
        name = request.path_params["name"]
        try:
            if prefix_of(name) == "doc":
                grant = await _granted_to_key(house, request, name)
            else:
                grant = house.document_links.read(name)
        except (CredentialRejected, TokenRejected) as rejection:
            headers = {**_NEVER_A_PAGE, "WWW-Authenticate": 'Bearer realm="doorstep"'}
            return JSONResponse({"error": str(rejection)}, 401, headers)
        async with house.means.begin(grant.merchant_id) as work:
            document = await work.documents.get(grant.document_id)
        if document is None:
            return JSONResponse({"error": "There is no such document, or no longer."}, 404, _NEVER_A_PAGE)
        return _file(document)

    return [Route("/documents/{name}", or_come_again(show), methods=["GET"])]


async def _granted_to_key(house: House, request: Request, document_id: str) -> DocumentGrant:
    refusal = "Send a secret key as `Authorization: Bearer …`, or ask for a signed link."
    merchant_id = await merchant_with_key(house, request, refusal=refusal)
    return DocumentGrant(merchant_id, document_id)


def _file(document: Document) -> Response:
    name = f"{document.card.kind.lower()}-{document.card.leg_id}.{document.ending}"
    headers = {**_NEVER_A_PAGE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(document.body, 200, headers, document.card.content_type)
