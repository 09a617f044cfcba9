from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.geo import LatLng
from doorstep.position import Position
from gateway.live.message import LiveKind, LiveMessage, changed, deliveries, drivers, moved
from gateway.live.wire import (
    read_changes,
    read_moves,
    read_position,
    write_changes,
    write_moves,
    write_position,
)

MAYBE = st.none() | st.floats(allow_nan=False, allow_infinity=False)
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- Hypothesis takes naive bounds and adds the zone
POSITIONS = st.builds(
    Position,
    st.builds(LatLng, st.floats(-90, 90), st.floats(-180, 180)),
    INSTANTS,
    MAYBE,
    MAYBE,
    MAYBE,
    st.booleans(),
)


@given(POSITIONS)
def test_a_position_survives_the_way_between_processes(position: Position) -> None:
    move = moved(drivers("mer_a"), "drv_1", position)
    (back,) = read_moves(write_moves([move]))
    assert back == move
    assert read_position(write_position(position)) == position


def test_changes_survive_the_way_between_processes() -> None:
    told = [changed(deliveries("mer_a"), "del_1"), LiveMessage("", "", "", LiveKind.RESET)]
    assert read_changes(write_changes(told)) == told


@pytest.mark.parametrize(
    "data", [b"", b"{", b"{}", b"[[1,2,3]]", b'[["a","b","LATER"]]', b'[["a"]]', b"\xff"]
)
def test_another_versions_words_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_changes(data)
    with pytest.raises(ValueError, match=r"."):
        read_moves(data)


def test_an_impossible_position_is_refused() -> None:
    with pytest.raises(ValueError, match="calendars"):
        read_position(b"[0.0,0.0,1e300,null,null,null,false]")
    with pytest.raises(ValueError, match="latitude"):
        read_position(b"[91.0,0.0,0.0,null,null,null,false]")
