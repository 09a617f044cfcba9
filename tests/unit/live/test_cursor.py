from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.live.cursor import Cursor, Place, new_epoch, read_cursor

PLACES = st.builds(Place, *([st.integers(min_value=0, max_value=2**64 - 1)] * 4))


@given(PLACES)
def test_a_cursor_survives_the_way_to_a_browser_and_back(place: Place) -> None:
    cursor = Cursor(new_epoch(), place)
    assert read_cursor(str(cursor)) == cursor


@pytest.mark.parametrize(
    "text",
    ["", "x", "1-2-3-4", "e-1-2-3", "e-1-2-3-4-5", "e-1-2-3-g", "e-1-2-3--4", "É-1-2-3-4", "e-1-2-3-4\n"],
)
def test_what_is_no_cursor_is_told_apart(text: str) -> None:
    assert read_cursor(text) is None


def test_what_a_process_says_by_itself_comes_before_the_next_entry_of_the_stream() -> None:
    assert Place(5, 0, 2) < Place(5, 0, 2, 1) < Place(5, 0, 3) < Place(5, 1) < Place(6)
