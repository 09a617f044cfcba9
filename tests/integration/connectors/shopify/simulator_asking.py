"""Asks the simulated shop over HTTP as any program would, without the connector's reading of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aiohttp

TOKEN = "shpat_simulated"


@dataclass(slots=True)
class Asking:
    """A program with an access token."""

    url: str
    session: aiohttp.ClientSession
    token: str = TOKEN

    async def raw(
        self, query: str, version: str = "2026-10", /, **variables: Any
    ) -> tuple[int, dict[str, str], Any]:
        """Status, headers in lower case, and JSON."""
        async with self.session.post(
            f"{self.url}/admin/api/{version}/graphql.json",
            json={"query": query, "variables": variables},
            headers={"X-Shopify-Access-Token": self.token},
        ) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return response.status, headers, await response.json()

    async def whole(self, query: str, /, **variables: Any) -> dict[str, Any]:
        """The whole answer, with its errors and extensions."""
        _, _, answer = await self.raw(query, **variables)
        assert isinstance(answer, dict)
        return answer

    async def data(self, query: str, /, **variables: Any) -> Any:
        """What was asked for, where nothing is wrong."""
        answer = await self.whole(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def do(self, mutation: str, selection: str, /, **given: tuple[str, Any]) -> Any:
        """Call a mutation: `do("fulfillmentCancel", "fulfillment { id }", id=("ID!", gid))`."""
        declared = ", ".join(f"${name}: {kind}" for name, (kind, _) in given.items())
        passed = ", ".join(f"{name}: ${name}" for name in given)
        payload = f"{{ {selection} userErrors {{ field message }} }}"
        text = f"mutation({declared}) {{ {mutation}({passed}) {payload} }}"
        variables = {name: value for name, (_, value) in given.items()}
        return (await self.data(text, **variables))[mutation]

    async def token_for(self, **given: Any) -> tuple[int, dict[str, Any]]:
        """Ask for an access token."""
        async with self.session.post(f"{self.url}/admin/oauth/access_token", json=given) as response:
            return response.status, await response.json()
