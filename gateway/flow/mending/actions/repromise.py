"""REPROMISE: the shopper is promised the time at which it is expected now, and told of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from doorstep.errors import StateConflict
from doorstep.eta import Eta
from doorstep.window import Window
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import possible
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
from gateway.flow.ports import Means, UnitOfWork

_ROUND = timedelta(minutes=5)
"""Nobody is promised 14:07."""


class Repromise(Deed):
    """See the module; the old time can be promised again, and who was told of the new one is told so."""

    async def _look(self, scene: Scene, means: Means) -> Foresight:
        async with means.begin(scene.incident.merchant_id) as work:
            seen = await look(work, scene)
            window, eta = _expected(scene, seen)
            told = await is_heard(work, seen)
        effect = f"The shopper is promised {in_words(window)} instead and {who_hears(told=told)}."
        return possible(effect, new_eta=eta.at, can_undo=True)

    async def _act(self, scene: Scene, means: Means) -> Outcome:
        async def act(work: UnitOfWork) -> Outcome:
            seen = await look(work, scene, lock=True)
            return await promise_instead(work, scene, seen, _expected(scene, seen)[0])

        return await once(means, scene, act)

    async def _take_back(self, scene: Scene, undo: Mapping[str, str], means: Means) -> Outcome:
        async def act(work: UnitOfWork) -> Outcome:
            return await promise_back(work, scene, undo)

        return await undo_once(means, scene, act)


def _expected(scene: Scene, seen: Seen) -> tuple[Window, Eta]:
    """When it will be there; raises `StateConflict` where that is not later than what was promised."""
    promise, eta = seen.on_its_way.promise, seen.on_its_way.eta
    if promise is None:
        raise StateConflict("Nothing was promised.")
    if eta is None or eta.interval.end <= seen.now:
        raise StateConflict("Nobody knows when it will be there, so that nothing can be promised.")
    if eta.interval.end <= promise.window.end:
        raise StateConflict("It is expected within the time that was promised.")
    if scene.is_by_machine and seen.about.promised_first is not None:
        # Time and again another time is worse than none: what is late once more is a person's.
        raise StateConflict("Another time was promised once already; a person may do so again.")
    start, end = _rounded(eta.interval.start, up=False), _rounded(eta.interval.end, up=True)
    return Window(max(start, promise.window.start), end), eta


def _rounded(instant: datetime, *, up: bool) -> datetime:
    over = timedelta(seconds=instant.timestamp() % _ROUND.total_seconds())
    whole = instant - over
    return whole + _ROUND if up and over else whole
