"""Every carrier is asked at once, and an answer is there when the deadline is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from doorstep.deadline import Deadline
from doorstep.limits import CarrierLimits
from doorstep.money import Money
from doorstep.ports import QuotePolicy
from doorstep.quote import DeclineReason, PriceBasis
from gateway.flow.ports import Reuse
from gateway.flow.quoting.breaker import ENOUGH, BreakerState
from gateway.flow.quoting.memory import FRESH, REFUSED
from gateway.flow.quoting.shopping import MOST_AT_ONCE, RateShopper
from tests.unit.flow.asked import REQUEST, HandClock, Told, down, linked

LONG_S, SHORT_S = 60.0, 0.05


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def shopper(clock: HandClock) -> AsyncIterator[RateShopper]:
    shopper = RateShopper(clock, now_s=clock.now_s)
    yield shopper
    await shopper.close()


def reasons(heard: object) -> list[list[DeclineReason]]:
    return [[no.reason for no in one.answer.declined] for one in heard]  # type: ignore[attr-defined]


async def test_results_come_in_the_order_of_the_carriers(shopper: RateShopper) -> None:
    carriers = [linked(Told("b", 700)), linked(Told("a", 500))]
    heard = await shopper.shop(carriers, REQUEST, Deadline(LONG_S))
    assert [one.answer.quotes[0].carrier for one in heard] == ["b", "a"]
    assert all(one.was_asked and one.was_in_time for one in heard)


async def test_a_carrier_that_hangs_is_told_as_timed_out_and_its_late_answer_is_remembered(
    shopper: RateShopper,
) -> None:
    slow = Told("slow", gate=asyncio.Event())
    carriers = [linked(Told("quick")), linked(slow)]
    heard = await shopper.shop(carriers, REQUEST, Deadline(SHORT_S), reuse=Reuse.ALL)
    assert reasons(heard) == [[], [DeclineReason.TIMED_OUT]]
    assert (heard[1].was_asked, heard[1].was_in_time) == (True, False)
    assert slow.gate is not None
    slow.gate.set()
    await asyncio.sleep(0.01)
    (again,) = await shopper.shop(carriers[1:], REQUEST, Deadline(LONG_S), reuse=Reuse.ALL)
    assert (again.answer.quotes[0].price_basis, len(slow.asked)) == (PriceBasis.CACHED, 1)


async def test_what_a_carrier_does_not_take_is_not_asked(shopper: RateShopper) -> None:
    small = Told()
    carrier = linked(small, limits=CarrierLimits(parcel_weight_g=500))
    heard = await shopper.shop([carrier], REQUEST, Deadline(LONG_S))
    assert (reasons(heard), small.asked) == ([[DeclineReason.TOO_HEAVY]], [])


async def test_a_plug_in_that_breaks_is_that_carriers_trouble_alone(shopper: RateShopper) -> None:
    carriers = [linked(Told("broken", error=ZeroDivisionError())), linked(Told("sound"))]
    heard = await shopper.shop(carriers, REQUEST, Deadline(LONG_S))
    assert reasons(heard) == [[DeclineReason.OTHER], []]


async def test_those_who_ask_the_same_at_once_share_one_call(shopper: RateShopper) -> None:
    told = Told(gate=asyncio.Event())
    asking = [asyncio.create_task(shopper.shop([linked(told)], REQUEST, Deadline(LONG_S))) for _ in range(20)]
    await asyncio.sleep(0.01)
    assert told.gate is not None
    told.gate.set()
    answers = await asyncio.gather(*asking)
    assert ({len(one[0].answer.quotes) for one in answers}, len(told.asked)) == ({1}, 1)


async def test_one_who_gives_up_does_not_end_the_call_of_the_others(shopper: RateShopper) -> None:
    told = Told(gate=asyncio.Event())
    first = asyncio.create_task(shopper.shop([linked(told)], REQUEST, Deadline(LONG_S)))
    second = asyncio.create_task(shopper.shop([linked(told)], REQUEST, Deadline(LONG_S)))
    await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert told.gate is not None
    told.gate.set()
    assert (await second)[0].answer.quotes


async def test_after_some_failures_a_carrier_is_left_alone_for_a_while(
    shopper: RateShopper, clock: HandClock
) -> None:
    told = Told(error=down())
    for number in range(ENOUGH):
        request = replace(REQUEST, reference=f"qst_{number}")
        await shopper.shop([linked(told)], request, Deadline(LONG_S))
    heard = await shopper.shop([linked(told)], REQUEST, Deadline(LONG_S))
    (decline,) = heard[0].answer.declined
    assert (decline.reason, len(told.asked), heard[0].was_asked) == (
        DeclineReason.CARRIER_DOWN,
        ENOUGH,
        False,
    )
    assert "it is down" in decline.text
    clock.seconds += 6.0
    told.error = None
    assert (await shopper.shop([linked(told)], REQUEST, Deadline(LONG_S)))[0].answer.quotes
    assert shopper.health("acc_courier").state(clock.now_s()) is BreakerState.CLOSED


async def test_time_outs_of_the_carrier_itself_open_its_breaker(
    shopper: RateShopper, clock: HandClock
) -> None:
    told = Told(gate=asyncio.Event())
    carrier = linked(told, quoting=QuotePolicy(timeout_s=0.01, may_hedge=False))
    for _ in range(ENOUGH):
        await shopper.shop([carrier], REQUEST, Deadline(LONG_S))
    assert shopper.health("acc_courier").state(clock.now_s()) is BreakerState.OPEN


async def test_a_checkout_that_is_drawn_again_asks_nobody_again(
    shopper: RateShopper, clock: HandClock
) -> None:
    told = Told()
    for _ in range(3):
        await shopper.shop([linked(told)], REQUEST, Deadline(LONG_S), reuse=Reuse.ALL)
    assert len(told.asked) == 1
    clock.seconds += FRESH.total_seconds()
    await shopper.shop([linked(told)], REQUEST, Deadline(LONG_S), reuse=Reuse.ALL)
    assert len(told.asked) == 2


@pytest.mark.parametrize("reuse", [Reuse.NOTHING, Reuse.REFUSALS])
async def test_who_books_wants_prices_that_stand(shopper: RateShopper, reuse: Reuse) -> None:
    told = Told()
    await shopper.shop([linked(told)], REQUEST, Deadline(LONG_S))
    told.error = down()
    heard = await shopper.shop([linked(told)], REQUEST, Deadline(LONG_S), reuse=reuse)
    assert (heard[0].answer.quotes, len(told.asked)) == ((), 2)


async def test_prices_of_the_last_minutes_stand_in_for_a_carrier_that_is_away_and_say_so(
    shopper: RateShopper, clock: HandClock
) -> None:
    told = Told()
    (before,) = await shopper.shop([linked(told)], REQUEST, Deadline(LONG_S), reuse=Reuse.ALL)
    told.error = down()
    clock.seconds += 300.0
    (after,) = await shopper.shop([linked(told)], REQUEST, Deadline(LONG_S), reuse=Reuse.ALL)
    (old,), (new,) = before.answer.quotes, after.answer.quotes
    assert (new.price, new.price_basis) == (old.price, PriceBasis.CACHED)
    assert (new.promise.window.end - old.promise.window.end).total_seconds() == 300.0
    assert [no.reason for no in after.answer.declined] == [DeclineReason.CARRIER_DOWN]
    clock.seconds += 900.0
    (late,) = await shopper.shop([linked(told)], REQUEST, Deadline(LONG_S), reuse=Reuse.ALL)
    assert late.answer.quotes == ()


async def test_a_way_that_was_refused_lately_is_not_asked_again_but_by_a_person(
    shopper: RateShopper, clock: HandClock
) -> None:
    told = Told(refusal=DeclineReason.OUT_OF_AREA)
    for reuse in (Reuse.ALL, Reuse.REFUSALS, Reuse.ALL):
        heard = await shopper.shop([linked(told)], REQUEST, Deadline(LONG_S), reuse=reuse)
        assert reasons(heard) == [[DeclineReason.OUT_OF_AREA]]
    assert len(told.asked) == 1
    await shopper.shop([linked(told)], REQUEST, Deadline(LONG_S), reuse=Reuse.NOTHING)
    assert len(told.asked) == 2
    clock.seconds += REFUSED.total_seconds()
    await shopper.shop([linked(told)], REQUEST, Deadline(LONG_S), reuse=Reuse.ALL)
    assert len(told.asked) == 3


async def test_no_courier_at_the_moment_is_asked_again(shopper: RateShopper) -> None:
    told = Told(refusal=DeclineReason.NO_CAPACITY)
    for _ in range(2):
        await shopper.shop([linked(told)], REQUEST, Deadline(LONG_S), reuse=Reuse.ALL)
    assert len(told.asked) == 2


async def test_a_carrier_that_hangs_fills_only_its_own_share(shopper: RateShopper) -> None:
    told = Told(gate=asyncio.Event())
    requests = [
        replace(REQUEST, dropoff=replace(REQUEST.dropoff, postal_code=str(20_000 + number)))
        for number in range(MOST_AT_ONCE + 1)
    ]
    asking = [
        asyncio.create_task(shopper.shop([linked(told)], request, Deadline(0.2))) for request in requests
    ]
    heard = [one[0].answer.declined[0].reason for one in await asyncio.gather(*asking)]
    assert heard.count(DeclineReason.TIMED_OUT) == MOST_AT_ONCE
    assert heard.count(DeclineReason.CARRIER_DOWN) == 1


async def test_another_weight_place_or_wish_is_another_question(shopper: RateShopper) -> None:
    told = Told()
    others = [
        REQUEST,
        replace(REQUEST, parcels=(replace(REQUEST.parcels[0], weight_g=1_101),)),
        replace(REQUEST, dropoff=replace(REQUEST.dropoff, postal_code="10003")),
        replace(REQUEST, dropoff=replace(REQUEST.dropoff, line1="")),
    ]
    for request in others:
        await shopper.shop([linked(told)], request, Deadline(LONG_S), reuse=Reuse.ALL)
    assert len(told.asked) == len(others)


async def test_a_checkout_with_an_offer_in_hand_does_not_wait_for_the_slowest(shopper: RateShopper) -> None:
    carriers = [linked(Told("quick")), linked(Told("slow", gate=asyncio.Event()))]
    deadline = Deadline(LONG_S)
    heard = await shopper.shop(carriers, REQUEST, deadline, settle_s=SHORT_S)
    assert reasons(heard) == [[], [DeclineReason.TIMED_OUT]]
    assert deadline.left_s > LONG_S / 2


async def test_a_checkout_without_an_offer_waits_on_for_the_first(shopper: RateShopper) -> None:
    late, never = Told("late", gate=asyncio.Event()), Told("never", gate=asyncio.Event())
    asking = asyncio.create_task(
        shopper.shop([linked(late), linked(never)], REQUEST, Deadline(LONG_S), settle_s=SHORT_S)
    )
    await asyncio.sleep(2 * SHORT_S)
    assert not asking.done()
    assert late.gate is not None
    late.gate.set()
    heard = await asking
    assert (len(heard[0].answer.quotes), reasons(heard)[1]) == (1, [DeclineReason.TIMED_OUT])


async def test_a_checkout_drawn_again_waits_only_for_who_never_can_be_remembered(
    shopper: RateShopper,
) -> None:
    quick, hung = linked(Told("quick")), linked(Told("hung", gate=asyncio.Event()))
    own = linked(Told("own"), quoting=QuotePolicy(cached_s=0))
    await shopper.shop([quick, hung, own], REQUEST, Deadline(SHORT_S), reuse=Reuse.ALL)
    deadline = Deadline(LONG_S)
    again = await shopper.shop([quick, hung, own], REQUEST, deadline, reuse=Reuse.ALL)
    assert reasons(again) == [[], [DeclineReason.TIMED_OUT], []]
    assert deadline.left_s > LONG_S / 2


async def test_goods_of_another_value_are_another_question(shopper: RateShopper) -> None:
    courier = Told()
    for minor in (4_000, 4_000, 30_001):
        request = replace(REQUEST, value=Money(minor, "USD"))
        await shopper.shop([linked(courier)], request, Deadline(LONG_S), reuse=Reuse.ALL)
    assert [one.value.minor for one in courier.asked] == [4_000, 30_001]
