"""Shopify's answers to requests for access tokens, as tokens or as one of our errors. Pure.

Facts from Shopify's documentation, November 2026: an offline access token ends after 60 minutes, its refresh
token after 90 days; each refresh gives another pair, and since August 2026 a refresh token that was used
stays usable until the access token that replaced it is first used. Bodies hold tokens: no error quotes one.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.stores.shopify.answers import ACCOUNT_STATUSES, SYSTEM, Reply, read_retry_after
from connectors.stores.shopify.link import is_token
from doorstep.errors import AccountProblem, RateLimited, RemoteError, RemoteRefused, RemoteUnavailable
from doorstep.secret import Secret

# A token is not used in its last moments: the call that it is sent with, and clocks, take their time.
_MARGIN = timedelta(minutes=2)
_REFRESH_MARGIN = timedelta(hours=6)
_CODE = re.compile(r"[a-z_]{1,60}")

_REOPEN = "the merchant has to open the app in the Shopify admin once"
_REFUSED = {
    "invalid_grant": f"Shopify no longer renews this app's access to the shop; {_REOPEN}",
    "invalid_subject_token": f"Shopify does not take the token that was to be exchanged; {_REOPEN}",
    "invalid_client": "Shopify does not accept the app's client id and secret",
    "application_cannot_be_found": f"The app is not installed in this shop; {_REOPEN}",
    "unauthorized_client": "Shopify does not let this app ask for tokens in this way",
}


@dataclass(frozen=True, slots=True)
class GrantedTokens:
    """What Shopify granted; keep all of it in one transaction, since each refresh replaces both tokens.

    Attributes
    ----------
    scopes
        What the token may do.
    ends_at
        When to stop using the access token, by our clock and a little before it ends; None for never.
    refresh_token, refresh_ends_at
        None where there is none; after that moment the merchant has to open the app again.
    """

    access_token: Secret
    scopes: frozenset[str]
    ends_at: datetime | None
    refresh_token: Secret | None
    refresh_ends_at: datetime | None


def read_grant(reply: Reply, asked_at: datetime) -> GrantedTokens:
    """Understand an answer of /admin/oauth/access_token.

    Parameters
    ----------
    asked_at
        Our time before the question was sent: lifetimes count from there.

    Raises
    ------
    AccountProblem
        If Shopify will not grant it; `raw_code` is its word, such as "invalid_grant".
    RemoteUnavailable, RateLimited
        If it is unwell or busy, or something else answered in its place.
    RemoteRefused
        If the request itself was wrong.
    """
    body = _as_object(reply.body)
    if reply.status != 200:
        raise _refusal(reply, body)
    access = _token(body, "access_token")
    if access is None:
        # Also where a proxy's page came with 200.
        raise _unavailable("something that is not Shopify's sign-in answered", "not_json")
    refresh = _token(body, "refresh_token")
    scopes = body.get("scope")
    return GrantedTokens(
        access,
        frozenset(part.strip() for part in scopes.split(",") if part.strip())
        if isinstance(scopes, str)
        else frozenset(),
        _end(body, "expires_in", asked_at, _MARGIN),
        refresh,
        _end(body, "refresh_token_expires_in", asked_at, _REFRESH_MARGIN) if refresh else None,
    )


def _refusal(reply: Reply, body: dict[str, Any]) -> RemoteError:
    status = reply.status
    word = body.get("error")
    code = word if isinstance(word, str) and _CODE.fullmatch(word) else str(status)
    code = "invalid_client" if code == "401" else code
    if status == 429:
        wait_s = read_retry_after(reply)
        return RateLimited("Shopify asks us to wait", system=SYSTEM, retry_after_s=wait_s, raw_code="429")
    if status >= 500 or status == 408:
        return _unavailable(f"Shopify answered HTTP {status}", str(status))
    if 300 <= status < 400:
        # A redirect would take the client secret to another host.
        return RemoteRefused("Shopify's address answers with a redirect", system=SYSTEM, raw_code="redirect")
    if code in _REFUSED:
        return AccountProblem(_REFUSED[code], system=SYSTEM, raw_code=code)
    if status in ACCOUNT_STATUSES:
        text = f"{ACCOUNT_STATUSES[status]} (HTTP {status})"
        return AccountProblem(text, system=SYSTEM, raw_code=str(status))
    return RemoteRefused(f"Shopify refused to grant a token ({code})", system=SYSTEM, raw_code=code)


def _token(body: dict[str, Any], name: str) -> Secret | None:
    value = body.get(name)
    return Secret(value) if isinstance(value, str) and is_token(value) else None


def _end(body: dict[str, Any], name: str, asked_at: datetime, margin: timedelta) -> datetime | None:
    lasts_s = body.get(name)
    if not isinstance(lasts_s, int | float) or not math.isfinite(lasts_s):
        return None
    # A century is for ever, and within what a date can hold.
    lasts = timedelta(seconds=min(max(float(lasts_s), 0.0), 3e9))
    return asked_at + lasts - min(margin, lasts / 10)


def _as_object(body: bytes) -> dict[str, Any]:
    try:
        parsed: object = json.loads(body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _unavailable(message: str, code: str) -> RemoteUnavailable:
    return RemoteUnavailable(message, system=SYSTEM, raw_code=code)
