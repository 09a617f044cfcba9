"""What comes next about an incident, from its playbook and what was done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from doorstep.audit import Actor
from doorstep.incident import Incident, IncidentKind, IncidentStatus, Severity, Step, StepAction, StepStatus
from doorstep.money import Money
from doorstep.playbook import Playbook, StepTemplate, faults_of
from gateway.flow.mending.decide import (
    Approve,
    Escalate,
    Facts,
    GiveUp,
    Move,
    Nothing,
    Take,
    Wait,
    next_step,
)
from gateway.flow.mending.spending import left_of, spent_on
from gateway.flow.mending.standard import BY_ITSELF, STANDARD_KINDS, standard_id, standard_playbook
from gateway.flow.watching.catalogue import TABLE

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DONE, FAILED, RUNNING = StepStatus.DONE, StepStatus.FAILED, StepStatus.RUNNING
STALLED = Incident(
    "exc_1", "mer_1", IncidentKind.STALLED, Severity.MEDIUM, IncidentStatus.OPEN, "", "", NOON, NOON
)
PING = StepTemplate(StepAction.PING_DRIVER)
SEND = StepTemplate(StepAction.REDISPATCH, 300)
BOOK = Playbook("pbk_1", "mer_1", "Stalled", (IncidentKind.STALLED,), (PING, SEND), NOON, Money(1000, "USD"))


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def did(action: StepAction, status: StepStatus = DONE, **more: object) -> Step:
    """A step that the runner took at noon."""
    return replace(Step(action, status, "", NOON, id=f"pbs_{action}", place=0), **more)  # type: ignore[arg-type]  # fields of a step


def after(*steps: Step, **more: object) -> Incident:
    return replace(STALLED, steps=steps, **more)  # type: ignore[arg-type]  # fields of an incident


def decide(
    incident: Incident, seconds: int = 0, book: Playbook | None = BOOK, cost: Money | None = None
) -> Move:
    return next_step(incident, book, Facts(cost), NOON + timedelta(seconds=seconds))


PINGED = did(StepAction.PING_DRIVER)


@pytest.mark.parametrize(
    ("incident", "seconds", "cost", "expected"),
    [
        # The first step is due at once, the second five minutes after the van stalled.
        (after(), 0, None, Take(0, PING, usd(1000))),
        (after(PINGED), 0, None, Wait(NOON + timedelta(seconds=300))),
        (after(PINGED), 300, None, Take(1, SEND, usd(1000))),
        # One that failed or was left out is not taken again: the next one is.
        (after(did(StepAction.PING_DRIVER, FAILED)), 300, None, Take(1, SEND, usd(1000))),
        (after(did(StepAction.PING_DRIVER, StepStatus.UNDONE)), 300, None, Take(1, SEND, usd(1000))),
        # What a person did by hand is done.
        (
            after(did(StepAction.PING_DRIVER, by=Actor.PERSON, place=None)),
            300,
            None,
            Take(1, SEND, usd(1000)),
        ),
        # 400 of 1,000 are spent: 600 may be, 601 may not.
        (after(replace(PINGED, cost=usd(400))), 300, usd(600), Take(1, SEND, usd(600))),
        (
            after(replace(PINGED, cost=usd(400))),
            300,
            usd(601),
            Approve(1, SEND, "It costs 6.01 USD, and 6.00 USD of 10.00 USD is left."),
        ),
        (after(PINGED), 300, Money(1, "EUR"), Approve(1, SEND, "It costs 0.01 EUR, and the cap is in USD.")),
        # What a person paid is not the machine's.
        (
            after(did(StepAction.PING_DRIVER, by=Actor.PERSON, cost=usd(900))),
            300,
            usd(1000),
            Take(1, SEND, usd(1000)),
        ),
        # Nobody knows how it went: the same step once more, then a person looks.
        (
            after(did(StepAction.PING_DRIVER, RUNNING)),
            60,
            None,
            Take(0, PING, usd(1000), did(StepAction.PING_DRIVER, RUNNING)),
        ),
        (
            after(did(StepAction.PING_DRIVER, RUNNING)),
            900,
            None,
            GiveUp(
                did(StepAction.PING_DRIVER, RUNNING),
                "Nobody answered whether it happened; a person must look.",
            ),
        ),
        # A step that a person began is theirs, and no machine goes on with it.
        (
            after(did(StepAction.PING_DRIVER, RUNNING, by=Actor.PERSON)),
            300,
            None,
            Take(1, SEND, usd(1000)),
        ),
        # What a person has taken is left alone, but a step that has begun is brought to its end.
        (
            after(status=IncidentStatus.ACKNOWLEDGED, acknowledged_at=NOON),
            0,
            None,
            Nothing("A person has taken it."),
        ),
        (after(assignee_id="per_1"), 0, None, Nothing("A person has taken it.")),
        (
            after(did(StepAction.PING_DRIVER, RUNNING), status=IncidentStatus.ACKNOWLEDGED),
            0,
            None,
            Take(0, PING, usd(1000), did(StepAction.PING_DRIVER, RUNNING)),
        ),
        (after(status=IncidentStatus.WAITING), 0, None, Take(0, PING, usd(1000))),
        (after(status=IncidentStatus.RESOLVED), 0, None, Nothing("It is over.")),
        # At the end.
        (
            after(PINGED, did(StepAction.REDISPATCH)),
            900,
            None,
            Nothing("Everything that the playbook knows was done."),
        ),
        (
            after(PINGED, did(StepAction.REDISPATCH, FAILED)),
            900,
            None,
            Escalate(2, "Everything that the playbook knows was tried in vain."),
        ),
        (
            after(PINGED, did(StepAction.REDISPATCH, FAILED), did(StepAction.ESCALATE)),
            900,
            None,
            Nothing("Everything that the playbook knows was done."),
        ),
        # It waits for a person, who sees it in the queue: nothing was in vain yet.
        (
            after(PINGED, did(StepAction.REDISPATCH, StepStatus.NEEDS_APPROVAL)),
            900,
            None,
            Nothing("Everything that the playbook knows was done."),
        ),
    ],
)
def test_what_comes_next(incident: Incident, seconds: int, cost: Money | None, expected: Move) -> None:
    assert decide(incident, seconds, cost=cost) == expected


def test_a_step_that_is_left_to_people_is_put_before_one() -> None:
    asks = replace(PING, needs_approval=True)
    move = decide(after(), book=replace(BOOK, steps=(asks,)))
    assert move == Approve(0, asks, "The playbook leaves this to a person.")


@pytest.mark.parametrize("book", [None, replace(BOOK, enabled=False)])
def test_without_a_playbook_no_step_is_taken(book: Playbook | None) -> None:
    assert decide(after(), book=book) == Nothing("No playbook is switched on for it.")


def test_a_step_that_has_begun_comes_to_its_end_though_its_playbook_was_switched_off() -> None:
    begun = did(StepAction.PING_DRIVER, RUNNING)
    move = decide(after(begun), book=replace(BOOK, enabled=False))
    assert move == Take(0, PING, usd(1000), begun)


@pytest.mark.parametrize(("action", "is_taken"), [(StepAction.REDISPATCH, True), (StepAction.RETURN, False)])
def test_without_a_cap_only_what_has_rules_of_its_own_may_cost_something(
    action: StepAction, is_taken: bool
) -> None:
    book = replace(BOOK, steps=(StepTemplate(action),), spend_cap=None)
    move = decide(after(), book=book, cost=usd(1))
    assert isinstance(move, Take if is_taken else Approve)


def test_a_changed_playbook_goes_on_with_what_it_has_not_done() -> None:
    tell = StepTemplate(StepAction.NOTIFY_OPERATOR)
    assert decide(after(PINGED), book=replace(BOOK, steps=(tell, PING))) == Take(0, tell, usd(1000))


def test_the_same_action_twice_is_two_steps() -> None:
    later = replace(PING, after_s=600)
    assert decide(after(PINGED), book=replace(BOOK, steps=(PING, later))) == Wait(
        NOON + timedelta(minutes=10)
    )


def test_what_the_house_does_by_itself_is_passed_over() -> None:
    late = replace(STALLED, kind=IncidentKind.NO_COURIER)
    book = standard_playbook(IncidentKind.NO_COURIER, "mer_1")
    # More for the courier and another courier are taken by the watch; nothing else is named.
    assert decide(late, book=book) == Nothing("Everything that the playbook knows was done.")


def test_what_is_put_before_a_person_is_not_the_houses() -> None:
    asks = StepTemplate(StepAction.REDISPATCH, needs_approval=True)
    late = replace(STALLED, kind=IncidentKind.NO_COURIER)
    assert isinstance(decide(late, book=replace(BOOK, steps=(asks,))), Approve)


def test_what_others_left_out_is_still_the_runners() -> None:
    left_out = did(StepAction.PING_DRIVER, StepStatus.SKIPPED, place=None)
    assert decide(after(left_out)) == Take(0, PING, usd(1000))


def test_money_is_counted_without_what_was_taken_back_and_what_people_paid() -> None:
    incident = after(
        replace(PINGED, cost=usd(100)),
        replace(PINGED, cost=usd(200), status=StepStatus.UNDONE),
        replace(PINGED, cost=usd(400), by=Actor.PERSON),
        replace(PINGED, cost=Money(800, "EUR")),
        replace(PINGED, cost=usd(1600), status=StepStatus.FAILED),
    )
    assert spent_on(incident, "USD") == usd(1700)
    assert left_of(BOOK, incident) == usd(0)


@pytest.mark.parametrize("kind", list(TABLE))
def test_every_exception_of_the_table_has_a_playbook_that_makes_sense(kind: IncidentKind) -> None:
    book = standard_playbook(kind, "mer_1")
    assert book is not None
    assert list(faults_of(book, "USD")) == []
    assert book.id == standard_id(kind)
    assert book.is_standard


def test_the_standard_playbooks_name_what_the_house_does_by_itself() -> None:
    for kind, actions in BY_ITSELF.items():
        book = standard_playbook(kind, "mer_1")
        assert book is not None
        assert all(book.names(action) for action in actions), kind


def test_other_kinds_are_left_to_people() -> None:
    assert set(STANDARD_KINDS) == set(TABLE)
    assert standard_playbook(IncidentKind.CUSTOMS, "mer_1") is None
