"""Tours that drivers were told change with what happens: orders come in, stops and drivers fall out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from doorstep.audit import Actor
from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.driver import DriverBreak
from doorstep.events import DeliveryBooked, PlanRequested, TourDisturbed
from doorstep.incident import IncidentKind, StepAction
from doorstep.route import PlanScope, RoutePlanStatus, RouteStatus, StopStatus
from doorstep.route_problem import RouteProblem
from doorstep.route_solution import PlannedRoute, PlannedStop, RouteSolution, StopKind, UnassignedVisit
from doorstep.visit import VisitKind
from doorstep.window import Window
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.planning.changes.drivers import save_driver
from gateway.flow.planning.changes.insert import insert_booked
from gateway.flow.planning.plans.mend import mend_disturbed
from gateway.flow.planning.plans.plan import plan_routes
from gateway.flow.ports import Means
from tests.integration.flow.acting import Trial, trouble
from tests.integration.flow.fakes import MERCHANT_ID, SHOP
from tests.integration.flow.planned import (
    at_the_desk,
    kept_plan,
    on,
    planned,
    put_driver,
    rule,
    shop_with_vans,
    tour_for,
    tours,
)
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import add_van, drive, east, north, order_to, put_tour, tour_of


async def _insert(means: Means, delivery: Delivery) -> None:
    leg = delivery.active_leg
    assert leg is not None
    await insert_booked(DeliveryBooked(MERCHANT_ID, delivery.id, leg.id), means)


async def test_an_order_goes_into_a_tour_as_soon_as_it_is_booked(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    (far,) = await order_to(stage, a=north(3000))
    await planned(stage)
    (told,) = await tours(stage)
    near, later = await order_to(stage, b=north(1000), c=north(2000))
    await rule(stage, inserts=False)
    await _insert(at_the_desk(stage), near)
    assert await tours(stage) == [told], "its merchant does not want it"
    await rule(stage)
    await _insert(stage.means, near)
    assert await tours(stage) == [told], "nobody here could work it out"
    await _insert(at_the_desk(stage), near)
    (longer,) = await tours(stage)
    assert (longer.id, longer.version, set(on(longer))) == (told.id, told.version + 1, {near.id, far.id})
    assert longer.ends_at > told.ends_at
    kept = await stage.kept(near.id)
    assert (kept.status, kept.driver_id) == (DeliveryStatus.COURIER_ASSIGNED, ann.id)
    await _insert(at_the_desk(stage), near)
    assert (await tour_of(stage, longer)).version == longer.version, "a repeat finds it placed"
    await drive(stage, ann, SHOP, north(400))
    await _insert(at_the_desk(stage), later)
    waiting = await stage.kept(later.id)
    assert (waiting.status, waiting.driver_id) == (DeliveryStatus.BOOKED, None), "its goods are in the shop"


async def test_a_van_on_the_road_fetches_what_is_given_back(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    await order_to(stage, a=north(3000))
    await planned(stage)
    (back,) = await order_to(stage, b=north(2000))
    async with stage.means.begin(MERCHANT_ID) as work:
        back = replace(back, fulfillment_order_id="ret_" + back.fulfillment_order_id[4:])
        await work.deliveries.put(back)
    await drive(stage, ann, SHOP, north(400))
    await _insert(at_the_desk(stage), back)
    (route,) = await tours(stage)
    assert route.status is RouteStatus.STARTED
    kinds = {stop.delivery_id: stop.kind for stop in route.stops}
    assert (len(kinds), kinds[back.id]) == (2, StopKind.RETURN)
    assert on(route)[-1] == back.id, "the door that the van is on its way to comes first"


@dataclass
class Says:
    """A planner that gives one van everything that is to be fetched, and all else to nobody."""

    van_id: str

    async def plan(self, problem: RouteProblem, *_: Any, **__: Any) -> RouteSolution:
        at = problem.epoch + timedelta(minutes=30)
        fetched = [visit for visit in problem.visits if visit.kind is VisitKind.COLLECTION]
        stops = tuple(PlannedStop(visit.id, at, at, at + timedelta(minutes=3)) for visit in fetched)
        ends = at + timedelta(minutes=20)
        route = PlannedRoute(self.van_id, stops, problem.epoch + timedelta(minutes=10), ends, 4000, 900)
        others = tuple(UnassignedVisit(one.id, ()) for one in problem.visits if one not in fetched)
        return RouteSolution((route,), others, "by hand", 1000)


async def test_a_last_door_goes_to_another_van_and_what_is_on_board_to_none(stage: Stage) -> None:
    ann, bob = await shop_with_vans(stage, "Ann", "Bob")
    back, kept = await order_to(stage, a=north(1000), b=east(1000))
    async with stage.means.begin(MERCHANT_ID) as work:
        back = replace(back, fulfillment_order_id="ret_" + back.fulfillment_order_id[4:])
        await work.deliveries.put(back)
    fetching = await put_tour(stage, ann, [back], status=RouteStatus.STARTED)
    bringing = await put_tour(stage, bob, [kept], status=RouteStatus.STARTED)
    third = await add_van(stage, "Cem")
    means = replace(stage.means, planner=Says(third.id))
    await planned(stage, scope=PlanScope.RUNNING, means=means)
    emptied = await tour_of(stage, fetching)
    assert (emptied.status, emptied.ahead) == (RouteStatus.STARTED, ()), "Ann drives home"
    assert on(await tour_of(stage, bringing)) == [kept.id], "nobody else has the goods"
    assert (await tour_for(stage, back.id)).driver_id == third.id
    assert (await stage.kept(back.id)).driver_id == third.id
    assert (await stage.kept(kept.id)).driver_id == bob.id


async def test_what_is_driven_is_planned_again_behind_the_next_door(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    first, *others = await order_to(stage, a=north(500), b=north(1500), c=east(1500))
    await planned(stage)
    (told,) = await tours(stage)
    order = on(told)
    await drive(stage, ann, SHOP, north(400))
    (new,) = await order_to(stage, d=east(900))
    plan = await planned(stage, scope=PlanScope.RUNNING, stability=0.5)
    assert (plan.status, plan.unassigned) == (RoutePlanStatus.PUBLISHED, ())
    running, following = await tours(stage)
    assert (running.id, running.status, running.version) == (told.id, RouteStatus.STARTED, 2), "as it was"
    assert on(running)[0] == order[0]
    assert set(on(running)) == {first.id, *(one.id for one in others)}
    assert {stop.id for stop in running.stops} == {stop.id for stop in told.stops}
    assert on(following) == [new.id], "it lies in the shop until the van is back"
    assert following.starts_at > running.ends_at
    kept = await stage.kept(first.id)
    assert kept.status is DeliveryStatus.OUT_FOR_DELIVERY
    held = await planned(stage, scope=PlanScope.RUNNING, is_published_at_once=False)
    assert held.status is RoutePlanStatus.READY
    async with stage.means.begin(MERCHANT_ID) as work:
        drafts = await work.routes.of_plan(held.id)
    assert {route.status for route in drafts} == {RouteStatus.PLANNED}
    assert running.id in {route.continues_id for route in drafts}
    assert (await tour_of(stage, running)).version == running.version


async def test_a_driver_who_falls_out_leaves_the_tour_to_others(stage: Stage) -> None:
    ann, bob = await shop_with_vans(stage, "Ann", "Bob")
    await put_driver(stage, bob, enabled=False)
    (delivery,) = await order_to(stage, a=north(1000))
    await planned(stage)
    await put_driver(stage, bob)
    async with stage.means.begin(MERCHANT_ID) as work:
        off = replace(ann, enabled=False, device_id="")
        await save_driver(work, off, ann.version, stage.clock.now(), is_new=False)
    await stage.settle()
    (route,) = await tours(stage)
    assert (route.driver_id, on(route)) == (bob.id, [delivery.id])
    assert (await stage.kept(delivery.id)).driver_id == bob.id
    async with stage.means.begin(MERCHANT_ID) as work:
        gone = await work.fleet.driver(ann.id)
        last = await work.routes.latest_plan(PlanScope.RUNNING)
    assert gone is not None
    assert gone.version == ann.version + 1
    assert last is not None
    assert (last.stability, last.is_published_at_once) == (0.9, True)


async def test_a_stop_that_falls_out_has_the_tour_planned_again(stage: Stage) -> None:
    await shop_with_vans(stage)
    first, second = await order_to(stage, a=north(1000), b=north(9000))
    await planned(stage)
    (told,) = await tours(stage)
    await cancel_delivery(stage.means, MERCHANT_ID, second.id, "customer asked")
    await stage.settle()
    (shorter,) = await tours(stage)
    assert on(shorter) == [first.id]
    assert shorter.ends_at - shorter.starts_at < told.ends_at - told.starts_at - timedelta(minutes=5)
    assert shorter.id == told.id, "the driver is on the same tour"


async def test_one_who_is_late_is_helped_once_in_a_while(stage: Stage) -> None:
    await shop_with_vans(stage)
    (delivery,) = await order_to(stage, a=north(1000))
    await planned(stage)
    incident = await trouble(stage, IncidentKind.ETA_PAST_PROMISE, delivery_id=delivery.id)
    help_it = Trial(stage, StepAction.REROUTE, incident, by=Actor.PLAYBOOK)

    async def asked_for() -> str:
        async with stage.means.begin(MERCHANT_ID) as work:
            last = await work.routes.latest_plan(PlanScope.RUNNING)
        return last.id if last else ""

    await rule(stage, mends=False)
    assert await help_it.is_refused() == "The merchant's rules let no machine change tours."
    assert await asked_for() == ""
    await rule(stage)
    await help_it.is_done_once()
    first = await asked_for()
    assert first
    await mend_disturbed(TourDisturbed(MERCHANT_ID, "rte_1"), stage.means)
    assert await asked_for() == first, "one waits that will see it"
    await plan_routes(PlanRequested(MERCHANT_ID, first), stage.means)
    assert (await kept_plan(stage, first)).status is RoutePlanStatus.PUBLISHED
    again = help_it.but(step_id="pbs_2")
    assert await again.is_refused() == "The tours were planned again at 17:00 UTC."
    stage.clock.advance(minutes=11)
    await again.is_done_once()
    assert await asked_for() != first


async def test_a_driver_rests_where_the_plan_says_and_the_tour_goes_on(stage: Stage) -> None:
    # Noon in New York: one door before half past two, the other one from five to three on.
    (ann,) = await shop_with_vans(stage)
    await put_driver(stage, ann, breaks=(DriverBreak("14:30", "14:50", 900),))
    first, second = await order_to(stage, a=north(1000), b=north(2000))
    noon = stage.clock.now()
    async with stage.means.begin(MERCHANT_ID) as work:
        for one, opens, closes in ((first, 120, 150), (second, 175, 240)):
            window = Window(noon + timedelta(minutes=opens), noon + timedelta(minutes=closes))
            assert one.promise is not None
            await work.deliveries.put(replace(one, promise=replace(one.promise, window=window)))
    await planned(stage)
    route = await tour_for(stage, first.id)
    kinds = [stop.kind for stop in route.stops]
    assert kinds.count(StopKind.BREAK) == 1
    rest = next(stop for stop in route.stops if stop.kind is StopKind.BREAK)
    assert (rest.delivery_id, rest.service_s) == ("", 900)
    ways = {first.id: north(1000), second.id: north(2000)}
    doors = [ways[id_] for id_ in on(route) if id_]
    await drive(stage, ann, SHOP, north(400))
    for door in doors:
        await drive(stage, ann, door, door, door, every_s=120)
    await drive(stage, ann, north(1500), north(600), SHOP, every_s=120)
    assert {(await stage.kept(one)).status for one in ways} == {DeliveryStatus.DELIVERED}
    finished = await tour_of(stage, route)
    assert finished.status is RouteStatus.FINISHED
    assert {stop.status for stop in finished.stops} == {StopStatus.DONE}
