"""What an incident says of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from doorstep.audit import Actor, Entry
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

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DONE = Step(StepAction.REDISPATCH, StepStatus.DONE, "Another courier comes.", NOW)
CLOSED = Incident(
    "exc_1", "mer_1", IncidentKind.NO_COURIER, Severity.HIGH, IncidentStatus.RESOLVED, "", "", NOW, NOW,
    resolved_at=NOW, resolved_by=Actor.PLAYBOOK, resolution=Resolution.FIXED, steps=(DONE,),
    history=(Entry(NOW, Actor.OTHER, "Nobody comes."), Entry(NOW, Actor.PLAYBOOK, "Another courier comes.")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "needed"),
    [
        ({}, False),
        ({"steps": (replace(DONE, status=StepStatus.FAILED),)}, False),
        ({"resolved_by": Actor.PERSON}, True),
        ({"history": (*CLOSED.history, Entry(NOW, Actor.PERSON, "Seen."))}, True),
        # A remedy that a person chose is no machine's, whoever carried it out.
        ({"steps": (replace(DONE, by=Actor.PERSON),)}, True),
        ({"steps": (DONE, replace(DONE, status=StepStatus.NEEDS_APPROVAL))}, True),
        ({"steps": (Step(StepAction.ESCALATE, StepStatus.DONE, "In vain.", NOW),)}, True),
        ({"missed": (Severity.HIGH,)}, True),
    ],
)
def test_a_person_was_needed_where_one_acted_or_was_asked(facts: dict[str, Any], needed: bool) -> None:
    assert replace(CLOSED, **facts).needed_person is needed


def test_an_incident_is_about_the_smallest_thing_that_is_named() -> None:
    assert CLOSED.subject == "mer_1"
    assert replace(CLOSED, about="whe_1").subject == "whe_1"
    assert replace(CLOSED, about="whe_1", delivery_id="del_1").subject == "del_1"
