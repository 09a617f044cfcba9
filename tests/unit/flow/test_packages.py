"""Where a store split the cart, each part of the order goes as it was chosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from doorstep.money import Money
from doorstep.order import (
    FulfillmentLine,
    FulfillmentMethod,
    FulfillmentOrder,
    FulfillmentOrderStatus,
    Order,
    OrderLine,
    OrderStatus,
    Store,
    StorePlatform,
    TakenRate,
)
from gateway.flow.intake.merge import merge, says_nothing_new
from gateway.flow.intake.packages import is_undivided

Status = FulfillmentOrderStatus
NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
STORE = Store("sto_1", "mer_1", StorePlatform.WOOCOMMERCE, "Shop", "https://shop.example", "sto_1", "loc_1")
KETTLE = TakenRate("vans.day", "qst_1/quo_1", "", "cho_1", ("kettle",))
TEA = TakenRate("courier.now", "qst_2/quo_2", "", "cho_2", ("tea",))


def told(*rates: TakenRate, status: Status = Status.OPEN, **pieces: int) -> Order:
    """As WooCommerce shows it: three lines and one fulfillment order."""
    left = {"kettle": 2, "tea": 3, "card": 1, **pieces}
    lines = tuple(FulfillmentLine(line_id, count) for line_id, count in left.items())
    return Order(
        external_id="77",
        number="77",
        platform=StorePlatform.WOOCOMMERCE,
        status=OrderStatus.OPEN,
        placed_at=NOON,
        updated_at=NOON,
        total=Money(9_000, "USD"),
        lines=tuple(OrderLine(line_id, line_id, count) for line_id, count in left.items()),
        fulfillment_orders=(FulfillmentOrder("77", status, FulfillmentMethod.SHIP, lines),),
        choice_reference=rates[0].choice_reference if rates else "",
        taken_rate=rates[0] if rates else None,
        more_rates=rates[1:],
    )


def parts(order: Order) -> dict[str, dict[str, int]]:
    """What each part that is alive ships, by what was chosen for it."""
    return {
        order.choice_for(unit): {line.line_external_id: line.quantity for line in unit.lines if line.quantity}
        for unit in order.fulfillment_orders
        if unit.status is not Status.CANCELLED
    }


def test_an_order_of_two_packages_has_two_parts_and_what_nobody_names_goes_with_the_first() -> None:
    kept = merge(STORE, told(KETTLE, TEA), None, {})
    assert parts(kept) == {"cho_1": {"kettle": 2, "card": 1}, "cho_2": {"tea": 3}}
    stem, part = sorted(kept.fulfillment_orders, key=lambda unit: unit.part_of)
    assert (stem.external_id, part.part_of, part.location_id) == ("77", "77", "loc_1")
    assert kept.choices == ("cho_1", "cho_2")


@pytest.mark.parametrize("is_pickup", [True, False])
def test_what_goes_with_another_method_is_a_part_of_its_own_and_what_is_fetched_is_not_sent(
    is_pickup: bool,
) -> None:
    other = TakenRate("local_pickup" if is_pickup else "flat_rate", line_ids=("tea",), is_pickup=is_pickup)
    kept = merge(STORE, told(KETTLE, other), None, {})
    assert parts(kept) == {"cho_1": {"kettle": 2, "card": 1}, "": {"tea": 3}}
    again = merge(STORE, told(KETTLE, other), kept, {})
    assert says_nothing_new(again, kept)
    sent = {kept.choice_for(unit): unit.is_dispatchable for unit in again.fulfillment_orders}
    assert sent == {"cho_1": True, "": not is_pickup}


def test_what_the_store_says_again_is_nothing_new_and_a_refund_ends_its_part() -> None:
    kept = merge(STORE, told(KETTLE, TEA), None, {})
    again = merge(STORE, told(KETTLE, TEA), kept, {})
    assert says_nothing_new(again, kept)
    assert parts(merge(STORE, told(KETTLE, TEA, tea=0), again, {})) == {"cho_1": {"kettle": 2, "card": 1}}


@pytest.mark.parametrize(
    "rates",
    [
        (KETTLE, replace(TEA, line_ids=())),
        (KETTLE, replace(TEA, line_ids=("kettle", "tea"))),
    ],
)
def test_goods_that_do_not_tell_stay_together_and_go_as_the_first(rates: tuple[TakenRate, ...]) -> None:
    kept = merge(STORE, told(*rates), None, {})
    assert parts(kept) == {"cho_1": {"kettle": 2, "tea": 3, "card": 1}}
    assert is_undivided(kept)


def test_one_choice_for_everything_is_one_part() -> None:
    kept = merge(STORE, told(KETTLE, replace(TEA, choice_reference="cho_1")), None, {})
    assert len(kept.fulfillment_orders) == 1
    assert not is_undivided(kept)


def test_what_somebody_carries_is_not_cut() -> None:
    whole = merge(STORE, told(), None, {})
    booked = tuple(replace(unit, status=Status.DISPATCHED) for unit in whole.fulfillment_orders)
    kept = merge(STORE, told(KETTLE, TEA), replace(whole, fulfillment_orders=booked), {})
    assert len(kept.fulfillment_orders) == 1


def test_a_cart_that_was_put_together_again_before_paying_is_one_choice_for_all_its_parts() -> None:
    kept = merge(STORE, told(KETTLE, TEA, status=Status.ON_HOLD), None, {})
    # WooCommerce makes the lines of an order anew that is paid at the second attempt.
    anew = replace(told(replace(KETTLE, choice_reference="cho_3", line_ids=())), lines=())
    lines = (FulfillmentLine("kettle again", 2), FulfillmentLine("tea again", 3))
    unit = replace(anew.fulfillment_orders[0], lines=lines)
    again = merge(STORE, replace(anew, fulfillment_orders=(unit,)), kept, {})
    assert parts(again) == {"cho_3": {"kettle again": 2, "tea again": 3}}
    assert again.choices == ("cho_3",)


def test_a_choice_that_an_order_does_not_tell_of_any_more_stays() -> None:
    kept = merge(STORE, told(KETTLE, TEA), None, {})
    silent = replace(told(), choice_reference="")
    assert parts(merge(STORE, silent, kept, {})).keys() == {"cho_1", "cho_2"}
