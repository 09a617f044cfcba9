"""Tours by their stops, by way of indexes that row level security lets the application use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from doorstep.geo import LatLng
from doorstep.ids import new_id
from doorstep.route import PlanProgress, Route, RoutePlan, RoutePlanStatus, RouteStatus, Stop, StopStatus
from doorstep.route_solution import UnassignedCode, UnassignedReason, UnassignedVisit
from doorstep.secret import Secret
from gateway.auth.vault import Vault
from gateway.store.database import Database
from gateway.store.jobs import open_queue
from gateway.store.news import News
from gateway.store.queries.reads import SqlReads
from gateway.store.unit_of_work import Transactions
from tests.conftest import Dsn
from tests.integration.store.rows import NOON

HOME = LatLng(39.9, -71.5)


def _stop(delivery_id: str) -> Stop:
    return Stop(new_id("stp"), delivery_id, 1, StopStatus.PLANNED, HOME, NOON, 180)


def _tour(*delivery_ids: str, status: RouteStatus = RouteStatus.PUBLISHED) -> Route:
    return Route(
        id=new_id("rte"),
        merchant_id="mer_a",
        plan_id="pla_a",
        driver_id="drv_a",
        date="2026-03-02",
        status=status,
        starts_at=NOON,
        ends_at=NOON,
        stops=tuple(_stop(one) for one in delivery_ids),
        polyline="",
        distance_m=0,
        driving_s=0,
        origin=HOME,
    )


async def test_a_stop_is_found_on_the_tour_that_has_it_now(rooms: Transactions) -> None:
    one, two = _tour("del_1", "del_2"), _tour("del_3")
    moved = one.stops[1]
    async with rooms.begin("mer_a") as work:
        await work.routes.put_route(one)
        await work.routes.put_route(two)
        assert await work.routes.with_stop(moved.id) == one
    left, with_it = replace(one, stops=one.stops[:1]), replace(two, stops=(*two.stops, moved))
    async with rooms.begin("mer_a") as work:
        await work.routes.put_route(left)
        await work.routes.put_route(with_it)
    async with rooms.begin("mer_a") as work:
        assert await work.routes.with_stop(moved.id) == with_it
        assert await work.routes.with_stop(one.stops[0].id) == left
        assert await work.routes.with_stop("stp_nobody") is None
    async with rooms.begin("mer_b") as work:
        assert await work.routes.with_stop(moved.id) is None


async def test_a_tour_that_nobody_was_told_is_dropped_with_its_stops_and_another_is_not(
    rooms: Transactions, database: Database
) -> None:
    draft, told = _tour("del_1", status=RouteStatus.PLANNED), _tour("del_2")
    async with rooms.begin("mer_a") as work:
        for tour in (draft, told):
            await work.routes.put_route(tour)
            await work.routes.drop_route(tour.id)
        assert await work.routes.route(draft.id) is None
        assert await work.routes.with_stop(told.stops[0].id) == told
    async with database.tenant("mer_a") as connection:
        rows = (await connection.execute(text("SELECT route_id FROM route_stops"))).all()
    assert [row[0] for row in rows] == [told.id]


async def test_a_tour_is_told_to_who_has_it_and_who_had_it_and_a_draft_to_nobody(
    database: Database, dsn: Dsn
) -> None:
    told: list[News] = []
    queue = open_queue(dsn.app)
    rooms = Transactions(database, queue, Vault([Secret("k" * 40)]), told.extend)
    tour, draft = _tour("del_1"), _tour("del_2", status=RouteStatus.PLANNED)
    steps = (tour, replace(tour, driver_id="drv_b"), draft, replace(draft, status=RouteStatus.PUBLISHED))
    async with queue.open_async():
        for step in steps:
            async with rooms.begin("mer_a") as work:
                await work.routes.put_route(step)
                work.announce("route", step.id)
    assert [one.driver_ids for one in told] == [("drv_a",), ("drv_a", "drv_b"), (), ("drv_a",)]


def _plan(status: RoutePlanStatus, minutes: int, *left_out: str, planned: Sequence[str] = ()) -> RoutePlan:
    reason = UnassignedReason(UnassignedCode.NO_CAPACITY, f"Full after {minutes} min.")
    return RoutePlan(
        id=new_id("pla"),
        merchant_id="mer_a",
        date="2026-03-02",
        status=status,
        created_at=NOON + timedelta(minutes=minutes),
        time_limit_s=10.0,
        progress=PlanProgress(1.0, 1.0, 0, 0),
        currency="USD",
        delivery_ids=tuple(planned),
        unassigned=tuple(UnassignedVisit(id_, (reason,)) for id_ in left_out),
    )


async def test_of_each_delivery_the_newest_plan_that_was_made_with_it_says_why(
    rooms: Transactions, database: Database
) -> None:
    old = _plan(RoutePlanStatus.SUPERSEDED, 1, "del_1", "del_2", "del_3", planned=["del_1", "del_2", "del_3"])
    placed = _plan(RoutePlanStatus.PUBLISHED, 2, "del_1", planned=["del_1", "del_2"])
    called_off = _plan(RoutePlanStatus.CANCELLED, 3, "del_2", planned=["del_2"])
    async with rooms.begin("mer_a") as work:
        for plan in (old, placed, called_off):
            await work.routes.put_plan(plan)
    asked = ["del_1", "del_2", "del_3", "del_4"]
    said = await SqlReads(database, "mer_a").left_out_of(asked)
    assert {id_: one.visit for id_, one in said.items()} == {
        "del_1": placed.unassigned[0],
        "del_3": old.unassigned[2],
    }
    assert {one.currency for one in said.values()} == {"USD"}
    assert await SqlReads(database, "mer_a").left_out_of([]) == {}
    assert await SqlReads(database, "mer_b").left_out_of(asked) == {}


async def test_plans_of_which_nothing_is_driven_any_more_are_not_kept_from_others(
    rooms: Transactions,
) -> None:
    ready, driven, over, mine = (
        _plan(status, minutes)
        for minutes, status in enumerate(
            (
                RoutePlanStatus.READY,
                RoutePlanStatus.PUBLISHED,
                RoutePlanStatus.PUBLISHED,
                RoutePlanStatus.RUNNING,
            )
        )
    )
    async with rooms.begin("mer_a") as work:
        for plan in (ready, driven, over, mine):
            await work.routes.put_plan(plan)
        await work.routes.put_route(replace(_tour("del_1"), plan_id=driven.id))
        finished = _tour("del_2", status=RouteStatus.FINISHED)
        await work.routes.put_route(replace(finished, plan_id=over.id))
    async with rooms.begin("mer_a") as work:
        assert {one.id for one in await work.routes.lock_plans(mine.id)} == {ready.id, driven.id, mine.id}


@pytest.mark.parametrize(
    ("index", "query"),
    [
        ("route_stops_stop", "SELECT route_id FROM route_stops WHERE stop_id = 'stp_1'"),
        ("route_stops_delivery", "SELECT route_id FROM route_stops WHERE delivery_id IN ('del_1', 'del_2')"),
        (
            "routes_unfinished",
            "SELECT id FROM routes WHERE status IN ('PUBLISHED', 'STARTED') ORDER BY starts_at, id",
        ),
        ("routes_plan", "SELECT doc FROM routes WHERE plan_id = 'pla_1' ORDER BY starts_at"),
        ("route_plans_created", "SELECT doc FROM route_plans ORDER BY created_at DESC LIMIT 1"),
    ],
)
async def test_the_application_may_use_the_index(database: Database, index: str, query: str) -> None:
    async with database.tenant("mer_a") as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = (await connection.execute(text(f"EXPLAIN {query}"))).all()
    assert any(index in row[0] for row in plan), plan
