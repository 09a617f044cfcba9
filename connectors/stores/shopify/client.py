"""The calls to one shop, and the only importer of the `shopify` SDK (ShopifyAPI 12.7).

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
import ssl
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import shopify

from connectors.stores.shopify.answers import SYSTEM, Answer, Reply, Throttled, read_answer
from connectors.stores.shopify.connection import Cord, Trust, lost, make_opener, read_body
from connectors.stores.shopify.documents import API_VERSION, Document
from connectors.stores.shopify.link import FixedToken, Link, Patience
from connectors.stores.shopify.pace import Pacer, Turn, shared_pacer
from doorstep.errors import AccountProblem, RateLimited, RemoteUnavailable, UnknownOutcome
from doorstep.secret import Secret

_THREADS = ThreadPoolExecutor(max_workers=16, thread_name_prefix="shopify")
# These do not heal within seconds, so trying again at once is of no use.
_LASTING = frozenset({"certificate", "ca_file"})
_NOT_SENT = frozenset({"unreachable", "certificate", "ca_file"})
_LONGEST_BACKOFF_S = 10.0


class ShopifyClient:
    """Asks one shop, and keeps asking while that is sensible.

    Parameters
    ----------
    pacer
        The process's one for this shop unless another is given.
    sleep, rng
        Handed in by tests.
    """

    def __init__(
        self,
        link: Link,
        *,
        patience: Patience | None = None,
        pacer: Pacer | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: random.Random | None = None,
    ) -> None:
        self.link = link
        self._tokens = link.tokens or FixedToken(link.token)
        self._patience = patience or Patience()
        self._pacer = pacer or shared_pacer(link.endpoint, link.shop)
        self._sleep = sleep
        self._rng = rng or random.Random()  # noqa: S311 - jitter needs no secrecy
        self._trust = Trust(link.ca_file)

    async def send(
        self, document: Document, variables: Mapping[str, Any], *, is_walk: bool = False
    ) -> Answer:
        """Send an operation; reads are repeated while Shopify is unwell, and throttling is sat out.

        Parameters
        ----------
        is_walk
            It is a page of many, for which calls that somebody waits for need not wait.

        Raises
        ------
        RateLimited, RemoteUnavailable
            If patience ran out.
        UnknownOutcome
            If the answer to a write was lost.
        AccountProblem, RemoteRefused
            As `read_answer` says, and where there is no token to be had.
        """
        waited_s, failures, throttles = 0.0, 0, 0
        fresh: Secret | None = None
        while True:
            left_s = self._patience.waiting_s - waited_s
            turn = await self._pacer.turn(document, variables, is_walk=is_walk, longest_s=left_s)
            waited_s += turn.waited_s
            token, pause_s = Secret(""), 0.0
            try:
                with turn:
                    token = fresh or await self._tokens.current()
                    return await self._try(turn, token)
            except AccountProblem as problem:
                # Whatever was asked, a write too, was not done for a token that is not accepted.
                if problem.raw_code != "401" or not token or fresh is not None:
                    raise
                fresh = await self._tokens.renewed(token)
            except RateLimited as limit:
                throttles += 1
                pause_s = self._after(limit, throttles)
                waited_s += pause_s
                if waited_s > self._patience.waiting_s:
                    raise
            except RemoteUnavailable as problem:
                failures += 1
                if failures >= self._patience.tries or problem.raw_code in _LASTING:
                    raise
                pause_s = self._backoff_s(failures)
            if pause_s:
                await self._sleep(pause_s)

    async def _try(self, turn: Turn, token: Secret) -> Answer:
        document = turn.document
        call = _Call(self.link, token, self._trust, turn, self._patience.call_s)
        loop = asyncio.get_running_loop()
        alarm = loop.call_later(self._patience.call_s, call.cord.cut)
        try:
            answer = read_answer(await loop.run_in_executor(_THREADS, call.run))
        except RateLimited as limit:
            if isinstance(limit, Throttled):
                turn.answered(limit.cost)
            raise
        except RemoteUnavailable as problem:
            if document.is_write and problem.raw_code not in _NOT_SENT:
                text = "Shopify's answer was lost; what we asked may have been done"
                raise UnknownOutcome(text, system=SYSTEM, raw_code=problem.raw_code) from None
            raise
        finally:
            # Also where this task is cancelled: the thread ends with its connection.
            alarm.cancel()
            call.cord.cut()
        turn.answered(answer.cost)
        return answer

    def _after(self, limit: RateLimited, throttles: int) -> float:
        """Seconds to sleep beside what the pacer knows of, which it waits for before the next turn."""
        if not isinstance(limit, Throttled) or limit.cost is None:
            self._pacer.hold(limit.retry_after_s)
            return 0.0
        # Others drink from the same bucket, perhaps at the same moment: chance decides who is first.
        return self._backoff_s(throttles - 1) if throttles > 1 else 0.0

    def _backoff_s(self, times: int) -> float:
        pause_s = self._patience.first_pause_s * 2.0 ** (times - 1) * self._rng.uniform(0.5, 1.5)
        return min(pause_s, _LONGEST_BACKOFF_S)


class _Call:
    """One try: lives in one worker thread, and can be cut off from the event loop."""

    def __init__(self, link: Link, token: Secret, trust: Trust, turn: Turn, budget_s: float) -> None:
        self.link = link
        self.trust = trust
        self.budget_s = budget_s
        self.cord = Cord()
        self._token = token
        self._text = turn.document.text
        self._variables = dict(turn.variables)

    def run(self) -> Reply:
        """Make the call; the session is this thread's for as long as it lasts."""
        session = shopify.Session(self.link.shop, API_VERSION, self._token.reveal())
        shopify.ShopifyResource.activate_session(session)
        try:
            reply: Reply = _GuardedGraphQL(self).execute(self._text, self._variables)
            if self.cord.is_cut:
                # http.client takes a connection that was cut for the end of what was being sent.
                raise TimeoutError
        except ssl.SSLCertVerificationError:
            raise lost("the shop's certificate is not trusted", "certificate") from None
        except urllib.error.URLError as error:
            if isinstance(error.reason, ssl.SSLCertVerificationError):
                raise lost("the shop's certificate is not trusted", "certificate") from None
            # The socket's own clock and ours run to the same moment: either may be first.
            if self.cord.is_cut or isinstance(error.reason, TimeoutError):
                raise lost("the shop did not answer in time", "timeout") from None
            raise lost("the shop cannot be reached", "unreachable") from None
        except (OSError, http.client.HTTPException) as error:
            is_late = self.cord.is_cut or isinstance(error, TimeoutError)
            code = "timeout" if is_late else "connection_lost"
            raise lost("the connection to the shop broke before the answer was complete", code) from None
        finally:
            shopify.ShopifyResource.clear_session()
        return reply


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
        opener = make_opener(self.endpoint, self._call.cord, self._call.trust)
        with opener.open(request, timeout=self._call.budget_s) as response:
            body = read_body(response)
            names = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status, names, body)
