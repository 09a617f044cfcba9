"""A playbook as it was written, and everything that is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from doorstep.incident import IncidentKind, StepAction
from doorstep.money import Money
from doorstep.playbook import LONGEST_AFTER_S, MOST_STEPS, Playbook, StepTemplate, faults_of

SOUND = Playbook(
    "pbk_1",
    "mer_1",
    "Nobody comes",
    (IncidentKind.NO_COURIER,),
    (
        StepTemplate(StepAction.REDISPATCH),
        StepTemplate(StepAction.NOTIFY_SHOPPER, 600, template="late"),
        StepTemplate(StepAction.ESCALATE, 600),
    ),
    datetime(2026, 5, 4, tzinfo=UTC),
    Money(1000, "USD"),
)
WAIT = StepTemplate(StepAction.WAIT)


def test_a_sound_one_has_no_faults() -> None:
    assert list(faults_of(SOUND, "USD")) == []


def test_one_without_steps_leaves_all_to_people() -> None:
    assert list(faults_of(replace(SOUND, steps=(), spend_cap=None), "USD")) == []


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (replace(SOUND, name="  "), ("name",)),
        (replace(SOUND, name="x" * 101), ("name",)),
        (replace(SOUND, kinds=()), ("kinds",)),
        (replace(SOUND, kinds=SOUND.kinds * 2), ("kinds",)),
        (replace(SOUND, spend_cap=Money(1, "EUR")), ("spendCap", "currencyCode")),
        (replace(SOUND, spend_cap=Money(-1, "USD")), ("spendCap", "amount")),
        (replace(SOUND, steps=(WAIT,) * (MOST_STEPS + 1)), ("steps",)),
        (replace(SOUND, steps=(WAIT, StepTemplate(StepAction.OTHER))), ("steps", "1", "action")),
        (replace(SOUND, steps=(replace(WAIT, after_s=-1),)), ("steps", "0", "afterSeconds")),
        (
            replace(SOUND, steps=(replace(WAIT, after_s=LONGEST_AFTER_S + 1),)),
            ("steps", "0", "afterSeconds"),
        ),
        # The second would be due before the first, so it would have to wait for it all the same.
        (replace(SOUND, steps=(replace(WAIT, after_s=60), WAIT)), ("steps", "1", "afterSeconds")),
        (replace(SOUND, steps=(replace(WAIT, template="late"),)), ("steps", "0", "template")),
        (
            replace(SOUND, steps=(StepTemplate(StepAction.ASK_SHOPPER, template=" "),)),
            ("steps", "0", "template"),
        ),
    ],
)
def test_what_is_wrong_names_its_field(wrong: Playbook, path: tuple[str, ...]) -> None:
    assert [issue.path for issue in faults_of(wrong, "USD")] == [path]


def test_all_faults_are_named_at_once() -> None:
    wrong = replace(SOUND, name="", kinds=(), steps=(StepTemplate(StepAction.OTHER),))
    assert len(list(faults_of(wrong, "USD"))) == 3


@pytest.mark.parametrize(
    ("playbook", "names"),
    [
        (SOUND, True),
        (replace(SOUND, enabled=False), False),
        (replace(SOUND, steps=(StepTemplate(StepAction.REDISPATCH, needs_approval=True),)), False),
        (replace(SOUND, steps=(WAIT,)), False),
    ],
)
def test_a_machine_may_take_what_is_named_and_not_left_to_a_person(playbook: Playbook, names: bool) -> None:
    assert playbook.names(StepAction.REDISPATCH) is names
