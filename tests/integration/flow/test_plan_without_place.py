"""What a driver was told and no tour has any more is seen by people until a tour has it again."""

from __future__ import annotations

from dataclasses import replace

from doorstep.delivery import DeliveryFlag
from doorstep.delivery_status import DeliveryStatus
from doorstep.driver import Driver
from doorstep.errors import RemoteError
from doorstep.incident import Incident, IncidentKind, StepAction, StepStatus
from doorstep.route import PlanScope, RoutePlan
from doorstep.route_solution import RouteSolution
from gateway.flow.planning.changes.delay import delay_van
from gateway.flow.planning.changes.drop import drop_driver
from gateway.flow.planning.plans.publish import cancel_plan
from gateway.flow.planning.plans.request import PlanWish, request_plan
from gateway.flow.watching.incidents import Alarm, raise_incident
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.planned import (
    TODAY,
    at_the_desk,
    on,
    planned,
    rule,
    shop_with_vans,
    tour_for,
    tours,
)
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import add_van, north, order_to


async def _lacking(stage: Stage) -> list[Incident]:
    return [one for one in await stage.incidents() if one.kind is IncidentKind.NO_COURIER]


async def _told(stage: Stage, driver: Driver, **doors: float) -> list[str]:
    """Ids of deliveries that a driver was told a tour of."""
    ids = [one.id for one in await order_to(stage, **{name: north(m) for name, m in doors.items()})]
    await planned(stage)
    assert {(await stage.kept(id_)).driver_id for id_ in ids} == {driver.id}
    return ids


async def test_what_no_other_van_can_take_from_who_falls_out_is_shown_until_one_can(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    (id_,) = await _told(stage, ann, a=1000)
    (never_told,) = await order_to(stage, b=north(2000))
    await drop_driver(stage.means, MERCHANT_ID, ann.id)
    assert (await stage.kept(id_)).status is DeliveryStatus.BOOKED
    assert await _lacking(stage) == [], "a machine looks for a place first"
    await stage.settle()
    (shown,) = await _lacking(stage)
    left = await stage.kept(id_)
    assert (shown.delivery_id, left.driver_id, left.status) == (id_, None, DeliveryStatus.BOOKED)
    assert DeliveryFlag.EXCEPTION_OPEN in left.flags
    assert shown.title == f"{left.reference}: no van can take it any more"
    assert shown.evidence
    assert (await stage.kept(never_told.id)).driver_id is None

    bob = await add_van(stage, "Bob")
    await planned(stage)
    placed = await stage.kept(id_)
    assert (placed.driver_id, placed.status) == (bob.id, DeliveryStatus.COURIER_ASSIGNED)
    assert DeliveryFlag.EXCEPTION_OPEN not in placed.flags
    assert await _lacking(stage) == []
    async with stage.means.begin(MERCHANT_ID) as work:
        events = [event.status for event in await work.deliveries.events(id_)]
    way = [one for one in events if one in (DeliveryStatus.BOOKED, DeliveryStatus.COURIER_ASSIGNED)]
    assert way[-3:] == [
        DeliveryStatus.COURIER_ASSIGNED,
        DeliveryStatus.BOOKED,
        DeliveryStatus.COURIER_ASSIGNED,
    ]


async def test_what_a_delayed_van_cannot_bring_any_more_is_shown_with_the_reasons(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    (id_,) = await _told(stage, ann, a=1000)
    route = await tour_for(stage, id_)
    # The door closes five hours from now.
    await delay_van(at_the_desk(stage), MERCHANT_ID, route.id, 4 * 3600, expected_version=route.version)
    await stage.settle()
    (shown,) = await _lacking(stage)
    kept = await stage.kept(id_)
    assert (shown.delivery_id, kept.driver_id, kept.status) == (id_, None, DeliveryStatus.BOOKED)
    assert await tours(stage) == []
    plan = await _latest_mending(stage)
    reasons = next(one.reasons for one in plan.unassigned if one.visit_id == id_)
    assert shown.evidence.startswith(reasons[0].text)


async def _latest_mending(stage: Stage) -> RoutePlan:
    async with stage.means.begin(MERCHANT_ID) as work:
        found = await work.routes.latest_plan(PlanScope.RUNNING)
    assert found is not None
    return found


async def test_where_no_machine_mends_tours_it_is_shown_at_once(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    (id_,) = await _told(stage, ann, a=1000)
    await rule(stage, mends=False)
    await drop_driver(stage.means, MERCHANT_ID, ann.id)
    (shown,) = await _lacking(stage)
    assert (shown.delivery_id, shown.evidence) == (
        id_,
        "Its driver has fallen out, and machines are not to mend tours: plan it again.",
    )


async def test_a_plan_that_fails_shows_what_it_was_to_find_a_driver_for(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    (id_,) = await _told(stage, ann, a=1000)
    await drop_driver(stage.means, MERCHANT_ID, ann.id)
    await add_van(stage, "Bob")

    class Broken:
        async def plan(self, *_: object, **__: object) -> RouteSolution:
            raise RemoteError("The roads cannot be asked.", system="roads")

    await planned(
        stage, scope=PlanScope.RUNNING, means=replace(stage.means, planner=Broken()), delivery_ids=(id_,)
    )
    (shown,) = await _lacking(stage)
    assert shown.delivery_id == id_
    assert shown.evidence.endswith("The roads cannot be asked.")


async def test_a_mending_plan_that_a_person_calls_off_shows_what_it_was_to_find_a_driver_for(
    stage: Stage,
) -> None:
    (ann,) = await shop_with_vans(stage)
    (id_,) = await _told(stage, ann, a=1000)
    (never_told,) = await order_to(stage, b=north(2000))
    await drop_driver(stage.means, MERCHANT_ID, ann.id)
    await _called_off(stage)
    (shown,) = await _lacking(stage)
    assert (shown.delivery_id, never_told.driver_id) == (id_, None)
    assert shown.evidence == "A person called off the plan that was to mend the tours."


async def test_what_is_late_says_that_the_plan_that_was_to_help_was_called_off(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    late, in_time = await _told(stage, ann, a=1000, b=2000)
    async with stage.means.begin(MERCHANT_ID) as work:
        alarm = Alarm(IncidentKind.ETA_PAST_PROMISE, "Late", "Late.", delivery_id=late)
        await raise_incident(work, alarm, stage.clock.now())
    await _called_off(stage)
    (incident,) = await stage.incidents()
    (step,) = incident.steps
    assert (incident.delivery_id, step.action, step.status) == (late, StepAction.REROUTE, StepStatus.SKIPPED)
    assert step.reason.endswith("The tours stay as they are.")
    assert on(await tour_for(stage, late)) == [late, in_time], "it is still on its tour"


async def _called_off(stage: Stage) -> None:
    """A plan of all tours is asked for, and called off before its search begins."""
    wish = PlanWish(TODAY, 0.1, scope=PlanScope.RUNNING, is_published_at_once=True)
    plan = await request_plan(stage.means, MERCHANT_ID, wish)
    await cancel_plan(stage.means, MERCHANT_ID, plan.id)
