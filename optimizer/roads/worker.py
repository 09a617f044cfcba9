"""The process in which OSRM lives: questions on standard input, answers on standard output.

Started as a file (``python -P worker.py FOLDER/roads.osrm MLD``), so it imports nothing of ours. It ends
when its standard input does, which is what the death of its parent looks like.

A frame is its length in 8 bytes, big-endian, and that many bytes. A question is a JSON object; an answer
is the length of a JSON object in 8 bytes, the object, and raw native int32 numbers. Coordinates are
(longitude, latitude), times whole seconds, distances whole metres, -1 where no road leads.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import struct
import sys
from collections.abc import Callable
from itertools import chain
from typing import Any, BinaryIO

LENGTH = struct.Struct("!Q")

QUIET_S = 30
"""After so long without a question the memory of the last ones goes back to the system."""

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Names of malloc.h."""

HELD_BYTES = 1 << 30
MMAP_FROM_BYTES = 32 << 20
"""The most that glibc takes; what is larger comes from the system and goes back to it each time."""

Answer = tuple[dict[str, Any], bytes]


def encode_answer(head: dict[str, Any], cells: bytes) -> bytes:
    """An answer without its frame."""
    text = json.dumps(head).encode()
    return b"".join((LENGTH.pack(len(text)), text, cells))


def decode_answer(payload: bytes) -> tuple[dict[str, Any], memoryview]:
    """(head, cells) of an answer without its frame."""
    (length,) = LENGTH.unpack_from(payload)
    start = LENGTH.size + length
    return json.loads(payload[LENGTH.size : start]), memoryview(payload)[start:]


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame, or None at the end."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    payload = stream.read(length)
    return payload if len(payload) == length else None


def write_frame(stream: BinaryIO, payload: bytes) -> None:
    """Write one frame at once."""
    stream.write(LENGTH.pack(len(payload)))
    stream.write(payload)
    stream.flush()


def answer_table(engine: Any, question: dict[str, Any]) -> Answer:
    """Seconds, then metres, each of shape (origins, destinations), and how far every point was moved."""
    import osrm

    origins, destinations = question["origins"], question["destinations"]
    parameters: dict[str, Any] = {"coordinates": [tuple(point) for point in origins]}
    if origins != destinations:
        # Every coordinate that is given is put on a road, so a square table gives each of them once.
        parameters["coordinates"] += [tuple(point) for point in destinations]
        parameters["sources"] = list(range(len(origins)))
        parameters["destinations"] = list(range(len(origins), len(origins) + len(destinations)))
    result = engine.Table(
        osrm.TableParameters(annotations=["duration", "distance"], generate_hints=False, **parameters)
    )
    count = len(origins) * len(destinations)
    head = {
        "origin_snap_m": [point["distance"] for point in result["sources"]],
        "destination_snap_m": [point["distance"] for point in result["destinations"]],
    }
    return head, b"".join(whole_numbers(result[name], count) for name in ("durations", "distances"))


def whole_numbers(rows: Any, count: int) -> bytes:
    """Rows of floats, rounded; -1 for None."""
    import numpy as np

    # In two thirds of the time that numpy takes to find out what rows of rows are. None becomes NaN.
    numbers = np.fromiter(chain.from_iterable(rows), np.float64, count)
    numbers[np.isnan(numbers)] = -1
    return np.rint(numbers, out=numbers).astype(np.int32).tobytes()


def answer_snap(engine: Any, question: dict[str, Any]) -> Answer:
    """Of each place the two nodes of OpenStreetMap between which it meets its road, and how far that is."""
    import osrm

    snapped = []
    for place in question["places"]:
        nearest = osrm.NearestParameters(coordinates=[tuple(place)], generate_hints=False)
        point = engine.Nearest(nearest)["waypoints"][0]
        one, other = point["nodes"]
        snapped.append((int(one), int(other), point["distance"]))
    return {"snapped": snapped}, b""


def answer_route(engine: Any, question: dict[str, Any]) -> Answer:
    """Encoded path of precision 5, (seconds, metres) per leg, and how far every stop was moved."""
    import osrm

    try:
        result = engine.Route(
            osrm.RouteParameters(
                coordinates=[tuple(point) for point in question["stops"]],
                geometries="polyline",
                overview="full",
                # Turning round at a stop is allowed, as the tables that routes are planned with assume.
                continue_straight=False,
                generate_hints=False,
            )
        )
    except RuntimeError as problem:
        if "NoRoute" in str(problem):
            return {"no_road": True}, b""
        raise
    route = result["routes"][0]
    head = {
        "path": route["geometry"],
        "legs": [(round(leg["duration"]), round(leg["distance"])) for leg in route["legs"]],
        "snap_m": [point["distance"] for point in result["waypoints"]],
    }
    return head, b""


def answer_ready(_engine: Any, _question: dict[str, Any]) -> Answer:
    """That we listen, and no more."""
    return {"ready": True}, b""


ANSWERS: dict[str, Callable[[Any, dict[str, Any]], Answer]] = {
    "ready": answer_ready,
    "table": answer_table,
    "snap": answer_snap,
    "route": answer_route,
}


def serve(
    engine: Any, questions: BinaryIO, answers: BinaryIO, on_answered: Callable[[], object] = lambda: None
) -> None:
    """Answer until the questions end; `on_answered` is called after each."""
    while (frame := read_frame(questions)) is not None:
        question = json.loads(frame)
        try:
            head, cells = ANSWERS[question["ask"]](engine, question)
        except RuntimeError as problem:
            # OSRM's own refusals, such as a coordinate out of range; anything else is our fault and fatal.
            head, cells = {"error": str(problem)}, b""
        write_frame(answers, encode_answer(head, cells))
        on_answered()


def hold_memory() -> Callable[[], None]:
    """Keep what is freed for the next table; call what is returned to give it back to the system.

    Left alone, glibc gives a table's 200 MB back at once and asks for the next one's page by page, which is
    up to a quarter of the CPU that a table costs. Other libraries than glibc are left as they are.
    """
    try:
        libc = ctypes.CDLL(None)
        libc.mallopt(M_TRIM_THRESHOLD, HELD_BYTES)
        libc.mallopt(M_MMAP_THRESHOLD, MMAP_FROM_BYTES)
        trim = libc.malloc_trim
    except (OSError, AttributeError):
        return lambda: None
    return lambda: trim(0)


def load(base: str, algorithm: str) -> Any:
    """The engine on the files whose names begin with `base`; RuntimeError if it refuses them."""
    import osrm

    return osrm.OSRM(
        storage_config=base,
        algorithm=algorithm,
        use_shared_memory=False,
        max_locations_distance_table=-1,
        max_locations_viaroute=-1,
    )


def main() -> None:
    """Load the roads, say whether that worked, and serve."""
    # Ctrl-C reaches the whole process group; the parent decides when we end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    base, algorithm = sys.argv[1:3]
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # Whatever the engine prints goes to standard error, never between two frames.
    os.dup2(2, 1)
    import numpy  # noqa: F401  loaded here, so that the first table does not wait for it

    give_back = hold_memory()
    signal.signal(signal.SIGALRM, lambda *_: give_back())
    try:
        engine = load(base, algorithm)
    except RuntimeError as problem:
        write_frame(answers, encode_answer({"error": str(problem)}, b""))
        return
    write_frame(answers, encode_answer({"ready": True}, b""))
    serve(engine, questions, answers, on_answered=lambda: signal.alarm(QUIET_S))


if __name__ == "__main__":
    main()
