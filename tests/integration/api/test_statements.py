"""Many things in one answer are read with as many statements as few of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from doorstep.delivery import Delivery
from doorstep.failed_attempt import AttemptChoice, AttemptFailure, AttemptState, FailedAttempt
from doorstep.ids import new_id
from gateway.store.database import Database
from tests.integration.api.test_choosing_tenants import data_of
from tests.integration.api.test_fleet_rates import fleet_of
from tests.integration.api.test_slots_chosen import Counter, counter
from tests.integration.api.test_stacks_seen import stacked
from tests.integration.flow.fakes import MERCHANT_ID, FakeCarrier

__all__ = ["counter"]

BOARD = """{ deliveries { nodes { reference
    activeLeg { stack { saving { amount } stops { deliveryReference } } }
    fulfillmentOrder { waitsUntil { at } }
    tracking { actions slots(first: 2) { nodes { id availability } } } } }
  carrierAccounts { nodes { health breaker { state recentAnswers } } } }"""


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is asked of the database within the block."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def _fails(counter: Counter, number: str) -> Delivery:
    """A van finds nobody at the door of an order."""
    delivery, now = await counter.stage.booked(number), counter.stage.clock.now()
    attempt = FailedAttempt(
        id=new_id("att"),
        merchant_id=MERCHANT_ID,
        order_id=delivery.order_id,
        delivery_id=delivery.id,
        leg_id=delivery.legs[0].id,
        event_id=new_id("evt"),
        number=1,
        failure=AttemptFailure.NOT_HOME,
        failed_at=now,
        state=AttemptState.OPEN,
        choices=(AttemptChoice.TRY_AGAIN, AttemptChoice.GIVE_UP, AttemptChoice.SAFE_PLACE),
        answer_by=now + timedelta(hours=4),
    )
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        # An earlier one, of which nothing is open any more.
        over = replace(
            attempt, id=new_id("att", now_ms=1), event_id=new_id("evt"), state=AttemptState.SUPERSEDED
        )
        await work.returns.put_attempt(over)
        await work.returns.put_attempt(attempt)
    return delivery


async def test_a_board_takes_as_many_statements_for_four_deliveries_and_accounts_as_for_one(
    counter: Counter,
) -> None:
    await fleet_of(counter)
    await counter.template(capacity=5)
    await stacked(counter, await _fails(counter, "1001"))
    with statements(counter.stage.database) as for_one:
        small: Any = await data_of(counter, BOARD)
    for number in ("1002", "1003", "1004"):
        await _fails(counter, number)
    await counter.stage.link(FakeCarrier("more", counter.stage.clock, 2000))
    with statements(counter.stage.database) as for_four:
        large: Any = await data_of(counter, BOARD)
    assert (len(small["deliveries"]["nodes"]), len(large["deliveries"]["nodes"])) == (1, 4)
    for node in large["deliveries"]["nodes"]:
        open_now = ["RESCHEDULE", "CHOOSE_SAFE_PLACE", "CORRECT_PIN", "SEND_MESSAGE"]
        assert node["tracking"]["actions"] == open_now
        assert [slot["availability"] for slot in node["tracking"]["slots"]["nodes"]] == ["AVAILABLE"] * 2
    assert len(large["carrierAccounts"]["nodes"]) == len(small["carrierAccounts"]["nodes"]) + 1
    assert {one["health"] for one in large["carrierAccounts"]["nodes"]} == {"HEALTHY"}
    assert len(for_four) == len(for_one), "\n".join(for_four)
