"""A driver falls out on the road: what lies at the depot goes to others, what is on board to people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import NotFound, StateConflict
from doorstep.ids import new_id
from doorstep.incident import IncidentKind
from doorstep.route import RouteStatus, StopStatus
from gateway.flow.planning.changes.drivers import save_driver
from gateway.flow.planning.changes.drop import drop_driver, take_back
from tests.integration.flow.fakes import MERCHANT_ID, SHOP
from tests.integration.flow.planned import on, planned, put_driver, shop_with_vans, tour_for, tours
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import drive, east, north, order_to, put_tour, tour_of


async def _stalled(stage: Stage) -> set[str | None]:
    return {one.delivery_id for one in await stage.incidents() if one.kind is IncidentKind.STALLED}


async def test_the_tour_stops_and_each_delivery_goes_on_as_it_can(stage: Stage) -> None:
    ann, bob = await shop_with_vans(stage, "Ann", "Bob")
    first, second, back, later = await order_to(
        stage, a=north(500), b=north(4000), c=east(1000), d=east(2000)
    )
    back = replace(back, fulfillment_order_id="ret_" + back.fulfillment_order_id[4:])
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.deliveries.put(back)
    out = await put_tour(stage, ann, [first, second, back])
    behind = await put_tour(stage, ann, [later])
    waits = replace(
        behind, starts_at=out.ends_at + timedelta(hours=1), ends_at=out.ends_at + timedelta(hours=2)
    )
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_route(waits)
        for one in (first, second, later):
            kept = replace(await stage.kept(one.id), status=DeliveryStatus.COURIER_ASSIGNED)
            await work.deliveries.put(kept)
    await drive(stage, ann, SHOP, north(400), north(500), north(500), north(500), every_s=60)
    await drive(stage, ann, north(900), north(1500), every_s=60)
    assert (await stage.kept(first.id)).status is DeliveryStatus.DELIVERED
    # What is fetched later is on board as little as the tour behind, whatever the van's status says.
    async with stage.means.begin(MERCHANT_ID) as work:
        waiting = replace(await stage.kept(back.id), status=DeliveryStatus.COURIER_ASSIGNED)
        await work.deliveries.put(waiting)

    stopped = await drop_driver(stage.means, MERCHANT_ID, ann.id)
    assert {one.id: one.status for one in stopped} == {
        out.id: RouteStatus.FINISHED,
        waits.id: RouteStatus.CANCELLED,
    }
    states = [stop.status for stop in (await tour_of(stage, out)).stops]
    assert states == [StopStatus.DONE, StopStatus.SKIPPED, StopStatus.SKIPPED]
    assert await _stalled(stage) == {second.id}
    assert (await stage.kept(second.id)).status is DeliveryStatus.OUT_FOR_DELIVERY
    for one in (back, later):
        kept = await stage.kept(one.id)
        assert (kept.status, kept.driver_id) == (DeliveryStatus.BOOKED, None)
    async with stage.means.begin(MERCHANT_ID) as work:
        away = await work.fleet.driver(ann.id)
    assert away is not None
    assert away.not_before == datetime(2026, 11, 24, 3, tzinfo=UTC), "until ten in the evening in New York"

    await stage.settle()
    assert (await tour_for(stage, later.id)).driver_id == bob.id
    assert (await tour_for(stage, back.id)).driver_id == bob.id
    assert {route.driver_id for route in await tours(stage)} == {bob.id}


async def test_goods_that_are_at_the_depot_again_go_out_with_another_van(stage: Stage) -> None:
    ann, bob = await shop_with_vans(stage, "Ann", "Bob")
    await put_driver(stage, bob, enabled=False)
    (delivery,) = await order_to(stage, a=north(3000))
    await planned(stage)
    await put_driver(stage, bob)
    await drive(stage, ann, SHOP, north(400))
    with pytest.raises(StateConflict, match="no van has stopped"):
        await take_back(stage.means, MERCHANT_ID, delivery.id)
    await drop_driver(stage.means, MERCHANT_ID, ann.id)
    assert await drop_driver(stage.means, MERCHANT_ID, ann.id) == [], "a repeat finds nothing to stop"
    again = await take_back(stage.means, MERCHANT_ID, delivery.id)
    assert (again.status, again.driver_id) == (DeliveryStatus.BOOKED, None)
    assert await _stalled(stage) == set()
    await planned(stage)
    (route,) = await tours(stage)
    assert (route.driver_id, on(route)) == (bob.id, [delivery.id])
    await drive(stage, bob, SHOP, north(400))
    await drive(stage, bob, north(3000), north(3000), north(3000), every_s=120)
    await drive(stage, bob, north(2000), north(1000), north(500), every_s=120)
    assert (await stage.kept(delivery.id)).status is DeliveryStatus.DELIVERED
    async with stage.means.begin(MERCHANT_ID) as work:
        told = [event.status for event in await work.deliveries.events(delivery.id)]
    assert told.count(DeliveryStatus.OUT_FOR_DELIVERY) == 2, "each time that it left the depot"


async def test_who_is_let_go_drives_no_further(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    (delivery,) = await order_to(stage, a=north(3000))
    await planned(stage)
    await drive(stage, ann, SHOP, north(400))
    async with stage.means.begin(MERCHANT_ID) as work:
        off = replace(ann, enabled=False, device_id="")
        await save_driver(work, off, ann.version, stage.clock.now(), is_new=False)
    assert await tours(stage) == []
    assert await _stalled(stage) == {delivery.id}


async def test_nobody_falls_out_who_is_not_there(stage: Stage) -> None:
    with pytest.raises(NotFound):
        await drop_driver(stage.means, MERCHANT_ID, new_id("drv"))
    with pytest.raises(NotFound):
        await take_back(stage.means, MERCHANT_ID, new_id("del"))
