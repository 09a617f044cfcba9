"""Tell: what is written reaches the driver's page and the desk's at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.audit import Actor, Author
from doorstep.delivery import Delivery
from doorstep.incident import IncidentKind, Severity
from doorstep.thread import Participant, ThreadMessage
from gateway.flow.desk.escalate import escalate
from gateway.flow.messaging.threads.masking import masked
from gateway.flow.ports import UnitOfWork
from gateway.flow.watching.incidents import Alarm, keep, locked, raise_incident

LONGEST_LINE = 200
"""Characters of a driver's words in the history of an exception; the thread has all of them."""


async def call_for_help(work: UnitOfWork, delivery: Delivery, now: datetime) -> None:
    """A driver is in need: an exception of its own is CRITICAL at once, and operators are told each time.

    None of a machine's: that would be over as soon as the van moves, whoever moves it.
    """
    raised = await raise_incident(work, await _alarm(work, delivery), now)
    incident = await locked(work, raised.id)
    if incident is not None:
        worse = None if incident.severity is Severity.CRITICAL else Severity.CRITICAL
        note = "The driver asks for help."
        await escalate(work, incident, Author(Actor.DRIVER), note, now, severity=worse)


async def tell_live(work: UnitOfWork, delivery: Delivery, message: ThreadMessage, now: datetime) -> None:
    """Tell whoever watches the delivery, the tour that it is on, or what is wrong with either."""
    work.announce("delivery", delivery.id)
    if message.is_for(Participant.DRIVER):
        await _tell_driver(work, delivery)
    if message.sender is not Participant.DESK:
        # They show the thread.
        for seen in await work.incidents.live_of(delivery.id):
            work.announce("exception", seen.id)
    if message.sender is Participant.DRIVER and message.to is Participant.DESK:
        await _answer(work, delivery, message, now)


async def _tell_driver(work: UnitOfWork, delivery: Delivery) -> None:
    """A driver watches tours, not deliveries: the one with this door has something unread."""
    tour = await work.routes.of_driver(delivery.driver_id) if delivery.driver_id is not None else None
    if tour is not None:
        work.announce("route", tour.id)


async def _answer(work: UnitOfWork, delivery: Delivery, message: ThreadMessage, now: datetime) -> None:
    """What is wrong with a van is about no delivery and shows no thread: the answer stands in its history."""
    if delivery.driver_id is None:
        return
    for seen in sorted(await work.incidents.live_of(delivery.driver_id), key=lambda one: one.id):
        incident = await locked(work, seen.id)
        if incident is not None and incident.is_live:
            line = Author(Actor.DRIVER).entry(
                now, f"The driver writes: {masked(message.body)[:LONGEST_LINE]}"
            )
            history = (*incident.history, line)
            await keep(work, replace(incident, history=history, version=incident.version + 1))


async def _alarm(work: UnitOfWork, delivery: Delivery) -> Alarm:
    driver = await work.fleet.driver(delivery.driver_id) if delivery.driver_id is not None else None
    name = driver.vehicle_name if driver is not None and driver.vehicle_name else "A van"
    return Alarm(
        IncidentKind.OTHER,
        f"{name}: the driver asks for help",
        f"Said in the messages about {delivery.reference}.",
        delivery_id=None if delivery.driver_id is not None else delivery.id,
        driver_id=delivery.driver_id,
    )
