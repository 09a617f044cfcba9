"""Places that are held without a choice, slots of zones, and templates, through GraphQL."""

from __future__ import annotations

from dataclasses import replace

from connectors.fleet.settings import Depot, FleetSettings, RateBand
from connectors.fleet.zone import Zone
from doorstep.money import Money
from tests.integration.api.test_slots_chosen import (
    ARCHIVE,
    CONFIRM,
    HOLD,
    OPTIONS,
    RELEASE,
    SAVE,
    TEMPLATE,
    TEMPLATES,
    Counter,
    counter,
)
from tests.integration.flow.fakes import MERCHANT_ID, SHOP, STORE
from tests.unit.api import world as w

__all__ = ["counter"]


async def test_a_hold_is_taken_over_by_the_choice(counter: Counter) -> None:
    template = await counter.template()
    today = f"{template['id']}.2026-11-23"
    held = (await counter.hold(today))["hold"]
    assert (held["status"], held["slot"]["availability"]) == ("HELD", "FULL")
    assert (await counter.choose(today))["__typename"] == "SlotUnavailable"
    answer = await counter.choose(today, replacesHoldId=held["id"])
    assert answer["choice"]["promise"]["basis"] == "SLOT"
    assert (await counter.ask(RELEASE, id=held["id"]))["hold"] == {"status": "RELEASED"}
    assert (await counter.availability())[0] == "FULL"


async def test_a_hold_runs_out_by_itself(counter: Counter) -> None:
    template = await counter.template(holdSeconds=60)
    await counter.hold(f"{template['id']}.2026-11-23")
    counter.stage.clock.advance(seconds=60)
    assert (await counter.availability())[0] == "FEW_LEFT"


async def test_a_back_end_confirms_a_hold_and_alone_gives_it_back(counter: Counter) -> None:
    template = await counter.template()
    held = (await counter.hold(f"{template['id']}.2026-11-23"))["hold"]
    assert (await counter.by_merchant(CONFIRM, id=held["id"]))["hold"] == {"status": "CONFIRMED"}
    assert (await counter.ask(RELEASE, id=held["id"]))["code"] == "STATE_CONFLICT"
    assert (await counter.by_merchant(RELEASE, id=held["id"]))["hold"] == {"status": "RELEASED"}


async def test_a_slot_of_another_place_or_option_is_not_held(counter: Counter) -> None:
    template = await counter.template()
    today = f"{template['id']}.2026-11-23"
    answer = await counter.ask(OPTIONS)
    courier = next(one for one in answer["groups"][0]["options"] if one["mode"] == "COURIER")
    wish = {"idempotencyKey": "hold-12345", "deliveryOptionsId": answer["id"], "optionId": courier["id"]}
    refused = await counter.ask(HOLD, **{"in": {**wish, "slotId": today}})
    assert (refused["__typename"], refused["path"]) == ("InvalidInput", ["input", "slotId"])
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        await work.accounts.put_location(replace(w.LOCATION, merchant_id=MERCHANT_ID))
    elsewhere = await counter.template(locationId=w.LOCATION.id)
    assert (await counter.hold(f"{elsewhere['id']}.2026-11-23"))["code"] == "NOT_FOUND"
    assert (await counter.hold(f"{w.id_of('slt')}.2026-11-23"))["code"] == "NOT_FOUND"


async def test_slots_of_zones_are_for_doors_that_lie_in_them(counter: Counter) -> None:
    zones = (Zone("harbour", postcode_prefixes=("004",)), Zone("hills", postcode_prefixes=("005",)))
    depot = Depot(SHOP, "America/New_York")
    settings = FleetSettings(
        currency="USD",
        depots={STORE.location_id: depot},
        zones=zones,
        bands=(RateBand(None, 50_000, Money(300, "USD")),),
    )
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        await work.accounts.put_carrier(counter.account, {}, settings.to_json())
    harbour = await counter.template(zoneIds=["harbour"])
    hills = await counter.template(zoneIds=["hills"])
    _, option = await counter.options()
    # The postcode of the door is 00412.
    assert {slot["id"].partition(".")[0] for slot in option["slots"]["nodes"]} == {harbour["id"]}
    for refused in (
        await counter.hold(f"{hills['id']}.2026-11-24"),
        await counter.choose(f"{hills['id']}.2026-11-24"),
    ):
        assert refused["__typename"] == "SlotUnavailable"
        assert {slot["id"].partition(".")[0] for slot in refused["alternatives"]} == {harbour["id"]}
    assert (await counter.choose(f"{harbour['id']}.2026-11-24", "key-67890"))["choice"]


async def test_templates_are_listed_until_they_are_archived(counter: Counter) -> None:
    template = await counter.template()
    listed = await counter.by_merchant(TEMPLATES)
    assert listed == {"nodes": [{"id": template["id"], "name": "Afternoon"}], "total": {"value": 1}}
    stale = await counter.by_merchant(ARCHIVE, id=template["id"], version=7)
    assert stale == {"code": "STATE_CONFLICT"}
    archived = await counter.by_merchant(ARCHIVE, id=template["id"], version=1)
    assert archived == {"slotTemplate": {"enabled": False}}
    assert await counter.by_merchant(TEMPLATES) == {"nodes": [], "total": {"value": 0}}
    assert await counter.availability() == []


async def test_a_template_is_saved_over_the_version_that_was_read(counter: Counter) -> None:
    template = await counter.template()
    changed = {**TEMPLATE, "id": template["id"], "expectedVersion": 1, "startsAt": "14:00"}
    saved = await counter.by_merchant(SAVE, **{"in": changed})
    assert (saved["slotTemplate"]["version"], saved["slotTemplate"]["startsAt"]) == (2, "14:00")
    assert (await counter.by_merchant(SAVE, **{"in": changed}))["code"] == "STATE_CONFLICT"
    wrong = await counter.by_merchant(SAVE, **{"in": {**TEMPLATE, "weekdays": [8], "capacity": 0}})
    assert {issue["path"][-1] for issue in wrong["issues"]} == {"weekdays", "capacity"}
