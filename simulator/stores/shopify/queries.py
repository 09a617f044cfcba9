"""The simulated shop's answers to queries: the fields of QueryRoot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from simulator.stores.shopify.ledger import number_of
from simulator.stores.shopify.listing import connection, counted, page_of, searched
from simulator.stores.shopify.order_views import customer_number
from simulator.stores.shopify.plain import View
from simulator.stores.shopify.records import OrderRecord
from simulator.stores.shopify.searching import Search, parse_search
from simulator.stores.shopify.units import DONE, UnitRecord
from simulator.stores.shopify.views import Views

if TYPE_CHECKING:
    from simulator.stores.shopify.shop import FakeShopify

_RECENT = timedelta(days=60)
"""How far back an app without `read_all_orders` sees."""


class Queries:
    """Resolves the fields of QueryRoot for one request; collects the warnings of its searches."""

    def __init__(self, shop: FakeShopify) -> None:
        self._shop = shop
        self._see = Views(shop)
        self.searches: list[View] = []

    def fields(self) -> Mapping[str, Callable[..., Any]]:
        """Their resolvers by name."""
        shop, see = self._shop, self._see
        return {
            "orders": self._orders,
            "ordersCount": self._orders_count,
            "order": self._one("Order", self._visible_order, see.order),
            "fulfillmentOrders": self._units,
            "fulfillmentOrder": self._one("FulfillmentOrder", shop.unit_of, see.unit),
            "fulfillment": self._one("Fulfillment", shop.fulfillments.get, see.fulfillment),
            "location": self._one("Location", shop.place_of, see.place),
            "locations": self._places,
            "products": self._articles(see.stock.product),
            "product": self._one("Product", shop.stock.by_number, see.stock.product),
            "productVariants": self._articles(see.stock.variant),
            "productVariant": self._one("ProductVariant", shop.stock.by_number, see.stock.variant),
            "inventoryItems": self._articles(see.stock.item),
            "inventoryItem": self._one("InventoryItem", shop.stock.by_number, see.stock.item),
            "shop": lambda _: see.shop(),
            "currentAppInstallation": lambda _: see.installation(),
            "webhookSubscriptions": self._subscriptions,
            "webhookSubscription": self._one("WebhookSubscription", self._subscription, see.subscription),
            "node": self._node,
            "nodes": lambda info, ids: [self._node(info, gid) for gid in ids],
            **shop.bulk.queries(),
            **shop.carrier_services.queries(),
        }

    def _one(
        self, kind: str, find: Callable[[int], Any], view: Callable[[Any], View]
    ) -> Callable[..., View | None]:
        def resolve(_info: Any, id: str) -> View | None:  # noqa: A002 - GraphQL's name
            record = find(number_of(id, kind))
            return view(record) if record is not None else None

        return resolve

    def _node(self, info: Any, id: str) -> View | None:  # noqa: A002 - GraphQL's name
        kind = id.removeprefix("gid://shopify/").partition("/")[0]
        name = kind[:1].lower() + kind[1:]
        resolve = self.fields().get(name)
        return resolve(info, id=id) if resolve and name in _NODES else None

    def _orders(self, info: Any, query: str | None = None, sortKey: str | None = None, **page: Any) -> View:  # noqa: N803 - GraphQL's name
        search = self._parsed(query, "orders", ORDER_FIELDS, ORDER_FIELDS_ELSEWHERE)
        self._shop.catch_up()
        return searched(
            self._shop.order_index,
            search,
            _order_of(sortKey or "PROCESSED_AT"),
            self._see.order,
            page_of(info, page),
            is_shown=self._is_shown(search),
        )

    def _orders_count(self, _info: Any, query: str | None = None, limit: int | None = 10_000) -> View:
        search = self._parsed(query, "ordersCount", ORDER_FIELDS, ORDER_FIELDS_ELSEWHERE)
        self._shop.catch_up()
        count, is_exact = counted(self._shop.order_index, search, limit, is_shown=self._is_shown(search))
        return {"count": count, "precision": "EXACT" if is_exact else "AT_LEAST"}

    def _units(
        self,
        info: Any,
        query: str | None = None,
        includeClosed: bool | None = None,  # noqa: N803 - GraphQL's name
        sortKey: str | None = None,  # noqa: N803 - GraphQL's name
        **page: Any,
    ) -> View:
        search = self._parsed(query, "fulfillmentOrders", UNIT_FIELDS)
        self._shop.catch_up()
        return searched(
            self._shop.unit_index,
            search,
            _order_of(sortKey or "ID"),
            self._see.unit,
            page_of(info, page),
            is_shown=None if includeClosed else _is_open,
        )

    def _places(self, info: Any, includeInactive: bool | None = None, **page: Any) -> View:  # noqa: N803 - GraphQL's name
        places = [place for place in self._shop.places if place.is_active or includeInactive]
        return connection(places, self._see.place, lambda place: place.number)(info, **page)

    def _articles(self, view: Callable[[Any], View]) -> Callable[..., View]:
        def resolve(info: Any, query: str | None = None, **page: Any) -> View:
            search = self._parsed(query, info.field_name, ARTICLE_FIELDS)
            found = [article for article in self._shop.stock.articles.values() if search.matches(article)]
            return connection(found, view, lambda article: article.number)(info, **page)

        return resolve

    def _subscriptions(
        self, info: Any, topics: Sequence[str] | None = None, uri: str | None = None, **page: Any
    ) -> View:
        found = [
            record
            for record in self._shop.subscriptions
            if not record.is_app_specific
            and (not topics or record.topic in topics)
            and uri in {None, record.uri}
        ]
        return connection(found, self._see.subscription, lambda record: record.number)(info, **page)

    def _subscription(self, number: int) -> Any:
        return next((record for record in self._shop.subscriptions if record.number == number), None)

    def _parsed(
        self,
        query: str | None,
        field: str,
        getters: Mapping[str, Any],
        unimitated: frozenset[str] = frozenset(),
    ) -> Search:
        search = parse_search(query or "", getters, unimitated=unimitated)
        if search.warnings:
            self.searches.append({"path": [field], "query": query, "warnings": list(search.warnings)})
        return search

    def _visible_order(self, number: int) -> OrderRecord | None:
        order = self._shop.order_of(number)
        return order if order is not None and self._is_in_reach(order) else None

    def _is_in_reach(self, order: OrderRecord) -> bool:
        return "read_all_orders" in self._shop.scopes or order.created_at >= self._shop.now() - _RECENT

    def _is_shown(self, search: Search) -> Callable[[OrderRecord], bool] | None:
        """Orders that are over are found when the search names a status, and old ones with a scope."""
        oldest = self._shop.order_index.oldest()
        all_in_reach = oldest is None or self._is_in_reach(oldest)
        if "status" in search.fields or search.numbers is not None:
            return None if all_in_reach else self._is_in_reach
        return lambda order: (
            order.cancelled_at is None and order.closed_at is None and self._is_in_reach(order)
        )


_NODES = frozenset(
    {"order", "fulfillmentOrder", "fulfillment", "location", "product", "productVariant", "inventoryItem"}
)


def _is_open(unit: UnitRecord) -> bool:
    return unit.status not in DONE


def _order_of(sort_key: str) -> str:
    by = _ORDERS.get(sort_key)
    if by is None:
        raise NotImplementedError(f"the simulated shop does not sort by {sort_key}")
    return by


def _has_status(order: OrderRecord) -> Callable[[str], bool]:
    def test(wanted: str) -> bool:
        is_cancelled, is_closed = order.cancelled_at is not None, order.closed_at is not None
        return {
            "any": True,
            "cancelled": is_cancelled,
            "closed": is_closed,
            "open": not is_cancelled and not is_closed,
            "not_closed": not is_closed,
        }.get(wanted, True)

    return test


_ORDERS = {"UPDATED_AT": "updated_at", "CREATED_AT": "created_at", "PROCESSED_AT": "created_at", "ID": "id"}
ORDER_FIELDS: Mapping[str, Any] = {
    "": lambda order: (order.name, order.customer.email),
    "updated_at": lambda order: order.updated_at,
    "created_at": lambda order: order.created_at,
    "processed_at": lambda order: order.created_at,
    "id": lambda order: order.number,
    "name": lambda order: (order.name, order.name.lstrip("#")),
    "tag": lambda order: order.tags,
    "test": lambda order: str(order.is_test),
    "sku": lambda order: [line.article.sku for line in order.lines],
    "email": lambda order: order.customer.email,
    "customer_id": customer_number,
    "source_name": lambda order: order.source_name,
    "financial_status": lambda order: order.financial_status,
    "fulfillment_status": lambda order: order.fulfillment_status,
    "status": _has_status,
}
# The other fields of Shopify's search for orders (schema 2026-10), which are no mistakes but not imitated.
ORDER_FIELDS_ELSEWHERE = frozenset(
    """
    cart_token channel channel_id chargeback_status checkout_token confirmation_number credit_card_last4
    current_total_price delivery_method discount_code fraud_protection_level
    fulfillment_location_id gateway location_id payment_id payment_provider_id po_number
    reference_location_id return_status risk_level sales_channel source_identifier
    subtotal_line_items_quantity tag_not total_weight
    """.split()
)
UNIT_FIELDS: Mapping[str, Any] = {
    "updated_at": lambda unit: unit.updated_at,
    "id": lambda unit: unit.number,
    "status": lambda unit: unit.status,
    "assigned_location_id": lambda unit: unit.place.number,
}
ARTICLE_FIELDS: Mapping[str, Any] = {
    "": lambda article: article.line.title,
    "id": lambda article: article.number,
    "sku": lambda article: article.line.sku,
    "title": lambda article: article.line.title,
}
