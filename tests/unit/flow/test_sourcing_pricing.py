"""What a delivery from a place is expected to cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.calendar import DaySpan
from doorstep.merchant import FallbackRate, Merchant
from doorstep.money import Money
from doorstep.order import Location
from doorstep.quote import DeliveryMode
from gateway.flow.ports import LinkedCarrier
from gateway.flow.sourcing.pricing import Load, expected_costs
from tests.unit.flow.asked import DOOR, NOON, SHOP, Told, linked

CHEAP = FallbackRate("courier", "std", "Van", DeliveryMode.COURIER, Money(300, "USD"), DaySpan(1, 2))
MERCHANT = Merchant("mer_1", "A shop", "USD", "America/New_York", fallback_rates=(CHEAP,))
PLACE = Location("loc_1", "mer_1", "Shop", SHOP, "America/New_York")
LOAD = Load("ord_1", DOOR, 1_000, Money(4_000, "USD"))


async def _cost(*carriers: LinkedCarrier, merchant: Merchant = MERCHANT) -> Money:
    costs = await expected_costs(merchant, carriers, LOAD, [PLACE], NOON)
    return costs["loc_1"]


async def test_a_price_of_the_merchants_own_counts_where_its_carrier_can_be_booked() -> None:
    assert await _cost(linked(Told())) == Money(300, "USD")


@pytest.mark.parametrize("carriers", [(), (linked(Told("other")),)])
async def test_it_does_not_where_nobody_could_be_booked_for_it(carriers: tuple[LinkedCarrier, ...]) -> None:
    bare = replace(MERCHANT, fallback_rates=())
    assert await _cost(*carriers) == await _cost(*carriers, merchant=bare) != Money(300, "USD")


async def test_a_carrier_that_is_switched_off_is_nobody() -> None:
    off = linked(Told())
    off = replace(off, account=replace(off.account, enabled=False))
    assert await _cost(off) != Money(300, "USD")
