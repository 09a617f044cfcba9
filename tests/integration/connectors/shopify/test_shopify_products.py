"""Articles out of a simulated shop, with weight and stock, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.connector import ShopifyConnector
from doorstep.errors import AccountProblem
from doorstep.product import StockLevel
from doorstep.secret import Secret
from simulator.clock import WorldClock
from simulator.stores.shopify import FakeShopify
from tests.integration.connectors.shopify.conftest import ANA, CLIENT_SECRET, HOME, TEA, Serve
from tests.integration.connectors.shopify.test_shopify_orders import Rewritten


async def variants(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock, count: int
) -> list[str]:
    """Sell an order of so many articles; gives the articles' ids as its lines name them."""
    gid = shop.place_order(ANA, HOME, [replace(TEA, sku=f"TEA-{n}", weight_g=100 + n) for n in range(count)])
    clock.advance(60)
    raw = await connector.fetch_order(gid)
    assert raw is not None
    return [line.product_external_id for line in connector.read_order(raw).lines]


async def test_an_article_has_its_weight_and_where_it_lies_and_no_sides(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    [gid] = await variants(connector, shop, clock, 1)
    first, second = shop.places
    shop.stock.set_level("TEA-0", first, 12)
    shop.stock.set_level("TEA-0", second, -3)
    [product] = await connector.products([gid])
    assert (product.external_id, product.sku, product.weight_g) == (gid, "TEA-0", 100)
    assert (product.dimensions, product.requires_shipping) == (None, True)
    assert sorted(product.stock, key=lambda level: level.location_external_id) == sorted(
        [StockLevel(first.gid, 12), StockLevel(second.gid, -3)],
        key=lambda level: level.location_external_id,
    )
    assert product.available_at(second.gid) == -3


async def test_an_article_has_its_products_tags_and_categories(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    path = "Food, Beverages & Tobacco > Beverages > Alcoholic Beverages > Gin"
    gin = replace(TEA, sku="GIN", tags=("alcohol", "new"), product_type="Spirits", category=path)
    shop.place_order(ANA, HOME, [gin, replace(TEA, sku="TEA-0")])
    clock.advance(60)
    found = {
        product.sku: product for product in await connector.products_by_sku(["GIN", "TEA-0", 'a"b', "X"])
    }
    assert sorted(found) == ["GIN", "TEA-0"]
    assert (found["GIN"].tags, found["GIN"].categories) == (("alcohol", "new"), ("Spirits", path))
    assert (found["TEA-0"].tags, found["TEA-0"].categories) == ((), ())
    assert await connector.products([found["GIN"].external_id]) == (found["GIN"],)


async def test_what_the_shop_does_not_count_is_there_for_anybody(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    [gid] = await variants(connector, shop, clock, 1)
    shop.stock.articles["TEA-0"].is_tracked = False
    [product] = await connector.products([gid])
    assert product.stock == (StockLevel(shop.places[0].gid, None),)


async def test_many_articles_come_in_one_call_in_the_order_that_was_asked_for(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    gids = list(reversed(await variants(connector, shop, clock, 20)))
    asked = shop.requests
    products = await connector.products([*gids, gids[0]])
    assert [product.external_id for product in products] == gids
    assert [product.weight_g for product in products] == list(range(119, 99, -1))
    assert shop.requests == asked + 1


async def test_unknown_articles_are_left_out(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    [gid] = await variants(connector, shop, clock, 1)
    strange = ["gid://shopify/ProductVariant/1", "gid://shopify/Product/2", "", "7"]
    for ids in ([gid, *strange], [*strange, gid]):
        assert [product.external_id for product in await connector.products(ids)] == [gid]
    assert await connector.products(strange) == ()
    assert await connector.products([]) == ()


async def test_stock_in_more_places_than_a_page_holds_is_all_there(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock
) -> None:
    [gid] = await variants(connector, shop, clock, 1)
    for number in range(43):
        place = shop.add_place(f"Shop {number}", HOME)
        shop.stock.set_level("TEA-0", place, number)
    [product] = await connector.products([gid])
    # One hundred where it was first sold, and 0 to 42 in the others.
    assert sorted(level.available or 0 for level in product.stock) == [*range(43), 100]


@pytest.mark.parametrize("count", [1, 5])
async def test_stock_that_the_app_may_not_see_is_an_error_and_no_absence(
    connector: ShopifyConnector, shop: FakeShopify, clock: WorldClock, count: int
) -> None:
    gids = await variants(connector, shop, clock, count)
    shop.scopes = set(shop.scopes) - {"read_inventory", "write_inventory"} | {"read_products"}
    with pytest.raises(AccountProblem) as failure:
        await connector.products(gids)
    assert failure.value.raw_code == "ACCESS_DENIED"


@pytest.mark.parametrize("count", [2, 20])
async def test_an_article_in_disorder_costs_the_others_nothing(
    shop: FakeShopify,
    serve: Serve,
    client: Callable[..., ShopifyClient],
    connector: ShopifyConnector,
    clock: WorldClock,
    count: int,
) -> None:
    gids = await variants(connector, shop, clock, count)

    def spoil(answer: dict[str, Any]) -> None:
        data = answer["data"]
        found = data["productVariants"]["nodes"] if "productVariants" in data else [data["productVariant"]]
        for variant in found:
            if variant["id"] == gids[1]:
                variant["inventoryItem"] = "?"

    spoiled = ShopifyConnector(client(await serve(Rewritten(shop.app, spoil))), Secret(CLIENT_SECRET))
    found = [product.external_id for product in await spoiled.products(gids)]
    assert found == [gids[0], *gids[2:]]
