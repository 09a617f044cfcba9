"""What follows when a shop takes the app out, lets it do other things, or has other places to ship from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.errors import AccountProblem, RemoteUnavailable, StateConflict
from doorstep.order import LinkStatus, Location, Store
from doorstep.ports import StoreConnector
from gateway.bootstrap.links import LOOK_EVERY_S, KeptLinks
from gateway.flow.intake.linking import places_changed, scopes_changed, store_uninstalled
from gateway.flow.intake.reach import reached
from simulator.stores.shopify import FakeShopify
from tests.integration.app.market import DEPOT, HOME, SHOPIFY_SECRET, Market
from tests.integration.app.premises import Premises, Tenant


async def linked(premises: Premises) -> tuple[Tenant, Store]:
    """A merchant without places of its own, with a shop."""
    tenant = await premises.tenant()
    store_id = await premises.link_store(tenant, "shopify")
    return tenant, await kept(premises, tenant, store_id)


async def kept(premises: Premises, tenant: Tenant, store_id: str) -> Store:
    async with premises.house.means.begin(tenant.merchant_id) as work:
        found = await work.accounts.store(store_id)
    assert found is not None
    return found


async def places(premises: Premises, tenant: Tenant) -> list[Location]:
    async with premises.house.means.begin(tenant.merchant_id) as work:
        return list(await work.accounts.locations())


async def credentials(premises: Premises, store: Store) -> dict[str, str]:
    async with premises.house.transactions.begin_sql(store.merchant_id) as work:
        found = await work.accounts.store_credentials(store.id)
    return {name: secret.reveal() for name, secret in found.items()}


async def test_a_shop_that_took_the_app_out_keeps_no_access_but_can_still_ask_to_be_forgotten(
    premises: Premises, market: Market
) -> None:
    tenant, store = await linked(premises)
    market.shopify.revoke_token()
    await store_uninstalled(premises.house.means, store)
    gone = await kept(premises, tenant, store.id)
    assert (gone.status, gone.scopes) == (LinkStatus.DISCONNECTED, ())
    assert await credentials(premises, store) == {"client_secret": SHOPIFY_SECRET}
    await premises.house.links.forget(store.merchant_id, store.id)
    with pytest.raises(StateConflict):
        await premises.house.links.store(store.merchant_id, store.id)


async def test_nobody_who_read_a_store_before_brings_it_back(premises: Premises, market: Market) -> None:
    tenant, store = await linked(premises)
    market.shopify.revoke_token()
    await store_uninstalled(premises.house.means, store)
    async with premises.house.means.begin(tenant.merchant_id) as work:
        await work.accounts.put_store(replace(store, status=LinkStatus.DEGRADED))
    assert (await kept(premises, tenant, store.id)).status is LinkStatus.DISCONNECTED


async def test_an_old_notice_does_not_end_a_shop_that_installed_the_app_again(premises: Premises) -> None:
    tenant, store = await linked(premises)
    await store_uninstalled(premises.house.means, store)
    assert (await kept(premises, tenant, store.id)).status is LinkStatus.CONNECTED


async def test_a_shop_that_comes_back_while_it_turns_us_away_stays(
    premises: Premises, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a shop that has no app for us, and that lets us in again before that is written down
    tenant, store = await linked(premises)
    means = premises.house.means
    asked: list[str] = []

    async def back_meanwhile(_merchant_id: str, store_id: str) -> StoreConnector:
        asked.append(store_id)
        monkeypatch.undo()
        await market.tick(1)
        async with means.begin(tenant.merchant_id) as work:
            sync = await work.syncs.get(store_id, lock=True)
            await work.syncs.put(reached(sync, means.clock.now()))
        raise StateConflict("It is disconnected.")

    monkeypatch.setattr(means.links, "store", back_meanwhile)
    # When the notice of its removal is looked into
    await store_uninstalled(means, store)
    # Then it is asked again, and stays
    assert asked == [store.id]
    assert (await kept(premises, tenant, store.id)).status is LinkStatus.CONNECTED


async def test_a_shop_that_cannot_be_asked_is_not_given_up(premises: Premises, market: Market) -> None:
    tenant, store = await linked(premises)
    market.shopify.fail_next("html", 5)
    with pytest.raises(RemoteUnavailable):
        await store_uninstalled(premises.house.means, store)
    assert (await kept(premises, tenant, store.id)).status is LinkStatus.CONNECTED


async def test_without_a_scope_that_it_needs_a_store_is_degraded_in_words_until_it_has_it_again(
    premises: Premises, market: Market
) -> None:
    tenant, store = await linked(premises)
    whole = market.shopify.scopes
    market.shopify.scopes = frozenset(whole) - {"read_orders"}
    await scopes_changed(premises.house.means, store)
    async with premises.house.means.begin(tenant.merchant_id) as work:
        sync = await work.syncs.get(store.id)
    assert (await kept(premises, tenant, store.id)).status is LinkStatus.DEGRADED
    assert "read_orders" in sync.problem_text

    market.shopify.scopes = whole
    await scopes_changed(premises.house.means, store)
    async with premises.house.means.begin(tenant.merchant_id) as work:
        sync = await work.syncs.get(store.id)
    assert ((await kept(premises, tenant, store.id)).status, sync.problem_text) == (LinkStatus.CONNECTED, "")


async def test_places_are_added_renamed_and_no_longer_chosen_as_the_shop_has_them(
    premises: Premises, market: Market
) -> None:
    # Given a shop with two places, the first of which its orders leave from
    tenant, store = await linked(premises)
    shop: FakeShopify = market.shopify
    till = shop.places[0]
    shop.add_place("Warehouse", HOME)
    await places_changed(premises.house.means, store)
    ours = {place.name: place for place in await places(premises, tenant) if place.external_ids}
    assert set(ours) == {"Corner shop", "Warehouse"}
    async with premises.house.means.begin(tenant.merchant_id) as work:
        await work.accounts.put_store(replace(store, location_id=ours["Corner shop"].id))

    # When the other is renamed and the first is closed
    shop.rename_place(shop.places[1], "Big warehouse")
    shop.set_place_active(till, is_active=False)
    await places_changed(premises.house.means, store)

    # Then both are there, with the ids that they had, and orders leave from the one that is open
    after = {place.id: place.name for place in await places(premises, tenant) if place.external_ids}
    assert after == {ours["Corner shop"].id: "Corner shop", ours["Warehouse"].id: "Big warehouse"}
    assert (await kept(premises, tenant, store.id)).location_id == ours["Warehouse"].id

    # And what was read twice is no other place
    await places_changed(premises.house.means, store)
    assert len(await places(premises, tenant)) == 3


async def test_a_place_that_we_found_on_the_map_stays_there_as_long_as_it_does_not_move(
    premises: Premises, market: Market
) -> None:
    tenant, store = await linked(premises)
    market.shopify.add_place("Warehouse", DEPOT.at(None))
    await places_changed(premises.house.means, store)
    (place,) = [place for place in await places(premises, tenant) if place.name == "Warehouse"]
    async with premises.house.means.begin(tenant.merchant_id) as work:
        await work.accounts.put_location(replace(place, address=place.address.at(DEPOT.location)))
    await places_changed(premises.house.means, store)
    (place,) = [place for place in await places(premises, tenant) if place.name == "Warehouse"]
    assert place.address.location == DEPOT.location


async def test_places_of_a_shop_that_does_not_let_us_in_stay_as_they_are(
    premises: Premises, market: Market
) -> None:
    tenant, store = await linked(premises)
    before = await places(premises, tenant)
    market.shopify.revoke_token()
    with pytest.raises(AccountProblem):
        await places_changed(premises.house.means, store)
    assert await places(premises, tenant) == before
    assert (await kept(premises, tenant, store.id)).status is LinkStatus.DEGRADED


async def test_a_kept_connector_is_made_anew_when_another_process_links_the_store_anew(
    premises: Premises, market: Market
) -> None:
    # Given a connector that is kept, in a process whose seconds we tell
    _, store = await linked(premises)
    house, seconds = premises.house, [0.0]
    links = KeptLinks(
        house.transactions,
        house.plugins,
        house.means.roads,
        house.clock,
        allow_private=True,
        seconds=lambda: seconds[0],
    )
    first = await links.store(store.merchant_id, store.id)
    seconds[0] = LOOK_EVERY_S
    assert await links.store(store.merchant_id, store.id) is first

    # When another process takes other credentials
    other = await credentials(premises, store) | {"access_token": "shpat_another"}
    async with house.means.begin(store.merchant_id) as work:
        await work.accounts.put_store(store, other)

    # Then it is noticed a moment later
    assert await links.store(store.merchant_id, store.id) is first
    seconds[0] += LOOK_EVERY_S
    second = await links.store(store.merchant_id, store.id)
    assert second is not first
    with pytest.raises(AccountProblem):
        await second.locations()

    # And so is that it is linked no longer
    async with house.means.begin(store.merchant_id) as work:
        await work.accounts.put_store(replace(store, status=LinkStatus.DISCONNECTED), {})
    seconds[0] += LOOK_EVERY_S
    with pytest.raises(StateConflict):
        await links.store(store.merchant_id, store.id)
    await links.close()


async def test_a_store_that_was_disconnected_is_linked_by_hand_as_the_same_store(
    premises: Premises,
) -> None:
    tenant, store = await linked(premises)
    async with premises.house.means.begin(tenant.merchant_id) as work:
        await work.accounts.put_store(replace(store, status=LinkStatus.DISCONNECTED), {})
    await premises.house.links.forget(tenant.merchant_id, store.id)
    assert await premises.link_store(tenant, "shopify") == store.id
    assert (await kept(premises, tenant, store.id)).status is LinkStatus.CONNECTED
