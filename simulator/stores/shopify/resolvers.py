"""The simulated shop's answers to GraphQL: what a query sees, given the scopes of the app that asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError

from simulator.stores.shopify import views
from simulator.stores.shopify.records import OrderRecord, UnitRecord
from simulator.stores.shopify.search import Search, parse_search
from simulator.stores.shopify.views import View, connection, stamp

if TYPE_CHECKING:
    from simulator.stores.shopify.shop import FakeShopify

_FULFILLMENT_SCOPES = (
    "read_assigned_fulfillment_orders",
    "read_merchant_managed_fulfillment_orders",
    "read_third_party_fulfillment_orders",
)


class Root:
    """Resolves the fields of QueryRoot for one request; collects the warnings of its searches."""

    def __init__(self, shop: FakeShopify) -> None:
        self._shop = shop
        self.searches: list[View] = []

    def orders(self, info: Any, query: str | None = None, sortKey: str | None = None, **page: Any) -> View:  # noqa: N803 - GraphQL's name
        """Orders found, by Shopify's default those of this app's scopes that are still open."""
        self._need("orders", "read_orders")
        found = self._search(query, "orders")
        key = _ORDER_KEYS[sortKey or "PROCESSED_AT"]
        return connection(found, self._order, lambda order: (key(order), order.number))(info, **page)

    def ordersCount(self, _info: Any, query: str | None = None, limit: int | None = 10_000) -> View:  # noqa: N802 - GraphQL's name
        """How many orders a search finds; up to `limit`."""
        self._need("ordersCount", "read_orders")
        count = len(self._search(query, "ordersCount"))
        capped = limit is not None and count > limit
        return {"count": limit if capped else count, "precision": "AT_LEAST" if capped else "EXACT"}

    def order(self, _info: Any, id: str) -> View | None:  # noqa: A002 - GraphQL's name
        """One order."""
        self._need("order", "read_orders")
        record = self._shop.order_of(_number(id, "Order"))
        return self._order(record) if record else None

    def fulfillmentOrder(self, _info: Any, id: str) -> View | None:  # noqa: N802, A002 - GraphQL's names
        """One fulfillment order."""
        self._need("fulfillmentOrder", *_FULFILLMENT_SCOPES)
        number = _number(id, "FulfillmentOrder")
        found = (unit for order in self._shop.orders for unit in order.units if unit.number == number)
        return next((self._unit(unit) for unit in found), None)

    def fulfillmentOrders(  # noqa: N802 - GraphQL's name
        self,
        info: Any,
        query: str | None = None,
        includeClosed: bool | None = None,  # noqa: N803 - GraphQL's name
        sortKey: str | None = None,  # noqa: N803 - GraphQL's name
        **page: Any,
    ) -> View:
        """Fulfillment orders found."""
        self._need("fulfillmentOrders", *_FULFILLMENT_SCOPES)
        search = self._parsed(query, "fulfillmentOrders", _UNIT_FIELDS)
        units = [unit for order in self._shop.orders for unit in order.units if search.matches(unit)]
        if not includeClosed:
            units = [unit for unit in units if unit.status not in {"CLOSED", "CANCELLED"}]
        by_time = _updated_at if sortKey == "UPDATED_AT" else None
        return connection(units, self._unit, lambda unit: (by_time(unit) if by_time else "", unit.number))(
            info, **page
        )

    def locations(self, info: Any, **page: Any) -> View:
        """Locations of the shop."""
        self._need("locations", "read_locations", "read_inventory")
        return connection(self._shop.places, views.place, lambda place: (place.number,))(info, **page)

    def shop(self, _info: Any) -> View:
        """The shop itself."""
        shop = self._shop
        return {
            "id": "gid://shopify/Shop/1",
            "name": shop.domain.removesuffix(".myshopify.com"),
            "myshopifyDomain": shop.domain,
            "ianaTimezone": shop.time_zone,
            "currencyCode": shop.currency,
            "plan": {
                "publicDisplayName": shop.plan,
                "shopifyPlus": shop.plan == "Plus",
                "partnerDevelopment": shop.plan == "Development",
            },
        }

    def currentAppInstallation(self, _info: Any) -> View:  # noqa: N802 - GraphQL's name
        """The app that asks."""
        handles = sorted(self._shop.scopes)
        return {
            "id": "gid://shopify/AppInstallation/1",
            "accessScopes": [{"handle": handle, "description": handle} for handle in handles],
        }

    def webhookSubscriptions(  # noqa: N802 - GraphQL's name
        self, info: Any, topics: list[str] | None = None, uri: str | None = None, **page: Any
    ) -> View:
        """The app's own webhook subscriptions."""
        found = [
            record
            for record in self._shop.subscriptions
            if (not topics or record.topic in topics) and uri in {None, record.uri}
        ]
        return connection(found, views.subscription, lambda record: (record.number,))(info, **page)

    def _need(self, field: str, *any_of: str) -> None:
        granted = self._shop.scopes
        if not any(scope in granted or scope.replace("read_", "write_", 1) in granted for scope in any_of):
            wanted = " or ".join(f"`{scope}` access scope" for scope in any_of)
            raise GraphQLError(
                f"Access denied for {field} field. Required access: {wanted}.",
                extensions={
                    "code": "ACCESS_DENIED",
                    "documentation": "https://shopify.dev/api/usage/access-scopes",
                    "requiredAccess": f"{wanted}.",
                },
            )

    def _personal[Value](self, value: Value) -> Callable[..., Value]:
        """A field of protected customer data: null and an error for an app that may not see it."""

        def resolve(info: Any) -> Value:
            if not self._shop.shows_personal_data:
                raise GraphQLError(
                    f"This app is not approved to use the {info.field_name} field. See "
                    "https://shopify.dev/docs/apps/launch/protected-customer-data for more details.",
                    extensions={"code": "ACCESS_DENIED"},
                )
            return value

        return resolve

    def _parsed(self, query: str | None, field: str, getters: dict[str, Any]) -> Search:
        search = parse_search(query or "", getters)
        if search.warnings:
            self.searches.append({"path": [field], "query": query, "warnings": list(search.warnings)})
        return search

    def _search(self, query: str | None, field: str) -> list[OrderRecord]:
        search = self._parsed(query, field, _ORDER_FIELDS)
        found = [order for order in self._shop.searchable_orders() if search.matches(order)]
        if "status" not in search.fields:
            found = [order for order in found if order.cancelled_at is None]
        return found

    def _order(self, order: OrderRecord) -> View:
        presentment = self._shop.presentment
        return {
            "id": order.gid,
            "legacyResourceId": str(order.number),
            "name": order.name,
            "number": int(order.name.lstrip("#")),
            "createdAt": stamp(order.created_at),
            "processedAt": stamp(order.created_at),
            "updatedAt": stamp(order.updated_at),
            "cancelledAt": stamp(order.cancelled_at),
            "cancelReason": "CUSTOMER" if order.cancelled_at else None,
            "closed": False,
            "closedAt": None,
            "test": order.is_test,
            "sourceName": "web",
            "email": self._personal(order.customer.email or None),
            "phone": self._personal(order.customer.phone or None),
            "note": order.note or None,
            "tags": list(order.tags),
            "currencyCode": self._shop.currency,
            "presentmentCurrencyCode": presentment[0],
            "taxesIncluded": False,
            "displayFinancialStatus": "PAID",
            "displayFulfillmentStatus": order.fulfillment_status,
            "requiresShipping": order.needs_shipping,
            "customAttributes": views.attributes(order.attributes),
            "shippingAddress": self._personal(views.mailing_address(order)),
            "totalPriceSet": views.money(order.total, presentment),
            "currentTotalPriceSet": views.money(order.total, presentment),
            "totalShippingPriceSet": views.money(order.shipping_price, presentment),
            "shippingLines": connection([order], self._shipping_line, lambda _: (0,)),
            "lineItems": connection(
                order.lines, lambda record: views.line(record, presentment), lambda record: (record.number,)
            ),
            "fulfillments": lambda _info, **_: views.fulfillments(order),
            "fulfillmentOrders": lambda info, **page: self._units(info, order, page),
        }

    def _shipping_line(self, order: OrderRecord) -> View:
        return {
            "id": f"gid://shopify/ShippingLine/{order.number}",
            "code": order.shipping_code,
            "title": order.shipping_code.replace("_", " ").title(),
            "source": "shopify",
            "isRemoved": False,
            "originalPriceSet": views.money(order.shipping_price, self._shop.presentment),
        }

    def _units(self, info: Any, order: OrderRecord, page: dict[str, Any]) -> View:
        self._need("fulfillmentOrders", *_FULFILLMENT_SCOPES)
        return connection(order.units, self._unit, lambda unit: (unit.number,))(info, **page)

    def _unit(self, unit: UnitRecord) -> View:
        presentment = self._shop.presentment
        return {
            "id": unit.gid,
            "orderId": unit.order.gid,
            "orderName": unit.order.name,
            "order": lambda _info: self._order(unit.order),
            "status": unit.status,
            "requestStatus": unit.request_status,
            "createdAt": stamp(unit.created_at),
            "updatedAt": stamp(unit.updated_at),
            "fulfillAt": stamp(unit.fulfill_at),
            "fulfillBy": None,
            "assignedLocation": {
                **views.place_address(unit.place.address),
                "name": unit.place.name,
                "location": lambda _info: self._place_of(unit),
            },
            "destination": self._personal(views.destination(unit)),
            "deliveryMethod": views.delivery_method(unit),
            "fulfillmentHolds": [views.hold(record) for record in unit.holds],
            "lineItems": connection(
                unit.lines,
                lambda record: views.unit_line(record, presentment),
                lambda record: (record.number,),
            ),
        }

    def _place_of(self, unit: UnitRecord) -> View:
        self._need("location", "read_locations", "read_inventory")
        return views.place(unit.place)


def _number(gid: str, kind: str) -> int:
    head, _, tail = gid.rpartition("/")
    if head != f"gid://shopify/{kind}" or not tail.isdecimal():
        raise GraphQLError("invalid id", extensions={"code": "RESOURCE_NOT_FOUND"})
    return int(tail)


def _has_status(order: OrderRecord) -> Callable[[str], bool]:
    def test(wanted: str) -> bool:
        if wanted == "any":
            return True
        return (order.cancelled_at is not None) == (wanted == "cancelled")

    return test


def _updated_at(record: OrderRecord | UnitRecord) -> str:
    return record.updated_at.isoformat()


def _created_at(record: OrderRecord | UnitRecord) -> str:
    return record.created_at.isoformat()


_ORDER_KEYS: dict[str, Callable[[OrderRecord], str]] = {
    "UPDATED_AT": _updated_at,
    "CREATED_AT": _created_at,
    "PROCESSED_AT": _created_at,
    "ID": lambda _: "",
}
_ORDER_FIELDS: dict[str, Any] = {
    "updated_at": lambda order: order.updated_at,
    "created_at": lambda order: order.created_at,
    "processed_at": lambda order: order.created_at,
    "id": lambda order: order.number,
    "name": lambda order: order.name,
    "tag": lambda order: order.tags,
    "test": lambda order: str(order.is_test),
    "status": _has_status,
}
_UNIT_FIELDS: dict[str, Any] = {
    "updated_at": lambda unit: unit.updated_at,
    "id": lambda unit: unit.number,
    "status": lambda unit: unit.status,
    "assigned_location_id": lambda unit: unit.place.number,
}
