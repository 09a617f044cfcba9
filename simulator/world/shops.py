"""The two stores behind one counter: each takes the same purchase in its own way and keeps honest books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from typing import Protocol

from doorstep.address import Address
from doorstep.clock import Clock
from simulator.actor import Actor
from simulator.people.purchase import Handover, Purchase, Receipt
from simulator.people.shopper import Till
from simulator.postman import Postman
from simulator.stores.woocommerce import FakeWooCommerce, Mail
from simulator.stores.woocommerce.shelf import Product
from simulator.world.catalogue import CURRENCY, DIGITAL_GOODS, GOODS
from simulator.world.showing import Shipment, ShownRow, WriteRow


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as its store counts it."""

    store: str
    external_id: str
    number: str
    needs_shipping: bool
    cancelled: bool
    placed_at: datetime


class Shop(Till, Protocol):
    """A store of this world."""

    @property
    def actor(self) -> Actor:
        """What speaks the platform's protocol."""
        ...

    @property
    def display_name(self) -> str:
        """As its sign says."""
        ...

    @property
    def location_key(self) -> str:
        """Place of the city that it ships from."""
        ...

    @property
    def location_external_id(self) -> str:
        """What the platform calls that place, "" where it knows no places."""
        ...

    def link(self, base_url: str) -> tuple[str, Mapping[str, str]]:
        """Address and credentials, by the names that an operator is asked for."""
        ...

    def books(self) -> list[OrderRow]:
        """Every order, oldest first."""
        ...

    def shown(self) -> list[ShownRow]:
        """What it shows of their deliveries."""
        ...

    def writes(self) -> list[WriteRow]:
        """What its app did."""
        ...

    def go_away(self, seconds: float) -> None:
        """Answer nobody for so many world seconds; shoppers who are in it go on."""
        ...

    def lose_webhooks(self, *, are_lost: bool) -> None:
        """Let webhooks get lost on their way, or arrive again."""
        ...

    def spoil(self, external_id: str) -> None:
        """Write something into an order that makes no sense."""
        ...

    def mend(self, external_id: str) -> None:
        """Put that right."""
        ...


class WooCommerceShop:
    """A WooCommerce under a path, whose order numbers begin above 5000."""

    platform = "woocommerce"
    display_name = "Meridian Market East"
    location_key = "store-east"
    location_external_id = ""

    def __init__(self, clock: Clock, postman: Postman, random: Random, time_zone: str) -> None:
        self._key, self._secret = f"ck_{_hex(random, 40)}", f"cs_{_hex(random, 40)}"
        self._webhook_secret = _hex(random, 40)
        self.actor = FakeWooCommerce(
            clock,
            postman,
            random,
            consumer_key=self._key,
            consumer_secret=self._secret,
            time_zone=time_zone,
            currency=CURRENCY,
        )
        shelf = self.actor.shelf
        for place, article in enumerate((*GOODS, *DIGITAL_GOODS), start=101):
            shelf.products[place] = Product(
                id=place,
                sku=article.sku,
                name=article.title,
                price=article.price.amount,
                weight=str(article.weight_g / 1000) if article.weight_g else "",
                is_virtual=article.is_digital,
            )
        # A store with a history: WordPress numbers orders, lines and meta from one row of ids.
        while shelf.next_id() < 5000:
            pass

    def link(self, base_url: str) -> tuple[str, Mapping[str, str]]:
        """Address and credentials, by the names that an operator is asked for."""
        return f"{base_url}/woocommerce", {
            "consumer_key": self._key,
            "consumer_secret": self._secret,
            "webhook_secret": self._webhook_secret,
        }

    def place(self, purchase: Purchase) -> Receipt:
        """Take the order."""
        methods = {Handover.SHIP: "flat_rate", Handover.PICKUP: "local_pickup", Handover.DIGITAL: ""}
        home = address_as_written(purchase)
        order_id = self.actor.place_order(
            [(line.article.sku, line.quantity) for line in purchase.lines],
            home if purchase.needs_shipping else None,
            billing=home,
            shipping_method=methods[purchase.handover],
            shipping_cost=purchase.shipping.price.amount,
            choice=purchase.shipping.choice_reference,
        )
        return Receipt(order_id, order_id)

    def cancel(self, external_id: str) -> None:
        """Cancel it, where it can still be."""
        if self._is_open(external_id):
            self.actor.cancel_order(external_id)

    def move(self, external_id: str, home: Address) -> None:
        """Send it to another address, where that can still be."""
        if self._is_open(external_id):
            self.actor.edit_address(external_id, home)

    def books(self) -> list[OrderRow]:
        """Every order, oldest first."""
        return [
            OrderRow(
                store=self.platform,
                external_id=row["external_id"],
                number=row["number"],
                needs_shipping=row["needs_shipping"],
                cancelled=row["cancelled"],
                placed_at=row["placed_at"].astimezone(UTC),
            )
            for row in self.actor.books()
        ]

    def shown(self) -> list[ShownRow]:
        """What it shows of their deliveries."""
        return [
            ShownRow(
                store=self.platform,
                external_id=row["external_id"],
                number=row["number"],
                status=row["status"],
                shipments=[
                    Shipment(
                        item["custom_tracking_provider"],
                        item["tracking_number"],
                        item["custom_tracking_link"],
                    )
                    for item in row["trackings"]
                ],
                held_for=["on-hold"] if row["status"] == "on-hold" else [],
                notes=[text for text, _, _ in row["notes"]],
            )
            for row in self.actor.books()
        ]

    def writes(self) -> list[WriteRow]:
        """What its app did, webhooks left out: they are written anew at each look after them."""
        counted = Counter(
            (write.method, write.endpoint)
            for write in self.actor.door.writes
            if write.endpoint.startswith("orders")
        )
        return [WriteRow(self.platform, *deed, times) for deed, times in counted.items()]

    def go_away(self, seconds: float) -> None:
        """Answer nobody for so many world seconds; shoppers who are in it go on."""
        self.actor.door.weather.outage(seconds)

    def lose_webhooks(self, *, are_lost: bool) -> None:
        """Let webhooks get lost on their way, or arrive again."""
        self.actor.hooks.mail = Mail(drops=1.0) if are_lost else Mail()

    def spoil(self, external_id: str) -> None:
        """A currency that does not exist."""
        self.actor.overwrite(external_id, currency="ZZZ")

    def mend(self, external_id: str) -> None:
        """Put that right."""
        self.actor.overwrite(external_id, currency=CURRENCY)

    def _is_open(self, external_id: str) -> bool:
        return self.actor.shelf.order(external_id).status in {"processing", "on-hold"}


def address_as_written(purchase: Purchase) -> Address:
    """The shopper's address as the store keeps it."""
    home = replace(purchase.shopper.home, email=purchase.shopper.email)
    return replace(home, line1="") if purchase.is_broken else home


def _hex(random: Random, digits: int) -> str:
    return f"{random.getrandbits(4 * digits):0{digits}x}"
