"""Booking once with Lalamove, which cannot be asked for an order by its key."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.couriers.lalamove import Heard, plugin
from doorstep.booking import BookingRequest
from doorstep.errors import (
    AccountProblem,
    RateLimited,
    RemoteError,
    RemoteRefused,
    UnknownOutcome,
)
from doorstep.incident import IncidentKind
from tests.contracts.carriers.rig import BUDGET_S, LOST_BUDGET_S
from tests.integration.connectors.lalamove.lalamove_rig import DOOR, Rig


@pytest.mark.parametrize(
    ("code", "error", "kind"),
    [
        ("ERR_INSUFFICIENT_CREDIT", AccountProblem, IncidentKind.OTHER),
        ("ERR_INVALID_PHONE_NUMBER", RemoteRefused, IncidentKind.ADDRESS_PROBLEM),
        ("ERR_MISSING_FIELD", RemoteRefused, IncidentKind.OTHER),
        ("ERR_RATE_LIMIT_EXCEEDED", RateLimited, IncidentKind.OTHER),
        ("UNAUTHORIZED", AccountProblem, IncidentKind.OTHER),
        ("INTERNAL", UnknownOutcome, IncidentKind.CARRIER_DOWN),
    ],
)
async def test_errors_of_a_booking_say_whether_it_may_have_happened(
    rig: Rig, code: str, error: type[RemoteError], kind: IncidentKind
) -> None:
    request = rig.request(await rig.offer())
    rig.fake.refuse_next(code, "order")

    with pytest.raises(error) as failed:
        await rig.carrier.book(request, BUDGET_S)
    made = await rig.carrier.book(request, BUDGET_S)

    assert type(failed.value) is error
    assert failed.value.kind is kind
    assert [entry.external_id for entry in rig.fake.books()] == [made.external_id]


async def test_an_empty_wallet_is_for_a_person(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.fake.fill_wallet(100)

    with pytest.raises(AccountProblem, match="Top it up"):
        await rig.carrier.book(request, BUDGET_S)


async def test_a_rate_limit_tells_how_long_to_wait(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.fake.refuse_next("ERR_RATE_LIMIT_EXCEEDED", "order")

    with pytest.raises(RateLimited) as limited:
        await rig.carrier.book(request, BUDGET_S)

    assert 1 <= limited.value.retry_after_s <= 60


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"phone": None, "phone_raw": "call me"}, "phone number at the delivery address"),
        ({"line1": ""}, "lacks line1"),
    ],
)
async def test_an_address_that_cannot_be_ordered_to_is_refused_in_words(
    rig: Rig, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(RemoteRefused, match=words) as refused:
        await rig.carrier.book(rig.request(await rig.offer(), dropoff=replace(DOOR, **changes)), BUDGET_S)

    assert refused.value.kind is IncidentKind.ADDRESS_PROBLEM
    assert rig.fake.books() == []


async def test_a_quotation_that_has_ended_is_asked_for_again(rig: Rig) -> None:
    offer = await rig.offer()
    rig.clock.advance(6 * 60)

    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert made.price == offer.price
    assert len(rig.fake.books()) == 1


async def test_a_quotation_that_ends_under_way_is_asked_for_again(rig: Rig) -> None:
    offer = await rig.offer()
    just_before = rig.clock.now() + timedelta(seconds=290)
    rig.clock.advance(300)

    made = await rig.carrier.book(rig.request(offer, asked_at=just_before), BUDGET_S)

    assert [entry.external_id for entry in rig.fake.books()] == [made.external_id]


@pytest.mark.parametrize(("factor", "is_accepted"), [(0.8, True), (1.09, True), (1.12, False)])
async def test_a_new_price_is_taken_up_to_a_tenth_above_the_old(
    rig: Rig, factor: float, is_accepted: bool
) -> None:
    offer = await rig.offer()
    rig.clock.advance(6 * 60)
    rig.fake.set_price_factor(factor)

    if is_accepted:
        made = await rig.carrier.book(rig.request(offer), BUDGET_S)
        assert made.price.minor == pytest.approx(offer.price.minor * factor, abs=1)
        return
    with pytest.raises(RemoteRefused, match="more than a tenth") as refused:
        await rig.carrier.book(rig.request(offer), BUDGET_S)
    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED
    assert rig.fake.books() == []


async def _lost(rig: Rig) -> BookingRequest:
    """A booking that was done and whose answer nobody heard."""
    request = rig.request(await rig.offer())
    rig.fake.lose_next_booking()
    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, LOST_BUDGET_S)
    assert len(rig.fake.books()) == 1
    return request


@pytest.mark.parametrize("later_s", [0, 86_400], ids=["at once", "a day later"])
async def test_a_lost_booking_stays_unknown_until_a_webhook_tells_and_is_never_repeated(
    rig: Rig, later_s: float
) -> None:
    request = await _lost(rig)
    rig.clock.advance(later_s)
    later = replace(request, asked_at=rig.clock.now())

    for _ in range(2):
        with pytest.raises(UnknownOutcome, match="webhook"):
            await rig.carrier.book(later, BUDGET_S)
    await rig.live(minutes=2)
    rig.updates()
    made = await rig.carrier.book(later, BUDGET_S)
    again = await rig.carrier.book(later, BUDGET_S)

    (entry,) = rig.fake.books()
    assert entry.external_id == made.external_id == again.external_id


async def test_another_process_finds_a_lost_booking_by_the_webhook_too(rig: Rig) -> None:
    request = await _lost(rig)
    await rig.live(minutes=2)
    reader = plugin(elsewhere := Heard(), webhook_path="/hook").webhooks
    assert reader is not None
    for headers, body in rig.letters:
        reader.read(headers, body)

    other = rig.elsewhere(elsewhere)
    made = await other.book(request, BUDGET_S)
    await other.close()

    assert [entry.external_id for entry in rig.fake.books()] == [made.external_id]


async def test_another_process_that_heard_nothing_does_not_book_again_while_the_quotation_holds(
    rig: Rig,
) -> None:
    request = await _lost(rig)

    other = rig.elsewhere(Heard())
    with pytest.raises(UnknownOutcome):
        await other.book(request, BUDGET_S)
    await other.close()

    assert len(rig.fake.books()) == 1


async def test_a_call_that_never_arrived_is_made_by_its_repeat(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.fake.outage(True)
    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)
    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)
    rig.fake.outage(False)

    made = await rig.carrier.book(request, BUDGET_S)

    assert [entry.external_id for entry in rig.fake.books()] == [made.external_id]


async def test_while_in_doubt_no_refusal_sends_the_goods_to_somebody_else(rig: Rig) -> None:
    request = await _lost(rig)

    for code in ("ERR_INSUFFICIENT_CREDIT", "ERR_RATE_LIMIT_EXCEEDED", "UNAUTHORIZED"):
        rig.fake.refuse_next(code, "order")
        with pytest.raises(UnknownOutcome):
            await rig.carrier.book(request, BUDGET_S)


async def test_a_booking_that_is_known_and_cannot_be_read_is_unknown_and_not_refused(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    await rig.carrier.book(request, BUDGET_S)
    rig.fake.outage(True)

    with pytest.raises(UnknownOutcome):
        await rig.carrier.book(request, BUDGET_S)


async def test_a_webhook_that_names_a_strangers_order_is_not_believed(rig: Rig) -> None:
    strangers = await rig.book(booking_key="leg_99")
    rig.heard.tell("pk_test_1", "leg_01", strangers.external_id)
    rig.heard.tell("pk_test_1", "leg_02", "1234567890123456789")

    made = [await rig.book(booking_key=key) for key in ("leg_01", "leg_02")]

    assert len({booking.external_id for booking in (strangers, *made)}) == 3
