"""Incidents for actions to be taken about, and the four things that can be asked of an action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from doorstep.audit import Actor
from doorstep.incident import Incident, IncidentKind, StepAction, StepStatus
from doorstep.money import Money
from doorstep.notice import NoticeAccount, NoticeChannel, NoticeEvent, NoticeRules
from gateway.flow.mending.action import Foresight, Outcome, Scene
from gateway.flow.mending.actions import ACTIONS
from gateway.flow.ports import Means
from gateway.flow.watching.incidents import Alarm, raise_incident
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage

TEXTS = NoticeAccount("nac_01jd0000000000000000000001", MERCHANT_ID, "twilio", "SMS", (NoticeChannel.SMS,))


def usd(minor: int) -> Money:
    return Money(minor, "USD")


@dataclass
class Trial:
    """One action about one incident, by a person unless it is said otherwise."""

    stage: Stage
    action: StepAction
    incident: Incident
    step_id: str = "pbs_1"
    by: Actor = Actor.PERSON
    may_spend: Money | None = None
    template: str | None = None
    means: Means | None = None
    max_cost: Money | None = None

    @property
    def scene(self) -> Scene:
        now = self.stage.clock.now()
        return Scene(self.incident, self.step_id, now, self.template, self.may_spend, self.by, self.max_cost)

    def but(self, **other: Any) -> Trial:
        """The same with something else."""
        return replace(self, **other)

    async def foresee(self) -> Foresight:
        return await ACTIONS[self.action].foresee(self.scene, self.means or self.stage.means)

    async def carry_out(self) -> Outcome:
        return await ACTIONS[self.action].carry_out(self.scene, self.means or self.stage.means)

    async def undo(self, undo: Mapping[str, str]) -> Outcome:
        return await ACTIONS[self.action].undo(self.scene, undo, self.means or self.stage.means)

    async def is_refused(self) -> str:
        """It is neither foreseen as possible nor done, and says the same both times; gives what it says."""
        seen, taken = await self.foresee(), await self.carry_out()
        assert not seen.is_possible
        assert (taken.status, taken.reason) == (StepStatus.SKIPPED, seen.effect)
        return seen.effect

    async def is_done_once(self) -> Outcome:
        """It is foreseen as possible, done, and the same step does nothing more; gives what was done."""
        seen = await self.foresee()
        assert seen.is_possible, seen.effect
        taken = await self.carry_out()
        assert taken.status is StepStatus.DONE, taken.reason
        assert await self.carry_out() == taken
        assert bool(taken.undo) == seen.can_undo
        return taken


async def trouble(stage: Stage, kind: IncidentKind, **about: str) -> Incident:
    """An incident; nothing follows from it by itself."""
    async with stage.means.begin(MERCHANT_ID) as work:
        return await raise_incident(work, Alarm(kind, "Something is wrong", "", **about), stage.clock.now())


async def rule(stage: Stage, **rules: object) -> None:
    """The merchant goes by other rules."""
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant(lock=True)
        await work.accounts.put_merchant(replace(merchant, **rules))  # type: ignore[arg-type] # its own fields


async def tells(stage: Stage, *events: NoticeEvent) -> None:
    """The merchant tells shoppers of these by SMS."""
    await rule(stage, notices=NoticeRules(events, (NoticeChannel.SMS,), quiet_from=0, quiet_until=0))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.notices.put_account(TEXTS, {})


async def told(stage: Stage, delivery_id: str) -> list[tuple[NoticeEvent, str]]:
    """What the shopper is told, with how far that is."""
    async with stage.means.begin(MERCHANT_ID) as work:
        return [(one.event, one.status) for one in await work.notices.of_delivery(delivery_id)]
