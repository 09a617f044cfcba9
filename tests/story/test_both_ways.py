"""Orders come in, and what becomes of them goes back: over the whole house, seen in the stores' own books."""

from __future__ import annotations

import pytest

from tests.story.shown import STORES, shows_a_delivery
from tests.story.town import LOOKS_EVERY_MIN, STEP_S, Town

NOWHERE = {
    "countryCode": "US",
    "address1": "1 Nowhere Lane",
    "city": "Atlantis",
    "provinceCode": "NY",
    "postalCode": "10001",
    "phone": "+12125550123",
}


@pytest.mark.slow
# The vans are parked by then, so that four hours go by quickly.
@pytest.mark.parametrize("opens_at", ["18:40"])
async def test_stores_that_were_away_for_four_hours_are_as_if_nothing_had_happened(town: Town) -> None:
    # Given an order of each store that a courier is on the way with
    before = {
        store: await town.order_at(store, **await town.choose_at_checkout("uber_direct")) for store in STORES
    }
    await town.live(minutes=3)

    # When both stores are away for four hours, sell on, and every webhook is lost
    await town.started.world.post("lose-webhooks", {"lost": True})
    await town.started.world.post("store-away", {"minutes": 240})
    meanwhile = {store: await town.order_at(store) for store in STORES}
    await town.live(minutes=240 - STEP_S / 60, step_s=240 * 60 - STEP_S)

    # Then what was under way is delivered, and nobody could tell
    assert await town.is_delivered(*before.values())
    assert [await town.order(order) for order in meanwhile.values()] == [None, None]
    assert not any([(await town.shown(order))["status"] == "DELIVERED" for order in before.values()])

    # When they are back
    await town.started.world.post("lose-webhooks", {"lost": False})
    await town.live(minutes=5)

    # Then both show what happened, and what they sold is booked as ever
    for store, order in before.items():
        await shows_a_delivery(town, store, order)
    for order in meanwhile.values():
        assert len((await town.delivery(order))["legs"]) == 1
        assert len((await town.shown(order))["held_for"]) == 0
    assert await town.quarantined() == []


async def test_an_order_to_nowhere_is_held_in_its_store_until_the_merchant_corrects_it(town: Town) -> None:
    # Given an order of each store to an address that no map knows
    orders = {store: await town.order_at(store, destination=NOWHERE) for store in STORES}

    # When they were noticed
    await town.live(minutes=3)

    # Then each store shows that a person is waited for, and why
    shopify, woocommerce = [await town.shown(order) for order in orders.values()]
    assert shopify["held_for"] == ["INCORRECT_ADDRESS"]
    assert woocommerce["held_for"] == ["on-hold"]
    assert [note for note in woocommerce["notes"] if "The map does not know the address" in note]

    # When the merchant corrects them there
    for order in orders.values():
        wish = {"external_id": order, "destination": await town.front_door()}
        await town.started.world.post("correct-address", wish)
    await town.live(minutes=5)

    # Then nothing is held any more, and somebody brings them
    for order in orders.values():
        assert (await town.shown(order))["held_for"] == []
        assert len((await town.delivery(order))["legs"]) == 1
    # Only that it comes: how it comes, step by step, is another story.
    await town.live_until(
        lambda: town.is_delivered(*orders.values()), within_minutes=300, step_s=LOOKS_EVERY_MIN * 60
    )


async def test_a_bad_order_waits_alone_and_goes_on_after_the_fix(town: Town) -> None:
    # Given an order of each store that makes no sense, between two good ones
    good = [await town.order_at(store) for store in STORES]
    bad = [await town.order_at(store) for store in STORES]
    for order in bad:
        await town.started.world.post("spoil-order", {"external_id": order})
    good += [await town.order_at(store) for store in STORES]

    # When they were noticed
    await town.live(minutes=3)

    # Then the good ones are booked, and the bad ones wait with the field that is wrong
    assert [len((await town.delivery(order))["legs"]) for order in good] == [1, 1, 1, 1]
    assert [await town.order(order) for order in bad] == [None, None]
    waiting = {row["externalId"]: row for row in await town.quarantined()}
    assert set(waiting) == set(bad)
    assert all(row["problem"]["path"] for row in waiting.values())

    # When they are put right in the store and read again
    for order in bad:
        await town.started.world.post("mend-order", {"external_id": order})
    outcomes = [await town.replay(row["id"]) for row in waiting.values()]

    # Then they are orders like all others
    assert {outcome["order"]["externalId"] for outcome in outcomes} == set(bad)
    await town.live(minutes=2)
    assert [len((await town.delivery(order))["legs"]) for order in bad] == [1, 1]
    assert await town.quarantined() == []
