"""Other speeds on built roads, and an engine that takes them up while it is asked."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest

from doorstep.errors import InvalidInput
from doorstep.geo import LatLng
from optimizer.roads import (
    Algorithm,
    CachedRoads,
    LiveRoads,
    OsrmRoads,
    RoadsUnavailable,
    SpeedBook,
    build_roads,
    put_on_roads,
    read_book,
    unpacked,
    write_book,
)
from simulator.city import City

ONE_STREET = """<osm version="0.6">
<node id="1" version="1" lat="39.90" lon="-71.50"/><node id="2" version="1" lat="39.91" lon="-71.50"/>
<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
</osm>"""

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class StandingClock:
    """Shows what it is set to."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time


@pytest.fixture(scope="module")
def map_(built_slow: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The partitioned city, for this file alone."""
    return copytree(built_slow, tmp_path_factory.mktemp("speeds") / "city")


@pytest.fixture
def roads_folder(map_: Path) -> Iterator[Path]:
    yield map_
    write_book(map_, SpeedBook())


@pytest.fixture(scope="module")
def crawling(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything at 5 km/h, and a stretch that the map does not have."""
    lines = ["from,to,kmh", "900000001,900000002,5", ""]
    for street in city.streets:
        for one, other in zip(street.nodes, street.nodes[1:], strict=False):
            lines += [f"{one + 1},{other + 1},5", f"{other + 1},{one + 1},5.0"]
    file = tmp_path_factory.mktemp("feed") / "crawling.csv"
    file.write_text("\n".join(lines))
    return file


async def test_measured_speeds_make_drives_longer_and_leave_the_map_as_it_was(
    roads_folder: Path, crawling: Path, doors: list[LatLng]
) -> None:
    before = _digests(roads_folder)
    put = put_on_roads(roads_folder, crawling)
    # Not on the map: the stretch that it does not have, and one-way streets the wrong way.
    assert put.lines / 2 < put.used < put.lines
    assert put_on_roads(roads_folder, crawling) == put
    assert _digests(roads_folder) == before
    slow_folder = roads_folder / "speeds" / put.name
    assert (slow_folder / "roads.osrm.cells").samefile(roads_folder / "roads.osrm.cells")
    async with OsrmRoads(roads_folder) as usual, OsrmRoads(slow_folder) as slow:
        quick, crawl = await usual.table(doors[:1], doors[50:60]), await slow.table(doors[:1], doors[50:60])
    assert (unpacked(crawl.seconds) > 3 * unpacked(quick.seconds)).all()


async def test_speeds_are_taken_up_and_end_without_a_question_being_dropped(
    roads_folder: Path, crawling: Path, doors: list[LatLng]
) -> None:
    clock = StandingClock()
    put = put_on_roads(roads_folder, crawling)
    async with LiveRoads(roads_folder, clock=clock, look_every_s=3600) as live:
        roads = CachedRoads(live)
        quick = await roads.table(doors[:2], doors[50:60])
        first_pid = live.pid
        write_book(roads_folder, SpeedBook().with_live(put.name, NOON + timedelta(minutes=30)))
        under_way = [asyncio.create_task(live.table(doors[:150], doors[:150])) for _ in range(2)]
        await asyncio.sleep(0)
        await live.look()
        crawl = await roads.table(doors[:2], doors[50:60])
        assert (unpacked(crawl.seconds) > 3 * unpacked(quick.seconds)).all()
        # Asked before the change, answered by the engine of then, to the end.
        first, second = await asyncio.gather(*under_way)
        assert first == second
        assert (unpacked(first.seconds)[:2, 50:60] == unpacked(quick.seconds)).all()
        assert first_pid not in (None, live.pid)
        with pytest.raises(ProcessLookupError):
            os.kill(first_pid or 0, 0)
        clock.time += timedelta(minutes=30)
        await live.look()
        assert await roads.table(doors[:2], doors[50:60]) == quick


async def test_an_engine_that_was_exchanged_is_ended_though_the_look_is_called_off(
    roads_folder: Path, crawling: Path, doors: list[LatLng]
) -> None:
    put = put_on_roads(roads_folder, crawling)
    async with LiveRoads(roads_folder, clock=StandingClock(), look_every_s=3600) as live:
        await live.table(doors[:2], doors[50:60])
        first_pid = live.pid
        assert first_pid is not None
        # It hears nothing any more, so that its end takes a while.
        os.kill(first_pid, signal.SIGSTOP)
        write_book(roads_folder, SpeedBook().with_live(put.name, NOON + timedelta(minutes=30)))
        before, looking = live.edition, asyncio.create_task(live.look())
        while live.edition == before:
            await asyncio.sleep(0.01)
        looking.cancel()
    with pytest.raises(ProcessLookupError):
        os.kill(first_pid, 0)


async def test_what_is_usual_at_an_hour_holds_from_the_start(
    roads_folder: Path, crawling: Path, doors: list[LatLng]
) -> None:
    name = put_on_roads(roads_folder, crawling).name
    write_book(roads_folder, SpeedBook().with_hours(name, frozenset({13}), "Europe/Malta"))
    async with LiveRoads(roads_folder, clock=StandingClock()) as roads:
        assert name in roads.edition
        assert (await roads.route(doors[:2])).seconds > 0


async def test_speeds_that_come_back_are_another_edition(
    roads_folder: Path, crawling: Path, doors: list[LatLng]
) -> None:
    name, clock = put_on_roads(roads_folder, crawling).name, StandingClock()
    async with LiveRoads(roads_folder, clock=clock) as roads:
        before = roads.edition
        write_book(roads_folder, SpeedBook().with_live(name, NOON + timedelta(minutes=1)))
        await roads.look()
        between = roads.edition
        clock.time += timedelta(minutes=30)
        await roads.look()
        await roads.look()
        assert len({before, between, roads.edition}) == 3
        assert (await roads.route(doors[:2])).seconds > 0


async def test_it_looks_by_itself_once_it_was_asked(
    roads_folder: Path, crawling: Path, doors: list[LatLng]
) -> None:
    name = put_on_roads(roads_folder, crawling).name
    async with LiveRoads(roads_folder, clock=StandingClock(), look_every_s=0.02) as roads:
        await roads.route(doors[:2])
        write_book(roads_folder, SpeedBook().with_live(name, NOON + timedelta(minutes=1)))
        async with asyncio.timeout(30):
            while name not in roads.edition:
                await asyncio.sleep(0.02)


async def test_speeds_that_cannot_be_loaded_are_told_once_and_change_nothing(
    roads_folder: Path, doors: list[LatLng]
) -> None:
    told: list[str] = []
    async with LiveRoads(roads_folder, clock=StandingClock(), on_problem=told.append) as roads:
        before = await roads.route(doors[:2])
        write_book(roads_folder, SpeedBook().with_live("gone", NOON + timedelta(minutes=1)))
        await roads.look()
        await roads.look()
        assert await roads.route(doors[:2]) == before
    (problem,) = told
    assert "gone holds no built roads" in problem
    (roads_folder / "speeds" / "book.json").write_text("{")
    async with LiveRoads(roads_folder, clock=StandingClock(), on_problem=told.append) as roads:
        assert await roads.route(doors[:2]) == before
    assert "book.json cannot be read" in told[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2,30\n1;3;30\n", "line 2 of feed.csv is no speed: write from,to,km/h"),
        ("1,2,-4", "line 1 of"),
        ("900000001,900000002,30", "none of these speeds is on this map"),
    ],
)
def test_a_file_that_is_no_speeds_of_this_map_is_refused_and_leaves_nothing(
    roads_folder: Path, tmp_path: Path, text: str, message: str
) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_text(text)
    kept = sorted((roads_folder / "speeds").iterdir())
    with pytest.raises(InvalidInput, match=message):
        put_on_roads(roads_folder, feed)
    assert sorted((roads_folder / "speeds").iterdir()) == kept


def test_speeds_go_on_contracted_roads_too(tmp_path: Path) -> None:
    street, feed = tmp_path / "street.osm", tmp_path / "feed.csv"
    street.write_text(ONE_STREET)
    feed.write_text("1,2,5\n2,1,5,1.4\n")
    contracted = build_roads(street, tmp_path, algorithm=Algorithm.CH)
    assert put_on_roads(contracted, feed).used == 2


def test_only_built_roads_take_speeds(tmp_path: Path, crawling: Path) -> None:
    with pytest.raises(RoadsUnavailable, match="holds no built roads"):
        put_on_roads(tmp_path, crawling)
    assert read_book(tmp_path) == SpeedBook()


def _digests(folder: Path) -> dict[str, bytes]:
    return {file.name: hashlib.sha256(file.read_bytes()).digest() for file in folder.glob("roads.*")}
