"""Deed: what all actions have in common. They say no with an error; here it becomes a sentence."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from doorstep.errors import DoorstepError, StateConflict, UnknownOutcome
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions.answers import failed, impossible, skipped
from gateway.flow.mending.actions.kept import recall
from gateway.flow.ports import Means


class Deed(ABC):
    """An `Action` whose three sides raise `StateConflict` where they cannot be done as things stand."""

    async def foresee(self, scene: Scene, means: Means) -> Foresight:
        """Look, change nothing."""
        try:
            return await self._look(scene, means)
        except DoorstepError as error:
            return impossible(error.message)

    async def carry_out(self, scene: Scene, means: Means) -> Outcome:
        """Do it, unless this step did it before.

        Raises
        ------
        UnknownOutcome
            If it may have happened; the same step is to be tried again.
        """
        known = await _recalled(scene, means)
        if known is not None:
            return known
        try:
            return await self._act(scene, means)
        except UnknownOutcome:
            raise
        except StateConflict as conflict:
            # Where somebody else took the same step meanwhile, that is what it has done.
            return await _recalled(scene, means) or skipped(conflict.message)
        except DoorstepError as error:
            return failed(error.message)

    async def undo(self, scene: Scene, undo: Mapping[str, str], means: Means) -> Outcome:
        """Take it back, as long as the world has not gone on."""
        if not undo:
            return failed("This cannot be taken back.")
        try:
            return await self._take_back(scene, undo, means)
        except UnknownOutcome:
            raise
        except DoorstepError as error:
            return failed(error.message)

    @abstractmethod
    async def _look(self, scene: Scene, means: Means) -> Foresight: ...

    @abstractmethod
    async def _act(self, scene: Scene, means: Means) -> Outcome: ...

    async def _take_back(self, scene: Scene, undo: Mapping[str, str], means: Means) -> Outcome:  # noqa: ARG002 - for those that can
        raise StateConflict("This cannot be taken back.")


async def _recalled(scene: Scene, means: Means) -> Outcome | None:
    async with means.begin(scene.incident.merchant_id) as work:
        return await recall(work, scene)
