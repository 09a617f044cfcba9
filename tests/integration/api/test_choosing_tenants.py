"""What one merchant sets and counts is nothing to another who knows its ids."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from doorstep.ids import new_id
from doorstep.merchant import Merchant
from doorstep.money import Money
from doorstep.scorecard import Requote
from gateway.api.context import Context
from gateway.api.ports.session import RequestInfo, Session
from gateway.auth.caller import Audience, Caller, Scope
from gateway.bootstrap.sessions import MerchantReads
from gateway.plugins import Plugins
from tests.integration.api.test_boxes import CRATE
from tests.integration.api.test_boxes import SAVE as SAVE_BOX
from tests.integration.api.test_fleet_rates import SAVE_SHEET, SHEETS, draft_of, fleet_of
from tests.integration.api.test_rules import ARCHIVE, NO_DEAR, PREVIEW, REORDER, save
from tests.integration.api.test_scorecards import LOSSES
from tests.integration.api.test_slots_chosen import Counter, counter
from tests.integration.flow.fakes import MERCHANT_ID

__all__ = ["counter"]

LISTS = """{ rules { total { value } } boxes { total { value } } zones { nodes { id } }
  carrierAccounts { total { value } } }"""
NODE = "query($id: ID!) { node(id: $id) { id } }"


async def stranger_of(counter: Counter) -> Counter:
    """Another merchant's back end, on the same database."""
    merchant_id = new_id("mer")
    async with counter.stage.means.begin(merchant_id) as work:
        await work.accounts.put_merchant(Merchant(merchant_id, "Stranger", "USD", "UTC"))
    commands = replace(counter.commands, merchant_id=merchant_id)
    reads = MerchantReads(counter.stage.database, merchant_id, Plugins({}, {}, {}), commands.house.tokens)
    return replace(counter, commands=commands, reads=reads)


async def test_nothing_of_it_is_seen_changed_or_tried_by_a_stranger(counter: Counter) -> None:
    rule = await save(counter, NO_DEAR)
    box = (await counter.by_merchant(SAVE_BOX, **{"in": CRATE}))["box"]
    sheet = await fleet_of(counter)
    delivery = await counter.stage.booked()
    now = counter.stage.clock.now()
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        price = Money(500, "USD")
        await work.scores.note_requote(Requote("leg_1", counter.account.id, price, price, 1, now))
    stranger = await stranger_of(counter)
    listed = await data_of(stranger, LISTS)
    assert listed == {
        "rules": {"total": {"value": 0}},
        "boxes": {"total": {"value": 0}},
        "zones": {"nodes": []},
        "carrierAccounts": {"total": {"value": 0}},
    }
    for known in (rule, box, {"id": counter.account.id}):
        assert await stranger.by_merchant(NODE, id=known["id"]) is None
    assert (await stranger.by_merchant(SHEETS))["nodes"] == []
    assert (await stranger.by_merchant(SAVE_SHEET, **{"in": draft_of(sheet)}))["code"] == "NOT_FOUND"
    gone = {"id": rule["id"], "expectedVersion": 1}
    assert (await stranger.by_merchant(ARCHIVE, **{"in": gone}))["code"] == "NOT_FOUND"
    assert (await stranger.by_merchant(REORDER, ids=[rule["id"]]))["code"] == "NOT_FOUND"
    tried = await stranger.by_merchant(PREVIEW, drafts=[], set=delivery.quote_set_id)
    assert tried["code"] == "NOT_FOUND"
    within = {"start": (now - timedelta(1)).isoformat(), "end": (now + timedelta(1)).isoformat()}
    assert (await stranger.by_merchant(LOSSES, within=within))["days"] == []
    assert (await counter.by_merchant(LOSSES, within=within))["days"] != []
    own = await data_of(counter, LISTS)
    assert (own["rules"], own["boxes"]) == ({"total": {"value": 1}}, {"total": {"value": 1}})


async def data_of(counter: Counter, document: str) -> Any:
    """All of an answer's fields."""
    caller = Caller(Audience.SECRET, counter.commands.merchant_id, "key", frozenset(Scope))
    session = Session(caller, counter.reads, counter.commands, None)  # type: ignore[arg-type]  # nobody subscribes
    context = Context(session, counter.stage.clock, RequestInfo())
    result = await counter.schema.execute(document, {}, context)
    assert result.errors is None, result.errors
    return result.data
