"""Where a shop is reached and how long it is tried; what a merchant enters, checked. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from connectors.stores.shopify.documents import API_VERSION
from doorstep.errors import AccountProblem, InvalidInput
from doorstep.ports import AccessTokens, CredentialField, StoreLink
from doorstep.secret import Secret

CREDENTIALS = (
    CredentialField(
        "access_token",
        "Admin API access token",
        is_secret=True,
        help="Begins with shpat_; Shopify shows it once, when the app is installed. Empty where the app was "
        "installed from Shopify and fetches its tokens itself.",
        default="",
    ),
    CredentialField(
        "client_secret",
        "Client secret of the app",
        is_secret=True,
        help="Shopify signs webhooks with it; found in the Dev Dashboard under the app's settings.",
    ),
    CredentialField(
        "api_endpoint",
        "Base address of the API",
        is_secret=False,
        help="Empty for Shopify itself; for tests a simulator's, such as http://127.0.0.1:8081/shopify.",
        default="",
    ),
)

_SHOP = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")
_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Link:
    """Where one shop is reached and with what.

    Attributes
    ----------
    token
        One that does not end; empty where `tokens` gives those that do.
    endpoint
        "https://<shop>" or a loopback base for tests and simulators; the API's path is appended.
    ca_file
        Certificates that are trusted beside the system's; "" for none.
    """

    shop: str
    token: Secret
    endpoint: str
    ca_file: str = ""
    tokens: AccessTokens | None = None

    @property
    def url(self) -> str:
        """Where queries are posted."""
        return f"{self.endpoint}/admin/api/{API_VERSION}/graphql.json"

    @property
    def is_loopback(self) -> bool:
        """Whether it is a simulator on this machine instead of Shopify."""
        return is_loopback(self.endpoint)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call is tried. Seconds of the machine.

    Attributes
    ----------
    call_s
        For one try, from sending to the last byte.
    tries
        How often while Shopify is unwell.
    waiting_s
        In all, for waits that Shopify itself asks for.
    first_pause_s
        Before the second try; doubles from there, with jitter.
    """

    call_s: float = 30.0
    tries: int = 5
    waiting_s: float = 120.0
    first_pause_s: float = 0.5


class FixedToken:
    """The token of an app that a merchant made by hand: it does not end, and there is no other."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    async def current(self) -> Secret:
        """Always the same."""
        return self._token

    async def renewed(self, rejected: Secret) -> Secret:  # noqa: ARG002 - there is no choice
        """Never; raises `AccountProblem`."""
        raise AccountProblem(
            "Shopify does not accept the access token (HTTP 401)", system="shopify", raw_code="401"
        )


def read_link(link: StoreLink) -> Link:
    """Check what a merchant entered.

    Parameters
    ----------
    link
        Its `url` is the shop's permanent domain, "https://<shop>.myshopify.com" or without the scheme.

    Raises
    ------
    InvalidInput
        Naming the field: "url" or the credential.
    """
    shop = link.url.strip().removeprefix("https://").removesuffix("/")
    if not is_shop(shop):
        raise InvalidInput(
            "The shop's address must be its permanent one, such as https://example.myshopify.com.",
            path=("url",),
        )
    token = _token(link.credentials) if link.tokens is None else Secret("")
    return Link(shop, token, _endpoint(shop, link.credentials), link.ca_file, link.tokens)


def read_client_secret(credentials: Mapping[str, Secret]) -> Secret:
    """The secret that Shopify signs webhooks with.

    Raises
    ------
    InvalidInput
        If it is missing.
    """
    secret = credentials.get("client_secret")
    if not secret:
        raise InvalidInput(
            "The app's client secret is missing; without it forged webhooks cannot be told from Shopify's.",
            path=("credentials", "client_secret"),
        )
    return secret


def is_shop(domain: str) -> bool:
    """Whether it is a shop's permanent domain: no other host is ever called or believed."""
    return _SHOP.fullmatch(domain) is not None


def is_token(text: str) -> bool:
    """Whether it can be a token; it becomes a header, where a line break would begin another one."""
    return _TOKEN.fullmatch(text) is not None


def is_loopback(address: str) -> bool:
    """Whether a URL stays on this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _token(credentials: Mapping[str, Secret]) -> Secret:
    token = credentials.get("access_token")
    if not token:
        raise InvalidInput("The Admin API access token is missing.", path=("credentials", "access_token"))
    if not is_token(token.reveal()):
        raise InvalidInput(
            "The access token has spaces or characters that no token has; copy it again.",
            path=("credentials", "access_token"),
        )
    return token


def _endpoint(shop: str, credentials: Mapping[str, Secret]) -> str:
    given = credentials.get("api_endpoint")
    if not given:
        return f"https://{shop}"
    endpoint = given.reveal().rstrip("/")
    try:
        parts = urlsplit(endpoint)
        plain = parts.scheme == "http" and is_loopback(endpoint)
        usable = (
            bool(parts.hostname) and parts.port != 0 and not (parts.username or parts.query or parts.fragment)
        )
    except ValueError:
        plain = usable = False
        parts = urlsplit("")
    if not usable or not (plain or parts.scheme == "https"):
        raise InvalidInput(
            "The base address must begin with https://; http:// is taken for this machine alone.",
            path=("credentials", "api_endpoint"),
        )
    return endpoint
