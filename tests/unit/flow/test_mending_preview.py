"""A dry run: what a playbook would have done to incidents that are over, and what nobody can know of that."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from doorstep.audit import Actor
from doorstep.incident import (
    Incident,
    IncidentKind,
    IncidentStatus,
    Resolution,
    Severity,
    Step,
    StepAction,
    StepStatus,
)
from doorstep.money import Money
from doorstep.playbook import Playbook, StepTemplate
from gateway.flow.mending.preview import would_have

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
PING, SEND, ASK = StepAction.PING_DRIVER, StepAction.REDISPATCH, StepAction.ASK_SHOPPER
DONE, PENDING = StepStatus.DONE, StepStatus.PENDING
HEALED = Incident(
    "exc_01jdm3y5x8e3s9v2k7q4c6b0an",
    "mer_1",
    IncidentKind.STALLED,
    Severity.MEDIUM,
    IncidentStatus.RESOLVED,
    "",
    "",
    NOON,
    NOON,
    resolved_at=NOON + timedelta(minutes=20),
    resolved_by=Actor.PLAYBOOK,
    resolution=Resolution.FIXED,
)
BY_HAND = replace(HEALED, resolved_by=Actor.PERSON)
BOOK = Playbook("pbk_1", "mer_1", "Stalled", (IncidentKind.STALLED,), (), NOON, Money(1000, "USD"))


def _book(*steps: StepTemplate, **more: object) -> Playbook:
    return replace(BOOK, steps=steps, **more)  # type: ignore[arg-type]  # fields of a playbook


def _did(action: StepAction, *, by: Actor = Actor.PLAYBOOK, cost: int = 0, place: int | None = 0) -> Step:
    paid = Money(cost, "USD") if cost else None
    return Step(action, DONE, "It helped.", NOON, ended_at=NOON, cost=paid, by=by, place=place)


@pytest.mark.parametrize(
    ("incident", "draft", "steps", "closes", "closed"),
    [
        # It ended by itself within twenty minutes, and nothing of the draft was due before.
        (HEALED, _book(StepTemplate(PING, 1200)), [], True, True),
        # Nobody knows how a step would have gone that was not taken then.
        (HEALED, _book(StepTemplate(PING, 1199)), [(PING, PENDING)], True, True),
        # A step that was taken then is known.
        (replace(HEALED, steps=(_did(PING),)), _book(StepTemplate(PING)), [(PING, DONE)], True, True),
        # What may have mended it is not in the draft.
        (replace(HEALED, steps=(_did(SEND),)), _book(StepTemplate(PING)), [(PING, PENDING)], False, True),
        # A machine would have done what a person did.
        (
            replace(BY_HAND, steps=(_did(SEND, by=Actor.PERSON),)),
            _book(StepTemplate(SEND)),
            [(SEND, DONE)],
            True,
            False,
        ),
        # But not where the draft leaves it to a person, or it costs more than the draft lets it.
        (
            replace(BY_HAND, steps=(_did(SEND, by=Actor.PERSON),)),
            _book(StepTemplate(SEND, needs_approval=True)),
            [(SEND, StepStatus.NEEDS_APPROVAL)],
            False,
            False,
        ),
        (
            replace(BY_HAND, steps=(_did(SEND, by=Actor.PERSON, cost=1001),)),
            _book(StepTemplate(SEND)),
            [(SEND, StepStatus.NEEDS_APPROVAL)],
            False,
            False,
        ),
        # A machine took its step, and a person had to mend it all the same.
        (replace(BY_HAND, steps=(_did(PING),)), _book(StepTemplate(PING)), [(PING, DONE)], False, False),
        # A person closed it and nothing says how.
        (BY_HAND, _book(StepTemplate(PING)), [(PING, PENDING)], False, False),
        # A person took it after five minutes: no machine goes on then.
        (
            replace(BY_HAND, acknowledged_at=NOON + timedelta(minutes=5)),
            _book(StepTemplate(PING), StepTemplate(SEND, 300)),
            [(PING, PENDING)],
            False,
            False,
        ),
        (HEALED, _book(StepTemplate(PING), enabled=False), [], True, True),
    ],
)
def test_what_would_have_become_of_it(
    incident: Incident,
    draft: Playbook,
    steps: list[tuple[StepAction, StepStatus]],
    closes: bool,
    closed: bool,
) -> None:
    example = would_have(incident, draft)
    assert [(step.action, step.status) for step in example.steps] == steps
    assert (example.closes, example.closed) == (closes, closed)
    assert example.outcome


def test_what_the_house_did_by_itself_counts_where_the_draft_names_it() -> None:
    kind = IncidentKind.NO_COURIER
    late = replace(HEALED, kind=kind, steps=(_did(SEND, place=None, cost=200),))
    named = would_have(late, _book(StepTemplate(SEND), kinds=(kind,)))
    assert ([step.cost for step in named.steps], named.closes) == ([Money(200, "USD")], True)
    unnamed = would_have(late, _book(kinds=(kind,)))
    assert (unnamed.steps, unnamed.closes) == ((), False)
    assert unnamed.outcome.startswith("Not known: send another courier")


def test_steps_stand_at_the_moments_at_which_they_would_have_been_taken() -> None:
    example = would_have(HEALED, _book(StepTemplate(PING), StepTemplate(ASK, 60)))
    assert [step.at - NOON for step in example.steps] == [timedelta(0), timedelta(minutes=1)]
