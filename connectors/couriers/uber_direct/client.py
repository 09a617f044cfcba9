"""Calls to Uber Direct: one customer's deliveries, signed in with a client's token."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from connectors.calling import Answer, Caller, Request
from connectors.sign_in import Granted, SignIn
from doorstep.deadline import Deadline
from doorstep.errors import AccountProblem
from doorstep.json_reading import Json, number, text
from doorstep.secret import Secret

SYSTEM = "uber_direct"
NAME = "Uber Direct"

_SCOPE = "eats.deliveries"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where Uber listens: `api` ends in /v1 and has no trailing slash."""

    api: str
    token: str


class UberClient:
    """Speaks to one customer's account.

    Parameters
    ----------
    customer_id
        The organisation or location that deliveries belong to; part of every path.
    """

    def __init__(
        self, endpoints: Endpoints, customer_id: str, client_id: Secret, client_secret: Secret
    ) -> None:
        self._endpoints = endpoints
        self._customer_id = quote(customer_id, safe="")
        self._client_id = client_id
        self._client_secret = client_secret
        self._caller = Caller(SYSTEM, NAME)
        self._sign_in = SignIn(self._caller, self._fetch_token)

    async def read(self, path: str, deadline: Deadline) -> Answer:
        """GET, tried twice where the first failed in a way that may pass."""
        return await self._twice("GET", path, None, deadline)

    async def ask(self, path: str, body: Json, deadline: Deadline) -> Answer:
        """POST that changes nothing (a quote), tried twice like `read`."""
        return await self._twice("POST", path, body, deadline)

    async def write(self, path: str, body: Json, deadline: Deadline) -> Answer:
        """POST that changes something, sent once; raises `UnknownOutcome` where its answer was lost."""
        return await self._send("POST", path, body, deadline, is_write=True)

    async def sign_in(self, deadline: Deadline) -> None:
        """Try the credentials; raises as `SignIn.token`."""
        await self._sign_in.token(deadline)

    async def close(self) -> None:
        """Let go of connections."""
        await self._caller.close()

    async def _twice(self, method: str, path: str, body: Json | None, deadline: Deadline) -> Answer:
        async def once() -> Answer:
            return await self._send(method, path, body, deadline, is_write=False)

        # An error of Uber's own wording is an answer: asking again within the second changes nothing.
        return await self._caller.twice(
            once, deadline, is_final=lambda answer: text(answer.body, "code").endswith("couriers_busy")
        )

    async def _send(
        self, method: str, path: str, body: Json | None, deadline: Deadline, *, is_write: bool
    ) -> Answer:
        url = f"{self._endpoints.api}/customers/{self._customer_id}{path}"

        async def send(token: Secret) -> Answer:
            headers = {"Authorization": f"Bearer {token.reveal()}"}
            request = Request(method, url, headers, json_body=body, is_write=is_write)
            return await self._caller.send(request, deadline)

        return await self._sign_in.authorised(send, deadline)

    async def _fetch_token(self, deadline: Deadline) -> Granted:
        form = {
            "client_id": self._client_id.reveal(),
            "client_secret": self._client_secret.reveal(),
            "grant_type": "client_credentials",
            "scope": _SCOPE,
        }
        answer = await self._caller.send(Request("POST", self._endpoints.token, form=form), deadline)
        token = text(answer.body, "access_token")
        if answer.is_yes and token:
            return Granted(Secret(token), number(answer.body, "expires_in") or 0.0)
        if answer.status in {400, 401, 403}:
            raise AccountProblem(
                "Uber does not accept the client id and secret. Copy both again from direct.uber.com.",
                system=SYSTEM,
                raw_code=text(answer.body, "error") or str(answer.status),
            )
        sentence = "Uber's sign-in is not working at the moment."
        raise self._caller.unavailable(sentence, str(answer.status))
