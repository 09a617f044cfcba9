"""Unmended: where a plan that mends tours is not to be, people see what it was to help."""

from __future__ import annotations

from datetime import datetime

from doorstep.incident import IncidentKind, StepAction, StepStatus
from doorstep.route import PlanScope, RoutePlan
from gateway.flow.planning.days.waiting import MOST_VISITS
from gateway.flow.planning.parts.told import doors_ahead
from gateway.flow.planning.telling.without_place import show_unplanned
from gateway.flow.ports import UnitOfWork
from gateway.flow.watching.incidents import add_step

LATE = (IncidentKind.ETA_PAST_PROMISE, IncidentKind.LATE_RISK)
"""What mending the tours may help against."""


async def show_unmended(work: UnitOfWork, plan: RoutePlan, why: str, now: datetime) -> None:
    """Show what has no driver now, and write down for what comes late that the tours stay as they are.

    Of a plan that was to change no tour that drivers know of there is nothing to show.

    Parameters
    ----------
    why
        A sentence for a dispatcher.
    """
    if plan.scope is not PlanScope.RUNNING:
        return
    meant = plan.delivery_ids
    if not meant:  # its search never began, and it was about everything
        meant = tuple(one.id for one in await work.deliveries.unrouted(MOST_VISITS, without_driver=True))
    await show_unplanned(work, meant, why, now)
    await _tell_late(work, plan, why, now)


async def _tell_late(work: UnitOfWork, plan: RoutePlan, why: str, now: datetime) -> None:
    """Write it down with what is late on the tours that the plan was about."""
    on_tours = {stop.delivery_id for route in await work.routes.unfinished() for stop in doors_ahead(route)}
    meant = on_tours & set(plan.delivery_ids) if plan.delivery_ids else on_tours
    noticed = [one for one in await work.incidents.all_live(LATE) if one.delivery_id in meant]
    # In the order of the ids, as everybody locks many deliveries.
    await work.deliveries.several(sorted({one.delivery_id for one in noticed if one.delivery_id}), lock=True)
    for one in noticed:
        incident = await work.incidents.get(one.id, lock=True)
        if incident is not None and incident.is_live:
            text = f"{why} The tours stay as they are."
            await add_step(work, incident, StepAction.REROUTE, StepStatus.SKIPPED, text, now)
