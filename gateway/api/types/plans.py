"""Plans: runs of the planner, what they left out, and two of them side by side."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry

from doorstep import route as ground
from doorstep import route_solution as solved
from doorstep.money import Money as GroundMoney
from doorstep.route import PlanScope, RoutePlanStatus
from gateway.api.context import Info
from gateway.api.marks import entry, part, resolved, shape
from gateway.api.paging import Connection, connection, page_request, slice_of
from gateway.api.problems import (
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    PlanInfeasible,
    RemoteRefused,
    StateConflict,
)
from gateway.api.types.modes import ModeChoice, ModeWave
from gateway.api.types.money import Money
from gateway.api.types.node import Node
from gateway.api.types.quotes import Emissions
from gateway.api.types.routes import Route, cost_of
from gateway.api.types.stops import MOST_VIOLATIONS, Violation
from gateway.api.types.unassigned import UnassignedDelivery

PlanRef = Annotated["RoutePlan", strawberry.lazy("gateway.api.types.plans")]
RouteRef = Annotated["Route", strawberry.lazy("gateway.api.types.routes")]

_STABILITY = "Keep what drivers were told, 0 free to 1 frozen; the merchant's own where absent."
_CHOOSE = (
    "First compare own vans, couriers and parcel carriers for all that waits today; tours are planned of "
    "what the vans are to bring. RoutePlan.choices says why. Whom that chooses is booked when the plan is "
    "published; where it is called off nobody is. With publish: true all is booked before tours are planned."
)
_ON_TIME = "Share of the stops that are planned to begin within their windows, 0 to 1; null without any."
_EMISSIONS = "Of all tours by the kinds of their vehicles; null where it is not known of one of them."
_LIMIT = "How long the planner may think, 1 to 600."


@shape()
class PlanProgress:
    """How far the planner is; the best plan so far counts."""

    fraction: float = part("0 to 1.")
    elapsed_seconds: float
    remaining_seconds: float | None = part("At most; null once it is over.")
    assigned: int
    unassigned: int
    best_cost: Money | None = part("It rises only with what is assigned.")

    @staticmethod
    def of(plan: ground.RoutePlan) -> PlanProgress:
        progress = plan.progress
        left = max(0.0, plan.time_limit_s - progress.elapsed_s) if plan.is_under_way else None
        return PlanProgress(
            fraction=progress.fraction,
            elapsed_seconds=progress.elapsed_s,
            remaining_seconds=left,
            assigned=progress.assigned,
            unassigned=progress.unassigned,
            best_cost=cost_of(progress.best_cost_minor, plan.currency),
        )


@shape()
class PlanSummary:
    """A plan in numbers."""

    cost: Money
    distance_meters: int
    driving_seconds: int
    stops: int
    late_stops: int = part("Planned to begin after their windows.")
    vehicles_used: int
    moved_deliveries: int = part("That had been told another driver.")
    on_time_rate: float | None = part(_ON_TIME)
    emissions: Emissions | None = part(_EMISSIONS)
    violations: list[Violation] = part("Rules that it breaks as far as they may be.", most=50, usual=2)

    @staticmethod
    def maybe(plan: ground.RoutePlan) -> PlanSummary | None:
        kept = plan.summary
        if kept is None:
            return None
        return PlanSummary(
            cost=Money.of(GroundMoney(kept.cost_minor, plan.currency)),
            distance_meters=kept.distance_m,
            driving_seconds=kept.driving_s,
            stops=kept.stops,
            late_stops=kept.late_stops,
            vehicles_used=kept.vans,
            moved_deliveries=kept.moved,
            on_time_rate=None if kept.on_time_rate is None else round(kept.on_time_rate, 4),
            emissions=Emissions.maybe(kept.co2e_g),
            violations=[Violation.of(one) for one in kept.soft[:MOST_VIOLATIONS]],
        )


@shape()
class RoutePlan(Node):
    """One run of the planner over a day or a wave."""

    date: dt.date
    status: RoutePlanStatus
    version: int
    scope: PlanScope
    stability: float = part("How far it keeps what drivers were told, 0 to 1.")
    progress: PlanProgress
    summary: PlanSummary | None = part("Null until it is solved.")
    time_limit_seconds: float
    cost: Money | None = part("Driving, time and fixed costs.")
    method: str | None = part("How it was solved and why so.")
    problem: str | None = part("Why it failed.")
    created_at: datetime
    published_at: datetime | None
    kept: strawberry.Private[ground.RoutePlan]

    @staticmethod
    def of(kept: ground.RoutePlan) -> RoutePlan:
        return RoutePlan(
            id=strawberry.ID(kept.id),
            date=dt.date.fromisoformat(kept.date),
            status=kept.status,
            version=kept.version,
            scope=kept.scope,
            stability=kept.stability,
            progress=PlanProgress.of(kept),
            summary=PlanSummary.maybe(kept),
            time_limit_seconds=kept.time_limit_s,
            cost=cost_of(kept.cost_minor, kept.currency),
            method=kept.method or None,
            problem=kept.problem or None,
            created_at=kept.created_at,
            published_at=kept.published_at,
            kept=kept,
        )

    @resolved()
    async def routes(self, info: Info, first: int = 50, after: str | None = None) -> Connection[RouteRef]:
        """The tours it made; PLANNED until it is published."""
        found = await info.context.loaders.routes_of_plan.load(self.kept.id)
        return slice_of(found, first, after, "routesOfPlan", Route.of)

    @resolved()
    def unassigned(self, first: int = 50, after: str | None = None) -> Connection[UnassignedDelivery]:
        """What found no place."""

        def show(visit: solved.UnassignedVisit) -> UnassignedDelivery:
            return UnassignedDelivery.of(visit, self.kept)

        return slice_of(self.kept.unassigned, first, after, "unassigned", show)

    @resolved()
    async def wave(self, info: Info) -> ModeWave | None:
        """What was compared before it was planned, and why that failed if it did; null where nobody asked."""
        return ModeWave.maybe(await info.context.loaders.wave_of_plan.load(self.kept.id))

    @resolved()
    async def choices(self, info: Info, first: int = 50, after: str | None = None) -> Connection[ModeChoice]:
        """Own van, courier or parcel for each order that was compared before it was planned."""
        reads, page = info.context.reads, page_request(first, after, "choicesOfPlan")
        found = await reads.choices_for_plan(self.kept.id, page)
        counter = partial(reads.count_choices_for_plan, self.kept.id)
        return connection(found, page, "choicesOfPlan", ModeChoice.of, counter)

    @resolved()
    async def based_on(self, info: Info) -> PlanRef | None:
        """The plan that it started from; null where it started from what drivers were told."""
        id_ = self.kept.based_on_id
        found = await info.context.loaders.route_plan.load(id_) if id_ else None
        return None if found is None else RoutePlan.of(found)


@shape()
class PlanComparison:
    """Two plans side by side, as they were solved: what became of their tours since is not in it."""

    before: PlanSummary
    after: PlanSummary
    moved_deliveries: int = part("On tours of both plans, with other drivers.")
    added_deliveries: int = part("On a tour of the later plan alone.")
    dropped_deliveries: int = part("On a tour of the earlier plan alone.")
    text: str = part("The difference as a sentence.")


@entry
class RoutePlanFilter:
    """Values of one field are OR, fields are AND."""

    date: dt.date | None = None
    status: list[RoutePlanStatus] | None = part(most=7, default=None)
    location_ids: list[strawberry.ID] | None = part(
        "With a tour that begins at one of these places; of plans that are solved.", most=50, default=None
    )


@entry
class PlanRoutesInput:
    """Plan a day: all deliveries that are due and all drivers on duty, or only these."""

    idempotency_key: str
    date: dt.date
    delivery_ids: list[strawberry.ID] | None = part(most=2000, default=None)
    driver_ids: list[strawberry.ID] | None = part(most=500, default=None)
    stability: float | None = part(_STABILITY, default=None)
    based_on_plan_id: strawberry.ID | None = part(
        "Start from this plan of the same day; else from what drivers were told.", default=None
    )
    publish: bool = part("Tell drivers at once; else publishRoutePlan does.", default=False)
    choose_modes: bool = part(_CHOOSE, default=False)
    time_limit_seconds: int = part(_LIMIT, default=30)


@entry
class ReoptimizeRoutesInput:
    """Plan again what drivers were told: vans on the road keep what is on board, and go on where they are."""

    idempotency_key: str
    date: dt.date
    driver_ids: list[strawberry.ID] | None = part(
        "Whose tours; all of them where absent.", most=500, default=None
    )
    stability: float | None = part(_STABILITY, default=None)
    publish: bool = part("Tell drivers at once; else publishRoutePlan does.", default=True)
    time_limit_seconds: int = part(_LIMIT, default=10)


@entry
class CancelRoutePlanInput:
    """Call off a plan that drivers do not know of."""

    plan_id: strawberry.ID


@entry
class PublishRoutePlanInput:
    """Tell drivers a plan that is READY."""

    plan_id: strawberry.ID
    expected_version: int


@shape()
class PlanRoutesSuccess:
    """The planner was asked; follow routePlanProgress."""

    plan: RoutePlan


@shape()
class ReoptimizeRoutesSuccess:
    """The planner was asked; follow routePlanProgress."""

    plan: RoutePlan


@shape()
class CancelRoutePlanSuccess:
    """Nobody works on it any more."""

    plan: RoutePlan


@shape()
class PublishRoutePlanSuccess:
    """Drivers see it from here on."""

    plan: RoutePlan


PlanRoutesResult = Annotated[
    PlanRoutesSuccess | InvalidInput | NotFound | IdempotencyConflict,
    strawberry.union("PlanRoutesResult", description="What asking for routes led to."),
]
ReoptimizeRoutesResult = Annotated[
    ReoptimizeRoutesSuccess | InvalidInput | NotFound | IdempotencyConflict,
    strawberry.union("ReoptimizeRoutesResult", description="What asking for better routes led to."),
]
CancelRoutePlanResult = Annotated[
    CancelRoutePlanSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("CancelRoutePlanResult", description="What calling a plan off led to."),
]
PublishRoutePlanResult = Annotated[
    PublishRoutePlanSuccess | InvalidInput | NotFound | StateConflict | PlanInfeasible | RemoteRefused,
    strawberry.union("PublishRoutePlanResult", description="What publishing a plan led to."),
]
