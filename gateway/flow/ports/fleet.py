"""Routes, drivers and accounts, as the flow keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from doorstep.driver import Driver
from doorstep.merchant import CarrierAccount, Merchant
from doorstep.order import Location, Store
from doorstep.route import PlanScope, Route, RoutePlan
from gateway.flow.records import (
    DriverState,
)


class Routes(Protocol):
    """Plans and routes."""

    async def plan(self, plan_id: str, *, lock: bool = False) -> RoutePlan | None: ...
    async def put_plan(self, plan: RoutePlan) -> None: ...
    async def route(self, route_id: str, *, lock: bool = False) -> Route | None: ...
    async def lock(self, route_ids: Sequence[str]) -> Mapping[str, Route]:
        """These routes as they are now, by id, kept from others until the commit.

        They are locked by their ids, all at once: two who want the same ones never wait for each other.
        """
        ...

    async def put_route(self, route: Route) -> None: ...
    async def drop_route(self, route_id: str) -> None:
        """Forget a route that nobody was told."""
        ...

    async def unfinished(self) -> Sequence[Route]:
        """Published or started routes."""
        ...

    async def of_plan(self, plan_id: str) -> Sequence[Route]:
        """What a plan made, without what was cancelled."""
        ...

    async def with_stop(self, stop_id: str) -> Route | None:
        """The published or started route that has this stop."""
        ...

    async def latest_plan(self, scope: PlanScope) -> RoutePlan | None:
        """The one that was asked for last."""
        ...

    async def open_plans(self) -> Sequence[RoutePlan]:
        """Plans that wait for the planner, that it works on, or that a person may publish."""
        ...

    async def take_turn(self) -> None:
        """Let nobody else make new tours of the merchant until the commit; before any route is locked."""
        ...

    async def lock_plans(self, plan_id: str) -> Sequence[RoutePlan]:
        """A plan, and those of its day that are ready or still driven, kept from others until the commit.

        Nobody else makes new tours of the merchant until then.
        """
        ...

    async def of_driver(self, driver_id: str, *, lock: bool = False) -> Route | None:
        """The started route, else the next published one."""
        ...

    async def of_drivers(self, driver_ids: Sequence[str]) -> Mapping[str, Route]:
        """The same of some drivers, by driver."""
        ...


class Fleet(Protocol):
    """Drivers and what their devices last said."""

    async def drivers(self) -> Sequence[Driver]: ...
    async def driver(self, driver_id: str, *, lock: bool = False) -> Driver | None: ...
    async def put_driver(self, driver: Driver) -> None: ...
    async def state(self, driver_id: str, *, lock: bool = False) -> DriverState | None:
        """What the device said, with the last fix that is kept, also where nobody has looked at it yet."""
        ...

    async def states(self, driver_ids: Sequence[str]) -> Mapping[str, DriverState]:
        """The same by driver; of those who have said nothing there is none."""
        ...

    async def lock_states(self, driver_ids: Sequence[str]) -> Mapping[str, DriverState]:
        """By driver, what was made of their fixes so far, kept from others; locked by their ids."""
        ...

    async def put_state(self, state: DriverState) -> None: ...
    async def put_states(self, states: Sequence[DriverState]) -> None: ...


class DriverSessions(Protocol):
    """What drivers sign in with."""

    async def end(self, driver_id: str, now: datetime) -> int:
        """End all that a driver still has; gives how many those were."""
        ...


class Accounts(Protocol):
    """The merchant itself, its places, stores and carriers."""

    async def merchant(self, *, lock: bool = False) -> Merchant:
        """The merchant; whoever puts back what they read takes the `lock`, or undoes what others saved."""
        ...

    async def put_merchant(self, merchant: Merchant) -> None: ...
    async def locations(self) -> Sequence[Location]: ...
    async def put_location(self, location: Location) -> None: ...
    async def stores(self) -> Sequence[Store]: ...
    async def store(self, store_id: str) -> Store | None: ...
    async def put_store(self, store: Store, credentials: Mapping[str, str] | None = None) -> None: ...
    async def carriers(self) -> Sequence[CarrierAccount]: ...
    async def put_carrier(
        self, account: CarrierAccount, credentials: Mapping[str, str] | None = None, settings: object = None
    ) -> None: ...
