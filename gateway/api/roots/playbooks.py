"""Reads and writes of playbooks, and what people do with their steps; parts of the roots."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from doorstep import playbook as ground
from doorstep.ids import new_id
from gateway.api.admission.checks import root
from gateway.api.context import Context, Info
from gateway.api.marks import shape
from gateway.api.paging import Connection, slice_of
from gateway.api.ports.records import Scope
from gateway.api.reading import Path, read_id, read_key, read_money, read_span, read_text, wrong
from gateway.api.roots.desk import signed
from gateway.api.roots.given import INPUT
from gateway.api.types import mending as m
from gateway.api.types.exceptions import show_exception
from gateway.api.types.playbooks import (
    ArchivePlaybookInput,
    ArchivePlaybookResult,
    ArchivePlaybookSuccess,
    Playbook,
    PlaybookStep,
    SavePlaybookInput,
    SavePlaybookResult,
    SavePlaybookSuccess,
)

_AT = ("input",)
PAST_DAYS = (1, 90)


@shape()
class PlaybookQueries:
    """Reads about playbooks."""

    @root(scope=Scope.CONFIGURE)
    async def playbooks(self, info: Info, first: int = 50, after: str | None = None) -> Connection[Playbook]:
        """The merchant's own, then what Doorstep does about the kinds that they say nothing of."""
        kept = await info.context.reads.all_playbooks()
        return slice_of(kept, first, after, "playbooks", Playbook.of)

    @root(scope=Scope.CONFIGURE, points=50)
    async def preview_playbook(
        self, info: Info, draft: SavePlaybookInput, past_days: int = 30
    ) -> m.PlaybookPreviewResult:
        """What a draft would have done to the exceptions of the last days; changes nothing."""
        days = read_span(past_days, ("pastDays",), *PAST_DAYS)
        playbook = read_playbook(draft, ("draft",), info.context)
        found = await info.context.commands.preview_playbook(draft=playbook, past=timedelta(days=days))
        return m.PlaybookPreview.of(found)


@shape()
class PlaybookMutations:
    """Writes about playbooks, remedies and steps."""

    @root(scope=Scope.CONFIGURE)
    async def save_playbook(
        self, info: Info, given: Annotated[SavePlaybookInput, INPUT]
    ) -> SavePlaybookResult:
        """Keeps a playbook whole; exceptions that are open go on by it."""
        if (given.id is None) != (given.expected_version is None):
            raise wrong((*_AT, "expectedVersion"), "expectedVersion goes with an id, and only with one")
        saved = await info.context.commands.save_playbook(
            playbook=read_playbook(given, _AT, info.context), expected_version=given.expected_version
        )
        return SavePlaybookSuccess(playbook=Playbook.of(saved))

    @root(scope=Scope.CONFIGURE)
    async def archive_playbook(
        self, info: Info, given: Annotated[ArchivePlaybookInput, INPUT]
    ) -> ArchivePlaybookResult:
        """Puts one of the merchant's own away; what comes with Doorstep is done again."""
        archived = await info.context.commands.archive_playbook(
            playbook_id=read_id(given.id, "pbk", (*_AT, "id")), expected_version=given.expected_version
        )
        return ArchivePlaybookSuccess(playbook=Playbook.of(archived))

    @root(scope=Scope.OPERATE, points=20)
    async def apply_remedy(
        self, info: Info, given: Annotated[m.ApplyRemedyInput, INPUT]
    ) -> m.ApplyRemedyResult:
        """Does what a remedy says; also what a playbook has put before a person."""
        limit = None if given.max_cost is None else read_money(given.max_cost, (*_AT, "maxCost"))
        incident, step = await info.context.commands.apply_remedy(
            idempotency_key=read_key(given.idempotency_key),
            incident_id=read_id(given.exception_id, "exc", (*_AT, "exceptionId")),
            remedy_id=read_text(given.remedy_id, (*_AT, "remedyId"), 100),
            max_cost=limit,
            by=signed(info),
        )
        number = incident.steps.index(step)
        return m.ApplyRemedySuccess(
            exception=show_exception(incident), step=PlaybookStep.of(step, incident.id, number)
        )

    @root(scope=Scope.OPERATE, points=20)
    async def undo_playbook_step(
        self, info: Info, given: Annotated[m.UndoPlaybookStepInput, INPUT]
    ) -> m.UndoPlaybookStepResult:
        """Takes a step back where the world still allows it."""
        incident = await info.context.commands.undo_playbook_step(
            step_id=read_id(given.step_id, "pbs", (*_AT, "stepId")),
            by=signed(info),
            note=read_text(given.note, (*_AT, "note")),
        )
        return m.UndoPlaybookStepSuccess(exception=show_exception(incident))


def read_playbook(given: SavePlaybookInput, path: Path, context: Context) -> ground.Playbook:
    """A playbook as it was written; whether it makes sense is checked where it is saved or tried."""
    cap = given.spend_cap
    return ground.Playbook(
        id=new_id("pbk") if given.id is None else read_id(given.id, "pbk", (*path, "id")),
        merchant_id=context.caller.merchant_id,
        name=given.name.strip(),
        kinds=tuple(given.kinds),
        steps=tuple(
            ground.StepTemplate(
                one.action, one.after_seconds, one.needs_approval, (one.template or "").strip() or None
            )
            for one in given.steps
        ),
        updated_at=context.clock.now(),
        spend_cap=None if cap is None else read_money(cap, (*path, "spendCap")),
        enabled=given.enabled,
    )
