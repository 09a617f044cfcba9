"""NOTIFY_SHOPPER: the shopper is told what is wrong, by the merchant's notices or on the tracking page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from doorstep.delivery import Delivery
from doorstep.errors import StateConflict
from doorstep.incident import IncidentKind as Kind
from doorstep.notice import NoticeEvent
from doorstep.thread import Participant
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import done, possible, undone
from gateway.flow.mending.actions.deed import Deed
from gateway.flow.mending.actions.kept import keep, once, undo_once
from gateway.flow.mending.actions.seen import Seen, look
from gateway.flow.mending.actions.words import Ask, worded
from gateway.flow.messaging.people.tell import note, unsay, way_to
from gateway.flow.messaging.people.templates import language_of
from gateway.flow.messaging.threads.write import is_open, write
from gateway.flow.ports import Means, UnitOfWork

_LATE = (
    Kind.LATE_RISK,
    Kind.ETA_PAST_PROMISE,
    Kind.NO_COURIER,
    Kind.COURIER_CANCELLED,
    Kind.MISSED_PICKUP,
    Kind.MERCHANT_NOT_READY,
    Kind.STALLED,
    Kind.WEATHER,
    Kind.CUSTOMS,
)
_AT_THE_DOOR = (
    Kind.RECIPIENT_UNAVAILABLE,
    Kind.SECOND_FAILED_ATTEMPT,
    Kind.REFUSED,
    Kind.ACCESS_PROBLEM,
    Kind.VERIFICATION_FAILED,
)
_EVENTS: Mapping[Kind, NoticeEvent] = {
    **dict.fromkeys(_LATE, NoticeEvent.DELAYED),
    **dict.fromkeys(_AT_THE_DOOR, NoticeEvent.ATTEMPT_FAILED),
}
"""What there is a notice for; about anything else the desk writes."""


@dataclass(frozen=True, slots=True)
class _Word:
    """What is said: a notice of a kind, or words."""

    event: NoticeEvent
    text: str = ""


class NotifyShopper(Deed):
    """See the module; a notice can be taken back until it goes out."""

    async def _look(self, scene: Scene, means: Means) -> Foresight:
        async with means.begin(scene.incident.merchant_id) as work:
            seen = await look(work, scene)
            word = _word(scene, seen)
            _require_open(seen.about, word, scene)
            way = await way_to(work, seen.merchant, seen.about)
            has_way = way is not None and word.event in seen.merchant.notices.events
        if word.text:
            more = f", and by {way[0].lower()}" if has_way and way is not None else ""
            return possible(f"The shopper reads on the tracking page{more}: {word.text}")
        if not has_way or way is None:
            raise StateConflict(_no_way(word.event))
        what = word.event.replace("_", " ").lower()
        return possible(f"The shopper is told by {way[0].lower()}: {what}.", can_undo=True)

    async def _act(self, scene: Scene, means: Means) -> Outcome:
        async with means.begin(scene.incident.merchant_id) as work:
            seen = await look(work, scene)
        word = _word(scene, seen)
        _require_open(seen.about, word, scene)
        if word.text:
            return await _write(scene, means, seen.about, word.text)

        async def act(work: UnitOfWork) -> Outcome:
            return await _note(work, scene, seen, word.event)

        return await once(means, scene, act)

    async def _take_back(self, scene: Scene, undo: Mapping[str, str], means: Means) -> Outcome:
        async def act(work: UnitOfWork) -> Outcome:
            delivery = (await look(work, scene, lock=True)).about
            if not await unsay(work, delivery.id, undo["occasion"], "Somebody took it back."):
                raise StateConflict("It has gone out already.")
            return undone("The shopper is not told.")

        return await undo_once(means, scene, act)


async def _note(work: UnitOfWork, scene: Scene, seen: Seen, event: NoticeEvent) -> Outcome:
    if event not in seen.merchant.notices.events or await way_to(work, seen.merchant, seen.about) is None:
        raise StateConflict(_no_way(event))
    occasion = _occasion(scene, seen.about, event)
    notice = await note(work, seen.merchant, seen.about, event, occasion, scene.now)
    if notice is None:
        raise StateConflict("The shopper was told of it already.")
    what = event.replace("_", " ").lower()
    return done(f"The shopper is told by {notice.channel.lower()}: {what}.", undo={"occasion": occasion})


async def _write(scene: Scene, means: Means, delivery: Delivery, text: str) -> Outcome:
    desk = Participant.DESK
    await write(means, delivery.merchant_id, delivery.id, desk, text, scene.step_id, to=Participant.SHOPPER)
    async with means.begin(delivery.merchant_id) as work:
        return await keep(work, scene, done(f"Written to the shopper: {text}"))


def _word(scene: Scene, seen: Seen) -> _Word:
    """What the template says, else what is usual for the kind."""
    named = (scene.template or "").strip()
    if named in NoticeEvent.__members__ and named != NoticeEvent.MESSAGE:
        return _Word(NoticeEvent(named))
    if named:
        return _Word(NoticeEvent.MESSAGE, named)
    event = _EVENTS.get(seen.incident.kind)
    if event is not None:
        return _Word(event)
    return _Word(NoticeEvent.MESSAGE, worded(Ask.TROUBLE, language_of(seen.merchant, seen.about)))


def _require_open(delivery: Delivery, word: _Word, scene: Scene) -> None:
    """Raises `StateConflict` where nobody is told any more."""
    if word.text and not is_open(delivery, scene.now):
        raise StateConflict("The delivery has been over for days; write to the shopper by other means.")
    if not word.text and delivery.is_over:
        raise StateConflict("The delivery is over.")


def _occasion(scene: Scene, delivery: Delivery, event: NoticeEvent) -> str:
    """Of a delay the time that was promised: whoever else tells of it names the same, and it is told once."""
    if event is NoticeEvent.DELAYED:
        return delivery.promise.window.end.isoformat() if delivery.promise is not None else ""
    return scene.step_id


def _no_way(event: NoticeEvent) -> str:
    what = event.replace("_", " ").lower()
    return f"The merchant has no way to tell the shopper ({what}): see the rules about notices."
