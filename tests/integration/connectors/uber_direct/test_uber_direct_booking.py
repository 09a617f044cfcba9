"""Quoting and booking with Uber Direct against the simulated Uber."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import (
    AccountProblem,
    RateLimited,
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
    UnknownOutcome,
)
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.quote import DeclineReason
from doorstep.window import Window
from simulator.carriers.uber_direct import MAGIC_ZIPS
from tests.contracts.carriers.rig import BUDGET_S, DOOR, START
from tests.integration.connectors.uber_direct.uber_direct_rig import Rig


async def test_callers_that_come_together_share_one_token(rig: Rig) -> None:
    await asyncio.gather(*(rig.offer() for _ in range(10)))

    assert rig.fake.tokens_given == 1


async def test_a_token_that_was_revoked_is_replaced_even_for_a_booking(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    rig.fake.revoke_tokens()

    made = await rig.carrier.book(request, BUDGET_S)

    assert made.status is DeliveryStatus.BOOKED
    assert rig.fake.tokens_given == 1


async def test_the_sign_in_address_can_be_elsewhere(rig: Rig) -> None:
    carrier = rig.connect(token_url=f"{rig.base_url}/oauth/v2/nowhere")

    with pytest.raises(RemoteUnavailable):
        await carrier.quote(rig.question(), BUDGET_S)
    await carrier.close()


@pytest.mark.parametrize(
    ("wanted_in", "lasts"),
    [(45, 60), (45, 20), (90, 5), (180, 120), (60 * 24 * 3, 60)],
    ids=["soon", "tight", "narrow", "later", "in three days"],
)
async def test_wanted_windows_are_ones_that_uber_takes(rig: Rig, wanted_in: int, lasts: int) -> None:
    start = START + timedelta(minutes=wanted_in)
    wanted = Window(start, start + timedelta(minutes=lasts))

    offer = await rig.offer(delivery_window=wanted)
    made = await rig.carrier.book(rig.request(offer), BUDGET_S)
    await rig.live(minutes=wanted_in + lasts + 30, step_s=300)

    arrived = await rig.carrier.fetch(made.external_id, BUDGET_S)
    assert arrived.status is DeliveryStatus.DELIVERED
    assert arrived.occurred_at < wanted.end + timedelta(minutes=15)


# Codes that come up at a quote, and what the connector makes of them.
AT_QUOTE = {
    zip_code: code
    for zip_code, code in MAGIC_ZIPS.items()
    if code
    not in {
        "expired_quote",
        "used_quote",
        "mismatched_price_quote",
        "duplicate_delivery",
        "missing_payment",
        "noncancelable_delivery",
    }
}


@pytest.mark.parametrize(("zip_code", "code"), AT_QUOTE.items(), ids=AT_QUOTE.values())
async def test_every_error_of_a_quote_is_a_decline_or_an_error_of_ours(
    rig: Rig, zip_code: str, code: str
) -> None:
    question = rig.question(dropoff=replace(DOOR, postal_code=zip_code))
    try:
        answer = await rig.carrier.quote(question, BUDGET_S)
        raw_codes = [decline.raw_code for decline in answer.declined]
    except RemoteError as error:
        raw_codes = [error.raw_code]

    assert raw_codes == [code]


@pytest.mark.parametrize(
    ("code", "error", "kind"),
    [
        ("address_undeliverable", RemoteRefused, IncidentKind.ADDRESS_PROBLEM),
        ("couriers_busy", RemoteRefused, IncidentKind.NO_COURIER),
        ("pickup_ready_too_early", RemoteRefused, IncidentKind.LATE_RISK),
        ("missing_payment", AccountProblem, IncidentKind.OTHER),
        ("customer_limited", RateLimited, IncidentKind.OTHER),
        ("service_unavailable", RemoteUnavailable, IncidentKind.CARRIER_DOWN),
        ("request_timeout", UnknownOutcome, IncidentKind.CARRIER_DOWN),
        ("internal_server_error", UnknownOutcome, IncidentKind.CARRIER_DOWN),
    ],
)
async def test_errors_of_a_booking_say_whether_it_may_have_happened(
    rig: Rig, code: str, error: type[RemoteError], kind: IncidentKind
) -> None:
    request = rig.request(await rig.offer())
    rig.fake.refuse_next(code, "create")

    with pytest.raises(error) as failed:
        await rig.carrier.book(request, BUDGET_S)

    assert type(failed.value) is error
    assert (failed.value.kind, failed.value.raw_code) == (kind, code)
    assert rig.fake.books() == []


async def test_a_missing_phone_number_is_declined_and_refused_in_words(rig: Rig) -> None:
    mute = replace(DOOR, phone=None, phone_raw="call me")

    answer = await rig.carrier.quote(rig.question(dropoff=mute), BUDGET_S)
    with pytest.raises(RemoteRefused, match="phone number at the delivery address") as refused:
        await rig.carrier.book(rig.request(await rig.offer(), dropoff=mute), BUDGET_S)

    assert answer.declined[0].reason is DeclineReason.ADDRESS_PROBLEM
    assert refused.value.kind is IncidentKind.ADDRESS_PROBLEM


async def test_prices_in_another_currency_are_declined(rig: Rig) -> None:
    answer = await rig.carrier.quote(rig.question(value=Money(100, "EUR")), BUDGET_S)

    assert (answer.quotes, answer.declined[0].reason) == ((), DeclineReason.RULE)


async def test_an_expired_quote_is_asked_for_once_more(rig: Rig) -> None:
    offer = await rig.offer()
    rig.clock.advance(16 * 60)

    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert made.price == offer.price


@pytest.mark.parametrize("code", ["expired_quote", "used_quote", "mismatched_price_quote"])
async def test_a_quote_that_uber_no_longer_takes_is_asked_for_once_more(rig: Rig, code: str) -> None:
    offer = await rig.offer()
    rig.fake.refuse_next(code)

    made = await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert [entry.external_id for entry in rig.fake.books()] == [made.external_id]


async def test_a_quote_that_uber_refuses_twice_is_refused(rig: Rig) -> None:
    offer = await rig.offer()
    rig.fake.refuse_next("expired_quote")
    rig.fake.refuse_next("used_quote")

    with pytest.raises(RemoteRefused) as refused:
        await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED


@pytest.mark.parametrize(("factor", "is_accepted"), [(0.8, True), (1.09, True), (1.12, False)])
async def test_a_new_price_is_taken_up_to_a_tenth_above_the_old(
    rig: Rig, factor: float, is_accepted: bool
) -> None:
    offer = await rig.offer()
    rig.clock.advance(16 * 60)
    rig.fake.set_price_factor(factor)

    if is_accepted:
        made = await rig.carrier.book(rig.request(offer), BUDGET_S)
        assert made.price.minor == pytest.approx(offer.price.minor * factor, abs=1)
        return
    with pytest.raises(RemoteRefused, match="more than a tenth") as refused:
        await rig.carrier.book(rig.request(offer), BUDGET_S)
    assert refused.value.kind is IncidentKind.QUOTE_EXPIRED
    assert rig.fake.books() == []


async def test_a_duplicate_of_our_own_is_adopted(rig: Rig) -> None:
    tomorrow = START + timedelta(days=1)
    wanted = Window(tomorrow, tomorrow + timedelta(hours=1))
    first = await rig.carrier.book(rig.request(await rig.offer(delivery_window=wanted)), BUDGET_S)
    # Uber has forgotten the idempotency key, and the new quote is good: only the twin stands in the way.
    rig.clock.advance(90 * 60)

    again = await rig.carrier.book(rig.request(await rig.offer(delivery_window=wanted)), BUDGET_S)

    assert again.external_id == first.external_id
    assert len(rig.fake.books()) == 1


async def test_a_duplicate_of_another_booking_is_refused_so_that_no_goods_are_left_standing(rig: Rig) -> None:
    await rig.book()

    with pytest.raises(RemoteRefused) as refused:
        await rig.book(booking_key="leg_02")

    assert refused.value.raw_code == "duplicate_delivery"
    assert len(rig.fake.books()) == 1
