"""All network code of the WooCommerce connector, around the `woocommerce` SDK 3.0.0.

What the SDK does by itself, read in its source and measured, and what is done about it here:

- synchronous `requests`, no bound on a whole call: every call lies wholly in one worker thread, the body is
  read with a deadline and a size limit;
- redirects are followed with the signed query: `allow_redirects=False`;
- over http parameters are sent twice, lists break the signature, and a "/" in a value too: parameters are
  plain scalars, and each call gets a fresh dict, since the SDK writes the secret into it with query keys;
- a query inside the endpoint string fails: parameters are never put there.

No error of this file chains the transport's own, whose text holds the address with its keys.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
import urllib3
from woocommerce import API

import doorstep
from connectors.stores.woocommerce.answers import Reply
from connectors.stores.woocommerce.diagnosis import Fault, problem
from connectors.stores.woocommerce.worker import Workers
from doorstep.secret import Secret

USER_AGENT = f"Doorstep/{doorstep.__version__}"

_CHUNK_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may take. Seconds and bytes.

    Attributes
    ----------
    call_s
        One call as a whole, body included; shared hosts take several seconds for 100 orders.
    parallel
        Calls at a time to one store.
    """

    connect_s: float = 5.0
    call_s: float = 30.0
    body_bytes: int = 64 * 1024 * 1024
    parallel: int = 4


@dataclass(frozen=True, slots=True)
class Request:
    """One call: an endpoint under /wp-json/<namespace>/, scalar parameters, and JSON to send."""

    method: str
    endpoint: str
    parameters: tuple[tuple[str, str], ...] = ()
    payload: object = None
    namespace: str = "wc/v3"


class WooCommerceClient:
    """Carries single calls to one store. Judges nothing, repeats nothing.

    Parameters
    ----------
    url
        Of the shop, with its path, without a slash at the end.
    ca_file
        Certificates to trust instead of the system's; "" for the system's.

    Attributes
    ----------
    key_tail
        The last letters of the consumer key: WooCommerce keeps and shows these seven itself.
    """

    def __init__(
        self,
        url: str,
        consumer_key: Secret,
        consumer_secret: Secret,
        *,
        ca_file: str = "",
        limits: Limits | None = None,
    ) -> None:
        self.url = url
        self.key_tail = consumer_key.reveal()[-7:]
        self.is_https = url.startswith("https://")
        self._key = consumer_key
        self._secret = consumer_secret
        self._verify: str | bool = ca_file or True
        self._limits = limits or Limits()
        self._workers = Workers(self._limits.parallel)

    async def send(self, request: Request, *, key_in_query: bool) -> Reply:
        """Call the interface with our key.

        Parameters
        ----------
        key_in_query
            Over https, put the key into the address instead of the Authorization header.

        Raises
        ------
        RemoteUnavailable, AccountProblem
            With the fault that the transport shows as `raw_code`.
        """
        return await self._in_thread(lambda: self._call(request, key_in_query=key_in_query))

    async def look_at_index(self, *, by_query: bool) -> Reply:
        """WordPress' own index, which anybody may read; sends no key.

        Parameters
        ----------
        by_query
            Ask through `?rest_route=/`, which works without pretty permalinks.
        """
        query = {"_fields": "name,home,namespaces,timezone_string,gmt_offset"}
        if by_query:
            query["rest_route"] = "/"
        address = f"{self.url}/" if by_query else f"{self.url}/wp-json/"
        return await self._in_thread(lambda: self._get_bare(address, query))

    async def addresses_of(self, host: str) -> tuple[str, ...]:
        """IPv4 addresses that a name stands for here; () where nobody knows."""

        def look_up() -> tuple[str, ...]:
            with contextlib.suppress(OSError, UnicodeError):
                return tuple(socket.gethostbyname_ex(host)[2])
            return ()

        with contextlib.suppress(TimeoutError):
            return await self._workers.run(look_up, self._limits.connect_s)
        return ()

    async def _in_thread(self, call: Callable[[], Reply]) -> Reply:
        try:
            return await self._workers.run(call, self._limits.call_s + self._limits.connect_s)
        except TimeoutError:
            fault = Fault.TOO_SLOW
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            fault = _fault_of(error)
        # Raised outside the handlers, so that no traceback holds the transport's error and its address.
        raise problem(fault)

    def _call(self, request: Request, *, key_in_query: bool) -> Reply:
        deadline = time.monotonic() + self._limits.call_s
        api = API(
            url=self.url,
            consumer_key=self._key.reveal(),
            consumer_secret=self._secret.reveal(),
            version=request.namespace,
            timeout=self._timeouts,
            verify_ssl=self._verify,
            query_string_auth=key_in_query,
            user_agent=USER_AGENT,
        )
        options: dict[str, Any] = {
            "params": dict(request.parameters),
            "allow_redirects": False,
            "stream": True,
        }
        if request.method == "GET":
            response = api.get(request.endpoint, **options)
        elif request.method == "DELETE":
            response = api.delete(request.endpoint, **options)
        elif request.method == "PUT":
            response = api.put(request.endpoint, request.payload, **options)
        else:
            response = api.post(request.endpoint, request.payload, **options)
        return self._read_whole(response, deadline)

    def _get_bare(self, address: str, query: dict[str, str]) -> Reply:
        deadline = time.monotonic() + self._limits.call_s
        response = requests.get(
            address,
            params=query,
            headers={"user-agent": USER_AGENT, "accept": "application/json"},
            verify=self._verify,
            allow_redirects=False,
            stream=True,
            timeout=self._timeouts,
        )
        return self._read_whole(response, deadline)

    @property
    def _timeouts(self) -> tuple[float, float]:
        return self._limits.connect_s, self._limits.call_s

    def _read_whole(self, response: requests.Response, deadline: float) -> Reply:
        with contextlib.closing(response):
            body = bytearray()
            # read1 gives what has arrived, so that a body that drips in is stopped at the deadline too.
            while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
                body += chunk
                if len(body) > self._limits.body_bytes:
                    raise _TooLarge
                if time.monotonic() > deadline:
                    raise TimeoutError
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status_code, headers, bytes(body))


class _TooLarge(ValueError):
    pass


def _fault_of(error: Exception) -> Fault:
    if isinstance(error, _TLS_ERRORS):
        # The other ones come from a server that speaks plain http, or nothing newer than TLS 1.1.
        is_about_trust = "CERTIFICATE_VERIFY_FAILED" in str(error)
        return Fault.CERTIFICATE_UNTRUSTED if is_about_trust else Fault.HTTPS_FAILED
    for kinds, fault in _TRANSPORT_FAULTS:
        if isinstance(error, kinds):
            return fault
    if type(error) is OSError and "CA certificate" in str(error):
        return Fault.CA_FILE_UNREADABLE  # requests has no error of its own for it
    if "aborted" in str(error):
        return Fault.UNREADABLE_ANSWER  # it took the request and hung up
    return Fault.UNREACHABLE


_TLS_ERRORS = (requests.exceptions.SSLError, urllib3.exceptions.SSLError)

# In this order: the connect time-out is also a time-out, and all of requests' errors are OSErrors.
_TRANSPORT_FAULTS: tuple[tuple[tuple[type[Exception], ...], Fault], ...] = (
    ((_TooLarge,), Fault.ANSWER_TOO_LARGE),
    ((requests.exceptions.ConnectTimeout,), Fault.UNREACHABLE),
    (
        (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError),
        Fault.TOO_SLOW,
    ),
    ((requests.exceptions.ChunkedEncodingError, urllib3.exceptions.HTTPError), Fault.UNREADABLE_ANSWER),
)
