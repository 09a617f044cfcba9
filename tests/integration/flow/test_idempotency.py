"""The same key with the same input is the same call."""

from __future__ import annotations

import asyncio

import pytest

from doorstep.errors import IdempotencyConflict, NotFound
from gateway.flow.idempotency import once
from gateway.flow.quoting.cart import Cart, CartItem
from gateway.flow.quoting.choose import choose_option
from gateway.flow.quoting.options import delivery_options
from tests.integration.flow.fakes import HOME, MERCHANT_ID
from tests.integration.flow.stage import Stage


class Counter:
    """Something to do; answers with how often it was done."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        await asyncio.sleep(0)
        return f"answer {self.calls}"


async def _once(stage: Stage, act: Counter, *, key: str = "k", question: object = ("a", 1)) -> str:
    return await once(stage.means, MERCHANT_ID, "op", key, question, act)


async def test_a_repeat_gets_the_first_answer_and_does_nothing(stage: Stage) -> None:
    act = Counter()
    assert [await _once(stage, act) for _ in range(3)] == ["answer 1"] * 3
    assert act.calls == 1


async def test_a_key_that_comes_with_other_input_is_refused(stage: Stage) -> None:
    act = Counter()
    await _once(stage, act)
    first_seen_at = stage.clock.now()
    stage.clock.advance(hours=1)
    with pytest.raises(IdempotencyConflict, match="other input") as conflict:
        await _once(stage, act, question=("a", 2))
    assert conflict.value.first_seen_at == first_seen_at
    assert act.calls == 1


async def test_keys_operations_and_merchants_do_not_meet(stage: Stage) -> None:
    act = Counter()
    answers = [await _once(stage, act), await _once(stage, act, key="other")]
    answers.append(await once(stage.means, MERCHANT_ID, "other", "k", ("b", 9), act))
    answers.append(await once(stage.means, "mer_of_another", "op", "k", ("c", 9), act))
    assert answers == [f"answer {n}" for n in (1, 2, 3, 4)]


async def test_first_calls_that_come_at_once_get_one_answer(stage: Stage) -> None:
    act = Counter()
    answers = await asyncio.gather(*(_once(stage, act) for _ in range(4)))
    assert len(set(answers)) == 1
    assert await _once(stage, act) == answers[0]


async def test_of_first_calls_with_different_input_one_wins_and_the_others_are_refused(stage: Stage) -> None:
    act = Counter()
    calls = (_once(stage, act, question=("a", n)) for n in range(4))
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, IdempotencyConflict) for outcome in outcomes) == 3


async def test_a_call_that_failed_is_not_remembered(stage: Stage) -> None:
    async def fail() -> str:
        raise NotFound("quo_1")

    with pytest.raises(NotFound):
        await once(stage.means, MERCHANT_ID, "op", "k", (), fail)
    assert await _once(stage, Counter(), question=()) == "answer 1"


async def test_a_choice_that_is_sent_twice_is_one_choice(stage: Stage) -> None:
    cart = Cart([CartItem(quantity=1)], currency="USD")
    options = await delivery_options(stage.means, MERCHANT_ID, HOME, cart, budget_s=10)
    wanted = (options.id, options.quotes[0].id, "cart-1")
    first = await choose_option(stage.means, MERCHANT_ID, "key-1", *wanted)
    stage.clock.advance(hours=1)
    again = await choose_option(stage.means, MERCHANT_ID, "key-1", *wanted)
    assert again == first, "though the offer has expired since"
    with pytest.raises(IdempotencyConflict):
        await choose_option(stage.means, MERCHANT_ID, "key-1", options.id, options.quotes[1].id, "cart-1")
