"""Shopify in the contract suite."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.connector import ShopifyConnector
from connectors.stores.shopify.link import Patience as ShopifyPatience
from connectors.stores.shopify.link import read_client_secret, read_link
from doorstep.money import Money
from doorstep.ports import StoreConnector, StoreLink
from simulator.clock import WorldClock
from simulator.postman import Habits, Postman
from simulator.stores.shopify import CartLine, Customer, FakeShopify, Fault
from simulator.stores.shopify.books import BookRow
from tests.contracts.store_shop import HOME, MANY_CALLS, WAREHOUSE, Kept, Shown, at_once


@dataclass(slots=True)
class ShopifyShop:
    """A Shopify shop with two locations."""

    clock: WorldClock
    postman: Postman
    ailments: Sequence[str] = ("500", "503", "internal_server_error", "cut_before", "html", "empty_object")
    secrets: Sequence[str] = ("shpat_simulated", "simulated-client-secret")
    unknown_id: str = "gid://shopify/Order/404"
    article_id: str = "gid://shopify/ProductVariant/13"
    unknown_article_id: str = "gid://shopify/ProductVariant/404"
    vital_path: Sequence[str | int] = ("order", "lineItems", "nodes", 0, "currentQuantity")
    actor: FakeShopify = field(init=False)

    def __post_init__(self) -> None:
        self.actor = FakeShopify(
            self.clock,
            self.postman,
            random.Random(7),
            places=[("Brooklyn", WAREHOUSE), ("Queens", WAREHOUSE)],
        )
        self.actor.set_plan("Plus")

    def link(self, base_url: str) -> Mapping[str, str]:
        return {
            "url": f"https://{self.actor.domain}",
            "access_token": self.secrets[0],
            "client_secret": self.secrets[1],
            "webhook_secret": self.secrets[1],
            "api_endpoint": base_url,
        }

    def fill(self, count: int) -> None:
        self.actor.fill(count)

    def place(self) -> str:
        tea = CartLine("TEA-1", "Tea tin", 2, Money(2495, "USD"), weight_g=750)
        gid = self.actor.place_order(Customer("Ana", "Lopez", HOME.email, HOME.phone_raw), HOME, [tea])
        self.clock.advance(30)
        self.actor.settle(self.clock.now())
        return gid

    def touch(self, order_id: str) -> None:
        self.clock.advance(1)
        self.actor.edit_address(order_id, HOME)

    def touch_part(self, order_id: str) -> bool:
        (unit,) = self.actor.order(order_id).units
        self.actor.move_unit(unit.gid, self.actor.places[1])
        return True

    def hold(self, order_id: str) -> None:
        self.actor.hold(order_id)

    def delete(self, order_id: str) -> None:
        self.actor.delete_order(order_id)

    def kept(self) -> Mapping[str, Kept]:
        return {order.gid: Kept(order.created_at, order.updated_at) for order in self.actor.orders}

    def shown(self, order_id: str) -> Shown:
        row: BookRow = next(row for row in self.actor.books() if row.external_id == order_id)
        live = [shipment for shipment in row.fulfillments if shipment.status == "SUCCESS"]
        return Shown(
            shipments=[number for shipment in live for _, number, _ in shipment.tracking],
            steps=[event for shipment in row.fulfillments for event in shipment.events],
            holds=sum(len(unit.holds) for unit in row.units),
            is_delivered=[shipment.display_status for shipment in live] == ["DELIVERED"],
        )

    def writes(self) -> int:
        return sum(self.actor.writes.values())

    def fall_ill(self, ailment: str) -> None:
        self.actor.fail_next(ailment, MANY_CALLS)

    def get_well(self) -> None:
        for _ in range(MANY_CALLS):
            self.actor.faults.take(self.clock.now(), is_write=False)

    def lose_answers(self, chance: float) -> None:
        self.actor.faults.chances_of_writes = {Fault.CUT_AFTER: chance} if chance else {}

    def double_letters(self) -> None:
        self.actor.mailroom.habits = Habits(repeat_probability=1.0)

    def webhooks(self) -> Sequence[tuple[str, str]]:
        return sorted((record.topic, record.uri) for record in self.actor.subscriptions)

    def break_webhooks(self) -> None:
        del self.actor.subscriptions[2:4]
        self.actor.subscriptions[0].filter = "total_price:>=100"


def impatient_shopify(link: StoreLink) -> StoreConnector:
    checked = read_link(link)
    patience = ShopifyPatience(call_s=5.0, tries=2, first_pause_s=0.0)
    client = ShopifyClient(checked, patience=patience, sleep=at_once)
    return ShopifyConnector(client, read_client_secret(link.credentials), clock=link.clock)
