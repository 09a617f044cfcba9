"""Calls to Stuart: one client's jobs, signed in with a token of its own."""

from __future__ import annotations

from connectors.calling import Answer, Caller, Request
from connectors.sign_in import Granted, SignIn
from doorstep.deadline import Deadline
from doorstep.errors import AccountProblem
from doorstep.json_reading import Json, number, text
from doorstep.secret import Secret

SYSTEM = "stuart"
NAME = "Stuart"

_SCOPE = "api"


class StuartClient:
    """Speaks to one account.

    Parameters
    ----------
    host
        https://api.stuart.com, or its sandbox; no trailing slash.
    """

    def __init__(self, host: str, client_id: Secret, client_secret: Secret) -> None:
        self._host = host
        self._client_id = client_id
        self._client_secret = client_secret
        self._caller = Caller(SYSTEM, NAME)
        self._sign_in = SignIn(self._caller, self._fetch_token)

    async def read(self, path: str, deadline: Deadline) -> Answer:
        """GET, tried twice where the first failed in a way that may pass."""
        return await self._caller.twice(lambda: self._send("GET", path, None, deadline), deadline)

    async def ask(self, path: str, body: Json, deadline: Deadline) -> Answer:
        """POST that changes nothing (a price), tried twice like `read`."""
        return await self._caller.twice(lambda: self._send("POST", path, body, deadline), deadline)

    async def ask_once(self, path: str, body: Json, deadline: Deadline) -> Answer:
        """POST that changes nothing and is not worth a second try."""
        return await self._send("POST", path, body, deadline)

    async def write(self, method: str, path: str, body: Json | None, deadline: Deadline) -> Answer:
        """Change something, once; raises `UnknownOutcome` where the answer was lost."""
        return await self._send(method, path, body, deadline, is_write=True)

    async def sign_in(self, deadline: Deadline) -> None:
        """Try the credentials; raises as `SignIn.token`."""
        await self._sign_in.token(deadline)

    async def close(self) -> None:
        """Let go of connections."""
        await self._caller.close()

    async def _send(
        self, method: str, path: str, body: Json | None, deadline: Deadline, *, is_write: bool = False
    ) -> Answer:
        async def send(token: Secret) -> Answer:
            headers = {"Authorization": f"Bearer {token.reveal()}"}
            request = Request(method, f"{self._host}{path}", headers, json_body=body, is_write=is_write)
            return await self._caller.send(request, deadline)

        # Stuart ends tokens early ("The access token was revoked"); that 401 is mended in here.
        return await self._sign_in.authorised(send, deadline)

    async def _fetch_token(self, deadline: Deadline) -> Granted:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id.reveal(),
            "client_secret": self._client_secret.reveal(),
            "scope": _SCOPE,
        }
        request = Request("POST", f"{self._host}/oauth/token", form=form)
        answer = await self._caller.send(request, deadline)
        token = text(answer.body, "access_token")
        if answer.is_yes and token:
            return Granted(Secret(token), number(answer.body, "expires_in") or 0.0)
        if answer.status in {400, 401, 403}:
            raise AccountProblem(
                "Stuart does not accept the client id and secret. Copy both again from its dashboard.",
                system=SYSTEM,
                raw_code=text(answer.body, "error") or str(answer.status),
            )
        raise self._caller.unavailable("Stuart's sign-in is not working at the moment.", str(answer.status))
