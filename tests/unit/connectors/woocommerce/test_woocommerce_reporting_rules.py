from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.stores.woocommerce.memory import Memory
from connectors.stores.woocommerce.reporting.fulfillments import wanted_of
from connectors.stores.woocommerce.reporting.notes import missing_notes, notes_of
from connectors.stores.woocommerce.reporting.outcome import outcome_of
from connectors.stores.woocommerce.reporting.told import Told
from connectors.stores.woocommerce.reporting.tracking import is_trackable, tracking_id, tracking_items
from doorstep.delivery_status import DeliveryStatus
from doorstep.order import FulfillmentLine
from doorstep.report import DeliveryReport, Hold, HoldReason, Milestone

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
SHOWN = ["pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "baked"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
HOLDS = st.none() | st.builds(Hold, st.sampled_from(HoldReason), st.text(max_size=20))
MILESTONES = st.lists(
    st.builds(
        Milestone,
        st.integers(1, 9).map("evt_{}".format),
        st.sampled_from(DeliveryStatus),
        st.integers(0, 500).map(lambda minutes: NOW + timedelta(minutes=minutes)),
        st.text(max_size=20),
    ),
    max_size=5,
    unique_by=lambda step: step.id,
).map(tuple)
REPORTS = st.builds(
    DeliveryReport,
    order_external_id=st.just("302"),
    unit_external_id=st.just("302"),
    location_external_id=st.just(""),
    delivery_id=st.sampled_from(["del_1", "del_2"]),
    reference=st.just("D-1"),
    status=st.sampled_from(DeliveryStatus),
    is_shipped=st.booleans(),
    lines=st.just((FulfillmentLine("9", 1),)),
    carrier=st.sampled_from(["", "Bikes"]),
    tracking_number=st.sampled_from(["", "TRK-1"]),
    tracking_url=st.sampled_from(["", "https://follow.example/t/1"]),
    milestones=MILESTONES,
    hold=HOLDS,
    notify_shopper=st.booleans(),
)
THEIRS = st.lists(
    st.dictionaries(st.sampled_from(["tracking_number", "tracking_id", "x"]), st.text(max_size=5)), max_size=3
)


@given(report=REPORTS, shown=st.sampled_from(SHOWN), meta=JSON, is_all=st.booleans())
def test_a_second_look_finds_nothing_to_change(
    report: DeliveryReport, shown: str, meta: Any, is_all: bool
) -> None:
    first = outcome_of(Memory.of_meta(meta), shown, report, is_all=is_all)
    assert outcome_of(first.memory, first.status, report, is_all=is_all) == first
    assert Memory.of_meta(first.memory.as_meta()) == first.memory


@given(reports=st.lists(REPORTS, max_size=6), shown=st.sampled_from(SHOWN), is_all=st.booleans())
def test_only_a_processing_order_is_ever_moved_and_only_to_where_it_belongs(
    reports: list[DeliveryReport], shown: str, is_all: bool
) -> None:
    memory, status = Memory(), shown
    for report in reports:
        outcome = outcome_of(memory, status, report, is_all=is_all)
        memory, status = outcome.memory, outcome.status
        if shown != "processing":
            assert status == shown
        assert status in {shown, "on-hold", "completed"}
        assert (status == "on-hold" and shown != "on-hold") == bool(memory.held_from)


@given(report=REPORTS, theirs=THEIRS, before=st.sampled_from(["", "del_1", "del_2"]))
def test_others_items_stay_as_they_are_and_ours_is_there_once(
    report: DeliveryReport, theirs: list[dict[str, str]], before: str
) -> None:
    once = tracking_items(theirs, before, report, NOW)
    ours = [item for item in once if item.get("source") == "doorstep"]
    assert [item for item in once if item not in ours] == theirs
    assert len(ours) == is_trackable(report)
    later = NOW + timedelta(hours=5)
    assert tracking_items(once, report.delivery_id, report, later) == once


@given(shown=JSON, report=REPORTS)
def test_whatever_stands_in_the_meta_a_list_comes_out(shown: Any, report: DeliveryReport) -> None:
    assert isinstance(tracking_items(shown, "", report, NOW), list)


def test_what_a_plugin_kept_as_a_number_or_added_is_no_difference() -> None:
    report = DeliveryReport(
        "302", "302", "", "del_1", "D-1", DeliveryStatus.BOOKED, is_shipped=False, tracking_number="1"
    )
    (ours,) = tracking_items([], "", report, NOW)
    kept = ours | {"tracking_number": 1, "date_shipped": int(ours["date_shipped"]), "status_shipped": "0"}
    assert tracking_items([kept], "", report, NOW + timedelta(days=1)) == [kept]


def test_a_tracking_id_is_what_the_plugins_addresses_take() -> None:
    assert tracking_id("del_1") == tracking_id("del_1") != tracking_id("del_2")
    assert len(tracking_id("del_1")) == 32
    assert int(tracking_id("del_1"), 16)


@given(report=REPORTS)
def test_every_note_has_a_reference_of_its_own_and_once_shown_is_not_missing(report: DeliveryReport) -> None:
    notes = notes_of(report, Memory(holds=1), store_mails=False)
    references = [note.reference for note in notes]
    assert len(set(references)) == len(references)
    assert missing_notes(notes, []) == notes
    assert missing_notes(notes, [{"note": note.text} for note in notes]) == ()
    assert all(not note.is_for_customer or report.notify_shopper for note in notes)
    assert not any(note.is_for_customer for note in notes_of(report, Memory(), store_mails=True))


@given(report=REPORTS)
def test_only_goods_that_have_left_are_fulfilled(report: DeliveryReport) -> None:
    assert bool(wanted_of(report)) is report.is_shipped


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"notes": 3}', '{"fulfillment": []}'])
def test_notes_that_are_not_ours_read_as_none(text: str) -> None:
    assert Told.of_text(text) == Told()


def test_what_was_told_is_read_as_it_was_written() -> None:
    told = Told(("0a", "0b"), "wanted")
    assert Told.of_text(told.as_text()) == told
