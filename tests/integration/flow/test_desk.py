"""What people do about exceptions: who has one, what is written down, and what nobody answers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from doorstep.audit import Actor, Author
from doorstep.errors import InvalidInput, StateConflict
from doorstep.incident import Incident, IncidentKind, IncidentStatus, Resolution, Severity
from doorstep.person import FORGOTTEN, Person
from gateway.flow.desk import answer, people, take
from gateway.flow.desk.escalate import escalate
from gateway.flow.desk.look_up import any_incident, live_incident
from gateway.flow.desk.timers import look_after_answers
from gateway.flow.desk.wait import end_wait, wait
from gateway.flow.ports import Means
from gateway.flow.watching.incidents import Alarm, raise_incident
from gateway.store.keys import KeyRow, add_key
from gateway.store.tables import api_keys
from tests.conftest import Dsn
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage
from tests.integration.flow.waits import until_somebody_waits

PLAYBOOK = Author(Actor.PLAYBOOK)
STATUS = IncidentStatus


async def somebody(stage: Stage, name: str) -> Person:
    async with stage.means.begin(MERCHANT_ID) as work:
        return await people.save_person(work, Person("", MERCHANT_ID, name), None)


def hand_of(person: Person) -> Author:
    return Author(Actor.PERSON, person.id, f"key of {person.name}")


async def trouble(
    stage: Stage, kind: IncidentKind = IncidentKind.NO_COURIER, about: str = "ful_1"
) -> Incident:
    """NO_COURIER is HIGH: due in 15 minutes."""
    async with stage.means.begin(MERCHANT_ID) as work:
        alarm = Alarm(kind, "Nobody comes", "It was seen.", fulfillment_order_id=about)
        return await raise_incident(work, alarm, stage.clock.now())


async def kept(stage: Stage, incident: Incident) -> Incident:
    async with stage.means.begin(MERCHANT_ID) as work:
        return await any_incident(work, incident.id)


async def claim(stage: Stage, incident: Incident, person: Person) -> Incident:
    async with stage.means.begin(MERCHANT_ID) as work:
        current = await live_incident(work, incident.id)
        return await take.claim(work, current, hand_of(person), "", stage.clock.now())


async def test_of_two_who_claim_at_once_one_has_it_and_the_other_hears_who(stage: Stage) -> None:
    ann, bob, incident = await somebody(stage, "Ann"), await somebody(stage, "Bob"), await trouble(stage)
    tries = (claim(stage, incident, ann), claim(stage, incident, bob))
    results = await asyncio.gather(*tries, return_exceptions=True)
    (won,) = [one for one in results if isinstance(one, Incident)]
    (lost,) = [one for one in results if isinstance(one, StateConflict)]
    winner = ann if won.assignee_id == ann.id else bob
    assert lost.message == f"{winner.name} has this exception already."
    assert (won.status, won.version) == (STATUS.ACKNOWLEDGED, 2)
    assert await claim(stage, incident, winner) == won, "again is nothing new"


async def test_a_key_that_is_nobodys_claims_nothing(stage: Stage) -> None:
    incident = await trouble(stage)
    async with stage.means.begin(MERCHANT_ID) as work:
        with pytest.raises(InvalidInput, match="nobody's"):
            await take.claim(work, incident, Author(Actor.PERSON, key_id="key_1"), "", stage.clock.now())


async def test_who_is_handed_it_has_to_answer_anew_and_its_history_says_who_and_whom(stage: Stage) -> None:
    ann, bob, incident = await somebody(stage, "Ann"), await somebody(stage, "Bob"), await trouble(stage)
    mine = await claim(stage, incident, ann)
    stage.clock.advance(minutes=20)
    async with stage.means.begin(MERCHANT_ID) as work:
        theirs = await take.assign(work, mine, bob.id, hand_of(ann), "I go home.", stage.clock.now())
    assert (theirs.assignee_id, theirs.status) == (bob.id, STATUS.OPEN)
    assert theirs.due_at == stage.clock.now() + Severity.HIGH.response_time
    last = theirs.history[-1]
    assert (last.by, last.person_id, last.to_person_id, last.text) == (
        Actor.PERSON,
        ann.id,
        bob.id,
        "I go home.",
    )
    assert (await claim(stage, theirs, bob)).status is STATUS.ACKNOWLEDGED
    async with stage.means.begin(MERCHANT_ID) as work:
        current = await live_incident(work, incident.id)
        free = await take.assign(work, current, None, hand_of(bob), "", stage.clock.now())
    assert (free.assignee_id, free.status) == (None, STATUS.OPEN)


async def test_who_sees_an_old_version_changes_nothing(stage: Stage) -> None:
    ann, incident = await somebody(stage, "Ann"), await trouble(stage)
    await claim(stage, incident, ann)
    async with stage.means.begin(MERCHANT_ID) as work:
        with pytest.raises(StateConflict) as conflict:
            await live_incident(work, incident.id, expected_version=1)
    assert (conflict.value.current_id, conflict.value.current_version) == (incident.id, 2)


async def test_what_nobody_answers_becomes_worse_once_for_each_severity_until_critical(stage: Stage) -> None:
    incident = await trouble(stage)  # HIGH, due in 15 minutes
    quiet = await trouble(stage, IncidentKind.QUOTE_EXPIRED)  # LOW has no timer
    assert await look_after_answers(stage.means, MERCHANT_ID) == 0
    stage.clock.advance(minutes=15)
    assert await look_after_answers(stage.means, MERCHANT_ID) == 1
    assert await look_after_answers(stage.means, MERCHANT_ID) == 0, "once"
    worse = await kept(stage, incident)
    assert (worse.severity, worse.missed, worse.escalations) == (Severity.CRITICAL, (Severity.HIGH,), 1)
    assert worse.due_at == stage.clock.now() + timedelta(minutes=5)
    assert worse.history[-1].text == f"Nobody had answered by {incident.due_at:%H:%M} UTC; now CRITICAL."
    stage.clock.advance(minutes=5)
    assert [await look_after_answers(stage.means, MERCHANT_ID) for _ in range(2)] == [1, 0]
    end = await kept(stage, incident)
    assert (end.severity, end.missed) == (Severity.CRITICAL, (Severity.HIGH, Severity.CRITICAL))
    assert end.due_at == worse.due_at, "it shows how long nobody has answered"
    stage.clock.advance(days=2)
    assert await look_after_answers(stage.means, MERCHANT_ID) == 0
    assert await kept(stage, quiet) == quiet


async def test_who_has_answered_is_not_hurried(stage: Stage) -> None:
    ann, incident = await somebody(stage, "Ann"), await trouble(stage)
    await claim(stage, incident, ann)
    stage.clock.advance(hours=3)
    assert await look_after_answers(stage.means, MERCHANT_ID) == 0


async def test_while_a_shopper_is_asked_nobody_has_to_answer(stage: Stage) -> None:
    incident, begun = await trouble(stage), stage.clock.now()
    stage.clock.advance(minutes=10)  # 5 of 15 minutes are left
    until = stage.clock.now() + timedelta(hours=2)
    async with stage.means.begin(MERCHANT_ID) as work:
        waiting = await wait(work, incident, PLAYBOOK, "The shopper was asked.", until, stage.clock.now())
    assert (waiting.status, waiting.waiting_for) == (STATUS.WAITING, "The shopper was asked.")
    assert waiting.due_at == begun + timedelta(minutes=15, hours=2)
    stage.clock.advance(hours=1)
    assert await look_after_answers(stage.means, MERCHANT_ID) == 0
    async with stage.means.begin(MERCHANT_ID) as work:
        answered = await end_wait(work, waiting, PLAYBOOK, "They answered.", stage.clock.now())
    assert (answered.status, answered.waiting_for) == (STATUS.OPEN, "")
    assert answered.due_at == stage.clock.now() + timedelta(minutes=5)


async def test_a_wait_that_nobody_ends_ends_by_itself_and_the_timer_goes_on(stage: Stage) -> None:
    incident = await trouble(stage)
    until = stage.clock.now() + timedelta(hours=2)
    async with stage.means.begin(MERCHANT_ID) as work:
        await wait(work, incident, PLAYBOOK, "The shopper was asked.", until, stage.clock.now())
    stage.clock.advance(hours=2)
    assert await look_after_answers(stage.means, MERCHANT_ID) == 1
    ended = await kept(stage, incident)
    assert (ended.status, ended.due_at) == (STATUS.OPEN, until + timedelta(minutes=15))
    stage.clock.advance(minutes=15)
    await look_after_answers(stage.means, MERCHANT_ID)
    assert (await kept(stage, incident)).severity is Severity.CRITICAL


async def test_a_person_who_escalates_frees_it_and_a_playbook_leaves_it_with_who_has_it(stage: Stage) -> None:
    ann = await somebody(stage, "Ann")
    mine = await claim(stage, await trouble(stage, IncidentKind.LATE_RISK), ann)  # MEDIUM
    async with stage.means.begin(MERCHANT_ID) as work:
        by_machine = await escalate(work, mine, PLAYBOOK, "Nothing is left to try.", stage.clock.now())
        assert (by_machine.assignee_id, by_machine.status) == (ann.id, STATUS.ACKNOWLEDGED)
        assert by_machine.severity is Severity.HIGH
        by_hand = await escalate(work, by_machine, hand_of(ann), "I cannot.", stage.clock.now())
        assert (by_hand.assignee_id, by_hand.status) == (None, STATUS.OPEN)
        with pytest.raises(StateConflict, match="CRITICAL already"):
            await escalate(work, by_hand, hand_of(ann), "", stage.clock.now(), severity=Severity.CRITICAL)


@dataclass
class Heard:
    """Operators who remember what they were told."""

    said: list[str] = field(default_factory=list)

    def listen_to(self, severity: Severity) -> bool:
        return severity in {Severity.HIGH, Severity.CRITICAL}

    async def tell(self, severity: Severity, title: str, text: str) -> None:
        self.said.append(f"{title}: {text.partition(' A person')[0]}")


async def told_by(stage: Stage) -> tuple[Means, Heard]:
    operators = Heard()
    return replace(stage.means, operators=operators), operators


async def test_operators_hear_of_each_call_for_help_and_of_silence_once_for_many(stage: Stage) -> None:
    from doorstep.events import IncidentEscalated
    from gateway.flow.messaging.alarm import tell_of_escalation

    means, operators = await told_by(stage)
    ann = await somebody(stage, "Ann")
    for about in ("ful_1", "ful_2"):
        incident = await trouble(stage, about=about)
        event = IncidentEscalated(MERCHANT_ID, incident.id, 1)
        await tell_of_escalation(event, means)
        await tell_of_escalation(event, means)
    assert operators.said == ["A shop: high: Escalated: nobody has answered. Nobody comes."]
    for about in ("ful_3", "ful_4"):
        incident = await trouble(stage, about=about)
        async with stage.means.begin(MERCHANT_ID) as work:
            await escalate(work, incident, hand_of(ann), "Help", stage.clock.now())
        event = IncidentEscalated(MERCHANT_ID, incident.id, 1, is_by_hand=True)
        await tell_of_escalation(event, means)
        await tell_of_escalation(event, means)
    assert operators.said[1:] == ["A shop: critical: Escalated by hand. Nobody comes."] * 2


async def test_what_is_said_about_it_is_written_down_also_when_it_is_over(stage: Stage) -> None:
    ann, incident = await somebody(stage, "Ann"), await trouble(stage)
    now, desk = stage.clock.now(), hand_of(ann)
    async with stage.means.begin(MERCHANT_ID) as work:
        over = await answer.resolve(work, incident, desk, Resolution.FIXED, "", now)
        said = await answer.comment(work, over, desk, "Their phone was off.", now)
        with pytest.raises(InvalidInput):
            await answer.comment(work, said, desk, "", now)
        full = replace(said, history=said.history[:1] * answer.MOST_LINES)
        with pytest.raises(InvalidInput, match="500 lines"):
            await answer.comment(work, full, desk, "one more", now)
    assert [(one.text, one.person_id, one.key_id) for one in said.history[1:]] == [
        ("Resolved.", ann.id, "key of Ann"),
        ("Their phone was off.", ann.id, "key of Ann"),
    ]


async def test_what_was_closed_too_early_is_opened_again_unless_a_newer_one_is_open(stage: Stage) -> None:
    ann, first = await somebody(stage, "Ann"), await trouble(stage)
    desk = hand_of(ann)
    async with stage.means.begin(MERCHANT_ID) as work:
        over = await answer.resolve(work, first, desk, Resolution.FIXED, "", stage.clock.now())
    stage.clock.advance(hours=1)
    async with stage.means.begin(MERCHANT_ID) as work:
        again = await answer.reopen(work, over, desk, "It is still there.", stage.clock.now())
        with pytest.raises(StateConflict, match="not resolved"):
            await answer.reopen(work, again, desk, "", stage.clock.now())
    assert (again.status, again.resolved_at, again.resolution) == (STATUS.OPEN, None, None)
    assert again.due_at == stage.clock.now() + Severity.HIGH.response_time
    async with stage.means.begin(MERCHANT_ID) as work:
        over = await answer.resolve(work, again, desk, Resolution.FIXED, "", stage.clock.now())
    newer = await trouble(stage)
    async with stage.means.begin(MERCHANT_ID) as work:
        with pytest.raises(StateConflict, match=newer.id):
            await answer.reopen(work, over, desk, "", stage.clock.now())


async def test_who_leaves_has_nothing_in_hand_and_can_be_forgotten(stage: Stage) -> None:
    ann, incident = await somebody(stage, "Ann"), await trouble(stage)
    await claim(stage, incident, ann)
    now, boss = stage.clock.now(), Author(Actor.PERSON, key_id="key_1")
    gone = await people.archive_person(stage.means, MERCHANT_ID, ann.id, 1)
    assert (gone.name, gone.is_here) == ("Ann", False)
    assert (await kept(stage, incident)).status is STATUS.OPEN
    with pytest.raises(StateConflict):
        await people.archive_person(stage.means, MERCHANT_ID, ann.id, 2)
    async with stage.means.begin(MERCHANT_ID) as work:
        with pytest.raises(InvalidInput, match="here no more"):
            await take.assign(work, incident, ann.id, boss, "", now)
    forgotten = await people.archive_person(stage.means, MERCHANT_ID, ann.id, 2, forget=True)
    assert (forgotten.name, forgotten.email, forgotten.id) == (FORGOTTEN, "", ann.id)
    assert (await kept(stage, incident)).history[1].person_id == ann.id


@pytest.mark.parametrize("forget", [False, True])
async def test_who_is_forgotten_is_not_named_by_a_key_either(stage: Stage, forget: bool) -> None:
    ann, now = await somebody(stage, "Ann"), stage.clock.now()
    key = KeyRow(
        "key_ann", MERCHANT_ID, "Ann's phone", "SECRET", "a" * 64, "doo", (), (), now, person_id=ann.id
    )
    others = replace(key, id="key_bob", hash="b" * 64, name="Bob's phone", person_id=None)
    async with stage.database.tenant(MERCHANT_ID) as connection:
        for row in (key, others):
            await add_key(connection, row)
    await people.archive_person(stage.means, MERCHANT_ID, ann.id, 1, forget=forget)
    async with stage.database.tenant(MERCHANT_ID) as connection:
        rows = await connection.execute(
            select(api_keys.c.name, api_keys.c.revoked_at).order_by(api_keys.c.id)
        )
        kept_keys = [tuple(row) for row in rows]
    assert kept_keys == [(FORGOTTEN if forget else "Ann's phone", now), ("Bob's phone", None)]


async def test_what_somebody_takes_while_they_are_archived_is_put_back(stage: Stage, dsn: Dsn) -> None:
    ann, incident = await somebody(stage, "Ann"), await trouble(stage)
    async with stage.means.begin(MERCHANT_ID) as work:
        current = await live_incident(work, incident.id)
        await take.claim(work, current, hand_of(ann), "", stage.clock.now())
        leaving = asyncio.create_task(people.archive_person(stage.means, MERCHANT_ID, ann.id, 1))
        await until_somebody_waits(dsn)
    await leaving
    assert (await kept(stage, incident)).assignee_id is None


async def test_what_a_process_that_died_did_not_put_back_the_next_look_does(stage: Stage) -> None:
    ann, incident = await somebody(stage, "Ann"), await trouble(stage)
    await claim(stage, incident, ann)
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.people.archive(ann.id, 1, stage.clock.now(), forget=False)
    assert [await look_after_answers(stage.means, MERCHANT_ID) for _ in range(2)] == [1, 0]
    assert (await kept(stage, incident)).status is STATUS.OPEN


@pytest.mark.parametrize(
    ("name", "email", "field_"), [("", "", "name"), ("A" * 101, "", "name"), ("Ann", "nowhere", "email")]
)
async def test_people_are_checked_field_by_field(stage: Stage, name: str, email: str, field_: str) -> None:
    person = Person("", MERCHANT_ID, name, email=email)
    async with stage.means.begin(MERCHANT_ID) as work:
        with pytest.raises(InvalidInput) as refused:
            await people.save_person(work, person, None)
    assert refused.value.issues[0].path == ("input", field_)
