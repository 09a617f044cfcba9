"""Tours in memory follow the database, whoever has changed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from doorstep.address import Address
from doorstep.delivery import Delivery
from doorstep.events import DeliveryBooked
from doorstep.geo import LatLng
from doorstep.parcel import Parcel
from doorstep.ports import RouteDesk
from doorstep.route import RouteStatus
from doorstep.window import Window
from gateway.bootstrap.route_desk import PlannersDesk
from gateway.flow.planning.changes.insert import insert_booked
from gateway.flow.planning.standing.window_costs import Door, window_costs
from gateway.flow.ports import Means
from tests.integration.flow.fakes import MERCHANT_ID, STORE
from tests.integration.flow.planned import at_the_desk, on, planned, put_driver, shop_with_vans, tours
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import add_van, east, north, order_to, put_tour


async def _insert(means: Means, delivery: Delivery) -> None:
    leg = delivery.active_leg
    assert leg is not None
    await insert_booked(DeliveryBooked(MERCHANT_ID, delivery.id, leg.id), means)


def _days(means: Means) -> tuple[int, int]:
    assert isinstance(means.desk, PlannersDesk)
    return means.desk.days.figures.made, means.desk.days.figures.same


async def _placed(stage: Stage) -> set[str]:
    placed = [id_ for route in await tours(stage) for id_ in on(route)]
    assert len(placed) == len(set(placed)), "nothing is on two tours"
    return set(placed)


async def test_two_processes_put_orders_into_the_same_tours_one_after_the_other(stage: Stage) -> None:
    await shop_with_vans(stage, "Ann", "Bob")
    first = await order_to(stage, a=north(3000), b=east(2500))
    await planned(stage)
    here, there = at_the_desk(stage), at_the_desk(stage)
    known = {one.id for one in first}
    for number, means in enumerate((here, there, here, here, there, here)):
        stage.clock.advance(seconds=20)
        (new,) = await order_to(stage, **{f"n{number}": north(800 + 300 * number)})
        await _insert(means, new)
        known.add(new.id)
        assert await _placed(stage) == known
    assert _days(here) == (1, 3)
    assert _days(there) == (1, 1)


async def test_what_is_fetched_by_a_van_on_the_road_leaves_the_other_tours_in_memory(stage: Stage) -> None:
    await shop_with_vans(stage, "Ann", "Bob")
    await order_to(stage, a=north(3000), b=east(2500))
    await planned(stage)
    cem = await add_van(stage, "Cem")
    (out,) = await order_to(stage, c=north(2500))
    await put_tour(stage, cem, [out], status=RouteStatus.STARTED)
    means = at_the_desk(stage)
    one, back, other = await order_to(stage, n=north(1000), m=north(2600), o=east(1000))
    async with stage.means.begin(MERCHANT_ID) as work:
        back = replace(back, fulfillment_order_id="ret_" + back.fulfillment_order_id[4:])
        await work.deliveries.put(back)
    for new in (one, back, other):
        await _insert(means, new)
    assert {one.id, back.id, other.id} <= await _placed(stage)
    assert _days(means) == (2, 1), "one for what is brought, one for what is fetched"


async def test_what_was_put_in_and_not_told_is_put_in_again(stage: Stage) -> None:
    await shop_with_vans(stage)
    (far,) = await order_to(stage, a=north(3000))
    await planned(stage)
    means = at_the_desk(stage)
    assert means.desk is not None
    (new,) = await order_to(stage, n=north(1000))

    async def meanwhile() -> None:
        async with means.begin(MERCHANT_ID) as work:
            (tour,) = await work.routes.unfinished()
            await work.routes.put_route(replace(tour, version=tour.version + 1))

    await _insert(replace(means, desk=_Interrupted(means.desk, [meanwhile])), new)
    assert await _placed(stage) == {far.id, new.id}
    assert _days(means)[0] == 2, "the day that knew it was no longer good for it"


class _Interrupted:
    """A desk during whose first insertion something else happens."""

    def __init__(self, desk: RouteDesk, happens: list[Any]) -> None:
        self._desk = desk
        self._happens = happens

    async def insert(self, *given: Any, day: str = "") -> Any:
        told = await self._desk.insert(*given, day=day)
        if self._happens:
            await self._happens.pop()()
        return told

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk, name)


async def _costs(means: Means, place: LatLng, windows: Sequence[Window]) -> list[int | None]:
    door = Door(STORE.location_id, Address("US", location=place), (Parcel(500),))
    costs = await window_costs(means, MERCHANT_ID, door, windows)
    return [None if cost is None else cost.minor for cost in costs]


async def test_windows_cost_what_they_would_if_the_day_had_just_been_read(stage: Stage) -> None:
    ann, _ = await shop_with_vans(stage, "Ann", "Bob")
    await order_to(stage, a=north(3000), b=east(2500))
    await planned(stage)
    means = at_the_desk(stage)
    (tour, *_) = await tours(stage)
    windows = [
        Window(tour.starts_at, tour.ends_at),
        Window(tour.ends_at, tour.ends_at + (tour.ends_at - tour.starts_at)),
    ]
    before = await _costs(means, north(2900), windows)
    assert before == await _costs(at_the_desk(stage), north(2900), windows)
    (new,) = await order_to(stage, n=north(2800))
    await _insert(at_the_desk(stage), new)
    stage.clock.advance(seconds=100)
    after = await _costs(means, north(2900), windows)
    assert after == await _costs(at_the_desk(stage), north(2900), windows)
    assert _days(means) == (1, 1)
    await put_driver(stage, ann, enabled=False)
    assert await _costs(means, north(2900), windows) == await _costs(at_the_desk(stage), north(2900), windows)
    assert None not in before, "Bob could, whoever is off duty"
