"""The short form of `python -m bench exceptions`, and what it judges by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

import bench.exceptions
from bench.exceptions.fates import COURIER_TROUBLE, fates
from bench.exceptions.off_route import judged
from bench.exceptions.rides import ride
from bench.exceptions.run import parts
from bench.exceptions.tally import Endings, KindTally, Tally
from doorstep.audit import Actor
from doorstep.incident import IncidentKind, IncidentStatus, StepStatus
from tests.unit.doorstep.test_incident import CLOSED


@pytest.mark.slow
def test_a_day_of_trouble_is_seen() -> None:
    words = (
        "--days 1 --orders 30 --vans 2 --trips 20 --rides 20 --sweep-s 600 --afterwards-h 10 --seed 1".split()
    )
    result = bench.exceptions.main(words)
    assert result["jobs_failed"] == {}
    # There are few of each kind: how much of it is seen is for longer runs to say.
    fired = result["fired"]
    assert isinstance(fired, int)
    assert fired >= 15
    assert result["off_route_false"] == 0


def test_clean_trips_are_not_called_off_their_way_and_those_that_leave_it_are() -> None:
    result = judged(seed=3, trips=60)
    assert (result.false, result.clean) == (0, 60)
    assert len(result.delays_s) == result.left > 8
    assert max(result.delays_s) <= 60


async def test_late_rides_are_foreseen_and_few_others() -> None:
    found = await ride(seed=7, rides=100, sweep_s=120)
    assert found.late > 10
    assert found.flagged_before >= 0.8 * found.late
    assert found.false_flags <= 0.2 * found.early_flags


def test_what_nobody_had_to_see_is_closed_by_a_step_or_by_itself() -> None:
    endings = Endings()
    by_itself = replace(CLOSED, steps=(replace(CLOSED.steps[0], status=StepStatus.FAILED),))
    seen = replace(CLOSED, resolved_by=Actor.PERSON)
    late = replace(CLOSED, resolved_at=CLOSED.due_at + timedelta(seconds=1))
    for one in (CLOSED, by_itself, seen, late, replace(CLOSED, status=IncidentStatus.OPEN)):
        endings.note(one)
    assert (endings.by_step, endings.by_itself, endings.with_person, endings.is_open) == (2, 1, 1, 1)
    assert endings.as_keys() == {
        "closed_without_person": 0.6,
        "closed_by_step": 0.4,
        "closed_before_due": 0.4,
        "raised": 5,
    }


def test_the_days_are_shared_out_and_what_was_counted_adds_up() -> None:
    assert parts(7, 2) == [range(4), range(4, 7)]
    assert parts(1, 1) == [range(1)]
    one, other = Tally(), Tally()
    one.kinds[IncidentKind.LOST] = KindTally(injected=2, caught=1, raised=1)
    other.kinds[IncidentKind.LOST] = KindTally(
        injected=1, caught=1, raised=2, false=1, alone=1, after_min=[3.0]
    )
    other.kinds[IncidentKind.DAMAGED].raised = 1
    one.endings.note(CLOSED)
    other.endings.note(CLOSED)
    other.lateness.note(is_late=True, warned_min=5.0)
    both = one + other
    assert both.kinds[IncidentKind.LOST] == KindTally(3, 2, 3, 1, 1, [], [3.0])
    assert both.kinds[IncidentKind.DAMAGED].raised == 1
    assert (both.endings.by_step, both.lateness.late) == (2, 1)


def test_the_same_seed_is_the_same_weeks_and_every_trouble_comes() -> None:
    orders = fates(5, 2, 2 * len(COURIER_TROUBLE))
    assert orders == fates(5, 2, 2 * len(COURIER_TROUBLE))
    assert orders != fates(6, 2, 2 * len(COURIER_TROUBLE))
    assert {order.trouble for order in orders} >= set(COURIER_TROUBLE)
    late = next(order for order in orders if order.trouble is IncidentKind.ETA_PAST_PROMISE)
    assert late.arrives_after_min(1.0) > late.ride_min
    assert late.arrives_after_min(late.jam.begins) == pytest.approx(late.ride_min * late.jam.begins)
