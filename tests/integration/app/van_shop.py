"""A WooCommerce shop with vans of its own, and its plugin as the gateway hears it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.fleet.settings import Depot, FleetSettings, RateBand
from connectors.fleet.zone import Zone
from doorstep.money import Money
from gateway.bootstrap.accounts import add_carrier, add_driver
from tests.integration.app.market import CENTRE, HOME, Market
from tests.integration.app.premises import Premises, Tenant

VANS = "own_fleet."
BREAD = {
    "key": "a1",
    "product_id": 13,
    "variation_id": 0,
    "sku": "BREAD-1",
    "title": "Sourdough loaf",
    "quantity": 2,
    "price_minor": 650,
    "weight_g": 750,
    "length_mm": 300,
    "width_mm": 140,
    "height_mm": 120,
    "needs_shipping": True,
}
FLOWERS = {**BREAD, "key": "b2", "product_id": 14, "sku": "FLOW-1", "title": "Flower bouquet", "quantity": 1}
_SAVE = """mutation($in: SaveSlotTemplateInput!) { saveSlotTemplate(input: $in) { __typename
  ... on SaveSlotTemplateSuccess { slotTemplate { id version } } ... on Problem { code message } } }"""
_ORDERS = """{ orders(first: 5) { nodes { externalId choice { reference }
  fulfillmentOrders { id status lines { nodes { quantity } } }
  deliveries(first: 5) { nodes { id status promise { basis window { start } }
    legs { carrier { code } } } } } }
  deliveryExceptions(filter: {status: [OPEN]}) { nodes { title evidence } } }"""


@dataclass(frozen=True, slots=True)
class VanShop:
    """A merchant with own vans in one zone and a courier, and their shop."""

    premises: Premises
    market: Market
    tenant: Tenant
    site: str

    async def template(self, **changes: object) -> str:
        """A slot every weekday, 15:00 to 17:00, with one place and 2.00 on top; gives the template's id."""
        wish = {
            "name": "Afternoon",
            "locationId": self.tenant.location_id,
            "weekdays": [1, 2, 3, 4, 5],
            "startsAt": "15:00",
            "endsAt": "17:00",
            "timeZone": "America/New_York",
            "capacity": 1,
            "cutoffSeconds": 7200,
            "price": {"amount": "2.00", "currencyCode": "USD"},
            **changes,
        }
        answer = await self.premises.ask(_SAVE, self.tenant.secret_key, **{"in": wish})
        saved: dict[str, Any] = answer["saveSlotTemplate"]
        assert "slotTemplate" in saved, saved
        return str(saved["slotTemplate"]["id"])

    async def call(self, path: str, body: Mapping[str, object]) -> tuple[int, dict[str, Any]]:
        """What the plugin sends, and the answer."""
        headers = {
            "authorization": f"Bearer {self.tenant.publishable_key}",
            "x-doorstep-site": self.site,
            "x-doorstep-budget-ms": "1800",
        }
        raw = json.dumps(body).encode()
        status, text = await self.premises.post(f"/checkout/woocommerce/{path}", raw, headers)
        answer: dict[str, Any] = json.loads(text)
        return status, answer

    async def rates(
        self, items: Sequence[Mapping[str, object]] = (BREAD,), locale: str = "en_US"
    ) -> dict[str, Any]:
        """What the shopper is shown, once all have answered: the plugin asks again as well."""
        home = {
            "country": HOME.country,
            "state": HOME.province,
            "postcode": HOME.postal_code,
            "city": HOME.city,
            "address_1": HOME.line1,
        }
        cart = {"cart_id": "wc-1", "currency": "USD", "locale": locale, "destination": home, "items": items}
        status, shown = await self.call("rates", cart)
        for _ in range(5):
            assert status == 200, shown
            if shown["complete"]:
                break
            status, shown = await self.call("rates", cart)
        return shown

    async def choose(
        self, shown: Mapping[str, Any], slot_id: str | None, key: str, package: str = "0", **changes: object
    ) -> tuple[int, dict[str, Any]]:
        """Take the vans' option."""
        wish = {
            "idempotency_key": key,
            "options_id": shown["options_id"],
            "option_id": vans_of(shown)["option_id"],
            "slot_id": slot_id,
            "cart_id": "wc-1",
            "package": package,
            "locale": "en_US",
        }
        return await self.call("choose", {**wish, **changes})

    async def taken(self, *slot_ids: str) -> Mapping[str, int]:
        """Places that are held or confirmed."""
        async with self.premises.house.means.begin(self.tenant.merchant_id) as work:
            return await work.slots.taken(slot_ids, self.premises.house.clock.now())

    def order(self, *carriages: Mapping[str, str], paid: bool = True) -> str:
        """An order of bread and flowers with a shipping line for each of these pieces of meta."""
        shop = self.market.woocommerce
        status = "processing" if paid else "pending"
        goods = [("BREAD-1", 2.0), ("FLOW-1", 1.0)][: len(carriages)]
        order_id = shop.place_order(goods, HOME, rate=carriages[0], shipping_method="doorstep", status=status)
        self.shows(order_id, *carriages)
        return order_id

    def shows(self, order_id: str, *carriages: Mapping[str, str]) -> None:
        """The order's shipping lines carry this meta from here on."""
        self.market.forgeries["woocommerce"].edits[order_id] = _with_lines(carriages)

    async def settle(self, rounds: int = 3) -> None:
        """Until the order is taken in and booked."""
        for _ in range(rounds):
            await self.premises.tick(5)

    async def seen(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The only order as the merchant sees it, and what a person must see to."""
        data = await self.premises.ask(_ORDERS, self.tenant.secret_key)
        (order,) = data["orders"]["nodes"]
        return order, data["deliveryExceptions"]["nodes"]


async def open_shop(premises: Premises) -> VanShop:
    """Move in."""
    tenant = await premises.tenant()
    site = await premises.link_store(tenant, "woocommerce")
    fleet = FleetSettings(
        currency="USD",
        depots={tenant.location_id: Depot(CENTRE, "America/New_York")},
        zones=(Zone("midtown", postcode_prefixes=("101",), country="US"),),
        bands=(RateBand("midtown", None, Money(300, "USD")),),
    )
    await add_carrier(
        premises.house, tenant.merchant_id, code="own_fleet", credentials={}, settings=fleet.to_json()
    )
    await add_driver(
        premises.house,
        tenant.merchant_id,
        name="Van 1",
        depot_id=tenant.location_id,
        device_id="van-1",
        shift_start="09:00",
        shift_end="20:00",
        capacity_g=400_000,
        vehicle_name="Van",
    )
    await premises.link_courier(tenant)
    return VanShop(premises, premises.market, tenant, site)


def vans_of(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The rate of the own vans."""
    return next(dict(rate) for rate in shown["rates"] if rate["code"].startswith(VANS))


def meta_of(
    shown: Mapping[str, Any], rate: Mapping[str, Any], articles: str = "", **more: str
) -> dict[str, str]:
    """What the plugin leaves in the shipping line of a rate."""
    meta = {
        "_doorstep_option": f"{shown['options_id']}/{rate['option_id']}",
        "_doorstep_service": rate["code"],
        "_doorstep_items": articles,
        **{f"_doorstep_{name}": value for name, value in more.items()},
    }
    return {name: value for name, value in meta.items() if value}


def _with_lines(carriages: Sequence[Mapping[str, str]]) -> Callable[[dict[str, Any]], None]:
    def edit(order: dict[str, Any]) -> None:
        line = order["shipping_lines"][0]
        order["shipping_lines"] = [
            {**line, "id": line["id"] + 1000 * place, "meta_data": _entries(meta)}
            for place, meta in enumerate(carriages)
        ]

    return edit


def _entries(meta: Mapping[str, str]) -> list[dict[str, object]]:
    return [{"id": number, "key": key, "value": value} for number, (key, value) in enumerate(meta.items(), 1)]
