"""What a checkout showed stays bookable, and what that costs is learned."""

from __future__ import annotations

import pytest

from doorstep.errors import OptionExpired
from doorstep.money import Money
from doorstep.quote import Choice, QuoteSet
from doorstep.scorecard import Requote
from gateway.flow.quoting.cart import Cart, CartItem
from gateway.flow.quoting.choose import choose_option
from gateway.flow.quoting.options import delivery_options
from gateway.flow.quoting.price_lock import ENOUGH
from tests.integration.flow.fakes import HOME, MERCHANT_ID
from tests.integration.flow.stage import Stage

CART = Cart([CartItem(1, unit_price=Money(2_000, "USD"), weight_g=500)])


async def _shown(stage: Stage) -> QuoteSet:
    return await delivery_options(stage.means, MERCHANT_ID, HOME, CART, budget_s=10)


async def _chosen(stage: Stage, options: QuoteSet) -> Choice:
    best = options.quotes[0]
    return await choose_option(stage.means, MERCHANT_ID, "key-1", options.id, best.id, "cart-1")


async def _requotes(stage: Stage) -> list[Requote]:
    async with stage.means.begin(MERCHANT_ID) as work:
        return list(await work.scores.requotes(stage.links.linked[0].account.id, 10))


async def test_an_option_can_be_chosen_for_twenty_minutes_though_its_quote_lasts_fifteen(
    stage: Stage,
) -> None:
    options = await _shown(stage)
    stage.clock.advance(minutes=19)
    assert (await _chosen(stage, options)).price == options.quotes[0].price
    stage.clock.advance(minutes=1)
    with pytest.raises(OptionExpired):
        await choose_option(stage.means, MERCHANT_ID, "key-2", options.id, options.quotes[1].id, "cart-2")


async def test_what_the_booking_costs_more_than_the_shopper_was_shown_is_noted(stage: Stage) -> None:
    choice = await _chosen(stage, await _shown(stage))
    stage.clock.advance(minutes=18)
    stage.cheap.price += 40
    stage.shop.put("1001", choice=choice.id)
    await stage.take_in()
    await stage.settle()
    (requote,) = await _requotes(stage)
    assert (requote.quoted, requote.booked) == (Money(500, "USD"), Money(540, "USD"))
    assert requote.waited_s == 18 * 60


async def test_a_carrier_that_often_costs_more_in_the_end_is_shown_dearer(stage: Stage) -> None:
    # Given a courier whose bookings cost eight percent more than its quotes
    account_id = stage.links.linked[0].account.id
    async with stage.means.begin(MERCHANT_ID) as work:
        for number in range(ENOUGH):
            quoted, booked = Money(500, "USD"), Money(540, "USD")
            leg_id = f"leg_{number}"
            await work.scores.note_requote(
                Requote(leg_id, account_id, quoted, booked, 600, stage.clock.now())
            )
    options = await _shown(stage)
    by_account = {quote.account_id: quote for quote in options.quotes}
    assert (by_account[account_id].price, by_account[account_id].offer.price) == (
        Money(540, "USD"),
        Money(500, "USD"),
    )
    others = [quote for quote in options.quotes if quote.account_id != account_id]
    assert all(quote.price == quote.offer.price for quote in others)
