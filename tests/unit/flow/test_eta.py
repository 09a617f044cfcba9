"""Arrivals of a route that is under way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.eta import EtaBasis
from doorstep.geo import LatLng
from doorstep.route import Route, RouteStatus, Stop, StopStatus
from gateway.flow.tracking.eta import RemainingStop, remaining_etas, route_etas

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_drives_and_service_add_up_and_waiting_counts() -> None:
    etas = remaining_etas(
        [
            RemainingStop("a", 600, 120),
            RemainingStop("b", 300, 60, opens_at=later(30)),
            RemainingStop("c", 600, 60),
        ],
        leaves_at=later(1),
        computed_at=NOW,
    )
    # 1 + 10; 11 + 2 + 5 = 18, served at 30; 30 + 1 + 10.
    assert [(stop.stop_id, stop.eta.at) for stop in etas] == [
        ("a", later(11)),
        ("b", later(18)),
        ("c", later(41)),
    ]
    assert [stop.eta.stops_before for stop in etas] == [0, 1, 2]
    assert {stop.eta.basis for stop in etas} == {EtaBasis.ROAD}


def test_an_interval_is_a_share_of_the_time_ahead_and_widens_with_every_stop() -> None:
    near, far = remaining_etas(
        [RemainingStop("near", 60, 0), RemainingStop("far", 3540, 0)], leaves_at=NOW, computed_at=NOW
    )
    # Two minutes at least, but never before now.
    assert near.eta.interval.start == NOW
    assert near.eta.interval.end == later(3)
    # 60 min ahead and one stop before: 6 + 0.5 min early, 9 + 1 min late.
    assert far.eta.interval.start == later(60 - 6.5)
    assert far.eta.interval.end == later(60 + 10)


DRIVES = st.lists(st.tuples(st.floats(0, 7200), st.floats(0, 900)), min_size=1, max_size=12)


@given(drives=DRIVES)
def test_intervals_hold_their_arrival_and_never_shrink_along_a_route(
    drives: list[tuple[float, float]],
) -> None:
    stops = [RemainingStop(str(n), drive, service) for n, (drive, service) in enumerate(drives)]
    etas = [stop.eta for stop in remaining_etas(stops, leaves_at=NOW, computed_at=NOW)]
    late = [(eta.interval.end - eta.at).total_seconds() for eta in etas]
    assert late == sorted(late)
    assert min(late) >= 120
    for eta in etas:
        assert NOW <= eta.interval.start <= eta.at < eta.interval.end


def test_estimates_without_a_map_are_marked() -> None:
    (stop,) = remaining_etas(
        [RemainingStop("a", 600, 0)], leaves_at=NOW, computed_at=NOW, is_approximate=True
    )
    assert stop.eta.basis is EtaBasis.APPROXIMATE


def test_a_departure_in_the_past_counts_from_now() -> None:
    (stop,) = remaining_etas([RemainingStop("a", 600, 0)], leaves_at=later(-30), computed_at=NOW)
    assert stop.eta.at == later(10)


def test_negative_drives_are_refused() -> None:
    with pytest.raises(ValueError, match="stop a: drive_s"):
        RemainingStop("a", -1, 0)


@pytest.fixture
def route() -> Route:
    """Three stops of five minutes; planned to leave in ten minutes."""
    spot = LatLng(1, 1)
    return Route(
        id="rte_1",
        merchant_id="mer_1",
        plan_id="pla_1",
        driver_id="drv_1",
        date="2026-03-02",
        status=RouteStatus.PUBLISHED,
        starts_at=later(10),
        ends_at=later(120),
        stops=tuple(
            Stop(f"stp_{n}", f"del_{n}", n, StopStatus.PLANNED, spot, later(30), 300) for n in range(3)
        ),
        polyline="",
        distance_m=0,
        driving_s=0,
        origin=spot,
    )


def started(route: Route) -> Route:
    return replace(route, status=RouteStatus.STARTED)


def with_statuses(route: Route, *statuses: StopStatus) -> Route:
    stops = zip(route.stops, statuses, strict=True)
    return replace(route, stops=tuple(replace(stop, status=status) for stop, status in stops))


def test_a_route_that_has_not_begun_leaves_at_its_start(route: Route) -> None:
    etas = route_etas(route, [60, 60, 60], now=NOW)
    assert [stop.eta.at for stop in etas] == [later(11), later(17), later(23)]


def test_a_van_under_way_counts_from_now(route: Route) -> None:
    moving = with_statuses(started(route), StopStatus.DONE, StopStatus.EN_ROUTE, StopStatus.PLANNED)
    assert [(s.stop_id, s.eta.at) for s in route_etas(moving, [120, 60], now=NOW)] == [
        ("stp_1", later(2)),
        ("stp_2", later(8)),
    ]


def test_a_van_that_left_before_its_time_counts_from_now(route: Route) -> None:
    assert route_etas(started(route), [60, 60, 60], now=NOW)[0].eta.at == later(1)


def test_a_van_waits_at_a_door_that_opens_later(route: Route) -> None:
    etas = route_etas(started(route), [60, 60, 60], now=NOW, opens_at={"stp_1": later(30)})
    # 1; 1 + 5 + 1 = 7, served at 30; 30 + 5 + 1.
    assert [stop.eta.at for stop in etas] == [later(1), later(7), later(36)]


@pytest.mark.parametrize(("arrived", "leaves"), [(-2, 3), (-20, 0)], ids=["still serving", "overdue"])
def test_a_van_at_a_stop_leaves_when_its_service_is_over(route: Route, arrived: float, leaves: float) -> None:
    standing = with_statuses(started(route), StopStatus.ARRIVED, StopStatus.PLANNED, StopStatus.SKIPPED)
    first = replace(standing.stops[0], arrived_at=later(arrived))
    standing = replace(standing, stops=(first, *standing.stops[1:]))
    (stop,) = route_etas(standing, [60], now=NOW)
    assert stop.eta.at == later(leaves + 1)


def test_two_orders_at_one_door_take_the_time_of_both(route: Route) -> None:
    standing = with_statuses(started(route), StopStatus.ARRIVED, StopStatus.ARRIVED, StopStatus.PLANNED)
    (stop,) = route_etas(standing, [60], now=NOW)
    # 5 + 5 at the door, 1 on the way.
    assert stop.eta.at == later(11)


def test_every_stop_ahead_needs_its_drive(route: Route) -> None:
    with pytest.raises(ValueError, match="3 stops are ahead, got 1 drives"):
        route_etas(route, [60], now=NOW)
