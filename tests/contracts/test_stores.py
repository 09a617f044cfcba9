"""What every store's connector does against its simulator, over HTTP: the sentences of the port on reading.

Stores are found as the gateway finds them; another one joins with one more `Harness` in `HARNESSES`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from starlette.applications import Starlette

from doorstep.errors import (
    InvalidInput,
    RemoteUnavailable,
)
from doorstep.ports import RawOrder
from doorstep.window import Window
from simulator.stores.woocommerce import served
from tests.contracts.store_harnesses import HARNESSES, link_of
from tests.contracts.store_rig import PLUGINS, START, Rig, hides_secrets

# More than a page of either platform.
MANY = 260


async def walked(stream: AsyncIterator[RawOrder]) -> list[RawOrder]:
    return [raw async for raw in stream]


async def ids_of(stream: AsyncIterator[RawOrder]) -> set[str]:
    return {raw.external_id for raw in await walked(stream)}


async def poured(stream: AsyncIterator[RawOrder], into: list[RawOrder]) -> None:
    async for raw in stream:
        into.append(raw)


async def drained(stream: AsyncIterator[object]) -> int:
    return len([one async for one in stream])


def test_every_store_of_this_package_is_found_and_has_a_harness() -> None:
    assert PLUGINS.broken == {}
    assert set(PLUGINS.stores) == set(HARNESSES)


async def test_it_says_which_platform_it_is(rig: Rig) -> None:
    assert rig.store.platform is rig.plugin.platform


async def test_a_credential_that_is_missing_is_named(rig: Rig) -> None:
    given = rig.link()
    needed = [field.name for field in rig.plugin.credentials if field.is_secret]
    for name in needed:
        lacking = {key: value for key, value in given.credentials.items() if key != name}
        if name == "webhook_secret":  # the gateway's own, which the store is told by `ensure_webhooks`
            continue
        with pytest.raises(InvalidInput) as refusal:
            rig.plugin.connect(replace(given, credentials=lacking))
        assert refusal.value.path == ("credentials", name)


async def test_an_empty_store_has_no_orders_and_no_newest_change(rig: Rig) -> None:
    everything = Window(START - timedelta(days=60), START + timedelta(days=1))

    assert await walked(rig.store.changed_orders(None)) == []
    assert await walked(rig.store.all_orders()) == []
    assert await rig.store.newest_change() is None
    assert await rig.store.count_orders(None) == 0
    assert await rig.store.count_placed(everything) == 0
    assert await drained(rig.store.placed_ids(everything)) == 0
    assert await drained(rig.store.touched_orders(everything.start)) == 0
    assert await rig.store.fetch_orders([]) == {}


async def test_a_walk_gives_every_order_of_many_pages_oldest_change_first(rig: Rig) -> None:
    rig.shop.fill(MANY)
    kept = rig.shop.kept()

    found = await walked(rig.store.changed_orders(None))

    changes = [raw.changed_at for raw in found]
    assert changes == [kept[raw.external_id].changed_at for raw in found]
    assert changes == sorted(change.changed_at for change in kept.values())
    assert {raw.external_id for raw in found} == set(kept)
    assert await rig.store.count_orders(None) == MANY
    assert await rig.store.newest_change() == max(change.changed_at for change in kept.values())
    assert await ids_of(rig.store.all_orders()) == set(kept)


async def test_a_walk_takes_in_the_very_second_that_it_begins_with(rig: Rig) -> None:
    rig.shop.fill(20)
    kept = rig.shop.kept()
    since = sorted(order.changed_at for order in kept.values())[12]
    wanted = {id_ for id_, order in kept.items() if order.changed_at >= since}

    assert await ids_of(rig.store.changed_orders(since)) == wanted
    assert await rig.store.count_orders(since) == len(wanted)


async def test_orders_that_change_during_a_walk_may_come_twice_and_none_is_skipped(rig: Rig) -> None:
    rig.shop.fill(MANY)
    oldest_first = sorted(rig.shop.kept().items(), key=lambda item: item[1].changed_at)
    ids = [id_ for id_, _ in oldest_first]

    seen: dict[str, datetime | None] = {}
    number = 0
    async for raw in rig.store.changed_orders(None):
        seen[raw.external_id] = raw.changed_at
        if number % 10 == 0 and number < 200:
            # One that was read, and one that is still to come, before the last page is asked for.
            rig.shop.touch(ids[number])
            rig.shop.touch(ids[MANY - 1 - number // 2])
        number += 1

    assert number > MANY
    assert seen == {id_: order.changed_at for id_, order in rig.shop.kept().items()}


async def test_a_page_at_a_time_is_read_as_it_is_asked_for(rig: Rig) -> None:
    rig.shop.fill(MANY)
    stream = rig.impatient().changed_orders(None)

    await anext(stream)
    rig.shop.fall_ill(rig.shop.ailments[0])
    given: list[RawOrder] = []
    with pytest.raises(RemoteUnavailable):
        await poured(stream, given)

    assert 0 < len(given) < MANY - 1


async def test_an_order_says_when_it_was_asked_for_and_when_it_came(rig: Rig) -> None:
    order_id = rig.shop.place()
    before = rig.busy.now()

    fetched = await rig.store.fetch_order(order_id)
    (read,) = await walked(rig.store.changed_orders(None))
    everything = await walked(rig.store.all_orders())

    after = rig.busy.now()
    for raw in (fetched, read, *everything):
        assert raw is not None
        assert before < raw.asked_at < raw.fetched_at < after
        assert raw.changed_at == rig.shop.kept()[order_id].changed_at
        assert raw.external_id == order_id


async def test_placed_orders_are_counted_as_the_books_say_and_windows_tile(rig: Rig) -> None:
    rig.shop.fill(40)
    kept = rig.shop.kept()
    cut = sorted(order.placed_at for order in kept.values())[25]
    windows = [Window(START - timedelta(days=40), cut), Window(cut, START + timedelta(days=1))]

    for window in windows:
        wanted = {id_ for id_, order in kept.items() if window.start <= order.placed_at < window.end}
        assert {id_ async for id_ in rig.store.placed_ids(window)} == wanted
        assert await rig.store.count_placed(window) == len(wanted)


async def test_an_order_that_was_deleted_is_counted_no_longer(rig: Rig) -> None:
    window = Window(START - timedelta(days=1), START + timedelta(days=1))
    gone, stays = rig.shop.place(), rig.shop.place()
    rig.shop.delete(gone)

    assert await rig.store.count_placed(window) == 1
    assert {id_ async for id_ in rig.store.placed_ids(window)} == {stays}
    assert await ids_of(rig.store.changed_orders(None)) == {stays}
    assert await rig.store.fetch_order(gone) is None


async def test_every_id_that_is_asked_for_is_a_key_and_only_gone_orders_are_none(rig: Rig) -> None:
    gone, stays, other = (rig.shop.place() for _ in range(3))
    rig.shop.delete(gone)
    asked = [gone, stays, rig.shop.unknown_id, other, stays]

    found = await rig.store.fetch_orders(asked)

    assert set(found) == set(asked)
    assert {id_ for id_, raw in found.items() if raw is not None} == {stays, other}
    for order_id in (stays, other):
        raw = found[order_id]
        assert raw is not None
        assert raw.external_id == rig.store.read_order(raw).external_id == order_id
        assert raw.asked_at < raw.fetched_at


async def test_many_orders_are_fetched_as_each_alone(rig: Rig) -> None:
    rig.shop.fill(130)
    ids = list(rig.shop.kept())

    found = await rig.store.fetch_orders(ids)

    assert {id_ for id_, raw in found.items() if raw is not None} == set(ids)
    for order_id in ids[::40]:
        raw, alone = found[order_id], await rig.store.fetch_order(order_id)
        assert raw is not None
        assert alone is not None
        one, other = rig.store.read_order(raw), rig.store.read_order(alone)
        assert replace(one, read_at=None) == replace(other, read_at=None)


async def test_a_part_that_was_touched_shows_in_a_walk_or_in_the_touches(rig: Rig) -> None:
    order_id, other = rig.shop.place(), rig.shop.place()
    rig.clock.advance(600)
    since = rig.clock.now()

    tells = rig.shop.touch_part(order_id)

    touches = [touch async for touch in rig.store.touched_orders(since)]
    assert {touch.order_external_id for touch in touches} == ({order_id} if tells else set())
    assert [touch.touched_at for touch in touches] == sorted(touch.touched_at for touch in touches)
    assert all(touch.touched_at >= since for touch in touches)
    shown = {touch.order_external_id for touch in touches}
    shown |= await ids_of(rig.store.changed_orders(since))
    assert order_id in shown
    assert other not in shown


async def test_a_store_that_is_unwell_is_unavailable_and_never_looks_empty(rig: Rig) -> None:
    rig.shop.place()
    window = Window(START - timedelta(days=1), START + timedelta(days=1))
    store = rig.impatient()
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: drained(store.changed_orders(None)),
        lambda: drained(store.all_orders()),
        store.newest_change,
        lambda: store.count_orders(None),
        lambda: store.count_placed(window),
        lambda: drained(store.placed_ids(window)),
        lambda: store.fetch_order(rig.shop.unknown_id),
        lambda: store.fetch_orders([rig.shop.unknown_id]),
        store.locations,
        lambda: store.products([rig.shop.article_id]),
    ]
    for ailment in rig.shop.ailments:
        rig.shop.fall_ill(ailment)
        for call in calls:
            with pytest.raises(RemoteUnavailable) as trouble:
                await call()
            hides_secrets(rig, trouble.value)
        rig.shop.get_well()
    assert await drained(store.changed_orders(None)) == 1


async def test_a_store_that_nobody_answers_for_is_unavailable(rig: Rig) -> None:
    async with served(Starlette()) as url:
        pass
    link = link_of(rig.shop.link(url), rig.busy)
    stranded = rig.harness.impatient(link)

    with pytest.raises(RemoteUnavailable) as trouble:
        await stranded.fetch_order(rig.shop.unknown_id)
    hides_secrets(rig, trouble.value)
    assert not all(check.passed for check in await stranded.check())
    await stranded.close()
