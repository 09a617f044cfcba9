"""Calls to one account of a carrier: our transport around karrio's bodies."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from connectors.calling import Answer, Caller, Request
from connectors.sign_in import Granted, SignIn
from doorstep.deadline import Deadline
from doorstep.errors import AccountProblem
from doorstep.json_reading import text
from doorstep.secret import Secret

type Send = Callable[[Mapping[str, str]], Awaitable[Answer]]
"""Makes a call with these headers beside its own."""

_REFUSED_SIGN_IN = frozenset({400, 401, 403})


@dataclass(frozen=True, slots=True)
class Call:
    """One row of a carrier's table.

    Attributes
    ----------
    path
        Under the host, with its query.
    identity
        Which of the account's credentials signs it; "" for the usual ones.
    """

    method: str
    path: str
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    identity: str = ""


class Identity(Protocol):
    """How calls are signed."""

    async def authorised(self, send: Send, deadline: Deadline) -> Answer:
        """Make a call with what proves who we are."""
        ...

    async def sign_in(self, deadline: Deadline) -> None:
        """Try the credentials by themselves, where that is possible.

        Raises
        ------
        RemoteError
            As `SignIn.token`.
        """
        ...


class BasicIdentity:
    """A user name and a password with every call."""

    def __init__(self, user: Secret, password: Secret) -> None:
        self._user = user
        self._password = password

    async def authorised(self, send: Send, deadline: Deadline) -> Answer:  # noqa: ARG002 - the protocol's
        """Make a call."""
        return await send({"Authorization": basic(self._user, self._password)})

    async def sign_in(self, deadline: Deadline) -> None:
        """There is no signing in."""


class TokenIdentity:
    """A token that ends (OAuth 2, client credentials).

    Parameters
    ----------
    ask
        The request for a token.
    """

    def __init__(self, caller: Caller, ask: Callable[[], Request]) -> None:
        self._caller = caller
        self._ask = ask
        self._sign_in = SignIn(caller, self._fetch)

    async def authorised(self, send: Send, deadline: Deadline) -> Answer:
        """Make a call; 401 fetches one fresh token."""

        async def with_token(token: Secret) -> Answer:
            return await send({"Authorization": f"Bearer {token.reveal()}"})

        return await self._sign_in.authorised(with_token, deadline)

    async def sign_in(self, deadline: Deadline) -> None:
        """Fetch a token, or have one."""
        await self._sign_in.token(deadline)

    async def _fetch(self, deadline: Deadline) -> Granted:
        answer = await self._caller.send(self._ask(), deadline)
        token = text(answer.body, "access_token")
        if answer.is_yes and token:
            return Granted(Secret(token), _seconds(answer.body.get("expires_in")))
        if answer.status in _REFUSED_SIGN_IN:
            raise AccountProblem(
                f"{self._caller.name} does not accept this account's key and secret. Copy both again.",
                system=self._caller.system,
                raw_code=str(answer.status),
            )
        sentence = f"{self._caller.name}'s sign-in is not working at the moment."
        raise self._caller.unavailable(sentence, str(answer.status))


class CarrierClient:
    """Speaks to one carrier for one account.

    Parameters
    ----------
    host
        Without a trailing slash.
    identities
        By `Call.identity`.
    """

    def __init__(self, caller: Caller, host: str, identities: Mapping[str, Identity]) -> None:
        self._caller = caller
        self._host = host
        self._identities = identities

    async def ask(self, call: Call, deadline: Deadline) -> Answer:
        """A call that changes nothing, tried twice where the first failed in a way that may pass."""

        async def once() -> Answer:
            return await self._send(call, deadline, is_write=False)

        return await self._caller.twice(once, deadline)

    async def write(self, call: Call, deadline: Deadline) -> Answer:
        """A call that changes something, sent once; raises `UnknownOutcome` where its answer was lost."""
        return await self._send(call, deadline, is_write=True)

    async def sign_in(self, deadline: Deadline) -> None:
        """Try all of the account's credentials, as far as they can be tried by themselves."""
        for identity in self._identities.values():
            await identity.sign_in(deadline)

    def path_of(self, link: str) -> str:
        """Where a link of the carrier's leads under our host: nobody else ever sees the credentials."""
        parts = urlsplit(link)
        path = parts.path.removeprefix(urlsplit(self._host).path)
        return f"{path}?{parts.query}" if parts.query else path

    async def close(self) -> None:
        """Let go of connections."""
        await self._caller.close()

    async def _send(self, call: Call, deadline: Deadline, *, is_write: bool) -> Answer:
        url = f"{self._host}{call.path}"
        identity = self._identities[call.identity]

        async def send(proof: Mapping[str, str]) -> Answer:
            headers = {**call.headers, **proof}
            request = Request(call.method, url, headers, content=call.content, is_write=is_write)
            return await self._caller.send(request, deadline)

        return await identity.authorised(send, deadline)


def basic(user: Secret, password: Secret) -> str:
    """Value of the header for a user name and a password."""
    pair = f"{user.reveal()}:{password.reveal()}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _seconds(value: object) -> float:
    """UPS and USPS write the length of a token's life as text, or as a number."""
    return float(value) if isinstance(value, int | float | str) and str(value).isdecimal() else 0.0


def json_content(body: object) -> bytes:
    """A body as JSON."""
    return json.dumps(body, separators=(",", ":")).encode()
