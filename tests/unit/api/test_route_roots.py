"""Plans, moves and drivers: what commands are asked, what is refused before, and how answers are shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from doorstep.delivery import Delivery
from doorstep.driver import Driver, DriverBreak, TourCosts, TourLimits
from doorstep.errors import PlanInfeasible
from doorstep.eta import Eta, EtaBasis
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.planning_rules import PlanningRules
from doorstep.quote import DeliveryMode, VehicleKind
from doorstep.route import Load, PlanScope, PlanSummary, RouteStatus, Stop, StopStatus, TourOutline
from doorstep.route_problem import BalanceMeasure
from doorstep.route_solution import (
    Assignment,
    RouteViolation,
    StopKind,
    UnassignedRemedy,
    UnassignedVisit,
    ViolationKind,
)
from doorstep.visit import PinnedPlace
from doorstep.window import Window
from gateway.api import fleet_view
from gateway.api.ports.records import LeftOut
from gateway.flow.planning.changes.move import ChangedStop, MovePreview, StopMove
from gateway.flow.planning.plans.request import PlanWish
from tests.unit.api import world as w
from tests.unit.api.conftest import Run, fault
from tests.unit.api.fakes import House

KEY = "key-12345"
LATE = RouteViolation(ViolationKind.LATE, False, "Comes 4 min late.", w.DRIVER.id, w.DELIVERY.id, 240)
PLAN = """mutation($in: PlanRoutesInput!) { planRoutes(input: $in) {
  ... on PlanRoutesSuccess { plan { id status date progress { remainingSeconds bestCost { amount } } } }
  ... on InvalidInput { message path } } }"""
MOVE = """mutation($in: MoveStopInput!) { moveStop(input: $in) { __typename
  ... on MoveStopSuccess { routes { id } }
  ... on PlanInfeasible { code violations { kind isHard text bySeconds } }
  ... on InvalidInput { path } } }"""
PUBLISH = """mutation($in: PublishRoutePlanInput!) { publishRoutePlan(input: $in) { __typename
  ... on PlanInfeasible { path violations { kind text } } } }"""
SAVE_DRIVER = """mutation($in: SaveDriverInput!) { saveDriver(input: $in) { __typename
  ... on SaveDriverSuccess { driver { id version vehicle { kind skills } skills
    breaks { earliest durationSeconds }
    limits { maxStops reloads } costs { costPerHour { amount } } endsAnywhere } }
  ... on InvalidInput { path message } } }"""
RULES = """mutation($in: SavePlanningRulesInput!) { savePlanningRules(input: $in) { __typename
  ... on SavePlanningRulesSuccess {
    planningRules { balance stabilityWhenMending speeds leadSeconds improves } }
  ... on InvalidInput { path message } } }"""


async def test_a_plan_is_asked_for_with_a_day_and_limits(run: Run, house: House) -> None:
    house.commands.answers["plan_routes"] = w.PLAN
    asked = {
        "idempotencyKey": KEY, "date": "2026-11-22", "deliveryIds": [w.DELIVERY.id], "timeLimitSeconds": 10,
        "stability": 0.25, "basedOnPlanId": w.PLAN.id,
    }  # fmt: skip
    result = await run(PLAN, None, **{"in": asked})
    assert result.data is not None
    assert result.data["planRoutes"]["plan"] == {
        "id": w.PLAN.id,
        "status": "RUNNING",
        "date": "2026-11-22",
        # 15 of its 30 seconds are over.
        "progress": {"remainingSeconds": 15.0, "bestCost": {"amount": "12.34"}},
    }
    wish = PlanWish(date(2026, 11, 22), 10.0, (w.DELIVERY.id,), (), 0.25, w.PLAN.id)
    assert house.commands.asked == [("plan_routes", {"idempotency_key": KEY, "wish": wish})]


@pytest.mark.parametrize(
    ("field", "value"), [("stability", 1.5), ("timeLimitSeconds", 0), ("basedOnPlanId", "ord_1")]
)
async def test_a_plan_is_refused_by_the_field_that_is_wrong(
    run: Run, house: House, field: str, value: Any
) -> None:
    result = await run(PLAN, None, **{"in": {"idempotencyKey": KEY, "date": "2026-11-22", field: value}})
    assert result.data is not None
    assert result.data["planRoutes"]["path"] == ["input", field]
    assert house.commands.asked == []


async def test_tours_on_the_road_are_planned_again_as_the_merchant_keeps_them(run: Run, house: House) -> None:
    house.commands.answers["plan_routes"] = w.PLAN
    document = """mutation($in: ReoptimizeRoutesInput!) { reoptimizeRoutes(input: $in) {
      ... on ReoptimizeRoutesSuccess { plan { id } } } }"""
    await run(document, None, **{"in": {"idempotencyKey": KEY, "date": "2026-11-22"}})
    wish = house.commands.asked[0][1]["wish"]
    assert (wish.scope, wish.stability, wish.is_published_at_once) == (PlanScope.RUNNING, 0.9, True)


async def test_a_preview_shows_what_breaks_and_whose_times_change(run: Run, house: House) -> None:
    later = w.NOW + timedelta(minutes=4)
    house.commands.answers["preview_stop_move"] = MovePreview(
        violations=(LATE,), cost_minor=-150, currency="EUR", distance_m=900, late_stops=1,
        changed=(ChangedStop(w.STOP, w.ROUTE, w.NOW, later),), tours=(w.ROUTE,),
    )  # fmt: skip
    document = """query($p: StopPlacementInput!) { previewStopMove(placement: $p) { isFeasible
      costDifference { amount } distanceMetersDifference lateStopsDifference
      violations { kind isHard text stop { id } }
      changedStops { stop { id } arrivalBefore arrivalAfter } } }"""
    result = await run(document, None, p={"stopId": w.STOP.id, "routeId": w.ROUTE.id, "sequence": 2})
    assert result.data is not None
    stop = {"id": w.STOP.id}
    assert result.data["previewStopMove"] == {
        "isFeasible": True,
        "costDifference": {"amount": "-1.50"},
        "distanceMetersDifference": 900,
        "lateStopsDifference": 1,
        "violations": [{"kind": "LATE", "isHard": False, "text": "Comes 4 min late.", "stop": stop}],
        "changedStops": [
            {
                "stop": stop,
                "arrivalBefore": "2026-11-22T09:30:00.000Z",
                "arrivalAfter": "2026-11-22T09:34:00.000Z",
            }
        ],
    }
    assert house.commands.asked[0][1] == {"move": StopMove(w.STOP.id, w.ROUTE.id, 2)}


async def test_a_plan_that_cannot_be_driven_any_more_says_what_it_would_break(run: Run, house: House) -> None:
    house.commands.answers["publish_route_plan"] = PlanInfeasible(
        "Plan again.", violations=(LATE,), path=("input", "planId")
    )
    result = await run(PUBLISH, None, **{"in": {"planId": w.PLAN.id, "expectedVersion": 2}})
    assert result.data is not None
    assert result.data["publishRoutePlan"] == {
        "__typename": "PlanInfeasible",
        "path": ["input", "planId"],
        "violations": [{"kind": "LATE", "text": "Comes 4 min late."}],
    }


async def test_a_move_that_breaks_rules_names_them(run: Run, house: House) -> None:
    placement = {"stopId": w.STOP.id, "routeId": w.ROUTE.id}
    asked = {"placement": placement, "expectedRouteVersion": 3, "lock": True}
    house.commands.answers["move_stop"] = PlanInfeasible("No.", violations=(LATE,))
    result = await run(MOVE, None, **{"in": asked})
    assert result.data is not None
    assert result.data["moveStop"] == {
        "__typename": "PlanInfeasible",
        "code": "PLAN_INFEASIBLE",
        "violations": [{"kind": "LATE", "isHard": False, "text": "Comes 4 min late.", "bySeconds": 240}],
    }
    said = house.commands.asked[0][1]
    assert (said["expected_version"], said["accepts_soft"], said["locks"]) == (3, False, True)
    wrong = await run(MOVE, None, **{"in": asked | {"placement": placement | {"sequence": 0}}})
    assert wrong.data is not None
    assert wrong.data["moveStop"]["path"] == ["input", "placement", "sequence"]


async def test_a_route_shows_its_load_its_punctuality_and_why_a_stop_is_on_it(run: Run, house: House) -> None:
    closes = Window(w.NOW, w.NOW + timedelta(minutes=30))
    why = Assignment("Bob would cost 2.10 more.", 400, w.DRIVER.id, 610)
    stop = replace(w.STOP, windows=(closes,), is_locked=True, why=why, late_s=60, kind=StopKind.RETURN)
    house.reads.things["routes"][w.ROUTE.id] = replace(
        w.ROUTE, stops=(stop,), load=Load(300_000, 0, 400_000), cost_minor=1900, currency="EUR",
        violations=(LATE,), overtime_s=600,
    )  # fmt: skip
    document = """query($id: ID!) { route(id: $id) { loadFraction load { weightGrams } overtimeSeconds
      cost { amount } violations { stop { id } } onTime { onTime atRisk late done }
      stops { kind isLocked lateSeconds windows { end } address { city }
        assignment { text costHere { amount } nextBestCost { amount } nextBestDriver { name } } } } }"""
    result = await run(document, None, id=w.ROUTE.id)
    assert result.data is not None
    shown = result.data["route"]
    assert (shown["loadFraction"], shown["cost"], shown["overtimeSeconds"]) == (
        0.75,
        {"amount": "19.00"},
        600,
    )
    assert shown["violations"] == [{"stop": {"id": w.STOP.id}}]
    assert sum(shown["onTime"].values()) == 1
    assert shown["stops"] == [
        {
            "kind": "RETURN",
            "isLocked": True,
            "lateSeconds": 60,
            "windows": [{"end": "2026-11-22T10:00:00.000Z"}],
            "address": {"city": "Madrid"},
            "assignment": {
                "text": "Bob would cost 2.10 more.",
                "costHere": {"amount": "4.00"},
                "nextBestCost": {"amount": "6.10"},
                "nextBestDriver": {"name": "Kim"},
            },
        }
    ]


def test_doors_count_by_what_is_expected_of_the_van_else_by_what_was_planned() -> None:
    closes = Window(w.NOW, w.NOW + timedelta(minutes=30))

    def door(id_: str, minutes: int, status: StopStatus = StopStatus.PLANNED) -> Stop:
        at = w.NOW + timedelta(minutes=minutes)
        return Stop(id_, id_, 1, status, LatLng(0, 0), at, 180, windows=(closes,))

    def eta(minutes: int) -> Eta:
        at = w.NOW + timedelta(minutes=minutes)
        return Eta(at, Window(at, at + timedelta(minutes=5)), 0.8, EtaBasis.ROAD, w.NOW)

    doors = [door("a", 10), door("b", 40), door("c", 10), door("d", 40), door("e", 10, StopStatus.DONE)]
    etas = {"a": None, "c": eta(27), "d": eta(20)}
    # a as planned, b planned too late, c perhaps too late, d planned too late but expected in time.
    assert fleet_view.punctuality(doors, etas) == fleet_view.Punctuality(2, 1, 1, 1)


async def test_a_delivery_says_why_the_last_plan_left_it_out(run: Run, house: House) -> None:
    by_van = replace(w.LEG, mode=DeliveryMode.OWN_FLEET)
    left_out = replace(w.DELIVERY, id=w.id_of("del", 9), driver_id=None, legs=(by_van,))
    document = """query($id: ID!) { delivery(id: $id) { whyUnassigned { code text }
      remedies { text driver { id } vehicleLike { driverId } } } }"""
    one_more = UnassignedRemedy("One more van could take it.", w.DRIVER.id, 500, is_one_more=True)
    overtime = UnassignedRemedy("With 30 min of overtime, this driver could take it.", w.DRIVER.id, 600)
    told = UnassignedVisit(left_out.id, w.PLAN.unassigned[0].reasons, (one_more, overtime))
    house.reads.left_out[left_out.id] = LeftOut("EUR", told)

    async def asked(delivery: Delivery) -> Any:
        house.reads.things["deliveries"][delivery.id] = delivery
        house.context()
        result = await run(document, None, id=delivery.id)
        assert result.data is not None
        return result.data["delivery"]

    driver = {"id": w.DRIVER.id}
    assert await asked(left_out) == {
        "whyUnassigned": [{"code": "NO_CAPACITY", "text": "All vans are full."}],
        "remedies": [
            {"text": one_more.text, "driver": None, "vehicleLike": {"driverId": w.DRIVER.id}},
            {"text": overtime.text, "driver": driver, "vehicleLike": None},
        ],
    }
    nothing: dict[str, list[object]] = {"whyUnassigned": [], "remedies": []}
    assert await asked(replace(left_out, driver_id=w.DRIVER.id)) == nothing
    given_away = replace(w.LEG, mode=DeliveryMode.COURIER)
    assert await asked(replace(left_out, legs=(given_away,))) == nothing


async def test_a_stop_that_nobody_explained_is_explained_as_tours_stand_now(run: Run, house: House) -> None:
    house.commands.answers["assignments"] = {w.DELIVERY.id: Assignment("Saves 0.49 EUR here.", -49)}
    document = """query($id: ID!) { route(id: $id) { vehicle { kind capacityGrams }
      stops { assignment { text costHere { amount } nextBestCost { amount } } } } }"""
    result = await run(document, None, id=w.ROUTE.id)
    why = {"text": "Saves 0.49 EUR here.", "costHere": {"amount": "-0.49"}, "nextBestCost": None}
    assert result.data == {
        "route": {"vehicle": {"kind": "VAN", "capacityGrams": 400_000}, "stops": [{"assignment": why}]}
    }
    asked = {"day": "2026-11-22", "plan_id": "", "delivery_ids": [w.DELIVERY.id]}
    assert house.commands.asked == [("assignments", asked)]


async def test_vans_are_delayed_and_stops_pinned_within_limits(run: Run, house: House) -> None:
    document = """mutation($d: DelayRouteInput!, $p: PinStopInput!, $u: UnpinStopInput!) {
      delayRoute(input: $d) { ... on DelayRouteSuccess { route { id } } ... on InvalidInput { path } }
      pinStop(input: $p) { ... on PinStopSuccess { route { id } } }
      unpinStop(input: $u) { ... on UnpinStopSuccess { route { id } } } }"""
    for name in ("delay_route", "pin_stop", "unpin_stop"):
        house.commands.answers[name] = w.ROUTE
    stop = {"stopId": w.STOP.id, "expectedRouteVersion": 4}
    delay = {"routeId": w.ROUTE.id, "expectedVersion": 4, "delaySeconds": 900}
    result = await run(document, None, d=delay, p=stop | {"place": "FIRST"}, u=stop)
    assert result.data == {
        name: {"route": {"id": w.ROUTE.id}} for name in ("delayRoute", "pinStop", "unpinStop")
    }
    pinned = {"stop_id": w.STOP.id, "expected_version": 4}
    assert house.commands.asked == [
        ("delay_route", {"route_id": w.ROUTE.id, "delay_s": 900, "expected_version": 4}),
        ("pin_stop", pinned | {"place": PinnedPlace.FIRST}),
        ("unpin_stop", pinned),
    ]
    refused = await run(document, None, d=delay | {"delaySeconds": 59}, p=stop, u=stop)
    assert refused.data is not None
    assert refused.data["delayRoute"]["path"] == ["input", "delaySeconds"]


@pytest.mark.parametrize(("minutes", "is_asked"), [(-1, False), (0, False), (1, True)])
async def test_a_driver_is_dropped_until_an_hour_that_is_still_to_come(
    run: Run, house: House, minutes: int, is_asked: bool
) -> None:
    document = """mutation($d: DropDriverInput!) { dropDriver(input: $d) {
      ... on DropDriverSuccess { driver { id } } ... on InvalidInput { path } } }"""
    house.commands.answers["drop_driver"] = ()
    until = house.clock.now() + timedelta(minutes=minutes)
    result = await run(document, None, d={"driverId": w.DRIVER.id, "until": until.isoformat()})
    assert result.data is not None, result.errors
    told = {"driver": {"id": w.DRIVER.id}} if is_asked else {"path": ["input", "until"]}
    assert result.data["dropDriver"] == told
    assert bool(house.commands.asked) == is_asked


async def test_plans_are_listed_by_day_place_and_state(run: Run, house: House) -> None:
    document = """query($f: RoutePlanFilter) { routePlans(filter: $f) { nodes { id } total { value } } }"""
    result = await run(document, None, f={"date": "2026-11-22", "locationIds": [w.LOCATION.id]})
    assert result.data == {"routePlans": {"nodes": [{"id": w.PLAN.id}], "total": {"value": 1}}}
    wrong = await run(document, None, f={"locationIds": [w.DRIVER.id]})
    assert wrong.errors is not None


async def test_two_plans_stand_side_by_side(run: Run, house: House) -> None:
    ann, bob, depot = w.DRIVER.id, w.id_of("drv", 2), w.LOCATION.id
    before = replace(
        w.PLAN,
        summary=PlanSummary(5000, 9000, 900, 0, 2, 4, co2e_g=1620),
        unassigned=(),
        outlines=(TourOutline(ann, depot, ("del_a", "del_b")), TourOutline(bob, depot, ("del_c",))),
    )
    after = replace(
        before,
        id=w.id_of("pla", 2),
        summary=PlanSummary(4200, 9000, 900, 1, 1, 4, co2e_g=1100),
        outlines=(TourOutline(ann, depot, ("del_a", "del_c", "del_d")),),
    )
    house.reads.things["route_plans"] |= {before.id: before, after.id: after}
    document = """query($a: ID!, $b: ID!) { compareRoutePlans(beforeId: $a, afterId: $b) { text
      movedDeliveries addedDeliveries droppedDeliveries
      before { vehiclesUsed onTimeRate emissions { co2eGrams } }
      after { cost { amount } lateStops onTimeRate emissions { co2eGrams } } } }"""
    result = await run(document, None, a=before.id, b=after.id)
    assert result.data == {
        "compareRoutePlans": {
            "movedDeliveries": 1,
            "addedDeliveries": 1,
            "droppedDeliveries": 1,
            "text": "Costs 8.00 EUR less, emits 0.5 kg CO₂e less, 1 fewer van, 1 more late, "
            "1 delivery has another driver, "
            "1 delivery has a tour only in the later plan, 1 delivery has a tour only in the earlier plan.",
            "before": {"vehiclesUsed": 2, "onTimeRate": 1, "emissions": {"co2eGrams": 1620}},
            "after": {
                "cost": {"amount": "42.00"},
                "lateStops": 1,
                "onTimeRate": 0.75,
                "emissions": {"co2eGrams": 1100},
            },
        }
    }


async def test_a_driver_is_saved_with_all_that_a_planner_knows(run: Run, house: House) -> None:
    house.commands.answers["save_driver"] = w.DRIVER
    eur = {"amount": "24.00", "currencyCode": "EUR"}
    given = {
        "name": "Kim", "depotId": w.LOCATION.id, "shiftStart": "08:00", "shiftEnd": "16:00",
        "vehicle": {"capacityGrams": 400_000, "kind": "CARGO_BIKE", "co2eGramsPerKilometer": 8},
        "skills": ["COLD_CHAIN", "COLD_CHAIN"],
        "territories": ["280"], "weekdays": [5, 1], "endsAnywhere": True,
        "breaks": [{"earliest": "12:00", "latest": "13:00", "durationSeconds": 1800}],
        "limits": {"maxStops": 30, "reloads": 1}, "costs": {"costPerHour": eur},
    }  # fmt: skip
    result = await run(SAVE_DRIVER, None, **{"in": given})
    assert result.data is not None
    assert result.data["saveDriver"]["__typename"] == "SaveDriverSuccess"
    saved = house.commands.asked[0][1]["driver"]
    assert saved == Driver(
        "", "", "Kim", w.LOCATION.id, "", "08:00", "16:00", 400_000, None, "", (1, 5), True,
        VehicleKind.CARGO_BIKE, frozenset({"COLD_CHAIN"}), ("280",),
        (DriverBreak("12:00", "13:00", 1800),), TourLimits(max_stops=30, reloads=1),
        TourCosts(per_hour=Money(2400, "EUR")), True, co2e_g_per_km=8,
    )  # fmt: skip
    wrong: dict[str, Any] = {
        "weekdays": [0], "shiftStart": "25:00", "vehicle": {"capacityGrams": 0}, "skills": [""],
        "id": w.DRIVER.id,
    }  # fmt: skip
    named = {
        "skills": ["input", "skills", "0"],
        "id": ["input", "expectedVersion"],
        "vehicle": ["input", "vehicle", "capacityGrams"],
    }
    for field, value in wrong.items():
        refused = await run(SAVE_DRIVER, None, **{"in": given | {field: value}})
        assert refused.data is not None
        assert refused.data["saveDriver"]["path"] == named.get(field, ["input", field])


async def test_rules_of_planning_are_handed_on_or_refused_by_field(run: Run, house: House) -> None:
    rules = PlanningRules(
        balance=BalanceMeasure.TIME, keeps=0.8, speeds=(1.0,) * 23 + (0.5,), lead_s=0, improves=False
    )
    house.commands.answers["save_merchant_rules"] = replace(w.MERCHANT, planning=rules)
    speeds = [1.0] * 23 + [0.5]
    given = {
        "balance": "TIME",
        "stabilityWhenMending": 0.8,
        "speeds": speeds,
        "leadSeconds": 0,
        "improves": False,
    }
    result = await run(RULES, None, **{"in": given})
    assert result.data is not None
    assert result.data["savePlanningRules"] == {
        "__typename": "SavePlanningRulesSuccess",
        "planningRules": given,
    }
    assert house.commands.asked[0][1]["rules"] == rules
    wrong: dict[str, Any] = {"speeds": [1.0, 2.0], "stability": -0.1, "serviceSeconds": -1, "leadSeconds": -1}
    for field, value in wrong.items():
        refused = await run(RULES, None, **{"in": {field: value}})
        assert refused.data is not None
        assert refused.data["savePlanningRules"]["path"] == ["input", field]


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (RouteStatus.PLANNED, "No driver was told of this tour yet: publish its plan, then change it."),
        (RouteStatus.FINISHED, "This tour is FINISHED: nothing on it can be changed any more."),
    ],
)
async def test_a_tour_that_cannot_be_changed_says_why_and_not_that_there_is_none(
    run: Run, house: House, status: RouteStatus, text: str
) -> None:
    house.reads.things["routes"][w.ROUTE.id] = replace(w.ROUTE, status=status)
    placement = {"stopId": w.id_of("stp"), "routeId": w.ROUTE.id}
    conflict = "... on StateConflict { message currentVersion current { id } }"
    document = f"""mutation($m: MoveStopInput!, $a: AssignRouteInput!, $d: DelayRouteInput!) {{
      moveStop(input: $m) {{ {conflict} }} assignRoute(input: $a) {{ {conflict} }}
      delayRoute(input: $d) {{ {conflict} }} }}"""
    result = await run(
        document,
        None,
        m={"placement": placement, "expectedRouteVersion": 1},
        a={"routeId": w.ROUTE.id, "driverId": w.DRIVER.id, "expectedVersion": 1},
        d={"routeId": w.ROUTE.id, "expectedVersion": 1, "delaySeconds": 600},
    )
    told = {"message": text, "currentVersion": w.ROUTE.version, "current": {"id": w.ROUTE.id}}
    assert result.data == dict.fromkeys(("moveStop", "assignRoute", "delayRoute"), told)
    preview = "query($p: StopPlacementInput!) { previewStopMove(placement: $p) { isFeasible } }"
    refused = await run(preview, None, p=placement)
    assert fault(refused)["code"] == "STATE_CONFLICT"
    assert refused.errors is not None
    assert refused.errors[0].message == text
