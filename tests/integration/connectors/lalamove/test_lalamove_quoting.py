"""Quoting with Lalamove against the simulated Lalamove."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import (
    RemoteError,
)
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.quote import DeclineReason, VehicleKind
from doorstep.window import Window
from simulator.carriers.lalamove import ERRORS
from simulator.carriers.lalamove.problems import natural_operation
from tests.contracts.carriers.rig import BUDGET_S
from tests.integration.connectors.lalamove.lalamove_rig import DOOR, START, Rig


async def test_the_two_smallest_services_that_take_the_goods_make_offers(rig: Rig) -> None:
    small = await rig.carrier.quote(rig.question(), BUDGET_S)
    large = await rig.carrier.quote(rig.question(parcels=(Parcel(150_000, 1_000, 700, 600),)), BUDGET_S)

    assert [(quote.service, quote.vehicle) for quote in small.quotes] == [
        ("MOTORCYCLE", VehicleKind.MOTORCYCLE),
        ("CAR", VehicleKind.CAR),
    ]
    assert [quote.service for quote in large.quotes] == ["CAR", "VAN"]
    assert small.quotes[0].price < small.quotes[1].price
    assert small.quotes[0].expires_at == START + timedelta(minutes=5)


async def test_goods_that_no_vehicle_takes_are_declined_without_asking_for_a_price(rig: Rig) -> None:
    answer = await rig.carrier.quote(rig.question(parcels=(Parcel(9_000_000),)), BUDGET_S)

    assert (answer.quotes, answer.declined[0].reason) == ((), DeclineReason.VEHICLE_MISMATCH)


async def test_the_list_of_vehicles_is_read_once_for_all_who_ask_together(rig: Rig) -> None:
    await asyncio.gather(*(rig.offer() for _ in range(4)))
    rig.fake.refuse_next("INTERNAL", "cities")

    assert (await rig.offer()).service == "MOTORCYCLE"


async def test_what_is_not_done_at_the_door_is_declined(rig: Rig) -> None:
    answer = await rig.carrier.quote(
        rig.question(requirements=(HandoverRequirement.ADULT_SIGNATURE,)), BUDGET_S
    )

    assert answer.declined[0].reason is DeclineReason.AGE_RESTRICTED


async def test_prices_in_another_currency_are_declined_once_for_all_services(rig: Rig) -> None:
    answer = await rig.carrier.quote(rig.question(value=Money(100, "USD")), BUDGET_S)

    assert (answer.quotes, [decline.reason for decline in answer.declined]) == ((), [DeclineReason.RULE])


async def test_one_service_that_fails_does_not_hide_the_other(rig: Rig) -> None:
    await rig.offer()
    rig.fake.refuse_next("ERR_INVALID_SERVICE_TYPE")

    answer = await rig.carrier.quote(rig.question(), BUDGET_S)

    assert len(answer.quotes) == 1
    assert answer.declined[0].raw_code == "ERR_INVALID_SERVICE_TYPE"


@pytest.mark.parametrize(
    ("wanted_in", "lasts"), [(60, 60), (180, 120), (60 * 24 * 3, 60)], ids=["soon", "later", "in three days"]
)
async def test_a_driver_is_sent_so_that_the_goods_come_within_the_window(
    rig: Rig, wanted_in: int, lasts: int
) -> None:
    start = START + timedelta(minutes=wanted_in)
    wanted = Window(start, start + timedelta(minutes=lasts))

    offer = await rig.offer(delivery_window=wanted)
    made = await rig.carrier.book(rig.request(offer), BUDGET_S)
    await rig.live(minutes=wanted_in + lasts + 30, step_s=300)

    arrived = await rig.carrier.fetch(made.external_id, BUDGET_S)
    assert arrived.status is DeliveryStatus.DELIVERED
    assert wanted.start - timedelta(minutes=30) < arrived.occurred_at < wanted.end


AT_QUOTE = sorted(code for code in ERRORS if natural_operation(code) == "quote")


@pytest.mark.parametrize("code", AT_QUOTE)
async def test_every_error_of_a_quote_is_a_decline_or_an_error_of_ours(rig: Rig, code: str) -> None:
    question = rig.question(dropoff=replace(DOOR, line1=f"2 FAIL {code} St"))
    try:
        answer = await rig.carrier.quote(question, BUDGET_S)
        raw_codes = {decline.raw_code for decline in answer.declined}
    except RemoteError as error:
        raw_codes = {error.raw_code}

    status = "" if code == "BAD_REQUEST" else str(ERRORS[code][0])
    assert raw_codes == {code if code.startswith("ERR_") else status}
