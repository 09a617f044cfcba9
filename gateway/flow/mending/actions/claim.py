"""CLAIM: what a carrier owes for lost or damaged goods is drafted with its evidence; a person files it."""

from __future__ import annotations

from collections.abc import Mapping

from doorstep.errors import StateConflict
from doorstep.loss_claim import LossClaim
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import done, possible, undone
from gateway.flow.mending.actions.deed import Deed
from gateway.flow.mending.actions.kept import once
from gateway.flow.mending.actions.seen import look
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.returning.claiming import claim_for, drop_draft, said_of_claim


class Claim(Deed):
    """See the module; a draft can be thrown away until it is filed."""

    async def _look(self, scene: Scene, means: Means) -> Foresight:
        claim = await claim_for(means, scene.incident, with_evidence=False)
        async with means.begin(scene.incident.merchant_id) as work:
            await _require_none(work, claim)
        by = f"{claim.file_by:%d %b}"
        effect = f"A claim of {claim.amount} is drafted, to be filed with {claim.carrier} by {by}."
        return possible(effect, can_undo=True)

    async def _act(self, scene: Scene, means: Means) -> Outcome:
        claim = await claim_for(means, scene.incident)

        async def act(work: UnitOfWork) -> Outcome:
            await look(work, scene, lock=True)
            if not await work.returns.add_claim(claim):
                await _require_none(work, claim)
            return done(said_of_claim(claim), undo={"claim": claim.id})

        return await once(means, scene, act)

    async def _take_back(self, scene: Scene, undo: Mapping[str, str], means: Means) -> Outcome:
        async with means.begin(scene.incident.merchant_id) as work:
            await drop_draft(work, undo["claim"])
        return undone("The draft is thrown away.")


async def _require_none(work: UnitOfWork, claim: LossClaim) -> None:
    """Raises `StateConflict` where the carrier is asked for it already."""
    known = await work.returns.claim_of_leg(claim.leg_id)
    if known is not None:
        raise StateConflict(f"A claim of {known.amount} is {known.status.lower()} already.")
