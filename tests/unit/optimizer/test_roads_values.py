"""The values of the ground floor that road engines answer with."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.geo import LatLng
from doorstep.road import RoadLeg, RoadMatrix, RoadRoute, RoadTable
from optimizer.roads import unpacked

Rows = list[list[int | None]]


@st.composite
def rectangles(draw: st.DrawFn) -> Rows:
    columns = draw(st.integers(1, 5))
    cell = st.none() | st.integers(0, 2**31 - 1)
    return draw(st.lists(st.lists(cell, min_size=columns, max_size=columns), max_size=5))


@given(rectangles())
def test_a_matrix_reads_as_the_rows_it_was_made_of(rows: Rows) -> None:
    matrix = RoadMatrix.of(rows)
    assert [list(row) for row in matrix] == rows
    assert [[matrix[i][j] for j in range(len(row))] for i, row in enumerate(rows)] == rows
    assert len(matrix) == len(rows)
    assert pickle.loads(pickle.dumps(matrix)) == matrix  # noqa: S301  our own bytes


def test_numpy_sees_the_cells_without_a_copy_and_minus_one_for_no_road() -> None:
    matrix = RoadMatrix.of([[1, None, 3], [4, 5, 6]])
    cells = unpacked(matrix)
    assert cells.tolist() == [[1, -1, 3], [4, 5, 6]]
    assert cells.dtype == np.int32
    assert not cells.flags.owndata


def test_tuples_of_tuples_unpack_as_well() -> None:
    assert unpacked(((0, 7), (None, 0))).tolist() == [[0, 7], [-1, 0]]


def test_rows_count_from_the_end_slice_and_compare_like_lists() -> None:
    matrix = RoadMatrix.of([[1, 2, None], [4, 5, 6]])
    assert matrix[-1] == [4, 5, 6]
    assert matrix[0][1:] == [2, None]
    assert matrix[0][-1] is None
    assert [list(row) for row in matrix[1:]] == [[4, 5, 6]]
    assert matrix[0] != [1, 2, 3]


def test_a_row_beyond_the_end_is_an_error_and_not_another_row() -> None:
    matrix = RoadMatrix.of([[1, 2], [3, 4]])
    with pytest.raises(IndexError, match="row 2 of a road matrix with 2 rows"):
        matrix[2]
    with pytest.raises(IndexError):
        matrix[-3]
    with pytest.raises(IndexError):
        matrix[0][2]


@pytest.mark.parametrize(
    ("rows", "message"),
    [([[1, 2], [3]], "same length"), ([[1, -5]], "never negative")],
)
def test_rows_that_make_no_matrix_are_refused(rows: Rows, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RoadMatrix.of(rows)


def test_cells_of_the_wrong_length_are_refused() -> None:
    with pytest.raises(ValueError, match="2 rows of 3 columns need 24 bytes, got 8"):
        RoadMatrix(2, 3, bytes(8))


def test_a_table_has_as_many_rows_of_metres_as_of_seconds() -> None:
    with pytest.raises(ValueError, match="as many rows"):
        RoadTable(seconds=((1,),), metres=((1,), (2,)))


def test_totals_of_a_route_are_the_sums_of_its_legs() -> None:
    route = RoadRoute.of_legs([LatLng(1, 2), LatLng(1, 3)], [RoadLeg(60, 500), RoadLeg(30, 250)])
    assert (route.seconds, route.metres) == (90, 750)
    assert not route.is_approximate
