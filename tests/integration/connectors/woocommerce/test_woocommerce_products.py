from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from connectors.stores.woocommerce.connector import WooCommerceConnector
from doorstep.address import Address
from doorstep.errors import RemoteUnavailable
from doorstep.money import Money
from doorstep.product import Dimensions, StockLevel
from simulator.stores.woocommerce import FakeWooCommerce, Trouble

MakeStore = Callable[..., FakeWooCommerce]
Link = Callable[..., Awaitable[WooCommerceConnector]]


async def test_the_articles_of_an_order_are_found_by_the_ids_that_its_lines_have(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    order_id = store.place_order([("BREAD-1", 1), ("CAKE-L", 1), ("GIFT-25", 1)], home)
    connector = await link(store)
    raw = await connector.fetch_order(order_id)
    assert raw is not None
    lines = connector.read_order(raw).lines
    products = await connector.products([line.product_external_id for line in lines])
    assert [product.external_id for product in products] == ["13", "21/22", "18"]
    assert [product.sku for product in products] == [line.sku for line in lines]
    assert [(product.weight_g, product.dimensions) for product in products] == [
        (line.weight_g, line.dimensions) for line in lines
    ]
    assert [product.requires_shipping for product in products] == [True, True, False]


async def test_stock_is_counted_at_the_stores_one_place_as_far_as_it_is_counted(
    store: FakeWooCommerce, link: Link
) -> None:
    fish = store.shelf.by_sku("FISH-1")
    store.shelf.products[99] = replace(fish, id=99, sku="FISH-2", stock=0)
    connector = await link(store)
    products = await connector.products(["13", "16", "99", "21/22"])
    # Bread is not counted, and the large cake is taken from the stock of all cakes.
    assert [product.stock for product in products] == [
        (StockLevel("", None),),
        (StockLevel("", 40),),
        (StockLevel("", 0),),
        (StockLevel("", 7),),
    ]
    assert products[2].available_at("") == 0


async def test_an_article_has_the_words_that_the_store_has_for_it_a_variation_its_parents(
    store: FakeWooCommerce, link: Link
) -> None:
    connector = await link(store)
    fish, cake = await connector.products(["16", "21/22"])
    assert (fish.tags, fish.categories) == ((), ("Fish & seafood", "frozen"))
    assert (cake.tags, cake.categories) == (("Keep refrigerated",), ("Cakes",))


async def test_articles_and_variations_are_found_by_sku(store: FakeWooCommerce, link: Link) -> None:
    connector = await link(store)
    found = await connector.products_by_sku(["CAKE-L", "BREAD-1", "NOBODY", "a,b", ""])
    assert {product.sku: (product.external_id, product.tags) for product in found} == {
        "BREAD-1": ("13", ()),
        "CAKE-L": ("21/22", ("Keep refrigerated",)),
    }
    assert await connector.products_by_sku([]) == ()


async def test_unknown_and_odd_ids_are_left_out(store: FakeWooCommerce, link: Link) -> None:
    connector = await link(store)
    assert await connector.products(["", "x", "777", "777/22", "21/777", "../orders", "-1"]) == ()
    assert await connector.products([]) == ()


async def test_stock_is_read_anew_each_time(store: FakeWooCommerce, link: Link) -> None:
    connector = await link(store)
    await connector.products(["16"])
    store.shelf.products[16] = replace(store.shelf.products[16], stock=3)
    (fish,) = await connector.products(["16"])
    assert fish.available_at("") == 3


@pytest.mark.parametrize(
    ("units", "weight_g", "box"),
    [
        (("kg", "cm"), 750, Dimensions(300, 140, 120)),
        (("g", "mm"), 1, Dimensions(30, 14, 12)),
        (("lbs", "in"), 341, Dimensions(762, 356, 305)),
        (("oz", "yd"), 22, Dimensions(27432, 12802, 10973)),
        (("kg", "m"), 750, Dimensions(30_000, 14_000, 12_000)),
    ],
)
async def test_weights_and_sides_are_read_in_the_units_of_the_store(
    make_store: MakeStore, link: Link, units: tuple[str, str], weight_g: int, box: Dimensions
) -> None:
    store = make_store(weight_unit=units[0], dimension_unit=units[1])
    (bread,) = await (await link(store)).products(["13"])
    assert (bread.weight_g, bread.dimensions) == (weight_g, box)


@pytest.mark.parametrize(
    ("currency", "decimals", "total"),
    [
        ("USD", 2, Money(1400, "USD")),
        ("USD", 0, Money(1400, "USD")),
        ("JPY", 2, Money(14, "JPY")),
        ("KWD", 3, Money(14_000, "KWD")),
    ],
)
async def test_the_decimals_that_a_store_shows_need_not_be_those_of_its_currency(
    make_store: MakeStore, link: Link, home: Address, currency: str, decimals: int, total: Money
) -> None:
    store = make_store(currency=currency, price_decimals=decimals)
    order_id = store.place_order([("BREAD-1", 1)], home, shipping_cost="7.50")
    connector = await link(store)
    raw = await connector.fetch_order(order_id)
    assert raw is not None
    assert connector.read_order(raw).total == total


async def test_a_store_that_is_unwell_has_no_empty_shelves(store: FakeWooCommerce, link: Link) -> None:
    store.fail_next(Trouble.HTML_200, count=1000, where="products")
    with pytest.raises(RemoteUnavailable):
        await (await link(store)).products(["13"])
