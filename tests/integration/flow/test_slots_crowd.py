"""Two hundred shoppers at one slot, from the connection pools of two processes: never one place too many."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from doorstep.errors import SlotUnavailable, StateConflict
from doorstep.slot import SlotHold
from gateway.flow.slots.hold import confirm_hold, release_hold
from gateway.flow.slots.offer import slots
from gateway.store import tables as t
from gateway.store.database import Database
from gateway.store.postgres import EmbeddedPostgres
from tests.conftest import Dsn
from tests.integration.flow.fakes import NOON, HandClock
from tests.integration.flow.test_slots_shop import WEEK, Shop, one_database, opened, transactions
from tests.integration.flow.waits import until_somebody_waits

SHOPPERS, PLACES = 200, 25
CONNECTIONS = 8
"""Of each process to begin with; its pool may double them."""


@pytest.fixture(scope="module")
def house(server: EmbeddedPostgres, worker_id: str) -> Iterator[Dsn]:
    yield from one_database(server, f"slots_crowd_{worker_id}")


@pytest.fixture
async def shop(house: Dsn) -> AsyncIterator[Shop]:
    async for one in opened(house):
        yield one


@dataclass
class Crowd:
    """A slot of 25 places, as two processes with connections and clocks of their own see it."""

    doors: list[Shop]
    database: Database

    @property
    def slot_id(self) -> str:
        """Two weeks ahead, so that clocks may run."""
        return f"{self.doors[0].afternoon.id}.2026-12-07"

    def door(self, shopper: int) -> Shop:
        """Whom a shopper speaks to."""
        return self.doors[shopper % len(self.doors)]

    async def hold(self, shopper: int, **more: str) -> SlotHold:
        """A place for a shopper."""
        return await self.door(shopper).hold(self.slot_id, **more)

    async def statuses(self) -> Counter[str]:
        """Holds by what the database says of them; no two that live have one place."""
        c, shop = t.slot_holds.c, self.doors[0]
        query = select(c.status, c.place).where(c.slot_id == self.slot_id)
        async with self.database.tenant(shop.merchant_id) as connection:
            rows = (await connection.execute(query)).all()
        places = [place for status, place in rows if status in {"HELD", "CONFIRMED"}]
        assert len(places) == len(set(places))
        assert set(places) <= set(range(1, PLACES + 1))
        return Counter(status for status, _ in rows)


@pytest.fixture
async def crowd(house: Dsn) -> AsyncIterator[Crowd]:
    pools = [Database(house.app, pool_size=CONNECTIONS) for _ in range(2)]
    async for shop in opened(house):
        await shop.save(replace(shop.afternoon, capacity=PLACES), expected=1)
        doors = [Shop(transactions(pool, house), shop.number, HandClock()) for pool in pools]
        yield Crowd(doors, pools[0])
    for pool in pools:
        await pool.close()


async def test_of_two_hundred_at_once_twenty_five_get_a_place_and_the_others_get_alternatives(
    crowd: Crowd,
) -> None:
    outcomes = await asyncio.gather(
        *(crowd.hold(n, key=f"shopper {n}") for n in range(SHOPPERS)), return_exceptions=True
    )
    held = [one for one in outcomes if isinstance(one, SlotHold)]
    refused = [one for one in outcomes if isinstance(one, SlotUnavailable)]
    assert (len(held), len(refused)) == (PLACES, SHOPPERS - PLACES)
    assert {hold.place for hold in held} == set(range(1, PLACES + 1))
    three_hours_later = f"{crowd.doors[0].evening.id}.2026-12-07"
    assert all(one.alternatives[0].id == three_hours_later for one in refused)
    assert await crowd.statuses() == {"HELD": PLACES}


async def test_the_places_of_those_who_ran_out_go_to_the_next_twenty_five(crowd: Crowd) -> None:
    first = await asyncio.gather(*(crowd.hold(n) for n in range(PLACES)))
    for door in crowd.doors:
        door.clock.advance(minutes=15)
    # The first come back to confirm at the very moment at which two hundred others come for their places.
    comers = [crowd.hold(n) for n in range(SHOPPERS)]
    late = [crowd.door(n).confirm(hold, f"cho_{n}") for n, hold in enumerate(first)]
    outcomes = await asyncio.gather(*comers, *late, return_exceptions=True)
    got = sum(isinstance(one, SlotHold) for one in outcomes)
    assert got == PLACES
    assert sum(isinstance(one, SlotUnavailable) for one in outcomes) == SHOPPERS
    statuses = await crowd.statuses()
    assert statuses["HELD"] + statuses["CONFIRMED"] == PLACES


async def _shop(crowd: Crowd, shopper: int, mind: random.Random) -> SlotHold | None:
    """Hold, and then buy, think too long, walk away or change one's mind; come back a few times."""
    door, last = crowd.door(shopper), ""
    for _ in range(4):
        try:
            hold = await crowd.hold(shopper, replaces=last)
            last = ""
            match mind.choice(("buy", "dawdle", "leave", "leave", "change", "change")):
                case "buy":
                    return await door.confirm(hold, f"cho_{shopper}")
                case "dawdle":
                    # Time passes for one of the two processes only, and for all that it holds.
                    door.clock.advance(minutes=mind.choice((1, 15)))
                    return await door.confirm(hold, f"cho_{shopper}")
                case "leave":
                    await door.release(hold)
                case _:
                    last = hold.id
        except SlotUnavailable:
            await asyncio.sleep(0)
    return None


async def test_no_coming_and_going_sells_a_place_twice(crowd: Crowd) -> None:
    mind = random.Random(4)
    minds = [random.Random(mind.random()) for _ in range(60)]
    ways = await asyncio.gather(*(_shop(crowd, n, one) for n, one in enumerate(minds)))
    bought = sum(hold is not None for hold in ways)
    assert 0 < bought <= PLACES
    assert (await crowd.statuses())["CONFIRMED"] == bought

    # Once everybody has left, what is not bought can be had to the last place, and not one more.
    for door in crowd.doors:
        door.clock = HandClock(NOON + timedelta(days=1))
    outcomes = await asyncio.gather(*(crowd.hold(n) for n in range(PLACES + 1)), return_exceptions=True)
    assert sum(isinstance(one, SlotHold) for one in outcomes) == PLACES - bought
    assert (await crowd.statuses())["HELD"] == PLACES - bought


async def test_one_owner_who_confirms_everything_at_once_has_one_place(crowd: Crowd) -> None:
    holds = await asyncio.gather(*(crowd.hold(n) for n in range(PLACES)))
    outcomes = await asyncio.gather(
        *(crowd.door(n).confirm(hold, "cho_1") for n, hold in enumerate(holds)), return_exceptions=True
    )
    assert sum(isinstance(one, SlotHold) for one in outcomes) == 1
    assert sum(isinstance(one, StateConflict) for one in outcomes) == PLACES - 1
    assert (await crowd.statuses())["CONFIRMED"] == 1


async def test_capacity_that_shrinks_while_they_come_is_kept_to(crowd: Crowd) -> None:
    door = crowd.doors[0]
    smaller = door.save(replace(door.afternoon, capacity=10), expected=2)
    comers = [crowd.hold(n) for n in range(SHOPPERS)]
    outcomes = await asyncio.gather(*comers[:40], smaller, *comers[40:], return_exceptions=True)
    held = sum(isinstance(one, SlotHold) for one in outcomes)
    # Whoever came before it was saved keeps their place; after it nobody gets an eleventh.
    assert 10 <= held <= PLACES
    with pytest.raises(SlotUnavailable):
        await crowd.hold(SHOPPERS)


async def test_shoppers_at_different_slots_do_not_wait_for_each_other(crowd: Crowd) -> None:
    one, other = crowd.doors
    async with one.begin(one.merchant_id) as work:
        await work.slots.lock([one.today])
        async with asyncio.timeout(10):
            held = await other.hold(other.tonight)
            async with other.begin(other.merchant_id) as reading:
                offered = await slots(reading, other.location_id, (), WEEK, NOON)
    assert held.slot_id == other.tonight
    assert offered[0].id == one.today


async def test_the_database_itself_gives_no_place_twice(crowd: Crowd) -> None:
    held = await crowd.hold(0)
    with pytest.raises(IntegrityError, match="slot_holds_one_live"):
        async with crowd.doors[1].begin(held.merchant_id) as work:
            await work.slots.put_hold(replace(held, id="hld_forged", key="another"))


async def test_who_releases_while_somebody_confirms_is_told(shop: Shop, house: Dsn) -> None:
    held = await shop.hold()
    async with shop.begin(shop.merchant_id) as work:
        confirmed = await confirm_hold(work, held.id, "cho_1", NOON)
        # It finds the hold as it was, and waits for the slot.
        late = asyncio.create_task(shop.release(held))
        await until_somebody_waits(house)
    with pytest.raises(StateConflict, match="confirmed"):
        await late
    assert await shop.kept(held) == confirmed


async def test_who_confirms_while_somebody_releases_is_told(shop: Shop, house: Dsn) -> None:
    held = await shop.hold()
    async with shop.begin(shop.merchant_id) as work:
        released = await release_hold(work, held.id, NOON)
        late = asyncio.create_task(shop.confirm(held, "cho_1"))
        await until_somebody_waits(house)
    with pytest.raises(StateConflict, match="released"):
        await late
    assert await shop.kept(held) == released


async def test_who_replaces_what_somebody_confirms_is_told(shop: Shop, house: Dsn) -> None:
    held = await shop.hold()
    async with shop.begin(shop.merchant_id) as work:
        confirmed = await confirm_hold(work, held.id, "cho_1", NOON)
        late = asyncio.create_task(shop.hold(shop.tonight, replaces=held.id))
        await until_somebody_waits(house)
    with pytest.raises(StateConflict, match="confirmed"):
        await late
    assert await shop.kept(held) == confirmed
