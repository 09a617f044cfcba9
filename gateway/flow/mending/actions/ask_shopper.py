"""ASK_SHOPPER: the shopper is asked what only they know: how the door is found, or what happens next."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.audit import Author
from doorstep.errors import StateConflict
from doorstep.failed_attempt import FailedAttempt
from doorstep.notice import NoticeEvent
from doorstep.thread import Participant
from gateway.flow.desk.wait import wait
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import done, possible
from gateway.flow.mending.actions.attempt import undecided
from gateway.flow.mending.actions.deed import Deed
from gateway.flow.mending.actions.kept import keep, once
from gateway.flow.mending.actions.seen import Seen, look
from gateway.flow.mending.actions.words import ask_of, worded
from gateway.flow.messaging.people.tell import note
from gateway.flow.messaging.people.templates import language_of
from gateway.flow.messaging.threads.write import is_open, write
from gateway.flow.ports import Means, UnitOfWork


class AskShopper(Deed):
    """See the module; a question is not taken back."""

    async def _look(self, scene: Scene, means: Means) -> Foresight:
        async with means.begin(scene.incident.merchant_id) as work:
            seen = await look(work, scene)
            attempt = await _to_choose(work, seen)
        if attempt is not None and not scene.template:
            until = _until(scene, seen)
            return possible(
                f"The shopper may choose until {until:%d %b %H:%M} UTC: {_offered(attempt, seen)}."
            )
        return possible(f"The shopper is asked on the tracking page: {_text(scene, seen)}")

    async def _act(self, scene: Scene, means: Means) -> Outcome:
        async with means.begin(scene.incident.merchant_id) as work:
            seen = await look(work, scene)
            attempt = await _to_choose(work, seen)
        if attempt is None or scene.template:
            return await _write(scene, means, seen)

        async def act(work: UnitOfWork) -> Outcome:
            return await _let_choose(work, scene, await look(work, scene, lock=True))

        return await once(means, scene, act)


async def _write(scene: Scene, means: Means, seen: Seen) -> Outcome:
    text, delivery = _text(scene, seen), seen.about
    desk, shopper = Participant.DESK, Participant.SHOPPER
    await write(means, delivery.merchant_id, delivery.id, desk, text, scene.step_id, to=shopper)
    async with means.begin(delivery.merchant_id) as work:
        current = await look(work, scene, lock=True)
        await _let_wait(work, scene, current, _until(scene, current))
        return await keep(work, scene, done(f"The shopper was asked: {text}"))


async def _let_choose(work: UnitOfWork, scene: Scene, seen: Seen) -> Outcome:
    """The shopper has time to choose from now on, and is told so once more."""
    attempt = await _to_choose(work, seen)
    if attempt is None:
        raise StateConflict("There is nothing left to choose.")
    until = _until(scene, seen)
    asked = replace(attempt, answer_by=until, version=attempt.version + 1)
    await work.returns.put_attempt(asked)
    work.announce("delivery", attempt.delivery_id)
    await note(work, seen.merchant, seen.about, NoticeEvent.ATTEMPT_FAILED, scene.step_id, scene.now)
    await _let_wait(work, scene, seen, until)
    return done(f"The shopper may choose until {until:%d %b %H:%M} UTC: {_offered(attempt, seen)}.")


async def _let_wait(work: UnitOfWork, scene: Scene, seen: Seen, until: datetime) -> None:
    """Nobody at the desk has to answer before the shopper had their time."""
    await wait(work, seen.incident, Author(scene.by), "The shopper is asked.", until, scene.now)


async def _to_choose(work: UnitOfWork, seen: Seen) -> FailedAttempt | None:
    """The failed attempt that the shopper may say something about; None where there is none."""
    attempt = await undecided(work, seen)
    return attempt if attempt is not None and _offered(attempt, seen) else None


def _offered(attempt: FailedAttempt, seen: Seen) -> str:
    theirs = [one for one in attempt.choices if one in seen.merchant.attempts.shopper_may]
    return ", ".join(one.replace("_", " ").lower() for one in theirs)


def _until(scene: Scene, seen: Seen) -> datetime:
    return scene.now + timedelta(seconds=seen.merchant.attempts.answer_s)


def _text(scene: Scene, seen: Seen) -> str:
    """The template's words, else what is usual for the kind; raises `StateConflict` where nobody reads it."""
    if not is_open(seen.about, scene.now):
        raise StateConflict("The delivery has been over for days; ask the shopper by other means.")
    if scene.template:
        return scene.template
    ask = ask_of(seen.incident.kind)
    if ask is None:
        raise StateConflict("There is nothing about it that a shopper could know.")
    return worded(ask, language_of(seen.merchant, seen.about))
