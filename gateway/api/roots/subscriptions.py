"""The root of live reads."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

import strawberry

from doorstep.route import RoutePlanStatus
from gateway.api.admission.checks import root
from gateway.api.admission.grants import load_tracking, open_tracking, require_open
from gateway.api.context import Context, Info
from gateway.api.filters import (
    read_delivery_filter,
    read_driver_filter,
    read_exception_filter,
    read_sort,
)
from gateway.api.marks import SHOPPER, bounded_argument, shape
from gateway.api.reading import found, read_id, read_span, wrong
from gateway.api.roots.queries import FILTER
from gateway.api.roots.route_subscriptions import RouteSubscriptions
from gateway.api.scalars import TrackingToken
from gateway.api.snapshots import driver_positions, every
from gateway.api.tracking_moves import DELIVERY_MOVES, TRACKING_MOVES
from gateway.api.types.deliveries import Delivery, DeliveryFilter, DeliverySort
from gateway.api.types.drivers import DriverFilter, DriverPosition
from gateway.api.types.enums import UpdateKind
from gateway.api.types.exceptions import ExceptionFilter, ExceptionSort, show_exception
from gateway.api.types.plans import RoutePlan
from gateway.api.types.tracking import Tracking
from gateway.api.types.updates import (
    MOST_MOVED,
    DeliveryUpdate,
    DriverPositionsUpdate,
    ExceptionUpdate,
    RoutePlanUpdate,
    TrackingUpdate,
)
from gateway.api.watching import Beat, Watching, follow

MOST_SNAPSHOT = 1000
_ENDED = {
    RoutePlanStatus.READY,
    RoutePlanStatus.PUBLISHED,
    RoutePlanStatus.SUPERSEDED,
    RoutePlanStatus.FAILED,
    RoutePlanStatus.CANCELLED,
}


def _head(context: Context, beat: Beat) -> dict[str, Any]:
    return {"cursor": beat.cursor, "kind": beat.kind, "sent_at": context.clock.now()}


@shape()
class Subscription(RouteSubscriptions):
    """Live reads over graphql-transport-ws. Closed when the credential ends."""

    @root(to=SHOPPER, is_subscription=True)
    async def tracking_updated(
        self, info: Info, token: TrackingToken | None = None, after: str | None = None
    ) -> AsyncGenerator[TrackingUpdate]:
        """The shopper's page; without a token the delivery of the credential itself."""
        grant = await open_tracking(info.context, token)

        async def tell(context: Context, beat: Beat) -> AsyncGenerator[TrackingUpdate]:
            require_open(grant, context.clock.now())
            shown: Tracking | None = None
            if beat.kind in {UpdateKind.SNAPSHOT, UpdateKind.CHANGE}:
                shown = await load_tracking(context, grant)
            yield TrackingUpdate(**_head(context, beat), tracking=shown)

        watching = Watching([f"delivery:{grant.delivery_id}"], tell, moves=TRACKING_MOVES)
        async with aclosing(follow(info.context, watching, after)) as updates:
            async for update in updates:
                yield update

    @root(is_subscription=True)
    async def delivery_updated(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID] | None, bounded_argument(200)] = None,
        wanted: Annotated[DeliveryFilter | None, FILTER] = None,
        snapshot: int = 200,
        after: str | None = None,
    ) -> AsyncGenerator[DeliveryUpdate]:
        """Deliveries as they advance: these, or all that match."""
        which = read_delivery_filter(wanted, ids)
        read_span(snapshot, ("snapshot",), 0, MOST_SNAPSHOT)

        async def tell(context: Context, beat: Beat) -> AsyncGenerator[DeliveryUpdate]:
            head = _head(context, beat)
            if beat.kind is UpdateKind.SNAPSHOT:
                listed = partial(context.reads.find_deliveries, which, read_sort(DeliverySort()))
                async for kept in every(listed, snapshot):
                    yield DeliveryUpdate(**head, delivery=Delivery.of(kept), left_filter=False)
            elif beat.kind is not UpdateKind.CHANGE:
                yield DeliveryUpdate(**head, delivery=None, left_filter=False)
            else:
                changed = await context.loaders.delivery.load(beat.entity_ids[0])
                if changed is not None:
                    one = replace(which, ids=(changed.id,))
                    matches = wanted is None or await context.reads.count_deliveries(one, 1) > 0
                    yield DeliveryUpdate(**head, delivery=Delivery.of(changed), left_filter=not matches)

        topics = [f"delivery:{id_}" for id_ in which.ids] or ["deliveries"]
        watching = Watching(topics, tell, moves=DELIVERY_MOVES)
        async with aclosing(follow(info.context, watching, after)) as updates:
            async for update in updates:
                yield update

    @root(is_subscription=True)
    async def exception_raised(
        self,
        info: Info,
        wanted: Annotated[ExceptionFilter | None, FILTER] = None,
        snapshot: int = 200,
        after: str | None = None,
    ) -> AsyncGenerator[ExceptionUpdate]:
        """Raised, escalated, acknowledged, resolved."""
        read_span(snapshot, ("snapshot",), 0, MOST_SNAPSHOT)
        read_exception_filter(wanted, info.context.clock.now())

        async def tell(context: Context, beat: Beat) -> AsyncGenerator[ExceptionUpdate]:
            head = _head(context, beat)
            # Read anew each time: "due within" moves with the clock.
            which = read_exception_filter(wanted, context.clock.now())
            if beat.kind is UpdateKind.SNAPSHOT:
                listed = partial(context.reads.find_incidents, which, read_sort(ExceptionSort()))
                async for kept in every(listed, snapshot):
                    yield ExceptionUpdate(**head, exception=show_exception(kept), left_filter=False)
            elif beat.kind is not UpdateKind.CHANGE:
                yield ExceptionUpdate(**head, exception=None, left_filter=False)
            else:
                changed = await context.loaders.incident.load(beat.entity_ids[0])
                if changed is not None:
                    one = replace(which, ids=(changed.id,))
                    has_left = await context.reads.count_incidents(one, 1) == 0
                    yield ExceptionUpdate(**head, exception=show_exception(changed), left_filter=has_left)

        async with aclosing(follow(info.context, Watching(["exceptions"], tell), after)) as updates:
            async for update in updates:
                yield update

    @root(is_subscription=True)
    async def driver_moved(
        self,
        info: Info,
        driver_ids: Annotated[list[strawberry.ID] | None, bounded_argument(MOST_MOVED)] = None,
        wanted: Annotated[DriverFilter | None, FILTER] = None,
        every_seconds: float = 1.0,
    ) -> AsyncGenerator[DriverPositionsUpdate]:
        """Where drivers are, gathered for everySeconds (0.2 to 60); latest wins, there is no resuming."""
        if not 0.2 <= every_seconds <= 60:
            raise wrong(("everySeconds",), "everySeconds must be 0.2 to 60")
        which = read_driver_filter(wanted, driver_ids)

        async def tell(context: Context, beat: Beat) -> AsyncGenerator[DriverPositionsUpdate]:
            moved: list[DriverPosition] = []
            if beat.kind is not UpdateKind.CHECKPOINT:
                # What was lost is made good by telling where everybody is.
                moved = await driver_positions(context, which, set(beat.entity_ids) or None)
            if moved or beat.kind is not UpdateKind.CHANGE:
                yield DriverPositionsUpdate(**_head(context, beat), moved=moved)

        watching = Watching(["drivers"], tell, gather_s=every_seconds)
        async with aclosing(follow(info.context, watching, None)) as updates:
            async for update in updates:
                yield update

    @root(is_subscription=True)
    async def route_plan_progress(
        self, info: Info, plan_id: strawberry.ID, after: str | None = None
    ) -> AsyncGenerator[RoutePlanUpdate]:
        """Ends by itself when the plan is READY, FAILED or CANCELLED."""
        id_ = read_id(plan_id, "pla", ("planId",))
        plan = found(await info.context.loaders.route_plan.load(id_), id_, ("planId",))
        if after is not None and plan.status in _ENDED:
            # Its last message may lie before the cursor: nothing more would ever come.
            beat = Beat(UpdateKind.CHANGE, after)
            yield RoutePlanUpdate(**_head(info.context, beat), plan=RoutePlan.of(plan))
            return
        is_over = False

        async def tell(context: Context, beat: Beat) -> AsyncGenerator[RoutePlanUpdate]:
            nonlocal plan, is_over
            if beat.kind in {UpdateKind.CHECKPOINT, UpdateKind.RESET}:
                yield RoutePlanUpdate(**_head(context, beat), plan=None)
            else:
                plan = found(await context.loaders.route_plan.load(id_), id_, ("planId",))
                yield RoutePlanUpdate(**_head(context, beat), plan=RoutePlan.of(plan))
            # What was shown decides, not what it has become while the message was on its way.
            is_over = plan.status in _ENDED and beat.kind in {UpdateKind.CHECKPOINT, UpdateKind.CHANGE}

        watching = Watching([f"plan:{id_}"], tell, is_shared=False, is_over=lambda: is_over)
        async with aclosing(follow(info.context, watching, after)) as updates:
            async for update in updates:
                yield update
