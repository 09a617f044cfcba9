"""From an order to a tour that a dispatcher trusts, through GraphQL: the real flow, planner and database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from doorstep.driver import Driver
from gateway.auth.caller import Audience
from gateway.store import tables as t
from gateway.store.device_keys import hash_of
from tests.integration.api.part_of_a_house import with_means
from tests.integration.api.test_choosing_tenants import stranger_of
from tests.integration.api.test_slots_chosen import OPTIONS, SAVE, TEMPLATE, Counter, counter
from tests.integration.flow.fakes import DOOR, MERCHANT_ID, STORE
from tests.integration.flow.planned import at_the_desk
from tests.integration.flow.tour import add_van, north, order_to

__all__ = ["counter"]

PLAN = """mutation($in: PlanRoutesInput!) { planRoutes(input: $in) { __typename
  ... on PlanRoutesSuccess { plan { id } } ... on Problem { code path } } }"""
SEEN = """query($id: ID!) { routePlan(id: $id) { status version progress { fraction remainingSeconds }
  summary { stops vehiclesUsed cost { amount } } unassigned { nodes { deliveryId reasons { code } } }
  routes { nodes { id version status loadFraction driver { name }
    stops { id kind windows { start } deliveries { id } } } } } }"""
PUBLISH = """mutation($in: PublishRoutePlanInput!) { publishRoutePlan(input: $in) { __typename
  ... on PublishRoutePlanSuccess { plan { status } }
  ... on StateConflict { currentVersion current { id } } ... on Problem { code } } }"""
PREVIEW = """query($p: StopPlacementInput!) { previewStopMove(placement: $p) { isFeasible
  costDifference { currencyCode } changedStops { stop { id } } } }"""
MOVE = """mutation($in: MoveStopInput!) { moveStop(input: $in) { __typename
  ... on MoveStopSuccess { routes { id version stops { id isLocked } } }
  ... on StateConflict { currentVersion } ... on Problem { code } } }"""
SAVE_DRIVER = """mutation($in: SaveDriverInput!) { saveDriver(input: $in) { __typename
  ... on SaveDriverSuccess { driver { id version skills } }
  ... on StateConflict { currentVersion } ... on InvalidInput { path } ... on Problem { code } } }"""
WHY = "query($id: ID!) { delivery(id: $id) { whyUnassigned { code text } stop { id } } }"
COSTS = OPTIONS.replace("availability", "availability marginalCost { amount }", 1)


@dataclass
class Office:
    """A dispatcher, and Ann with a van."""

    counter: Counter
    ann: Driver

    async def plan(self, **asked: Any) -> Any:
        """A plan that is ready."""
        given = {"idempotencyKey": "key-12345", "date": "2026-11-23", "timeLimitSeconds": 1, **asked}
        answer = await self.counter.by_merchant(PLAN, **{"in": given})
        await self.counter.stage.settle()
        return await self.counter.by_merchant(SEEN, id=answer["plan"]["id"]) | {"id": answer["plan"]["id"]}


@pytest.fixture
async def office(counter: Counter) -> Office:
    stage = counter.stage
    counter.vans.price, counter.vans.opens_in_minutes, counter.vans.minutes = 100, 120, 300
    for other in (stage.cheap, stage.dear):
        other.price, other.minutes = 5000, 400
    desk = at_the_desk(stage).desk
    seated = replace(counter, commands=with_means(counter.commands, desk=desk))
    return Office(seated, await add_van(stage))


async def test_a_plan_is_made_looked_at_published_and_mended_by_hand(office: Office) -> None:
    counter = office.counter
    near, far = await order_to(counter.stage, a=north(1000), b=north(400_000))
    (other,) = await order_to(counter.stage, c=north(1500))
    ready = await office.plan()
    assert (ready["status"], ready["progress"]) == ("READY", {"fraction": 1.0, "remainingSeconds": None})
    assert (ready["summary"]["stops"], ready["summary"]["vehiclesUsed"]) == (2, 1)
    (left_out,) = ready["unassigned"]["nodes"]
    assert left_out["deliveryId"] == far.id
    why = await counter.by_merchant(WHY, id=far.id)
    assert [reason["code"] for reason in why["whyUnassigned"]] == [r["code"] for r in left_out["reasons"]]
    assert (await counter.by_merchant(WHY, id=near.id))["stop"] is None, "nobody was told"
    (draft,) = ready["routes"]["nodes"]
    assert (draft["status"], draft["driver"]["name"]) == ("PLANNED", "Ann")
    again = await office.plan()
    assert again["id"] == ready["id"], "the same key is the same plan"

    told = {"planId": ready["id"], "expectedVersion": ready["version"]}
    stranger = await stranger_of(counter)
    assert (await stranger.by_merchant(PUBLISH, **{"in": told}))["code"] == "NOT_FOUND"
    published = await counter.by_merchant(PUBLISH, **{"in": told})
    assert published == {"__typename": "PublishRoutePlanSuccess", "plan": {"status": "PUBLISHED"}}
    twice = await counter.by_merchant(PUBLISH, **{"in": told})
    assert twice["currentVersion"] == ready["version"] + 1
    assert twice["current"] == {"id": ready["id"]}

    seen = await counter.by_merchant(SEEN, id=ready["id"])
    (route,) = seen["routes"]["nodes"]
    stops = {stop["deliveries"][0]["id"]: stop["id"] for stop in route["stops"]}
    assert set(stops) == {near.id, other.id}
    first, second = (stop["id"] for stop in route["stops"])
    placement = {"stopId": second, "routeId": route["id"], "sequence": 1}
    preview = await counter.by_merchant(PREVIEW, p=placement)
    assert preview["costDifference"] == {"currencyCode": "USD"}
    asked = {"placement": placement, "expectedRouteVersion": route["version"], "lock": True}
    assert (await stranger.by_merchant(MOVE, **{"in": asked}))["code"] == "NOT_FOUND"
    moved = await counter.by_merchant(MOVE, **{"in": asked | {"acceptViolations": True}})
    (after,) = moved["routes"]
    assert [(stop["id"], stop["isLocked"]) for stop in after["stops"]] == [(second, True), (first, False)]
    late = await counter.by_merchant(MOVE, **{"in": asked})
    assert late == {
        "__typename": "StateConflict",
        "currentVersion": after["version"],
        "code": "STATE_CONFLICT",
    }
    assert (await counter.by_merchant(WHY, id=near.id))["whyUnassigned"] == []
    assert await stranger.reads.routes([route["id"]]) == {}
    assert await stranger.reads.left_out_of([far.id]) == {}


async def test_of_a_plan_that_was_called_off_nobody_is_told_why(office: Office) -> None:
    counter = office.counter
    (far,) = await order_to(counter.stage, b=north(400_000))
    ready = await office.plan()
    assert (await counter.by_merchant(WHY, id=far.id))["whyUnassigned"]
    listed = "query($f: RoutePlanFilter) { routePlans(filter: $f) { nodes { id } total { value } } }"
    seen = await counter.by_merchant(listed, f={"date": "2026-11-23", "status": ["READY"]})
    assert seen == {"nodes": [{"id": ready["id"]}], "total": {"value": 1}}
    near = await counter.by_merchant(listed, f={"locationIds": [STORE.location_id]})
    assert near["nodes"] == [], "no tour begins there"
    cancel = """mutation($in: CancelRoutePlanInput!) { cancelRoutePlan(input: $in) {
      ... on CancelRoutePlanSuccess { plan { status } } } }"""
    await counter.by_merchant(cancel, **{"in": {"planId": ready["id"]}})
    assert (await counter.by_merchant(WHY, id=far.id))["whyUnassigned"] == []


async def test_a_driver_is_kept_with_the_device_and_by_version(office: Office) -> None:
    counter = office.counter
    given = {
        "id": office.ann.id, "expectedVersion": 1, "name": "Ann", "depotId": STORE.location_id,
        "shiftStart": "08:00", "shiftEnd": "18:00", "vehicle": {"capacityGrams": 1000}, "skills": ["PIANO"],
    }  # fmt: skip
    saved = await counter.by_merchant(SAVE_DRIVER, **{"in": given})
    assert saved["driver"] == {"id": office.ann.id, "version": 2, "skills": ["PIANO"]}
    stale = await counter.by_merchant(SAVE_DRIVER, **{"in": given})
    assert stale["currentVersion"] == 2
    stranger = await stranger_of(counter)
    unknown = await stranger.by_merchant(SAVE_DRIVER, **{"in": given | {"expectedVersion": 2}})
    assert unknown["code"] == "NOT_FOUND"
    foreign = {"costPerHour": {"amount": "20.00", "currencyCode": "EUR"}}
    refused = await counter.by_merchant(SAVE_DRIVER, **{"in": given | {"costs": foreign}})
    assert refused["path"] == ["input", "costs", "costPerHour"]
    made = await counter.by_merchant(
        SAVE_DRIVER, **{"in": given | {"id": None, "expectedVersion": None, "name": "Bob"}}
    )
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        ann, bob = await work.fleet.driver(office.ann.id), await work.fleet.driver(made["driver"]["id"])
    assert ann is not None
    assert bob is not None
    assert (ann.device_id, bob.device_id) == ("", "")
    keys = t.device_keys.c
    async with counter.stage.database.tenant(MERCHANT_ID) as connection:
        is_hers = keys.hash == hash_of(office.ann.device_id)
        found = await connection.execute(select(keys.driver_id).where(is_hers))
    assert list(found.scalars()) == [office.ann.id]


async def test_a_back_end_sees_what_a_window_costs_the_tours(office: Office) -> None:
    counter = office.counter
    counter.stage.geocoder.places["12 Mill Street"] = DOOR
    await counter.by_merchant(SAVE, **{"in": TEMPLATE})
    answer = await counter.ask(COSTS, Audience.SECRET)
    costs = [
        slot["marginalCost"]
        for option in answer["groups"][0]["options"]
        if option["mode"] == "OWN_FLEET"
        for slot in option["slots"]["nodes"]
    ]
    assert costs, answer
    # Nobody drives there yet: out and back 1.4 km and more, and the time for it.
    assert all(cost is not None and float(cost["amount"]) > 1 for cost in costs)
    nobody = replace(office.ann, enabled=False)
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        await work.fleet.put_driver(nobody)
    counter.stage.clock.advance(seconds=timedelta(minutes=1).total_seconds())
    empty = await counter.ask(COSTS, Audience.SECRET)
    shown = [slot for option in empty["groups"][0]["options"] for slot in option["slots"]["nodes"]]
    assert shown
    assert {str(slot["marginalCost"]) for slot in shown} == {"None"}
