"""The app in the merchant's admin: opened, granted other scopes, uninstalled, and told to forget people."""

from __future__ import annotations

import base64
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from simulator.stores.shopify.identity import id_token, query_signature
from simulator.stores.shopify.letters import Payload
from simulator.stores.shopify.order_views import customer_number
from simulator.stores.shopify.plain import stamp
from simulator.stores.shopify.records import Customer, OrderRecord, SubscriptionRecord

if TYPE_CHECKING:
    from simulator.stores.shopify.shop import FakeShopify

COMPLIANCE = ("CUSTOMERS_DATA_REQUEST", "CUSTOMERS_REDACT", "SHOP_REDACT")
"""Topics that every app has in its own configuration; they cannot be subscribed to through the API."""
_REDACTION = timedelta(hours=48)


class Installation:
    """What the owner of a shop does with the app."""

    def __init__(self, shop: FakeShopify) -> None:
        self._shop = shop

    def configure(self, uri: str, topics: Sequence[str] = ("APP_UNINSTALLED", "APP_SCOPES_UPDATE")) -> None:
        """Give the app's own configuration webhooks: these topics, and those of compliance.

        They are never deleted for failures, and survive an uninstallation.
        """
        shop = self._shop
        for topic in (*topics, *COMPLIANCE):
            shop.subscriptions.append(
                SubscriptionRecord(shop.next_number(), topic, uri, shop.now(), is_app_specific=True)
            )

    def id_token(self, user: int = 1) -> str:
        """What Shopify gives the browser of somebody who opens the app; good for a minute."""
        shop = self._shop
        return id_token(
            shop=shop.domain,
            client_id=shop.client_id,
            client_secret=shop.mailroom.client_secret,
            user=user,
            unique=f"{shop.rng.getrandbits(128):032x}",
            now=shop.clock.now(),
        )

    def app_home_url(self, application_url: str, user: int = 1) -> str:
        """What the browser opens inside the admin."""
        shop = self._shop
        handle = shop.domain.removesuffix(".myshopify.com")
        host = base64.b64encode(f"admin.shopify.com/store/{handle}".encode()).decode().rstrip("=")
        parameters = {
            "embedded": "1",
            "host": host,
            "id_token": self.id_token(user),
            "locale": "en",
            "shop": shop.domain,
            "timestamp": str(int(shop.clock.now().timestamp())),
        }
        parameters["hmac"] = query_signature(shop.mailroom.client_secret, parameters)
        return f"{application_url}?{urlencode(parameters)}"

    def install(self, scopes: Collection[str] | None = None) -> None:
        """Grant the app its scopes; Shopify does not call it for that."""
        shop = self._shop
        shop.is_installed = True
        shop.scopes = frozenset(scopes) if scopes is not None else shop.scopes

    def change_scopes(self, scopes: Collection[str]) -> None:
        """Grant other scopes."""
        shop = self._shop
        before, shop.scopes = sorted(shop.scopes), frozenset(scopes)
        shop.tell(
            (
                "APP_SCOPES_UPDATE",
                {
                    "id": shop.shop_number,
                    "shop_id": f"gid://shopify/Shop/{shop.shop_number}",
                    "previous": before,
                    "current": sorted(scopes),
                    "updated_at": stamp(shop.now()),
                },
            )
        )

    def uninstall(self) -> None:
        """Remove the app: tokens, subscriptions and its carrier service end, and in 48 hours it is told to
        forget the shop.
        """
        shop = self._shop
        shop.is_installed = False
        shop.oauth.revoke()
        shop.tell(
            (
                "APP_UNINSTALLED",
                {"id": shop.shop_number, "name": shop.domain, "myshopify_domain": shop.domain},
            )
        )
        shop.subscriptions[:] = [record for record in shop.subscriptions if record.is_app_specific]
        shop.carrier_services.end()
        shop.later(shop.clock.now() + _REDACTION, self._redact_shop)

    def request_data(self, order_gid: str) -> None:
        """Whoever placed an order wants to know what is kept."""
        order = self._shop.order(order_gid)
        request = {"data_request": {"id": self._shop.next_number()}}
        payload = self._about(order) | {"orders_requested": [order.number]} | request
        self._shop.tell(("CUSTOMERS_DATA_REQUEST", payload))

    def redact_customer(self, order_gid: str) -> None:
        """Whoever placed an order wants to be forgotten; the shop itself forgets too."""
        order = self._shop.order(order_gid)
        payload = self._about(order) | {"orders_to_redact": [order.number]}
        order.customer, order.address, order.note = Customer("", ""), None, ""
        self._shop.touch(order)
        self._shop.tell(("CUSTOMERS_REDACT", payload))

    def _about(self, order: OrderRecord) -> Payload:
        return self._shop_ids() | {
            "customer": {
                "id": customer_number(order),
                "email": order.customer.email or None,
                "phone": order.customer.phone or None,
            }
        }

    def _shop_ids(self) -> Payload:
        return {"shop_id": self._shop.shop_number, "shop_domain": self._shop.domain}

    def _redact_shop(self) -> None:
        if not self._shop.is_installed:
            self._shop.tell(("SHOP_REDACT", self._shop_ids()))
