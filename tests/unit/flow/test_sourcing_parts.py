"""What a store says of a whole is spread over the parts that we have cut it into."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from doorstep.money import Money
from doorstep.order import FulfillmentLine, FulfillmentMethod, FulfillmentOrder, FulfillmentOrderStatus
from doorstep.sourcing import LineShare, SourcedPart, SourcingPlan
from gateway.flow.sourcing.parts import cut, siblings, spread, whole_of

Status = FulfillmentOrderStatus
USD = Money(500, "USD")
WHOLE = FulfillmentOrder(
    "77",
    Status.OPEN,
    FulfillmentMethod.SHIP,
    (FulfillmentLine("kettle", 2), FulfillmentLine("tea", 3), FulfillmentLine("card", 1)),
    id="ful_1",
    location_id="a",
)
PLAN = SourcingPlan(
    (
        SourcedPart("b", (LineShare("kettle", 2), LineShare("tea", 1)), USD),
        SourcedPart("a", (LineShare("tea", 2),), USD),
    ),
    "Ships from both.",
)
STEM, PART = cut(WHOLE, [WHOLE], PLAN, ["ful_2"])


def _lines(*units: FulfillmentOrder) -> list[dict[str, int]]:
    return [{line.line_external_id: line.quantity for line in unit.lines} for unit in units]


def _told(**pieces: int) -> FulfillmentOrder:
    lines = tuple(FulfillmentLine(line_id, count) for line_id, count in pieces.items())
    return replace(WHOLE, id="", location_id="", lines=lines)


def test_the_part_that_stays_keeps_the_id_and_what_nobody_carries() -> None:
    assert (STEM.id, STEM.external_id, STEM.location_id, STEM.part_of) == ("ful_1", "77", "a", "")
    assert (PART.id, PART.location_id, PART.part_of) == ("ful_2", "b", "77")
    assert _lines(STEM, PART) == [{"tea": 2, "card": 1}, {"kettle": 2, "tea": 1}]
    assert siblings(STEM, [STEM, PART]) == [PART]


def test_a_part_that_is_cut_again_gets_names_that_are_free() -> None:
    again = SourcingPlan(
        (SourcedPart("b", (LineShare("kettle", 2),), USD), SourcedPart("c", (LineShare("tea", 1),), USD)),
        "So.",
    )
    rest, third = cut(PART, [STEM, PART], again, ["ful_3"])
    assert rest.external_id == PART.external_id
    assert len({STEM.external_id, PART.external_id, third.external_id}) == 3
    assert {whole_of(one) for one in (STEM, rest, third)} == {"77"}


def test_the_same_again_changes_nothing() -> None:
    told = spread(_told(kettle=2, tea=3, card=1), [PART, STEM])
    assert [(one.external_id, one.lines, one.status) for one in told] == [
        (one.external_id, one.lines, one.status) for one in (STEM, PART)
    ]


def test_what_was_not_fetched_yet_is_taken_away_first() -> None:
    gone = replace(STEM, status=Status.DISPATCHED)
    fewer = spread(_told(kettle=2, tea=2, card=1), [gone, PART])
    assert _lines(*fewer) == [{"card": 1, "tea": 2}, {"kettle": 2}]
    delivered = replace(STEM, status=Status.DELIVERED)
    on_its_way = replace(PART, status=Status.DISPATCHED)
    fewer = spread(_told(kettle=2, tea=1, card=1), [delivered, on_its_way])
    assert _lines(*fewer) == [{"card": 1, "tea": 1}, {"kettle": 2}]


def test_further_pieces_go_to_whoever_has_the_article_and_waits() -> None:
    more = spread(_told(kettle=3, tea=3, card=1, cup=1), [STEM, PART])
    assert _lines(*more) == [{"card": 1, "cup": 1, "tea": 2}, {"kettle": 3, "tea": 1}]


def test_a_part_with_nothing_left_is_called_off_unless_it_was_delivered() -> None:
    told = _told(tea=2)
    assert [one.status for one in spread(told, [STEM, PART])] == [Status.OPEN, Status.CANCELLED]
    delivered = replace(PART, status=Status.DELIVERED)
    assert [one.status for one in spread(_told(), [STEM, delivered])] == [Status.CANCELLED, Status.DELIVERED]


@given(
    st.dictionaries(st.sampled_from(["kettle", "tea", "card", "cup"]), st.integers(0, 5)),
    st.lists(st.sampled_from(list(Status)), min_size=2, max_size=2),
)
def test_the_parts_always_have_what_the_store_says_and_saying_it_twice_changes_nothing(
    pieces: dict[str, int], statuses: list[FulfillmentOrderStatus]
) -> None:
    parts = [replace(one, status=status) for one, status in zip((STEM, PART), statuses, strict=True)]
    told = spread(_told(**pieces), parts)
    total: Counter[str] = Counter()
    for lines in _lines(*told):
        total += Counter(lines)
    assert total == +Counter(pieces)
    again = spread(
        _told(**pieces),
        [replace(part, lines=one.lines, status=one.status) for part, one in zip(parts, told, strict=True)],
    )
    assert _lines(*again) == _lines(*told)
