"""With Shopify's own connector against its simulator: goods move there, and the ids are Shopify's."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.order import FulfillmentOrder, FulfillmentOrderStatus, Location, StorePlatform
from doorstep.sourcing import SourcingOutcome, SourcingRules, SourcingStrategy
from gateway.flow.sourcing.preview import save_rules
from simulator.stores.shopify import CartLine, Customer, FakeShopify
from tests.contracts.store_rig import Rig, open_rig
from tests.contracts.store_shop import HOME as DOOR
from tests.integration.flow.fakes import MERCHANT_ID, FakeStore
from tests.integration.flow.stage import Stage


async def _settle_in(stage: Stage, rig: Rig, strategy: SourcingStrategy) -> list[Location]:
    """Brooklyn far away and Queens around the corner, as Shopify names them."""
    stage.links.shop = cast(FakeStore, rig.store)
    places: list[Location] = []
    for number, (told, lat) in enumerate(zip(await rig.store.locations(), (40.60, 40.75), strict=True)):
        address = replace(told.address, location=LatLng(lat, -73.98))
        id_ = f"loc_01jd000000000000000000010{number}"
        places.append(replace(told, id=id_, merchant_id=MERCHANT_ID, address=address))
    async with stage.means.begin(MERCHANT_ID) as work:
        for place in places:
            await work.accounts.put_location(place)
    await save_rules(stage.means, MERCHANT_ID, SourcingRules(strategy))
    return places


def _order(shop: FakeShopify) -> str:
    tea = CartLine("TEA-1", "Tea tin", 2, Money(2495, "USD"), weight_g=750)
    kettle = CartLine("KETTLE-1", "Kettle", 1, Money(5995, "USD"), weight_g=1200)
    return shop.place_order(Customer("Ana", "Lopez", DOOR.email, DOOR.phone_raw), DOOR, [tea, kettle])


def _shop(rig: Rig) -> FakeShopify:
    assert isinstance(rig.shop.actor, FakeShopify)
    return rig.shop.actor


async def _taken_in(stage: Stage, rig: Rig, gid: str) -> list[FulfillmentOrder]:
    rig.clock.advance(30)
    _shop(rig).settle(rig.clock.now())
    await stage.take_in()
    await stage.settle()
    return list((await stage.order(gid)).fulfillment_orders)


async def test_shopify_moves_a_whole_order_and_its_echo_says_nothing_new(stage: Stage) -> None:
    async with open_rig(StorePlatform.SHOPIFY) as rig:
        shop = _shop(rig)
        _, queens = await _settle_in(stage, rig, SourcingStrategy.NEAREST)
        gid = _order(shop)
        for sku in ("TEA-1", "KETTLE-1"):
            shop.stock.set_level(sku, shop.places[1], 9)
        (unit,) = await _taken_in(stage, rig, gid)
        assert unit.location_id == queens.id
        assert unit.external_id == shop.order(gid).units[0].gid
        assert shop.order(gid).units[0].place is shop.places[1]
        assert unit.sourcing is not None
        assert (unit.sourcing.outcome, unit.sourcing.problem) == (SourcingOutcome.MOVED, "")
        rig.clock.advance(60)
        (again,) = await _taken_in(stage, rig, gid)
        assert replace(again, changed_at=None) == replace(unit, changed_at=None)
        assert sum(count for (write, _), count in shop.writes.items() if write.endswith("Move")) == 1


async def test_shopify_splits_what_one_location_does_not_have_and_refuses_what_is_in_progress(
    stage: Stage,
) -> None:
    async with open_rig(StorePlatform.SHOPIFY) as rig:
        shop = _shop(rig)
        brooklyn, queens = await _settle_in(stage, rig, SourcingStrategy.FEWEST_SPLITS)
        gid = _order(shop)
        # One kettle more was sold than Brooklyn has; Queens has one, and no tea.
        shop.stock.set_level("KETTLE-1", shop.places[0], -1)
        shop.stock.set_level("KETTLE-1", shop.places[1], 1)
        units = await _taken_in(stage, rig, gid)
        assert [unit.status for unit in units] == [FulfillmentOrderStatus.DISPATCHED] * 2
        assert [unit.location_id for unit in units] == [brooklyn.id, queens.id]
        assert {unit.external_id for unit in units} == {unit.gid for unit in shop.order(gid).units}
        origins = []
        for unit in units:
            async with stage.means.begin(MERCHANT_ID) as work:
                delivery = await work.deliveries.live_of(unit.id)
            origins.append(delivery.origin_id if delivery else "")
        assert origins == [brooklyn.id, queens.id]

        late = _order(shop)
        shop.stock.set_level("KETTLE-1", shop.places[1], 1)
        rig.clock.advance(30)
        shop.settle(rig.clock.now())
        shop.order(late).units[0].status = "IN_PROGRESS"
        (stays,) = await _taken_in(stage, rig, late)
        assert stays.location_id == brooklyn.id
        assert stays.sourcing is not None
        assert stays.sourcing.outcome is SourcingOutcome.FAILED
        assert "progress reported" in stays.sourcing.problem
