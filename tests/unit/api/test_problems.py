"""One table from errors to problems; everything else leaves masked."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from doorstep import errors
from gateway.api.problems import PROBLEMS, OtherProblem, ProblemCode, problem_of
from tests.unit.api import world as w
from tests.unit.api.conftest import Run, fault
from tests.unit.api.fakes import House

CANCEL = """mutation($id: ID!) { cancelDelivery(input: {idempotencyKey: "12345678", deliveryId: $id,
  reason: CUSTOMER_REQUEST}) { __typename ... on Problem { code message retryable path }
  ... on NotFound { missingId } ... on StateConflict { currentVersion current { id __typename } }
  ... on IdempotencyConflict { firstSeenAt } ... on RemoteRefused { system rawCode } } }"""
CHOOSE = """mutation($set: ID!, $quote: ID!) { chooseDeliveryOption(input: {idempotencyKey: "12345678",
  deliveryOptionsId: $set, selections: [{groupId: $set, optionId: $quote}]}) {
  __typename ... on Problem { code retryable } } }"""


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            errors.NotFound("del_x", path=("input", "deliveryId")),
            {"__typename": "NotFound", "code": "NOT_FOUND", "missingId": "del_x", "retryable": False},
        ),
        (
            errors.StateConflict("It is over.", current_id=w.DELIVERY.id, current_version=3),
            {
                "__typename": "StateConflict",
                "currentVersion": 3,
                "current": {"id": w.DELIVERY.id, "__typename": "Delivery"},
            },
        ),
        (
            errors.IdempotencyConflict("Used before.", first_seen_at=w.NOW - timedelta(minutes=1)),
            {"__typename": "IdempotencyConflict", "firstSeenAt": "2026-11-22T09:29:00.000Z"},
        ),
        (
            errors.RemoteRefused("Too late.", system="slow_bikes", raw_code="late"),
            {
                "__typename": "RemoteRefused",
                "code": "CARRIER_REFUSED",
                "system": "slow_bikes",
                "rawCode": "late",
            },
        ),
        (
            errors.RateLimited("Wait.", system="slow_bikes", retry_after_s=3),
            {"__typename": "RemoteRefused", "code": "CARRIER_UNAVAILABLE", "retryable": True},
        ),
        (
            errors.InvalidInput("No.", path=("input", "note")),
            {"__typename": "InvalidInput", "path": ["input", "note"]},
        ),
    ],
)
async def test_an_error_becomes_the_member_of_the_union(
    run: Run, house: House, error: Exception, told: dict[str, Any]
) -> None:
    house.commands.answers["cancel_delivery"] = error
    result = await run(CANCEL, id=w.DELIVERY.id)
    assert result.errors is None
    assert result.data is not None
    assert told.items() <= result.data["cancelDelivery"].items()


async def test_an_expired_option_is_an_option_changed(run: Run, house: House) -> None:
    house.commands.answers["choose_option"] = errors.OptionExpired("The price ended.")
    result = await run(CHOOSE, set=w.QUOTES.id, quote=w.QUOTES.quotes[0].id)
    assert result.data == {
        "chooseDeliveryOption": {"__typename": "OptionChanged", "code": "OPTION_EXPIRED", "retryable": False}
    }


async def test_an_error_without_a_place_in_the_union_goes_to_errors_with_its_code(
    run: Run, house: House
) -> None:
    house.commands.answers["choose_option"] = errors.RemoteUnavailable("Away.", system="slow_bikes")
    result = await run(CHOOSE, set=w.QUOTES.id, quote=w.QUOTES.quotes[0].id)
    assert result.data is None
    assert fault(result) == {"code": "CARRIER_UNAVAILABLE", "retryable": True}
    assert [error.message for error in result.errors or ()] == ["Away."]


async def test_what_nobody_expected_is_masked_and_logged_under_an_id(
    run: Run, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.commands.answers["cancel_delivery"] = RuntimeError("password is hunter2")
    with caplog.at_level(logging.ERROR, logger="gateway.api"):
        result = await run(CANCEL, id=w.DELIVERY.id)
    assert result.errors is not None
    error = result.errors[0]
    assert fault(result)["code"] == "INTERNAL"
    assert "hunter2" not in error.message
    assert str(fault(result)["errorId"]) in error.message
    assert str(fault(result)["errorId"]) in caplog.text


async def test_wrong_input_at_a_plain_field_names_its_place_in_extensions(run: Run) -> None:
    result = await run('{ order(id: "del_1") { id } }')
    assert fault(result)["code"] == "INVALID_INPUT"
    assert fault(result)["inputPath"] == ["id"]


async def test_the_wrong_kind_of_id_is_told_what_it_is(run: Run) -> None:
    result = await run("query($id: ID!) { order(id: $id) { id } }", None, id=w.DELIVERY.id)
    assert result.errors is not None
    assert "is of kind Delivery; Order ids begin with ord_" in result.errors[0].message


@pytest.mark.parametrize(
    "document",
    ["{ orders(after: 7) { nodes { id } } }", "{ nothing }", "{ orders(", "query A { viewer { nope } }"],
)
async def test_documents_that_are_wrong_are_not_our_fault(run: Run, document: str) -> None:
    result = await run(document)
    assert result.errors is not None
    assert {(error.extensions or {})["code"] for error in result.errors} <= {
        "VALIDATION_FAILED",
        "SYNTAX_ERROR",
    }


async def test_variables_that_do_not_fit_are_not_our_fault(run: Run) -> None:
    document = "query($f: RouteFilter) { routes(filter: $f) { nodes { id } } }"
    for given in ({"status": ["OTHER"]}, {"date": "tomorrow"}, {"status": "nonsense"}):
        result = await run(document, None, f=given)
        assert result.errors is not None
        assert fault(result)["code"] == "BAD_REQUEST"


def _leaves(kind: type[errors.DoorstepError]) -> list[type[errors.DoorstepError]]:
    below = kind.__subclasses__()
    return [leaf for sub in below for leaf in [sub, *_leaves(sub)]]


def test_every_error_of_the_ground_floor_has_a_code_that_the_schema_knows() -> None:
    codes = {kind.code for kind in _leaves(errors.DoorstepError)} | {"TOKEN_EXPIRED"}
    assert codes <= set(ProblemCode.__members__)


def test_a_problem_without_a_type_of_its_own_is_still_a_problem() -> None:
    told = problem_of(errors.BadSignature("Nobody signed this."))
    assert isinstance(told, OtherProblem)
    assert told.code is ProblemCode.BAD_SIGNATURE


def test_no_row_of_the_table_hides_a_later_one() -> None:
    for index, row in enumerate(PROBLEMS):
        assert not any(issubclass(row.exception_type, before.exception_type) for before in PROBLEMS[:index])
