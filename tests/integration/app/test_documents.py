"""Documents are fetched with care, kept by the gateway, and shown to nobody but their merchant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from doorstep.errors import RemoteError, RemoteRefused, RemoteUnavailable
from doorstep.ids import new_id
from gateway.bootstrap.files import GuardedFiles
from gateway.flow.documents.document import Document, DocumentCard, DocumentKind
from gateway.flow.documents.let_go import let_go_of_old
from simulator.carriers.serving import serve
from tests.integration.app.premises import Premises

PDF = b"%PDF-1.4 77 Canary Street"


async def test_a_document_opens_with_its_link_or_a_key_of_its_merchant(premises: Premises) -> None:
    mine, other = await premises.tenant(), await premises.tenant()
    house = premises.house
    card = DocumentCard(
        id=new_id("doc"),
        merchant_id=mine.merchant_id,
        delivery_id=new_id("del"),
        leg_id=new_id("leg"),
        kind=DocumentKind.LABEL,
        content_type="application/pdf",
        size=len(PDF),
        created_at=house.clock.now(),
    )
    async with house.means.begin(mine.merchant_id) as work:
        assert await work.documents.put(Document(card, PDF))
        assert not await work.documents.put(Document(card, b"%PDF-1.4 another"))
    link = house.document_links.issue(mine.merchant_id, card.id)

    async def ask(name: str, key: str = "") -> tuple[int, bytes, str]:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with premises.session.get(f"{premises.url}/documents/{name}", headers=headers) as response:
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Cache-Control"] == "private, no-store"
            disposition = response.headers.get("Content-Disposition", "")
            return response.status, await response.read(), disposition

    shown = (200, PDF, f'attachment; filename="label-{card.leg_id}.pdf"')
    assert await ask(link) == shown
    assert await ask(card.id, mine.secret_key) == shown
    for name, key, status in [
        (card.id, "", 401),
        (card.id, mine.publishable_key, 401),
        (card.id, other.secret_key, 404),
        (house.document_links.issue(other.merchant_id, card.id), "", 404),
        (link[:-1], "", 401),
    ]:
        assert (await ask(name, key))[0] == status
    # A month later nobody prints it any more.
    async with house.means.begin(mine.merchant_id) as work:
        assert await work.documents.let_go(card.created_at) == []
        assert await work.documents.let_go(card.created_at + timedelta(seconds=1)) == [card.id]
    assert await let_go_of_old(house.means, mine.merchant_id) == 0
    assert (await ask(link))[0] == 404


@pytest.fixture
async def shelf() -> AsyncIterator[str]:
    """A carrier's file server."""

    async def endless(_: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            while True:
                await asyncio.sleep(0)
                yield b"%PDF-" * 1000

        return StreamingResponse(pieces())

    over = asyncio.Event()

    async def hang(_: Request) -> Response:
        await over.wait()
        return Response()

    async def show(request: Request) -> Response:
        # Nothing of ours is sent along.
        assert not {"authorization", "cookie", "referer"} & set(request.headers)
        return Response(PDF, media_type="text/html")

    async def fail(request: Request) -> Response:
        return Response(status_code=int(request.path_params["status"]))

    async def elsewhere(_: Request) -> Response:
        return RedirectResponse("/label.pdf")

    routes = [
        Route("/label.pdf", show),
        Route("/endless", endless),
        Route("/hang", hang),
        Route("/elsewhere", elsewhere),
        Route("/status/{status}", fail),
    ]
    async with serve(Starlette(routes=routes)) as url:
        yield url
        over.set()


async def _resolve(host: str, _port: int) -> Sequence[str]:
    if host == "nowhere.example":
        raise OSError("no such host")
    return {"inside.example": ["127.0.0.1"], "mixed.example": ["93.184.216.34", "10.0.0.7"]}[host]


async def test_a_file_is_read_where_the_carrier_said(shelf: str) -> None:
    port = shelf.rpartition(":")[2]
    files = GuardedFiles(allow_private=True, resolver=_resolve)
    for url in (f"{shelf}/label.pdf", f"http://inside.example:{port}/label.pdf"):
        assert await files.fetch(url, 1000, 5.0) == PDF


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/endless", RemoteRefused),
        ("/elsewhere", RemoteRefused),
        ("/status/403", RemoteRefused),
        ("/status/410", RemoteRefused),
        ("/status/404", RemoteUnavailable),
        ("/status/503", RemoteUnavailable),
        ("/hang", RemoteUnavailable),
    ],
)
async def test_what_cannot_be_read_is_tried_again_only_where_that_may_help(
    shelf: str, path: str, error: type[RemoteError]
) -> None:
    with pytest.raises(error):
        await GuardedFiles(allow_private=True).fetch(f"{shelf}{path}", 10_000, 0.2)


@pytest.mark.parametrize(
    "url",
    [
        "https://inside.example/label.pdf",
        "https://mixed.example/label.pdf",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/label.pdf",
        "https://2130706433/label.pdf",
        "http://inside.example/label.pdf",
        "file:///etc/passwd",
        "https://user@inside.example/label.pdf",
        "data:,x",
    ],
)
async def test_no_carrier_leads_us_into_our_own_network(url: str) -> None:
    with pytest.raises(RemoteRefused) as refused:
        await GuardedFiles(allow_private=False, resolver=_resolve).fetch(url, 1000, 1.0)
    assert refused.value.raw_code == "bad_address"
    assert "169.254" not in refused.value.message


async def test_a_host_that_is_away_for_a_while_is_asked_again() -> None:
    with pytest.raises(RemoteUnavailable):
        await GuardedFiles(allow_private=False, resolver=_resolve).fetch("https://nowhere.example/1", 10, 1.0)
