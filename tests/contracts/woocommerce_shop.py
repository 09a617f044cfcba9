"""WooCommerce in the contract suite."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.stores.woocommerce.client import Limits, WooCommerceClient
from connectors.stores.woocommerce.connector import WooCommerceConnector
from connectors.stores.woocommerce.store_api import Patience, StoreApi
from doorstep.ports import StoreConnector, StoreLink
from simulator.clock import WorldClock
from simulator.postman import Postman
from simulator.stores.woocommerce import CONSUMER_KEY, CONSUMER_SECRET, FakeWooCommerce, Mail, Trouble
from tests.contracts.store_shop import HOME, MANY_CALLS, Kept, Shown, at_once


@dataclass(slots=True)
class WooCommerceShop:
    """A WooCommerce under a path, on 10.5, with fulfillments switched on."""

    clock: WorldClock
    postman: Postman
    ailments: Sequence[str] = (
        "html-200",
        "html-500",
        "html-503",
        "maintenance",
        "database-down",
        "empty-200",
    )
    secrets: Sequence[str] = (CONSUMER_KEY, CONSUMER_SECRET, "whsec-canary-9f0c")
    unknown_id: str = "999999"
    article_id: str = "13"
    unknown_article_id: str = "999999"
    vital_path: Sequence[str | int] = ("order", "line_items", 0, "quantity")
    actor: FakeWooCommerce = field(init=False)

    def __post_init__(self) -> None:
        self.actor = FakeWooCommerce(
            self.clock, self.postman, random.Random(7), base_path="/blog", has_fulfillments=True
        )

    def link(self, base_url: str) -> Mapping[str, str]:
        return {
            "url": f"{base_url}/blog",
            "consumer_key": self.secrets[0],
            "consumer_secret": self.secrets[1],
            "webhook_secret": self.secrets[2],
        }

    def fill(self, count: int) -> None:
        self.actor.fill(count, 7)

    def place(self) -> str:
        order_id = self.actor.place_order([("BREAD-1", 2)], HOME)
        self.clock.advance(30)
        return order_id

    def touch(self, order_id: str) -> None:
        self.clock.advance(1)
        self.actor.edit_address(order_id, HOME)

    def touch_part(self, order_id: str) -> bool:
        # Whatever touches a part stamps the whole order.
        self.touch(order_id)
        return False

    def hold(self, order_id: str) -> None:
        self.actor.set_status(order_id, "on-hold")

    def delete(self, order_id: str) -> None:
        self.actor.delete_forever(order_id)

    def kept(self) -> Mapping[str, Kept]:
        return {row["external_id"]: Kept(row["placed_at"], row["modified_at"]) for row in self.actor.books()}

    def shown(self, order_id: str) -> Shown:
        row = next(row for row in self.actor.books() if row["external_id"] == order_id)
        sent = [{entry["key"]: entry["value"] for entry in one["meta_data"]} for one in row["fulfillments"]]
        return Shown(
            shipments=[str(meta.get("_tracking_number")) for meta in sent],
            steps=[text for text, _, _ in row["notes"] if "[Doorstep" in text],
            holds=int(row["status"] == "on-hold"),
            is_delivered=row["status"] == "completed",
        )

    def writes(self) -> int:
        return len(self.actor.door.writes)

    def fall_ill(self, ailment: str) -> None:
        self.actor.fail_next(Trouble(ailment), MANY_CALLS)

    def get_well(self) -> None:
        while self.actor.door.weather.next_trouble("GET", "") is not None:
            pass

    def lose_answers(self, chance: float) -> None:
        chances = {Trouble.LOST_REPLY: chance} if chance else {}
        self.actor.door.weather.by_chance(chances, 7, writes_only=True)

    def double_letters(self) -> None:
        self.actor.hooks.mail = Mail(doubles=1.0)

    def webhooks(self) -> Sequence[tuple[str, str]]:
        return sorted(
            (hook.topic, hook.delivery_url)
            for hook in self.actor.hooks.webhooks.values()
            if hook.status == "active"
        )

    def break_webhooks(self) -> None:
        hooks = self.actor.hooks.webhooks
        first, second, *_ = list(hooks)
        del hooks[first]
        hooks[second].status = "disabled"


def impatient_woocommerce(link: StoreLink) -> StoreConnector:
    client = WooCommerceClient(
        link.url,
        link.credentials["consumer_key"],
        link.credentials["consumer_secret"],
        limits=Limits(call_s=5.0),
    )
    return WooCommerceConnector(StoreApi(client, patience=Patience(pause=at_once)), link.clock)
