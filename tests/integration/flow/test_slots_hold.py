"""A place in a slot: offered, held, confirmed, given back, and never twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from doorstep.errors import IdempotencyConflict, InvalidInput, NotFound, SlotUnavailable, StateConflict
from doorstep.money import Money
from doorstep.slot import SlotAvailability, SlotHoldStatus
from gateway.flow.slots.hold import Wish, confirm_hold, give_back, hold_slot, release_hold
from gateway.store.postgres import EmbeddedPostgres
from tests.conftest import Dsn
from tests.integration.flow.canaries import sightings
from tests.integration.flow.fakes import NOON
from tests.integration.flow.test_slots_shop import Shop, one_database, opened


@pytest.fixture(scope="module")
def house(server: EmbeddedPostgres, worker_id: str) -> Iterator[Dsn]:
    yield from one_database(server, f"slots_hold_{worker_id}")


@pytest.fixture
async def shop(house: Dsn) -> AsyncIterator[Shop]:
    async for one in opened(house):
        yield one


async def test_a_hold_keeps_what_was_shown_and_ends_after_fifteen_minutes(shop: Shop) -> None:
    held = await shop.hold(owner="quo_1")
    assert held == await shop.kept(held)
    assert (held.status, held.place, held.owner) == (SlotHoldStatus.HELD, 1, "quo_1")
    assert held.window.start == datetime(2026, 11, 23, 20, tzinfo=UTC)
    assert held.price == Money(500, "USD")
    assert held.expires_at == NOON + timedelta(minutes=15)


async def test_nobody_thinks_longer_than_until_the_slot_begins(shop: Shop) -> None:
    await shop.save(replace(shop.afternoon, cut_off_s=0, hold_s=3600), expected=1)
    shop.clock.advance(hours=2, minutes=30)
    held = await shop.hold()
    assert held.expires_at == held.window.start


async def test_there_is_no_slot_but_those_of_templates(shop: Shop) -> None:
    template_id = shop.afternoon.id
    for slot_id in ("slt_nobody.2026-11-23", f"{template_id}.20261123", f"{template_id}.2026-11-22", "no"):
        with pytest.raises(NotFound) as missing:
            await shop.hold(slot_id)
        assert missing.value.path == ("input", "slotId")


async def test_the_same_key_is_the_same_hold_even_when_the_slot_is_full(shop: Shop) -> None:
    first = await shop.hold(key="tap")
    await shop.hold()
    assert await shop.hold(key="tap") == first
    shop.clock.advance(minutes=15)
    assert (await shop.hold(key="tap")).status is SlotHoldStatus.EXPIRED


async def test_a_key_with_another_slot_is_refused(shop: Shop) -> None:
    await shop.hold(key="tap")
    with pytest.raises(IdempotencyConflict) as refused:
        await shop.hold(shop.tonight, key="tap")
    assert refused.value.first_seen_at == NOON


async def test_taps_that_come_at_once_with_one_key_are_one_hold(shop: Shop) -> None:
    taps = await asyncio.gather(*(shop.hold(key="tap") for _ in range(6)))
    assert len({held.id for held in taps}) == 1
    assert await shop.availability() is SlotAvailability.FEW_LEFT


async def test_of_taps_at_once_with_one_key_on_two_slots_one_slot_is_held(shop: Shop) -> None:
    taps = (shop.hold(slot_id, key="tap") for slot_id in (shop.today, shop.tonight))
    outcomes = await asyncio.gather(*taps, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["IdempotencyConflict", "SlotHold"]


async def test_only_a_digest_of_the_key_is_kept(shop: Shop, house: Dsn) -> None:
    held = await shop.hold(key="for:ann@shop.example")
    assert {one.table for one in await sightings(house.app, shop.merchant_id, [held.key])} == {"slot_holds"}
    assert await sightings(house.app, shop.merchant_id, ["ann@shop.example"]) == set()


async def test_a_key_must_not_be_empty(shop: Shop) -> None:
    async with shop.begin(shop.merchant_id) as work:
        with pytest.raises(InvalidInput, match="empty"):
            await hold_slot(work, Wish(shop.today, ""), NOON)


async def test_a_hold_that_replaces_another_frees_its_place_in_the_same_breath(shop: Shop) -> None:
    first = await shop.hold()
    second = await shop.hold(shop.tonight, replaces=first.id)
    assert (await shop.kept(first)).status is SlotHoldStatus.RELEASED
    assert second.replaces == first.id
    assert await shop.availability() is SlotAvailability.AVAILABLE


async def test_a_hold_can_replace_one_of_the_same_full_slot(shop: Shop) -> None:
    first = await shop.hold()
    await shop.hold()
    second = await shop.hold(replaces=first.id)
    assert second.place == first.place
    with pytest.raises(SlotUnavailable):
        await shop.hold()


async def test_what_cannot_be_had_leaves_the_shopper_what_they_had(shop: Shop) -> None:
    mine = await shop.hold()
    await shop.hold(shop.tonight)
    await shop.hold(shop.tonight)
    with pytest.raises(SlotUnavailable):
        await shop.hold(shop.tonight, replaces=mine.id)
    assert (await shop.kept(mine)).status is SlotHoldStatus.HELD


async def test_what_is_not_there_or_confirmed_is_not_replaced(shop: Shop) -> None:
    with pytest.raises(NotFound) as missing:
        await shop.hold(replaces="hld_nobody")
    assert missing.value.path == ("input", "replacesHoldId")
    bought = await shop.hold()
    await shop.confirm(bought, "cho_1")
    with pytest.raises(StateConflict):
        await shop.hold(shop.tonight, replaces=bought.id)
    assert (await shop.kept(bought)).status is SlotHoldStatus.CONFIRMED


async def test_two_who_swap_slots_at_once_do_not_block_each_other(shop: Shop) -> None:
    for _ in range(5):
        one, other = await shop.hold(shop.today), await shop.hold(shop.tonight)
        swapped = await asyncio.gather(
            shop.hold(shop.tonight, replaces=one.id), shop.hold(shop.today, replaces=other.id)
        )
        assert [held.slot_id for held in swapped] == [shop.tonight, shop.today]
        for held in swapped:
            await shop.release(held)


async def test_a_confirmed_place_stays_when_its_time_to_think_is_over(shop: Shop) -> None:
    held = await shop.hold()
    confirmed = await shop.confirm(held, "cho_1")
    assert (confirmed.status, confirmed.owner) == (SlotHoldStatus.CONFIRMED, "cho_1")
    shop.clock.advance(minutes=30)
    await shop.hold()
    with pytest.raises(SlotUnavailable):
        await shop.hold()


async def test_confirming_again_is_the_same(shop: Shop) -> None:
    held = await shop.hold(owner="cho_1")
    assert await shop.confirm(held, "") == await shop.confirm(held, "cho_1")


async def test_a_place_is_confirmed_for_somebody(shop: Shop) -> None:
    held = await shop.hold()
    with pytest.raises(InvalidInput, match="owner"):
        await shop.confirm(held, "")
    await shop.confirm(held, "cho_1")
    with pytest.raises(StateConflict, match="somebody else"):
        await shop.confirm(held, "cho_2")


async def test_a_hold_that_is_not_there_is_not_confirmed_or_released(shop: Shop) -> None:
    async with shop.begin(shop.merchant_id) as work:
        with pytest.raises(NotFound):
            await confirm_hold(work, "hld_nobody", "cho_1", NOON)
        with pytest.raises(NotFound):
            await release_hold(work, "hld_nobody", NOON)


async def test_nobody_has_two_confirmed_places(shop: Shop) -> None:
    first = await shop.hold()
    second = await shop.hold(shop.tonight)
    await shop.confirm(first, "cho_1")
    with pytest.raises(StateConflict) as refused:
        await shop.confirm(second, "cho_1")
    assert refused.value.current_id == first.id


async def test_nobody_has_two_confirmed_places_though_both_come_at_once(shop: Shop) -> None:
    holds = [await shop.hold(), await shop.hold(shop.tonight), await shop.hold(shop.tomorrow)]
    outcomes = await asyncio.gather(*(shop.confirm(held, "cho_1") for held in holds), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "SlotHold",
        "StateConflict",
        "StateConflict",
    ]


async def test_a_move_gives_the_old_place_up_as_the_new_one_is_confirmed(shop: Shop) -> None:
    old = await shop.confirm(await shop.hold(), "ful_1")
    new = await shop.hold(shop.tonight)
    moved = await shop.confirm(new, "ful_1", replaces=old.id)
    assert moved.status is SlotHoldStatus.CONFIRMED
    assert (await shop.kept(old)).status is SlotHoldStatus.RELEASED


async def test_a_move_that_fails_keeps_the_old_place(shop: Shop) -> None:
    old = await shop.confirm(await shop.hold(), "ful_1")
    new = await shop.hold(shop.tonight)
    shop.clock.advance(minutes=15)
    await shop.hold(shop.tonight)
    await shop.hold(shop.tonight)
    with pytest.raises(SlotUnavailable):
        await shop.confirm(new, "ful_1", replaces=old.id)
    assert (await shop.kept(old)).status is SlotHoldStatus.CONFIRMED


async def test_a_hold_that_ran_out_is_confirmed_if_there_is_still_a_place(shop: Shop) -> None:
    late = await shop.hold()
    shop.clock.advance(minutes=15)
    taken = await shop.hold()
    assert taken.place == late.place, "the place was free again"
    assert (await shop.kept(late)).status is SlotHoldStatus.EXPIRED
    confirmed = await shop.confirm(late, "cho_1")
    assert (confirmed.status, confirmed.place) == (SlotHoldStatus.CONFIRMED, 2)


async def test_a_hold_that_ran_out_is_refused_with_others_if_its_place_is_gone(shop: Shop) -> None:
    late = await shop.hold()
    shop.clock.advance(minutes=15)
    await shop.hold()
    await shop.hold()
    with pytest.raises(SlotUnavailable, match="full") as refused:
        await shop.confirm(late, "cho_1")
    assert refused.value.alternatives[0].id == shop.tonight


async def test_a_hold_that_ran_out_is_refused_after_the_cut_off(shop: Shop) -> None:
    late = await shop.hold()
    shop.clock.advance(hours=1)
    with pytest.raises(SlotUnavailable, match="closed"):
        await shop.confirm(late, "cho_1")


async def test_a_hold_that_lives_is_confirmed_after_the_cut_off_and_of_a_disabled_template(
    shop: Shop,
) -> None:
    shop.clock.advance(minutes=55)
    held = await shop.hold()
    await shop.save(replace(shop.afternoon, enabled=False), expected=1)
    shop.clock.advance(minutes=10)
    assert (await shop.confirm(held, "cho_1")).status is SlotHoldStatus.CONFIRMED
    with pytest.raises(SlotUnavailable):
        await shop.hold()


async def test_a_hold_that_ran_out_does_not_come_back_as_another_window(shop: Shop) -> None:
    late, later = await shop.hold(shop.tomorrow), await shop.hold(shop.tomorrow)
    shop.clock.advance(minutes=15)
    await shop.save(replace(shop.afternoon, starts_at=time(14)), expected=1)
    with pytest.raises(SlotUnavailable):
        await shop.confirm(late, "cho_1")
    await shop.save(replace(shop.afternoon, weekdays=(1,)), expected=2)
    with pytest.raises(SlotUnavailable) as refused:
        await shop.confirm(later, "cho_1")
    assert refused.value.alternatives[0].id == f"{shop.evening.id}.2026-11-24"


async def test_who_counts_a_hold_as_over_takes_it_from_a_slower_clock_too(shop: Shop) -> None:
    # Given two holds in a full slot, and a machine whose clock is a quarter of an hour ahead
    slow = await shop.hold()
    await shop.hold()
    ahead = shop.clock.now() + timedelta(minutes=15)
    async with shop.begin(shop.merchant_id) as work:
        for number in range(2):
            await hold_slot(work, Wish(shop.today, f"fast {number}"), ahead)
    # When the machine with the right time confirms what it still thinks to be held, then there is no place
    with pytest.raises(SlotUnavailable):
        await shop.confirm(slow, "cho_1")


async def test_a_released_place_can_be_had_and_its_hold_cannot_be_confirmed(shop: Shop) -> None:
    held = await shop.hold()
    await shop.hold()
    assert (await shop.release(held)).status is SlotHoldStatus.RELEASED
    assert (await shop.release(held)).status is SlotHoldStatus.RELEASED
    await shop.hold()
    with pytest.raises(StateConflict, match="released"):
        await shop.confirm(held, "cho_1")


async def test_a_hold_that_ran_out_is_not_released_but_over(shop: Shop) -> None:
    held = await shop.hold()
    shop.clock.advance(minutes=15)
    assert (await shop.release(held)).status is SlotHoldStatus.EXPIRED


async def test_a_confirmed_place_ends_with_what_it_is_for(shop: Shop) -> None:
    bought = await shop.confirm(await shop.hold(), "cho_1")
    with pytest.raises(StateConflict, match="confirmed"):
        await shop.release(bought)
    async with shop.begin(shop.merchant_id) as work:
        given = await give_back(work, "cho_1", NOON)
        assert given is not None
        assert given.status is SlotHoldStatus.RELEASED
        assert await give_back(work, "cho_1", NOON) is None
        assert await give_back(work, "", NOON) is None
