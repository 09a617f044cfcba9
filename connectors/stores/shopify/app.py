"""Our app as Shopify knows it: who opens it, and the access tokens that it is granted.

Nothing is kept here: whoever calls stores the tokens, and sees to it that one refresh happens at a time.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from connectors.stores.shopify.answers import SYSTEM, Reply
from connectors.stores.shopify.connection import Trust, lost
from connectors.stores.shopify.grants import GrantedTokens, read_grant
from connectors.stores.shopify.link import is_loopback, is_shop
from connectors.stores.shopify.visitors import Visitor, read_home_shop, read_id_token, read_signed_shop
from doorstep.clock import Clock, SystemClock
from doorstep.errors import InvalidInput, RemoteUnavailable, UnknownOutcome
from doorstep.secret import Secret

_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
_ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 - the name of a kind, not a secret
_OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
_LARGEST_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True)
class AppKeys:
    """What the Dev Dashboard shows of an app.

    Attributes
    ----------
    old_secret
        The client secret before the last rotation, while Shopify may still sign with it.
    api_endpoint
        "" for Shopify; for tests a base address on this machine that speaks for every shop.
    ca_file
        Certificates that are trusted beside the system's; "" for none.
    """

    client_id: str
    client_secret: Secret
    old_secret: Secret | None = None
    api_endpoint: str = ""
    ca_file: str = ""

    def __post_init__(self) -> None:
        if not self.client_id:
            raise InvalidInput("The Shopify app's client id is missing.", path=("client_id",))
        if not self.client_secret:
            # With an empty key anyone can sign.
            raise InvalidInput("The Shopify app's client secret is missing.", path=("client_secret",))
        if self.api_endpoint and not is_loopback(self.api_endpoint):
            text = "Another address than Shopify's is for tests, and has to be on this machine."
            raise InvalidInput(text, path=("api_endpoint",))

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The secrets that Shopify may sign with, the present one first."""
        return (self.client_secret, self.old_secret) if self.old_secret else (self.client_secret,)


class ShopifyApp:
    """Answers who opens the app, and asks Shopify for tokens.

    Parameters
    ----------
    budget_s
        For one request, from connecting to the last byte.
    """

    def __init__(self, keys: AppKeys, *, clock: Clock | None = None, budget_s: float = 10.0) -> None:
        self._keys = keys
        self._clock = clock or SystemClock()
        self._budget_s = budget_s
        self._trust = Trust(keys.ca_file)
        self._session: aiohttp.ClientSession | None = None

    def read_id_token(self, token: str) -> Visitor:
        """Who loads the app inside the Shopify admin; see `visitors.read_id_token`."""
        return read_id_token(token, self._keys.client_id, self._keys.secrets, self._clock.now())

    def read_home_shop(self, query: str) -> str:
        """The shop that the app's page is opened for, unproven; see `visitors.read_home_shop`."""
        return read_home_shop(query)

    def read_signed_shop(self, query: str) -> str:
        """The shop of a page that is opened outside the admin; see `visitors.read_signed_shop`."""
        return read_signed_shop(query, self._keys.secrets, self._clock.now())

    async def exchange(self, shop: str, id_token: Secret) -> GrantedTokens:
        """Turn the id token of a visitor into offline tokens.

        An id token lasts a minute. Asking twice is harmless.

        Raises
        ------
        AccountProblem, RemoteRefused, RemoteUnavailable
            As `grants.read_grant` says; RemoteUnavailable also where the answer was lost.
        """
        return await self._ask(shop, _exchange(id_token, _ID_TOKEN) | {"expiring": 1})

    async def refresh(self, shop: str, refresh_token: Secret) -> GrantedTokens:
        """Turn a refresh token into another pair of tokens.

        Raises
        ------
        RemoteUnavailable
            If Shopify is unwell or its answer was lost. Nothing is: the same refresh token stays usable until
            the access token that replaced it is first used, so simply ask again with it.
        AccountProblem, RemoteRefused
            As `grants.read_grant` says; `raw_code` "invalid_grant" means that the merchant must open the app.
        """
        wanted = {"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()}
        return await self._ask(shop, wanted)

    async def migrate(self, shop: str, access_token: Secret) -> GrantedTokens:
        """Turn an offline token that does not end into tokens that do; the old one dies of it.

        Raises
        ------
        UnknownOutcome
            If the answer was lost: try again, and where that brings an AccountProblem the merchant must open
            the app, which gives tokens by exchange.
        AccountProblem, RemoteRefused, RemoteUnavailable
            As `grants.read_grant` says.
        """
        try:
            return await self._ask(shop, _exchange(access_token, _OFFLINE) | {"expiring": "1"})
        except RemoteUnavailable as problem:
            if problem.raw_code not in {"timeout", "connection_lost"}:
                raise
            text = "Shopify's answer was lost; the token may have been replaced"
            raise UnknownOutcome(text, system=SYSTEM, raw_code=problem.raw_code) from None

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _url(self, shop: str) -> str:
        if not is_shop(shop):
            # The client secret goes there, so no other host may ever be named.
            raise InvalidInput("That is no shop's permanent domain.", path=("shop",))
        base = self._keys.api_endpoint.rstrip("/") or f"https://{shop}"
        return f"{base}/admin/oauth/access_token"

    async def _ask(self, shop: str, wanted: Mapping[str, object]) -> GrantedTokens:
        url = self._url(shop)
        keys = {"client_id": self._keys.client_id, "client_secret": self._keys.client_secret.reveal()}
        asked_at = self._clock.now()
        try:
            async with self._open().post(
                url, json={**keys, **wanted}, headers={"Accept": "application/json"}, allow_redirects=False
            ) as response:
                body = await _read(response)
                names = {name.lower(): value for name, value in response.headers.items()}
        except (aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError):
            raise lost("the shop's certificate is not trusted", "certificate") from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise lost("the shop cannot be reached", "unreachable") from None
        except TimeoutError:
            raise lost("the shop did not answer in time", "timeout") from None
        except (aiohttp.ClientError, OSError):
            text = "the connection to the shop broke before the answer was complete"
            raise lost(text, "connection_lost") from None
        return read_grant(Reply(response.status, names, body), asked_at)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            is_remote = not self._keys.api_endpoint
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._trust.context() if is_remote else True),
                timeout=aiohttp.ClientTimeout(total=self._budget_s),
                # Through the proxy that the environment names, which has no business on this machine.
                trust_env=is_remote,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _exchange(token: Secret, kind: str) -> dict[str, object]:
    """A request for an offline token in exchange for another token."""
    return {
        "grant_type": _GRANT,
        "subject_token": token.reveal(),
        "subject_token_type": kind,
        "requested_token_type": _OFFLINE,
    }


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _LARGEST_ANSWER:
            raise lost("the answer is too large", "too_large")
    return bytes(body)
