"""Promises: another time is promised, told, and promised back; the carrier is measured by the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from doorstep.delivery import Delivery
from doorstep.errors import StateConflict
from doorstep.notice import NoticeEvent
from doorstep.window import Promise, PromiseBasis, Window
from gateway.flow.learning.eta_asked import with_eta
from gateway.flow.mending.action import Outcome, Scene
from gateway.flow.mending.actions.answers import done, undone
from gateway.flow.mending.actions.seen import Seen, look
from gateway.flow.messaging.people.tell import note, unsay, way_to
from gateway.flow.ports import UnitOfWork
from gateway.flow.returning.slots import promise_again


async def is_heard(work: UnitOfWork, seen: Seen) -> bool:
    """Whether the shopper can be told of another time."""
    wants = NoticeEvent.RESCHEDULED in seen.merchant.notices.events
    return wants and await way_to(work, seen.merchant, seen.about) is not None


async def promise_instead(work: UnitOfWork, scene: Scene, seen: Seen, window: Window) -> Outcome:
    """Promise another window for a delivery that was locked, and tell the shopper."""
    delivery, before = seen.about, seen.about.promise
    if before is None:
        raise StateConflict("Nothing was promised.")
    promise = await promise_again(work, delivery, window)
    told = replace(delivery, promise=promise, promised_first=delivery.promised_first or before)
    kept = await _put(work, told, scene.now)
    notice = await note(work, seen.merchant, kept, NoticeEvent.RESCHEDULED, scene.step_id, scene.now)
    who = f"the shopper {who_hears(told=notice is not None)}"
    text = f"Promised {in_words(window)} instead of {in_words(before.window)}; {who}."
    return done(text, undo=_undo(before, window))


async def promise_back(work: UnitOfWork, scene: Scene, undo: Mapping[str, str]) -> Outcome:
    """Promise again what was promised before; raises `StateConflict` where something else is by now."""
    seen = await look(work, scene, lock=True)
    delivery, promise = seen.on_its_way, seen.on_its_way.promise
    if promise is None or promise.window != _window(undo, "told"):
        raise StateConflict("Another time was promised since.")
    window = _window(undo, "before")
    await promise_again(work, delivery, window)
    confidence = float(undo["confidence"]) if undo["confidence"] else None
    before = Promise(window, promise.time_zone, PromiseBasis(undo["basis"]), confidence)
    first = delivery.promised_first
    is_first = first is not None and first.window == window
    kept = await _put(
        work, replace(delivery, promise=before, promised_first=None if is_first else first), scene.now
    )
    # Who has read the other time reads the old one again; who has not reads neither.
    if await unsay(work, delivery.id, scene.step_id, "The old time was promised again.") is False:
        occasion = f"{scene.step_id} undone"
        await note(work, seen.merchant, kept, NoticeEvent.RESCHEDULED, occasion, scene.now)
    return undone(f"Promised {in_words(window)} as before.")


def in_words(window: Window) -> str:
    """A window for dispatchers."""
    return f"{window.start:%d %b %H:%M} to {window.end:%H:%M} UTC"


def who_hears(*, told: bool) -> str:
    """How the shopper comes to know."""
    return "is told" if told else "sees it on the tracking page alone"


async def _put(work: UnitOfWork, delivery: Delivery, now: datetime) -> Delivery:
    risked = with_eta(delivery, delivery.eta) if delivery.eta is not None else delivery
    kept = replace(risked, updated_at=now, version=delivery.version + 1)
    await work.deliveries.put(kept)
    work.announce("delivery", delivery.id)
    return kept


def _undo(before: Promise, told: Window) -> Mapping[str, str]:
    return {
        "before_start": before.window.start.isoformat(),
        "before_end": before.window.end.isoformat(),
        "basis": before.basis,
        "confidence": "" if before.confidence is None else str(before.confidence),
        "told_start": told.start.isoformat(),
        "told_end": told.end.isoformat(),
    }


def _window(undo: Mapping[str, str], name: str) -> Window:
    return Window(datetime.fromisoformat(undo[f"{name}_start"]), datetime.fromisoformat(undo[f"{name}_end"]))
