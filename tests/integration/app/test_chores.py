"""Chores over many stores and processes, and stores whose names lead nowhere for a while."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

import pytest

from doorstep.errors import InvalidInput, NotFound, RemoteUnavailable
from doorstep.ids import new_id
from doorstep.incident import IncidentKind
from doorstep.merchant import CarrierAccount
from doorstep.order import Store
from doorstep.quote import DeliveryMode
from doorstep.scorecard import CarrierCounts
from gateway.bootstrap.chores import HEAL_EVERY_S, chores, claim_turn
from gateway.bootstrap.links import LOOK_EVERY_S, OUTDATED_LASTS_S, KeptLinks
from gateway.bootstrap.relinking import relink_store
from gateway.flow.ports import Rates
from gateway.flow.quoting.breaker import Breaker
from gateway.workers.periodic import Periodic
from tests.integration.app.market import Market
from tests.integration.app.premises import Premises, Tenant
from tests.integration.flow.fakes import HandClock


async def linked(premises: Premises, platform: str = "woocommerce") -> tuple[Tenant, Store]:
    tenant = await premises.tenant()
    store_id = await premises.link_store(tenant, platform)
    async with premises.house.means.begin(tenant.merchant_id) as work:
        store = await work.accounts.store(store_id)
    assert store is not None
    return tenant, store


class Names:
    """A resolver whose servers may be away."""

    def __init__(self) -> None:
        self.are_away = False

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        if self.are_away:
            raise OSError("no answer")
        return ("127.0.0.1",)


async def test_of_several_processes_one_mends_the_webhooks_and_the_next_turn_is_another_claim(
    premises: Premises,
) -> None:
    _, store = await linked(premises)
    clock = HandClock()
    house = replace(premises.house, clock=clock)
    first = await asyncio.gather(*(claim_turn(house, store, "heal", HEAL_EVERY_S) for _ in range(4)))
    assert sorted(first) == [False, False, False, True]
    assert await claim_turn(house, store, "look again", HEAL_EVERY_S), "another chore has its own"
    clock.advance(seconds=HEAL_EVERY_S)
    assert await claim_turn(house, store, "heal", HEAL_EVERY_S)


async def test_a_claim_of_a_moment_ago_counts_across_the_border_of_two_spans(premises: Premises) -> None:
    _, store = await linked(premises)
    clock = HandClock()  # on the full hour
    house = replace(premises.house, clock=clock)
    clock.advance(seconds=-60)
    assert await claim_turn(house, store, "heal", HEAL_EVERY_S)
    clock.advance(seconds=120)
    assert not await claim_turn(house, store, "heal", HEAL_EVERY_S)


async def test_two_processes_that_do_their_chores_at_once_register_each_webhook_once(
    premises: Premises, market: Market
) -> None:
    await linked(premises)
    hooks = market.woocommerce.hooks.webhooks
    hooks.clear()
    rounds = [Periodic(premises.house.clock, chores(premises.house)) for _ in range(2)]
    await asyncio.gather(*(one.run_due() for one in rounds))
    topics = [hook.topic for hook in hooks.values()]
    assert topics
    assert len(topics) == len(set(topics))


class Counts:
    """Says that carriers were asked for a merchant."""

    def __init__(self, merchant_id: str) -> None:
        self._merchant_id = merchant_id

    def take_counts(self) -> Mapping[str, Sequence[CarrierCounts]]:
        return {self._merchant_id: ()}


async def test_the_process_that_cannot_reach_a_carrier_shows_it_when_it_counts_answers(
    premises: Premises,
) -> None:
    tenant, _ = await linked(premises)
    account = CarrierAccount(new_id("acc"), tenant.merchant_id, "stub", "Stub", DeliveryMode.COURIER)
    async with premises.house.transactions.begin_sql(tenant.merchant_id) as work:
        await work.accounts.put_carrier(account, {}, {})
    breaker = Breaker()
    for _ in range(6):
        breaker.failed(0.0)
    means = replace(
        premises.house.means,
        rates=cast(Rates, Counts(tenant.merchant_id)),
        breaker_of=lambda id_: breaker if id_ == account.id else Breaker(),
        now_s=lambda: 1.0,
    )
    (count,) = [chore for chore in chores(replace(premises.house, means=means)) if chore.name == "count"]
    await count.act()
    async with means.begin(tenant.merchant_id) as work:
        found = await work.incidents.all_live()
    assert [(one.kind, one.account_id) for one in found] == [(IncidentKind.CARRIER_DOWN, account.id)]


async def test_a_name_that_leads_nowhere_for_now_is_an_outage_of_a_linked_store_and_wrong_when_entered(
    premises: Premises, market: Market
) -> None:
    _, store = await linked(premises)
    house, names = premises.house, Names()
    async with house.means.begin(store.merchant_id) as work:
        await work.accounts.put_store(replace(store, url="https://shop.example"))
    links = KeptLinks(
        house.transactions,
        house.plugins,
        house.means.roads,
        house.clock,
        allow_private=True,
        resolver=names,
    )
    names.are_away = True
    with pytest.raises(RemoteUnavailable) as caught:
        await links.store(store.merchant_id, store.id)
    assert caught.value.retryable
    with pytest.raises(InvalidInput, match="check its spelling"):
        await links.require_callable("https://shop.example")
    names.are_away = False
    assert (await links.store(store.merchant_id, store.id)).platform is store.platform
    await links.close()


async def test_connectors_and_turns_of_old_are_not_kept_for_ever(premises: Premises) -> None:
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
    async with house.transactions.begin_sql(store.merchant_id) as work:
        kept = await work.accounts.store_credentials(store.id)
    given = {name: secret.reveal() for name, secret in kept.items()}
    made = []
    for number in range(6):
        async with house.means.begin(store.merchant_id) as work:
            await work.accounts.put_store(store, given | {"consumer_secret": f"cs_{number}"})
        made.append(weakref.ref(await links.store(store.merchant_id, store.id)))
        seconds[0] += OUTDATED_LASTS_S / 2 + LOOK_EVERY_S
    gc.collect()
    assert [reference() is not None for reference in made] == [False] * 3 + [True] * 3
    await links.close()


async def test_ids_that_are_asked_for_once_leave_nothing_behind(premises: Premises) -> None:
    _, store = await linked(premises)
    before = _locks()
    for number in range(50):
        with pytest.raises(NotFound):
            await premises.house.links.store(store.merchant_id, f"sto_{number}")
    assert _locks() < before + 25


def _locks() -> int:
    gc.collect()
    return sum(isinstance(one, asyncio.Lock) for one in gc.get_objects())


@pytest.mark.parametrize(
    ("platform", "name"), [("shopify", "client_secret"), ("woocommerce", "webhook_secret")]
)
async def test_the_secret_before_is_good_until_the_store_is_linked_anew_once_more(
    premises: Premises, market: Market, platform: str, name: str
) -> None:
    tenant, store = await linked(premises, platform)
    house = premises.house
    _, given = market.store_credentials(platform)

    async def signing() -> dict[str, str]:
        async with house.transactions.begin_sql(tenant.merchant_id) as work:
            found = await work.accounts.store_credentials(store.id)
        return {key: value.reveal() for key, value in found.items() if key.startswith(name)}

    before = (await signing())[name]
    await relink_store(house, store, {**given, name: "another-secret-of-the-store"})
    assert await signing() == {name: "another-secret-of-the-store", f"{name}_previous": before}
    await relink_store(house, store, {**given, name: "another-secret-of-the-store"})
    assert await signing() == {name: "another-secret-of-the-store"}
