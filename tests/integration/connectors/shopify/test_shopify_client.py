"""The guard around the SDK: whose token goes where, what it prints, and when a call ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import shopify
import trustme
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import ADDRESS_SAMPLE, WEBHOOK_CREATE, Document
from connectors.stores.shopify.link import Patience
from doorstep.errors import RemoteUnavailable, UnknownOutcome
from tests.integration.connectors.shopify.conftest import Serve

QUESTION = Document("question", "query Question($n: Int) { n }")
ONCE = Patience(call_s=5.0, tries=1)
Client = Callable[..., ShopifyClient]


class Listener:
    """Answers everything and counts who asked."""

    def __init__(self) -> None:
        self.heard: Counter[str] = Counter()
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["POST", "GET"])])

    async def _answer(self, request: Request) -> JSONResponse:
        variables = json.loads(await request.body() or b"{}").get("variables", {})
        self.heard[request.headers.get("x-shopify-access-token", "nobody")] += 1
        return JSONResponse({"data": variables})


async def test_two_shops_tokens_never_cross_in_many_threads_of_one_loop(serve: Serve, client: Client) -> None:
    one, two = Listener(), Listener()
    clients = [
        client(await serve(one.app), token="token-one", domain="one.myshopify.com"),
        client(await serve(two.app), token="token-two", domain="two.myshopify.com"),
    ]
    # Somebody else in this process uses the SDK the way its README shows it.
    stranger = shopify.Session("stranger.myshopify.com", "2026-10", "token-stranger")
    shopify.ShopifyResource.activate_session(stranger)
    try:
        answers = await asyncio.gather(*(clients[n % 2].send(QUESTION, {"n": n}) for n in range(300)))
        assert shopify.ShopifyResource.get_headers()["X-Shopify-Access-Token"] == "token-stranger"
    finally:
        shopify.ShopifyResource.clear_session()
    assert [answer.data["n"] for answer in answers] == list(range(300))
    assert one.heard == {"token-one": 150}
    assert two.heard == {"token-two": 150}


async def test_tokens_do_not_cross_where_calls_fail_in_between(serve: Serve, client: Client) -> None:
    one, two = Listener(), Listener()
    good = client(await serve(one.app), token="token-one")
    gone = client("http://127.0.0.1:1", token="token-gone", patience=ONCE)
    also = client(await serve(two.app), token="token-two")
    calls = [each.send(QUESTION, {"n": n}) for n in range(40) for each in (good, gone, also)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(result, RemoteUnavailable) for result in results) == 40
    assert one.heard == {"token-one": 40}
    assert two.heard == {"token-two": 40}


async def test_no_session_is_left_behind_for_others_to_use_by_mistake(serve: Serve, client: Client) -> None:
    await client(await serve(Listener().app)).send(QUESTION, {"n": 1})
    # A thread without a session takes the class's, which is the last that anybody began.
    with ThreadPoolExecutor(1) as fresh:
        site = await asyncio.get_running_loop().run_in_executor(fresh, shopify.ShopifyResource.get_site)
    assert site is None


async def test_the_body_of_an_error_is_neither_printed_nor_quoted(
    serve: Serve, client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    async def fail(_: Request) -> PlainTextResponse:
        return PlainTextResponse("ana@example.test lives at 350 5th Ave", 500)

    url = await serve(Starlette(routes=[Route("/{path:path}", fail, methods=["POST"])]))
    with pytest.raises(RemoteUnavailable) as failure:
        await client(url, token="token-secret", patience=ONCE).send(ADDRESS_SAMPLE, {})
    shown = "".join(capfd.readouterr()) + repr(failure.value) + repr(vars(failure.value))
    assert "ana@" not in shown
    assert "token-secret" not in shown


async def test_a_redirect_takes_the_token_nowhere(serve: Serve, client: Client) -> None:
    elsewhere = Listener()
    target = await serve(elsewhere.app)

    async def redirect(_: Request) -> PlainTextResponse:
        return PlainTextResponse("", 307, {"Location": f"{target}/admin"})

    url = await serve(Starlette(routes=[Route("/{path:path}", redirect, methods=["POST"])]))
    with pytest.raises(Exception, match="redirect"):
        await client(url).send(QUESTION, {})
    assert not elsewhere.heard


class Dripper:
    """Sends one byte after the other and never ends; knows when its client has gone."""

    def __init__(self) -> None:
        self.left = asyncio.Event()
        self.asked = asyncio.Event()
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["POST"])])

    async def _answer(self, _: Request) -> StreamingResponse:
        self.asked.set()
        return StreamingResponse(self._drops(), media_type="application/json")

    async def _drops(self) -> AsyncIterator[bytes]:
        try:
            while True:
                yield b" "
                await asyncio.sleep(0.02)
        finally:
            self.left.set()


async def test_a_body_that_never_ends_is_cut_off_when_the_time_is_over(serve: Serve, client: Client) -> None:
    dripper = Dripper()
    asking = client(await serve(dripper.app), patience=Patience(call_s=0.2, tries=1))
    with pytest.raises(RemoteUnavailable) as failure:
        await asking.send(QUESTION, {})
    assert failure.value.raw_code == "timeout"
    await dripper.left.wait()


async def test_a_call_that_is_cancelled_ends_its_connection(serve: Serve, client: Client) -> None:
    dripper = Dripper()
    call = asyncio.create_task(client(await serve(dripper.app)).send(QUESTION, {}))
    await dripper.asked.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await dripper.left.wait()


@contextlib.asynccontextmanager
async def raw_server(pieces: list[bytes], *, pause_s: float = 0.0, holds: bool = False) -> AsyncIterator[str]:
    """Answers every connection with these bytes, whatever was asked."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause_s)
            if holds:
                await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_headers_that_never_end_are_cut_off_too(client: Client) -> None:
    pieces = [b"HTTP/1.1 200 OK\r\n", *[b"x"] * 1000]
    async with raw_server(pieces, pause_s=0.02) as url:
        with pytest.raises(RemoteUnavailable) as failure:
            await client(url, patience=Patience(call_s=0.2, tries=1)).send(QUESTION, {})
    assert failure.value.raw_code == "timeout"


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [b"HTTP/1.1 200 OK\r\nContent-Le"],
        [b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"data": {}}'],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"],
        [b"SSH-2.0-OpenSSH_9\r\n"],
    ],
)
async def test_a_connection_that_breaks_is_never_taken_for_an_answer(
    client: Client, pieces: list[bytes]
) -> None:
    async with raw_server(pieces) as url:
        with pytest.raises(RemoteUnavailable) as failure:
            await client(url, patience=ONCE).send(QUESTION, {})
    assert failure.value.raw_code in {"connection_lost", "no_data"}


async def test_a_write_whose_answer_is_lost_is_an_unknown_outcome_and_is_not_repeated(client: Client) -> None:
    async with raw_server([]) as url:
        with pytest.raises(UnknownOutcome):
            await client(url).send(WEBHOOK_CREATE, {})


async def test_a_write_that_was_never_sent_is_tried_again(client: Client, pauses: list[float]) -> None:
    with pytest.raises(RemoteUnavailable) as failure:
        await client("http://127.0.0.1:1").send(WEBHOOK_CREATE, {})
    assert failure.value.raw_code == "unreachable"
    assert len(pauses) == 4


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, str]:
    """Files of a private authority, and of a certificate it made for this machine with its key."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    folder = tmp_path_factory.mktemp("authority")
    names: tuple[Path, Path, Path] = (folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    authority.cert_pem.write_to_path(str(names[0]))
    certificate.cert_chain_pems[0].write_to_path(str(names[1]))
    certificate.private_key_pem.write_to_path(str(names[2]))
    return str(names[0]), str(names[1]), str(names[2])


async def test_a_certificate_of_a_private_authority_is_trusted_when_it_is_named(
    serve: Serve, client: Client, authority: tuple[str, str, str]
) -> None:
    ca_file, certificate, key = authority
    listener = Listener()
    url = await serve(listener.app, certificate=certificate, key=key)
    answer = await client(url, ca_file=ca_file).send(QUESTION, {"n": 1})
    assert answer.data == {"n": 1}


async def test_a_certificate_that_nobody_vouches_for_ends_the_call_before_the_token_is_sent(
    serve: Serve, client: Client, authority: tuple[str, str, str], pauses: list[float]
) -> None:
    _, certificate, key = authority
    listener = Listener()
    url = await serve(listener.app, certificate=certificate, key=key)
    with pytest.raises(RemoteUnavailable) as failure:
        await client(url).send(QUESTION, {})
    assert failure.value.raw_code == "certificate"
    assert not listener.heard
    assert pauses == [], "it does not heal within seconds"


async def test_a_secure_body_that_never_ends_is_cut_off_as_well(
    serve: Serve, client: Client, authority: tuple[str, str, str]
) -> None:
    ca_file, certificate, key = authority
    dripper = Dripper()
    url = await serve(dripper.app, certificate=certificate, key=key)
    with pytest.raises(RemoteUnavailable) as failure:
        await client(url, ca_file=ca_file, patience=Patience(call_s=0.5, tries=1)).send(QUESTION, {})
    assert failure.value.raw_code == "timeout"
    await dripper.left.wait()


async def test_a_file_of_certificates_that_is_not_there_is_named_as_the_trouble(client: Client) -> None:
    with pytest.raises(RemoteUnavailable) as failure:
        await client("https://127.0.0.1:1", ca_file="/nowhere/ca.pem").send(QUESTION, {})
    assert failure.value.raw_code == "ca_file"
