"""All network code of this connector, and the only importer of the `shopify` SDK (ShopifyAPI 12.7).

The SDK keeps its session in thread-local state with class-wide defaults, follows redirects with the token,
prints error bodies to standard output and knows no time-out. So every call is made wholly inside one worker
thread (activate, execute, clear), through an opener of its own that does none of these things, and an event
loop that cuts the connection when the call's time is over, body included.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import random
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import shopify

from connectors.stores.shopify.answers import SYSTEM, Answer, Reply, read_answer
from connectors.stores.shopify.documents import API_VERSION, Document
from connectors.stores.shopify.link import Link, Patience
from doorstep.errors import RateLimited, RemoteUnavailable, UnknownOutcome

_THREADS = ThreadPoolExecutor(max_workers=16, thread_name_prefix="shopify")
# A page of 250 orders is some 2 MB; an endless body must not fill the memory.
_LARGEST_BODY = 64 * 1024 * 1024
# These do not heal within seconds, so trying again at once is of no use.
_LASTING = frozenset({"certificate", "ca_file"})
_NOT_SENT = frozenset({"unreachable", "certificate", "ca_file"})


class ShopifyClient:
    """Asks one shop, and keeps asking while that is sensible.

    Parameters
    ----------
    sleep, rng
        Handed in by tests.
    """

    def __init__(
        self,
        link: Link,
        *,
        patience: Patience | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: random.Random | None = None,
    ) -> None:
        self.link = link
        self._patience = patience or Patience()
        self._sleep = sleep
        self._rng = rng or random.Random()  # noqa: S311 - jitter needs no secrecy
        self._trust = _Trust(link.ca_file)

    async def send(self, document: Document, variables: Mapping[str, Any]) -> Answer:
        """Send an operation; reads are repeated while Shopify is unwell, and throttling is sat out.

        Raises
        ------
        RateLimited, RemoteUnavailable
            If patience ran out.
        UnknownOutcome
            If the answer to a write was lost.
        AccountProblem, RemoteRefused
            As `read_answer` says.
        """
        waited_s, failures = 0.0, 0
        while True:
            try:
                return await self._try(document, variables)
            except RateLimited as limit:
                pause_s = limit.retry_after_s
                waited_s += pause_s
                if waited_s > self._patience.waiting_s:
                    raise
            except RemoteUnavailable as problem:
                failures += 1
                if failures >= self._patience.tries or problem.raw_code in _LASTING:
                    raise
                pause_s = self._patience.first_pause_s * 2 ** (failures - 1) * self._rng.uniform(0.5, 1.5)
            await self._sleep(pause_s)

    async def _try(self, document: Document, variables: Mapping[str, Any]) -> Answer:
        call = _Call(self.link, self._trust, document, variables, self._patience.call_s)
        loop = asyncio.get_running_loop()
        alarm = loop.call_later(self._patience.call_s, call.abort)
        try:
            return read_answer(await loop.run_in_executor(_THREADS, call.run))
        except RateLimited:
            raise
        except RemoteUnavailable as problem:
            if document.is_write and problem.raw_code not in _NOT_SENT:
                text = "Shopify's answer was lost; what we asked may have been done"
                raise UnknownOutcome(text, system=SYSTEM, raw_code=problem.raw_code) from None
            raise
        finally:
            # Also where this task is cancelled: the thread ends with its connection.
            alarm.cancel()
            call.abort()


class _Trust:
    """The certificates that are believed, read when they are first needed."""

    def __init__(self, ca_file: str) -> None:
        self._ca_file = ca_file
        self._context: ssl.SSLContext | None = None
        self._lock = threading.Lock()

    def context(self) -> ssl.SSLContext:
        with self._lock:
            if self._context is None:
                context = ssl.create_default_context()
                if self._ca_file:
                    try:
                        context.load_verify_locations(self._ca_file)
                    except OSError:
                        text = "the file of trusted certificates cannot be read"
                        raise RemoteUnavailable(text, system=SYSTEM, raw_code="ca_file") from None
                self._context = context
            return self._context


class _Call:
    """One try: lives in one worker thread, and can be cut off from the event loop."""

    def __init__(
        self, link: Link, trust: _Trust, document: Document, variables: Mapping[str, Any], budget_s: float
    ) -> None:
        self.link = link
        self.trust = trust
        self.budget_s = budget_s
        self._document = document
        self._variables = dict(variables)
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._over = False

    def run(self) -> Reply:
        """Make the call; the session is this thread's for as long as it lasts."""
        token = self.link.token.reveal()
        shopify.ShopifyResource.activate_session(shopify.Session(self.link.shop, API_VERSION, token))
        try:
            reply: Reply = _GuardedGraphQL(self).execute(self._document.text, self._variables)
            if self._over:
                # http.client takes a connection that was cut for the end of what was being sent.
                raise TimeoutError
        except ssl.SSLCertVerificationError:
            raise _lost("the shop's certificate is not trusted", "certificate") from None
        except urllib.error.URLError as error:
            if isinstance(error.reason, ssl.SSLCertVerificationError):
                raise _lost("the shop's certificate is not trusted", "certificate") from None
            # The socket's own clock and ours run to the same moment: either may be first.
            if self._over or isinstance(error.reason, TimeoutError):
                raise _lost("the shop did not answer in time", "timeout") from None
            raise _lost("the shop cannot be reached", "unreachable") from None
        except (OSError, http.client.HTTPException) as error:
            is_late = self._over or isinstance(error, TimeoutError)
            code = "timeout" if is_late else "connection_lost"
            raise _lost("the connection to the shop broke before the answer was complete", code) from None
        finally:
            shopify.ShopifyResource.clear_session()
        return reply

    def watch(self, connected: socket.socket) -> None:
        """Remember the connection, so that it can be cut."""
        with self._lock:
            self._socket = connected
            if self._over:
                raise TimeoutError

    def abort(self) -> None:
        """Cut the connection; harmless when the call has ended."""
        with self._lock:
            self._over = True
            if self._socket is not None:
                try:
                    # The plain socket's method: the TLS one pulls the connection from under its reader.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
                except OSError:
                    pass  # it is closed already


class _GuardedGraphQL(shopify.GraphQL):  # type: ignore[misc]  # the SDK has no types
    """The SDK's GraphQL call with another way of sending.

    The SDK sends through `urllib.request.urlopen`, which is shared by the whole process; replacing it there
    would change everybody else's.
    """

    def __init__(self, call: _Call) -> None:
        super().__init__()
        self._call = call
        self.endpoint = call.link.url
        # A copy: the SDK hands out the thread's own dictionary, which the next session overwrites.
        self.headers: dict[str, str] = dict(shopify.ShopifyResource.get_headers())

    def execute(
        self, query: str, variables: Mapping[str, Any] | None = None, operation_name: str | None = None
    ) -> Reply:
        """Send the operation and give the whole reply, whatever its status."""
        kinds = {"Accept": "application/json", "Content-Type": "application/json"}
        headers = self.merge_headers(kinds, self.headers)
        payload = {"query": query, "variables": variables, "operationName": operation_name}
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked when the store was connected
            self.endpoint, json.dumps(payload).encode(), headers
        )
        with _opener(self._call).open(request, timeout=self._call.budget_s) as response:
            body = _read_all(response)
            names = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status, names, body)


def _opener(call: _Call) -> urllib.request.OpenerDirector:
    """An opener that follows nothing, judges no status and tells `call` of its connection."""
    opener = urllib.request.OpenerDirector()
    if call.link.endpoint.startswith("https:"):
        opener.add_handler(urllib.request.ProxyHandler())
        opener.add_handler(_WatchedHttps(call))
    else:
        # Plain HTTP is for loopback alone, where no proxy has any business.
        opener.add_handler(_WatchedHttp(call))
    return opener


class _WatchedHttps(urllib.request.HTTPSHandler):
    def __init__(self, call: _Call) -> None:
        super().__init__(context=call.trust.context())
        self._call = call

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        call, context = self._call, self._call.trust.context()

        class Connection(http.client.HTTPSConnection):
            def __init__(self, host: str, **options: Any) -> None:
                super().__init__(host, context=context, **options)

            def connect(self) -> None:
                super().connect()
                call.watch(self.sock)

        return self.do_open(Connection, request)


class _WatchedHttp(urllib.request.HTTPHandler):
    def __init__(self, call: _Call) -> None:
        super().__init__()
        self._call = call

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        call = self._call

        class Connection(http.client.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                call.watch(self.sock)

        return self.do_open(Connection, request)


def _read_all(response: http.client.HTTPResponse) -> bytes:
    body = bytearray()
    while chunk := response.read(65_536):
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise _lost("the answer is too large", "too_large")
    if response.length:
        # Reading in pieces, http.client takes a connection that ended early for the end of the body.
        raise _lost("the connection to the shop broke before the answer was complete", "connection_lost")
    return bytes(body)


def _lost(message: str, code: str) -> RemoteUnavailable:
    return RemoteUnavailable(message, system=SYSTEM, raw_code=code)
