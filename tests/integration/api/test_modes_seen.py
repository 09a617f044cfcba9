"""Own van, courier or parcel, and why, as dispatchers see it."""

from __future__ import annotations

from dataclasses import replace

from doorstep.mode_rules import CarrierPool, ModeRules
from doorstep.mode_wave import WaveStatus
from gateway.bootstrap.plan_sheets import sheet_of
from gateway.store.queries.reads import SqlReads
from tests.integration.api.test_choosing_tenants import stranger_of
from tests.integration.api.test_slots_chosen import Counter, counter
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.planned import kept_plan
from tests.integration.flow.tour import east, north
from tests.integration.flow.waves import latest, order, plan_after_wave, shop_that_compares, told, wave

__all__ = ["counter"]

CHOICE = """mode reason text cost { amount } nextBest { amount } nextBestName chosenAt doneAt
  wave { status problem orders pools { name parcels spent { amount } } }
  fulfillmentOrderId"""
SEEN = f"""query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Delivery {{ modeChoice {{ {CHOICE} }}
  fulfillmentOrder {{ waitsUntil {{ at reason }} modeChoice {{ text }} }} }}
  ... on FulfillmentOrder {{ waitsUntil {{ at reason }} modeChoice {{ text }} }} }} }}"""
PLAN = """query($id: ID!) { node(id: $id) { ... on RoutePlan {
  wave { status problem orders pools { name parcels spent { amount } } }
  choices(first: 2) { total { value } pageInfo { hasNextPage endCursor }
  nodes { mode text fulfillmentOrderId } } } } }"""
PLANNED = """mutation($in: PlanRoutesInput!) { planRoutes(input: $in) {
  ... on PlanRoutesSuccess { plan { id status } } ... on InvalidInput { issues { path message } } } }"""
STOPS = """query($id: ID!) { node(id: $id) { ... on RoutePlan { routes(first: 1) { nodes {
  stops { address { address1 } deliveries { id } fulfillmentOrders { order { id } } } } } } } }"""
PUBLISHED = """mutation($in: PublishRoutePlanInput!) { publishRoutePlan(input: $in) {
  ... on PublishRoutePlanSuccess { plan { status } } } }"""


async def test_an_order_says_till_when_it_waits_and_then_who_was_chosen_and_why(counter: Counter) -> None:
    await shop_that_compares(counter.stage)
    await order(counter.stage, far=east(20_000))
    unit = (await counter.stage.order("far")).fulfillment_orders[0]
    (waits,) = await counter.by_merchant(SEEN, ids=[unit.id])
    wait_s = ModeRules().longest_wait_s
    assert waits == {
        "waitsUntil": {"at": f"2026-11-23T17:{wait_s // 60}:00.000Z", "reason": "WAVE"},
        "modeChoice": None,
    }
    await wave(counter.stage)
    delivery = await counter.stage.delivery_of("far")
    (seen,) = await counter.by_merchant(SEEN, ids=[delivery.id])
    text = seen["fulfillmentOrder"]["modeChoice"]["text"]
    assert text.startswith("cheap: 8.00 USD; next best dear at 9.00 USD. Own van: ")
    assert seen == {
        "modeChoice": {
            "mode": "COURIER",
            "reason": "CHEAPEST",
            "text": text,
            "cost": {"amount": "8.00"},
            "nextBest": {"amount": "9.00"},
            "nextBestName": "dear",
            "chosenAt": "2026-11-23T17:16:00.000Z",
            "doneAt": "2026-11-23T17:16:00.000Z",
            "wave": {
                "status": "DONE",
                "problem": None,
                "orders": 1,
                "pools": [],
            },
            "fulfillmentOrderId": unit.id,
        },
        "fulfillmentOrder": {"waitsUntil": None, "modeChoice": {"text": text}},
    }
    stranger = await stranger_of(counter)
    assert await stranger.by_merchant(SEEN, ids=[delivery.id]) == [None]


async def test_a_plan_says_who_was_chosen_before_it_was_made(counter: Counter) -> None:
    contract = CarrierPool("Cheap's contract", carriers=("cheap",), most=100)
    await shop_that_compares(counter.stage, pools=(contract,))
    await order(counter.stage, a=north(2000), b=east(9000), c=east(-9000))
    plan = await plan_after_wave(counter.stage)
    seen = await counter.by_merchant(PLAN, id=plan.id)
    used = {"name": "Cheap's contract", "parcels": 3, "spent": {"amount": "24.00"}}
    assert seen["wave"] == {"status": "CHOSEN", "problem": None, "orders": 3, "pools": [used]}
    shown = seen["choices"]
    assert shown["total"]["value"] == 3
    assert shown["pageInfo"]["hasNextPage"]
    assert [choice["mode"] for choice in shown["nodes"]] == ["COURIER", "COURIER"]


async def test_a_plan_says_why_nobody_was_compared_before_it(counter: Counter) -> None:
    await shop_that_compares(counter.stage)
    plan = await plan_after_wave(counter.stage)
    assert (await counter.by_merchant(PLAN, id=plan.id))["wave"]["orders"] == 0
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        (kept,) = (await SqlReads(counter.stage.database, MERCHANT_ID).waves_of_plans([plan.id])).values()
        failed = replace(kept, status=WaveStatus.FAILED, problem="Nobody compared them: The roads are away.")
        await work.modes.put_wave(failed)
    seen = await counter.by_merchant(PLAN, id=plan.id)
    assert seen["wave"] == {"status": "FAILED", "problem": failed.problem, "orders": 0, "pools": []}


async def test_tours_that_follow_a_wave_by_themselves_lead_to_its_choices(counter: Counter) -> None:
    await shop_that_compares(counter.stage)
    # An eighth door would be too late for its hour.
    await order(counter.stage, **{str(number): north(2000 + 40 * number) for number in range(7)})
    await wave(counter.stage)
    (tour,) = await told(counter.stage)
    shown = (await counter.by_merchant(PLAN, id=tour.plan_id))["choices"]
    assert shown["total"]["value"] == 7
    assert {choice["mode"] for choice in shown["nodes"]} == {"OWN_FLEET"}


async def test_a_person_asks_for_a_plan_that_compares_first(counter: Counter) -> None:
    await shop_that_compares(counter.stage)
    await order(counter.stage, far=east(20_000))
    wish = {"idempotencyKey": "compare-1", "date": "2026-11-23", "chooseModes": True, "timeLimitSeconds": 1}
    plan = (await counter.by_merchant(PLANNED, **{"in": wish}))["plan"]
    assert plan["status"] == "QUEUED"
    await counter.stage.settle()
    assert await latest(counter.stage, "far") is None, "a person looks at it first"
    publish = {"planId": plan["id"], "expectedVersion": (await kept_plan(counter.stage, plan["id"])).version}
    told = (await counter.by_merchant(PUBLISHED, **{"in": publish}))["plan"]
    assert told["status"] == "PUBLISHED"
    await counter.stage.settle()
    leg = (await counter.stage.delivery_of("far")).active_leg
    assert leg is not None
    assert leg.carrier == "cheap"
    tomorrow = {**wish, "idempotencyKey": "compare-2", "date": "2026-11-24"}
    (issue,) = (await counter.by_merchant(PLANNED, **{"in": tomorrow}))["issues"]
    assert issue["path"] == ["input", "chooseModes"]


async def test_a_plan_that_nobody_is_booked_for_says_what_is_handed_over_at_its_stops(
    counter: Counter,
) -> None:
    await shop_that_compares(counter.stage)
    counter.vans.minutes = 300  # or there is no time for a person to look
    near = {str(number): north(2000 + 40 * number) for number in range(1, 9)}
    await order(counter.stage, **near, far=east(20_000))
    plan = await plan_after_wave(counter.stage)
    orders = {(await counter.stage.order(number)).id for number in near}
    for is_booked in (False, True):
        (tour,) = (await counter.by_merchant(STOPS, id=plan.id))["routes"]["nodes"]
        shown = tour["stops"]
        assert {stop["fulfillmentOrders"][0]["order"]["id"] for stop in shown} == orders
        assert [bool(stop["deliveries"]) for stop in shown] == [is_booked] * 8
        assert all(stop["address"]["address1"].endswith(" Road") for stop in shown)
        (in_file,) = (await sheet_of(counter.stage.database, MERCHANT_ID, plan.id)).tours
        assert all(stop.reference and stop.address for stop in in_file.doors)
        if not is_booked:
            publish = {"planId": plan.id, "expectedVersion": plan.version}
            await counter.by_merchant(PUBLISHED, **{"in": publish})
            await counter.stage.settle()
