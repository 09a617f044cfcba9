"""What a carrier's words of an arrival are worth together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from doorstep.address import Address
from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.window import Promise, PromiseBasis, Window
from gateway.flow.learning.eta_asked import with_eta, with_next_eta
from gateway.flow.tracking.eta import told_eta

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PROMISE = Promise(Window(NOON, NOON + timedelta(minutes=60)), "UTC", PromiseBasis.CARRIER_COMMITMENT)
DELIVERY = Delivery(
    "del_1", "mer_1", "ord_1", "ful_1", "1001-1", DeliveryStatus.OUT_FOR_DELIVERY, "loc_1", Address("US"), (),
    NOON, NOON, promise=PROMISE,
)  # fmt: skip
SOON, LATE = (told_eta(NOON + timedelta(minutes=minutes), NOON) for minutes in (10, 300))


def test_one_late_word_after_good_ones_is_half_of_it_and_two_are_three_quarters() -> None:
    told = with_next_eta(DELIVERY, SOON)
    assert (told.late_risk, told.lasting_risk) == (0.0, 0.0)
    once = with_next_eta(told, LATE)
    assert (once.late_risk, once.lasting_risk) == (1.0, 0.5)
    assert with_next_eta(once, LATE).lasting_risk == 0.75


def test_the_words_of_a_courier_who_was_replaced_are_worth_nothing() -> None:
    replaced = replace(with_eta(DELIVERY, LATE), eta=None, late_risk=None)
    assert with_next_eta(replaced, SOON).lasting_risk == 0.0


def test_another_promise_is_judged_by_the_last_word_alone() -> None:
    late = with_next_eta(with_next_eta(DELIVERY, LATE), LATE)
    window = Window(NOON, NOON + timedelta(minutes=600))
    again = replace(late, promise=replace(PROMISE, window=window))
    assert with_eta(again, LATE).lasting_risk == 0.0
    assert with_next_eta(replace(late, promise=None), LATE).lasting_risk is None
