"""What a rate is called in a store."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from doorstep.quote import Quote
from gateway.flow.quoting.shown import by_code, code_of
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
