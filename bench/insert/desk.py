"""The whole way of the product: an order that is booked, a checkout's slots, a stop that is dragged.

With the database, the flow, and the roads as they are without a map. An order's time begins with its job and
ends when its drivers are told, with the search for better routes around it that lasts 50 ms. Outside of it
lie the transaction that books the order, the wait for a worker, and what roads take with a map. An order for
which there is no place counts as refused, and in no time.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter, process_time

from bench.figures import percentile
from bench.insert.city import EPOCH, city_day
from bench.insert.shop import Shop, book, open_shop, tell_drivers
from bench.premises import bench_house
from doorstep.address import Address
from doorstep.delivery import Delivery
from doorstep.events import DeliveryBooked
from doorstep.geo import LatLng
from doorstep.parcel import Parcel
from doorstep.window import Window
from gateway.flow.planning.changes.insert import insert_booked
from gateway.flow.planning.changes.move import StopMove, preview_move
from gateway.flow.planning.standing import window_costs as slots

BETWEEN_ORDERS_S = 10.0
"""Of the world's time."""

SLOTS = tuple(
    Window(EPOCH + timedelta(hours=hour), EPOCH + timedelta(hours=hour + 2)) for hour in range(1, 11, 2)
)
"""What a checkout shows of a day."""


@dataclass(slots=True)
class Times:
    """Milliseconds of the wall and of this process's processor, in the order in which they were taken."""

    orders: list[tuple[float, float]] = field(default_factory=list)
    slots: list[tuple[float, float]] = field(default_factory=list)
    moves: list[tuple[float, float]] = field(default_factory=list)
    refused: int = 0
    unpriced: int = 0


async def run_desk(stops: int, late_share: float, seconds: float, seed: int) -> dict[str, object]:
    """Tell drivers their tours, then let orders come in one by one while others look at slots."""
    draw = random.Random(seed)
    day = city_day(stops, seed)
    late = set(draw.sample(range(stops), round(stops * late_share)))
    async with bench_house() as house:
        shop = await open_shop(house, day)
        for number, visit in enumerate(day.visits):
            if number not in late:
                await book(shop, visit)
        await tell_drivers(shop, seconds)
        times = Times()
        for number in sorted(late):
            shop.clock.advance(BETWEEN_ORDERS_S)
            await _order(shop, await book(shop, day.visits[number]), times)
            await _look_at_slots(shop, draw.choice(day.visits).location, times)
            await _drag(shop, draw, times)
    return {
        "desk_stops": stops,
        **_figures("desk_answer", times.orders),
        **_figures("desk_slots", times.slots),
        **_figures("desk_move", times.moves),
        "desk_slots_first_ms": round(times.slots[0][0], 2),
        "desk_refused": times.refused,
        "desk_unpriced": times.unpriced,
    }


def _figures(name: str, taken: Sequence[tuple[float, float]]) -> dict[str, object]:
    walls, cpus = [wall for wall, _ in taken], [cpu for _, cpu in taken]
    return {
        f"{name}_p50_ms": percentile(walls, 0.5),
        f"{name}_p95_ms": percentile(walls, 0.95),
        f"{name}_cpu_p95_ms": percentile(cpus, 0.95),
    }


async def _order(shop: Shop, delivery: Delivery, times: Times) -> None:
    leg = delivery.legs[-1]
    event = DeliveryBooked(shop.merchant_id, delivery.id, leg.id)
    taken: list[tuple[float, float]] = []
    await _timed(taken, lambda: insert_booked(event, shop.means))
    async with shop.means.begin(shop.merchant_id) as work:
        kept = await work.deliveries.get(delivery.id)
    if kept is None or kept.driver_id is None:
        times.refused += 1
    else:
        times.orders += taken


async def _look_at_slots(shop: Shop, near: LatLng, times: Times) -> None:
    place = LatLng(near.lat + 0.0007, near.lng - 0.0004)
    door = slots.Door(shop.depot_id, Address("US", location=place), (Parcel(3_000),))
    found = await _timed(times.slots, lambda: slots.window_costs(shop.means, shop.merchant_id, door, SLOTS))
    times.unpriced += sum(cost is None for cost in found)


async def _drag(shop: Shop, draw: random.Random, times: Times) -> None:
    async with shop.means.begin(shop.merchant_id) as work:
        tours = await work.routes.unfinished()
    source, target = draw.choice(tours), draw.choice(tours)
    move = StopMove(draw.choice(source.ahead).id, target.id)
    await _timed(times.moves, lambda: preview_move(shop.means, shop.merchant_id, move))


async def _timed[T](into: list[tuple[float, float]], work: Callable[[], Awaitable[T]]) -> T:
    began, began_cpu = perf_counter(), process_time()
    found = await work()
    into.append((1000 * (perf_counter() - began), 1000 * (process_time() - began_cpu)))
    return found
