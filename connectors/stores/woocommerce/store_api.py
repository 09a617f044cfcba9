"""Talks with a store patiently: repeats reads, finds out how the key must travel, watches its clock."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.stores.woocommerce.answers import Answer, Reply, code_of, date_of, judge
from connectors.stores.woocommerce.client import Request, WooCommerceClient
from connectors.stores.woocommerce.diagnosis import SYSTEM, Fault, fault_of, problem
from doorstep.clock import Clock, SystemClock
from doorstep.errors import RateLimited, RemoteError, RemoteUnavailable, UnknownOutcome

Parameters = Mapping[str, str]

_WRONG_SECRET = "woocommerce_rest_authentication_error"  # noqa: S105 - an error code of WooCommerce
_MAY_HAVE_HAPPENED = {
    Fault.TOO_SLOW,
    Fault.ANSWER_TOO_LARGE,
    Fault.UNREADABLE_ANSWER,
    Fault.HTML_INSTEAD_OF_JSON,
    Fault.PHP_WARNING_IN_ANSWER,
    Fault.STORE_UNWELL,
}


@dataclass(frozen=True, slots=True)
class Patience:
    """How reads are repeated. Seconds.

    Attributes
    ----------
    tries
        How often a read is tried, 1 or more; writes are tried once.
    longest_wait_s
        A store that asks for a longer wait is left alone: `RateLimited` is raised.
    pause
        How to wait.
    """

    tries: int = 4
    backoff_s: float = 0.5
    backoff_cap_s: float = 8.0
    longest_wait_s: float = 20.0
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


class StoreApi:
    """REST v3 of one store.

    Attributes
    ----------
    key_tail
        The last letters of the consumer key, as WooCommerce's own list of keys shows them; no secret.
    clock_offset_s
        How far the store's clock is ahead of ours; None until it has answered.
    header_is_stripped
        The host removes the Authorization header, so that keys travel in the address.
    """

    def __init__(
        self,
        client: WooCommerceClient,
        *,
        patience: Patience | None = None,
        clock: Clock | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self.url = client.url
        self.key_tail = client.key_tail
        self.is_https = client.is_https
        self.clock_offset_s: float | None = None
        self.header_is_stripped = False
        self._client = client
        self._patience = patience or Patience()
        self._clock = clock or SystemClock()
        self._rng = rng or random.Random()  # noqa: S311 - spreads retries, protects nothing
        self._key_works = False

    async def read(
        self, endpoint: str, parameters: Parameters | None = None, *, may_be_missing: bool = False
    ) -> Answer:
        """GET, tried again with back-off and jitter while the store is unwell.

        Raises
        ------
        RemoteUnavailable, RateLimited, AccountProblem, RemoteRefused
            With a fault code as `raw_code`.
        """
        request = Request("GET", endpoint, tuple((parameters or {}).items()))
        attempt = 0
        while True:
            attempt += 1
            try:
                return judge(await self._exchange(request), may_be_missing=may_be_missing)
            except RemoteUnavailable as error:
                wait_s = self._wait_s(attempt, error)
                if wait_s is None:
                    raise
            except RemoteError as error:
                raise self._in_context(error) from None
            await self._patience.pause(wait_s)

    async def write(
        self, method: str, endpoint: str, payload: object = None, parameters: Parameters | None = None
    ) -> Answer:
        """POST, PUT or DELETE, once.

        Raises
        ------
        UnknownOutcome
            If the answer was lost.
        RemoteUnavailable, RateLimited, AccountProblem, RemoteRefused
            As for `read`.
        """
        request = Request(method, endpoint, tuple((parameters or {}).items()), payload)
        try:
            return judge(await self._exchange(request), is_write=True)
        except RemoteError as error:
            if fault_of(error) in _MAY_HAVE_HAPPENED:
                raise UnknownOutcome(error.message, system=SYSTEM, raw_code=error.raw_code) from None
            raise self._in_context(error) from None

    async def post_to_plugin(self, namespace: str, endpoint: str, payload: object) -> Reply:
        """POST to the route of a plugin, once; whoever knows the plugin judges what comes back.

        WooCommerce lets its keys open namespaces that begin with "wc-" beside its own
        (WC_REST_Authentication, 8.0 to 10.5).

        Raises
        ------
        RemoteUnavailable, AccountProblem
            With the fault that the transport shows as `raw_code`.
        """
        return await self._exchange(Request("POST", endpoint, payload=payload, namespace=namespace))

    async def site_index(self, *, by_query: bool = False) -> dict[str, Any] | None:
        """What WordPress says of itself to anybody; None where it does not say it that way."""
        try:
            payload = judge(await self._client.look_at_index(by_query=by_query)).payload
        except RemoteError:
            return None
        return payload if isinstance(payload, dict) and "namespaces" in payload else None

    async def addresses_of(self, host: str) -> tuple[str, ...]:
        """IPv4 addresses that a name stands for here; () where nobody knows."""
        return await self._client.addresses_of(host)

    async def _exchange(self, request: Request) -> Reply:
        reply = await self._client.send(request, key_in_query=self.header_is_stripped)
        self._look_at_clock(reply)
        if reply.status == 401 and self._may_be_stripped(reply):
            # An unknown key and a header that never arrived look the same: only a second try tells.
            reply = await self._client.send(request, key_in_query=True)
            self.header_is_stripped = reply.status != 401
        elif reply.status == 401 and self._may_be_a_used_nonce(reply):
            reply = await self._client.send(request, key_in_query=False)
        self._key_works = self._key_works or reply.status < 300
        return reply

    def _may_be_stripped(self, reply: Reply) -> bool:
        undecided = self.is_https and not self._key_works and not self.header_is_stripped
        return undecided and code_of(reply) not in {"", _WRONG_SECRET}

    def _may_be_a_used_nonce(self, reply: Reply) -> bool:
        # The SDK draws nonces from 10^8 numbers, and WooCommerce refuses one that it saw within 15 minutes
        # with the code of a wrong secret: a key that worked before is worth a second signature.
        return not self.is_https and self._key_works and code_of(reply) == _WRONG_SECRET

    def _look_at_clock(self, reply: Reply) -> None:
        shown = date_of(reply.headers)
        if shown is not None:
            self.clock_offset_s = (shown - self._clock.now()).total_seconds()

    def _wait_s(self, attempt: int, error: RemoteUnavailable) -> float | None:
        """Seconds until the next try; None where there is none."""
        asked_s = error.retry_after_s if isinstance(error, RateLimited) else 0.0
        is_hopeless = fault_of(error) is Fault.ANSWER_TOO_LARGE or asked_s > self._patience.longest_wait_s
        if is_hopeless or attempt >= self._patience.tries:
            return None
        ceiling_s = min(self._patience.backoff_cap_s, self._patience.backoff_s * 2 ** (attempt - 1))
        return asked_s + self._rng.uniform(0, ceiling_s)

    def _in_context(self, error: RemoteError) -> RemoteError:
        """Over http the store checks a signature: one code stands for key, secret and address there."""
        if not self.is_https and fault_of(error) is Fault.SECRET_REJECTED:
            return problem(Fault.SIGNATURE_REJECTED)
        return error
