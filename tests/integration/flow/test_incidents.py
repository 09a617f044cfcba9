"""The queue of what went wrong: one live incident for each subject and kind, with its history."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from doorstep.audit import Actor, Author
from doorstep.delivery import DeliveryFlag
from doorstep.incident import Incident, IncidentKind, IncidentStatus, Resolution, StepAction, StepStatus
from gateway.flow.desk.answer import acknowledge
from gateway.flow.watching.incidents import Alarm, add_step, raise_incident, resolve, settle
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage


async def _raise(
    stage: Stage, kind: IncidentKind, *, delivery_id: str | None = None, driver_id: str | None = None
) -> Incident:
    alarm = Alarm(kind, "title", "what is known", delivery_id=delivery_id, driver_id=driver_id)
    async with stage.means.begin(MERCHANT_ID) as work:
        return await raise_incident(work, alarm, stage.clock.now())


async def _kept(stage: Stage, incident: Incident) -> Incident:
    async with stage.means.begin(MERCHANT_ID) as work:
        found = await work.incidents.get(incident.id)
    assert found is not None
    return found


async def test_the_same_trouble_is_one_incident_while_it_lives(stage: Stage) -> None:
    delivery = await stage.booked()
    first = await _raise(stage, IncidentKind.DAMAGED, delivery_id=delivery.id)
    assert await _raise(stage, IncidentKind.DAMAGED, delivery_id=delivery.id) == first
    other = await _raise(stage, IncidentKind.LOST, delivery_id=delivery.id)
    driver = await _raise(stage, IncidentKind.DAMAGED, driver_id="drv_1")
    assert {one.id for one in await stage.incidents()} == {first.id, other.id, driver.id}


async def test_alarms_that_come_at_once_are_one_incident(stage: Stage) -> None:
    delivery = await stage.booked()
    raised = await asyncio.gather(
        *(_raise(stage, IncidentKind.DAMAGED, delivery_id=delivery.id) for _ in range(4))
    )
    assert len({one.id for one in raised}) == 1


async def test_after_the_end_the_same_trouble_is_a_new_incident(stage: Stage) -> None:
    first = await _raise(stage, IncidentKind.GPS_SILENT, driver_id="drv_1")
    async with stage.means.begin(MERCHANT_ID) as work:
        await resolve(work, first, Actor.PLAYBOOK, Resolution.FIXED, "heard", stage.clock.now())
    second = await _raise(stage, IncidentKind.GPS_SILENT, driver_id="drv_1")
    assert second.id != first.id


async def test_how_soon_a_person_must_answer_follows_from_the_kind(stage: Stage) -> None:
    lost = await _raise(stage, IncidentKind.LOST, driver_id="a")
    late = await _raise(stage, IncidentKind.LATE_RISK, driver_id="a")
    unnamed = await _raise(stage, IncidentKind.OTHER, driver_id="a")
    waits = [incident.due_at - incident.raised_at for incident in (lost, late, unnamed)]
    assert waits == [timedelta(minutes=5), timedelta(minutes=60), timedelta(minutes=15)]
    assert [one.id for one in await stage.incidents()] == [lost.id, unnamed.id, late.id], "sooner first"


async def test_its_life_is_written_down(stage: Stage) -> None:
    incident = await _raise(stage, IncidentKind.NO_COURIER, driver_id="drv_1")
    start = stage.clock.now()
    stage.clock.advance(minutes=1)
    async with stage.means.begin(MERCHANT_ID) as work:
        seen = await acknowledge(work, incident, Author(Actor.PERSON), "", stage.clock.now())
    stage.clock.advance(minutes=1)
    async with stage.means.begin(MERCHANT_ID) as work:
        tried = await add_step(
            work, seen, StepAction.REDISPATCH, StepStatus.FAILED, "Nobody.", stage.clock.now()
        )
        await resolve(work, tried, Actor.PERSON, Resolution.REFUNDED, "Refunded.", stage.clock.now())
    kept = await _kept(stage, incident)
    assert [(entry.by, entry.text, (entry.at - start).seconds) for entry in kept.history] == [
        (Actor.OTHER, "what is known", 0),
        (Actor.PERSON, "Acknowledged.", 60),
        (Actor.PLAYBOOK, "Nobody.", 120),
        (Actor.PERSON, "Refunded.", 120),
    ]
    assert (kept.status, kept.resolution, kept.resolved_by) == (
        IncidentStatus.RESOLVED,
        Resolution.REFUNDED,
        Actor.PERSON,
    )
    assert [(step.action, step.status) for step in kept.steps] == [(StepAction.REDISPATCH, StepStatus.FAILED)]
    assert kept.version == incident.version + 3


async def test_what_is_over_is_not_resolved_again(stage: Stage) -> None:
    incident = await _raise(stage, IncidentKind.WEATHER, driver_id="drv_1")
    async with stage.means.begin(MERCHANT_ID) as work:
        over = await resolve(work, incident, Actor.PERSON, Resolution.FIXED, "over", stage.clock.now())
        again = await resolve(work, over, Actor.CARRIER, Resolution.OTHER, "again", stage.clock.now())
    assert again == over


async def test_a_delivery_carries_a_flag_as_long_as_something_is_wrong_with_it(stage: Stage) -> None:
    delivery = await stage.booked()
    await _raise(stage, IncidentKind.DAMAGED, delivery_id=delivery.id)
    await _raise(stage, IncidentKind.LATE_RISK, delivery_id=delivery.id)
    assert (await stage.kept(delivery.id)).flags == (DeliveryFlag.EXCEPTION_OPEN,)
    for kinds, flags in (
        ({IncidentKind.DAMAGED}, (DeliveryFlag.EXCEPTION_OPEN,)),
        (None, ()),
    ):
        async with stage.means.begin(MERCHANT_ID) as work:
            await settle(work, delivery.id, kinds, "mended", stage.clock.now())
        assert (await stage.kept(delivery.id)).flags == flags


async def test_those_who_watch_hear_of_an_incident_and_of_its_delivery(stage: Stage) -> None:
    delivery = await stage.booked()
    stage.told.clear()
    incident = await _raise(stage, IncidentKind.DAMAGED, delivery_id=delivery.id)
    assert [(news.topic, news.entity_id) for news in stage.told] == [
        ("exception", incident.id),
        ("delivery", delivery.id),
    ]


async def test_two_orders_that_the_map_does_not_know_are_two_incidents(stage: Stage) -> None:
    for external_id in ("1001", "1002"):
        stage.shop.put(external_id, street="Nowhere")
    await stage.take_in()
    await stage.settle()
    titles = sorted(incident.title for incident in await stage.incidents())
    assert titles == [f"Order #{n}: address not found on the map" for n in ("1001", "1002")]


async def test_an_address_that_was_corrected_closes_its_incident(stage: Stage) -> None:
    stage.shop.put("1001", street="Nowhere")
    await stage.take_in()
    await stage.settle()
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", street="12 Mill Street")
    await stage.take_in()
    await stage.settle()
    assert await stage.incidents() == []
    assert len(stage.cheap.booked) == 1


async def test_what_mends_itself_does_not_overwrite_what_a_person_says_meanwhile(stage: Stage) -> None:
    first = await _raise(stage, IncidentKind.GPS_SILENT, driver_id="drv_1")
    read = asyncio.Event()

    async def mend() -> None:
        async with stage.means.begin(MERCHANT_ID) as work:
            await work.incidents.live_of("drv_1")
            read.set()
            await settle(work, "drv_1", None, "heard", stage.clock.now())

    # Given a person who is closing it, when the machine sees that it is well
    async with stage.means.begin(MERCHANT_ID) as work:
        held = await work.incidents.get(first.id, lock=True)
        assert held is not None
        mending = asyncio.create_task(mend())
        await read.wait()
        await resolve(work, held, Actor.PERSON, Resolution.FALSE_ALARM, "seen", stage.clock.now())
        done, _ = await asyncio.wait([mending], timeout=0.1)
        assert not done
    await mending
    # Then it is closed once, as the person said
    kept = await _kept(stage, first)
    assert (kept.resolved_by, kept.resolution) == (Actor.PERSON, Resolution.FALSE_ALARM)
