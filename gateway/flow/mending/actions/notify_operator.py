"""NOTIFY_OPERATOR: whoever runs this installation is told on their own channels."""

from __future__ import annotations

from doorstep.errors import StateConflict
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import done, possible
from gateway.flow.mending.actions.deed import Deed
from gateway.flow.mending.actions.kept import keep
from gateway.flow.mending.actions.seen import look
from gateway.flow.messaging.alarm import heard_lately, tell_again
from gateway.flow.ports import Means


class NotifyOperator(Deed):
    """See the module; what people have read is not taken back."""

    async def _look(self, scene: Scene, means: Means) -> Foresight:
        await _require_news(scene, means)
        return possible(f"Operators are told: {_words(scene)}")

    async def _act(self, scene: Scene, means: Means) -> Outcome:
        await _require_news(scene, means)
        async with means.begin(scene.incident.merchant_id) as work:
            incident = (await look(work, scene)).incident
        await tell_again(means, incident, _words(scene))
        async with means.begin(scene.incident.merchant_id) as work:
            return await keep(work, scene, done("Operators were told."))


async def _require_news(scene: Scene, means: Means) -> None:
    """Raises `StateConflict` where nobody listens, or heard of the kind a moment ago and no person asks."""
    severity = scene.incident.severity
    if not means.operators.listen_to(severity):
        raise StateConflict(f"No operator listens to {severity.lower()} incidents.")
    async with means.begin(scene.incident.merchant_id) as work:
        if scene.is_by_machine and await heard_lately(work, scene.incident, scene.now):
            raise StateConflict("Operators heard of this kind within the last half hour.")


def _words(scene: Scene) -> str:
    return " ".join(part for part in (scene.template, f"{scene.incident.title}.") if part)
