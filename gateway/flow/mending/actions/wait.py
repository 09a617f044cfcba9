"""WAIT: nothing is done; what is wrong may mend by itself, and a person looks at its time."""

from __future__ import annotations

from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import done, possible
from gateway.flow.mending.actions.deed import Deed
from gateway.flow.ports import Means


class Wait(Deed):
    """See the module; there is nothing to take back."""

    async def _look(self, scene: Scene, means: Means) -> Foresight:  # noqa: ARG002 - the contract's
        due = scene.incident.due_at
        return possible(f"Nothing is done for now; a person answers by {due:%d %b %H:%M} UTC.")

    async def _act(self, scene: Scene, means: Means) -> Outcome:  # noqa: ARG002 - the contract's
        return done("Left alone for now; it may mend by itself.")
