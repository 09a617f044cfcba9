"""What the driver reads at the drop-off."""

from __future__ import annotations

from connectors.couriers.lalamove.remarks import LONGEST, compose, revise


def test_every_kind_of_remark_has_its_line_and_the_contents_come_last() -> None:
    written = compose("1001", "Flat 5", (("Bread", 2), ("Jam", 1)), "Ring\ntwice")

    assert written == "Ref: 1001\r\nUnit: Flat 5\r\nNote: Ring twice\r\nContents: 2 x Bread, 1 x Jam"


def test_what_there_is_nothing_of_has_no_line() -> None:
    assert compose("1001", "", (), " ") == "Ref: 1001"


def test_remarks_are_cut_where_lalamove_cuts() -> None:
    assert len(compose("1001", "", (("Bread" * 1_000, 1),), "")) == LONGEST == 1500


def test_a_new_note_takes_the_place_of_the_old_and_all_else_is_sent_again() -> None:
    lines = ("Ref: 1001", "Unit: Flat 5", "Note: Ring twice", "Contents: 2 x Bread")

    assert revise(lines, note="Knock") == "Ref: 1001\r\nNote: Knock\r\nUnit: Flat 5\r\nContents: 2 x Bread"
    assert revise(lines, unit="", note="") == "Ref: 1001\r\nContents: 2 x Bread"
    assert revise(lines) == "\r\n".join(lines)
