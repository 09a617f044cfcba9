"""OSRM in a process of its own: what it answers where the map ends, and how it dies and comes back."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import uvloop

import optimizer
from doorstep.errors import InvalidInput
from doorstep.geo import LatLng
from doorstep.ports import RoadEngine
from optimizer.roads import (
    AffineEstimate,
    NoRoad,
    OsrmRoads,
    RoadsTimedOut,
    RoadsUnavailable,
    build_roads,
    unpacked,
)
from optimizer.roads.process import RoadProcess

PARIS = LatLng(48.85, 2.35)
ROOT = Path(optimizer.__file__).parents[1]

TWO_ISLANDS = """<osm version="0.6">
<node id="1" version="1" lat="39.90" lon="-71.50"/><node id="2" version="1" lat="39.91" lon="-71.50"/>
<node id="3" version="1" lat="39.90" lon="-71.40"/><node id="4" version="1" lat="39.91" lon="-71.40"/>
<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
<way id="2" version="1"><nd ref="3"/><nd ref="4"/><tag k="highway" v="residential"/></way>
</osm>"""


async def test_it_is_a_road_engine(roads: OsrmRoads, doors: list[LatLng]) -> None:
    engine: RoadEngine = roads
    table = await engine.table(doors[:2], doors[:3])
    assert [len(row) for row in table.seconds] == [3, 3]
    assert table.seconds[1][1] == 0


async def test_chunks_make_the_same_table_as_one_question(built: Path, doors: list[LatLng]) -> None:
    async with OsrmRoads(built, chunk_side=7) as chunked, OsrmRoads(built) as whole:
        assert await chunked.table(doors[:20], doors[15:30]) == await whole.table(doors[:20], doors[15:30])


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's")
async def test_a_table_is_worked_out_in_the_memory_of_the_one_before(
    roads: OsrmRoads, doors: list[LatLng]
) -> None:
    some = doors[:400]
    for _ in range(2):
        await roads.table(some, some)
    pages = _pages_asked_for(roads)
    await roads.table(some, some)
    assert _pages_asked_for(roads) - pages < 1_000


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's")
async def test_an_engine_that_nobody_asks_gives_its_memory_back(
    roads: OsrmRoads, doors: list[LatLng]
) -> None:
    await roads.table(doors[:400], doors[:400])
    held = _held_bytes(roads)
    assert roads.pid is not None
    # Its own alarm of `QUIET_S`, before the time.
    os.kill(roads.pid, signal.SIGALRM)
    await roads.cells(doors[:1])
    assert _held_bytes(roads) < held - 10_000_000


def _held_bytes(roads: OsrmRoads) -> int:
    """Of the engine's process, in memory (proc(5), statm)."""
    pages = int(Path(f"/proc/{roads.pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _pages_asked_for(roads: OsrmRoads) -> int:
    """By the engine's process since it began (proc(5), minflt)."""
    return int(Path(f"/proc/{roads.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[7])


async def test_no_places_make_an_empty_table(roads: OsrmRoads, doors: list[LatLng]) -> None:
    assert len((await roads.table([], doors[:3])).seconds) == 0
    assert [len(row) for row in (await roads.table(doors[:3], [])).seconds] == [0, 0, 0]
    assert roads.pid is None


async def test_a_route_of_one_stop_is_refused(roads: OsrmRoads, doors: list[LatLng]) -> None:
    with pytest.raises(InvalidInput, match="at least two stops"):
        await roads.route(doors[:1])


async def test_a_place_off_the_map_gets_an_estimate_and_the_others_the_roads(
    roads: OsrmRoads, doors: list[LatLng]
) -> None:
    places = [doors[0], PARIS, doors[1]]
    table, on_map = await roads.table(places, places), await roads.table(doors[:2], doors[:2])
    assert table.is_approximate
    assert not on_map.is_approximate
    assert (table.seconds[0][2], table.metres[2][0]) == (on_map.seconds[0][1], on_map.metres[1][0])
    leg = AffineEstimate().leg(doors[0], PARIS)
    assert (table.seconds[0][1], table.metres[0][1]) == (leg.seconds, leg.metres)
    assert table.seconds[1][1] == 0


async def test_a_route_off_the_map_is_straight_there_and_on_roads_elsewhere(
    roads: OsrmRoads, doors: list[LatLng]
) -> None:
    route, on_map = await roads.route([PARIS, doors[0], doors[50]]), await roads.route([doors[0], doors[50]])
    assert route.is_approximate
    assert route.legs == (AffineEstimate().leg(PARIS, doors[0]), *on_map.legs)
    assert route.path == (PARIS, doors[0], *on_map.path)


async def test_islands_without_a_bridge_have_no_road(tmp_path: Path) -> None:
    file = tmp_path / "islands.osm"
    file.write_text(TWO_ISLANDS)
    near, far = LatLng(39.902, -71.50), LatLng(39.908, -71.40)
    async with OsrmRoads(build_roads(file, tmp_path / "built")) as roads:
        table = await roads.table([near], [far, LatLng(39.909, -71.50)])
        assert table.seconds[0][0] is None
        assert table.metres[0][0] is None
        assert table.seconds[0][1] is not None
        assert not table.is_approximate
        with pytest.raises(NoRoad):
            await roads.route([near, far])
        route = await roads.route([near, LatLng(39.909, -71.50), PARIS])
        assert route.is_approximate


async def test_the_event_loop_goes_on_while_a_large_table_is_made(
    built_slow: Path, doors: list[LatLng]
) -> None:
    ticks = 0

    async def heart() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    async with OsrmRoads(built_slow) as roads:
        await roads.start()
        beating = asyncio.create_task(heart())
        # One question of more than half a second; on the event loop's own process there would be one tick.
        await roads.table(doors[:240], doors[:240])
        beating.cancel()
    assert ticks >= 20


async def test_a_killed_engine_is_started_again(roads: OsrmRoads, doors: list[LatLng]) -> None:
    before = await roads.route(doors[:3])
    first_pid = roads.pid
    assert first_pid is not None
    os.kill(first_pid, signal.SIGKILL)
    assert await roads.route(doors[:3]) == before
    assert roads.pid not in (None, first_pid)


async def test_a_question_under_way_survives_the_death_of_its_engine(
    built_slow: Path, doors: list[LatLng]
) -> None:
    async with OsrmRoads(built_slow) as roads:
        await roads.start()
        first_pid = roads.pid
        assert first_pid is not None
        asking = asyncio.create_task(roads.table(doors[:200], doors[:200]))
        await asyncio.sleep(0.05)
        os.kill(first_pid, signal.SIGKILL)
        table = await asking
        assert unpacked(table.seconds).shape == (200, 200)
        assert roads.pid != first_pid


async def test_questions_asked_at_once_get_their_own_answers(roads: OsrmRoads, doors: list[LatLng]) -> None:
    pairs = [(doors[index], doors[index + 40]) for index in range(20)]
    together = await asyncio.gather(*(roads.route(pair) for pair in pairs))
    assert together == [await roads.route(pair) for pair in pairs]


async def test_a_cancelled_question_leaves_the_next_answer_intact(
    built_slow: Path, doors: list[LatLng]
) -> None:
    async with OsrmRoads(built_slow) as roads:
        expected = await roads.route(doors[:2])
        pid = roads.pid
        asking = asyncio.create_task(roads.table(doors[:200], doors[:200]))
        await asyncio.sleep(0.05)
        asking.cancel()
        assert await roads.route(doors[:2]) == expected
        assert roads.pid == pid
        assert asking.cancelled()


async def test_a_question_that_takes_too_long_ends_the_engine_and_the_next_one_works(
    built_slow: Path, doors: list[LatLng]
) -> None:
    # Ten seconds' work in one question, and one second to do it.
    async with OsrmRoads(built_slow, timeout_s=1, chunk_side=1000) as roads:
        with pytest.raises(RoadsTimedOut, match="did not answer within 1 s"):
            await roads.table(doors, doors)
        assert roads.pid is None
        assert (await roads.route(doors[:2])).seconds > 0


async def test_a_closed_engine_says_so_and_leaves_no_process(built: Path, doors: list[LatLng]) -> None:
    roads = OsrmRoads(built)
    await roads.start()
    pid = roads.pid
    assert pid is not None
    await roads.close()
    await roads.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(RoadsUnavailable, match="closed"):
        await roads.route(doors[:2])


async def test_closing_ends_a_question_under_way(built_slow: Path, doors: list[LatLng]) -> None:
    roads = OsrmRoads(built_slow, chunk_side=1000)
    await roads.start()
    asking = asyncio.create_task(roads.table(doors, doors))
    await asyncio.sleep(0.05)
    await roads.close()
    with pytest.raises(RoadsUnavailable, match="closed"):
        await asking
    assert roads.pid is None


async def test_roads_with_a_missing_file_say_that_they_cannot_be_loaded(built: Path, tmp_path: Path) -> None:
    (tmp_path / "roads.json").write_text((built / "roads.json").read_text())
    async with OsrmRoads(tmp_path) as roads:
        with pytest.raises(RoadsUnavailable, match="cannot load the map"):
            await roads.start()
        assert roads.pid is None


async def test_an_engine_that_dies_at_once_is_given_up_after_two_starts(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    program = f"open({str(starts)!r}, 'a').write('started ')"
    process = RoadProcess([sys.executable, "-c", program], start_timeout_s=30)
    with pytest.raises(RoadsUnavailable, match="died twice"):
        await process.start()
    await process.close()
    assert starts.read_text() == "started started "


async def test_an_engine_that_never_gets_ready_is_ended() -> None:
    process = RoadProcess([sys.executable, "-c", "import time; time.sleep(600)"], start_timeout_s=0.2)
    with pytest.raises(RoadsTimedOut, match="loading the map"):
        await process.start()
    assert process.pid is None
    await process.close()


def test_it_works_under_uvloop(built: Path, doors: list[LatLng]) -> None:
    async def drive() -> int:
        async with OsrmRoads(built) as roads:
            await roads.start()
            assert roads.pid is not None
            os.kill(roads.pid, signal.SIGKILL)
            return (await roads.route(doors[:2])).seconds

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(drive()) > 0


ORPHAN_MAKER = """
import asyncio, pathlib, sys
from optimizer.roads import OsrmRoads

async def main():
    roads = OsrmRoads(pathlib.Path(sys.argv[1]))
    await roads.start()
    print(roads.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def test_the_engine_ends_when_its_parent_is_killed(built: Path) -> None:
    command = [sys.executable, "-c", ORPHAN_MAKER, str(built)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        engine_pid = int(parent.stdout.readline())
        os.kill(engine_pid, 0)
        parent.kill()
        try:
            # The engine holds its parent's standard error: this reads to the end only if it ends too.
            parent.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            os.kill(engine_pid, signal.SIGKILL)
            pytest.fail("the engine outlived its parent")
