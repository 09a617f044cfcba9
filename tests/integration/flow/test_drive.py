"""The fixes of a van's device start its tour, find its arrivals, and predict the rest."""

from __future__ import annotations

from dataclasses import replace

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteUnavailable
from doorstep.eta import EtaBasis
from doorstep.geo import LatLng
from doorstep.order import FulfillmentOrderStatus, OrderStatus
from doorstep.road import RoadRoute, RoadTable
from doorstep.route import RouteStatus, StopStatus
from gateway.flow.dispatching.cancel import cancel_delivery
from tests.integration.flow.fakes import MERCHANT_ID, SHOP
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import add_van, drive, east, north, order_to, own_fleet, put_tour, tour_of

S = DeliveryStatus


async def _statuses(stage: Stage, *numbers: str) -> list[DeliveryStatus]:
    found = []
    for number in numbers:
        unit = (await stage.order(number)).fulfillment_orders[0]
        async with stage.means.begin(MERCHANT_ID) as work:
            delivery = await work.deliveries.live_of(unit.id)
        found.append(delivery.status if delivery else S.CANCELLED)
    return found


async def test_a_tour_from_the_depot_to_two_doors_and_back(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    deliveries = await order_to(stage, a=north(1000), b=north(2000))
    route = await put_tour(stage, driver, deliveries, path=[SHOP, north(2000), SHOP])
    await drive(stage, driver, SHOP, north(140))
    assert (await tour_of(stage, route)).status is RouteStatus.PUBLISHED

    await drive(stage, driver, north(160))
    assert (await tour_of(stage, route)).status is RouteStatus.STARTED
    assert await _statuses(stage, "a", "b") == [S.OUT_FOR_DELIVERY] * 2

    await drive(stage, driver, north(600), north(950))
    assert (await _statuses(stage, "a"))[0] is S.OUT_FOR_DELIVERY, "one fix near the door may be a passer-by"
    await drive(stage, driver, north(1000))
    assert await _statuses(stage, "a", "b") == [S.AT_DROPOFF, S.OUT_FOR_DELIVERY]

    await drive(stage, driver, north(1090), north(1110))
    assert (await _statuses(stage, "a"))[0] is S.AT_DROPOFF, "one fix away from it may be noise"
    await drive(stage, driver, north(1300))
    assert await _statuses(stage, "a", "b") == [S.DELIVERED, S.OUT_FOR_DELIVERY]

    await drive(stage, driver, north(1980), north(2000), north(1800), north(1500))
    assert await _statuses(stage, "a", "b") == [S.DELIVERED] * 2
    assert (await tour_of(stage, route)).status is RouteStatus.STARTED
    await drive(stage, driver, north(800), north(90))
    done = await tour_of(stage, route)
    assert (done.status, done.ends_at) == (RouteStatus.FINISHED, stage.clock.now())
    assert [stop.status for stop in done.stops] == [StopStatus.DONE] * 2
    assert all(stop.arrived_at and stop.departed_at for stop in done.stops)


async def test_what_was_handed_over_ends_its_order_and_its_history_tells_the_way(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    deliveries = await order_to(stage, a=north(1000))
    await put_tour(stage, driver, deliveries)
    await drive(stage, driver, SHOP, north(400), north(1000), north(1000), north(700), north(400))
    order = await stage.order("a")
    assert (order.status, order.fulfillment_orders[0].status) == (
        OrderStatus.DELIVERED,
        FulfillmentOrderStatus.DELIVERED,
    )
    (leg,) = (await stage.kept(deliveries[0].id)).legs
    assert leg.picked_up_at is not None
    assert leg.ended_at == stage.clock.now()
    async with stage.database.tenant(MERCHANT_ID) as connection:
        rows = await connection.exec_driver_sql(
            "SELECT doc->>'status' FROM delivery_events WHERE doc->>'source' = 'POSITION' ORDER BY id"
        )
        told = list(rows.scalars())
    assert told == ["PICKED_UP", "OUT_FOR_DELIVERY", "AT_DROPOFF", "DELIVERED"]


async def test_a_driver_who_comes_from_home_has_not_left_the_depot(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    route = await put_tour(stage, driver, await order_to(stage, a=north(1000)))
    await drive(stage, driver, SHOP)
    await drive(stage, driver, east(-5000), east(-3000), every_s=8 * 3600)
    assert (await tour_of(stage, route)).status is RouteStatus.PUBLISHED
    await drive(stage, driver, east(-1000), SHOP, north(200), every_s=300)
    assert (await tour_of(stage, route)).status is RouteStatus.STARTED


async def test_a_van_that_was_not_seen_leaving_has_left_when_it_stands_at_the_first_door(
    stage: Stage,
) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    route = await put_tour(stage, driver, await order_to(stage, a=north(1000)))
    await drive(stage, driver, north(990), north(1000))
    assert (await tour_of(stage, route)).status is RouteStatus.STARTED
    assert await _statuses(stage, "a") == [S.AT_DROPOFF]


async def test_two_orders_at_one_door_arrive_and_leave_together(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    door = north(1000)
    deliveries = await order_to(stage, a=door, b=door, c=north(3000))
    route = await put_tour(stage, driver, deliveries)
    await drive(stage, driver, SHOP, north(400), door, door)
    assert await _statuses(stage, "a", "b", "c") == [S.AT_DROPOFF, S.AT_DROPOFF, S.OUT_FOR_DELIVERY]
    await drive(stage, driver, north(1300), north(1700))
    assert await _statuses(stage, "a", "b", "c") == [S.DELIVERED, S.DELIVERED, S.OUT_FOR_DELIVERY]
    back = (north(3000), north(3000), north(2500), north(2000), north(900), SHOP)
    await drive(stage, driver, *back, every_s=60)
    assert (await tour_of(stage, route)).status is RouteStatus.FINISHED


async def test_the_door_of_a_neighbour_ends_the_stop_before_it(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    deliveries = await order_to(stage, a=north(1000), b=north(1080))
    await put_tour(stage, driver, deliveries)
    await drive(stage, driver, SHOP, north(400), north(1000), north(1000), north(1010))
    assert await _statuses(stage, "a", "b") == [S.AT_DROPOFF, S.OUT_FOR_DELIVERY]
    # Never 100 m from the first door, but nearer to the second.
    await drive(stage, driver, north(1080), north(1080))
    assert await _statuses(stage, "a", "b") == [S.DELIVERED, S.AT_DROPOFF]
    await drive(stage, driver, north(800), north(500))
    assert await _statuses(stage, "a", "b") == [S.DELIVERED, S.DELIVERED]


async def test_a_stop_whose_delivery_was_called_off_is_passed_over(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    deliveries = await order_to(stage, a=north(1000), b=east(2000))
    route = await put_tour(stage, driver, deliveries)
    await drive(stage, driver, SHOP, north(200))
    await cancel_delivery(stage.means, MERCHANT_ID, deliveries[0].id, "customer asked")
    assert (await tour_of(stage, route)).stops[0].status is StopStatus.SKIPPED
    await drive(stage, driver, east(1500), east(2000), east(2000), east(1500), east(900), SHOP, every_s=60)
    assert await _statuses(stage, "a", "b") == [S.CANCELLED, S.DELIVERED]
    assert (await tour_of(stage, route)).status is RouteStatus.FINISHED


async def test_a_tour_that_nothing_is_left_of_before_it_starts_is_called_off(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    deliveries = await order_to(stage, a=north(1000))
    route = await put_tour(stage, driver, deliveries)
    await cancel_delivery(stage.means, MERCHANT_ID, deliveries[0].id, "customer asked")
    assert (await tour_of(stage, route)).status is RouteStatus.CANCELLED


async def test_etas_are_written_once_a_minute_for_the_stops_to_come(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    deliveries = await order_to(stage, a=north(1000), b=north(2000))
    await put_tour(stage, driver, deliveries)
    await drive(stage, driver, SHOP, north(200))
    first = [(await stage.kept(delivery.id)).eta for delivery in deliveries]
    assert first[0] is not None
    assert first[1] is not None
    assert first[0].basis is EtaBasis.APPROXIMATE
    assert stage.clock.now() < first[0].at < first[1].at
    assert (first[1].at - first[0].at).total_seconds() > 180, "three minutes at the first door"
    assert [eta.stops_before for eta in first if eta] == [0, 1]

    await drive(stage, driver, north(400), every_s=59)
    assert (await stage.kept(deliveries[0].id)).eta == first[0]
    await drive(stage, driver, north(420), every_s=1)
    later = (await stage.kept(deliveries[0].id)).eta
    assert later is not None
    assert later.computed_at == stage.clock.now()


class NoRoads:
    """An engine that is down."""

    async def table(self, origins: object, destinations: object) -> RoadTable:
        raise RemoteUnavailable("The road engine is down.", system="roads")

    async def route(self, stops: object) -> RoadRoute:
        raise RemoteUnavailable("The road engine is down.", system="roads")

    async def close(self) -> None:
        return


async def test_without_roads_the_tour_goes_on_and_the_etas_stay(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    deliveries = await order_to(stage, a=north(1000))
    await put_tour(stage, driver, deliveries)
    stage.means = replace(stage.means, roads=NoRoads())
    await drive(stage, driver, SHOP, north(400), north(1000), north(1000))
    kept = await stage.kept(deliveries[0].id)
    assert (kept.status, kept.eta) == (S.AT_DROPOFF, None)


async def test_what_is_kept_of_a_driver_stays_small(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    way = [LatLng(39.9 + n * 1e-4, -71.5) for n in range(500)]
    await put_tour(stage, driver, await order_to(stage, a=north(5000)), path=way)
    await drive(stage, driver, *(north(20 * n) for n in range(40)))
    async with stage.database.tenant(MERCHANT_ID) as connection:
        sizes = await connection.exec_driver_sql("SELECT length(doc::text) FROM driver_states")
        assert sizes.scalar_one() < 1000
