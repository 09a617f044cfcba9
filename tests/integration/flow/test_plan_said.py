"""What a dispatcher says of vans and stops, and what is refused of a wish for a plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.address import Address
from doorstep.errors import InvalidInput, NotFound, PlanInfeasible, StateConflict
from doorstep.events import PlanRequested
from doorstep.ids import new_id
from doorstep.route import PlanScope, RoutePlanStatus, RouteStatus
from doorstep.route_solution import ViolationKind
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.planning.changes.assign import assign_route
from gateway.flow.planning.changes.delay import delay_van
from gateway.flow.planning.changes.move import StopMove, move_stop, preview_move
from gateway.flow.planning.plans.compare import Difference, difference_of, in_words
from gateway.flow.planning.plans.plan import plan_routes
from gateway.flow.planning.plans.publish import publish_plan
from gateway.flow.planning.plans.request import PlanWish, request_plan
from gateway.flow.planning.standing.running import read_running
from gateway.flow.planning.standing.why_here import assignments_of
from tests.integration.flow.fakes import MERCHANT_ID, SHOP
from tests.integration.flow.planned import TODAY, kept_plan, on, planned, put_driver, shop_with_vans, tours
from tests.integration.flow.stage import Stage
from tests.integration.flow.test_plan_edit import Desk, desk
from tests.integration.flow.tour import drive, north, order_to, put_tour, tour_of

__all__ = ["desk"]


async def test_a_tour_ends_where_its_new_drivers_tours_end(desk: Desk) -> None:
    await put_driver(desk.stage, desk.ann, ends_anywhere=True)
    given = await assign_route(desk.means, MERCHANT_ID, desk.east.id, desk.ann.id, 1)
    assert given.ends_anywhere
    # It is over at the last door: there and the hand-over, and no way back.
    assert given.ends_at == given.stops[-1].planned_arrival + timedelta(seconds=given.stops[-1].service_s)


async def test_a_stop_that_was_to_stay_with_its_driver_is_given_away_only_knowingly(desk: Desk) -> None:
    (locked,) = (replace(stop, is_locked=True) for stop in desk.east.stops)
    async with desk.stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_route(replace(desk.east, stops=(locked,)))
    with pytest.raises(PlanInfeasible, match="acceptViolations") as soft:
        await assign_route(desk.means, MERCHANT_ID, desk.east.id, desk.ann.id, 1)
    (fault,) = soft.value.violations
    assert (fault.kind, fault.is_hard) == (ViolationKind.LOCKED, False)
    assert fault.text == f"{desk.c.reference}: a dispatcher wanted this stop with its driver."
    given = await assign_route(desk.means, MERCHANT_ID, desk.east.id, desk.ann.id, 1, accepts_soft=True)
    assert given.driver_id == desk.ann.id


async def test_a_van_that_is_late_leaves_later_and_its_driver_takes_nothing_before(desk: Desk) -> None:
    late = await delay_van(desk.means, MERCHANT_ID, desk.north.id, 1800, expected_version=1)
    until = desk.north.starts_at + timedelta(minutes=30)
    assert (late.version, late.starts_at >= until) == (2, True)
    assert on(late) == [desk.a.id, desk.b.id]
    async with desk.stage.means.begin(MERCHANT_ID) as work:
        ann = await work.fleet.driver(desk.ann.id)
    assert ann is not None
    assert (ann.held_until, ann.version) == (until, 2)
    with pytest.raises(StateConflict):
        await delay_van(desk.means, MERCHANT_ID, desk.north.id, 60, expected_version=1)
    await put_driver(desk.stage, desk.bob, enabled=False)
    await planned(desk.stage, stability=0.0)
    assert all(route.starts_at >= until for route in await tours(desk.stage) if route.driver_id == ann.id)
    with pytest.raises(NotFound):
        await delay_van(desk.means, MERCHANT_ID, new_id("rte"), 60, expected_version=1)


async def test_a_van_on_the_road_goes_on_later_and_says_what_it_comes_too_late_to(desk: Desk) -> None:
    await drive(desk.stage, desk.ann, SHOP, north(400))
    out = await tour_of(desk.stage, desk.north)
    late = await delay_van(desk.means, MERCHANT_ID, out.id, 6 * 3600, expected_version=out.version)
    assert late.status is RouteStatus.STARTED
    # The windows end five hours from when the orders came.
    kinds = {one.kind for one in late.violations}
    assert ViolationKind.LATE in kinds
    names = {one.text.partition(":")[0] for one in late.violations if one.visit_id}
    assert names == {desk.a.reference, desk.b.reference}


async def test_a_later_tour_that_is_delayed_holds_up_no_earlier_one(desk: Desk) -> None:
    stage = desk.stage
    before = await put_tour(stage, desk.ann, [(await order_to(stage, d=north(1500)))[0]])
    before = replace(before, starts_at=before.starts_at + timedelta(minutes=20))
    before = replace(before, ends_at=before.starts_at + timedelta(hours=1))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_route(before)
    late = await delay_van(desk.means, MERCHANT_ID, desk.north.id, 3600, expected_version=1)
    assert late.starts_at >= desk.north.starts_at + timedelta(hours=1)
    assert (await tour_of(stage, before)).starts_at == before.starts_at
    # A plan that puts the day together anew lets the first tour leave when it was to leave.
    await planned(stage, stability=0.0)
    assert await tour_of(stage, before) == before
    assert all(
        route.starts_at >= late.starts_at
        for route in await tours(stage)
        if route.driver_id == desk.ann.id and route.id != before.id
    )
    # On the road it drives on: its next door comes in minutes, not once the later tour leaves.
    stage.clock.advance(minutes=20)
    await drive(stage, desk.ann, SHOP, north(400))
    out = await tour_of(stage, before)
    async with stage.means.begin(MERCHANT_ID) as work:
        running = await read_running(work, [out], stage.clock.now())
    assert out.status is RouteStatus.STARTED
    assert running.tours[out.id].van.shift.start == stage.clock.now()


async def test_two_tours_of_a_driver_that_are_delayed_leave_each_as_late_as_was_said(desk: Desk) -> None:
    stage = desk.stage
    before = await put_tour(stage, desk.ann, [(await order_to(stage, d=north(1500)))[0]])
    before = replace(before, starts_at=before.starts_at + timedelta(minutes=20))
    before = replace(before, ends_at=before.starts_at + timedelta(minutes=30))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_route(before)
    hour, quarter = timedelta(hours=1), timedelta(minutes=15)
    later = await delay_van(desk.means, MERCHANT_ID, desk.north.id, 3600, expected_version=1)
    sooner = await delay_van(desk.means, MERCHANT_ID, before.id, 900, expected_version=1)
    assert before.starts_at + quarter <= sooner.starts_at < later.starts_at
    async with stage.means.begin(MERCHANT_ID) as work:
        running = await read_running(work, [sooner, later], stage.clock.now())
    leaves = {id_: tour.van.shift.start for id_, tour in running.tours.items()}
    assert leaves == {before.id: before.starts_at + quarter, desk.north.id: desk.north.starts_at + hour}
    # What is said of the same tour once more counts instead.
    again = await delay_van(desk.means, MERCHANT_ID, before.id, 60, expected_version=sooner.version)
    async with stage.means.begin(MERCHANT_ID) as work:
        ann = await work.fleet.driver(desk.ann.id)
    assert ann is not None
    assert {hold.route_id: hold.until for hold in ann.holds} == {
        desk.north.id: desk.north.starts_at + hour,
        before.id: sooner.starts_at + timedelta(seconds=60),
    }
    assert again.starts_at >= sooner.starts_at + timedelta(seconds=60)


async def test_a_delayed_tour_that_goes_to_another_driver_holds_up_nobody_any_more(desk: Desk) -> None:
    late = await delay_van(desk.means, MERCHANT_ID, desk.north.id, 3600, expected_version=1)
    given = await assign_route(desk.means, MERCHANT_ID, desk.north.id, desk.bob.id, late.version)
    async with desk.stage.means.begin(MERCHANT_ID) as work:
        ann, bob = [await work.fleet.driver(one.id) for one in (desk.ann, desk.bob)]
    assert ann is not None
    assert bob is not None
    assert (ann.holds, bob.holds) == ((), ())
    assert (given.driver_id, ann.version) == (bob.id, 3)


async def test_a_tour_of_tomorrow_that_is_delayed_holds_up_nobody_today(desk: Desk) -> None:
    stage, day = desk.stage, timedelta(days=1)
    moved = replace(
        desk.north,
        date="2026-11-24",
        starts_at=desk.north.starts_at + day,
        ends_at=desk.north.ends_at + day,
    )
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_route(moved)
        for one in (desk.a, desk.b):
            await work.deliveries.put(replace(await stage.kept(one.id), promise=None))
    await delay_van(desk.means, MERCHANT_ID, moved.id, 1800, expected_version=1)
    await put_driver(stage, desk.bob, enabled=False)
    (new,) = await order_to(stage, d=north(1500))
    plan = await planned(stage, delivery_ids=(new.id,))
    assert plan.status is RoutePlanStatus.PUBLISHED
    (route,) = [route for route in await tours(stage) if new.id in on(route)]
    assert (route.driver_id, route.date) == (desk.ann.id, "2026-11-23")


async def test_every_stop_says_why_it_is_where_it_is_after_every_change(desk: Desk) -> None:
    target = desk.north
    move = StopMove(desk.stop_of(desk.b), desk.east.id)
    moved, _ = await move_stop(
        desk.means, MERCHANT_ID, move, expected_version=1, accepts_soft=True, locks=False
    )
    assert [stop.why for stop in moved.stops] == [None, None]
    wanted = [desk.a.id, desk.b.id, desk.c.id]
    found = await assignments_of(desk.means, MERCHANT_ID, target.date, wanted)
    assert set(found) == set(wanted)
    assert found[desk.b.id].next_van_id == desk.ann.id
    assert found[desk.b.id].next_cost_minor is not None
    # a is Ann's only stop: without it she need not drive at all.
    assert found[desk.a.id].cost_here_minor > 0
    assert (await assignments_of(desk.means, MERCHANT_ID, "2026-11-24", wanted)) == {}


async def test_also_of_a_plan_that_nobody_was_told_it_is_known_why(desk: Desk) -> None:
    ready = await planned(desk.stage, is_published_at_once=False)
    wanted = [desk.a.id, desk.c.id]
    found = await assignments_of(desk.means, MERCHANT_ID, ready.date, wanted, plan_id=ready.id)
    assert set(found) == set(wanted)
    assert {why.next_van_id for why in found.values()} <= {desk.ann.id, desk.bob.id, ""}


async def test_a_tour_behind_one_that_gets_longer_leaves_later_and_forbids_nothing(desk: Desk) -> None:
    stage = desk.stage
    await drive(stage, desk.ann, SHOP, north(400))
    # What is fetched can go on a van that is out; without promises the tour takes no longer than it must.
    async with stage.means.begin(MERCHANT_ID) as work:
        for delivery in (desk.a, desk.b, desk.c):
            await work.deliveries.put(replace(await stage.kept(delivery.id), promise=None))
        c = await stage.kept(desk.c.id)
        await work.deliveries.put(replace(c, fulfillment_order_id=new_id("ret")))
    out = await tour_of(stage, desk.north)
    now = stage.clock.now()
    ends = now + timedelta(minutes=25)
    soon, end = ends + timedelta(minutes=6), ends + timedelta(hours=1)
    behind = replace(desk.east, driver_id=desk.ann.id, starts_at=soon, ends_at=end)
    (d,) = await order_to(stage, d=north(700))
    another = replace(behind.stops[0], id=new_id("stp"), delivery_id=d.id, sequence=2)
    second = replace(behind, stops=(*behind.stops, another))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_route(replace(out, ends_at=ends))
        await work.routes.put_route(second)
        await work.deliveries.put(replace(d, driver_id=desk.ann.id, promise=None))
    move = StopMove(desk.stop_of(desk.c), out.id, 2)
    seen = await preview_move(desk.means, MERCHANT_ID, move)
    assert seen.violations == ()
    first, later = await move_stop(
        desk.means, MERCHANT_ID, move, expected_version=out.version, accepts_soft=False, locks=False
    )
    assert on(first) == [desk.a.id, desk.c.id, desk.b.id]
    assert later.starts_at >= first.ends_at + timedelta(minutes=5)


async def _refusal(desk: Desk, **wish: object) -> InvalidInput:
    with pytest.raises(InvalidInput) as refused:
        await request_plan(desk.means, MERCHANT_ID, PlanWish(TODAY, 1.0, **wish))  # type: ignore[arg-type]
    return refused.value


async def test_what_a_plan_cannot_take_is_refused_by_its_place_and_not_dropped(desk: Desk) -> None:
    stage = desk.stage
    await put_driver(stage, desk.bob, weekdays=(2, 3))
    off = await _refusal(desk, driver_ids=(desk.ann.id, desk.bob.id))
    assert [(one.path, one.message) for one in off.issues] == [
        (("input", "driverIds", "1"), "Bob is off duty on Mondays.")
    ]
    others = await _refusal(desk, driver_ids=(desk.ann.id,), delivery_ids=(desk.a.id, desk.c.id))
    assert others.path == ("input", "deliveryIds", "1")
    assert "not among driverIds" in others.message
    await drive(stage, desk.ann, SHOP, north(400))
    out = await _refusal(desk, delivery_ids=(desk.a.id,))
    assert "loaded or has left" in out.message or "OUT_FOR_DELIVERY" in out.message
    (new,) = await order_to(stage, d=north(700))
    nowhere = replace(new, destination=Address("US", line1="Nowhere"))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.deliveries.put(nowhere)
    unknown = await _refusal(desk, delivery_ids=(new.id,))
    assert unknown.message == f"{new.reference} has no place on the map; correct its address."
    # What is out late is planned again whatever the shift says.
    await put_driver(stage, desk.ann, shift_end="12:00")
    await request_plan(
        desk.means, MERCHANT_ID, PlanWish(TODAY, 1.0, driver_ids=(desk.ann.id,), scope=PlanScope.RUNNING)
    )


async def test_what_is_gone_once_the_search_begins_is_told_with_the_reason(stage: Stage) -> None:
    await shop_with_vans(stage)
    first, second = await order_to(stage, a=north(1000), b=north(2000))
    wish = PlanWish(TODAY, 0.1, delivery_ids=(first.id, second.id))
    asked = await request_plan(stage.means, MERCHANT_ID, wish)
    await cancel_delivery(stage.means, MERCHANT_ID, second.id, "customer asked")
    await plan_routes(PlanRequested(MERCHANT_ID, asked.id), stage.means)
    ready = await kept_plan(stage, asked.id)
    assert ready.status is RoutePlanStatus.READY
    ((gone, (why,)),) = [(one.visit_id, one.reasons) for one in ready.unassigned]
    assert (gone, why.text) == (second.id, "It is CANCELLED: no own van is to be sent for it.")
    assert [tour.delivery_ids for tour in ready.outlines] == [(first.id,)]


async def test_what_is_picked_already_is_refused_with_the_hour_that_its_tour_leaves_at(desk: Desk) -> None:
    leaves = desk.north.starts_at - timedelta(minutes=6)
    asked = await request_plan(desk.means, MERCHANT_ID, PlanWish(TODAY, 0.1, delivery_ids=(desk.a.id,)))
    # Goods are picked ten minutes before a tour leaves, and loaded five minutes before.
    desk.stage.clock.advance(seconds=(leaves - desk.stage.clock.now()).total_seconds())
    with pytest.raises(InvalidInput) as refused:
        await request_plan(desk.means, MERCHANT_ID, PlanWish(TODAY, 0.1, delivery_ids=(desk.a.id,)))
    why = (
        f"is on a tour that leaves at {desk.north.starts_at:%H:%M} UTC, and its goods are picked by now; "
        "moveStop and reoptimizeRoutes change that one."
    )
    assert refused.value.message == f"{desk.a.reference} {why}"
    await plan_routes(PlanRequested(MERCHANT_ID, asked.id), desk.means)
    kept = await kept_plan(desk.stage, asked.id)
    assert [one.reasons[0].text for one in kept.unassigned] == [f"It {why}"]
    assert await tour_of(desk.stage, desk.north) == desk.north


async def test_what_goes_on_before_a_delayed_tour_is_refused_with_the_reason(desk: Desk) -> None:
    (first,) = await order_to(desk.stage, d=north(1500))
    before = await put_tour(desk.stage, desk.ann, [first])
    before = replace(before, starts_at=before.starts_at + timedelta(minutes=30))
    before = replace(before, ends_at=before.starts_at + timedelta(hours=1))
    async with desk.stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_route(before)
    await delay_van(desk.means, MERCHANT_ID, desk.north.id, 3600, expected_version=1)
    with pytest.raises(InvalidInput, match="its driver has a delayed one behind it"):
        await request_plan(desk.means, MERCHANT_ID, PlanWish(TODAY, 0.1, delivery_ids=(first.id,)))


async def test_plans_are_compared_as_they_were_solved_whatever_became_of_them(stage: Stage) -> None:
    await shop_with_vans(stage, "Ann", "Bob")
    first, _ = await order_to(stage, a=north(1000), b=north(2000))
    one = await planned(stage, is_published_at_once=False)
    other = await planned(stage, is_published_at_once=False, based_on_id=one.id, stability=1.0)
    same = Difference(moved=0, added=0, dropped=0)
    assert difference_of(one, other) == same
    assert one.summary is not None
    # Vans that say nothing of their own.
    assert one.summary.co2e_g == round(one.summary.distance_m * 0.18)
    assert one.summary.on_time_rate == 1
    published = await publish_plan(stage.means, MERCHANT_ID, other.id, other.version)
    put_away = await kept_plan(stage, one.id)
    assert difference_of(put_away, published) == same
    assert in_words(put_away, published, same) == "Costs the same, 0 deliveries have another driver."
    later = await planned(stage, delivery_ids=(first.id,), is_published_at_once=False, stability=0.0)
    # What lies on a tour that is replaced is planned again, asked for or not.
    assert difference_of(published, later).dropped == 0
