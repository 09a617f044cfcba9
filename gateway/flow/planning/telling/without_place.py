"""Without a place: what drivers were told and no tour has any more is shown to people until one has it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from doorstep.delivery import Delivery, DeliveryFlag
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.route_solution import UnassignedVisit
from gateway.flow.planning.parts.told import doors_ahead
from gateway.flow.planning.parts.visits import waits_for_van
from gateway.flow.ports import UnitOfWork
from gateway.flow.watching.incidents import Alarm, raise_incident, settle


async def show_left_out(
    work: UnitOfWork, unassigned: Iterable[UnassignedVisit], left: Collection[str], now: datetime
) -> None:
    """Show what a plan leaves out, with its reasons, as far as a driver had been told of it.

    What no driver was ever told waits for the next plan, and is handed on when it is due.

    Parameters
    ----------
    left
        Ids of what lies at the depot and is on no tour.
    """
    reasons = {visit.visit_id: _in_words(visit) for visit in unassigned if visit.visit_id in left}
    await _show(work, reasons, now)


async def show_unplanned(work: UnitOfWork, delivery_ids: Collection[str], why: str, now: datetime) -> None:
    """The same where no plan has come about that could have found them a place."""
    on_tours = {stop.delivery_id for route in await work.routes.unfinished() for stop in doors_ahead(route)}
    await _show(work, {id_: why for id_ in delivery_ids if id_ not in on_tours}, now)


async def settle_placed(work: UnitOfWork, delivery: Delivery, now: datetime) -> None:
    """A driver has it: nobody need look any more."""
    if DeliveryFlag.EXCEPTION_OPEN in delivery.flags:
        await settle(work, delivery.id, {IncidentKind.NO_COURIER}, "It is on a van's route again.", now)


async def _show(work: UnitOfWork, reasons: Mapping[str, str], now: datetime) -> None:
    for id_, delivery in (await work.deliveries.several(sorted(reasons), lock=True)).items():
        is_left = waits_for_van(delivery) and delivery.driver_id is None
        if is_left and await _was_told(work, delivery):
            leg = delivery.active_leg
            alarm = Alarm(
                IncidentKind.NO_COURIER,
                title=f"{delivery.reference}: no van can take it any more",
                evidence=reasons[id_],
                delivery_id=id_,
                leg_id=leg.id if leg is not None else None,
            )
            await raise_incident(work, alarm, now)


async def _was_told(work: UnitOfWork, delivery: Delivery) -> bool:
    """Whether it was with a driver of the vans that it is booked for."""
    leg = delivery.active_leg
    events = await work.deliveries.events(delivery.id)
    return any(
        event.status is DeliveryStatus.COURIER_ASSIGNED and leg is not None and event.leg_id == leg.id
        for event in events
    )


def _in_words(visit: UnassignedVisit) -> str:
    said = [reason.text for reason in visit.reasons] + [remedy.text for remedy in visit.remedies]
    return " ".join(said) or "No van can take it."
