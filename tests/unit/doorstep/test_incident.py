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
    ids_around,
    step_id,
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


def test_steps_have_ids_of_their_own_however_many_there_are_and_lead_to_their_incident() -> None:
    incident_id = "exc_01jdm3y5x8e3s9v2k7q4c6b0an"
    ids = [step_id(incident_id, number) for number in range(3000)]
    assert len(set(ids)) == 3000
    for one in (ids[0], ids[1023], ids[1024], ids[2999]):
        least, greatest = ids_around(one)
        assert least <= incident_id <= greatest
