"""Which of a carrier's words are counted as unknown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from doorstep.booking import CarrierUpdate
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from gateway.cli.doctor import about_codes
from gateway.flow.learning.unknowns import WORDS, unknown_codes
from gateway.flow.ports.unknowns import CodeKind, UnknownCode

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "raw_status", "trouble", "raw_reason", "expected"),
    [
        (DeliveryStatus.PICKED_UP, "pickup_complete", None, "", ()),
        (DeliveryStatus.CANCELLED, "canceled", IncidentKind.REFUSED, "customer_rejected_order", ()),
        (DeliveryStatus.UNKNOWN, "teleporting", None, "", ((CodeKind.STATUS, "teleporting"),)),
        # A mere position without a status says nothing unknown.
        (DeliveryStatus.UNKNOWN, "", None, "", ()),
        (DeliveryStatus.FAILED, "failed", IncidentKind.OTHER, "E-77", ((CodeKind.REASON, "E-77"),)),
        (
            DeliveryStatus.UNKNOWN,
            "lost.in/space",
            IncidentKind.OTHER,
            "A. Shopper moved away",
            ((CodeKind.STATUS, "lost.in/space"), (CodeKind.REASON, WORDS)),
        ),
        (DeliveryStatus.UNKNOWN, "x" * 81, None, "", ((CodeKind.STATUS, WORDS),)),
    ],
)
def test_codes_that_no_table_knows_are_found_and_texts_are_not_repeated(
    status: DeliveryStatus,
    raw_status: str,
    trouble: IncidentKind | None,
    raw_reason: str,
    expected: tuple[tuple[CodeKind, str], ...],
) -> None:
    update = CarrierUpdate("e", "x", status, raw_status, NOON, trouble=trouble, raw_reason=raw_reason)

    assert unknown_codes(update) == expected


def test_the_doctor_lists_the_most_frequent_ones_and_finds_nothing_to_mend() -> None:
    codes = [UnknownCode("cheap", CodeKind.STATUS, f"s{n}", n, NOON, NOON) for n in range(1, 13)]

    (finding,) = about_codes(codes)

    assert finding.passed
    assert "status s12 (12 times), status s11 (11 times)" in finding.text
    assert "s2 " not in finding.text
    assert "and 2 more" in finding.text
    assert about_codes([]) == []
