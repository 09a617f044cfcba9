"""Which fixes are taken, and what they say of the way that was planned."""

from __future__ import annotations

from datetime import timedelta

from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.position import Position
from doorstep.route import RouteStatus
from doorstep.watch_rules import KindRule, WatchRules
from gateway.flow.dispatching.settings import save_merchant_rules
from gateway.flow.records import DriverState
from gateway.flow.tracking.motion import FixFault
from tests.integration.flow.fakes import MERCHANT_ID, SHOP
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import (
    add_van,
    drive,
    east,
    north,
    order_to,
    own_fleet,
    put_tour,
    send,
    tour_of,
)


async def _state(stage: Stage, driver_id: str) -> DriverState:
    async with stage.means.begin(MERCHANT_ID) as work:
        found = await work.fleet.state(driver_id)
    assert found is not None
    return found


async def test_fixes_that_cannot_be_are_ignored_and_counted(stage: Stage) -> None:
    driver = await add_van(stage)
    await drive(stage, driver, SHOP)
    now = stage.clock.now()
    wrong = [
        Position(north(10), now + timedelta(seconds=1), is_mock=True),
        Position(north(10), now),
        Position(north(10), now - timedelta(seconds=9)),
        Position(north(10), now - timedelta(seconds=9)),
        Position(north(9000), now + timedelta(seconds=10)),
        Position(north(10), now + timedelta(days=1)),
    ]
    faults = [await send(stage, driver, fix) for fix in wrong]
    assert [fault for (fault,) in faults] == ["MOCK", "REPEATED", "LATE", "REPEATED", "JUMP", "FUTURE"]
    state = await _state(stage, driver.id)
    assert state.position.location == SHOP
    assert state.rejected == {"MOCK": 1, "REPEATED": 2, "LATE": 1, "JUMP": 1, "FUTURE": 1}
    assert await drive(stage, driver, north(100)) == [None]


async def test_the_first_fix_of_a_device_is_not_believed_if_it_is_faked(stage: Stage) -> None:
    driver = await add_van(stage)
    fix = Position(SHOP, stage.clock.now(), is_mock=True)
    assert await send(stage, driver, fix) == [FixFault.MOCK]
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.fleet.state(driver.id) is None


WAY = [SHOP, north(3000)]


async def test_a_van_off_its_way_is_an_incident_until_it_is_back(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    deliveries = await order_to(stage, a=north(3000))
    await put_tour(stage, driver, deliveries, path=WAY)
    await drive(stage, driver, SHOP, north(500), east(80, north(700)), east(200, north(700)))
    assert await stage.incidents() == []
    await drive(stage, driver, east(300, north(800)), east(400, north(900)))
    (incident,) = await stage.incidents()
    assert (incident.kind, incident.driver_id) == (IncidentKind.OFF_ROUTE, driver.id)
    assert incident.title == "Van of A is off its route"
    await drive(stage, driver, east(50, north(1200)))
    assert len(await stage.incidents()) == 1
    await drive(stage, driver, east(40, north(1300)))
    assert await stage.incidents() == []


async def test_a_merchant_who_does_not_watch_ways_hears_of_no_van_off_its_way(stage: Stage) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        await save_merchant_rules(work, WatchRules(kinds=(KindRule(IncidentKind.OFF_ROUTE, is_on=False),)))
    driver = await add_van(stage)
    await put_tour(stage, driver, [], status=RouteStatus.STARTED, path=WAY)
    away = [east(metres, north(500)) for metres in (100, 200, 300, 400, 500)]
    await drive(stage, driver, SHOP, north(300), *away)
    assert await stage.incidents() == []


async def test_a_van_at_a_door_beside_the_road_is_not_off_its_way(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    door = east(150, north(1000))
    await put_tour(stage, driver, await order_to(stage, a=door), path=WAY)
    await drive(stage, driver, SHOP, north(500), door, door, door, door, door, door)
    assert await stage.incidents() == []
    assert (await stage.delivery_of("a")).status is DeliveryStatus.AT_DROPOFF


async def test_straight_lines_of_an_estimate_are_no_way_to_keep_to(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    deliveries = await order_to(stage, a=north(3000))
    await put_tour(stage, driver, deliveries, path=WAY, is_approximate=True)
    aside = [east(900, north(metres)) for metres in (500, 700, 900, 1100)]
    await drive(stage, driver, SHOP, north(300), *aside, every_s=60)
    assert await stage.incidents() == []


async def test_a_tour_that_ends_off_its_way_ends_the_incident(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    route = await put_tour(stage, driver, [], status=RouteStatus.STARTED, path=[north(5000), north(6000)])
    await drive(stage, driver, north(900), north(700), north(400))
    assert [incident.kind for incident in await stage.incidents()] == [IncidentKind.OFF_ROUTE]
    await drive(stage, driver, SHOP)
    assert await stage.incidents() == []
    assert (await tour_of(stage, route)).status is RouteStatus.FINISHED
