"""Messages of the simulated Lalamove by itself, as documented."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from simulator.carriers.lalamove.actor import FAILURES_UNTIL_OFF, HABITS
from simulator.postman import Habits
from tests.integration.connectors.lalamove.simulator.lalamove_wire import (
    SECRET,
    Rig,
    Wish,
    code_of,
)


@pytest.mark.parametrize("step_s", [5.0, 20.0, 3600.0])
async def test_a_jump_in_time_leaves_no_event_out_and_keeps_their_order(rig: Rig, step_s: float) -> None:
    await rig.placed()

    await rig.live(3600, step_s)

    messages = rig.messages()
    told = [(one["eventType"], one["data"]["order"].get("status", "")) for one in messages]
    assert sorted(messages, key=lambda one: int(one["timestamp"])) == messages
    assert told == [
        ("ORDER_CREATED", "ASSIGNING_DRIVER"),
        ("ORDER_STATUS_CHANGED", "ASSIGNING_DRIVER"),
        ("ORDER_STATUS_CHANGED", "ON_GOING"),
        ("DRIVER_ASSIGNED", ""),
        ("ORDER_STATUS_CHANGED", "PICKED_UP"),
        ("POP_STATUS_CHANGED", ""),
        ("POD_STATUS_CHANGED", ""),
        ("ORDER_STATUS_CHANGED", "COMPLETED"),
    ]
    # The same seed gives the same ride, however the time was cut.
    assert messages[-1]["timestamp"] == 1795399903


async def test_an_event_is_signed_in_its_body_over_time_path_and_data(rig: Rig) -> None:
    await rig.placed()
    await rig.live(20)

    for _, body in rig.letters:
        message = json.loads(body)
        data = body[body.index(b'"data":') + len(b'"data":') : -1]
        signed = f"{message['timestamp']}\r\nPOST\r\n/hook\r\n\r\n".encode() + data
        assert message["signature"] == hmac.new(SECRET, signed, hashlib.sha256).hexdigest()
        assert (message["apiKey"], message["eventVersion"]) == ("pk_test_1", "v3")
        assert json.loads(data) == message["data"]


async def test_the_previous_status_and_the_odd_instants_are_told(rig: Rig) -> None:
    order_id = await rig.placed()
    await rig.until("ON_GOING", order_id)

    changes = [one["data"] for one in rig.messages() if one["eventType"] == "ORDER_STATUS_CHANGED"]
    assert [data["order"]["previousStatus"] for data in changes] == ["", "ASSIGNING_DRIVER"]
    assert changes[0]["updatedAt"] == "2026-11-23T02:00.00Z"


@pytest.mark.parametrize("rig", [Wish(habits=HABITS)], indirect=True, ids=["real habits"])
async def test_a_url_that_fails_ten_times_is_switched_off_and_a_message_is_tried_eleven_times(
    rig: Rig,
) -> None:
    rig.hook_status[0] = 500
    await rig.placed()
    await rig.live(2 * 86_400, step_s=600)
    tried = [body for _, body in rig.letters]
    first = tried[0]
    instants = [at for at, body in rig.letters if body == first]
    rig.letters.clear()
    await rig.placed()
    await rig.live(86_400, step_s=600)

    assert len(tried) >= FAILURES_UNTIL_OFF
    assert rig.lalamove.webhook_url == ""
    # Two copies where the postman repeats himself.
    assert len(instants) in {11, 22}
    assert timedelta(hours=20) < instants[-1] - instants[0] < timedelta(hours=26)
    assert rig.letters == []


async def test_one_success_forgives_the_failures_before(rig: Rig) -> None:
    for _ in range(3):
        rig.hook_status[0] = 500
        await rig.placed()
        await rig.live(20)
        rig.hook_status[0] = 200
        await rig.placed()
        await rig.live(20)

    assert rig.lalamove.webhook_url == rig.hook


@pytest.mark.parametrize(
    "rig",
    [Wish(habits=Habits(repeat_probability=0.5, delay_probability=0.5, delay_up_to_s=600))],
    indirect=True,
    ids=["disorder"],
)
async def test_messages_may_come_twice_and_out_of_order_and_keep_their_ids(rig: Rig) -> None:
    for _ in range(3):
        await rig.placed()
    await rig.live(7200, step_s=30)

    messages = rig.messages()
    ids = [one["eventId"] for one in messages]
    stamps = [one["timestamp"] for one in messages]
    assert len(set(ids)) == 24
    assert len(ids) > 24
    assert stamps != sorted(stamps)


async def test_a_url_is_registered_if_it_answers_an_empty_hello_with_200(rig: Rig) -> None:
    rig.lalamove.webhook_url = ""
    rig.hook_status[0] = 500
    refused, answer = await rig.call("PATCH", "/v3/webhook", {"url": rig.hook})
    rig.hook_status[0] = 200
    taken, _ = await rig.call("PATCH", "/v3/webhook", {"url": rig.hook})

    assert (refused, code_of(answer), taken) == (422, "ERR_INVALID_RESPONSE", 200)
    assert [body for _, body in rig.letters] == [b"", b""]
    assert rig.lalamove.webhook_url == rig.hook
