"""The canonical life of a delivery: what may follow what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.address import Address
from doorstep.delivery import Delivery, DeliveryFlag, Leg
from doorstep.delivery_status import (
    CORRECTIONS,
    LEGAL_LOOPS,
    RANK,
    TERMINAL,
    DeliveryStage,
    DeliveryStatus,
    advance,
    may_correct,
    stage_of,
)
from doorstep.money import Money
from doorstep.quote import DeliveryMode

STATUSES = st.sampled_from(list(DeliveryStatus))
REPORTS = st.lists(STATUSES, max_size=25)
S = DeliveryStatus


def life(reports: Sequence[DeliveryStatus], start: DeliveryStatus = S.BOOKED) -> list[DeliveryStatus]:
    """Every status on the way through these reports."""
    lived = [start]
    for report in reports:
        lived.append(advance(lived[-1], report))
    return lived


@given(reports=REPORTS)
def test_no_sequence_of_reports_takes_a_status_back_but_for_the_legal_loops(
    reports: list[DeliveryStatus],
) -> None:
    lived = life(reports)
    for before, after in pairwise(lived):
        assert RANK[after] > RANK[before] or after is before or (before, after) in LEGAL_LOOPS


@given(reports=REPORTS, end=st.sampled_from(sorted(TERMINAL)))
def test_what_is_over_stays_over(reports: list[DeliveryStatus], end: DeliveryStatus) -> None:
    assert set(life(reports, end)) == {end}


@given(current=STATUSES)
def test_unknown_moves_nothing_and_anything_moves_unknown(current: DeliveryStatus) -> None:
    assert advance(current, S.UNKNOWN) is current
    assert advance(S.UNKNOWN, current) is current


@given(reports=REPORTS, report=STATUSES)
def test_a_report_that_comes_twice_counts_once(reports: list[DeliveryStatus], report: DeliveryStatus) -> None:
    once = life(reports)[-1]
    assert advance(advance(once, report), report) is advance(once, report)


LOOPED_INTO = {after for _, after in LEGAL_LOOPS}


@given(
    reports=st.lists(st.sampled_from([s for s in S if s not in TERMINAL and s not in LOOPED_INTO])),
    random=st.randoms(use_true_random=False),
)
def test_reports_in_any_order_end_at_the_same_rank(reports: list[DeliveryStatus], random: object) -> None:
    shuffled = list(reports)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # Hypothesis gives a random.Random
    assert RANK[life(shuffled)[-1]] == RANK[life(reports)[-1]]


def test_a_delivery_reported_backwards_is_delivered_all_the_same() -> None:
    way = [S.COURIER_ASSIGNED, S.TO_PICKUP, S.PICKED_UP, S.IN_TRANSIT, S.OUT_FOR_DELIVERY, S.DELIVERED]
    assert life(way)[1:] == way
    assert life([*reversed(way)])[-1] is S.DELIVERED


@pytest.mark.parametrize(("before", "after"), sorted(LEGAL_LOOPS))
def test_a_legal_loop_goes_back(before: DeliveryStatus, after: DeliveryStatus) -> None:
    assert RANK[after] < RANK[before]
    assert advance(before, after) is after


def test_a_courier_is_not_searched_again_once_the_goods_are_on_board() -> None:
    for status in (S.PICKED_UP, S.IN_TRANSIT, S.OUT_FOR_DELIVERY, S.AT_DROPOFF):
        assert advance(status, S.SEARCHING) is status


def test_every_status_has_a_rank_but_unknown() -> None:
    assert set(RANK) == set(S) - {S.UNKNOWN}
    assert {S.DELIVERED, S.RETURNED, S.CANCELLED, S.FAILED} == TERMINAL


def test_every_status_is_one_of_six_stages() -> None:
    stages = {status: stage_of(status) for status in S}
    assert set(stages.values()) == set(DeliveryStage)
    assert stages[S.LABEL_READY] is DeliveryStage.PREPARING
    assert stages[S.IN_TRANSIT] is DeliveryStage.ON_THE_WAY
    assert stages[S.AT_DROPOFF] is DeliveryStage.NEARBY
    assert stages[S.CANCELLED] is stages[S.RETURNING] is DeliveryStage.NOT_DELIVERED
    assert stages[S.UNKNOWN] is stages[S.ATTEMPT_FAILED] is DeliveryStage.NEEDS_ATTENTION


@given(reports=st.lists(st.sampled_from([s for s in S if s is not S.UNKNOWN])))
def test_the_last_step_of_a_delivery_tells_how_it_went(reports: list[DeliveryStatus]) -> None:
    end = reduce(advance, reports, S.BOOKED)
    shown = stage_of(end)
    assert (shown is DeliveryStage.DELIVERED) == (end is S.DELIVERED)


NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def leg(name: str, status: DeliveryStatus) -> Leg:
    return Leg(name, "acc_1", "courier", "std", DeliveryMode.COURIER, status, Money(500, "USD"), name)


def delivery(*legs: Leg, status: DeliveryStatus = S.BOOKED) -> Delivery:
    return Delivery(
        id="del_1",
        merchant_id="mer_1",
        order_id="ord_1",
        fulfillment_order_id="ful_1",
        reference="1001-ABCD",
        status=status,
        origin_id="loc_1",
        destination=Address("US"),
        parcels=(),
        created_at=NOW,
        updated_at=NOW,
        legs=legs,
    )


def test_the_active_leg_is_the_newest_that_lives_else_the_newest() -> None:
    dead, live, late = leg("a", S.FAILED), leg("b", S.BOOKED), leg("c", S.CANCELLED)
    assert delivery(dead, live, late).active_leg == live
    assert delivery(dead, late).active_leg == late
    assert delivery().active_leg is None


def test_a_leg_takes_its_own_place_and_a_new_one_the_last() -> None:
    first, second = leg("a", S.BOOKED), leg("b", S.BOOKED)
    moved = replace(first, status=S.PICKED_UP)
    assert delivery(first, second).with_leg(moved).legs == (moved, second)
    assert delivery(first).with_leg(second).legs == (first, second)


def test_a_flag_is_raised_once_and_lowered() -> None:
    raised = delivery().with_flag(DeliveryFlag.DELAYED, True).with_flag(DeliveryFlag.DELAYED, True)
    assert raised.flags == (DeliveryFlag.DELAYED,)
    assert raised.with_flag(DeliveryFlag.DELAYED, False).flags == ()


def test_a_courier_around_the_corner_is_nearby() -> None:
    coming = delivery(status=S.OUT_FOR_DELIVERY)
    assert coming.stage is DeliveryStage.ON_THE_WAY
    assert coming.with_flag(DeliveryFlag.COURIER_IMMINENT, True).stage is DeliveryStage.NEARBY
    done = replace(coming, status=S.DELIVERED).with_flag(DeliveryFlag.COURIER_IMMINENT, True)
    assert done.stage is DeliveryStage.DELIVERED


@pytest.mark.parametrize("reported", list(S))
def test_a_person_corrects_to_what_can_be_found_out_and_to_nothing_before_the_pickup(reported: S) -> None:
    allowed = CORRECTIONS.get(reported, frozenset())
    assert reported not in allowed
    assert not {status for status in allowed if RANK[status] < RANK[S.AT_PICKUP]}
    assert S.CANCELLED not in allowed
    if reported is not S.UNKNOWN and RANK[reported] < RANK[S.AT_PICKUP]:
        assert allowed == frozenset()


def test_what_was_called_off_has_at_most_another_end() -> None:
    assert CORRECTIONS[S.CANCELLED] < TERMINAL
    assert may_correct(S.DELIVERED, S.ATTEMPT_FAILED)
    assert not may_correct(S.BOOKED, S.DELIVERED)
