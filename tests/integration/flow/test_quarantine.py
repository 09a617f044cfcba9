"""What cannot be read waits aside, whole, and can be tried again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from doorstep.errors import NotFound, StateConflict, UnreadablePayload
from doorstep.ids import new_id
from gateway.flow.intake.keep import Intake
from gateway.flow.intake.replay import replay
from gateway.flow.records import Quarantined, QuarantineStatus
from tests.integration.flow.fakes import MERCHANT_ID, STORE
from tests.integration.flow.stage import Stage


async def _waiting(stage: Stage, external_id: str = "1001") -> Quarantined | None:
    async with stage.means.begin(MERCHANT_ID) as work:
        return await work.quarantine.waiting_for(STORE.id, external_id)


async def _kept(stage: Stage, quarantined_id: str) -> Quarantined:
    async with stage.means.begin(MERCHANT_ID) as work:
        found = await work.quarantine.get(quarantined_id)
    assert found is not None
    return found


async def test_it_is_kept_whole_with_the_field_that_is_wrong(stage: Stage) -> None:
    stage.shop.put("1001", broken=True)
    await stage.take_in()
    message = await _waiting(stage)
    assert message is not None
    assert (message.attempts, message.problem_path) == (1, ("currency",))
    assert '"broken": true' in message.raw_body


async def test_failing_again_counts_on_the_same_message(stage: Stage) -> None:
    stage.shop.put("1001", broken=True)
    await stage.take_in()
    first = await _waiting(stage)
    await stage.take_in()
    second = await _waiting(stage)
    assert first is not None
    assert second is not None
    assert (second.id, second.attempts, second.received_at) == (first.id, 2, first.received_at)


async def test_a_replay_takes_the_order_as_the_store_has_it_now(stage: Stage) -> None:
    stage.shop.put("1001", broken=True)
    await stage.take_in()
    message = await _waiting(stage)
    assert message is not None
    stage.shop.put("1001", broken=False, street="14 Mill Street")
    order = await replay(stage.means, MERCHANT_ID, message.id)
    assert order is not None
    assert order.destination is not None
    assert order.destination.line1 == "14 Mill Street"
    assert (await _kept(stage, message.id)).status is QuarantineStatus.REPLAYED
    await stage.settle()
    assert len(stage.cheap.booked) == 1, "and the order goes its way"


async def test_a_replay_that_fails_again_says_why_and_waits_on(stage: Stage) -> None:
    stage.shop.put("1001", broken=True)
    await stage.take_in()
    message = await _waiting(stage)
    assert message is not None
    with pytest.raises(UnreadablePayload, match="currency"):
        await replay(stage.means, MERCHANT_ID, message.id)
    again = await _kept(stage, message.id)
    assert (again.status, again.attempts) == (QuarantineStatus.WAITING, 2)


async def test_what_was_replayed_is_not_replayed_twice(stage: Stage) -> None:
    stage.shop.put("1001", broken=True)
    await stage.take_in()
    message = await _waiting(stage)
    assert message is not None
    stage.shop.put("1001", broken=False)
    await replay(stage.means, MERCHANT_ID, message.id)
    with pytest.raises(StateConflict, match="replayed already"):
        await replay(stage.means, MERCHANT_ID, message.id)
    with pytest.raises(NotFound):
        await replay(stage.means, MERCHANT_ID, new_id("qua"))


async def test_a_message_that_did_not_say_which_order_it_is_about_is_done_with_too(stage: Stage) -> None:
    stage.shop.put("1001")
    raw = await stage.shop.fetch_order("1001")
    assert raw is not None
    message = Quarantined(
        id=new_id("qua"),
        merchant_id=MERCHANT_ID,
        source=STORE.id,
        topic="orders/updated",
        external_id="delivery-77",
        received_at=datetime(2026, 11, 23, 16, tzinfo=UTC),
        attempts=1,
        status=QuarantineStatus.WAITING,
        problem_code="INVALID_INPUT",
        problem_message="no order id",
        problem_path=(),
        raw_body=raw.body.replace("{", '{"known_as": "1001", ', 1),
    )
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.quarantine.put(message)
    order = await replay(stage.means, MERCHANT_ID, message.id)
    assert order is not None
    assert order.external_id == "1001"
    assert (await _kept(stage, message.id)).status is QuarantineStatus.REPLAYED


async def test_an_order_that_can_be_read_again_leaves_the_quarantine_by_itself(stage: Stage) -> None:
    stage.shop.put("1001", broken=True)
    await stage.take_in()
    message = await _waiting(stage)
    assert message is not None
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", broken=False)
    assert (await stage.take_in())[Intake.NEW] == 1
    assert (await _kept(stage, message.id)).status is QuarantineStatus.REPLAYED
    assert await _waiting(stage) is None
