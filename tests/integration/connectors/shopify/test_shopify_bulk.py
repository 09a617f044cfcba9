"""The whole history of a shop by bulk operation, over real HTTP: nothing is lost, whatever breaks."""

from __future__ import annotations

import contextlib
import gc
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.connector import ShopifyConnector
from connectors.stores.shopify.download import Downloader
from doorstep.errors import RemoteRefused
from doorstep.ports import RawOrder
from doorstep.secret import Secret
from simulator.clock import WorldClock
from simulator.stores.shopify import FakeShopify
from tests.integration.connectors.shopify.bulk_files import sample_orders
from tests.integration.connectors.shopify.bulk_shop import BulkShop
from tests.integration.connectors.shopify.conftest import ANA, CLIENT_SECRET, HOME, TEA, Serve

Make = Callable[..., Awaitable[ShopifyConnector]]


@pytest.fixture
def bulk(shop: FakeShopify) -> BulkShop:
    """Nine orders over nine minutes, and files of them."""
    return BulkShop(shop.app)


@pytest.fixture
def make(
    bulk: BulkShop, serve: Serve, client: Callable[..., ShopifyClient], clock: WorldClock, pauses: list[float]
) -> Make:
    """Link to the shop with everything beyond two orders read in bulk."""

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock.advance(seconds)

    async def linked(threshold: int = 2) -> ShopifyConnector:
        bulk.url = await serve(bulk, date=False)
        return ShopifyConnector(
            client(bulk.url), Secret(CLIENT_SECRET), clock=clock, bulk_threshold=threshold, sleep=sleep
        )

    return linked


async def stock(bulk: BulkShop, shop: FakeShopify, clock: WorldClock, linked: ShopifyConnector) -> list[str]:
    """Sell nine orders a minute apart and let the files know them; gives their gids."""
    for number in range(9):
        shop.place_order(ANA, HOME, [TEA] * (1 + number % 3))
        clock.advance(60)
        shop.settle(clock.now())
    raws = [raw async for raw in linked.changed_orders(None)]
    bulk.orders = [body_of(raw) for raw in raws]
    return [raw.external_id for raw in raws]


def body_of(raw: RawOrder) -> dict[str, object]:
    order: dict[str, object] = json.loads(raw.body)["order"]
    return order


async def everything(connector: ShopifyConnector) -> list[RawOrder]:
    return [raw async for raw in connector.all_orders()]


async def test_a_file_with_children_anywhere_gives_what_pages_give(
    bulk: BulkShop, shop: FakeShopify, clock: WorldClock, make: Make
) -> None:
    connector = await make()
    gids = await stock(bulk, shop, clock, connector)
    before = clock.now()
    raws = await everything(connector)
    assert sorted(raw.external_id for raw in raws) == sorted(gids)
    assert all(raw.asked_at == before <= raw.fetched_at for raw in raws)
    paged = {raw.external_id: raw async for raw in connector.changed_orders(None)}
    for raw in raws:
        order, same = connector.read_order(raw), connector.read_order(paged[raw.external_id])
        assert sorted(line.external_id for line in order.lines) == sorted(
            line.external_id for line in same.lines
        )
        assert (order.total, order.status, order.destination) == (same.total, same.status, same.destination)
        assert {unit.external_id for unit in order.fulfillment_orders} == {
            unit.external_id for unit in same.fulfillment_orders
        }
        assert sum(len(unit.lines) for unit in order.fulfillment_orders) == len(order.lines)
        assert raw.changed_at == order.updated_at
    assert bulk.searches == ["status:any"]


async def test_a_few_orders_are_read_page_by_page(
    bulk: BulkShop, shop: FakeShopify, clock: WorldClock, make: Make
) -> None:
    connector = await make(threshold=9)
    gids = await stock(bulk, shop, clock, connector)
    assert [raw.external_id for raw in await everything(connector)] == gids
    assert bulk.searches == []


async def test_a_shop_that_withholds_addresses_is_read_page_by_page_which_say_so(
    bulk: BulkShop, shop: FakeShopify, clock: WorldClock, make: Make
) -> None:
    connector = await make()
    await stock(bulk, shop, clock, connector)
    shop.shows_personal_data = False
    raws = await everything(connector)
    assert [connector.read_order(raw).needs_personal_data for raw in raws] == [True] * 9
    assert bulk.searches == []


async def test_no_rows_are_no_orders(
    bulk: BulkShop, shop: FakeShopify, clock: WorldClock, make: Make
) -> None:
    connector = await make()
    await stock(bulk, shop, clock, connector)
    bulk.orders = []
    assert await everything(connector) == []


async def test_the_operation_is_looked_at_with_growing_pauses(
    bulk: BulkShop, shop: FakeShopify, clock: WorldClock, make: Make, pauses: list[float]
) -> None:
    bulk.looks = 8
    connector = await make()
    await stock(bulk, shop, clock, connector)
    pauses.clear()
    assert len(await everything(connector)) == 9
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


async def test_a_shop_that_is_busy_with_other_operations_is_waited_for(
    bulk: BulkShop, shop: FakeShopify, clock: WorldClock, make: Make
) -> None:
    bulk.refusals = ["OPERATION_IN_PROGRESS"] * 3 + ["LIMIT_REACHED"]
    connector = await make()
    gids = await stock(bulk, shop, clock, connector)
    assert {raw.external_id for raw in await everything(connector)} == set(gids)
    assert len(bulk.searches) == 1


@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize(
    "storage",
    [
        ["503"],
        ["500", "502", "503"],
        ["half"],
        ["half", "503", "half"],
        ["redirect"],
        ["damaged"],
        ["403"],
        ["404", "404"],
    ],
    ids="-".join,
)
async def test_a_file_that_does_not_come_at_once_comes_in_the_end(
    bulk: BulkShop, shop: FakeShopify, clock: WorldClock, make: Make, storage: list[str], is_packed: bool
) -> None:
    bulk.is_packed = is_packed
    connector = await make()
    gids = await stock(bulk, shop, clock, connector)
    bulk.storage = list(storage)
    assert {raw.external_id for raw in await everything(connector)} == set(gids)
    assert bulk.storage == []
    assert len(bulk.searches) == 1, "the operation itself is not run again"
    assert set(bulk.tokens) == {None}, "the storage is not shown our token"


async def test_half_a_file_goes_on_where_it_broke_off(
    bulk: BulkShop, shop: FakeShopify, clock: WorldClock, make: Make
) -> None:
    connector = await make()
    gids = await stock(bulk, shop, clock, connector)
    bulk.storage = ["half"]
    assert {raw.external_id for raw in await everything(connector)} == set(gids)
    assert bulk.ranges[0] == ""
    assert bulk.ranges[1].startswith("bytes=")


async def test_an_operation_that_expired_is_run_again(
    bulk: BulkShop, shop: FakeShopify, clock: WorldClock, make: Make
) -> None:
    bulk.endings = ["EXPIRED"]
    connector = await make()
    gids = await stock(bulk, shop, clock, connector)
    assert {raw.external_id for raw in await everything(connector)} == set(gids)
    assert bulk.searches == ["status:any"] * 2


@pytest.mark.parametrize("ending", ["FAILED", "CANCELED"])
async def test_one_that_fails_is_tried_again_over_shorter_spans(
    bulk: BulkShop, shop: FakeShopify, clock: WorldClock, make: Make, ending: str
) -> None:
    bulk.endings = [ending]
    connector = await make()
    gids = await stock(bulk, shop, clock, connector)
    raws = await everything(connector)
    assert sorted(raw.external_id for raw in raws) == sorted(gids)
    assert bulk.searches == [
        "status:any",
        "created_at:>='2026-11-22T14:00:00Z' AND created_at:<'2026-11-22T14:04:00Z' AND status:any",
        "created_at:>='2026-11-22T14:04:00Z' AND created_at:<'2026-11-22T14:08:01Z' AND status:any",
    ]


async def test_what_a_failed_one_left_is_fetched_by_id_and_given_once(
    bulk: BulkShop, shop: FakeShopify, clock: WorldClock, make: Make
) -> None:
    bulk.endings, bulk.partial = ["FAILED"], 3000
    connector = await make()
    gids = await stock(bulk, shop, clock, connector)
    raws = await everything(connector)
    assert sorted(raw.external_id for raw in raws) == sorted(gids)
    assert len(bulk.ranges) == 3, "what is left of the first, and the files of its halves"


async def test_where_no_operation_succeeds_pages_do(
    bulk: BulkShop, shop: FakeShopify, clock: WorldClock, make: Make
) -> None:
    bulk.endings = ["FAILED"] * 99
    connector = await make()
    gids = await stock(bulk, shop, clock, connector)
    raws = await everything(connector)
    assert sorted(raw.external_id for raw in raws) == sorted(gids)
    # All, 2 halves, 4 quarters, 8 eighths; then pages.
    assert len(bulk.searches) == 15


@pytest.mark.parametrize("code", ["INVALID", "SOMETHING_OF_2027"])
async def test_where_shopify_takes_no_operation_pages_do(
    bulk: BulkShop, shop: FakeShopify, clock: WorldClock, make: Make, code: str
) -> None:
    bulk.refusals = [code] * 99
    connector = await make()
    gids = await stock(bulk, shop, clock, connector)
    assert sorted(raw.external_id for raw in await everything(connector)) == sorted(gids)


async def test_an_operation_that_stands_still_is_cancelled_and_given_up(
    bulk: BulkShop, shop: FakeShopify, clock: WorldClock, make: Make
) -> None:
    bulk.never_ends = True
    connector = await make()
    gids = await stock(bulk, shop, clock, connector)
    assert sorted(raw.external_id for raw in await everything(connector)) == sorted(gids)
    assert bulk.cancelled


@pytest.mark.parametrize("storage", [["elsewhere"] * 99, ["half"] * 199, ["damaged"] * 99])
async def test_a_file_that_cannot_be_had_is_done_without(
    bulk: BulkShop, shop: FakeShopify, clock: WorldClock, make: Make, storage: list[str]
) -> None:
    connector = await make()
    gids = await stock(bulk, shop, clock, connector)
    bulk.storage = storage
    assert sorted(raw.external_id for raw in await everything(connector)) == sorted(gids)


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("https://storage.googleapis.com/shopify/abc?Expires=1", True),
        ("https://shopify.storage.googleapis.com/abc", True),
        ("https://files.shopify.com/abc", True),
        ("http://storage.googleapis.com/shopify/abc", False),
        ("https://storage.googleapis.com.example.test/abc", False),
        ("https://notshopify.com/abc", False),
        ("https://127.0.0.1/abc", False),
        ("http://127.0.0.1/abc", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_files_are_fetched_from_shopifys_places_alone(url: str, is_taken: bool) -> None:
    downloader = Downloader(is_simulated=False)
    if is_taken:
        assert downloader.check(url) == url
        return
    with pytest.raises(RemoteRefused) as refusal:
        downloader.check(url)
    assert refusal.value.raw_code == "file_elsewhere"
    assert "/abc" not in str(refusal.value)


def test_plain_http_is_for_a_simulator_on_this_machine() -> None:
    downloader = Downloader(is_simulated=True)
    assert downloader.check("http://127.0.0.1:8081/abc")
    with pytest.raises(RemoteRefused):
        downloader.check("http://198.51.100.7/abc")


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_whoever_stops_in_the_middle_leaves_nothing_open(
    bulk: BulkShop, shop: FakeShopify, clock: WorldClock, make: Make
) -> None:
    connector = await make()
    await stock(bulk, shop, clock, connector)
    async with contextlib.aclosing(connector.all_orders()) as orders:  # type: ignore[type-var]  # a generator
        first = await anext(orders)
    assert first.external_id
    # An open database would be told of as a ResourceWarning, which is an error here.
    gc.collect()


async def test_files_have_no_name_while_they_are_read_and_leave_nothing_behind(
    bulk: BulkShop, serve: Serve, tmp_path: Path
) -> None:
    bulk.orders = list(sample_orders(50))
    bulk.looks = 0
    base = await serve(bulk)
    bulk.url = base
    started = bulk._start('orders(query: "status:any")')["bulkOperation"]["id"]
    look = bulk._look(started)
    file = await Downloader(is_simulated=True, folder=str(tmp_path)).fetch(look["url"], int(look["fileSize"]))
    with file:
        assert names_in(tmp_path) == []
        assert len(file.read()) == int(look["fileSize"])
    assert names_in(tmp_path) == []
