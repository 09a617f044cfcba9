"""Which questions to a carrier may stand for each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.flow.quoting.memory import way_of
from tests.unit.checkout.test_woocommerce_slots import options


@pytest.mark.parametrize(
    ("is_cart", "phone", "is_same"),
    [
        (False, "+12125550123", True),
        # A courier says no to an order without a number, and its answer is no other order's.
        (False, None, False),
        (True, None, True),
    ],
)
def test_an_order_that_nobody_can_call_is_a_question_of_its_own(
    is_cart: bool, phone: str | None, is_same: bool
) -> None:
    request = options().request
    good = replace(request, is_cart=False, dropoff=replace(request.dropoff, phone="+12125550199"))
    other = replace(request, is_cart=is_cart, dropoff=replace(request.dropoff, phone=phone))
    assert (way_of(good) == way_of(other)) is is_same
