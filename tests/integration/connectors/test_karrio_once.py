"""One label for one booking key with the six carriers, whatever gets lost; none of them helps by refusing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused, RemoteUnavailable, UnknownOutcome
from simulator.carriers.books import BookState
from simulator.carriers.karrio_carriers import FakeUsps
from tests.integration.connectors.karrio_rig import (
    BUDGET_S,
    BY_CODE,
    CASES,
    Grounds,
    Rig,
    open_grounds,
    open_rig,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Enough for what is asked before the order, on a busy machine.
SHORT_S = 0.8

# Who knows at once of what was sold, and who keeps the paper.
CERTAIN = {"ups", "usps", "canada_post"}
KEEPS_LABELS = CERTAIN | {"purolator"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def grounds() -> AsyncIterator[Grounds]:
    """One server for all."""
    async with open_grounds() as grounds:
        yield grounds


@pytest_asyncio.fixture(params=CASES, ids=lambda case: case.plugin.carrier, loop_scope="module")
async def rig(request: pytest.FixtureRequest, grounds: Grounds) -> AsyncIterator[Rig]:
    """Each carrier in turn."""
    async with open_rig(request.param, grounds) as rig:
        yield rig


async def test_a_repeat_answers_the_same_booking(rig: Rig) -> None:
    request = rig.request(await rig.offer())

    first = await rig.carrier.book(request, BUDGET_S)
    again = await rig.carrier.book(request, BUDGET_S)

    assert again.external_id == first.external_id
    assert len(rig.house.books()) == 1
    if rig.carrier.carrier in KEEPS_LABELS:
        assert (again.status, bool(again.label_url)) == (DeliveryStatus.LABEL_READY, True)
    else:
        assert (again.status, again.raw_status) == (DeliveryStatus.BOOKED, "label_bought_but_lost")


async def test_after_a_restart_the_repeat_still_finds_the_label(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.house.fail_next("ship")
    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)

    another = rig.connect()
    made = await another.book(request, BUDGET_S)
    await another.close()

    assert [entry.external_id for entry in rig.house.books()] == [made.external_id]


async def test_an_answer_lost_with_no_sale_behind_it_is_bought_again_where_the_carrier_is_sure(
    rig: Rig,
) -> None:
    request = rig.request(await rig.offer())
    rig.house.refuse_next("ship", 503, "down")

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)
    if rig.carrier.carrier in CERTAIN:
        made = await rig.carrier.book(request, BUDGET_S)
        assert [entry.external_id for entry in rig.house.books()] == [made.external_id]
        return
    for _ in range(2):
        with pytest.raises(UnknownOutcome) as unsure:
            await rig.carrier.book(request, BUDGET_S)
        assert unsure.value.raw_code == "not_found_yet"
        assert "no second one is bought" in unsure.value.message
    assert rig.house.books() == []


@pytest.mark.parametrize("code", ["fedex", "mydhl", "purolator"])
async def test_a_label_that_the_carriers_index_learns_of_later_is_found_then(
    code: str, grounds: Grounds
) -> None:
    async with open_rig(BY_CODE[code], grounds) as rig:
        rig.house.index_lag = timedelta(minutes=30)
        request = rig.request(await rig.offer())
        rig.house.fail_next("ship")
        with pytest.raises(UnknownOutcome):
            await rig.carrier.book(request, BUDGET_S)

        with pytest.raises(UnknownOutcome):
            await rig.carrier.book(request, BUDGET_S)
        rig.live(1)
        made = await rig.carrier.book(request, BUDGET_S)

        assert [entry.external_id for entry in rig.house.books()] == [made.external_id]


async def test_an_outage_leaves_a_doubtful_booking_in_doubt(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.house.fail_next("ship")
    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)

    # Anything milder would send the dispatcher to the next carrier.
    rig.house.outage(True)
    with pytest.raises(UnknownOutcome) as unsure:
        await rig.carrier.book(request, BUDGET_S)
    rig.house.outage(False)
    made = await rig.carrier.book(request, BUDGET_S)

    assert unsure.value.raw_code == "look_failed"
    assert [entry.external_id for entry in rig.house.books()] == [made.external_id]


async def test_an_outage_before_anything_was_bought_is_unavailable(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.house.outage(True)

    with pytest.raises(RemoteUnavailable):
        await rig.carrier.book(request, BUDGET_S)
    rig.house.outage(False)
    made = await rig.carrier.book(request, BUDGET_S)

    assert [entry.external_id for entry in rig.house.books()] == [made.external_id]


# The operation by which each is looked through.
LOOKS = {
    "ups": "recover",
    "fedex": "find",
    "usps": "reprint",
    "mydhl": "find",
    "canada_post": "find",
    "purolator": "track",
}


async def test_a_question_that_the_carrier_does_not_take_stops_no_first_order(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.house.refuse_next(LOOKS[rig.carrier.carrier], 400, "odd")

    made = await rig.carrier.book(request, BUDGET_S)

    assert [entry.external_id for entry in rig.house.books()] == [made.external_id]


async def test_a_question_that_the_carrier_does_not_take_clears_no_doubt(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.house.fail_next("ship")
    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)
    rig.house.refuse_next(LOOKS[rig.carrier.carrier], 400, "odd")

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)
    made = await rig.carrier.book(request, BUDGET_S)

    assert [entry.external_id for entry in rig.house.books()] == [made.external_id]


async def test_a_clear_no_leaves_no_doubt(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.house.refuse_next("ship", 200 if rig.carrier.carrier == "purolator" else 400, "12345")

    with pytest.raises(RemoteRefused):
        await rig.carrier.book(request, BUDGET_S)
    made = await rig.carrier.book(request, BUDGET_S)

    assert [entry.external_id for entry in rig.house.books()] == [made.external_id]


async def test_a_yes_that_cannot_be_read_is_an_unknown_outcome_and_is_found_by_the_repeat(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.house.answer_next("ship", b"<html>Bad gateway</html>", "text/html")

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)
    made = await rig.carrier.book(request, BUDGET_S)

    assert [entry.external_id for entry in rig.house.books()] == [made.external_id]


async def test_a_task_that_is_cancelled_while_buying_leaves_a_doubt(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.house.lose_next_booking()
    buying = asyncio.create_task(rig.carrier.book(request, BUDGET_S))
    while not rig.house.books():
        await asyncio.sleep(0.01)
    buying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await buying

    made = await rig.carrier.book(request, BUDGET_S)

    assert [entry.external_id for entry in rig.house.books()] == [made.external_id]


async def test_two_at_once_with_one_key_buy_one_label(rig: Rig) -> None:
    request = rig.request(await rig.offer())

    made = await asyncio.gather(*(rig.carrier.book(request, BUDGET_S) for _ in range(3)))

    assert len({booking.external_id for booking in made}) == 1
    assert len(rig.house.books()) == 1


@pytest.mark.parametrize("code", ["ups", "fedex", "usps"])
async def test_a_key_whose_label_was_called_off_buys_no_other(code: str, grounds: Grounds) -> None:
    async with open_rig(BY_CODE[code], grounds) as rig:
        request = rig.request(await rig.offer())
        made = await rig.carrier.book(request, BUDGET_S)
        await rig.carrier.cancel(made.external_id, "", BUDGET_S)

        with pytest.raises(RemoteRefused) as refused:
            await rig.carrier.book(request, BUDGET_S)
        other = await rig.carrier.book(rig.request(await rig.offer(), booking_key="leg_2"), BUDGET_S)

        assert refused.value.raw_code == "voided"
        states = {entry.external_id: entry.state for entry in rig.house.books()}
        assert states == {made.external_id: BookState.CANCELLED, other.external_id: BookState.LIVE}


async def test_a_usps_key_alone_would_not_keep_it_from_selling_twice(grounds: Grounds) -> None:
    """The stand-in does as USPS does: this is why the connector looks first."""
    async with open_rig(BY_CODE["usps"], grounds) as rig:
        await rig.book()
        house: FakeUsps = rig.house
        (key,) = house.keys

        assert len(house.bodies("reprint")) == 1
        assert len(key) == 36
        await rig.book()
        assert (len(house.bodies("ship")), house.reprints) == (1, {house.keys[key]: 1})
