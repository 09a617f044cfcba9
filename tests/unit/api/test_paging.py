"""Pages neither overlap nor skip, and cursors belong to their list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.errors import InvalidInput
from gateway.api.paging import Connection, page_request, slice_of
from tests.unit.api import world as w
from tests.unit.api.conftest import Run, fault
from tests.unit.api.fakes import House


@given(length=st.integers(0, 60), first=st.integers(1, 25))
def test_walking_a_list_page_by_page_gives_every_item_once(length: int, first: int) -> None:
    items, seen, after = range(length), [], None
    while True:
        page: Connection[int] = slice_of(items, first, after, "numbers", int)
        seen += page.nodes
        after = page.page_info.end_cursor
        if not page.page_info.has_next_page:
            break
    assert seen == list(items)


@pytest.mark.parametrize("first", [0, -1, 251])
def test_a_page_has_1_to_250_items(first: int) -> None:
    with pytest.raises(InvalidInput, match="1 to 250"):
        page_request(first, None, "orders")


@given(st.text(max_size=30))
def test_any_text_as_a_cursor_is_refused_and_not_our_fault(text: str) -> None:
    with pytest.raises(InvalidInput):
        slice_of([1, 2, 3], 2, text, "numbers", int)


def test_a_cursor_of_another_list_is_refused() -> None:
    other = slice_of([1, 2, 3], 2, None, "letters", int).page_info.end_cursor
    with pytest.raises(InvalidInput, match="no cursor of this list"):
        slice_of([1, 2, 3], 2, other, "numbers", int)


async def test_a_root_list_goes_on_behind_its_cursor(run: Run, house: House) -> None:
    house.reads.things["deliveries"] = {w.delivery(n).id: w.delivery(n) for n in range(1, 6)}
    document = """query($after: String) { deliveries(first: 2, after: $after) {
      nodes { reference } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
    seen: list[str] = []
    after = None
    for _ in range(3):
        result = await run(document, None, after=after)
        assert result.data is not None
        page = result.data["deliveries"]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        seen += [node["reference"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == [f"1001-{n}" for n in range(1, 6)]


async def test_counting_stops_at_ten_thousand_and_says_so(run: Run, house: House) -> None:
    house.reads.things["orders"] = dict.fromkeys(map(str, range(10_500)), w.ORDER)
    result = await run("{ orders(first: 1) { total { value precision } } }")
    assert result.data == {"orders": {"total": {"value": 10_000, "precision": "AT_LEAST"}}}


async def test_first_out_of_range_names_its_argument(run: Run) -> None:
    result = await run("{ orders(first: 251) { nodes { id } } }")
    assert fault(result)["inputPath"] == ["first"]
