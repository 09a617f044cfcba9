"""REROUTE: the tours of today are planned again, with few changes to what drivers were told."""

from __future__ import annotations

from collections.abc import Mapping

from doorstep.errors import StateConflict
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import done, possible, undone
from gateway.flow.mending.actions.deed import Deed
from gateway.flow.mending.actions.kept import once
from gateway.flow.mending.actions.seen import look
from gateway.flow.planning.parts.machines import is_mended
from gateway.flow.planning.plans.mend import is_by_van, planned_lately, wish_to_mend
from gateway.flow.planning.plans.publish import cancel_plan
from gateway.flow.planning.plans.request import PlanWish, queue_plan
from gateway.flow.ports import Means, UnitOfWork


class Reroute(Deed):
    """See the module; a plan can be called off until drivers are told of it."""

    async def _look(self, scene: Scene, means: Means) -> Foresight:
        async with means.begin(scene.incident.merchant_id) as work:
            await _wish(work, scene)
        return possible(
            "All tours of today are planned again, with few changes to what drivers know.", can_undo=True
        )

    async def _act(self, scene: Scene, means: Means) -> Outcome:
        async def act(work: UnitOfWork) -> Outcome:
            plan = await queue_plan(work, means, await _wish(work, scene))
            return done(
                "The tours are being planned again; drivers are told of what changes.", undo={"plan": plan.id}
            )

        return await once(means, scene, act)

    async def _take_back(self, scene: Scene, undo: Mapping[str, str], means: Means) -> Outcome:
        await cancel_plan(means, scene.incident.merchant_id, undo["plan"])
        return undone("The plan is called off; drivers go on as they were told.")


async def _wish(work: UnitOfWork, scene: Scene) -> PlanWish:
    """What is to be planned; raises `StateConflict` with why nothing is."""
    seen = await look(work, scene)
    if seen.delivery is not None and not is_by_van(seen.on_its_way):
        raise StateConflict("No own van was told to bring it.")
    if seen.delivery is None and seen.incident.driver_id is None:
        raise StateConflict("It is about no van.")
    if scene.is_by_machine and not is_mended(seen.merchant):
        raise StateConflict("The merchant's rules let no machine change tours.")
    lately = await planned_lately(work, scene.now) if scene.is_by_machine else None
    if lately is not None:
        raise StateConflict(f"The tours were planned again at {lately:%H:%M} UTC.")
    return await wish_to_mend(work, scene.now)
