"""The Shopify shop of this world, on the west bank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from random import Random

from doorstep.address import Address
from doorstep.clock import Clock
from simulator.city import City
from simulator.people.purchase import Handover, Purchase, Receipt
from simulator.postman import Postman
from simulator.stores.shopify import CartLine, Customer, FakeShopify
from simulator.stores.shopify.books import BookRow, write_rows
from simulator.stores.shopify.records import OrderRecord
from simulator.world.catalogue import CURRENCY
from simulator.world.shops import OrderRow, address_as_written
from simulator.world.showing import Shipment, ShownRow, WriteRow

_DOMAIN = "meridian-market.myshopify.com"
_CHOICE_ATTRIBUTE = "doorstep_choice"
# FulfillmentOrder's DeliveryMethodType in the Admin API 2026-10.
_METHODS = {Handover.SHIP: "SHIPPING", Handover.PICKUP: "PICK_UP", Handover.DIGITAL: "NONE"}


class ShopifyShop:
    """A shop whose order numbers begin at #1001."""

    platform = "shopify"
    display_name = "Meridian Market West"
    location_key = "store-west"

    def __init__(self, clock: Clock, postman: Postman, random: Random, city: City) -> None:
        self._token = f"shpat_{random.getrandbits(128):032x}"
        self._client_secret = f"{random.getrandbits(128):032x}"
        place = city.place(self.location_key)
        self.actor = FakeShopify(
            clock,
            postman,
            random,
            places=[(place.name, place.address.to_address(company=place.name))],
            domain=_DOMAIN,
            token=self._token,
            client_secret=self._client_secret,
            currency=CURRENCY,
            time_zone=city.time_zone,
        )
        # A day that passes in minutes asks of the shop in a second what a real one is asked in a minute, and
        # the machine's seconds fill its bucket.
        self.actor.set_plan("Enterprise")

    @property
    def location_external_id(self) -> str:
        """What Shopify calls the place that it ships from."""
        return self.actor.places[0].gid

    def link(self, base_url: str) -> tuple[str, Mapping[str, str]]:
        """Address and credentials, by the names that an operator is asked for."""
        return f"https://{_DOMAIN}", {
            "access_token": self._token,
            "client_secret": self._client_secret,
            "api_endpoint": f"{base_url}/{self.actor.name}",
        }

    def place(self, purchase: Purchase) -> Receipt:
        """Take the order."""
        shopper, shipping = purchase.shopper, purchase.shipping
        reference = shipping.choice_reference
        gid = self.actor.place_order(
            Customer(shopper.first_name, shopper.last_name, shopper.email, shopper.phone),
            address_as_written(purchase) if purchase.needs_shipping else None,
            [
                CartLine(
                    sku=line.article.sku,
                    title=line.article.title,
                    quantity=line.quantity,
                    unit_price=line.article.price,
                    weight_g=line.article.weight_g,
                    requires_shipping=not line.article.is_digital,
                )
                for line in purchase.lines
            ],
            shipping.code,
            {_CHOICE_ATTRIBUTE: reference} if reference else {},
            shipping_price=shipping.price,
            method=_METHODS[purchase.handover],
        )
        return Receipt(gid, self._order(gid).name)

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
                external_id=order.gid,
                number=order.name,
                needs_shipping=order.needs_shipping and order.method == _METHODS[Handover.SHIP],
                cancelled=order.cancelled_at is not None,
                placed_at=order.created_at.astimezone(UTC),
            )
            for order in self.actor.orders
        ]

    def shown(self) -> list[ShownRow]:
        """What it shows of their deliveries."""
        return [self._shown(row) for row in self.actor.books()]

    def writes(self) -> list[WriteRow]:
        """What its app did, webhooks left out."""
        return [
            WriteRow(self.platform, row.mutation, row.target, row.times)
            for row in write_rows(self.actor)
            if row.mutation.startswith("fulfillment")
        ]

    def go_away(self, seconds: float) -> None:
        """Answer nobody for so many world seconds; shoppers who are in it go on."""
        self.actor.go_down(seconds)

    def lose_webhooks(self, *, are_lost: bool) -> None:
        """Let webhooks get lost on their way, or arrive again."""
        self.actor.mailroom.own.drop_probability = 1.0 if are_lost else 0.0

    def spoil(self, external_id: str) -> None:
        """An article that weighs less than nothing."""
        self._weigh(external_id, -1)

    def mend(self, external_id: str) -> None:
        """Put that right."""
        self._weigh(external_id, 1)

    def _weigh(self, gid: str, sign: int) -> None:
        order = self._order(gid)
        for line in order.lines:
            line.article = replace(line.article, weight_g=sign * abs(line.article.weight_g))
        self.actor.touch(order)

    def _shown(self, row: BookRow) -> ShownRow:
        live = [shipment for shipment in row.fulfillments if shipment.status == "SUCCESS"]
        return ShownRow(
            store=self.platform,
            external_id=row.external_id,
            number=row.number,
            status=live[-1].display_status if live else "",
            shipments=[
                Shipment(*tracking, steps=[status for status, _ in shipment.events])
                for shipment in live
                for tracking in shipment.tracking
            ],
            held_for=[reason for unit in row.units for reason, _, _ in unit.holds],
            notes=[],
        )

    def _order(self, gid: str) -> OrderRecord:
        return next(order for order in reversed(self.actor.orders) if order.gid == gid)

    def _is_open(self, gid: str) -> bool:
        order = self._order(gid)
        return order.cancelled_at is None and not order.shipped_as
