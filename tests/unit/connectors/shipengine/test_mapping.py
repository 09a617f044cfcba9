"""Labels and tracking of ShipEngine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parcel.shipengine import mapping
from connectors.parcel.shipengine.client import exact
from doorstep.delivery_status import DeliveryStatus
from doorstep.money import Money

PAYLOADS = Path(__file__).parents[3] / "payloads" / "shipengine"
NOW = datetime(2026, 11, 26, 13, 30, tzinfo=UTC)
NUMBER = "9400100000000000000001"


def payload(name: str, **changes: object) -> dict[str, Any]:
    loaded: Any = exact((PAYLOADS / name).read_bytes())
    return {**loaded, **changes}


def tracking(**changes: object) -> dict[str, Any]:
    data: dict[str, Any] = payload("track.json")["data"]
    return {**data, **changes}


def test_a_label_is_a_booking_under_its_tracking_number() -> None:
    made = mapping.read_booking(payload("label.json"), Money(0, "USD"))

    assert (made.external_id, made.tracking_number) == (NUMBER, NUMBER)
    assert (made.status, made.raw_status) == (DeliveryStatus.LABEL_READY, "completed")
    assert made.price == Money(1135, "USD")
    assert made.label_url == "https://labels.example/1.pdf"
    assert made.tracking_url == "https://track.example/1"


def test_a_label_that_is_not_tracked_goes_by_its_own_id() -> None:
    made = mapping.read_booking(payload("label.json", tracking_number=None), Money(0, "USD"))

    assert made.external_id == "se-500001"


def test_a_label_without_a_cost_costs_what_was_quoted() -> None:
    made = mapping.read_booking(payload("label.json", shipment_cost=None), Money(1200, "USD"))

    assert made.price == Money(1200, "USD")


@pytest.mark.parametrize(
    ("download", "url"),
    [
        ({"href": "https://x/1.pdf"}, "https://x/1.pdf"),
        ({"pdf": "https://x/2.pdf", "href": "https://x/1.zpl"}, "https://x/2.pdf"),
        ({"href": "data:application/pdf;base64,AAAA"}, ""),
        (None, ""),
    ],
)
def test_a_label_is_fetched_where_its_pdf_is(download: object, url: str) -> None:
    assert mapping.label_url(payload("label.json", label_download=download)) == url


@pytest.mark.parametrize(
    ("changes", "is_bought", "is_void"),
    [
        ({}, True, False),
        ({"status": "processing"}, True, False),
        ({"status": "error"}, False, False),
        ({"status": "voided"}, False, True),
        ({"voided": True}, False, True),
        ({"label_id": None}, False, False),
    ],
)
def test_a_label_counts_unless_it_failed_or_was_voided(
    changes: dict[str, object], is_bought: bool, is_void: bool
) -> None:
    label = payload("label.json", **changes)

    assert (mapping.is_bought(label), mapping.is_void(label)) == (is_bought, is_void)


@pytest.mark.parametrize("status", [*mapping.BEFORE_TRACKING, "of_next_year"])
def test_every_status_of_a_label_is_mapped(status: str) -> None:
    update = mapping.read_label(payload("label.json", status=status), NUMBER)

    assert update.status is mapping.BEFORE_TRACKING.get(status, DeliveryStatus.UNKNOWN)
    assert (update.external_id, update.raw_status) == (NUMBER, status)


def test_a_voided_label_is_cancelled_since_it_was_voided() -> None:
    label = payload("label.json", voided=True, voided_at="2026-11-23T16:00:00Z")

    update = mapping.read_label(label, NUMBER)

    assert (update.status, update.raw_status) == (DeliveryStatus.CANCELLED, "voided")
    assert update.occurred_at == datetime(2026, 11, 23, 16, tzinfo=UTC)


def test_tracking_stands_at_its_newest_scan() -> None:
    update = mapping.read_tracking(tracking(), external_id=NUMBER, fallback_at=NOW)

    assert (update.status, update.raw_status) == (DeliveryStatus.OUT_FOR_DELIVERY, "IT.OUT_FOR_DELIVERY")
    assert update.occurred_at == datetime(2026, 11, 25, 13, 30, tzinfo=UTC)
    assert (update.trouble, update.tracking_url) == (None, "https://track.example/1")


def test_the_order_of_the_scans_does_not_matter() -> None:
    turned = tracking(events=list(reversed(tracking()["events"])))

    assert mapping.read_tracking(turned, external_id=NUMBER, fallback_at=NOW) == mapping.read_tracking(
        tracking(), external_id=NUMBER, fallback_at=NOW
    )


@pytest.mark.parametrize(
    ("expected", "status", "eta"),
    [
        # A bare day, with and without a zone, is meant as its end.
        ("2026-11-25T00:00:00", "IT", datetime(2026, 11, 25, 23, 59, 59, tzinfo=UTC)),
        ("2026-11-25T00:00:00Z", "IT", datetime(2026, 11, 25, 23, 59, 59, tzinfo=UTC)),
        ("2026-11-25T15:00:00-05:00", "IT", datetime(2026, 11, 25, 20, 0, tzinfo=UTC)),
        (None, "IT", None),
        ("2026-11-25T00:00:00", "DE", None),
    ],
)
def test_a_day_of_arrival_lasts_until_its_end(
    expected: str | None, status: str, eta: datetime | None
) -> None:
    said = tracking(estimated_delivery_date=expected, status_code=status, status_detail_code=None)

    assert mapping.read_tracking(said, external_id=NUMBER, fallback_at=NOW).dropoff_eta == eta


def test_without_scans_the_given_instant_stands_in() -> None:
    said = tracking(events=[])

    assert mapping.read_tracking(said, external_id=NUMBER, fallback_at=NOW).occurred_at == NOW


@pytest.mark.parametrize(
    "changes",
    [
        {"status_code": "DE"},
        {"status_detail_code": "HUB_SCAN_OUT"},
        {"estimated_delivery_date": "2026-11-27T00:00:00"},
        {"events": []},
    ],
)
def test_only_what_is_said_again_has_the_same_id(changes: dict[str, object]) -> None:
    def event_id(said: dict[str, Any], at: datetime) -> str:
        return mapping.read_tracking(said, external_id=NUMBER, fallback_at=at).source_event_id

    assert event_id(tracking(), NOW) == event_id(tracking(), datetime.now(UTC))
    assert event_id(tracking(), NOW) != event_id(tracking(**changes), NOW)


_ANYTHING: st.SearchStrategy[object] = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.just([{}]) | st.just({})
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "label_id",
                "status",
                "tracking_number",
                "shipment_cost",
                "label_download",
                "status_code",
                "status_detail_code",
                "events",
                "estimated_delivery_date",
                "voided_at",
                "created_at",
            ]
        ),
        _ANYTHING,
    )
)
def test_nothing_that_shipengine_may_send_makes_reading_fail(sent: dict[str, object]) -> None:
    assert mapping.read_booking(sent, Money(1, "USD")).status in DeliveryStatus
    assert mapping.read_label(sent, "x").status in DeliveryStatus
    assert mapping.read_tracking(sent, external_id="x", fallback_at=NOW).status in DeliveryStatus
