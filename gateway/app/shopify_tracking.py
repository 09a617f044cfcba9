"""Shoppers of Shopify who ask for their orders: who vouches for them, and where they ask."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from urllib.parse import parse_qs

from starlette.routing import Route

from connectors.stores.shopify.link import is_shop
from connectors.stores.shopify.shoppers import (
    Shopper,
    read_claimed_shop,
    read_proxy_call,
    read_session_token,
)
from doorstep.errors import BadSignature, DoorstepError
from doorstep.ports import KnowsBuyers
from doorstep.secret import Secret
from gateway.app.senders import Sender, Senders, app_secrets, store_secrets
from gateway.bootstrap.house import House
from gateway.checkout.counter import Shop
from gateway.checkout.shopify.following import Asker, Following
from gateway.checkout.shopify.guesses import Guesses
from gateway.checkout.shopify.proxy import proxy_routes
from gateway.checkout.shopify.tracking import tracking_routes

ASKING_S = 4.0
"""How long Shopify is asked whose an order is: a page waits for ten seconds."""

MOST_BUYERS = 5_000

Read = Callable[[], Shopper]


def shopify_tracking_routes(house: House) -> list[Route]:
    """`/shopify/tracking` for extensions, `/shopify/proxy/…` for pages of the shop."""
    senders, guesses = Senders(house), Guesses()
    following = Following(house.means, Buyers(house).owns)

    async def by_token(token: str) -> Asker | None:
        shop = read_claimed_shop(token)
        sender = await senders.shop(shop) if shop else None
        return None if sender is None else _asker(sender, _token_readers(house, sender, token))

    async def by_query(query: str) -> Asker | None:
        shop = parse_qs(query).get("shop", [""])[0]
        sender = await senders.shop(shop) if is_shop(shop) else None
        if sender is None:
            return None
        secrets = store_secrets(house, sender)
        return _asker(sender, [lambda: read_proxy_call(query, secrets, house.clock.now())])

    return [
        *tracking_routes(following, guesses, by_token),
        *proxy_routes(following, guesses, by_query),
    ]


def _token_readers(house: House, sender: Sender, token: str) -> Sequence[Read]:
    """For our app, whose id a token has to name, and for one of the shop's own, which its secret tells."""
    ours, now = app_secrets(house), house.clock.now()
    every = store_secrets(house, sender)
    own: list[Secret] = [secret for secret in every if secret not in ours]
    allowed = [secret for secret in ours if secret in every]
    return [
        lambda: read_session_token(token, house.settings.shopify_client_id, allowed, now),
        lambda: read_session_token(token, "", own, now),
    ]


def _asker(sender: Sender, readers: Sequence[Read]) -> Asker | None:
    for read in readers:
        try:
            shopper = read()
        except BadSignature:
            continue
        return Asker(Shop(sender.id, sender.merchant_id), shopper.customer_id, shopper.path_prefix)
    return None


class Buyers:
    """Asks the shop whose an order is, and remembers a yes: an order does not change hands."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._known: OrderedDict[tuple[str, str, str], None] = OrderedDict()

    async def owns(self, shop: Shop, order_external_id: str, customer_id: str) -> bool:
        """See `gateway.checkout.shopify.following.Owns`."""
        key = (shop.store_id, order_external_id, customer_id)
        if key in self._known:
            return True
        try:
            connector = await self._house.links.store(shop.merchant_id, shop.store_id)
            if not isinstance(connector, KnowsBuyers):
                return False
            async with asyncio.timeout(ASKING_S):
                is_theirs = await connector.is_bought_by(order_external_id, customer_id)
        except (DoorstepError, TimeoutError):
            return False
        if is_theirs:
            self._known[key] = None
            if len(self._known) > MOST_BUYERS:
                self._known.popitem(last=False)
        return is_theirs
