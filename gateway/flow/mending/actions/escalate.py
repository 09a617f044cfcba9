"""ESCALATE: it becomes worse and is due anew, and operators hear of it."""

from __future__ import annotations

from doorstep.audit import Author
from doorstep.errors import StateConflict
from gateway.flow.desk.escalate import escalate
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import done, possible
from gateway.flow.mending.actions.deed import Deed
from gateway.flow.mending.actions.kept import once
from gateway.flow.mending.actions.seen import Seen, look
from gateway.flow.ports import Means, UnitOfWork


class Escalate(Deed):
    """See the module; operators have heard of it, so that it is not taken back."""

    async def _look(self, scene: Scene, means: Means) -> Foresight:
        async with means.begin(scene.incident.merchant_id) as work:
            seen = await look(work, scene)
        _require_live(seen)
        worse = seen.incident.severity.above
        if worse is None:
            return possible("It is CRITICAL already; operators are told once more.")
        minutes = round(worse.response_time.total_seconds() / 60)
        return possible(
            f"It becomes {worse}; a person answers within {minutes} minutes, and operators are told."
        )

    async def _act(self, scene: Scene, means: Means) -> Outcome:
        async def act(work: UnitOfWork) -> Outcome:
            seen = await look(work, scene, lock=True)
            _require_live(seen)
            changed = await escalate(work, seen.incident, Author(scene.by), "", scene.now)
            return done(f"Escalated to {changed.severity}; a person answers by {changed.due_at:%H:%M} UTC.")

        return await once(means, scene, act)


def _require_live(seen: Seen) -> None:
    if not seen.incident.is_live:
        raise StateConflict("It is over.")
