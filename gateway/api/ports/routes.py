"""What the API must be handed of plans, tours and drivers; part of `session.Commands`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from doorstep.delivery import Delivery
from doorstep.driver import Driver
from doorstep.money import Money
from doorstep.quote import QuoteSet
from doorstep.route import Route, RoutePlan
from doorstep.route_solution import Assignment
from doorstep.visit import PinnedPlace
from doorstep.window import Window
from gateway.api.ports import records as r
from gateway.flow.planning.changes.move import MovePreview, StopMove
from gateway.flow.planning.plans.request import PlanWish


class RouteCommands(Protocol):
    """The use cases of plans, tours and drivers."""

    async def plan_routes(self, *, idempotency_key: str, wish: PlanWish) -> RoutePlan:
        """Queue a run of the planner."""
        ...

    async def cancel_route_plan(self, *, plan_id: str) -> RoutePlan:
        """Call it off; raises `StateConflict` where drivers know of it, or it is over."""
        ...

    async def publish_route_plan(self, *, plan_id: str, expected_version: int) -> RoutePlan:
        """Tell drivers; raises `StateConflict` where it does not fit any more what drivers do.

        `PlanInfeasible` where they or their vans cannot drive it any more.
        """
        ...

    async def preview_stop_move(self, *, move: StopMove) -> MovePreview:
        """What a move would do."""
        ...

    async def move_stop(
        self, *, move: StopMove, expected_version: int, accepts_soft: bool, locks: bool
    ) -> Sequence[Route]:
        """Do it; raises `PlanInfeasible` and `StateConflict`. Gives the tours that it touched."""
        ...

    async def assign_route(
        self, *, route_id: str, driver_id: str, expected_version: int, accepts_soft: bool
    ) -> Route:
        """Give a tour to another driver; raises `PlanInfeasible` and `StateConflict`."""
        ...

    async def delay_route(self, *, route_id: str, delay_s: int, expected_version: int) -> Route:
        """Let a tour go on later; raises `StateConflict`."""
        ...

    async def drop_driver(self, *, driver_id: str, until: datetime | None) -> Sequence[Route]:
        """End their tours; gives those that are over for it."""
        ...

    async def take_back_delivery(self, *, delivery_id: str) -> Delivery:
        """Its goods are at the depot again; raises `StateConflict` where no van has stopped with it."""
        ...

    async def pin_stop(self, *, stop_id: str, expected_version: int, place: PinnedPlace | None) -> Route:
        """Keep a stop with its driver, perhaps first or last; raises `PlanInfeasible` and `StateConflict`."""
        ...

    async def unpin_stop(self, *, stop_id: str, expected_version: int) -> Route:
        """Let plans put it elsewhere again; raises `StateConflict`."""
        ...

    async def assignments(
        self, *, day: str, plan_id: str, delivery_ids: Collection[str]
    ) -> Mapping[str, Assignment]:
        """Why drivers bring these on a day, by the delivery; without those that nobody could work out.

        Among the tours of a plan that drivers do not know of; "" for those that they do.
        """
        ...

    async def window_costs(self, *, quote_set: QuoteSet, windows: Sequence[Window]) -> Sequence[Money | None]:
        """What a stop at the door of these options would add to the tours in each window; None if unknown."""
        ...

    async def save_driver(self, *, driver: Driver, expected_version: int | None) -> Driver:
        """Keep one whole; without an id a new one."""
        ...

    async def create_driver_session(self, *, driver_id: str, lifetime_s: int) -> r.NewDriverSession:
        """Let a driver sign in; raises `StateConflict` where the driver is disabled."""
        ...

    async def end_driver_sessions(self, *, driver_id: str) -> int:
        """Sign a driver out everywhere; gives how many sessions that ended."""
        ...
