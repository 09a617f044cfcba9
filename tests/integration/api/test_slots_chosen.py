"""Slots from the shop's page to the order, through GraphQL: the real flow and database, carriers by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

import pytest

from doorstep.incident import IncidentKind
from doorstep.merchant import CarrierAccount
from doorstep.quote import DeliveryMode
from doorstep.secret import Secret
from gateway.api.context import Context
from gateway.api.ports.session import Live, RequestInfo, Session
from gateway.api.schema import GatewaySchema
from gateway.api.settings import ApiSettings
from gateway.auth.caller import Audience, Caller, Scope
from gateway.auth.tokens import TrackingTokens
from gateway.auth.vault import Vault
from gateway.bootstrap.commands import FlowCommands
from gateway.bootstrap.sessions import MerchantReads
from gateway.plugins import Plugins
from gateway.store.database import Database
from gateway.store.jobs import open_queue
from gateway.store.unit_of_work import Transactions
from tests.conftest import Dsn
from tests.integration.api.conftest import schema_for
from tests.integration.api.part_of_a_house import part_of_a_house
from tests.integration.flow.fakes import MERCHANT_ID, STORE, FakeCarrier
from tests.integration.flow.stage import Stage, set_stage
from tests.unit.api import world as w

TEMPLATE = {
    "name": "Afternoon", "locationId": STORE.location_id, "weekdays": [1, 2, 3, 4, 5], "startsAt": "15:00",
    "endsAt": "17:00", "timeZone": "America/New_York", "capacity": 1, "cutoffSeconds": 7200,
    "price": {"amount": "2.00", "currencyCode": "USD"},
}  # fmt: skip
SAVE = """mutation($in: SaveSlotTemplateInput!) { saveSlotTemplate(input: $in) { __typename
  ... on SaveSlotTemplateSuccess { slotTemplate { id version enabled startsAt } }
  ... on InvalidInput { issues { path } } ... on Problem { code } } }"""
OPTIONS = """{ deliveryOptions(destination: {countryCode: "US", address1: "12 Mill Street",
  city: "Port Meridian", postalCode: "00412"}, items: [{quantity: 1}]) { ... on DeliveryOptions { id
  groups { options { id mode slots(first: 3) { nodes { id availability cutoffAt window { start }
    price { amount } } pageInfo { hasNextPage endCursor } } } } } } }"""
CHOOSE = """mutation($key: String!, $set: ID!, $sel: DeliverySelectionInput!) { chooseDeliveryOption(input: {
  idempotencyKey: $key, deliveryOptionsId: $set, selections: [$sel]}) { __typename
  ... on ChooseDeliveryOptionSuccess { choice { reference total { amount } promise { basis window { start } }
    selections { slotHold { id status price { amount } slot { availability } } } } }
  ... on SlotUnavailable { alternatives { id availability } } ... on Problem { code message } } }"""
HOLD = """mutation($in: HoldSlotInput!) { holdSlot(input: $in) { __typename
  ... on HoldSlotSuccess { hold { id status expiresAt slot { id availability } } }
  ... on SlotUnavailable { alternatives { id } } ... on Problem { code path } } }"""
CONFIRM = """mutation($id: ID!) { confirmSlotHold(input: {holdId: $id}) { __typename
  ... on ConfirmSlotHoldSuccess { hold { status } } ... on Problem { code } } }"""
RELEASE = """mutation($id: ID!) { releaseSlotHold(input: {holdId: $id}) { __typename
  ... on ReleaseSlotHoldSuccess { hold { status } } ... on Problem { code } } }"""
ARCHIVE = """mutation($id: ID!, $version: Int!) { archiveSlotTemplate(input: {id: $id,
  expectedVersion: $version}) { ... on ArchiveSlotTemplateSuccess { slotTemplate { enabled } }
  ... on Problem { code } } }"""
TEMPLATES = "{ slotTemplates { nodes { id name } total { value } } }"


@dataclass
class Counter:
    """A merchant with own vans and a courier, and its API."""

    stage: Stage
    vans: FakeCarrier
    account: CarrierAccount
    schema: GatewaySchema
    commands: FlowCommands
    reads: MerchantReads

    async def ask(self, document: str, audience: Audience = Audience.PUBLISHABLE, /, **given: Any) -> Any:
        """The data of an answer without errors; as the shop's page unless another is named."""
        scopes = frozenset(Scope) if audience is Audience.SECRET else frozenset[Scope]()
        caller = Caller(audience, MERCHANT_ID, w.id_of("key"), scopes)
        live = cast(Live, None)  # nobody subscribes here
        session = Session(caller, self.reads, self.commands, live)
        context = Context(session, self.stage.clock, RequestInfo())
        result = await self.schema.execute(document, given, context)
        assert result.errors is None, result.errors
        assert result.data is not None
        (answer,) = result.data.values()
        return answer

    async def by_merchant(self, document: str, **given: Any) -> Any:
        """The same, as the merchant's back end."""
        return await self.ask(document, Audience.SECRET, **given)

    async def template(self, **other: Any) -> Any:
        """Save one with one place each weekday from 15:00 to 17:00."""
        answer = await self.by_merchant(SAVE, **{"in": {**TEMPLATE, **other}})
        return answer["slotTemplate"]

    async def options(self) -> tuple[str, Any]:
        """Id of fresh delivery options, and that of them which the vans offer."""
        answer = await self.ask(OPTIONS)
        every = answer["groups"][0]["options"]
        return answer["id"], next(one for one in every if one["mode"] == "OWN_FLEET")

    async def choose(self, slot_id: str | None, key: str = "key-12345", **other: Any) -> Any:
        """A shopper takes the vans' option."""
        options_id, option = await self.options()
        selection = {"groupId": options_id, "optionId": option["id"], "slotId": slot_id, **other}
        return await self.ask(CHOOSE, key=key, set=options_id, sel=selection)

    async def hold(self, slot_id: str, key: str = "hold-12345") -> Any:
        """A shopper thinks about it."""
        options_id, option = await self.options()
        wish = {"deliveryOptionsId": options_id, "optionId": option["id"], "slotId": slot_id}
        return await self.ask(HOLD, **{"in": {**wish, "idempotencyKey": key}})

    async def availability(self) -> list[str]:
        """Of the slots that are offered next."""
        _, option = await self.options()
        return [slot["availability"] for slot in option["slots"]["nodes"]]


@pytest.fixture
async def counter(dsn: Dsn, database: Database) -> AsyncIterator[Counter]:
    queue = open_queue(dsn.app)
    async with queue.open_async():
        transactions = Transactions(database, queue, Vault([Secret("k" * 40)]), lambda _: None)
        stage = await set_stage(database, queue, transactions, [])
        vans = FakeCarrier("own_fleet", stage.clock, 300, mode=DeliveryMode.OWN_FLEET)
        account = await stage.link(vans)
        tokens = TrackingTokens([Secret("t" * 40)], stage.clock)
        commands = FlowCommands(part_of_a_house(stage, transactions, tokens), MERCHANT_ID)
        plugins = Plugins({}, {}, {})
        reads = MerchantReads(database, MERCHANT_ID, plugins, tokens)
        yield Counter(stage, vans, account, schema_for(ApiSettings()), commands, reads)
        await stage.means.later.close()


async def test_options_of_own_vans_show_slots_and_those_of_couriers_none(counter: Counter) -> None:
    template = await counter.template()
    answer = await counter.ask(OPTIONS)
    shown = {one["mode"]: one["slots"]["nodes"] for one in answer["groups"][0]["options"]}
    assert shown["COURIER"] == []
    # Monday and Tuesday, 15:00 in New York, are 20:00 in UTC; the cut-off is two hours before.
    assert [slot["window"]["start"] for slot in shown["OWN_FLEET"][:2]] == [
        "2026-11-23T20:00:00.000Z",
        "2026-11-24T20:00:00.000Z",
    ]
    assert shown["OWN_FLEET"][0] == {
        "id": f"{template['id']}.2026-11-23",
        "availability": "FEW_LEFT",
        "cutoffAt": "2026-11-23T18:00:00.000Z",
        "window": {"start": "2026-11-23T20:00:00.000Z"},
        "price": {"amount": "2.00"},
    }


async def test_slots_are_paged_without_a_gap(counter: Counter) -> None:
    await counter.template()
    options_id, option = await counter.options()
    page = option["slots"]["pageInfo"]
    assert page["hasNextPage"]
    document = """query($id: ID!, $after: String) { deliveryOptionsById(id: $id) { groups { options { id
      slots(first: 50, after: $after) { nodes { id } pageInfo { hasNextPage } } } } } }"""
    again = await counter.ask(document, id=options_id, after=page["endCursor"])
    (rest,) = [one["slots"] for one in again["groups"][0]["options"] if one["id"] == option["id"]]
    listed = [slot["id"][-2:] for slot in (*option["slots"]["nodes"], *rest["nodes"])]
    # Weekdays of 14 days from Monday the 23rd, 12:00, on.
    assert listed == ["23", "24", "25", "26", "27", "30", "01", "02", "03", "04"]
    assert not rest["pageInfo"]["hasNextPage"]


async def test_a_choice_with_a_slot_promises_its_window_and_holds_its_place(counter: Counter) -> None:
    template = await counter.template()
    answer = await counter.choose(f"{template['id']}.2026-11-23")
    choice = answer["choice"]
    assert choice["promise"] == {"basis": "SLOT", "window": {"start": "2026-11-23T20:00:00.000Z"}}
    # 3.00 for the vans and 2.00 for the slot.
    assert choice["total"] == {"amount": "5.00"}
    (selection,) = choice["selections"]
    held = selection["slotHold"]
    assert (held["status"], held["price"]["amount"], held["slot"]["availability"]) == ("HELD", "2.00", "FULL")
    assert (await counter.availability())[:2] == ["FULL", "FEW_LEFT"]


async def test_who_comes_too_late_is_offered_other_slots_and_nothing_is_locked(counter: Counter) -> None:
    template = await counter.template()
    today = f"{template['id']}.2026-11-23"
    await counter.choose(today)
    answer = await counter.choose(today, key="key-67890")
    assert (answer["__typename"], answer["code"]) == ("SlotUnavailable", "SLOT_UNAVAILABLE")
    assert answer["alternatives"][0] == {"id": f"{template['id']}.2026-11-24", "availability": "FEW_LEFT"}
    # The key is free: what failed was not remembered.
    again = await counter.choose(f"{template['id']}.2026-11-24", key="key-67890")
    assert again["__typename"] == "ChooseDeliveryOptionSuccess"


async def test_a_place_is_confirmed_by_the_order_and_given_back_when_it_is_cancelled(
    counter: Counter,
) -> None:
    template, stage = await counter.template(), counter.stage
    answer = await counter.choose(f"{template['id']}.2026-11-23")
    stage.shop.put("1001", choice=answer["choice"]["reference"])
    await stage.take_in()
    hold_id = answer["choice"]["selections"][0]["slotHold"]["id"]
    document = "query($id: ID!) { node(id: $id) { ... on SlotHold { status } } }"
    assert await counter.by_merchant(document, id=hold_id) == {"status": "CONFIRMED"}
    await stage.settle()
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", status="CANCELLED", unit_status="CANCELLED")
    await stage.take_in()
    await stage.settle()
    assert await counter.by_merchant(document, id=hold_id) == {"status": "RELEASED"}
    assert (await counter.availability())[0] == "FEW_LEFT"


async def test_an_order_that_comes_after_its_place_is_gone_is_taken_and_waits_for_a_person(
    counter: Counter,
) -> None:
    template, stage = await counter.template(), counter.stage
    answer = await counter.choose(f"{template['id']}.2026-11-23")
    stage.clock.advance(hours=2)
    stage.shop.put("1001", choice=answer["choice"]["reference"])
    await stage.take_in()
    assert (await stage.order()).number
    (incident,) = await stage.incidents()
    assert (incident.kind, incident.raw_code) == (IncidentKind.OTHER, "SLOT_UNAVAILABLE")


async def test_another_order_with_the_same_reference_neither_confirms_nor_gives_back(
    counter: Counter,
) -> None:
    template, stage = await counter.template(), counter.stage
    answer = await counter.choose(f"{template['id']}.2026-11-23")
    for number in ("1001", "1002"):
        stage.shop.put(number, choice=answer["choice"]["reference"])
        await stage.take_in()
    stage.clock.advance(minutes=1)
    stage.shop.put("1002", status="CANCELLED", unit_status="CANCELLED")
    await stage.take_in()
    await stage.settle()
    assert (await counter.availability())[0] == "FULL"


async def test_the_same_key_with_another_slot_is_refused_and_with_the_same_is_the_same(
    counter: Counter,
) -> None:
    template = await counter.template()
    today, tomorrow = (f"{template['id']}.2026-11-{day}" for day in (23, 24))
    options_id, option = await counter.options()

    async def choose(slot_id: str | None, key: str) -> Any:
        selection = {"groupId": options_id, "optionId": option["id"], "slotId": slot_id}
        return await counter.ask(CHOOSE, key=key, set=options_id, sel=selection)

    first = await choose(today, "key-12345")
    assert await choose(today, "key-12345") == first
    for other in (tomorrow, None):
        assert (await choose(other, "key-12345"))["__typename"] == "IdempotencyConflict"
    await choose(None, "key-67890")
    assert (await choose(tomorrow, "key-67890"))["__typename"] == "IdempotencyConflict"
    assert (await counter.availability())[:2] == ["FULL", "FEW_LEFT"]


async def test_the_same_call_many_times_at_once_takes_one_place(counter: Counter) -> None:
    template = await counter.template(capacity=4)
    options_id, option = await counter.options()
    slot_id = f"{template['id']}.2026-11-23"
    selection = {"groupId": options_id, "optionId": option["id"], "slotId": slot_id}
    calls = [counter.ask(CHOOSE, key="key-12345", set=options_id, sel=selection) for _ in range(4)]
    answers = await asyncio.gather(*calls)
    assert {answer["choice"]["reference"] for answer in answers} == {answers[0]["choice"]["reference"]}
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        assert await work.slots.taken([slot_id], counter.stage.clock.now()) == {slot_id: 1}
