"""Access tokens of the app at one shop: `POST /admin/oauth/access_token` (Shopify documentation, 2026).

Expiring offline tokens live for an hour and their refresh tokens for ninety days. Since 28 August 2026 a
refresh token that was used stays usable until its replacement is first used, for thirty days at most. The
error bodies are from memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from simulator.stores.shopify.identity import is_genuine

if TYPE_CHECKING:
    from simulator.stores.shopify.shop import FakeShopify

ACCESS_LIFE = timedelta(hours=1)
REFRESH_LIFE = timedelta(days=90)
GRACE = timedelta(days=30)
_DAY = timedelta(days=1)

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 - the name of a type
OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"

Answer = tuple[int, dict[str, Any]]


@dataclass(slots=True)
class _Refresh:
    """A refresh token: until when, when it was first used, and what it was used in place of."""

    until: datetime
    used_at: datetime | None = None
    replaces: str = ""


class OAuth:
    """Issues and checks the app's tokens.

    Attributes
    ----------
    issued
        How many pairs and tokens were given out.
    """

    def __init__(self, shop: FakeShopify, token: str) -> None:
        self.issued = 0
        self._shop = shop
        self._access: dict[str, datetime | None] = {token: None} if token else {}
        self._refresh: dict[str, _Refresh] = {}

    def accepts(self, given: str) -> bool:
        """Whether it is a live access token."""
        if given not in self._access:
            return False
        until = self._access[given]
        return until is None or self._shop.clock.now() < until

    def revoke(self) -> None:
        """End every token, as an uninstallation does."""
        self._access.clear()
        self._refresh.clear()

    def expire(self) -> None:
        """Let the expiring access tokens end before their time."""
        for token, until in self._access.items():
            if until is not None:
                self._access[token] = self._shop.clock.now()

    def answer(self, body: bytes) -> Answer:
        """Answer a request for a token: HTTP status and JSON."""
        try:
            given = json.loads(body)
        except ValueError:
            given = None
        if not isinstance(given, dict):
            return _refused("invalid_request", "The request is not JSON.")
        shop = self._shop
        if (given.get("client_id"), given.get("client_secret")) != (
            shop.client_id,
            shop.mailroom.client_secret,
        ):
            return _refused("invalid_client", "Client authentication failed.")
        if shop.state != "open" or not shop.is_installed:
            return _refused("application_cannot_be_found", "The app is not installed on this shop.")
        grants: Mapping[str, Callable[[dict[str, Any]], Answer]] = {
            EXCHANGE: self._exchange,
            "refresh_token": self._refreshed,
            "client_credentials": self._for_own_shop,
        }
        grant = grants.get(str(given.get("grant_type")))
        if grant is None:
            return _refused("unsupported_grant_type", "The grant type is not supported.")
        return grant(given)

    def _exchange(self, given: dict[str, Any]) -> Answer:
        if given.get("requested_token_type") != OFFLINE:
            return _refused("invalid_request", "The requested token type is not supported.")
        subject, kind = str(given.get("subject_token", "")), given.get("subject_token_type")
        shop = self._shop
        if kind == ID_TOKEN:
            is_good = is_genuine(
                subject,
                shop=shop.domain,
                client_id=shop.client_id,
                client_secret=shop.mailroom.client_secret,
                now=shop.clock.now(),
            )
        else:
            is_good = kind == OFFLINE and self._access.get(subject, shop.clock.now()) is None
        if not is_good:
            return _refused("invalid_subject_token", "The subject token is not valid.")
        if str(given.get("expiring", "0")) not in {"1", "True", "true"}:
            return 200, self._plain(subject if kind == OFFLINE else "")
        if kind == OFFLINE:
            # A migrated token is gone at once, and there is no way back.
            del self._access[subject]
        return 200, self._pair()

    def _refreshed(self, given: dict[str, Any]) -> Answer:
        now = self._shop.clock.now()
        old = str(given.get("refresh_token", ""))
        known = self._refresh.get(old)
        is_over = known is not None and known.used_at is not None and now >= known.used_at + GRACE
        if known is None or now >= known.until or is_over:
            return _refused("invalid_grant", "The refresh token is expired or was revoked.")
        if known.used_at is None:
            known.used_at = now
            # The one that this one replaced has done its duty.
            self._refresh.pop(known.replaces, None)
        return 200, self._pair(replaces=old)

    def _for_own_shop(self, _given: dict[str, Any]) -> Answer:
        token = self._new("shpat")
        self._access[token] = self._shop.clock.now() + _DAY
        return 200, {
            "access_token": token,
            "scope": self._scope(),
            "expires_in": int(_DAY.total_seconds()) - 1,
        }

    def _pair(self, replaces: str = "") -> dict[str, Any]:
        now = self._shop.clock.now()
        access, refresh = self._new("shpat"), self._new("shprt")
        self._access[access] = now + ACCESS_LIFE
        self._refresh[refresh] = _Refresh(now + REFRESH_LIFE, replaces=replaces)
        return {
            "access_token": access,
            "scope": self._scope(),
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "refresh_token": refresh,
            "refresh_token_expires_in": int(REFRESH_LIFE.total_seconds()),
        }

    def _plain(self, known: str) -> dict[str, Any]:
        live = next((token for token, until in self._access.items() if until is None), "")
        token = known or live or self._new("shpat")
        self._access[token] = None
        return {"access_token": token, "scope": self._scope()}

    def _scope(self) -> str:
        return ",".join(sorted(self._shop.scopes))

    def _new(self, prefix: str) -> str:
        self.issued += 1
        return f"{prefix}_{self._shop.rng.getrandbits(128):032x}"


def _refused(code: str, words: str) -> Answer:
    return 400, {"error": code, "error_description": words}
