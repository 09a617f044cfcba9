"""Reads in memory: every call counted, every batch of ids remembered."""
# a fake does not need every parameter of its port

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from doorstep.delivery import Delivery
from doorstep.driver import Driver
from doorstep.errors import TokenRejected
from doorstep.incident import Incident
from doorstep.merchant import Merchant
from doorstep.product import Product
from doorstep.quote import DeliveryMode
from doorstep.route import Route, RoutePlan
from doorstep.secret import Secret
from gateway.api.ports import records as r
from gateway.flow.records import ReportStatus
from tests.unit.api import world as w
from tests.unit.api.fake_choosing import FakeChoosingReads
from tests.unit.api.fake_desk import FakeDeskReads
from tests.unit.api.fake_mending import FakeMendingReads
from tests.unit.api.fake_telling import FakeTellingReads

GOOD_TOKEN = "good-token"


class FakeReads(FakeChoosingReads, FakeDeskReads, FakeMendingReads, FakeTellingReads):
    """Lists and look-ups over what it holds; `calls` counts each method."""

    def __init__(self) -> None:
        self.account = w.MERCHANT
        self.calls: Counter[str] = Counter()
        self.batches: list[tuple[str, tuple[str, ...]]] = []
        self.things: dict[str, dict[str, Any]] = {
            "orders": {w.ORDER.id: w.ORDER},
            "fulfillment_orders": {w.UNIT.id: w.UNIT},
            "quote_sets": {w.QUOTES.id: w.QUOTES, w.DISPATCHER_QUOTES.id: w.DISPATCHER_QUOTES},
            "choices": {w.CHOICE.id: w.CHOICE},
            "deliveries": {w.DELIVERY.id: w.DELIVERY},
            "incidents": {w.incident().id: w.incident()},
            "route_plans": {w.PLAN.id: w.PLAN},
            "routes": {w.ROUTE.id: w.ROUTE},
            "drivers": {w.DRIVER.id: w.DRIVER},
            "stores": {w.STORE.id: w.STORE},
            "locations": {w.LOCATION.id: w.LOCATION},
            "quarantined": {w.MESSAGE.id: w.MESSAGE},
            "driver_states": {w.DRIVER.id: w.STATE},
            "products": {},
            "people": {},
            "key_names": {},
            "slot_templates": {},
            "documents_of": {},
            "slot_holds": {},
            "rules": {},
            "boxes": {},
            "carrier_accounts": {},
            "account_ids_of": {},
            "link_checks": {},
            "stacks": {},
            "stack_waits": {},
            "mode_choices": {},
            "mode_waves": {},
            "waves_of_plans": {},
            "drafts": {},
            "last_attempts_of": {},
            "slot_holds_of_choices": {},
            "choices_of_quote_sets": {w.QUOTES.id: w.CHOICE},
            "store_syncs": {w.STORE.id: w.SYNC},
            "report_counts": {w.STORE.id: {ReportStatus.DUE: 3}},
        }
        self.left_out: dict[str, r.LeftOut] = {}
        self.events = {w.DELIVERY.id: (w.EVENT,)}

    def _by_id(self, name: str, ids: Sequence[str]) -> Mapping[str, Any]:
        self.calls[name] += 1
        self.batches.append((name, tuple(ids)))
        return {id_: self.things[name][id_] for id_ in ids if id_ in self.things[name]}

    def _page(self, name: str, items: Iterable[Any], page: r.PageRequest) -> r.Page[Any]:
        self.calls[f"find_{name}"] += 1
        listed = list(items)
        start = 0 if page.after is None else int(page.after) + 1
        taken = tuple(listed[start : start + page.first])
        places = tuple(str(start + offset) for offset in range(len(taken)))
        return r.Page(taken, places, start + len(taken) < len(listed))

    async def orders(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("orders", ids)

    async def fulfillment_orders(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("fulfillment_orders", ids)

    async def quote_sets(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("quote_sets", ids)

    async def choices(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("choices", ids)

    async def deliveries(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("deliveries", ids)

    async def incidents(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("incidents", ids)

    async def route_plans(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("route_plans", ids)

    async def routes(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("routes", ids)

    async def drivers(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("drivers", ids)

    async def stores(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("stores", ids)

    async def locations(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("locations", ids)

    async def quarantined(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("quarantined", ids)

    async def slot_templates(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("slot_templates", ids)

    async def slot_holds(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("slot_holds", ids)

    async def slot_holds_of_choices(self, choice_ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("slot_holds_of_choices", choice_ids)

    async def choices_of_quote_sets(self, quote_set_ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("choices_of_quote_sets", quote_set_ids)

    async def find_slot_templates(self, page: r.PageRequest) -> r.Page[Any]:
        return self._page("slot_templates", self.things["slot_templates"].values(), page)

    async def count_slot_templates(self, up_to: int) -> int:
        return len(self.things["slot_templates"])

    async def driver_states(self, driver_ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("driver_states", driver_ids)

    async def documents_of(self, leg_ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("documents_of", leg_ids)

    async def store_syncs(self, store_ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("store_syncs", store_ids)

    async def report_counts(self, store_ids: Sequence[str]) -> Mapping[str, Any]:
        return self._by_id("report_counts", store_ids)

    async def products(self, store_id: str, external_ids: Sequence[str]) -> Mapping[str, Product]:
        self.calls["products"] += 1
        kept: dict[str, Product] = self.things["products"]
        return {id_: kept[id_] for id_ in external_ids if id_ in kept}

    async def quote_sets_of(self, fulfillment_order_ids: Sequence[str]) -> Mapping[str, Sequence[Any]]:
        self.calls["quote_sets_of"] += 1
        return {w.UNIT.id: (w.DISPATCHER_QUOTES,)}

    async def deliveries_of_orders(self, order_ids: Sequence[str]) -> Mapping[str, Sequence[Delivery]]:
        self.calls["deliveries_of_orders"] += 1
        every: list[Delivery] = list(self.things["deliveries"].values())
        return {id_: [kept for kept in every if kept.order_id == id_] for id_ in order_ids}

    async def events_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Sequence[Any]]:
        self.calls["events_of"] += 1
        return self.events

    async def incidents_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Sequence[Incident]]:
        self.calls["incidents_of"] += 1
        every: list[Incident] = list(self.things["incidents"].values())
        return {id_: [kept for kept in every if kept.delivery_id == id_] for id_ in delivery_ids}

    async def routes_of_deliveries(self, delivery_ids: Sequence[str]) -> Mapping[str, Route]:
        self.calls["routes_of_deliveries"] += 1
        return {id_: w.ROUTE for id_ in delivery_ids if id_ == w.STOP.delivery_id}

    async def routes_of_plans(self, plan_ids: Sequence[str]) -> Mapping[str, Sequence[Route]]:
        self.calls["routes_of_plans"] += 1
        return {w.PLAN.id: (w.ROUTE,)}

    async def left_out_of(self, delivery_ids: Sequence[str]) -> Mapping[str, r.LeftOut]:
        self.calls["left_out_of"] += 1
        return {id_: self.left_out[id_] for id_ in delivery_ids if id_ in self.left_out}

    async def current_routes_of(self, driver_ids: Sequence[str]) -> Mapping[str, Route]:
        self.calls["current_routes_of"] += 1
        return {w.DRIVER.id: self.things["routes"].get(w.ROUTE.id, w.ROUTE)}

    async def find_orders(self, which: r.OrderFilter, sort: r.Sort, page: r.PageRequest) -> r.Page[Any]:
        return self._page("orders", self.things["orders"].values(), page)

    async def count_orders(self, which: r.OrderFilter, up_to: int) -> int:
        return min(up_to, len(self.things["orders"]))

    def _deliveries(self, which: r.DeliveryFilter) -> list[Delivery]:
        every: list[Delivery] = list(self.things["deliveries"].values())
        named = [kept for kept in every if not which.ids or kept.id in which.ids]
        return [kept for kept in named if not which.statuses or kept.status in which.statuses]

    async def find_deliveries(
        self, which: r.DeliveryFilter, sort: r.Sort, page: r.PageRequest
    ) -> r.Page[Any]:
        return self._page("deliveries", self._deliveries(which), page)

    async def count_deliveries(self, which: r.DeliveryFilter, up_to: int) -> int:
        return min(up_to, len(self._deliveries(which)))

    def _incidents(self, which: r.IncidentFilter) -> list[Incident]:
        every: list[Incident] = list(self.things["incidents"].values())
        named = [kept for kept in every if not which.ids or kept.id in which.ids]
        return [kept for kept in named if kept.status in which.statuses]

    async def find_incidents(self, which: r.IncidentFilter, sort: r.Sort, page: r.PageRequest) -> r.Page[Any]:
        return self._page("incidents", self._incidents(which), page)

    async def count_incidents(self, which: r.IncidentFilter, up_to: int) -> int:
        return min(up_to, len(self._incidents(which)))

    async def find_routes(self, which: r.RouteFilter, page: r.PageRequest) -> r.Page[Any]:
        every: list[Route] = list(self.things["routes"].values())
        wanted = [one for one in every if not which.driver_ids or one.driver_id in which.driver_ids]
        return self._page("routes", wanted, page)

    async def count_routes(self, which: r.RouteFilter, up_to: int) -> int:
        return len(self.things["routes"])

    async def find_route_plans(self, which: r.RoutePlanFilter, page: r.PageRequest) -> r.Page[Any]:
        every: list[RoutePlan] = list(self.things["route_plans"].values())
        named = [one for one in every if which.date in (None, one.date)]
        return self._page("route_plans", named, page)

    async def count_route_plans(self, which: r.RoutePlanFilter, up_to: int) -> int:
        return len(self.things["route_plans"])

    async def find_drivers(self, which: r.DriverFilter, page: r.PageRequest) -> r.Page[Any]:
        every: list[Driver] = list(self.things["drivers"].values())
        return self._page("drivers", [one for one in every if not which.ids or one.id in which.ids], page)

    async def count_drivers(self, which: r.DriverFilter, up_to: int) -> int:
        return len(self.things["drivers"])

    async def find_quarantined(self, which: r.QuarantineFilter, page: r.PageRequest) -> r.Page[Any]:
        return self._page("quarantined", self.things["quarantined"].values(), page)

    async def count_quarantined(self, which: r.QuarantineFilter, up_to: int) -> int:
        return len(self.things["quarantined"])

    async def find_stores(self, page: r.PageRequest) -> r.Page[Any]:
        return self._page("stores", self.things["stores"].values(), page)

    async def count_stores(self, up_to: int) -> int:
        return len(self.things["stores"])

    async def find_locations(self, page: r.PageRequest) -> r.Page[Any]:
        return self._page("locations", self.things["locations"].values(), page)

    async def count_locations(self, up_to: int) -> int:
        return len(self.things["locations"])

    async def merchant(self) -> Merchant:
        self.calls["merchant"] += 1
        return self.account

    async def carriers(self) -> Sequence[r.CarrierCard]:
        self.calls["carriers"] += 1
        return (r.CarrierCard("slow_bikes", "Slow Bikes", DeliveryMode.COURIER),)

    async def tracking_grant(self, token: Secret) -> r.TokenGrant:
        if not token.matches(GOOD_TOKEN):
            raise TokenRejected("this is no tracking token")
        return r.TokenGrant(w.DELIVERY.id, datetime(2026, 12, 1, tzinfo=w.NOW.tzinfo))
