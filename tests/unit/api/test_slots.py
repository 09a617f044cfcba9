"""Slots in the schema: who sees what of them, and what is refused before anybody is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from doorstep.errors import SlotUnavailable
from doorstep.money import Money
from doorstep.quote import DeliveryMode
from doorstep.slot import Slot, SlotHold, SlotHoldStatus, SlotTemplate
from doorstep.window import Window
from gateway.api.roots.slots import read_slot_id
from gateway.auth.caller import Scope
from tests.unit.api import world as w
from tests.unit.api.conftest import Run, fault
from tests.unit.api.fakes import House, publishable, secret

SPAN = Window(w.NOW + timedelta(hours=4), w.NOW + timedelta(hours=6))
SLOT = Slot(
    f"{w.id_of('slt')}.2026-11-22", w.id_of("slt"), SPAN, "Europe/Madrid", Money(200, "EUR"), 5, 4,
    w.NOW + timedelta(hours=2),
)  # fmt: skip
HOLD = SlotHold(
    w.id_of("hld"), w.MERCHANT.id, SLOT.id, SlotHoldStatus.HELD, SPAN, Money(200, "EUR"), w.NOW,
    w.NOW + timedelta(minutes=15), "digest",
)  # fmt: skip
TEMPLATE = SlotTemplate(
    w.id_of("slt"), w.MERCHANT.id, "Afternoon", w.LOCATION.id, time(13, 30), time(15, 30), "Europe/Madrid",
    5, Money(200, "EUR"), w.NOW, zone_ids=("city",), closed_on=frozenset({date(2026, 12, 25)}),
)  # fmt: skip
OPTION = {"set": w.QUOTES.id, "quote": w.QUOTES.quotes[0].id, "slot": SLOT.id}
HOLD_SLOT = """mutation($set: ID!, $quote: ID!, $slot: ID!) { holdSlot(input: {idempotencyKey: "12345678",
  deliveryOptionsId: $set, optionId: $quote, slotId: $slot}) { __typename
  ... on HoldSlotSuccess { hold { id status } }
  ... on SlotUnavailable { code retryable alternatives { id availability } }
  ... on Problem { path } } }"""
SAVE = """mutation($in: SaveSlotTemplateInput!) { saveSlotTemplate(input: $in) {
  ... on SaveSlotTemplateSuccess { slotTemplate { id } } ... on Problem { code path } } }"""
GIVEN: dict[str, object] = {
    "name": "Afternoon", "locationId": w.LOCATION.id, "weekdays": [1], "startsAt": "13:30", "endsAt": "15:30",
    "timeZone": "Europe/Madrid", "capacity": 5, "cutoffSeconds": 0,
    "price": {"amount": "2.00", "currencyCode": "EUR"}, "closedOn": ["2026-12-25"],
}  # fmt: skip


async def test_a_slot_that_cannot_be_had_comes_with_others_to_choose_from(run: Run, house: House) -> None:
    house.commands.answers["hold_slot"] = SlotUnavailable("Full.", alternatives=(SLOT,))
    result = await run(HOLD_SLOT, publishable(), **OPTION)
    assert result.errors is None
    assert result.data is not None
    assert result.data["holdSlot"] == {
        "__typename": "SlotUnavailable",
        "code": "SLOT_UNAVAILABLE",
        "retryable": False,
        "alternatives": [{"id": SLOT.id, "availability": "FEW_LEFT"}],
        "path": None,
    }


async def test_a_hold_that_ran_out_says_so_though_nobody_wrote_it_down(run: Run, house: House) -> None:
    house.reads.things["slot_holds"] = {HOLD.id: HOLD}
    house.commands.answers["slot"] = None
    document = "query($id: ID!) { node(id: $id) { ... on SlotHold { status slot { id } } } }"
    before = await run(document, None, id=HOLD.id)
    assert before.data == {"node": {"status": "HELD", "slot": None}}
    house.clock.at = HOLD.expires_at
    after = await run(document, None, id=HOLD.id)
    assert after.data == {"node": {"status": "EXPIRED", "slot": None}}


@pytest.mark.parametrize("field", ["capacity", "remaining"])
async def test_how_many_places_there_are_is_for_the_merchant_alone(
    run: Run, house: House, field: str
) -> None:
    house.commands.answers |= {"hold_slot": HOLD, "slot": SLOT}
    document = HOLD_SLOT.replace("hold { id status }", f"hold {{ slot {{ {field} }} }}")
    refused = await run(document, publishable(), **OPTION)
    assert fault(refused)["field"] == f"Slot.{field}"
    assert house.commands.asked == []
    shown = await run(document, None, **OPTION)
    assert shown.data is not None
    assert shown.data["holdSlot"]["hold"] == {"slot": {field: {"capacity": 5, "remaining": 1}[field]}}


async def test_an_option_asks_for_the_slots_of_a_fortnight_unless_others_are_wanted(
    run: Run, house: House
) -> None:
    vans = replace(w.QUOTES.quotes[0].offer, mode=DeliveryMode.OWN_FLEET)
    answers = replace(w.QUOTES, quotes=(replace(w.QUOTES.quotes[0], offer=vans),))
    house.reads.things["quote_sets"] = {answers.id: answers}
    house.commands.answers["slots_of"] = [[SLOT]]
    document = """query($id: ID!, $within: TimeWindowInput) { deliveryOptionsById(id: $id) { groups {
      options { slots(within: $within) { edges { cursor node { id timeZone } } } } } } }"""
    result = await run(document, publishable(), id=answers.id)
    assert result.data is not None
    (edge,) = result.data["deliveryOptionsById"]["groups"][0]["options"][0]["slots"]["edges"]
    assert edge["node"] == {"id": SLOT.id, "timeZone": "Europe/Madrid"}
    day = {"start": "2026-11-22T00:00:00Z", "end": "2026-11-23T00:00:00Z"}
    await run(document, publishable(), id=answers.id, within=day)
    first, second = (given["within"] for _, given in house.commands.asked)
    assert first == Window(w.NOW, w.NOW + timedelta(days=14))
    assert second.seconds == 86_400


async def test_a_choice_passes_its_slot_on(run: Run, house: House) -> None:
    house.commands.answers["choose_option"] = w.CHOICE
    document = """mutation($set: ID!, $sel: DeliverySelectionInput!) { chooseDeliveryOption(input: {
      idempotencyKey: "12345678", deliveryOptionsId: $set, selections: [$sel]}) {
      ... on InvalidInput { path } ... on ChooseDeliveryOptionSuccess { choice { reference } } } }"""
    selection = {"groupId": w.QUOTES.id, "optionId": w.QUOTES.quotes[0].id, "replacesHoldId": HOLD.id}
    lacking = await run(document, publishable(), set=w.QUOTES.id, sel=selection)
    assert lacking.data == {"chooseDeliveryOption": {"path": ["input", "selections", "0", "slotId"]}}
    await run(document, publishable(), set=w.QUOTES.id, sel={**selection, "slotId": SLOT.id})
    ((_, asked),) = house.commands.asked
    assert (asked["slot_id"], asked["replaces_hold_id"]) == (SLOT.id, HOLD.id)


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"startsAt": "noon"}, "startsAt"),
        ({"endsAt": "15:30:00"}, "endsAt"),
        ({"id": TEMPLATE.id}, "expectedVersion"),
        ({"expectedVersion": 1}, "expectedVersion"),
        ({"locationId": w.STORE.id}, "locationId"),
        ({"price": {"amount": "-1.00", "currencyCode": "EUR"}}, "price"),
    ],
)
async def test_a_template_that_cannot_be_read_is_refused_at_its_field(
    run: Run, house: House, changed: dict[str, Any], path: str
) -> None:
    result = await run(SAVE, None, **{"in": {**GIVEN, **changed}})
    assert result.data is not None
    assert result.data["saveSlotTemplate"]["path"][1] == path
    assert house.commands.asked == []


async def test_a_template_is_read_as_it_was_written(run: Run, house: House) -> None:
    house.commands.answers["save_slot_template"] = TEMPLATE
    await run(SAVE, None, **{"in": {**GIVEN, "zoneIds": ["city"]}})
    ((_, asked),) = house.commands.asked
    read = replace(
        asked["template"], id=TEMPLATE.id, weekdays=TEMPLATE.weekdays, cut_off_s=TEMPLATE.cut_off_s
    )
    assert (read, asked["expected_version"]) == (TEMPLATE, None)


async def test_templates_are_for_keys_that_may_configure(run: Run, house: House) -> None:
    house.reads.things["slot_templates"] = {TEMPLATE.id: TEMPLATE}
    document = "{ slotTemplates { nodes { startsAt endsAt closedOn zoneIds price { amount } } } }"
    refused = await run(document, secret(Scope.READ, Scope.OPERATE))
    assert fault(refused)["scope"] == "CONFIGURE"
    shown = await run(document, secret(Scope.CONFIGURE))
    assert shown.data == {
        "slotTemplates": {
            "nodes": [
                {
                    "startsAt": "13:30",
                    "endsAt": "15:30",
                    "closedOn": ["2026-12-25"],
                    "zoneIds": ["city"],
                    "price": {"amount": "2.00"},
                }
            ]
        }
    }


@pytest.mark.parametrize("given", ["", "slt_1.2026-11-22", f"{w.id_of('ord')}.2026-11-22"])
async def test_what_is_no_slot_is_not_asked_for(run: Run, house: House, given: str) -> None:
    result = await run(HOLD_SLOT, publishable(), **{**OPTION, "slot": given})
    assert result.data is not None
    assert result.data["holdSlot"]["path"] == ["input", "slotId"]
    assert house.commands.asked == []
    assert read_slot_id(SLOT.id, ()) == SLOT.id


@pytest.mark.parametrize(
    ("weights", "path"),
    [
        ({"price": -1.0, "speed": 1.0, "reliability": 0.0, "emissions": 0.0}, ["weights", "price"]),
        ({"price": 1.0, "speed": 1e9, "reliability": 0.0, "emissions": 0.0}, ["weights", "speed"]),
        ({"price": 0.0, "speed": 0.0, "reliability": 0.0, "emissions": 0.0}, ["weights"]),
    ],
)
async def test_weights_that_cannot_rank_are_refused(
    run: Run, weights: dict[str, float], path: list[str]
) -> None:
    document = """query($id: ID!, $weights: RankingWeightsInput!) {
      previewRanking(quoteSetId: $id, weights: $weights) { quotes { id } } }"""
    result = await run(document, None, id=w.QUOTES.id, weights=weights)
    assert fault(result)["inputPath"] == path
