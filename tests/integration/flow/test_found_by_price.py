"""A store that names a code only: of what was shown, the option at the price that was paid is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.money import Money
from doorstep.order import TakenRate
from gateway.flow.quoting.codes import code_of
from gateway.flow.quoting.shown import cart_key, with_choices
from tests.integration.flow.fakes import MERCHANT_ID, STORE
from tests.integration.flow.stage import Stage
from tests.unit.checkout.test_woocommerce_slots import options


@pytest.mark.parametrize(
    ("paid", "found"),
    [
        (Money(1295, "KWD"), 1295),
        # Shopify takes hundredths, and sells what was shown at 1.295 dinars at 1.30.
        (Money(1300, "KWD"), 1295),
        (Money(1310, "KWD"), 2000),
        (None, 2000),
    ],
)
async def test_the_newest_is_found_that_was_shown_at_the_price_that_was_paid(
    stage: Stage, paid: Money | None, found: int
) -> None:
    await stage.booked()
    raw = await stage.order()
    order = replace(raw, placed_at=stage.clock.now(), shipping_paid=paid)
    assert order.destination is not None
    goods = [(line.product_external_id, line.quantity) for line in order.lines]
    key = cart_key(STORE.id, order.destination, goods)
    shown = options()
    (quote,) = shown.quotes
    async with stage.means.begin(MERCHANT_ID) as work:
        for minutes, minor in ((20, 1295), (10, 2000)):
            at = stage.clock.now() - timedelta(minutes=minutes)
            await work.quotes.put(
                replace(
                    shown,
                    id=f"qst_{minor}",
                    merchant_id=MERCHANT_ID,
                    cart_key=key,
                    request=replace(shown.request, asked_at=at),
                    quotes=(replace(quote, id=f"quo_{minor}", charge=Money(minor, "KWD")),),
                )
            )
        taken = replace(order, taken_rate=TakenRate(code_of(quote)))
        chosen = await with_choices(work, STORE.id, taken, None, stage.clock.now())
        choice = await work.quotes.choice(chosen.choice_reference)
    assert choice is not None
    assert choice.price == Money(found, "KWD")
