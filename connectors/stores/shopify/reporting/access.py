"""Asking the shop, with an error that names the access scope where a part is denied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from connectors.stores.shopify.answers import SYSTEM, Answer
from connectors.stores.shopify.documents import Document
from connectors.stores.shopify.reporting.documents import SCOPES
from doorstep.errors import AccountProblem

_DENIED = "ACCESS_DENIED"


class Sender(Protocol):
    """Who carries operations to the shop: `ShopifyClient`."""

    async def send(self, document: Document, variables: Mapping[str, Any]) -> Answer:
        """As `ShopifyClient.send`."""
        ...


async def ask(client: Sender, document: Document, variables: Mapping[str, Any]) -> Answer:
    """Send an operation of which nothing may be withheld.

    Raises
    ------
    AccountProblem
        If any part was denied: a shop of which a part is hidden must not look like one without that part.
    UnknownOutcome, RateLimited, RemoteUnavailable, RemoteRefused
        As `ShopifyClient.send` says.
    """
    try:
        answer = await client.send(document, variables)
    except AccountProblem as problem:
        if problem.raw_code == _DENIED:
            raise _denied(document, problem.raw_message) from None
        raise
    if answer.denied:
        raise _denied(document, " and ".join(".".join(path) for path in answer.denied[:3]))
    return answer


def _denied(document: Document, raw_message: str) -> AccountProblem:
    scopes = " and ".join(SCOPES[document.name])
    text = f"Shopify does not let the app report deliveries: it needs the access scope {scopes}"
    return AccountProblem(text, system=SYSTEM, raw_code=_DENIED, raw_message=raw_message)
