"""What a rate is called in a store, and which are shown."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.quote import DeliveryMode, Quote
from gateway.flow.quoting.codes import by_code, code_of, worth_showing
from tests.unit.checkout.test_woocommerce_slots import options

PLUGIN_TAKES = re.compile(r"[A-Za-z0-9._-]{1,100}")


def _called(service: str, rank: int = 1) -> Quote:
    (quote,) = options().quotes
    return replace(quote, rank=rank, offer=replace(quote.offer, service=service))


@pytest.mark.parametrize("service", ["day", "Next day", "速達", "x" * 200, "a/b:c"])
def test_every_service_has_a_code_that_stores_take_and_keeps_it(service: str) -> None:
    code = code_of(_called(service))
    assert PLUGIN_TAKES.fullmatch(code)
    assert code == code_of(_called(service, 7))
    assert (code == f"own_fleet.{service}") is (service == "day")


def test_services_that_are_written_alike_are_two() -> None:
    alike = [_called(service) for service in ("Next day", "Next/day", "速達", "普通", "x" * 200, "x" * 201)]
    assert len(by_code(alike)) == len(alike)


def _courier(
    carrier: str, rank: int, minor: int, later_min: int = 0, title: str = "Within the hour"
) -> Quote:
    (quote,) = options().quotes
    promise = quote.offer.promise
    ends_at = promise.window.end + timedelta(minutes=later_min)
    promise = replace(promise, window=replace(promise.window, end=ends_at))
    offer = replace(quote.offer, carrier=carrier, title=title, mode=DeliveryMode.COURIER, promise=promise)
    return replace(
        quote, id=f"quo_{carrier}", rank=rank, offer=offer, charge=replace(quote.price, minor=minor)
    )


@pytest.mark.parametrize(
    ("other", "shown"),
    [
        (_courier("other", 2, 900), ["one"]),
        (_courier("other", 2, 800), ["one"]),
        (_courier("other", 2, 700), ["other"]),
        (_courier("other", 2, 700, later_min=5), ["one", "other"]),
        (_courier("other", 2, 800, later_min=5), ["one"]),
        (_courier("other", 2, 900, later_min=-5), ["one", "other"]),
        (_courier("other", 2, 900, title="Tomorrow"), ["one", "other"]),
    ],
)
def test_of_options_with_one_name_a_shopper_sees_none_that_is_worse_in_every_way(
    other: Quote, shown: list[str]
) -> None:
    found = [_courier("one", 1, 800), other]
    assert [quote.offer.carrier for quote in worth_showing(found).values()] == shown
    assert len(by_code(found)) == 2
