"""What the app sees of the shop's records, given what it may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError

from simulator.stores.shopify.listing import connection
from simulator.stores.shopify.order_views import order_view, refund_view, return_view
from simulator.stores.shopify.plain import View, place_address, stamp
from simulator.stores.shopify.records import OrderRecord, Place, SubscriptionRecord
from simulator.stores.shopify.stock import StockViews
from simulator.stores.shopify.unit_views import fulfillment_line_view, fulfillment_view, unit_view
from simulator.stores.shopify.units import (
    FulfillmentRecord,
    Picked,
    RefundRecord,
    ReturnRecord,
    UnitRecord,
)

if TYPE_CHECKING:
    from simulator.stores.shopify.shop import FakeShopify


class Views:
    """Records as GraphQL's types, for one request."""

    def __init__(self, shop: FakeShopify) -> None:
        self._shop = shop
        self._shows_personal_data = shop.shows_personal_data
        self.presentment = shop.presentment
        self.stock = StockViews(shop, shop.stock, self.place)

    @property
    def places(self) -> Sequence[Place]:
        """The shop's locations."""
        return self._shop.places

    def personal(self, value: Any) -> Any:
        """A field of protected customer data: null and an error for an app that may not see it."""
        return value if self._shows_personal_data else _not_approved

    def order(self, record: OrderRecord) -> View:
        """An Order."""
        return order_view(self, record)

    def unit(self, record: UnitRecord) -> View:
        """A FulfillmentOrder."""
        return unit_view(self, record)

    def fulfillment(self, record: FulfillmentRecord) -> View:
        """A Fulfillment."""
        return fulfillment_view(self, record)

    def fulfillment_line(self, record: Picked) -> View:
        """A FulfillmentLineItem."""
        return fulfillment_line_view(self, record)

    def refund(self, record: RefundRecord) -> View:
        """A Refund."""
        return refund_view(self, record)

    def goods_return(self, record: ReturnRecord) -> View:
        """A Return."""
        return return_view(self, record)

    def product_of(self, sku: str) -> View | None:
        """The Product of a line."""
        article = self._shop.stock.articles.get(sku)
        return self.stock.product(article) if article else None

    def variant_of(self, sku: str) -> View | None:
        """The ProductVariant of a line."""
        article = self._shop.stock.articles.get(sku)
        return self.stock.variant(article) if article else None

    def inventory_item_gid(self, sku: str) -> str | None:
        """The id of a line's InventoryItem."""
        article = self._shop.stock.articles.get(sku)
        return f"gid://shopify/InventoryItem/{article.number}" if article else None

    def place(self, record: Place) -> View:
        """A Location."""
        return {
            "__typename": "Location",
            "id": record.gid,
            "legacyResourceId": str(record.number),
            "name": record.name,
            "isActive": record.is_active,
            "isFulfillmentService": record.is_fulfillment_service,
            "fulfillsOnlineOrders": record.is_active,
            "shipsInventory": record.is_active,
            "localPickupSettingsV2": None,
            "address": place_address(record.address),
            "inventoryLevels": connection(
                self.stock.levels_at(record),
                lambda article: self.stock.level(article, record),
                lambda article: article.number,
            ),
        }

    def subscription(self, record: SubscriptionRecord) -> View:
        """A WebhookSubscription."""
        return {
            "__typename": "WebhookSubscription",
            "id": record.gid,
            "topic": record.topic,
            "uri": record.uri,
            "name": record.name or None,
            "format": "JSON",
            "filter": record.filter or None,
            "includeFields": list(record.include_fields),
            "apiVersion": {"handle": self._shop.webhook_version, "supported": True},
            "createdAt": stamp(record.created_at),
            "updatedAt": stamp(record.created_at),
        }

    def shop(self) -> View:
        """The Shop."""
        shop = self._shop
        return {
            "__typename": "Shop",
            "id": f"gid://shopify/Shop/{shop.shop_number}",
            "name": shop.domain.removesuffix(".myshopify.com"),
            "myshopifyDomain": shop.domain,
            "ianaTimezone": shop.time_zone,
            "currencyCode": shop.currency,
            "weightUnit": "KILOGRAMS",
            "plan": {
                "publicDisplayName": shop.plan,
                "shopifyPlus": shop.plan == "Plus",
                "partnerDevelopment": shop.plan == "Development",
            },
        }

    def installation(self) -> View:
        """The AppInstallation of the app that asks."""
        handles = sorted(self._shop.scopes)
        return {
            "__typename": "AppInstallation",
            "id": "gid://shopify/AppInstallation/1",
            "app": {"id": "gid://shopify/App/1", "handle": "doorstep"},
            "accessScopes": [{"handle": handle, "description": handle} for handle in handles],
        }


def _not_approved(info: Any, **_: Any) -> Any:
    raise GraphQLError(
        f"This app is not approved to use the {info.field_name} field. See "
        "https://shopify.dev/docs/apps/launch/protected-customer-data for more details.",
        extensions={"code": "ACCESS_DENIED"},
    )
