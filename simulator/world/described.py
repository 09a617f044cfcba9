"""What an operator would otherwise type by hand to link a gateway with this world."""

from __future__ import annotations

from random import Random

from doorstep.address import Address
from simulator.city import PlaceKind
from simulator.people.purchase import Article
from simulator.world.catalogue import CURRENCY, GOODS
from simulator.world.world import World

MERCHANT_NAME = "Meridian Market"
_SWITCHBOARD = "+12125550100"
_SHOWN_ADDRESSES = 40


def described(world: World, base_url: str) -> dict[str, object]:
    """Merchant, places, stores, carriers, drivers and geocoder; credentials are in it, in the clear.

    `addresses` and `products` are for pages with a checkout: some front doors, and what can be bought.
    """
    return {
        "seed": world.settings.seed,
        "merchant": {"name": MERCHANT_NAME, "currency": CURRENCY, "time_zone": world.city.time_zone},
        "locations": _locations(world),
        "stores": _stores(world, base_url),
        "carriers": world.carriers.links(base_url),
        "drivers": _drivers(world),
        "geocoder_url": f"{base_url}/geocoder/search",
        "addresses": _some_addresses(world),
        "products": [_product(article) for article in GOODS],
    }


def _locations(world: World) -> list[dict[str, object]]:
    places = [place for place in world.city.places if place.kind is PlaceKind.STORE]
    return [
        {
            "key": place.key,
            "name": place.name,
            "time_zone": world.city.time_zone,
            **_address(place.address.to_address(company=place.name, phone=_SWITCHBOARD)),
            "external_ids": {
                shop.platform: shop.location_external_id
                for shop in world.shops.values()
                if shop.location_key == place.key and shop.location_external_id
            },
        }
        for place in places
    ]


def _address(address: Address) -> dict[str, object]:
    where = address.location
    return {
        "company": address.company,
        "line1": address.line1,
        "line2": address.line2,
        "city": address.city,
        "province": address.province,
        "postal_code": address.postal_code,
        "country": address.country,
        "phone": address.phone,
        "location": {"lat": where.lat, "lng": where.lng} if where else None,
    }


def _stores(world: World, base_url: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for shop in world.shops.values():
        url, credentials = shop.link(base_url)
        row = {"platform": shop.platform, "name": shop.display_name, "url": url, "credentials": credentials}
        rows.append({**row, "location": shop.location_key})
    return rows


def _drivers(world: World) -> list[dict[str, object]]:
    return [
        {
            "name": profile.name,
            "device_id": profile.device_id,
            "depot": profile.depot_key,
            "shift_start": profile.shift_start,
            "shift_end": profile.shift_end,
            "capacity_g": profile.capacity_g,
            "vehicle_name": profile.vehicle_name,
        }
        for profile in world.fleet
    ]


def _some_addresses(world: World) -> list[dict[str, object]]:
    doors = Random(f"{world.settings.seed}:doors").sample(world.city.addresses, _SHOWN_ADDRESSES)
    return [_address(door.to_address()) | {"district": door.district} for door in doors]


def _product(article: Article) -> dict[str, object]:
    price = {"amount": article.price.amount, "currencyCode": article.price.currency}
    return {"sku": article.sku, "title": article.title, "price": price, "weight_g": article.weight_g}
