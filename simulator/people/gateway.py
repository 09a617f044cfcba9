"""How the people of the city reach the gateway: its GraphQL endpoint, as any storefront or app would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from doorstep.secret import Secret

_PATIENCE_S = 5.0


class GatewayUnwell(Exception):
    """No answer, or none that can be used; the message carries no data of anybody."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where the gateway is and with what it is spoken to.

    Attributes
    ----------
    gateway_url
        Base; GraphQL lies at /graphql below.
    gps_url
        Where tracking devices send their fixes.
    store_ids
        Platform -> the gateway's id of that store, where the operator told it: carts then ask for options
        from that store's place.
    driver_ids
        Device -> the gateway's id of its driver; without it drivers find their tours by their name.
    """

    gateway_url: str
    gps_url: str
    publishable_key: Secret
    secret_key: Secret
    store_ids: Mapping[str, str] = field(default_factory=dict)
    driver_ids: Mapping[str, str] = field(default_factory=dict)


class Gateway:
    """One session for everybody; unlinked until `link` is set."""

    def __init__(self) -> None:
        self.link: Link | None = None
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, document: str, variables: Mapping[str, object], *, key: Secret) -> Mapping[str, Any]:
        """Send one GraphQL document and give its `data`.

        Raises
        ------
        GatewayUnwell
            If nobody is linked or answers in time, the status is not 200, or `errors` came back.
        """
        if self.link is None:
            raise GatewayUnwell("no gateway is linked")
        url = f"{self.link.gateway_url.rstrip('/')}/graphql"
        headers = {"Authorization": f"Bearer {key.reveal()}"}
        body = {"query": document, "variables": variables}
        try:
            async with self._connected().post(url, json=body, headers=headers) as response:
                answer = await response.json(content_type=None)
                status = response.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise GatewayUnwell(f"no answer ({type(error).__name__})") from error
        if status != 200 or not isinstance(answer, dict) or answer.get("errors"):
            raise GatewayUnwell(f"status {status}, {_codes(answer)}")
        data = answer.get("data")
        if not isinstance(data, dict):
            raise GatewayUnwell("an answer without data")
        return data

    async def send_fix(self, query: Mapping[str, str]) -> int | None:
        """Hand one fix in as OsmAnd does; the HTTP status, None where nobody answered."""
        if self.link is None:
            return None
        try:
            async with self._connected().get(self.link.gps_url, params=query) as response:
                await response.read()
                return response.status
        except (aiohttp.ClientError, TimeoutError):
            return None

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_PATIENCE_S))
        return self._session


def _codes(answer: object) -> str:
    """The codes of the errors only: messages may quote what people wrote."""
    errors = answer.get("errors") if isinstance(answer, dict) else None
    if not isinstance(errors, list):
        return "no GraphQL answer"
    found = [
        (error.get("extensions") or {}).get("code", "no code") for error in errors if isinstance(error, dict)
    ]
    return "errors: " + ", ".join(map(str, found))
