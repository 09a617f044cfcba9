"""What a merchant sets for slots, and what a shop offers of it; `Shop` is the stage of all tests of slots."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from doorstep.address import Address
from doorstep.errors import InvalidInput, NotFound, SlotUnavailable, StateConflict
from doorstep.ids import new_id
from doorstep.money import Money
from doorstep.order import Location
from doorstep.secret import Secret
from doorstep.slot import SlotAvailability, SlotHold, SlotTemplate
from doorstep.window import Window
from gateway.auth.vault import Vault
from gateway.flow.ports import Begin
from gateway.flow.slots.hold import Wish, confirm_hold, hold_slot, release_hold
from gateway.flow.slots.offer import find_slot, slots
from gateway.flow.slots.save import save_template
from gateway.store.database import Database
from gateway.store.jobs import open_queue
from gateway.store.postgres import EmbeddedPostgres
from gateway.store.unit_of_work import Transactions
from tests.conftest import Dsn
from tests.databases import TEMPLATE
from tests.integration.flow.fakes import NOON, HandClock

WEEK = Window(NOON, NOON + timedelta(days=7))
_numbers = itertools.count(1)


def transactions(database: Database, dsn: Dsn) -> Begin:
    """Units of work that leave no jobs and tell nobody."""
    return Transactions(database, open_queue(dsn.app), Vault([Secret("k" * 40)]), lambda _: None).begin


@dataclass
class Shop:
    """A merchant of a test's own with two slots a day: 15:00 and 18:00 in New York, two places each.

    The clock begins on Monday, 23 November 2026, at 12:00 there.
    """

    begin: Begin
    number: int
    clock: HandClock

    @property
    def merchant_id(self) -> str:
        return f"mer_{self.number}"

    @property
    def location_id(self) -> str:
        return f"loc_{self.number}"

    @property
    def afternoon(self) -> SlotTemplate:
        return SlotTemplate(
            id=self.id_of("afternoon"),
            merchant_id=self.merchant_id,
            name="Afternoon",
            location_id=self.location_id,
            starts_at=time(15),
            ends_at=time(17),
            time_zone="America/New_York",
            capacity=2,
            price=Money(500, "USD"),
            updated_at=NOON,
        )

    @property
    def evening(self) -> SlotTemplate:
        return replace(
            self.afternoon,
            id=self.id_of("evening"),
            name="Evening",
            starts_at=time(18),
            ends_at=time(20),
        )

    @property
    def today(self) -> str:
        return f"{self.afternoon.id}.2026-11-23"

    @property
    def tonight(self) -> str:
        return f"{self.evening.id}.2026-11-23"

    @property
    def tomorrow(self) -> str:
        return f"{self.afternoon.id}.2026-11-24"

    def id_of(self, name: str) -> str:
        """Of a template; no other test has it."""
        return f"slt_{name}_{self.number}"

    async def open(self) -> None:
        """Move in."""
        place = Location(self.location_id, self.merchant_id, "Shop", Address("US"), "America/New_York")
        async with self.begin(self.merchant_id) as work:
            await work.accounts.put_location(place)
        for template in (self.afternoon, self.evening):
            await self.save(template)

    async def save(self, template: SlotTemplate, expected: int | None = None) -> SlotTemplate:
        async with self.begin(self.merchant_id) as work:
            return await save_template(work, template, expected, self.clock.now())

    async def archive(self, template: SlotTemplate, expected: int) -> SlotTemplate:
        async with self.begin(self.merchant_id) as work:
            return await work.slots.archive_template(template.id, expected, self.clock.now())

    async def hold(self, slot_id: str = "", **more: Any) -> SlotHold:
        """A place, this afternoon if nothing else is said."""
        wish = Wish(slot_id or self.today, more.pop("key", "") or new_id("quo"), **more)
        async with self.begin(self.merchant_id) as work:
            return await hold_slot(work, wish, self.clock.now())

    async def confirm(self, held: SlotHold, owner: str, replaces: str = "") -> SlotHold:
        async with self.begin(self.merchant_id) as work:
            return await confirm_hold(work, held.id, owner, self.clock.now(), replaces=replaces)

    async def release(self, held: SlotHold) -> SlotHold:
        async with self.begin(self.merchant_id) as work:
            return await release_hold(work, held.id, self.clock.now())

    async def kept(self, held: SlotHold) -> SlotHold:
        async with self.begin(self.merchant_id) as work:
            found = await work.slots.hold(held.id)
        assert found is not None
        return found

    async def availability(self, slot_id: str = "") -> SlotAvailability:
        async with self.begin(self.merchant_id) as work:
            wanted = await find_slot(work, slot_id or self.today, self.clock.now())
        return wanted.slot.availability(self.clock.now())


def one_database(server: EmbeddedPostgres, name: str) -> Iterator[Dsn]:
    """One for all tests of a file: each has a merchant of its own, and none sees another's rows."""
    asyncio.run(server.create_database(name, template=TEMPLATE))
    yield Dsn(server.dsn("app", name), server.dsn("owner", name))
    asyncio.run(server.drop_database(name))


async def opened(dsn: Dsn) -> AsyncIterator[Shop]:
    """A shop, and the connections behind it."""
    database = Database(dsn.app, pool_size=4)
    shop = Shop(transactions(database, dsn), next(_numbers), HandClock())
    await shop.open()
    yield shop
    await database.close()


@pytest.fixture(scope="module")
def house(server: EmbeddedPostgres, worker_id: str) -> Iterator[Dsn]:
    yield from one_database(server, f"slots_shop_{worker_id}")


@pytest.fixture
async def shop(house: Dsn) -> AsyncIterator[Shop]:
    async for one in opened(house):
        yield one


async def test_slots_are_offered_by_start_with_what_is_left_of_them(shop: Shop) -> None:
    await shop.hold()
    await shop.hold(shop.tonight)
    await shop.hold(shop.tonight)
    async with shop.begin(shop.merchant_id) as work:
        found = await slots(work, shop.location_id, (), Window(NOON, NOON + timedelta(days=1)), NOON)
    assert [(slot.id, slot.remaining, slot.availability(NOON).value) for slot in found] == [
        (shop.today, 1, "FEW_LEFT"),
        (shop.tonight, 0, "FULL"),
    ]


async def test_slots_are_those_of_the_place_and_of_the_zones_of_the_door(shop: Shop) -> None:
    island = replace(shop.afternoon, id=shop.id_of("island"), zone_ids=("island", "harbour"))
    await shop.save(island)
    ours = {shop.afternoon.id, shop.evening.id}
    async with shop.begin(shop.merchant_id) as work:
        on_hills = await slots(work, shop.location_id, ("hills",), WEEK, NOON)
        on_island = await slots(work, shop.location_id, ("island", "hills"), WEEK, NOON)
        elsewhere = await slots(work, "loc_elsewhere", ("island",), WEEK, NOON)
    assert {slot.template_id for slot in on_hills} == ours
    assert {slot.template_id for slot in on_island} == {*ours, island.id}
    assert list(elsewhere) == []


async def test_slots_are_not_offered_of_the_past_or_of_a_distant_future(shop: Shop) -> None:
    async with shop.begin(shop.merchant_id) as work:
        years = Window(NOON - timedelta(days=365), NOON + timedelta(days=3650))
        found = await slots(work, shop.location_id, (), years, NOON)
        last_year = Window(NOON - timedelta(days=365), NOON - timedelta(days=300))
        assert list(await slots(work, shop.location_id, (), last_year, NOON)) == []
    assert found[0].id == shop.today
    assert found[-1].window.start <= NOON + timedelta(days=62)
    with pytest.raises(NotFound):
        await shop.hold(f"{shop.afternoon.id}.2036-11-24")


async def test_closed_slots_are_offered_as_closed(shop: Shop) -> None:
    await shop.save(replace(shop.afternoon, closed_on=frozenset({date(2026, 11, 24)})), expected=1)
    assert await shop.availability(shop.tomorrow) is SlotAvailability.CLOSED
    shop.clock.advance(minutes=59)
    assert await shop.availability() is SlotAvailability.AVAILABLE
    shop.clock.advance(minutes=1)
    # 13:00 is the cut-off of 15:00.
    assert await shop.availability() is SlotAvailability.CLOSED


async def test_alternatives_are_the_nearest_that_can_be_had(shop: Shop) -> None:
    for slot_id in (shop.today, shop.today, shop.tonight):
        await shop.hold(slot_id)
    with pytest.raises(SlotUnavailable) as refused:
        await shop.hold()
    # Three hours later, a day later, a day and three hours later, …
    assert [slot.id for slot in refused.value.alternatives[:3]] == [
        shop.tonight,
        shop.tomorrow,
        f"{shop.evening.id}.2026-11-24",
    ]
    assert refused.value.alternatives[0].remaining == 1
    assert len(refused.value.alternatives) == 5


async def test_alternatives_are_for_the_same_door(shop: Shop) -> None:
    small = replace(shop.afternoon, id=shop.id_of("island"), zone_ids=("island",), capacity=1, weekdays=(1,))
    both = replace(small, id=shop.id_of("both"), zone_ids=("harbour", "island"))
    for template in (small, both, replace(small, id=shop.id_of("harbour"), zone_ids=("harbour",))):
        await shop.save(template)
    for_the_island = {both.id, shop.afternoon.id, shop.evening.id}
    wanted, door = f"{small.id}.2026-11-23", frozenset({"island"})
    held = await shop.hold(wanted, zones=door)
    with pytest.raises(SlotUnavailable) as refused:
        await shop.hold(wanted, zones=door)
    assert {slot.template_id for slot in refused.value.alternatives} == for_the_island

    # Of a hold that ran out nobody knows the door any more: only what serves all of its slot's zones will do.
    shop.clock.advance(minutes=20)
    await shop.hold(wanted)
    with pytest.raises(SlotUnavailable) as refused:
        await shop.confirm(held, "cho_1")
    assert {slot.template_id for slot in refused.value.alternatives} == for_the_island


async def test_a_slot_is_not_held_for_a_door_that_it_does_not_serve(shop: Shop) -> None:
    island = replace(shop.afternoon, id=shop.id_of("island"), zone_ids=("island",))
    await shop.save(island)
    with pytest.raises(SlotUnavailable, match="not for this address"):
        await shop.hold(f"{island.id}.2026-11-23", zones=frozenset({"hills"}))


async def test_a_template_is_saved_by_who_saw_the_last_version(shop: Shop) -> None:
    shop.clock.advance(hours=1)
    saved = await shop.save(replace(shop.afternoon, name="Later"), expected=1)
    assert (saved.version, saved.updated_at) == (2, shop.clock.now())
    with pytest.raises(StateConflict) as refused:
        await shop.save(replace(shop.afternoon, name="Too late"), expected=1)
    assert (refused.value.current_id, refused.value.current_version) == (shop.afternoon.id, 2)
    async with shop.begin(shop.merchant_id) as work:
        assert await work.slots.template(shop.afternoon.id) == saved


async def test_a_template_with_wrong_fields_is_refused_by_their_names(shop: Shop) -> None:
    wrong = replace(shop.afternoon, capacity=0, location_id="loc_elsewhere")
    with pytest.raises(InvalidInput, match="capacity must be 1 to 10000") as refused:
        await shop.save(wrong, expected=1)
    assert [issue.path for issue in refused.value.issues] == [("input", "capacity"), ("input", "locationId")]


async def test_an_archived_template_offers_nothing_and_keeps_what_is_held(shop: Shop) -> None:
    held = await shop.hold()
    archived = await shop.archive(shop.afternoon, expected=1)
    with pytest.raises(SlotUnavailable, match="closed"):
        await shop.hold()
    assert (await shop.confirm(held, "cho_1")).slot_id == shop.today
    async with shop.begin(shop.merchant_id) as work:
        found = await slots(work, shop.location_id, (), WEEK, NOON)
        assert {slot.template_id for slot in found} == {shop.evening.id}
        assert [template.id for template in await work.slots.templates()] == [shop.evening.id]
        assert await work.slots.template(shop.afternoon.id) == archived
    with pytest.raises(StateConflict, match="archived"):
        await shop.save(shop.afternoon, expected=2)


async def test_fewer_places_take_nothing_from_those_who_have_one(shop: Shop) -> None:
    first, second = await shop.hold(), await shop.hold()
    await shop.save(replace(shop.afternoon, capacity=1), expected=1)
    await shop.release(first)
    # Place 1 is free, but the one who is left has the only place that there is.
    with pytest.raises(SlotUnavailable, match="full"):
        await shop.hold()
    assert (await shop.confirm(second, "cho_1")).place == 2


async def test_more_places_can_be_had_at_once(shop: Shop) -> None:
    await shop.hold()
    await shop.hold()
    await shop.save(replace(shop.afternoon, capacity=3), expected=1)
    assert (await shop.hold()).place == 3


async def test_another_merchant_sees_no_slot_and_no_hold(shop: Shop) -> None:
    held = await shop.hold(key="tap")
    now: datetime = shop.clock.now()
    async with shop.begin("mer_of_another") as work:
        assert list(await work.slots.templates()) == []
        assert await work.slots.hold(held.id) is None
        assert await work.slots.hold_by_key(held.key) is None
        with pytest.raises(NotFound):
            await hold_slot(work, Wish(shop.today, "tap"), now)
