"""One connection to a shop: nothing is followed, nothing is printed, and the event loop can cut it.

The standard library's own opener follows redirects with the token and shares its state with the whole
process; this one is made for each call and forgotten with it.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import urllib.request
from typing import Any

from connectors.stores.shopify.answers import SYSTEM
from doorstep.errors import RemoteUnavailable

# A page of 250 orders is some 2 MB; an endless body must not fill the memory.
_LARGEST_BODY = 64 * 1024 * 1024


class Trust:
    """The certificates that are believed, read when they are first needed."""

    def __init__(self, ca_file: str) -> None:
        self._ca_file = ca_file
        self._context: ssl.SSLContext | None = None
        self._lock = threading.Lock()

    def context(self) -> ssl.SSLContext:
        """For every connection to this shop.

        Raises
        ------
        RemoteUnavailable
            If the file of trusted certificates cannot be read.
        """
        with self._lock:
            if self._context is None:
                context = ssl.create_default_context()
                if self._ca_file:
                    try:
                        context.load_verify_locations(self._ca_file)
                    except OSError:
                        raise lost("the file of trusted certificates cannot be read", "ca_file") from None
                self._context = context
            return self._context


class Cord:
    """What a call in a worker thread hangs on; the event loop can cut it at any moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_cut = False

    @property
    def is_cut(self) -> bool:
        """Whether the call's time is over."""
        return self._is_cut

    def hold(self, connected: socket.socket) -> None:
        """Remember the connection, so that it can be cut."""
        with self._lock:
            self._socket = connected
            if self._is_cut:
                raise TimeoutError

    def cut(self) -> None:
        """End the connection; harmless when the call has ended."""
        with self._lock:
            self._is_cut = True
            if self._socket is not None:
                try:
                    # The plain socket's method: the TLS one pulls the connection from under its reader.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
                except OSError:
                    pass  # it is closed already


def make_opener(endpoint: str, cord: Cord, trust: Trust) -> urllib.request.OpenerDirector:
    """An opener that follows nothing, judges no status and hangs its connection on `cord`."""
    opener = urllib.request.OpenerDirector()
    if endpoint.startswith("https:"):
        opener.add_handler(urllib.request.ProxyHandler())
        opener.add_handler(_CordedHttps(cord, trust.context()))
    else:
        # Plain HTTP is for loopback alone, where no proxy has any business.
        opener.add_handler(_CordedHttp(cord))
    return opener


def read_body(response: http.client.HTTPResponse) -> bytes:
    """The whole body.

    Raises
    ------
    RemoteUnavailable
        If it ends too early or never.
    """
    body = bytearray()
    while chunk := response.read(65_536):
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise lost("the answer is too large", "too_large")
    if response.length:
        # Reading in pieces, http.client takes a connection that ended early for the end of the body.
        raise lost("the connection to the shop broke before the answer was complete", "connection_lost")
    return bytes(body)


def lost(message: str, code: str) -> RemoteUnavailable:
    """The error of a call that brought no whole answer."""
    return RemoteUnavailable(message, system=SYSTEM, raw_code=code)


class _CordedHttps(urllib.request.HTTPSHandler):
    def __init__(self, cord: Cord, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._cord = cord
        self._trusted = context

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        cord, context = self._cord, self._trusted

        class Connection(http.client.HTTPSConnection):
            def __init__(self, host: str, **options: Any) -> None:
                super().__init__(host, context=context, **options)

            def connect(self) -> None:
                super().connect()
                cord.hold(self.sock)

        return self.do_open(Connection, request)


class _CordedHttp(urllib.request.HTTPHandler):
    def __init__(self, cord: Cord) -> None:
        super().__init__()
        self._cord = cord

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        cord = self._cord

        class Connection(http.client.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                cord.hold(self.sock)

        return self.do_open(Connection, request)
