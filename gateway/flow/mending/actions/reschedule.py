"""RESCHEDULE: it comes another day: what nobody took in, or what lies at the depot for an own van."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from doorstep.errors import StateConflict
from doorstep.failed_attempt import AttemptChoice, AttemptState, FailedAttempt
from doorstep.window import Window
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import done, possible, undone
from gateway.flow.mending.actions.attempt import open_to
from gateway.flow.mending.actions.deed import Deed
from gateway.flow.mending.actions.kept import once, undo_once
from gateway.flow.mending.actions.promises import (
    in_words,
    is_heard,
    promise_back,
    promise_instead,
    who_hears,
)
from gateway.flow.mending.actions.seen import Seen, look
from gateway.flow.messaging.people.tell import unsay
from gateway.flow.planning.parts.visits import waits_for_van
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.returning.deciding import Decision, decide_within, take_back_decision

_DAY = timedelta(days=1)


class Reschedule(Deed):
    """See the module; it can be taken back until somebody goes for it or the shopper has read of it."""

    async def _look(self, scene: Scene, means: Means) -> Foresight:
        async with means.begin(scene.incident.merchant_id) as work:
            seen = await look(work, scene)
            attempt = await open_to(work, seen, AttemptChoice.TRY_AGAIN)
            window = _another_day(seen)
            if attempt is None:
                _require_at_depot(seen)
            told = await is_heard(work, seen)
        effect = f"It comes {in_words(window)}; the shopper {who_hears(told=told)}."
        return possible(effect, new_eta=window.end, can_undo=True)

    async def _act(self, scene: Scene, means: Means) -> Outcome:
        async def act(work: UnitOfWork) -> Outcome:
            seen = await look(work, scene, lock=True)
            attempt = await open_to(work, seen, AttemptChoice.TRY_AGAIN)
            window = _another_day(seen)
            if attempt is None:
                _require_at_depot(seen)
                return await promise_instead(work, scene, seen, window)
            wish = Decision(AttemptChoice.TRY_AGAIN, scene.by, window=window)
            decided = await decide_within(work, means, attempt.id, wish)
            return done(f"It is tried again, {in_words(window)}.", undo=_undo(attempt, decided))

        return await once(means, scene, act)

    async def _take_back(self, scene: Scene, undo: Mapping[str, str], means: Means) -> Outcome:
        async def act(work: UnitOfWork) -> Outcome:
            attempt_id = undo.get("attempt")
            if attempt_id is None:
                return await promise_back(work, scene, undo)
            answer_by = datetime.fromisoformat(undo["answer_by"]) if undo["answer_by"] else None
            decided_at, state = datetime.fromisoformat(undo["decided_at"]), AttemptState(undo["state"])
            await take_back_decision(work, attempt_id, decided_at, state, answer_by)
            found = await work.returns.attempt(attempt_id)
            delivery_id = found.delivery_id if found is not None else ""
            if await unsay(work, delivery_id, attempt_id, "It is not tried again that day.") is False:
                raise StateConflict("The shopper has been told already.")
            return undone("It is open again what follows.")

        return await undo_once(means, scene, act)


def _another_day(seen: Seen) -> Window:
    """The hours that were promised, on the first day after today on which they are still to come."""
    promise = seen.about.promise
    if promise is None:
        raise StateConflict("Nothing was promised, so that there are no hours to keep on another day.")
    window = promise.window
    days = max(1, -(-(seen.now - window.start) // _DAY)) * _DAY
    return Window(window.start + days, window.end + days)


def _require_at_depot(seen: Seen) -> None:
    """Raises `StateConflict` unless own vans can bring it another day without anybody noticing."""
    delivery = seen.on_its_way
    if not waits_for_van(delivery):
        raise StateConflict("Only what an own van brings, or what nobody took in, can come another day.")
    if delivery.driver_id is not None:
        raise StateConflict("It is on a driver's tour; take it off first.")


def _undo(before: FailedAttempt, decided: FailedAttempt) -> Mapping[str, str]:
    return {
        "attempt": before.id,
        "state": before.state,
        "answer_by": before.answer_by.isoformat() if before.answer_by is not None else "",
        "decided_at": decided.decided_at.isoformat() if decided.decided_at is not None else "",
    }
