"""Settings that several people save at the same moment: nobody's are lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import time

from doorstep.calendar import HandlingRules
from doorstep.dispatch_rules import DispatchRules, DispatchStrategy
from doorstep.goods import GoodsRule, GoodsRules
from doorstep.quote import RankingWeights
from doorstep.sourcing import SourcingRules
from gateway.flow.dispatching.settings import save_dispatch_rules
from gateway.flow.packing.save import save_goods_rules, save_handling_rules
from gateway.flow.sourcing.preview import save_rules
from tests.integration.flow.fakes import MERCHANT_ID, STORE
from tests.integration.flow.stage import Stage

LONG_ENOUGH_TO_READ_S = 0.2
"""For the others to come as far as they can while the first has not committed."""


async def test_settings_of_a_merchant_that_are_saved_at_once_are_all_kept(stage: Stage) -> None:
    dispatch, weights = DispatchRules(DispatchStrategy.FASTEST), RankingWeights(1, 2, 3, 4)
    goods = GoodsRules((GoodsRule(sku_prefixes=("GIN",), minimum_age=18),))
    usual, own = HandlingRules(cut_off=time(11)), HandlingRules(cut_off=time(15))
    sourcing = SourcingRules(most_shipments=3, safety_stock=4)
    async with stage.means.begin(MERCHANT_ID) as work:
        await save_dispatch_rules(work, dispatch, weights)
        others = asyncio.gather(
            save_goods_rules(stage.means, MERCHANT_ID, goods),
            save_handling_rules(stage.means, MERCHANT_ID, None, usual),
            save_handling_rules(stage.means, MERCHANT_ID, STORE.location_id, own),
            save_rules(stage.means, MERCHANT_ID, sourcing),
        )
        await asyncio.sleep(LONG_ENOUGH_TO_READ_S)
    await others
    async with stage.means.begin(MERCHANT_ID) as work:
        kept = await work.accounts.merchant()
    assert (kept.dispatch, kept.weights, kept.goods, kept.sourcing) == (dispatch, weights, goods, sourcing)
    assert (kept.handling, kept.handling_of(STORE.location_id)) == (usual, own)


async def test_dispatch_rules_wait_for_who_saves_before(stage: Stage) -> None:
    async def dispatch_later() -> None:
        async with stage.means.begin(MERCHANT_ID) as work:
            await save_dispatch_rules(work, DispatchRules(DispatchStrategy.CHEAPEST), None)

    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant(lock=True)
        await work.accounts.put_merchant(replace(merchant, name="Renamed"))
        later = asyncio.create_task(dispatch_later())
        await asyncio.sleep(LONG_ENOUGH_TO_READ_S)
    await later
    async with stage.means.begin(MERCHANT_ID) as work:
        kept = await work.accounts.merchant()
    assert (kept.name, kept.dispatch.strategy) == ("Renamed", DispatchStrategy.CHEAPEST)
