"""Which speeds hold when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from doorstep.errors import InvalidInput
from optimizer.roads import RoadsUnavailable, SpeedBook, read_book, write_book
from optimizer.roads.speed_book import AS_BUILT

SEVEN_IN_VALLETTA = datetime(2026, 7, 1, 5, tzinfo=UTC)


def test_what_was_measured_holds_until_it_ends_then_what_is_usual_then_the_map() -> None:
    book = SpeedBook().with_hours("rush", frozenset({7}), "Europe/Malta")
    book = book.with_live("jam", SEVEN_IN_VALLETTA + timedelta(minutes=30))
    assert book.at(SEVEN_IN_VALLETTA) == "jam"
    assert book.at(SEVEN_IN_VALLETTA + timedelta(minutes=30)) == "rush"
    assert book.at(SEVEN_IN_VALLETTA + timedelta(hours=1)) == AS_BUILT


def test_hours_are_those_of_one_time_zone() -> None:
    book = SpeedBook().with_hours("rush", frozenset({7, 8}), "Europe/Malta")
    assert book.with_hours("rush", frozenset({7, 8}), "UTC").time_zone == "UTC"
    with pytest.raises(InvalidInput, match="those of Europe/Malta"):
        book.with_hours("calm", frozenset({8}), "UTC")
    with pytest.raises(InvalidInput, match="no time zone Atlantis"):
        SpeedBook(time_zone="Atlantis")


def test_a_book_reads_as_it_was_written_and_only_what_it_speaks_of_stays(tmp_path: Path) -> None:
    assert read_book(tmp_path) == SpeedBook()
    until = SEVEN_IN_VALLETTA
    book = SpeedBook().with_hours("rush", frozenset({7, 8}), "Europe/Malta")
    book = book.with_live("first", until).with_live("second", until).with_live("third", until)
    for name in ("rush", "first", "second", "third"):
        (tmp_path / "speeds" / name).mkdir(parents=True)
    write_book(tmp_path, book)
    assert read_book(tmp_path) == book
    # "second" may be loading somewhere at this moment.
    assert sorted(path.name for path in (tmp_path / "speeds").iterdir()) == [
        "book.json",
        "rush",
        "second",
        "third",
    ]


@pytest.mark.parametrize("text", ["", "[]", '{"live": ""}', '{"live": 7, "live_until": "yesterday"}'])
def test_a_book_that_cannot_be_read_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "speeds").mkdir()
    (tmp_path / "speeds" / "book.json").write_text(text)
    with pytest.raises(RoadsUnavailable, match="--clear` makes it anew"):
        read_book(tmp_path)
