"""Drivers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry

from doorstep import driver as ground
from doorstep.driver import DriverStatus
from doorstep.visibility import TrackingAudience, TrackingField
from gateway.api import fleet_view
from gateway.api.context import Context, Info
from gateway.api.marks import BY_DRIVER, entry, part, resolved, shape
from gateway.api.paging import Connection, connection, page_request
from gateway.api.ports import records
from gateway.api.ports.records import Audience
from gateway.api.problems import InvalidInput, NotFound, StateConflict
from gateway.api.scalars import LocalTime
from gateway.api.types.money import Money, MoneyInput
from gateway.api.types.node import Node
from gateway.api.types.orders import Location
from gateway.api.types.places import Position
from gateway.api.types.routes import Route
from gateway.api.types.vehicles import MOST_SKILLS, Vehicle, VehicleInput
from gateway.flow.tracking.silent import place_if_silent

DriverRef = Annotated["Driver", strawberry.lazy("gateway.api.types.drivers")]

MOST_TERRITORIES, MOST_BREAKS = 200, 5

_SKILLS = (
    "What driver and van can do: handover requirements and traits of goods such as COLD_CHAIN, TWO_PERSON or "
    "HAZARDOUS, and words of your own. What no driver is said to have is asked of nobody."
)
_TERRITORIES = "Postcodes, or what they begin with, that are the driver's; empty for anywhere."
_ENDS = "Tours are over at the last door, not at the depot."
_OUTSIDE = "Of each stop outside of the territories; null where there may be none."
_KM, _HOUR = "Null for what the merchant's vans usually cost.", "From leaving to coming home; null as above."
_NOT_BEFORE = "delayRoute or dropDriver said that the driver cannot go on before; null where nobody did."
_RELOADS = "How often the van may come back to the depot for more on one tour."


@shape(to=BY_DRIVER)
class DriverBreak:
    """A rest on each shift."""

    earliest: LocalTime = part("It begins between these, in the depot's time zone.")
    latest: LocalTime
    duration_seconds: int


@shape()
class TourLimits:
    """How much one tour may be; null where only the shift counts."""

    max_stops: int | None
    max_distance_meters: int | None
    max_duration_seconds: int | None
    overtime_seconds: int = part("How long after the shift the van may come home.")
    reloads: int = part(_RELOADS)

    @staticmethod
    def of(limits: ground.TourLimits) -> TourLimits:
        return TourLimits(
            max_stops=limits.max_stops,
            max_distance_meters=limits.max_distance_m,
            max_duration_seconds=limits.max_duration_s,
            overtime_seconds=limits.overtime_s,
            reloads=limits.reloads,
        )


@shape()
class TourCosts:
    """What a driver and the van cost."""

    cost_per_kilometer: Money | None = part(_KM)
    cost_per_hour: Money | None = part(_HOUR)
    fixed_cost: Money | None = part("Of leaving at all.")
    overtime_cost_per_hour: Money | None = part("On top of an hour's cost.")
    outside_cost: Money | None = part(_OUTSIDE)

    @staticmethod
    def of(costs: ground.TourCosts) -> TourCosts:
        return TourCosts(
            cost_per_kilometer=Money.maybe(costs.per_km),
            cost_per_hour=Money.maybe(costs.per_hour),
            fixed_cost=Money.maybe(costs.fixed),
            overtime_cost_per_hour=Money.maybe(costs.overtime_per_hour),
            outside_cost=Money.maybe(costs.outside),
        )


@shape(to=BY_DRIVER)
class Driver(Node):
    """A person who drives one of the merchant's vans."""

    name: str
    enabled: bool
    version: int
    vehicle: Vehicle
    shift_start: LocalTime = part("In the depot's time zone.")
    shift_end: LocalTime = part("One that is no later than shiftStart is of the next day.")
    weekdays: list[int] = part("1 for Monday to 7 for Sunday.", most=7)
    not_before: datetime | None = part(_NOT_BEFORE)
    skills: list[str] = part(_SKILLS, most=MOST_SKILLS, usual=2)
    territories: list[str] = part(_TERRITORIES, most=MOST_TERRITORIES, usual=2)
    breaks: list[DriverBreak] = part(most=MOST_BREAKS, usual=1)
    limits: TourLimits = part(to=())
    costs: TourCosts = part(to=())
    ends_anywhere: bool = part(_ENDS)
    kept: strawberry.Private[ground.Driver]

    @staticmethod
    def of(kept: ground.Driver) -> Driver:
        return Driver(
            id=strawberry.ID(kept.id),
            name=kept.name,
            enabled=kept.enabled,
            version=kept.version,
            vehicle=Vehicle.of(kept),
            shift_start=LocalTime(kept.shift_start),
            shift_end=LocalTime(kept.shift_end),
            weekdays=list(kept.weekdays),
            not_before=kept.held_until,
            skills=sorted(kept.skills)[:MOST_SKILLS],
            territories=list(kept.territories[:MOST_TERRITORIES]),
            breaks=[
                DriverBreak(
                    earliest=LocalTime(rest.earliest),
                    latest=LocalTime(rest.latest),
                    duration_seconds=rest.duration_s,
                )
                for rest in kept.breaks[:MOST_BREAKS]
            ],
            limits=TourLimits.of(kept.limits),
            costs=TourCosts.of(kept.costs),
            ends_anywhere=kept.ends_anywhere,
            kept=kept,
        )

    @resolved(to=())
    async def depot(self, info: Info) -> Location | None:
        """Where tours begin and end."""
        found = await info.context.loaders.location.load(self.kept.depot_id)
        return None if found is None else Location.of(found)

    @resolved()
    async def status(self, info: Info) -> DriverStatus:
        """What the driver is doing."""
        return await load_status(info.context, self.kept)

    @resolved()
    async def position(self, info: Info) -> Position | None:
        """Where the device said it was; where the van would be by its tour while the device is silent."""
        if not await may_see_vans(info.context):
            return None
        return await _position(info.context, self.kept)

    @resolved()
    async def current_route(self, info: Info) -> Route | None:
        """The one that is driven, else the next one published."""
        found = await info.context.loaders.current_route_of.load(self.kept.id)
        return None if found is None else Route.of(found)

    @resolved(to=())
    async def routes(self, info: Info, first: int = 10, after: str | None = None) -> Connection[Route]:
        """Tours of theirs, newest day first."""
        reads, page = info.context.reads, page_request(first, after, "routesOfDriver")
        which = records.RouteFilter(driver_ids=(self.kept.id,))
        found = await reads.find_routes(which, page)
        return connection(found, page, "routesOfDriver", Route.of, partial(reads.count_routes, which))


@shape()
class DriverPosition:
    """One driver now."""

    driver: DriverRef
    position: Position
    status: DriverStatus
    next_stop_id: strawberry.ID | None


@entry
class DriverFilter:
    """Fields are AND."""

    enabled: bool | None = None
    search: str | None = part("Part of a name.", default=None)


@entry
class DriverBreakInput:
    """A rest on each shift, beginning between two times of day."""

    earliest: LocalTime
    latest: LocalTime
    duration_seconds: int


@entry
class TourLimitsInput:
    """How much one tour may be; absent where only the shift counts."""

    max_stops: int | None = None
    max_distance_meters: int | None = None
    max_duration_seconds: int | None = None
    overtime_seconds: int = 0
    reloads: int = part(_RELOADS, default=0)


@entry
class TourCostsInput:
    """What a driver and the van cost, in the merchant's currency."""

    cost_per_kilometer: MoneyInput | None = part(_KM, default=None)
    cost_per_hour: MoneyInput | None = part(_HOUR, default=None)
    fixed_cost: MoneyInput | None = None
    overtime_cost_per_hour: MoneyInput | None = None
    outside_cost: MoneyInput | None = part(_OUTSIDE, default=None)


@entry
class SaveDriverInput:
    """A driver with the van, whole; without an id a new one."""

    id: strawberry.ID | None = None
    expected_version: int | None = part("The one that was read; needed with an id.", default=None)
    name: str
    enabled: bool = part("False leaves tours that have not left to others.", default=True)
    depot_id: strawberry.ID
    shift_start: LocalTime
    shift_end: LocalTime
    weekdays: list[int] | None = part("1 for Monday to 7 for Sunday; all where absent.", most=7, default=None)
    vehicle: VehicleInput
    skills: list[str] | None = part(_SKILLS, most=MOST_SKILLS, default=None)
    territories: list[str] | None = part(_TERRITORIES, most=MOST_TERRITORIES, default=None)
    breaks: list[DriverBreakInput] | None = part(most=MOST_BREAKS, default=None)
    limits: TourLimitsInput | None = None
    costs: TourCostsInput | None = None
    ends_anywhere: bool = part(_ENDS, default=False)


@shape()
class SaveDriverSuccess:
    """The driver as it is kept; the next plan goes by it."""

    driver: Driver


SaveDriverResult = Annotated[
    SaveDriverSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("SaveDriverResult", description="What saving a driver led to."),
]


async def load_status(context: Context, driver: ground.Driver) -> DriverStatus:
    """From the current route and the last fix."""
    route = await context.loaders.current_route_of.load(driver.id)
    state = await context.loaders.driver_state.load(driver.id)
    return fleet_view.driver_status(driver, route, state, context.clock.now())


async def may_see_vans(context: Context) -> bool:
    """Whether the caller may see where vans are: drivers always see their own."""
    if context.caller.audience is not Audience.SECRET:
        return True
    rules = (await context.loaders.merchant.load("")).visibility
    return rules.shows(TrackingAudience.DESK, TrackingField.LIVE_PLACE)


async def _position(context: Context, driver: ground.Driver) -> Position | None:
    """Where the van is, or would be; the age is that of the last word in both cases."""
    state = await context.loaders.driver_state.load(driver.id)
    if state is None:
        return None
    now, route = context.clock.now(), await context.loaders.current_route_of.load(driver.id)
    merchant = await context.loaders.merchant.load("")
    place = place_if_silent(state, route, merchant.watch, now)
    if place is None:
        return Position.of(state.position, now)
    return Position.of(replace(state.position, location=place), now, is_predicted=True)


async def load_position(context: Context, driver: ground.Driver) -> DriverPosition | None:
    """One driver now; None where the device has said nothing yet, or the desk may not see where vans are."""
    state = await context.loaders.driver_state.load(driver.id)
    position = await _position(context, driver) if await may_see_vans(context) else None
    if state is None or position is None:
        return None
    route = await context.loaders.current_route_of.load(driver.id)
    now: datetime = context.clock.now()
    stop = None if route is None else route.next_stop
    return DriverPosition(
        driver=Driver.of(driver),
        position=position,
        status=fleet_view.driver_status(driver, route, state, now),
        next_stop_id=None if stop is None else strawberry.ID(stop.id),
    )
