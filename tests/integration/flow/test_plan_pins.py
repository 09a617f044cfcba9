"""A dispatcher pins stops and lets go of them; what is pinned stays where it is wanted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from doorstep.errors import NotFound, PlanInfeasible, StateConflict
from doorstep.ids import new_id
from doorstep.route import PlanScope, Route, Stop
from doorstep.route_solution import ViolationKind
from doorstep.visit import PinnedPlace
from gateway.flow.planning.changes.move import StopMove, move_stop, preview_move
from gateway.flow.planning.changes.pin import pin_stop, unpin_stop
from tests.integration.flow.fakes import MERCHANT_ID, SHOP
from tests.integration.flow.planned import at_the_desk, on, planned, shop_with_vans, tour_for, tours
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import drive, east, north, order_to


def _stop(route: Route, delivery_id: str) -> Stop:
    return next(stop for stop in route.stops if stop.delivery_id == delivery_id)


def _pins(route: Route) -> Sequence[tuple[str, PinnedPlace | None]]:
    return [(stop.delivery_id, stop.pinned_place) for stop in route.stops if stop.is_locked]


async def _tour(stage: Stage) -> tuple[Route, list[str]]:
    """Ann's tour to three doors up one road, and its deliveries in its order."""
    await shop_with_vans(stage)
    await order_to(stage, a=north(1000), b=north(2000), c=north(3000))
    await planned(stage)
    (route,) = await tours(stage)
    return route, on(route)


async def test_a_stop_is_pinned_without_moving_it_and_let_go_of(stage: Stage) -> None:
    route, (first, *_) = await _tour(stage)
    pinned = await pin_stop(stage.means, MERCHANT_ID, _stop(route, first).id, expected_version=route.version)
    assert (_pins(pinned), pinned.version) == ([(first, None)], route.version + 1)
    free = await unpin_stop(stage.means, MERCHANT_ID, _stop(route, first).id, expected_version=pinned.version)
    assert (_pins(free), free.version) == ([], pinned.version + 1)
    again = await unpin_stop(stage.means, MERCHANT_ID, _stop(route, first).id, expected_version=free.version)
    assert again == free
    with pytest.raises(StateConflict) as conflict:
        await pin_stop(stage.means, MERCHANT_ID, _stop(route, first).id, expected_version=1)
    assert conflict.value.current_version == free.version
    with pytest.raises(NotFound):
        await unpin_stop(stage.means, MERCHANT_ID, new_id("stp"), expected_version=1)


async def test_a_pinned_stop_stays_with_its_driver_and_a_free_one_goes_where_it_costs_less(
    stage: Stage,
) -> None:
    ann, bob = await shop_with_vans(stage, "Ann", "Bob")
    far, near = await order_to(stage, a=north(3000), b=east(3000))
    await planned(stage, driver_ids=(bob.id,), delivery_ids=(far.id,))
    route = await tour_for(stage, far.id)
    pinned = await pin_stop(stage.means, MERCHANT_ID, route.stops[0].id, expected_version=route.version)
    await planned(stage, driver_ids=(ann.id,), delivery_ids=(near.id,))
    await planned(stage, stability=0.0)
    kept = await tour_for(stage, far.id)
    assert (kept.driver_id, kept.stops[0].is_locked) == (pinned.driver_id, True)


async def test_a_stop_is_wanted_last_and_every_plan_keeps_it_there(stage: Stage) -> None:
    route, (first, *others) = await _tour(stage)
    means = at_the_desk(stage)
    with pytest.raises(StateConflict, match="nothing to work out"):
        await pin_stop(
            stage.means, MERCHANT_ID, _stop(route, first).id, expected_version=1, place=PinnedPlace.LAST
        )
    stop_id = _stop(route, first).id
    pinned = await pin_stop(means, MERCHANT_ID, stop_id, expected_version=1, place=PinnedPlace.LAST)
    assert on(pinned) == [*others, first]
    assert _pins(pinned) == [(first, PinnedPlace.LAST)]
    assert pinned.ends_at - pinned.starts_at >= route.ends_at - route.starts_at
    (new,) = await order_to(stage, d=north(3500))
    await planned(stage, stability=0.0)
    (longer,) = await tours(stage)
    assert set(on(longer)) == {first, *others, new.id}
    assert (on(longer)[-1], _pins(longer)) == (first, [(first, PinnedPlace.LAST)])


async def test_a_stop_that_was_wanted_last_is_moved_away_only_knowingly(stage: Stage) -> None:
    route, (first, second, third) = await _tour(stage)
    means, stop_id = at_the_desk(stage), _stop(route, first).id
    pinned = await pin_stop(means, MERCHANT_ID, stop_id, expected_version=1, place=PinnedPlace.LAST)
    away, back = StopMove(stop_id, route.id, 1), StopMove(stop_id, route.id, 3)
    (fault,) = (await preview_move(means, MERCHANT_ID, away)).violations
    reference = (await stage.kept(first)).reference
    assert (fault.kind, fault.is_hard) == (ViolationKind.LOCKED, False)
    assert fault.text == f"{reference}: a dispatcher wanted this stop last on its tour."
    assert (await preview_move(means, MERCHANT_ID, back)).violations == (), "where it is"
    said = {"accepts_soft": True, "locks": False}
    (same,) = await move_stop(means, MERCHANT_ID, back, expected_version=pinned.version, **said)
    assert _pins(same) == [(first, PinnedPlace.LAST)]
    with pytest.raises(PlanInfeasible):
        await move_stop(
            means, MERCHANT_ID, away, expected_version=same.version, accepts_soft=False, locks=False
        )
    (moved,) = await move_stop(means, MERCHANT_ID, away, expected_version=same.version, **said)
    assert on(moved) == [first, second, third]
    assert _pins(moved) == [(first, None)]


async def test_of_two_stops_that_are_wanted_first_the_later_wish_counts(stage: Stage) -> None:
    route, (first, second, third) = await _tour(stage)
    means = at_the_desk(stage)
    one = await pin_stop(
        means, MERCHANT_ID, _stop(route, first).id, expected_version=1, place=PinnedPlace.FIRST
    )
    assert on(one) == [first, second, third], "it is there already"
    other = await pin_stop(
        means, MERCHANT_ID, _stop(route, third).id, expected_version=2, place=PinnedPlace.FIRST
    )
    assert on(other)[0] == third
    assert dict(_pins(other)) == {first: None, third: PinnedPlace.FIRST}


async def test_who_moves_a_pinned_stop_by_hand_is_not_held_to_its_place(stage: Stage) -> None:
    route, (first, *others) = await _tour(stage)
    means = at_the_desk(stage)
    stop_id = _stop(route, first).id
    await pin_stop(means, MERCHANT_ID, stop_id, expected_version=1, place=PinnedPlace.LAST)
    wish = StopMove(stop_id, route.id, 1)
    (moved,) = await move_stop(means, MERCHANT_ID, wish, expected_version=2, accepts_soft=True, locks=False)
    assert on(moved) == [first, *others]
    assert _pins(moved) == [(first, None)]


async def test_what_others_put_behind_a_stop_that_is_wanted_last_is_refused(stage: Stage) -> None:
    route, (first, second, _) = await _tour(stage)
    means = at_the_desk(stage)
    stop_id = _stop(route, first).id
    await pin_stop(means, MERCHANT_ID, stop_id, expected_version=1, place=PinnedPlace.LAST)
    wish = StopMove(_stop(route, second).id, route.id, 3)
    with pytest.raises(PlanInfeasible):
        await move_stop(means, MERCHANT_ID, wish, expected_version=2, accepts_soft=True, locks=False)


async def test_nothing_is_first_before_the_door_that_a_van_is_on_its_way_to(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    await order_to(stage, a=north(1000), b=north(2000), c=north(3000))
    means = at_the_desk(stage)
    await planned(stage)
    (route,) = await tours(stage)
    first, second, third = on(route)
    pinned = await pin_stop(
        means, MERCHANT_ID, _stop(route, first).id, expected_version=1, place=PinnedPlace.FIRST
    )
    await drive(stage, ann, SHOP, north(400))
    (out,) = await tours(stage)
    with pytest.raises(StateConflict, match="stays first"):
        await pin_stop(
            means,
            MERCHANT_ID,
            _stop(route, second).id,
            expected_version=out.version,
            place=PinnedPlace.FIRST,
        )
    last = await pin_stop(
        means, MERCHANT_ID, _stop(route, second).id, expected_version=out.version, place=PinnedPlace.LAST
    )
    assert on(last) == [first, third, second]
    door = _stop(route, first).location
    await drive(stage, ann, door, door, door, every_s=120)
    await drive(stage, ann, east(400, door), east(500, door), every_s=120)
    await planned(stage, scope=PlanScope.RUNNING, means=means)
    (running,) = await tours(stage)
    assert on(running) == [third, second]
    assert pinned.id == running.id
    with pytest.raises(StateConflict, match="has been at this stop"):
        await pin_stop(means, MERCHANT_ID, _stop(route, first).id, expected_version=running.version)
