"""Operators hear of incidents on their own channels: the bad ones, and not again and again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from doorstep.errors import RemoteUnavailable
from doorstep.events import IncidentRaised
from doorstep.incident import IncidentKind, Severity
from doorstep.secret import Secret
from gateway.bootstrap.operators import AppriseOperators, read_channels
from gateway.flow.messaging.alarm import QUIET_FOR, tell_operators
from gateway.flow.ports import Means
from gateway.flow.watching.incidents import Alarm, raise_incident
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.receiver import Receiver, receiving
from tests.integration.flow.stage import Stage


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


def told_by(stage: Stage, *channels: str) -> Means:
    return replace(stage.means, operators=AppriseOperators(read_channels(Secret(" ".join(channels)))))


async def trouble(means: Means, kind: IncidentKind, about: str) -> None:
    """An incident of a kind, and the handler that follows from it."""
    async with means.begin(MERCHANT_ID) as work:
        alarm = Alarm(kind, "Something is wrong", "It was seen.", fulfillment_order_id=about)
        incident = await raise_incident(work, alarm, means.clock.now())
    await tell_operators(IncidentRaised(MERCHANT_ID, incident.id), means)


async def test_operators_hear_of_what_is_bad_enough_and_of_many_alike_once_in_a_while(
    stage: Stage, receiver: Receiver
) -> None:
    means = told_by(stage, receiver.url.replace("http://", "HIGH=json://"))
    await trouble(means, IncidentKind.QUOTE_EXPIRED, "ful_1")  # LOW
    assert receiver.came == []
    for number in range(3):
        await trouble(means, IncidentKind.NO_COURIER, f"ful_{number}")
    (said,) = receiver.bodies
    assert said["title"] == "A shop: high"
    assert said["message"].startswith("Something is wrong. A person answers by ")
    await trouble(means, IncidentKind.CARRIER_DOWN, "ful_9")
    assert len(receiver.came) == 2, "another kind is another matter"
    stage.clock.advance(seconds=QUIET_FOR.total_seconds())
    await trouble(means, IncidentKind.NO_COURIER, "ful_4")
    assert "3 more of the kind are open." in receiver.bodies[-1]["message"]


async def test_one_channel_that_works_is_enough_and_none_is_tried_again(
    stage: Stage, receiver: Receiver
) -> None:
    dead = "json://127.0.0.1:9/hook"
    await trouble(
        told_by(stage, dead, receiver.url.replace("http://", "json://")), IncidentKind.LOST, "ful_1"
    )
    assert len(receiver.came) == 1
    with pytest.raises(RemoteUnavailable):
        await trouble(told_by(stage, dead), IncidentKind.DAMAGED, "ful_1")


async def test_channels_are_tried_and_those_that_nobody_can_read_are_named_without_their_secrets(
    receiver: Receiver,
) -> None:
    setting = Secret(f"{receiver.url.replace('http://', 'json://')} CRITICAL=nosuch://token-of-ours")
    channels = read_channels(setting)
    assert [channel.least for channel in channels] == [Severity.HIGH, Severity.CRITICAL]
    operators = AppriseOperators(channels)
    assert await operators.try_all() == [("json", True), ("nosuch", False)]
    (found,) = operators.check()
    assert "nosuch" in found.text
    assert "token-of-ours" not in found.text + repr(channels)
