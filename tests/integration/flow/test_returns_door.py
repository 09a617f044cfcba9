"""A word about the door changes what it speaks of, and stays only where somebody was told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from doorstep.audit import Actor
from doorstep.booking import BookingChange, CarrierUpdate
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import (
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
    StateConflict,
    UnknownOutcome,
)
from doorstep.failed_attempt import AttemptFailure
from gateway.flow.returning.door import say_of_door
from gateway.flow.returning.van import record_failure
from gateway.flow.returning.word import Word
from tests.integration.flow.fakes import MERCHANT_ID, FakeCarrier
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import add_van, drive, north, order_to, own_fleet, put_tour

SHED = "Leave it here: the blue shed"


@dataclass
class Told(FakeCarrier):
    """A courier that takes changes, or fails; somebody else may say something while it is asked."""

    faults: list[RemoteError] = field(default_factory=list)
    heard: list[str | None] = field(default_factory=list)

    async def change(self, external_id: str, change: BookingChange, budget_s: float) -> CarrierUpdate:
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.faults:
            raise self.faults.pop(0)
        self.heard.append(change.instructions)
        return self.update(external_id, DeliveryStatus.UNKNOWN, "?")


async def _told_at(stage: Stage, delivery_id: str, text: str) -> None:
    delivery = await stage.kept(delivery_id)
    place = replace(delivery.destination, instructions=text)
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.deliveries.put(replace(delivery, destination=place, version=delivery.version + 1))


async def _text(stage: Stage, delivery_id: str) -> str:
    return (await stage.kept(delivery_id)).destination.instructions


@pytest.mark.parametrize(
    ("before", "word", "after"),
    [
        ("", Word("the blue shed"), SHED),
        ("Gate 12", Word("the blue shed"), f"{SHED}\nGate 12"),
        (f"{SHED}\nGate 12", Word("the porch"), "Leave it here: the porch\nGate 12"),
        (f"{SHED}\nGate 12", Word(instructions="Gate 13\nRing twice"), f"{SHED}\nGate 13\nRing twice"),
        ("Gate 12\nRing twice", Word("the blue\nshed"), f"{SHED}\nGate 12\nRing twice"),
        (SHED, Word(instructions="Gate 12"), f"{SHED}\nGate 12"),
        ("Gate 12", Word("the blue shed", "Gate 13"), f"{SHED}\nGate 13"),
        (f"{SHED}\nGate 12", Word(), f"{SHED}\nGate 12"),
    ],
)
def test_only_what_is_given_changes(before: str, word: Word, after: str) -> None:
    assert word.onto(before) == after
    assert word.onto(after) == after, "said twice, it stands there once"


async def test_whoever_brings_it_reads_the_gate_code_and_the_safe_place(stage: Stage) -> None:
    told = Told("told", stage.clock, 100)
    await stage.link(told)
    delivery = await stage.booked()
    await _told_at(stage, delivery.id, "Gate 12")
    await say_of_door(stage.means, MERCHANT_ID, delivery.id, Word("the blue shed"), Actor.SHOPPER)
    await say_of_door(stage.means, MERCHANT_ID, delivery.id, Word(instructions="Gate 13"), Actor.SHOPPER)
    assert told.heard == [f"{SHED}\nGate 12", f"{SHED}\nGate 13"]
    assert await _text(stage, delivery.id) == f"{SHED}\nGate 13"


async def test_a_safe_place_after_a_failed_attempt_keeps_the_gate_code(stage: Stage) -> None:
    await own_fleet(stage)
    (first,) = await order_to(stage, **{"1001": north(2000)})
    van = await add_van(stage)
    await put_tour(stage, van, [first])
    await drive(stage, van, north(0), north(400), north(2000), north(2000), north(2000), every_s=60)
    await _told_at(stage, first.id, "Gate 12")
    await record_failure(stage.means, MERCHANT_ID, first.id, AttemptFailure.NOT_HOME)
    await say_of_door(stage.means, MERCHANT_ID, first.id, Word("the blue shed"), Actor.SHOPPER)
    assert await _text(stage, first.id) == f"{SHED}\nGate 12"


@pytest.mark.parametrize("fault", [RemoteRefused, RemoteUnavailable, UnknownOutcome])
async def test_what_a_carrier_could_not_be_told_does_not_stand_there(
    stage: Stage, fault: type[RemoteError]
) -> None:
    told = Told("told", stage.clock, 100)
    await stage.link(told)
    delivery = await stage.booked()
    await _told_at(stage, delivery.id, "Gate 12")
    told.faults = [fault("no", system="told"), fault("no", system="told")]
    with pytest.raises(StateConflict, match="Whoever brings it"):
        await say_of_door(stage.means, MERCHANT_ID, delivery.id, Word("the blue shed"), Actor.SHOPPER)
    assert await _text(stage, delivery.id) == "Gate 12"

    async def somebody_else() -> None:
        await _told_at(stage, delivery.id, "Ring twice")

    told.meanwhile = somebody_else
    with pytest.raises(StateConflict, match="Whoever brings it"):
        await say_of_door(stage.means, MERCHANT_ID, delivery.id, Word("the blue shed"), Actor.SHOPPER)
    assert await _text(stage, delivery.id) == "Ring twice"
