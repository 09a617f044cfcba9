"""The loaders of plans, tours, drivers, and of who was chosen for an order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from strawberry.dataloader import DataLoader

from doorstep.delivery import Delivery
from doorstep.driver import Driver
from doorstep.mode_wave import KeptChoice, ModeWave
from doorstep.route import Route, RoutePlan
from doorstep.route_solution import Assignment
from gateway.api.loaders.assignments import AssignmentKey, load_assignments
from gateway.api.loaders.batches import MOST_KEYS, many, one
from gateway.api.ports.records import LeftOut
from gateway.api.ports.session import Commands, Reads
from gateway.flow.records import DriverState


class TourLoaders:
    """Part of `gateway.api.loaders.all.Loaders`."""

    _reads: Reads
    _commands: Commands

    @cached_property
    def route_plan(self) -> DataLoader[str, RoutePlan | None]:
        return one(self._reads.route_plans)

    @cached_property
    def route(self) -> DataLoader[str, Route | None]:
        return one(self._reads.routes)

    @cached_property
    def routes_of_plan(self) -> DataLoader[str, Sequence[Route]]:
        return many(self._reads.routes_of_plans)

    @cached_property
    def route_of_delivery(self) -> DataLoader[str, Route | None]:
        return one(self._reads.routes_of_deliveries)

    @cached_property
    def current_route_of(self) -> DataLoader[str, Route | None]:
        return one(self._reads.current_routes_of)

    @cached_property
    def left_out(self) -> DataLoader[str, LeftOut | None]:
        """By the delivery that the last plan left out."""
        return one(self._reads.left_out_of)

    @cached_property
    def assignment(self) -> DataLoader[AssignmentKey, Assignment | None]:
        """Why a driver has a delivery, as tours stand now."""
        return DataLoader(lambda keys: load_assignments(self._commands, keys))

    @cached_property
    def driver(self) -> DataLoader[str, Driver | None]:
        return one(self._reads.drivers)

    @cached_property
    def driver_state(self) -> DataLoader[str, DriverState | None]:
        return one(self._reads.driver_states)

    @cached_property
    def mode_choice(self) -> DataLoader[str, KeptChoice | None]:
        """By the fulfillment order."""
        return one(self._reads.mode_choices)

    @cached_property
    def mode_wave(self) -> DataLoader[str, ModeWave | None]:
        return one(self._reads.mode_waves)

    @cached_property
    def wave_of_plan(self) -> DataLoader[str, ModeWave | None]:
        return one(self._reads.waves_of_plans)

    @cached_property
    def draft(self) -> DataLoader[tuple[str, str], Delivery | None]:
        """By the plan and the id that the delivery has once own vans are booked for it."""

        async def load(keys: list[tuple[str, str]]) -> list[Delivery | None]:
            plan_ids = sorted({plan_id for plan_id, _ in keys})
            found = await self._reads.drafts(plan_ids, [id_ for _, id_ in keys])
            return [found.get(id_) for _, id_ in keys]

        return DataLoader(load, max_batch_size=MOST_KEYS)
