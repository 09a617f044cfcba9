"""Our own Shopify app: who opens it, what a shop grants it, and what a shop that installed it is like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from connectors.stores.shopify.app import AppKeys, ShopifyApp
from connectors.stores.shopify.documents import Document
from connectors.stores.shopify.grants import GrantedTokens
from connectors.stores.shopify.link import read_link
from connectors.stores.shopify.locations import list_locations
from connectors.stores.shopify.payload import Field
from doorstep.clock import Clock
from doorstep.errors import AccountProblem, BadSignature, InvalidInput, RemoteRefused, TokenRejected
from doorstep.order import Location
from doorstep.ports import StoreLink
from doorstep.secret import Secret
from gateway.bootstrap.tokens import TokenPair
from gateway.config import Settings

_SHOP = Document("shop_facts", "query ShopFacts { shop { name currencyCode ianaTimezone } }")

_REFRESH_LASTS = timedelta(days=90)
"""What Shopify documents, where an answer does not say."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody opened our app in a shop's admin, and Shopify says so."""

    shop: str
    id_token: Secret


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """What a merchant is made from.

    Attributes
    ----------
    currency
        ISO 4217.
    time_zone
        IANA.
    """

    name: str
    currency: str
    time_zone: str
    locations: tuple[Location, ...]


class OurShopifyApp:
    """The app that merchants install."""

    def __init__(self, keys: AppKeys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._app = ShopifyApp(keys, clock=clock)

    def credentials(self) -> dict[str, Secret]:
        """What a connector needs of the app beside a shop's tokens, by the names of the store's plug-in."""
        of_app = {"client_secret": self._keys.client_secret}
        if self._keys.api_endpoint:
            of_app["api_endpoint"] = Secret(self._keys.api_endpoint)
        return of_app

    def read_visit(self, id_token: str, query: str) -> Visit:
        """Who comes, by the id token; the shop that the address names has to be the same.

        The address is signed as well, but not for a page that App Bridge loads again: the id token is what
        proves (Shopify documentation, November 2026).

        Raises
        ------
        BadSignature
            If the token is forged, for another app or shop, or its minute is over.
        """
        shop = self._app.read_id_token(id_token).shop
        try:
            is_same = self._app.read_home_shop(query) == shop
        except InvalidInput:
            is_same = False
        if not is_same:
            raise BadSignature("The id token is for another shop than the page.")
        return Visit(shop, Secret(id_token))

    async def exchange(self, visit: Visit) -> TokenPair:
        """What the shop grants to our app.

        Raises
        ------
        TokenRejected
            If the id token's minute was over when it reached Shopify.
        RemoteError
            As `ShopifyApp.exchange`.
        """
        try:
            return self._pair(await self._app.exchange(visit.shop, visit.id_token))
        except AccountProblem as problem:
            if problem.raw_code == "invalid_subject_token":
                raise TokenRejected("The page was open for too long; load it again.") from None
            raise

    async def refresh(self, shop: str, refresh_token: Secret) -> TokenPair:
        """The next pair; raises as `ShopifyApp.refresh`."""
        return self._pair(await self._app.refresh(shop, refresh_token))

    async def read_shop(self, shop: str, access_token: Secret) -> ShopFacts:
        """What kind of shop has just granted a token; raises RemoteError."""
        # The SDK takes a while to import, so it waits until a shop comes.
        from connectors.stores.shopify.client import ShopifyClient

        link = StoreLink(f"https://{shop}", self.credentials() | {"access_token": access_token})
        client = ShopifyClient(read_link(link))
        facts = Field((await client.send(_SHOP, {})).data)["shop"]
        return ShopFacts(
            name=facts["name"].text_or_empty(),
            currency=facts["currencyCode"].text(),
            time_zone=facts["ianaTimezone"].text(),
            locations=await list_locations(client),
        )

    async def close(self) -> None:
        """Let go of connections."""
        await self._app.close()

    def _pair(self, granted: GrantedTokens) -> TokenPair:
        if granted.ends_at is None or granted.refresh_token is None:
            # We always ask for tokens that end; Shopify ends all others in 2027.
            text = "Shopify granted access that cannot be renewed"
            raise RemoteRefused(text, system="shopify", raw_code="not_renewable")
        return TokenPair(
            access_token=granted.access_token,
            access_ends_at=granted.ends_at,
            refresh_token=granted.refresh_token,
            refresh_ends_at=granted.refresh_ends_at or self._clock.now() + _REFRESH_LASTS,
            scopes=tuple(sorted(granted.scopes)),
        )


def open_shopify_app(settings: Settings, clock: Clock) -> OurShopifyApp | None:
    """The app of the settings; None where there is none.

    Raises
    ------
    InvalidInput
        If DOORSTEP_SHOPIFY_ENDPOINT is not on this machine.
    """
    if not settings.shopify_client_id:
        return None
    try:
        keys = AppKeys(
            client_id=settings.shopify_client_id,
            client_secret=settings.shopify_client_secret,
            old_secret=settings.shopify_client_secret_previous or None,
            api_endpoint=settings.shopify_endpoint.rstrip("/"),
        )
    except InvalidInput as error:
        variable = "DOORSTEP_SHOPIFY_ENDPOINT"
        raise InvalidInput(f"{variable}: {error.message}", path=(variable,)) from None
    return OurShopifyApp(keys, clock)
