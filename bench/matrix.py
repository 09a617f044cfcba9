"""What a table of travel times costs, and what is remembered of it.

`python -m bench matrix --extract malta.osm.pbf` builds the roads (once, in --built) and asks for 1,000 x
1,000 drives between doors along the road network; `--folder` takes roads that are built already.
Without either the simulator's city is built. The whole path is measured, as a planner walks it: question,
engine, pipe, numpy. CPU seconds are those of the engine's process and of ours together, and the median of
the rounds counts; the first answer of a new engine costs more and is told by itself. `engine_cpu_s` is what
the engine's own search and answer take of that, without our question, numbers and pipe: the floor.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from doorstep.geo import LatLng
from optimizer.roads import CachedRoads, OsrmRoads, build_roads, unpacked, worker
from optimizer.roads.build import BASE_NAME, read_manifest

DAYS = 20
REGULARS_OF_TEN = 9
"""Of ten stops of a day nine are at places where somebody ordered before."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one question."""

    cpu_s: float
    wall_s: float


def main(arguments: list[str]) -> dict[str, object]:
    """Build if need be, ask, and compare with what is remembered."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-matrix-") as scratch:
        folder = options.folder or _built(options.extract, options.built or Path(scratch))
        places = _places(folder, options.places, options.seed)
        return asyncio.run(_measure(folder, places, options.rounds, options.seed))


async def _measure(folder: Path, places: Sequence[LatLng], rounds: int, seed: int) -> dict[str, object]:
    async with OsrmRoads(folder) as roads:
        await roads.start()
        assert roads.pid is not None
        pid = roads.pid
        first, *warm = [await _ask(roads, pid, places) for _ in range(rounds + 1)]
        for number, cost in enumerate([first, *warm]):
            print(f"{'first' if not number else 'round'}: {cost.cpu_s:.2f} s CPU, {cost.wall_s:.2f} s")
        cached = CachedRoads(roads)
        await cached.table(places, places)
        began = perf_counter()
        unpacked((await cached.table(places, places)).seconds)
        cached_s = perf_counter() - began
        return {
            "folder": folder.name,
            "places": len(places),
            "cpu_s": round(statistics.median(cost.cpu_s for cost in warm), 3),
            "wall_s": round(statistics.median(cost.wall_s for cost in warm), 3),
            "first_cpu_s": round(first.cpu_s, 3),
            "engine_cpu_s": round(_bare(folder, places, rounds), 3),
            "cached_s": round(cached_s, 4),
            "within_a_second": round(await _share_within_a_second(roads, cached, places), 4),
            "hit_rate": round(await _hit_rate(roads, places, seed), 4),
        }


async def _ask(roads: OsrmRoads, pid: int, places: Sequence[LatLng]) -> Cost:
    began, own, theirs = perf_counter(), process_time(), _cpu_of(pid)
    table = await roads.table(places, places)
    assert unpacked(table.seconds).shape == unpacked(table.metres).shape == (len(places), len(places))
    return Cost(process_time() - own + _cpu_of(pid) - theirs, perf_counter() - began)


def _bare(folder: Path, places: Sequence[LatLng], rounds: int) -> float:
    """CPU seconds of the engine's bare call, the median of the rounds after the first."""
    import osrm

    worker.hold_memory()
    engine = worker.load(str(folder / BASE_NAME), read_manifest(folder)["algorithm"])
    question = osrm.TableParameters(
        coordinates=[place.lonlat for place in places],
        annotations=["duration", "distance"],
        generate_hints=False,
    )
    spent = []
    for _ in range(rounds + 1):
        began = process_time()
        engine.Table(question)
        spent.append(process_time() - began)
    return statistics.median(spent[1:])


def _cpu_of(pid: int) -> float:
    """Seconds that a process has worked, by Linux's own account (proc(5)): hundredths."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _share_within_a_second(roads: OsrmRoads, cached: CachedRoads, places: Sequence[LatLng]) -> float:
    """Of pairs of doors three metres to the north of those remembered, against the engine's own answers."""
    doors = [LatLng(place.lat + 3e-5, place.lng) for place in places]
    answer, expected = await cached.table(doors, doors), await roads.table(doors, doors)
    return float((np.abs(unpacked(answer.seconds) - unpacked(expected.seconds)) <= 1).mean())


async def _hit_rate(roads: OsrmRoads, places: Sequence[LatLng], seed: int) -> float:
    """Of the pairs of twenty days, each a tenth of the places large and mostly of regular customers."""
    draw, cached = random.Random(seed), CachedRoads(roads)
    a_day = max(2, len(places) // 10)
    known: list[LatLng] = [places[0]]
    strangers = list(places[1:])
    for _ in range(DAYS):
        regulars = draw.sample(known, min(len(known), a_day * REGULARS_OF_TEN // 10))
        new, strangers = strangers[: a_day - len(regulars)], strangers[a_day - len(regulars) :]
        day = [*regulars, *new]
        await cached.table(day, day)
        known += new
    print(f"{DAYS} days of {a_day} stops: {cached.figures.known} of {cached.figures.asked} pairs were known")
    return cached.figures.hit_rate


def _built(extract: Path | None, out: Path) -> Path:
    if extract is None:
        from simulator.city import build_city
        from simulator.city.osm import osm_xml

        out.mkdir(parents=True, exist_ok=True)
        extract = out / "city.osm"
        extract.write_bytes(osm_xml(build_city(7)))
    began = perf_counter()
    folder = build_roads(extract, out)
    print(f"roads of {extract.name}: {folder.name}, {perf_counter() - began:.1f} s")
    return folder


def _places(folder: Path, count: int, seed: int) -> list[LatLng]:
    """Doors up to 30 m north and east of nodes of the road network.

    OSRM 26.10 keeps those as longitude and latitude in millionths of degrees.
    """
    with tarfile.open(folder / "roads.osrm.nbg_nodes") as archive:
        content = archive.extractfile("/common/nbn_data/coordinates")
        assert content is not None
        nodes = np.frombuffer(content.read(), np.int32).reshape(-1, 2)
    draw = np.random.default_rng(seed)
    chosen = nodes[draw.choice(len(nodes), min(count, len(nodes)), replace=False)]
    doors = chosen + draw.integers(0, 270, chosen.shape)
    return [LatLng(int(lat) / 1e6, int(lng) / 1e6) for lng, lat in doors]


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench matrix", description=__doc__)
    roads = parser.add_mutually_exclusive_group()
    roads.add_argument("--extract", type=Path, help="an .osm.pbf file")
    roads.add_argument("--folder", type=Path, help="built roads")
    parser.add_argument("--built", type=Path, help="where to keep what is built of --extract")
    parser.add_argument("--places", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)
