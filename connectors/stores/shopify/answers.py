"""What Shopify's Admin API answered, as data or as one of our errors. Pure.

Statuses and error codes as Shopify documents them for the Admin GraphQL API 2026-10: throttling and its own
faults arrive inside HTTP 200. Bodies may hold personal data, so no error quotes one; only the messages of
GraphQL errors, which speak of fields and scopes, are kept as `raw_message`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from connectors.stores.shopify.cost import Cost, read_cost
from connectors.stores.shopify.payload import Field
from doorstep.errors import (
    AccountProblem,
    RateLimited,
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
    UnreadablePayload,
)

SYSTEM = "shopify"

ACCOUNT_STATUSES = {
    401: "Shopify does not accept the access token",
    402: "Shopify has frozen this shop because of an unpaid bill",
    403: "Shopify forbids this app to use the shop",
    404: "Shopify knows no shop of this name",
    423: "Shopify has locked this shop",
}
"""HTTP status -> what is wrong between the app and the shop, for which a person must act."""

_DEFAULT_WAIT_S = 2.0
_LONGEST_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer as it came; header names in lower case, of repeated ones the last."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query brought.

    Attributes
    ----------
    data
        The `data` of the answer.
    denied
        Paths of fields that were left out because the app may not see them.
    api_version
        The version that served it, "" where Shopify did not say.
    date
        Shopify's clock, None where it did not say.
    cost
        Points, None where it did not say.
    """

    data: dict[str, Any]
    denied: tuple[tuple[str, ...], ...] = ()
    api_version: str = ""
    date: datetime | None = None
    cost: Cost | None = None


class Throttled(RateLimited):
    """Shopify's bucket held less than the call would cost; `cost` is what it said of both, if anything."""

    def __init__(self, cost: Cost | None) -> None:
        wait_s = _DEFAULT_WAIT_S if cost is None else (cost.requested - cost.available) / cost.restore_per_s
        super().__init__(
            "Shopify asks us to wait",
            system=SYSTEM,
            retry_after_s=min(max(wait_s, 0.05), _LONGEST_WAIT_S),
            raw_code="THROTTLED",
        )
        self.cost = cost


def read_answer(reply: Reply) -> Answer:
    """Understand a reply.

    Raises
    ------
    RateLimited
        With the seconds to wait: HTTP 429, or THROTTLED inside HTTP 200 (`Throttled`).
    AccountProblem
        If the token, the scopes or the shop are the trouble; `raw_code` is the status or "ACCESS_DENIED".
    RemoteRefused
        If the question itself was wrong, or its search had to be guessed at.
    RemoteUnavailable
        If Shopify is unwell or something else answered in its place.
    """
    _check_status(reply)
    if not reply.body:
        # So it is where a connection ended within the headers, which http.client takes for their end.
        raise _unavailable("Shopify's answer is empty", "no_data")
    try:
        document = json.loads(reply.body)
    except ValueError:
        raise _unavailable("something that is not Shopify's API answered", "not_json") from None
    if not isinstance(document, dict):
        raise _unavailable("something that is not Shopify's API answered", "not_json")
    denied = _check_errors(document)
    _check_search(document)
    data = document.get("data")
    if not isinstance(data, dict):
        raise _unavailable("Shopify's answer has no data", "no_data")
    version = reply.headers.get("x-shopify-api-version", "")
    return Answer(data, denied, version, _date(reply), read_cost(_extensions(document)))


def read_page(connection: Field) -> tuple[list[Field], str | None]:
    """The nodes of a connection, and the cursor of the next page or None where this is the last.

    Raises
    ------
    RemoteUnavailable
        If it is no page: an answer in disorder must not look like an empty shop.
    """
    try:
        nodes = connection["nodes"]
        info = connection["pageInfo"]
        if nodes and info["hasNextPage"].flag():
            return list(nodes.items()), info["endCursor"].text()
        if nodes:
            return list(nodes.items()), None
    except UnreadablePayload:
        pass  # told below, in the same words as a page that is absent
    raise _unavailable("Shopify's answer lacks what was asked for", "no_data")


def read_retry_after(reply: Reply) -> float:
    """Seconds that a 429 asks for, at most a minute."""
    try:
        wait_s = float(reply.headers.get("retry-after") or "")
    except ValueError:
        return _DEFAULT_WAIT_S
    return _DEFAULT_WAIT_S if math.isnan(wait_s) else min(max(wait_s, 0.0), _LONGEST_WAIT_S)


def _check_status(reply: Reply) -> None:
    status = reply.status
    if status == 200:
        return
    if status == 429:
        wait_s = read_retry_after(reply)
        raise RateLimited("Shopify asks us to wait", system=SYSTEM, retry_after_s=wait_s, raw_code="429")
    if status in ACCOUNT_STATUSES:
        text = f"{ACCOUNT_STATUSES[status]} (HTTP {status})"
        raise AccountProblem(text, system=SYSTEM, raw_code=str(status))
    if 300 <= status < 400:
        # A redirect would take the token to another host.
        raise RemoteRefused("Shopify's address answers with a redirect", system=SYSTEM, raw_code="redirect")
    if status >= 500 or status == 408:
        raise _unavailable(f"Shopify answered HTTP {status}", str(status))
    raise RemoteRefused(f"Shopify answered HTTP {status}", system=SYSTEM, raw_code=str(status))


def _check_errors(document: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    """Raise the worst error; give the paths that were denied where data came nevertheless."""
    errors = document.get("errors")
    if not errors:
        return ()
    if not isinstance(errors, list):
        raise RemoteRefused("Shopify refused the request", system=SYSTEM, raw_message=str(errors)[:200])
    denied: list[tuple[str, ...]] = []
    for error in errors:
        if not isinstance(error, dict):
            raise RemoteRefused("Shopify refused the request", system=SYSTEM)
        code = str(_extensions(error).get("code") or "")
        path = error.get("path")
        if code == "ACCESS_DENIED" and isinstance(document.get("data"), dict) and isinstance(path, list):
            denied.append(tuple(str(part) for part in path))
        else:
            raise _error(error, code, document)
    return tuple(denied)


def _error(error: dict[str, Any], code: str, document: dict[str, Any]) -> RemoteError:
    message = str(error.get("message") or "")[:200]
    if code == "THROTTLED" or message == "Throttled":
        return Throttled(read_cost(_extensions(document)))
    if code == "ACCESS_DENIED":
        text = "Shopify denies the app a part of the shop; an access scope is missing"
        return AccountProblem(text, system=SYSTEM, raw_code=code, raw_message=message)
    if code in {"INTERNAL_SERVER_ERROR", "TIMEOUT"}:
        return RemoteUnavailable("Shopify failed inside", system=SYSTEM, raw_code=code, raw_message=message)
    return RemoteRefused("Shopify refused the question", system=SYSTEM, raw_code=code, raw_message=message)


def _check_search(document: dict[str, Any]) -> None:
    """Shopify ignores search terms that it does not know and then finds everything: never accept that."""
    searches = _extensions(document).get("search")
    for search in searches if isinstance(searches, list) else ():
        warnings = search.get("warnings") if isinstance(search, dict) else None
        if warnings:
            text = "Shopify ignored a part of our search"
            raise RemoteRefused(
                text, system=SYSTEM, raw_code="search_warning", raw_message=str(warnings)[:200]
            )


def _date(reply: Reply) -> datetime | None:
    try:
        date = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return None
    return date.astimezone(UTC) if date.tzinfo else None


def _extensions(part: dict[str, Any]) -> dict[str, Any]:
    extensions = part.get("extensions")
    return extensions if isinstance(extensions, dict) else {}


def _unavailable(message: str, code: str) -> RemoteUnavailable:
    return RemoteUnavailable(message, system=SYSTEM, raw_code=code)
