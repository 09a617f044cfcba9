"""Buying once with ShipEngine against the simulated ShipEngine."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from doorstep.errors import (
    AccountProblem,
    RateLimited,
    RemoteError,
    RemoteRefused,
    UnknownOutcome,
)
from doorstep.incident import IncidentKind
from doorstep.order import HandoverRequirement
from simulator.carriers.books import BookState
from simulator.carriers.shipengine import MAGIC_POSTCODES
from simulator.carriers.shipengine.problems import natural_operation
from tests.contracts.carriers.rig import BUDGET_S, DOOR
from tests.integration.connectors.shipengine.shipengine_rig import BARE, DAY_S, Rig


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dropoff": BARE}, "lacks line1 and city and province and name"),
        ({"requirements": (HandoverRequirement.TWO_PERSON,)}, "TWO_PERSON"),
        ({"booking_key": "k" * 51}, "50 characters"),
    ],
)
async def test_what_no_label_can_be_bought_for_is_refused_in_words(
    rig: Rig, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(RemoteRefused, match=words):
        await rig.book(**changes)
    assert rig.fake.books() == []


@pytest.mark.parametrize(("factor", "is_accepted"), [("0.8", True), ("1.09", True), ("1.12", False)])
async def test_a_day_old_rate_is_asked_for_again_and_may_grow_by_a_tenth(
    rig: Rig, factor: str, is_accepted: bool
) -> None:
    offer = await rig.offer()
    rig.clock.advance(DAY_S)
    rig.fake.set_price_factor(Decimal(factor))

    if is_accepted:
        made = await rig.carrier.book(rig.request(offer), BUDGET_S)
        assert made.price.minor == pytest.approx(offer.price.minor * float(factor), abs=1)
        return
    with pytest.raises(RemoteRefused, match="more than a tenth") as refused:
        await rig.carrier.book(rig.request(offer), BUDGET_S)
    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED
    assert rig.fake.books() == []


async def test_another_door_than_was_quoted_is_rated_again(rig: Rig) -> None:
    offer = await rig.offer()
    rig.fake.set_price_factor(Decimal("1.5"))

    with pytest.raises(RemoteRefused, match="more than a tenth"):
        await rig.carrier.book(rig.request(offer, dropoff=replace(DOOR, line1="3 Side St")), BUDGET_S)


@pytest.mark.parametrize("service", ["ups.ups_zeppelin", "dodo.dodo_air"])
async def test_a_service_that_is_gone_is_refused(rig: Rig, service: str) -> None:
    offer = await rig.offer()

    with pytest.raises(RemoteRefused, match="no longer offered") as refused:
        await rig.carrier.book(rig.request(offer, service=service, booking_data={}), BUDGET_S)
    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED


async def test_an_offer_of_somebody_else_is_rated_and_bought(rig: Rig) -> None:
    offer = await rig.offer()

    made = await rig.carrier.book(rig.request(offer, booking_data={}), BUDGET_S)

    assert made.price == offer.price


async def test_two_orders_with_one_remembered_offer_get_a_label_each(rig: Rig) -> None:
    offer = await rig.offer()

    first = await rig.carrier.book(rig.request(offer, booking_key="leg_01"), BUDGET_S)
    second = await rig.carrier.book(rig.request(offer, booking_key="leg_02"), BUDGET_S)

    assert first.external_id != second.external_id
    assert [entry.reference for entry in rig.fake.books()] == ["leg_01", "leg_02"]


async def test_a_key_that_is_taken_is_read_and_its_label_found_later(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    # The refusal comes while the first try is still at the carrier.
    rig.fake.refuse_next("identifier_conflict")

    with pytest.raises(UnknownOutcome) as unclear:
        await rig.carrier.book(request, BUDGET_S)
    made = await rig.carrier.book(request, BUDGET_S)

    assert unclear.value.raw_code == "identifier_conflict"
    assert [entry.external_id for entry in rig.fake.books()] == [made.external_id]


async def test_two_tries_at_a_time_buy_one_label(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    made = await rig.carrier.book(request, BUDGET_S)
    # The second try looked before the first had bought.
    rig.fake.refuse_next("not_found", "get")

    again = await rig.carrier.book(request, BUDGET_S)

    assert [entry.external_id for entry in rig.fake.books()] == [made.external_id] == [again.external_id]


async def test_a_booking_that_was_voided_is_not_bought_again_under_its_key(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    made = await rig.carrier.book(request, BUDGET_S)
    await rig.carrier.cancel(made.external_id, "other", BUDGET_S)

    with pytest.raises(RemoteRefused, match="another key"):
        await rig.carrier.book(request, BUDGET_S)
    assert [entry.state for entry in rig.fake.books()] == [BookState.CANCELLED]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("unknown", UnknownOutcome),
        ("timeout", UnknownOutcome),
        ("unspecified", RemoteRefused),
        ("invalid_address", RemoteRefused),
        ("insufficient_funds", AccountProblem),
        ("rate_limit_exceeded", RateLimited),
    ],
)
async def test_errors_of_a_purchase_say_whether_it_may_have_happened(
    rig: Rig, code: str, error: type[RemoteError]
) -> None:
    request = rig.request(await rig.offer())
    rig.fake.refuse_next(code, "label")

    with pytest.raises(error) as failed:
        await rig.carrier.book(request, BUDGET_S)

    assert type(failed.value) is error
    assert rig.fake.books() == []


RATING = {postcode: code for postcode, code in MAGIC_POSTCODES.items() if natural_operation(code) == "rate"}


# Codes that say no more than the status beside them.
STATUS_INSTEAD = {"unknown": "500"}


@pytest.mark.parametrize(("postcode", "code"), RATING.items(), ids=RATING.values())
async def test_every_error_of_a_rating_is_a_decline_or_an_error_of_ours(
    rig: Rig, postcode: str, code: str
) -> None:
    for door in (DOOR, BARE):
        try:
            answer = await rig.ask(dropoff=replace(door, postal_code=postcode))
            raw_codes = [decline.raw_code for decline in answer.declined]
        except RemoteError as error:
            raw_codes = [error.raw_code]

        assert raw_codes == [STATUS_INSTEAD.get(code, code)]


BUYING = {postcode: code for postcode, code in MAGIC_POSTCODES.items() if natural_operation(code) == "label"}


@pytest.mark.parametrize(("postcode", "code"), BUYING.items(), ids=BUYING.values())
async def test_every_error_of_a_purchase_is_an_error_of_ours(rig: Rig, postcode: str, code: str) -> None:
    door = replace(DOOR, postal_code=postcode)
    offer = await rig.offer(dropoff=door)

    with pytest.raises(RemoteError) as failed:
        await rig.carrier.book(rig.request(offer, dropoff=door), BUDGET_S)

    assert failed.value.raw_code == code
    assert rig.fake.books() == []


async def test_too_many_calls_are_told_how_long_to_wait(rig: Rig) -> None:
    rig.fake.calls_a_minute = 2
    await rig.ask()

    with pytest.raises(RateLimited) as slow_down:
        await rig.ask()
    assert slow_down.value.retry_after_s == 60
    rig.clock.advance(60)
    assert (await rig.ask()).quotes


async def test_carriers_are_listed_once_until_one_of_them_is_refused(rig: Rig) -> None:
    rig.fake.calls_a_minute = 3
    await rig.ask()
    # The list is remembered: this is the third call.
    assert (await rig.ask()).quotes
    rig.clock.advance(60)
    rig.fake.refuse_next("carrier_not_connected")
    with pytest.raises(AccountProblem):
        await rig.ask()

    # Refused, listed again, rated.
    assert (await rig.ask()).quotes
    with pytest.raises(RateLimited):
        await rig.ask()
