"""What DoorDash refuses, and what the connector makes of it, against the simulated DoorDash."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.couriers.doordash.refusals import FAMILIES
from doorstep.booking import BookingChange
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import (
    AccountProblem,
    RateLimited,
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
    UnknownOutcome,
)
from doorstep.geo import LatLng
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.quote import DeclineReason
from simulator.carriers.books import BookState
from simulator.carriers.doordash import ERRORS
from simulator.carriers.doordash.problems import natural_operation
from tests.contracts.carriers.rig import BUDGET_S, DOOR
from tests.integration.connectors.doordash.doordash_rig import Rig


def test_the_simulator_and_the_connector_know_the_same_codes() -> None:
    # The limit on calls has no code of its own.
    assert ERRORS.keys() - {"rate_limit"} == FAMILIES.keys()


AT_QUOTE = sorted(code for code in ERRORS if natural_operation(code) == "quote")


@pytest.mark.parametrize("code", AT_QUOTE)
async def test_every_error_of_a_quote_is_a_decline_or_an_error_of_ours(rig: Rig, code: str) -> None:
    door = replace(DOOR, instructions=f"Please FAIL {code} at the door")
    try:
        answer = await rig.carrier.quote(rig.question(dropoff=door), BUDGET_S)
        raw_codes = [decline.raw_code for decline in answer.declined]
    except RemoteError as error:
        raw_codes = [error.raw_code]

    assert raw_codes == ["429" if code == "rate_limit" else code]


@pytest.mark.parametrize(
    "code", sorted(code for code in ERRORS if natural_operation(code) in {"cancel", "update"})
)
async def test_every_error_of_a_change_or_a_cancelling_is_an_error_of_ours(rig: Rig, code: str) -> None:
    made = await rig.book()
    rig.fake.refuse_next(code)

    if natural_operation(code) == "cancel":
        with pytest.raises((RemoteRefused, RemoteUnavailable)) as failed:
            await rig.carrier.cancel(made.external_id, "other", BUDGET_S)
        assert failed.value.raw_code == code
    elif code == "update_not_allowed/duplicate_request":
        update = await rig.carrier.change(made.external_id, BookingChange(instructions="Ring."), BUDGET_S)
        assert update.status is DeliveryStatus.BOOKED
    else:
        with pytest.raises((RemoteRefused, RemoteUnavailable)) as failed:
            await rig.carrier.change(made.external_id, BookingChange(instructions="Ring."), BUDGET_S)
        assert failed.value.raw_code == code
    assert rig.fake.books()[0].state is BookState.LIVE


@pytest.mark.parametrize("way", ["accept", "create"])
@pytest.mark.parametrize(
    ("code", "error", "kind"),
    [
        (
            "invalid_delivery_parameters/delivery_address_not_in_coverage",
            RemoteRefused,
            IncidentKind.ADDRESS_PROBLEM,
        ),
        ("invalid_delivery_parameters/outside_of_delivery_time", RemoteRefused, IncidentKind.LATE_RISK),
        ("authorization_error", AccountProblem, IncidentKind.OTHER),
        ("rate_limit", RateLimited, IncidentKind.OTHER),
        ("service_fault", UnknownOutcome, IncidentKind.CARRIER_DOWN),
    ],
)
async def test_errors_of_a_booking_say_whether_it_may_have_happened(
    rig: Rig, way: str, code: str, error: type[RemoteError], kind: IncidentKind
) -> None:
    offer = await rig.offer()
    if way == "create":
        rig.clock.advance(5 * 60)
    rig.fake.refuse_next(code, way)

    with pytest.raises(error) as failed:
        await rig.carrier.book(rig.request(offer), BUDGET_S)

    assert type(failed.value) is error
    assert failed.value.kind is kind
    assert rig.fake.books() == []


async def test_a_missing_phone_number_is_declined_and_refused_in_words(rig: Rig) -> None:
    mute = replace(DOOR, phone=None, phone_raw="call me")

    answer = await rig.carrier.quote(rig.question(dropoff=mute), BUDGET_S)
    with pytest.raises(RemoteRefused, match="phone number at the delivery address") as refused:
        await rig.carrier.book(rig.request(await rig.offer(), dropoff=mute), BUDGET_S)

    assert answer.declined[0].reason is DeclineReason.ADDRESS_PROBLEM
    assert refused.value.kind is IncidentKind.ADDRESS_PROBLEM


@pytest.mark.parametrize(
    ("door", "code"),
    [
        (LatLng(40.95, -73.95), "distance_too_long"),
        (LatLng(41.05, -73.98), "delivery_address_not_in_coverage"),
    ],
)
async def test_too_far_and_out_of_coverage_are_out_of_area(rig: Rig, door: LatLng, code: str) -> None:
    answer = await rig.carrier.quote(rig.question(dropoff=DOOR.at(door)), BUDGET_S)

    (decline,) = answer.declined
    assert (decline.reason, decline.raw_code) == (
        DeclineReason.OUT_OF_AREA,
        f"invalid_delivery_parameters/{code}",
    )


async def test_prices_in_another_currency_are_declined(rig: Rig) -> None:
    answer = await rig.carrier.quote(rig.question(value=Money(100, "EUR")), BUDGET_S)

    assert (answer.quotes, answer.declined[0].reason) == ((), DeclineReason.RULE)
