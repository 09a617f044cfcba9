"""Drivers hear of tours from the gateway, drive them, send fixes and keep their book."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from doorstep.geo import LatLng, distance_m, encode_polyline
from simulator.city import City
from tests.integration.simulator.conftest import Desk, Json, OpenWorld
from tests.integration.simulator.standin import StandIn

NINE = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
"""Nine o'clock in the city, when shifts begin; the world begins half an hour before."""


def _tour(city: City, *, doors: int = 3, starts_at: datetime = NINE, driver: str = "Van 1 driver") -> Json:
    """Straight from the store to doors all over the city and back, at 8 m/s."""
    depot = city.place("store-west").address.at
    stops = [city.addresses[600 * place + 5].at for place in range(1, doors + 1)]
    line = [depot, *stops, depot]
    length_m = sum(distance_m(a, b) for a, b in pairwise(line))
    return {
        "id": "rte_1",
        "version": 1,
        "status": "PUBLISHED",
        "driver": {"id": "drv_1", "name": driver},
        "startsAt": starts_at.isoformat().replace("+00:00", "Z"),
        "path": encode_polyline(line),
        "distanceMeters": round(length_m),
        "drivingSeconds": round(length_m / 8),
        "stops": [_stop(place, at) for place, at in enumerate(stops, start=1)],
    }


def _stop(place: int, at: LatLng) -> dict[str, Any]:
    return {
        "id": f"stp_{place}",
        "sequence": place,
        "serviceSeconds": 180,
        "location": {"latitude": at.lat, "longitude": at.lng},
        "deliveries": [{"id": f"del_{place}", "reference": f"100{place}-ABCD", "promise": None}],
    }


async def _first_device(desk: Desk) -> str:
    device_id: str = (await desk.get("world"))["drivers"][0]["device_id"]
    return device_id


async def test_a_tour_is_driven_and_handed_over_in_its_order(
    desk: Desk, standin: StandIn, gateway_url: str, city: City
) -> None:
    standin.tours = [_tour(city)]
    await desk.link(gateway_url)
    await desk.post("tick", {"seconds": 4 * 3600})
    books = await desk.get("books")
    device_id = await _first_device(desk)
    assert [(row["device_id"], row["reference"]) for row in books["handovers"]] == [
        (device_id, f"100{place}-ABCD") for place in (1, 2, 3)
    ]
    assert {(row["reference"], row["live"]) for row in books["told"]} == {
        (f"100{place}-ABCD", True) for place in (1, 2, 3)
    }
    assert all(row["at"] > "2026-11-23T14:03:00Z" for row in books["handovers"])


async def test_a_driver_is_found_by_the_gateways_id_where_it_was_told(
    desk: Desk, standin: StandIn, gateway_url: str, city: City
) -> None:
    standin.tours = [_tour(city, driver="Somebody renamed")]
    device_id = await _first_device(desk)
    await desk.link(gateway_url, drivers={device_id: "drv_1"})
    await desk.post("tick", {"seconds": 4 * 3600})
    assert len((await desk.get("books"))["handovers"]) == 3
    assert standin.asked[-1][2] == {"filter": {"status": ["PUBLISHED", "STARTED"], "driverIds": ["drv_1"]}}


async def test_fixes_pass_every_door_and_jump_nowhere(
    desk: Desk, standin: StandIn, gateway_url: str, city: City
) -> None:
    tour = _tour(city)
    standin.tours = [tour]
    await desk.link(gateway_url)
    await desk.post("tick", {"seconds": 4 * 3600})
    fixes = standin.fixes_of(await _first_device(desk))
    stamps = [int(fix["timestamp"]) for fix in fixes]
    assert all(15 <= b - a <= 30 for a, b in pairwise(stamps))
    places = [LatLng(float(fix["lat"]), float(fix["lon"])) for fix in fixes]
    # 8 m/s, at most 1.15 times as fast, and the noise of two fixes.
    assert all(
        distance_m(a, b) <= 8 * 1.15 * (t - s) + 70
        for (a, s), (b, t) in pairwise(zip(places, stamps, strict=True))
    )
    for stop in tour["stops"]:
        door = LatLng(stop["location"]["latitude"], stop["location"]["longitude"])
        # Three minutes at the door with a fix every half minute.
        assert sum(distance_m(place, door) < 40 for place in places) >= 5


async def test_vans_are_heard_while_their_shift_lasts(
    desk: Desk, standin: StandIn, gateway_url: str, city: City
) -> None:
    await desk.link(gateway_url)
    await desk.post("tick", {"seconds": 12 * 3600})
    stamps = [int(fix["timestamp"]) for fix in standin.fixes]
    shift_start, shift_end = NINE.timestamp(), (NINE + timedelta(hours=9, minutes=30)).timestamp()
    assert shift_start <= min(stamps) < shift_start + 30
    assert shift_end - 30 <= max(stamps) < shift_end


async def test_one_van_is_silent_for_seven_minutes_of_the_day_and_tells_it_afterwards(
    desk: Desk, standin: StandIn, gateway_url: str, city: City
) -> None:
    standin.tours = [_tour(city, doors=5)]
    await desk.link(gateway_url)
    device_id = await _first_device(desk)
    counts = []
    for _ in range(4 * 60):
        await desk.post("tick", {"seconds": 60})
        counts.append(len(standin.fixes_of(device_id)))
    mute = [later == earlier for earlier, later in pairwise(counts)]
    first = mute.index(True, 30)
    assert sum(mute[30 : first + 12]) in {6, 7}
    # Nothing is missing in the end: the phone kept its fixes.
    stamps = [int(fix["timestamp"]) for fix in standin.fixes_of(device_id)]
    assert all(15 <= b - a <= 30 for a, b in pairwise(stamps))


async def test_a_van_can_be_silenced_by_hand(
    open_world: OpenWorld, standin: StandIn, gateway_url: str, city: City
) -> None:
    desk = await open_world(has_silence=False)
    standin.tours = [_tour(city)]
    await desk.link(gateway_url)
    await desk.post("tick", {"seconds": 35 * 60})
    silenced = await desk.post("silence", {"minutes": 10})
    assert silenced["device_id"] == await _first_device(desk)
    heard = len(standin.fixes_of(silenced["device_id"]))
    await desk.post("tick", {"seconds": 9 * 60})
    assert len(standin.fixes_of(silenced["device_id"])) == heard
    await desk.post("tick", {"seconds": 2 * 60})
    assert len(standin.fixes_of(silenced["device_id"])) > heard + 30


async def test_a_parcel_called_off_on_the_way_stays_in_the_van(
    desk: Desk, standin: StandIn, gateway_url: str, city: City
) -> None:
    standin.tours = [_tour(city)]
    await desk.link(gateway_url)
    await desk.post("tick", {"seconds": 31 * 60})
    standin.off.add("del_2")
    await desk.post("tick", {"seconds": 3 * 3600})
    books = await desk.get("books")
    assert [row["reference"] for row in books["handovers"]] == ["1001-ABCD", "1003-ABCD"]
    assert {row["reference"] for row in books["told"] if not row["live"]} == {"1002-ABCD"}


async def test_a_gateway_that_is_away_for_a_while_only_delays_the_news(
    desk: Desk, standin: StandIn, gateway_url: str, city: City
) -> None:
    standin.tours, standin.is_broken = [_tour(city)], True
    await desk.link(gateway_url)
    await desk.post("tick", {"seconds": 3600})
    assert (await desk.get("books"))["told"] == []
    standin.is_broken = False
    await desk.post("tick", {"seconds": 3 * 3600})
    assert len((await desk.get("books"))["handovers"]) == 3


async def test_the_whole_tour_is_asked_for_once_in_each_version(
    desk: Desk, standin: StandIn, gateway_url: str, city: City
) -> None:
    standin.tours = [_tour(city, starts_at=NINE + timedelta(hours=2))]
    await desk.link(gateway_url)
    await desk.post("tick", {"seconds": 1770})
    assert standin.asked == [], "nobody is on duty yet"
    await desk.post("tick", {"seconds": 600})
    standin.tours[0]["version"] = 2
    await desk.post("tick", {"seconds": 600})
    asked = [name for name, _, _ in standin.asked]
    assert asked.count("Tour") == 2
    # Every half minute for twenty minutes.
    assert 40 <= asked.count("Tours") <= 41
