"""What a doctor says of a shop: stable faults, and sentences with a way out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.stores.shopify import diagnosis
from connectors.stores.shopify.answers import Answer
from connectors.stores.shopify.payload import Field
from connectors.stores.shopify.scopes import SCOPES
from doorstep.errors import AccountProblem, RateLimited, RemoteError, RemoteRefused, RemoteUnavailable

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def account(code: str) -> RemoteError:
    return AccountProblem("no", system="shopify", raw_code=code)


def away(code: str) -> RemoteError:
    return RemoteUnavailable("no", system="shopify", raw_code=code)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (account("401"), "token_rejected"),
        (account("invalid_grant"), "token_rejected"),
        (account("invalid_client"), "token_rejected"),
        (account("application_cannot_be_found"), "access_forbidden"),
        (account("402"), "shop_frozen"),
        (account("403"), "access_forbidden"),
        (account("404"), "shop_unknown"),
        (account("423"), "shop_locked"),
        (account("ACCESS_DENIED"), "scope_missing"),
        (away("unreachable"), "unreachable"),
        (away("connection_lost"), "unreachable"),
        (away("timeout"), "too_slow"),
        (away("certificate"), "certificate_untrusted"),
        (away("ca_file"), "ca_file_unreadable"),
        (away("not_json"), "not_shopify"),
        (away("502"), "store_unwell"),
        (away("INTERNAL_SERVER_ERROR"), "store_unwell"),
        (RateLimited("no", system="shopify", retry_after_s=2), "rate_limited"),
        (RemoteRefused("no", system="shopify", raw_code="redirect"), "redirected"),
        (RemoteRefused("no", system="shopify", raw_code="undefinedField"), "question_refused"),
    ],
)
def test_every_error_has_a_stable_fault_and_a_sentence(error: RemoteError, fault: str) -> None:
    check = diagnosis.of_error(error)
    assert (check.passed, check.fault) == (False, fault)
    assert check.text.endswith(".")
    assert fault in (diagnosis.__doc__ or "")


def test_a_right_to_write_includes_the_one_to_read() -> None:
    granted = {*SCOPES, "write_orders"} - {"read_orders", "read_merchant_managed_fulfillment_orders"}
    assert diagnosis.scopes(granted).passed
    lacking = diagnosis.scopes(granted - {"write_orders"})
    assert lacking.fault == "scope_missing"
    assert "read_orders" in lacking.text


def test_sixty_days_are_mentioned_where_older_orders_are_closed_to_the_app() -> None:
    needed = set(SCOPES)
    assert "60 days" in diagnosis.scopes(needed).text
    assert "60 days" not in diagnosis.scopes(needed | {"read_all_orders"}).text


@pytest.mark.parametrize(("served", "fault"), [("2026-10", ""), ("", ""), ("2027-01", "api_version_retired")])
def test_an_api_version_that_fell_forward_is_told(served: str, fault: str) -> None:
    assert diagnosis.version(Answer({}, api_version=served)).fault == fault


@pytest.mark.parametrize(
    ("off_s", "word"), [(0, "agrees"), (119, "agrees"), (300, "ahead"), (-300, "behind")]
)
def test_a_clock_that_is_off_is_told_with_its_direction(off_s: float, word: str) -> None:
    check = diagnosis.clock(Answer({}, date=NOON), NOON + timedelta(seconds=off_s))
    assert word in check.text
    assert check.passed == (word == "agrees")


@pytest.mark.parametrize(
    ("name", "plus", "passed"),
    [
        ("Basic", False, False),
        ("Starter", False, False),
        ("Advanced", False, True),
        ("Grow", False, True),
        ("Basic", True, True),
        ("Agentic", False, True),
    ],
)
def test_a_plan_without_carrier_rates_is_told(name: str, plus: bool, passed: bool) -> None:
    plan = {"publicDisplayName": name, "shopifyPlus": plus, "partnerDevelopment": False}
    check = diagnosis.plan(Field(plan))
    assert check.passed is passed
    assert check.fault == ("" if passed else "plan_without_carrier_rates")
