"""Changes of tours by hand: what a move would do, moving, and giving a tour to another driver."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from doorstep.money import Money as GroundMoney
from gateway.api.marks import entry, part, shape
from gateway.api.problems import InvalidInput, NotFound, PlanInfeasible, RemoteRefused, StateConflict
from gateway.api.types.money import Money
from gateway.api.types.routes import Route
from gateway.api.types.stops import MOST_VIOLATIONS, Stop, Violation
from gateway.flow.planning.changes import move as flow

MOST_CHANGED = 600


@shape()
class ChangedStop:
    """A stop whose arrival moves."""

    stop: Stop
    arrival_before: datetime | None = part("Null where it is new to its tour.")
    arrival_after: datetime


@shape()
class StopMovePreview:
    """What a move would do; nothing is changed."""

    is_feasible: bool = part("No hard rule is broken by it.")
    violations: list[Violation] = part("That it causes.", most=MOST_VIOLATIONS, usual=2)
    cost_difference: Money
    distance_meters_difference: int
    late_stops_difference: int
    changed_stops: list[ChangedStop] = part(most=MOST_CHANGED, usual=20)

    @staticmethod
    def of(preview: flow.MovePreview) -> StopMovePreview:
        return StopMovePreview(
            is_feasible=preview.is_feasible,
            violations=[Violation.of(one, *preview.tours) for one in preview.violations[:MOST_VIOLATIONS]],
            cost_difference=Money.of(GroundMoney(preview.cost_minor, preview.currency)),
            distance_meters_difference=preview.distance_m,
            late_stops_difference=preview.late_stops,
            changed_stops=[
                ChangedStop(
                    stop=Stop.of(one.stop, one.route),
                    arrival_before=one.arrival_before,
                    arrival_after=one.arrival_after,
                )
                for one in preview.changed[:MOST_CHANGED]
            ],
        )


@entry
class StopPlacementInput:
    """Where a stop is to go."""

    stop_id: strawberry.ID
    route_id: strawberry.ID
    sequence: int | None = part(
        "Among the stops of the route without it, 1 is first; absent: the cheapest place.", default=None
    )


@entry
class MoveStopInput:
    """Move a stop to another place of its tour, or to another tour."""

    placement: StopPlacementInput
    expected_route_version: int = part("Of the tour that it goes to.")
    accept_violations: bool = part("Also where soft rules are broken that the preview showed.", default=False)
    lock: bool = part("No plan gives it to another driver afterwards.", default=False)


@entry
class AssignRouteInput:
    """Give a tour that has not left to another driver."""

    route_id: strawberry.ID
    driver_id: strawberry.ID
    expected_version: int
    accept_violations: bool = part(
        "Also where soft rules are broken, and with stops that were to stay with their driver.", default=False
    )


@shape()
class MoveStopSuccess:
    """The tours that it touched, its new one first; those that leave later for it come last."""

    routes: list[Route] = part(most=10, usual=2)


@shape()
class AssignRouteSuccess:
    """The tour with its driver."""

    route: Route


MoveStopResult = Annotated[
    MoveStopSuccess | InvalidInput | NotFound | StateConflict | PlanInfeasible | RemoteRefused,
    strawberry.union("MoveStopResult", description="What moving a stop led to."),
]
AssignRouteResult = Annotated[
    AssignRouteSuccess | InvalidInput | NotFound | StateConflict | PlanInfeasible | RemoteRefused,
    strawberry.union("AssignRouteResult", description="What giving a tour to another driver led to."),
]
