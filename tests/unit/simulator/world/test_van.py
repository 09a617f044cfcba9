"""A van drives its tour exactly, whatever the steps of the clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.geo import LatLng, distance_m
from simulator.people.tour import Parcel, Tour, TourStop
from simulator.people.van import DriverProfile, Van, VanPhase

DEPOT = LatLng(39.9, -71.5)
METRE = 1 / 111_195
EIGHT = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
STARTS = EIGHT + timedelta(minutes=10)


def north(metres: float) -> LatLng:
    return LatLng(DEPOT.lat + metres * METRE, DEPOT.lng)


PROFILE = DriverProfile(
    name="Van 1 driver",
    device_id="van-1",
    vehicle_name="Van 1",
    depot_key="store-west",
    depot=DEPOT,
    shift_start="09:00",
    shift_end="18:30",
    capacity_g=400_000,
    pace=1.0,
)


def stop(place: int, metres: float, opens_at: datetime | None = None) -> TourStop:
    parcel = Parcel(f"del_{place}", f"100{place}-ABCD")
    return TourStop(f"stp_{place}", place, north(metres), 180, (parcel,), opens_at)


def tour(*stops: TourStop, id_: str = "rte_1", starts_at: datetime = STARTS) -> Tour:
    """1 km north and back at 10 m/s."""
    return Tour(id_, starts_at, stops, (DEPOT, north(1000), DEPOT), 10.0)


def told(*tours: Tour, profile: DriverProfile = PROFILE) -> Van:
    van = Van(profile, EIGHT)
    van.tell(tours, EIGHT)
    return van


def test_a_tour_takes_as_long_as_its_way_and_its_doors() -> None:
    van = told(tour(stop(1, 400), stop(2, 900)))
    van.advance(EIGHT + timedelta(hours=2))
    # 40 s to the first door, 180 s there, 50 s to the second, 180 s there.
    assert [row.reference for row in van.handed] == ["1001-ABCD", "1002-ABCD"]
    assert [(row.at - STARTS).total_seconds() for row in van.handed] == pytest.approx([220, 450], abs=1)
    assert (van.phase, van.tour, van.location) == (VanPhase.PARKED, None, DEPOT)


def test_nobody_leaves_before_the_tour_starts() -> None:
    van = told(tour(stop(1, 400)))
    van.advance(STARTS - timedelta(seconds=1))
    assert (van.phase, van.location) == (VanPhase.PARKED, DEPOT)
    van.advance(STARTS + timedelta(seconds=20))
    assert van.phase is VanPhase.DRIVING
    assert distance_m(van.location, north(200)) < 2


def test_a_quick_driver_is_there_sooner() -> None:
    van = told(tour(stop(1, 1000)), profile=replace(PROFILE, pace=1.25))
    van.advance(EIGHT + timedelta(hours=2))
    # 1,000 m at 12.5 m/s.
    assert (van.handed[0].at - STARTS).total_seconds() == pytest.approx(80 + 180, abs=1)


def test_an_early_driver_waits_for_the_window() -> None:
    opens_at = STARTS + timedelta(minutes=10)
    van = told(tour(stop(1, 400, opens_at)))
    van.advance(STARTS + timedelta(minutes=9))
    assert (van.phase, van.location, van.handed) == (VanPhase.AT_DOOR, north(400), [])
    van.advance(EIGHT + timedelta(hours=2))
    assert van.handed[0].at == opens_at + timedelta(seconds=180)


def test_what_is_called_off_on_the_way_is_driven_past() -> None:
    van = told(tour(stop(1, 400), stop(2, 900)))
    van.advance(STARTS + timedelta(seconds=10))
    van.call_off("del_1", STARTS + timedelta(seconds=10))
    van.advance(EIGHT + timedelta(hours=2))
    # 90 s straight to the second door.
    assert [row.reference for row in van.handed] == ["1002-ABCD"]
    assert (van.handed[0].at - STARTS).total_seconds() == pytest.approx(90 + 180, abs=1)


def test_what_is_called_off_at_the_door_is_not_handed_over() -> None:
    van = told(tour(stop(1, 400), stop(2, 900)))
    van.advance(STARTS + timedelta(seconds=100))
    assert van.phase is VanPhase.AT_DOOR
    van.call_off("del_1", STARTS + timedelta(seconds=100))
    van.advance(EIGHT + timedelta(hours=2))
    assert [row.reference for row in van.handed] == ["1002-ABCD"]


def test_one_tour_follows_the_other() -> None:
    second = tour(stop(3, 500), id_="rte_2", starts_at=STARTS + timedelta(seconds=60))
    van = told(second, tour(stop(1, 400)))
    van.advance(EIGHT + timedelta(hours=2))
    # The first is back after 200 s of driving and 180 s at the door; only then the second leaves.
    assert [row.reference for row in van.handed] == ["1001-ABCD", "1003-ABCD"]
    assert (van.handed[1].at - STARTS).total_seconds() == pytest.approx(200 + 180 + 50 + 180, abs=1)


def test_a_tour_withdrawn_before_it_starts_is_not_driven_and_no_longer_theirs() -> None:
    van = told(tour(stop(1, 400)))
    van.tell((), EIGHT + timedelta(minutes=1))
    van.advance(EIGHT + timedelta(hours=2))
    assert van.handed == []
    assert [row.is_live for row in van.told()] == [False]


def test_a_tour_that_has_begun_is_driven_to_its_end_though_the_list_has_lost_it() -> None:
    van = told(tour(stop(1, 400)))
    van.advance(STARTS + timedelta(seconds=10))
    van.tell((), STARTS + timedelta(seconds=10))
    van.advance(EIGHT + timedelta(hours=2))
    van.tell((), EIGHT + timedelta(hours=2))
    assert [row.reference for row in van.handed] == ["1001-ABCD"]
    assert [row.is_live for row in van.told()] == [True]


def test_a_tour_once_driven_is_not_driven_again() -> None:
    van = told(tour(stop(1, 400)))
    van.advance(EIGHT + timedelta(hours=2))
    van.tell((tour(stop(1, 400)),), EIGHT + timedelta(hours=2))
    van.advance(EIGHT + timedelta(hours=4))
    assert len(van.handed) == 1


@given(steps_s=st.lists(st.floats(0.1, 900), max_size=60))
def test_big_and_small_steps_lead_to_the_same_book(steps_s: list[float]) -> None:
    stops = (stop(1, 400, STARTS + timedelta(minutes=3)), stop(2, 900))
    stepped, leapt = told(tour(*stops)), told(tour(*stops))
    end = EIGHT + timedelta(hours=2)
    now = EIGHT
    for step_s in steps_s:
        now = min(end, now + timedelta(seconds=step_s))
        stepped.advance(now)
    stepped.advance(end)
    leapt.advance(end)
    assert [row.reference for row in stepped.handed] == [row.reference for row in leapt.handed]
    for a, b in zip(stepped.handed, leapt.handed, strict=True):
        assert abs((a.at - b.at).total_seconds()) < 0.01
