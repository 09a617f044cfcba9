"""What every step of a playbook can say about itself: what it would do, what it did, how it is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from doorstep.audit import Actor
from doorstep.incident import Incident, StepStatus
from doorstep.money import Money
from gateway.flow.ports import Means


@dataclass(frozen=True, slots=True)
class Scene:
    """An incident as it stands, and the step that is to be taken about it.

    Attributes
    ----------
    step_id
        The same each time that the step is tried, so that trying twice does it once.
    template
        Which words to use, for steps that tell somebody.
    may_spend
        So much at most beside what was to be paid before, None for no limit: a machine's cap, or what a
        person has agreed to.
    max_cost
        What the person said that it may cost; None where they said nothing. For what is priced later.
    by
        Who wants it: a machine keeps to what the merchant lets machines do, a person to `may_spend` alone.
    """

    incident: Incident
    step_id: str
    now: datetime
    template: str | None = None
    may_spend: Money | None = None
    by: Actor = Actor.PLAYBOOK
    max_cost: Money | None = None

    @property
    def is_by_machine(self) -> bool:
        """Whether nobody has said so just now."""
        return self.by is Actor.PLAYBOOK


@dataclass(frozen=True, slots=True)
class Foresight:
    """What a step would do now, for the person who may press it; nothing is changed by looking.

    Attributes
    ----------
    is_possible
        Where it is not, `effect` says why.
    effect
        A sentence for a dispatcher.
    cost
        Beside what was to be paid before, as far as it is known; None where it is not, or it costs nothing.
    """

    is_possible: bool
    effect: str
    cost: Money | None = None
    new_eta: datetime | None = None
    can_undo: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step has done.

    Attributes
    ----------
    reason
        A sentence for a dispatcher, no personal data.
    cost
        Beside what was to be paid before; None where it cost nothing.
    undo
        What taking it back needs to know; empty where it cannot be taken back.
    is_mended
        Whether the incident is over by it.
    """

    status: StepStatus
    reason: str
    cost: Money | None = None
    undo: Mapping[str, str] = field(default_factory=dict)
    is_mended: bool = False


class Action(Protocol):
    """One thing that can be done about an incident."""

    async def foresee(self, scene: Scene, means: Means) -> Foresight:
        """Look, change nothing."""
        ...

    async def carry_out(self, scene: Scene, means: Means) -> Outcome:
        """Do it; twice with the same `step_id` does it once. `UnknownOutcome` where it may have happened."""
        ...

    async def undo(self, scene: Scene, undo: Mapping[str, str], means: Means) -> Outcome:
        """Take it back; `FAILED` with the reason where it is too late."""
        ...
